# SPDX-License-Identifier: Apache-2.0
"""``--engine slurm`` with submitit's own local and debug executors: jobs that are killed or preempted lose nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from depthbench.errors import DepthbenchError
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.units import Need, Unit

pytest.importorskip("submitit", reason='submitit is not installed: pip install "depthbench[slurm]"')

HERE = Path(__file__).parent


def command(out: Path, *more: str) -> list[str]:
    """Six slices; three seconds of work or so."""
    words = ["generate", "odms", "--n", "1100", "--observations", "3", "--out", str(out), *more]
    return [sys.executable, "-m", "depthbench", *words]


def shards(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "shards").glob("[!.]*"))}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone") / "set"
    subprocess.run(command(folder), check=True, capture_output=True, timeout=300)
    return folder


def job_of(driver: subprocess.Popen[str]) -> psutil.Process:
    """The process of a job that has begun to work: the one whose child is a worker."""
    for _ in range(3000):
        for child in psutil.Process(driver.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                parent = child.parent()
                if parent is not None and "depthbench.blender_scenes.worker" in " ".join(child.cmdline()):
                    return parent
        assert driver.poll() is None, driver.communicate()
        time.sleep(0.01)
    raise AssertionError("no job began")


@pytest.mark.parametrize(("blow", "told"), [(signal.SIGKILL, "ended without an answer"), (signal.SIGUSR2, "")])
def test_a_job_that_is_killed_or_preempted_is_done_again(
    blow: signal.Signals, told: str, tmp_path: Path, alone: Path
) -> None:
    """SIGKILL: the engine submits it anew; SIGUSR2, Slurm's warning: submitit puts it into the queue by itself."""
    words = command(tmp_path / "set", "--engine", "slurm", "--slurm", "cluster=local", "--workers", "1")
    driver = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.kill(job_of(driver).pid, blow)
    out, err = driver.communicate(timeout=300)
    assert driver.returncode == 0, err
    assert told in err
    assert shards(tmp_path / "set") == shards(alone)
    assert "1100 of each part are there" in out


@pytest.mark.cluster
def test_a_killed_driver_and_the_debug_executor(tmp_path: Path, alone: Path) -> None:
    """kill -9 of the driver; the same command, in this process this time, ends with the same bytes."""
    words = command(tmp_path / "set", "--engine", "slurm", "--slurm", "cluster=local")
    driver = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    job = job_of(driver)
    driver.kill()
    driver.communicate()
    again = command(tmp_path / "set", "--engine", "slurm", "--slurm", "cluster=debug")
    done = subprocess.run(again, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    with contextlib.suppress(psutil.NoSuchProcess):
        job.wait(timeout=60)
    assert shards(tmp_path / "set") == shards(alone)


def test_a_unit_that_always_crashes_is_given_up_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules of the worker process hold in a job too; a fault of the user's comes out as one line."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(HERE.parent)]))
    job = {"folder": str(tmp_path)}
    units = [
        Unit("bad", "engine_tasks:work", {**job, "faults": {"0": "crash"}}, (0, 1)),
        Unit("good", "engine_tasks:work", job, (0, 1)),
    ]
    events: list[str] = []
    choice = Choice("slurm", slurm=(("cluster", "debug"),), tries=2)
    [failure] = choice.run(units, Need(cores=1), tmp_path, lambda unit, event: events.append(event["event"]))
    assert (failure.unit, failure.item, failure.reason) == ("bad", 0, "killed by SIGSEGV")
    assert {path.name for path in tmp_path.glob("*-?")} == {"bad-1", "good-0", "good-1"}
    assert (events.count("crash"), events.count("end")) == (2, 3)
    fatal = [Unit("fatal", "engine_tasks:work", {**job, "faults": {"0": "fatal"}}, (0,))]
    with pytest.raises(DepthbenchError, match="the disk is full of it"):
        choice.run(fatal, Need(cores=1), tmp_path, lambda *_: None)


def test_without_slurm_one_line_says_so(tmp_path: Path) -> None:
    words = command(tmp_path / "set", "--engine", "slurm")
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=120, env=os.environ | {"PATH": "/usr/bin:/bin"}
    )
    assert done.returncode == 2
    assert "error: --engine slurm" in done.stderr.splitlines()[-1]
