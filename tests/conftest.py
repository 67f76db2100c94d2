# SPDX-License-Identifier: Apache-2.0
"""Shared fixtures: the reference data folder, an S3-compatible server, inner loops with and without numba."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# how long an example takes says something of the machine, nothing of the code
hypothesis.settings.register_profile("depthbench", deadline=None)
hypothesis.settings.load_profile("depthbench")

# these import torch at their top
collect_ignore_glob = (
    []
    if importlib.util.find_spec("torch")
    else [
        "test_s2m2*.py",
        "test_planes.py",
        "test_odms_stream.py",
        "test_odn*.py",
        "test_focal_torch.py",
        "test_icm*.py",
    ]
)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of reference data; the test is skipped where ``DEPTHBENCH_SHARED`` names none."""
    folder = os.environ.get("DEPTHBENCH_SHARED")
    if not folder or not Path(folder).is_dir():
        pytest.skip("DEPTHBENCH_SHARED names no folder of reference data")
    return Path(folder)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[dict[str, str]]:
    """The environment in which ``s3://`` is a server on this machine that has the bucket ``bench``."""
    pytest.importorskip("s3fs", reason='s3fs is not installed: pip install "depthbench[s3]"')
    pytest.importorskip("moto.server", reason="moto's server is not installed: pip install 'moto[s3]' flask flask-cors")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    names = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    latest = time.monotonic() + 300  # a busy machine starts it slowly
    while True:
        try:
            urllib.request.urlopen(urllib.request.Request(f"{url}/bench", method="PUT"), timeout=60)
            break
        except OSError:
            if process.poll() is not None or time.monotonic() > latest:
                pytest.fail("moto's server does not answer")
            time.sleep(0.1)
    yield names
    process.kill()
    process.wait()


@pytest.fixture
def storage(s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """The same environment, here and for processes; scratch folders are of this test."""
    (tmp_path / "scratch").mkdir()
    environment = s3_server | {"TMPDIR": str(tmp_path / "scratch")}
    monkeypatch.setattr(tempfile, "tempdir", None)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.fixture(scope="module", params=["numpy", "compiled"])
def passes(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a module's tests with scoring's inner loops as numpy passes, and again as machine code where numba is installed."""
    from depthbench.benchmarks.metrics.kernels import kernels

    compiled = "depthbench.benchmarks.metrics.compiled"
    if request.param == "compiled":
        pytest.importorskip("numba", reason='numba is not installed: pip install "depthbench[fast]"')
        sys.modules.pop(compiled, None)
    else:
        sys.modules[compiled] = None  # type: ignore[assignment]
    kernels.cache_clear()
    assert (kernels() is not None) == (request.param == "compiled")
    yield request.param
    sys.modules.pop(compiled, None)
    kernels.cache_clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what renders where the [render] extra is not installed, and what takes minutes unless it is asked for."""
    for name in ("compiles", "cluster"):
        if name not in config.option.markexpr:
            for item in items:
                if name in item.keywords:
                    item.add_marker(pytest.mark.skip(reason=f"takes a minute or more: pytest -m {name}"))
    if importlib.util.find_spec("bpy") is None:
        skip = pytest.mark.skip(reason='Blender is not installed: pip install "depthbench[render]" on Python 3.11')
        for item in items:
            if "render" in item.keywords:
                item.add_marker(skip)
