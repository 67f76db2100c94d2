# SPDX-License-Identifier: Apache-2.0
"""``--out s3://...`` against a real S3-compatible server: what lies there is what a folder would hold, however interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.generators.store import ObjectStore

N = 1100


def masks(out: str, *more: str, n: int = N) -> str:
    words = ["generate", "odms", "--n", str(n), "--observations", "2", "--out", out, *more]
    return CliRunner().invoke(cli, words, catch_exceptions=False).output


def in_storage(url: str) -> dict[str, bytes]:
    store = ObjectStore(url)
    return store.read(f"shards/{name}" for name in store.names("shards"))


def in_folder(folder: Path) -> dict[str, bytes]:
    return {f"shards/{path.name}": path.read_bytes() for path in (folder / "shards").iterdir()}


def test_a_set_in_a_bucket_is_the_set_in_a_folder(storage: dict[str, str], tmp_path: Path) -> None:
    """Begun small, grown, by shares and by two processes; then there is nothing left to do, and status reads it."""
    url = "s3://bench/grown"
    masks(url, "--part", "normal", n=600)
    assert "500" not in masks(url, "--part", "normal", n=600)
    for index in (1, 0):
        masks(url, "--part", "normal", "--num-shards", "2", "--shard-index", str(index), "--workers", "2")
    masks(str(tmp_path / "set"), "--part", "normal")
    assert in_storage(url) == in_folder(tmp_path / "set")
    assert "0 examples made" in masks(url, "--part", "normal")
    assert "3 done, 0 running" in CliRunner().invoke(cli, ["status", url], catch_exceptions=False).output
    assert not list(tmp_path.glob("scratch/depthbench-work-*/making/*"))


def test_a_killed_run_goes_on_from_the_listing(storage: dict[str, str], tmp_path: Path) -> None:
    """kill -9 when something lies in the bucket; what is there is not made again."""
    url = "s3://bench/killed"
    words = ["generate", "odms", "--n", str(N), "--observations", "8", "--out", url, "--workers", "2"]
    process = subprocess.Popen([sys.executable, "-m", "depthbench", *words], stderr=subprocess.DEVNULL)
    while not in_storage(url):
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    there = len(in_storage(url))
    assert 0 < there < 6
    CliRunner().invoke(cli, words[:-2], catch_exceptions=False)
    CliRunner().invoke(cli, [*words[:-4], "--out", str(tmp_path / "set")], catch_exceptions=False)
    assert in_storage(url) == in_folder(tmp_path / "set")


@pytest.mark.cluster
def test_slurm_jobs_put_their_shards_there(storage: dict[str, str], tmp_path: Path) -> None:
    """Jobs of submitit's local executor share nothing with the driver but the bucket."""
    pytest.importorskip("submitit")
    masks("s3://bench/jobs", "--engine", "slurm", "--slurm", "cluster=local", n=501)
    masks(str(tmp_path / "set"), n=501)
    assert in_storage("s3://bench/jobs") == in_folder(tmp_path / "set")


@pytest.mark.parametrize(
    ("out", "more", "line"),
    [
        ("s3://no-such-bucket/x", (), "make the bucket first"),
        ("nosuch://bench/x", (), "Protocol not known"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    out: str, more: tuple[str, ...], line: str, storage: dict[str, str]
) -> None:
    with pytest.raises(DepthbenchError, match=line):
        masks(out, *more, n=2)


def test_another_set_in_the_bucket_is_refused(storage: dict[str, str]) -> None:
    masks("s3://bench/seeds", n=2)
    with pytest.raises(DepthbenchError, match=r"s3://bench/seeds/config\.json: .*seed is 0, asked 1"):
        masks("s3://bench/seeds", "--seed", "1", n=2)
