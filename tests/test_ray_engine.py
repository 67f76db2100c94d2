# SPDX-License-Identifier: Apache-2.0
"""``--engine ray``: on this machine's own Ray, and on a cluster of a head and two workers whose parts are killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

pytest.importorskip("ray", reason='Ray is not installed: pip install "depthbench[ray]"')

ENVIRONMENT = os.environ | {
    "RAY_AUTH_MODE": "disabled",
    "RAY_worker_niceness": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "PYTHONPATH": os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")])),
}


def command(out: Path, *more: str, n: int) -> list[str]:
    words = ["generate", "odms", "--n", str(n), "--part", "normal", "--observations", "10", "--out", str(out), *more]
    return [sys.executable, "-m", "depthbench", *words]


def run(words: list[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(words, capture_output=True, text=True, timeout=400, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return done


def shards(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "shards").glob("[!.]*"))}


def test_the_machine_s_own_ray_makes_the_same_set(tmp_path: Path) -> None:
    """Two slices; all of it is there, byte for byte, and told."""
    run(command(tmp_path / "alone", n=600))
    done = run(command(tmp_path / "set", "--engine", "ray", "--workers", "1", n=600))
    assert "600 examples made" in done.stdout
    assert shards(tmp_path / "set") == shards(tmp_path / "alone")


def test_a_cluster_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    words = command(tmp_path / "set", "--engine", "ray", "--address", "127.0.0.1:1", n=10)
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, env=ENVIRONMENT)
    assert done.returncode == 2
    assert "no Ray cluster answers there" in done.stderr.splitlines()[-1]


Cluster = tuple[str, list[int]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """The address of a head without cores and two workers with one each, and the process ids of the workers' raylets."""
    port = str(20000 + os.getpid() % 20000)
    ray = str(Path(sys.executable).parent / "ray")
    started: list[subprocess.Popen[bytes]] = []
    common = ["--block", "--disable-usage-stats", "--num-gpus", "0", "--object-store-memory", "80000000"]
    home = Path(f"/tmp/depthbench-ray-{os.getpid()}")  # sockets want a short name
    roles = [
        ["--head", "--port", port, "--num-cpus", "0", "--include-dashboard", "false", "--temp-dir", str(home)],
        *[["--address", f"127.0.0.1:{port}", "--num-cpus", "1"]] * 2,
    ]
    try:
        for role in roles:
            with open(tmp_path / f"ray-{len(started)}.log", "wb") as log:
                words = [ray, "start", *role, *common]
                started.append(subprocess.Popen(words, stdout=log, stderr=log, env=ENVIRONMENT, start_new_session=True))
            time.sleep(8)
        yield f"127.0.0.1:{port}", [process.pid for process in started[1:]]
    finally:
        for process in started:
            for child in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
        for process in started:
            process.wait()


def wait_for(condition: Callable[[], bool], driver: subprocess.Popen[str]) -> None:
    for _ in range(30000):
        if condition():
            return
        assert driver.poll() is None, driver.communicate()
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def tasks_of(raylets: list[int]) -> list[psutil.Process]:
    """The processes of Ray in which a task is at work, which is when they have a worker."""
    found = []
    for raylet in raylets:
        for child in psutil.Process(raylet).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                parent = child.parent()
                if parent is not None and "depthbench.blender_scenes.worker" in " ".join(child.cmdline()):
                    found.append(parent)
    return found


@pytest.mark.cluster
def test_a_worker_then_the_driver_then_a_machine_are_killed(tmp_path: Path, cluster: Cluster) -> None:
    """Each by SIGKILL in the middle of its work; resumed, every example is there once, with the bytes of one process."""
    address, raylets = cluster
    n = 6000
    run(command(tmp_path / "alone", n=n))
    folder = tmp_path / "set"
    words = command(folder, "--engine", "ray", "--address", address, n=n)

    driver = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    wait_for(lambda: len(shards(folder)) >= 1 and bool(tasks_of(raylets)), driver)
    tasks_of(raylets)[0].kill()
    before = len(shards(folder))
    wait_for(lambda: len(shards(folder)) >= before + 3, driver)
    left = shards(folder)
    driver.kill()
    driver.communicate()
    assert 0 < len(left) < 12
    for _ in range(500):  # Ray ends the tasks of a driver that is gone
        if not tasks_of(raylets):
            break
        time.sleep(0.1)
    assert not tasks_of(raylets)

    times = {path.name: path.stat().st_mtime_ns for path in (folder / "shards").glob("[!.]*")}
    driver = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    wait_for(lambda: len(shards(folder)) > len(times) and bool(tasks_of(raylets[1:])), driver)
    for process in [psutil.Process(raylets[1]), *psutil.Process(raylets[1]).children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)  # a machine is gone
    out, err = driver.communicate(timeout=500)
    assert driver.returncode == 0, err
    assert f"{n} of each part are there" in out

    assert shards(folder) == shards(tmp_path / "alone")
    for name, time_ns in times.items():  # what was there was not made again
        assert (folder / "shards" / name).stat().st_mtime_ns == time_ns
    told = run([sys.executable, "-m", "depthbench", "status", str(folder)]).stdout
    assert "6,000 of 6,000 (100.0%) examples" in told
    assert "12 done, 0 running, 0 stopped, 0 quarantined" in told
    attempts = [json.loads(path.read_text())["attempts"] for path in (folder / "units").iterdir()]
    assert any(attempt.get("outcome") == "lost" for some in attempts for attempt in some)
