# SPDX-License-Identifier: Apache-2.0
"""Engines, driven as users do: whoever does the work, in whatever order, every example is there once and its bytes are the same."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.generators.engines.share import Share
from depthbench.generators.engines.sidecar import sidecar_path
from depthbench.generators.engines.units import Unit
from depthbench.generators.engines.worker_pool import EngineOptions, run_units
from depthbench.generators.run_lock import only_run

N = 1100  # three slices of each part


def masks(out: Path, *more: str, n: int = N) -> str:
    """Run ``generate odms`` to its end; return what it says."""
    words = ["generate", "odms", "--n", str(n), "--observations", "2", "--out", str(out), *more]
    return CliRunner().invoke(cli, words, catch_exceptions=False).output


def shards(folder: Path) -> dict[str, bytes]:
    """Name -> bytes of every shard."""
    return {path.name: path.read_bytes() for path in sorted((folder / "shards").iterdir())}


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set, made by one process."""
    folder = tmp_path_factory.mktemp("alone") / "set"
    masks(folder)
    return folder


@given(st.integers(1, 40), st.integers(0, 300))
def test_shares_are_every_unit_once(count: int, units: int) -> None:
    """No two shares differ by more than one unit, and more units leave the old ones where they are."""
    shares = [Share(index, count) for index in range(count)]
    taken = [[unit for unit in range(units) if share.takes(unit)] for share in shares]
    assert sorted(unit for some in taken for unit in some) == list(range(units))
    assert max(map(len, taken)) - min(map(len, taken)) <= 1


def test_a_share_gets_all_kinds_of_scenes() -> None:
    """Five environments in turn, five shares: each has each environment, in equal parts."""
    for index in range(5):
        kinds = [scene % 5 for scene in range(100) if Share(index, 5).takes(scene)]
        assert [kinds.count(kind) for kind in range(5)] == [4] * 5


def test_shares_in_any_order_and_at_once_make_the_same_set(tmp_path: Path, alone: Path) -> None:
    """Four shares of six slices, two of them started together; then the plain command has nothing left to do."""
    order = list(range(4))
    random.Random(3).shuffle(order)
    words = [
        "generate",
        "odms",
        "--n",
        str(N),
        "--observations",
        "2",
        "--out",
        str(tmp_path / "set"),
        "--num-shards",
        "4",
    ]
    together = [
        subprocess.Popen(
            [sys.executable, "-m", "depthbench", *words, "--shard-index", str(index)], stderr=subprocess.PIPE
        )
        for index in order[:2]
    ]
    for process in together:
        _, told = process.communicate(timeout=300)
        assert process.returncode == 0, told
    for index in order[2:]:
        masks(tmp_path / "set", "--num-shards", "4", "--shard-index", str(index))
    assert shards(tmp_path / "set") == shards(alone)
    assert f"0 examples made, {N} of each part are there" in masks(tmp_path / "set")
    runs = sorted(path.name for path in (tmp_path / "set").glob("run-*.json"))
    assert runs == [f"run-{index:04d}-of-0004.json" for index in range(4)]


def test_worker_processes_make_the_same_set_and_tell_of_it(tmp_path: Path, alone: Path) -> None:
    """Two workers; every unit leaves a sidecar with its attempt, machine and count."""
    masks(tmp_path / "set", "--workers", "2")
    assert shards(tmp_path / "set") == shards(alone)
    for folder in (tmp_path / "set", alone):
        told = [json.loads(path.read_text()) for path in sorted((folder / "units").iterdir())]
        assert len(told) == 6
        assert sum(unit["made"] for unit in told) == 2 * N
        for unit in told:
            assert unit["state"] == "done"
            [attempt] = unit["attempts"]
            assert attempt["outcome"] == "done"
            assert attempt["host"]
            assert unit["work_s"] > 0


def test_one_run_per_share(tmp_path: Path) -> None:
    """Shares go beside each other, not beside themselves, and not beside a run of the whole."""
    with only_run(tmp_path, Share(0, 2)), only_run(tmp_path, Share(1, 2)):
        with pytest.raises(DepthbenchError, match="another run is at work"), only_run(tmp_path, Share(1, 2)):
            pass
        with pytest.raises(DepthbenchError, match="another run is at work"), only_run(tmp_path):
            pass
    with only_run(tmp_path), pytest.raises(DepthbenchError, match="another run"), only_run(tmp_path, Share(0, 2)):
        pass


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--shard-index", "0"), "--shard-index and --num-shards go together"),
        (("--shard-index", "4", "--num-shards", "4"), "there are 0 to 3"),
        (("--engine", "locl"), "did you mean local"),
    ],
)
def test_options_that_do_not_go_together_are_refused(words: tuple[str, ...], line: str, tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match=line):
        masks(tmp_path / "set", *words)
    assert not (tmp_path / "set").exists()


def test_a_unit_that_takes_too_long_is_quarantined_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows signs of life all the time; two attempts of a second each, then the next unit is done."""
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parent}:{Path(__file__).parents[1]}")
    from depthbench.generators.engines.sidecar import Ledger

    units = [Unit("slow", "engine_tasks:pulse_slowly", {}, (0,)), Unit("quick", "engine_tasks:chatter", {})]
    options = EngineOptions(tries=2, unit_timeout_s=1.0)
    ledger = Ledger(tmp_path, "CPU", lambda *_: None)
    [failure] = run_units(units, options, tmp_path / "logs", ledger)
    assert (failure.unit, failure.item) == ("slow", None)
    assert "not done within 1 s" in failure.reason
    assert Path(failure.log).name == "slow.log"
    told = json.loads(sidecar_path(tmp_path, "slow").read_text())
    assert told["state"] == "quarantined"
    assert [attempt["outcome"] for attempt in told["attempts"]] == ["crash", "crash"]
    assert told["given_up"][0]["log"] == failure.log
    assert json.loads(sidecar_path(tmp_path, "quick").read_text())["state"] == "done"
