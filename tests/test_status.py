# SPDX-License-Identifier: Apache-2.0
"""``depthbench status``: the numbers of sidecars that are written by hand, and of a folder that a command filled."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from depthbench.cli import cli
from depthbench.generators.survey import lines, survey

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def told(name: str, state: str, made: int, work_s: float, age_s: float = 0.0, **more: Any) -> dict[str, Any]:
    """A sidecar, last written ``age_s`` before now, whose last attempt began ten minutes before that."""
    updated = NOW - timedelta(seconds=age_s)
    attempt = {"begun": (updated - timedelta(minutes=10)).isoformat(), "host": more.pop("host", "a"), "pid": 1}
    if state != "running":
        attempt |= {"ended": updated.isoformat(), "outcome": "done"}
    blank = {"unit": name, "state": state, "begun": "", "updated": updated.isoformat(), "made": made, "work_s": work_s}
    return blank | {"seconds": {}, "settled": None, "attempts": [attempt], "given_up": []} | more


def test_rate_time_left_and_cost() -> None:
    """Done: 100 samples in 5000 s. Two workers at 50 in 2 x 600 s more: 124/3 s each, so 2 make one in 62/3 s; 850 are left."""
    units = [told("a", "done", 100, 5000.0), *(told(f"b{k}", "running", 25, 0.0, 20.0, host=f"h{k}") for k in range(2))]
    found = survey(units, [{"asked": 900}, {"asked": 1000}], NOW)
    assert (found.made, found.asked) == (150, 1000)
    assert found.sample_s == pytest.approx(6200 / 150)
    assert found.per_hour == pytest.approx(2 * 3600 / (6200 / 150))
    assert found.left_s == pytest.approx(850 * (6200 / 150) / 2)
    assert found.cost_per_thousand(3.0) == pytest.approx(1000 * (6200 / 150) / 3600 * 3.0)
    assert found.hosts == {"h0": 1, "h1": 1}


def test_who_shows_no_sign_of_life_is_stopped() -> None:
    """A unit last heard of two minutes ago is nobody's; there is then no rate to promise."""
    found = survey([told("a", "running", 3, 0.0, age_s=120.0)], [{"asked": 10}], NOW)
    assert found.units["stopped"] == 1
    assert found.per_hour is None
    assert any("nobody is at work" in line for line in lines(found, "pairs", None))


def test_reasons_are_counted_and_what_is_left_out_is_named() -> None:
    crash = {"begun": NOW.isoformat(), "host": "a", "ended": NOW.isoformat(), "outcome": "crash", "item": 4}
    attempts = [crash | {"reason": reason} for reason in ("killed by SIGSEGV", "killed by SIGSEGV", "took too long")]
    given = [{"item": 4, "reason": "killed by SIGSEGV", "log": "logs/a.log"}]
    found = survey([told("a", "quarantined", 9, 1.0, attempts=attempts, given_up=given)], [], NOW)
    assert found.reasons == {"killed by SIGSEGV": 2, "took too long": 1}
    text = "\n".join(lines(found, "pairs", None))
    assert "2 x killed by SIGSEGV" in text
    assert "a item 4: killed by SIGSEGV; the log is logs/a.log" in text


def status(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "depthbench", "status", *words], capture_output=True, text=True, timeout=120
    )


def test_a_folder_that_a_command_filled(tmp_path: Path) -> None:
    """All made, nothing left; the price is per worker and hour. No folder, no status."""
    words = [
        "generate",
        "odms",
        "--n",
        "501",
        "--part",
        "normal",
        "--observations",
        "2",
        "--out",
        str(tmp_path / "set"),
    ]
    subprocess.run([sys.executable, "-m", "depthbench", *words], check=True, capture_output=True, timeout=120)
    done = status(str(tmp_path / "set"), "--price", "3600", "--watch")
    assert done.returncode == 0, done.stderr
    assert "501 of 501 (100.0%) examples" in done.stdout
    assert "2 done, 0 running, 0 stopped, 0 quarantined" in done.stdout
    work_s = sum(json.loads(path.read_text())["work_s"] for path in (tmp_path / "set" / "units").iterdir())
    assert f"{1000 * work_s / 501:,.4g} per thousand examples" in done.stdout
    assert "did a `depthbench generate" in status(str(tmp_path)).stderr


def test_a_shard_whose_maker_was_lost_before_it_could_tell_counts(tmp_path: Path) -> None:
    """The sidecar says running, and nothing of what was made; the shard is newer than the attempt."""
    words = ["generate", "odms", "--n", "7", "--part", "normal", "--observations", "2", "--out", str(tmp_path)]
    CliRunner().invoke(cli, words, catch_exceptions=False)
    [path] = (tmp_path / "units").iterdir()
    unit = json.loads(path.read_text())
    attempt = {"begun": unit["attempts"][0]["begun"], "host": "gone", "pid": 1, "device": "CPU"}
    path.write_text(json.dumps(unit | {"state": "running", "made": 0, "settled": None, "attempts": [attempt]}))
    told = CliRunner().invoke(cli, ["status", str(tmp_path)]).output
    assert "7 of 7 (100.0%) examples" in told
    assert "1 done, 0 running, 0 stopped" in told


def test_a_folder_whose_units_were_not_noted_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"generator": "layered"}')
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards" / "scene-000000.h5").write_bytes(b"")
    done = CliRunner().invoke(cli, ["status", str(tmp_path)])
    assert done.exit_code != 0
    assert "has shards and no units/" in str(done.exception)
    assert f"depthbench stats {tmp_path}" in str(done.exception)
