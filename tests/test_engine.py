# SPDX-License-Identifier: Apache-2.0
"""The work engine: whatever a worker does, everything that can be done is done, and the rest is named."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from depthbench.errors import DepthbenchError
from depthbench.generators.engines.units import Event, Failure, Unit
from depthbench.generators.engines.worker_pool import EngineOptions, run_units

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def tasks_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker process import ``engine_tasks``."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]))


class Run:
    """One run of the engine over units with faults."""

    def __init__(self, folder: Path, faults: dict[str, dict[str, str]], items: int = 3, task: str = "work") -> None:
        self.folder = folder
        self.events: list[tuple[str, Event]] = []
        self.units = [
            Unit(name, f"engine_tasks:{task}", {"folder": str(folder), "faults": fault}, tuple(range(items)))
            for name, fault in faults.items()
        ]

    def go(self, **options: Any) -> list[Failure]:
        return run_units(
            self.units, EngineOptions(**options), self.folder / "logs", lambda *event: self.events.append(event)
        )

    def count(self, kind: str) -> int:
        return sum(event["event"] == kind for _, event in self.events)

    def pids(self) -> dict[str, list[str]]:
        """Finished item -> the workers that finished it."""
        return {path.name: path.read_text().split() for path in self.folder.glob("u*-*")}


def test_every_item_is_done_exactly_once_and_told(tmp_path: Path) -> None:
    """Three workers share seven units."""
    run = Run(tmp_path, {f"u{k}": {} for k in range(7)})
    assert run.go(worker_arguments=((), (), ())) == []
    done = run.pids()
    assert set(done) == {f"u{unit}-{item}" for unit in range(7) for item in range(3)}
    assert all(len(pids) == 1 for pids in done.values())
    told = Counter((unit, event["item"]) for unit, event in run.events if event["event"] == "end")
    assert told == Counter((f"u{unit}", item) for unit in range(7) for item in range(3))


@pytest.mark.parametrize("fault", ["crash once", "raise once", "leave once"])
def test_a_crash_costs_nothing(tmp_path: Path, fault: str) -> None:
    """The unit goes on where it stopped; the items before the crash are not made again."""
    run = Run(tmp_path, {"u0": {"1": fault}, "u1": {}})
    assert run.go() == []
    done = run.pids()
    assert len(done) == 6
    assert all(len(pids) == 1 for pids in done.values())
    assert done["u0-0"] != done["u0-1"]
    assert run.count("crash") == 1


@pytest.mark.parametrize(
    ("fault", "reason"), [("crash", "killed by SIGSEGV"), ("raise", "RuntimeError: two lines of reason"), ("leave", "ended with exit code 7")]
)  # fmt: skip
def test_an_item_that_always_crashes_is_named_and_the_rest_is_done(tmp_path: Path, fault: str, reason: str) -> None:
    """After three crashes at one item the others of its unit, and all other units, are done."""
    run = Run(tmp_path, {"u0": {"1": fault}, "u1": {}})
    failures = run.go(tries=3)
    assert [(f.unit, f.item, f.reason) for f in failures] == [("u0", 1, reason)]
    assert Path(failures[0].log).is_file()
    assert set(run.pids()) == {"u0-0", "u0-2", "u1-0", "u1-1", "u1-2"}
    assert run.count("crash") == 3


def test_a_unit_that_never_starts_is_named_and_the_rest_is_done(tmp_path: Path) -> None:
    """A crash before any item counts against the unit."""
    run = Run(tmp_path, {"u0": {"start": "crash"}, "u1": {}})
    failures = run.go(tries=2)
    assert [(f.unit, f.item) for f in failures] == [("u0", None)]
    assert set(run.pids()) == {"u1-0", "u1-1", "u1-2"}


def test_a_unit_of_nothing_but_crashes_is_left_out_whole(tmp_path: Path) -> None:
    """Six items given up end the unit; the four after them are not tried."""
    run = Run(tmp_path, {"u0": {str(k): "leave" for k in range(10)}, "u1": {}}, items=10)
    failures = run.go(tries=1)
    assert [(f.unit, f.item) for f in failures] == [("u0", k) for k in range(6)] + [("u0", None)]
    assert len(run.pids()) == 10


def test_a_hang_is_ended_and_tried_again(tmp_path: Path) -> None:
    """Silence counts as a crash."""
    run = Run(tmp_path, {"u0": {"2": "hang once"}})
    assert run.go(silence_s=2.0) == []
    assert len(run.pids()) == 3
    [reason] = [event["reason"] for _, event in run.events if event["event"] == "crash"]
    assert "no sign of life" in reason


def test_a_slow_worker_that_shows_signs_of_life_is_left_alone(tmp_path: Path) -> None:
    """Two seconds of work with a pulse, one second of silence allowed."""
    run = Run(tmp_path, {"u0": {}}, items=1, task="pulse_slowly")
    assert run.go(silence_s=1.5) == []
    assert run.count("crash") == 0


def test_workers_are_replaced_after_so_many_units(tmp_path: Path) -> None:
    """Five units at two per worker are done by three processes."""
    run = Run(tmp_path, {f"u{k}": {} for k in range(5)})
    assert run.go(units_per_worker=2) == []
    assert len({pid for pids in run.pids().values() for pid in pids}) == 3


def test_a_worker_that_swells_is_replaced_between_items(tmp_path: Path) -> None:
    """The item at which it swelled counts; the next ones are done by another process."""
    run = Run(tmp_path, {"u0": {"1": "swell"}})
    assert run.go(memory_limit_mb=250) == []
    done = run.pids()
    assert done["u0-0"] == done["u0-1"] != done["u0-2"]
    assert run.count("crash") == 0
    assert run.count("recycle") == 1


def test_a_fault_of_the_user_ends_the_run_with_its_line(tmp_path: Path) -> None:
    """DepthbenchError in a worker is the same error here, and no worker is left behind."""
    run = Run(tmp_path, {"u0": {"1": "fatal"}, "u1": {}})
    # a server that other tests use may be there
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(DepthbenchError, match="the disk is full of it"):
        run.go()
    assert {child.pid for child in psutil.Process().children()} <= before


def test_workers_that_do_not_start_are_told(tmp_path: Path) -> None:
    """A worker that dies at once is not started for ever."""
    run = Run(tmp_path, {"u0": {}})
    with pytest.raises(DepthbenchError, match="does not start"):
        run.go(worker_arguments=(("--no-such-option",),))


def ended(process: psutil.Process) -> bool:
    """Gone, or a zombie that nobody has waited for; it may go between the two questions."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_workers_die_with_their_parent(tmp_path: Path) -> None:
    """kill -9 of the parent leaves no worker, even one that is deep in work."""
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from depthbench.generators.engines.worker_pool import EngineOptions, Unit, run_units\n"
        "unit = Unit('u', 'engine_tasks:outlive', {}, ())\n"
        "run_units([unit], EngineOptions(), Path(sys.argv[1]), "
        "lambda u, e: print(e.get('pid', ''), flush=True))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = 0
    while not pid:
        pid = int(parent.stdout.readline().strip() or 0)
    worker = psutil.Process(pid)
    parent.kill()
    parent.wait()
    for _ in range(100):
        if ended(worker):
            break
        time.sleep(0.05)
    assert ended(worker)


def test_logs_do_not_grow_for_ever(tmp_path: Path) -> None:
    """Four units of nine megabytes each leave no more than the last two."""
    units = [Unit(f"u{k}", "engine_tasks:chatter", {}, ()) for k in range(4)]
    assert run_units(units, EngineOptions(), tmp_path, lambda *_: None) == []
    assert 8 << 20 < (tmp_path / "worker-0.log").stat().st_size < 20 << 20


def test_without_blender_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package, no system library."""
    from depthbench.generators import blender_check

    monkeypatch.setattr(blender_check, "missing_libraries", lambda: ["libxi6", "libgl1"])
    if find_spec("bpy") is not None:
        with pytest.raises(DepthbenchError, match="sudo apt-get install -y libxi6 libgl1"):
            blender_check.require_blender()
    monkeypatch.setattr(blender_check.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DepthbenchError, match=r'pip install "depthbench\[render\]"'):
        blender_check.require_blender()
