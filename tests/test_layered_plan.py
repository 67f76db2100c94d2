# SPDX-License-Identifier: Apache-2.0
"""What is planned before anything is rendered: configurations, the test set, hours and bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.benchmarks.sets.opening import open_set
from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import write_json
from depthbench.formats.shard import write_shard
from depthbench.generators.layered import open_folder, plan_only
from depthbench.generators.layered_config import DEFAULT_VIEWS_PER_SCENE, LayeredConfig
from depthbench.generators.layered_estimate import estimate
from depthbench.generators.layered_test_set import ENVIRONMENTS, N_SAMPLES, layered_test_config
from depthbench.generators.measured import measured, pair_s
from depthbench.generators.plan import asked_views, shard_path
from depthbench.generators.plan_file import scene_rows, write_plan
from depthbench.generators.plates import PAIRS, THEMES
from depthbench.generators.plates import make_config as make_plates
from depthbench.generators.presets import PRESETS


def config(**changes: object) -> LayeredConfig:
    """A configuration with the default number of views per scene, of five environments by name."""
    values: dict[str, object] = {
        "seed": 0, "width": 768, "height": 512, "preset": "preview", "render": PRESETS["preview"],
        "scenes": ("a.py:build", "b.py:build", "c.py:build", "d.py:build", "e.py:build"), "scene_digests": ("",) * 5,
        "views_per_scene": DEFAULT_VIEWS_PER_SCENE,
    }  # fmt: skip
    return LayeredConfig(**(values | changes))  # type: ignore[arg-type]


def test_half_a_million_pairs_are_3577_configurations() -> None:
    rows = list(scene_rows(config(), 500_000))
    assert len(rows) == 3577
    assert sum(row["views"] for row in rows) == 500_000
    assert {row["views"] for row in rows} == {139, 140}
    assert sorted(Counter(row["environment"] for row in rows).values()) == [715, 715, 715, 716, 716]
    assert [row["first_sample"] for row in rows] == [0, *np.cumsum([row["views"] for row in rows])[:-1]]
    assert [row["entropy"] for row in rows] == [[0, scene] for scene in range(3577)]


@given(n=st.integers(1, 3000), more=st.integers(0, 3000), seed=st.integers(0, 2**32 - 1))
def test_the_plan_of_more_begins_with_the_plan_of_fewer(n: int, more: int, seed: int) -> None:
    few, many = list(scene_rows(config(seed=seed), n)), list(scene_rows(config(seed=seed), n + more))
    assert many[: len(few)] == few
    assert few[-1]["first_sample"] < n <= few[-1]["first_sample"] + few[-1]["views"]
    others = [row | {"entropy": None} for row in scene_rows(config(seed=seed ^ 1), n)]
    assert others == [row | {"entropy": None} for row in few]


def test_a_longer_plan_stays_and_another_is_replaced(tmp_path: Path) -> None:
    long = write_plan(config(), 1000, tmp_path).read_bytes()
    assert write_plan(config(), 200, tmp_path).read_bytes() == long
    assert write_plan(config(seed=1), 200, tmp_path).read_bytes() != long[: len(long) // 4]
    assert len((tmp_path / "plan.jsonl").read_text().splitlines()) == 2


def test_plan_only_needs_no_blender_and_binds_nothing(tmp_path: Path) -> None:
    """As a user types it: the counts are told, plan.jsonl is all that is written, other options may follow."""
    script = (
        "import sys\nfrom depthbench.cli import main\ntry:\n    main()\nfinally:\n    assert 'bpy' not in sys.modules\n"
    )
    words = [sys.executable, "-c", script, "generate", "layered", "--out", str(tmp_path / "set"), "--plan-only", "--n"]
    env = os.environ | {"COLUMNS": "200"}
    done = subprocess.run([*words, "500000"], capture_output=True, text=True, timeout=120, env=env)
    assert done.returncode == 0, done.stderr
    assert "3,577" in done.stdout
    assert "139 or 140" in done.stdout
    assert "docs/speed.md" in done.stdout
    assert os.listdir(tmp_path / "set") == ["plan.jsonl"]
    again = subprocess.run([*words, "70", "--seed", "3"], capture_output=True, text=True, timeout=120, env=env)
    assert again.returncode == 0, again.stderr
    rows = [json.loads(line) for line in (tmp_path / "set/plan.jsonl").read_text().splitlines()]
    assert {row["entropy"][0] for row in rows} == {3}
    (tmp_path / "set/thesis.tex").write_text("important")
    refused = subprocess.run([*words, "70"], capture_output=True, text=True, timeout=120, env=env)
    assert refused.returncode == 2
    assert "holds other files" in refused.stderr


def test_measured_runs_give_themselves_and_scale() -> None:
    """Settings that were measured cost what was measured; four times the pixels, four times the time; half the paths, less."""
    for machine in measured().machines:
        assert (Path(__file__).parents[1] / machine.source).is_file()
        adaptive = [run for run in machine.runs if run.adaptive_threshold]
        for run in adaptive:
            seconds, _ = pair_s(machine, PRESETS["standard"], run.width, run.height)
            assert seconds == pytest.approx(run.tracer_s + run.other_s)
        once, _ = pair_s(machine, PRESETS["preview"], 384, 256)
        four, _ = pair_s(machine, PRESETS["preview"], 768, 512)
        assert four == pytest.approx(4 * once)
        costs = [pair_s(machine, PRESETS[name], 768, 512)[0] for name in ("preview", "standard", "paper")]
        assert costs == sorted(costs)


def test_a_log_is_a_better_basis_than_another_machine(tmp_path: Path) -> None:
    """Two environments of unlike cost, half a scene each; two workers; GPU-hours where the device is one."""
    settings = config(scenes=("a.py:build", "b.py:build"), scene_digests=("", ""), views_per_scene=10)
    entries = [{"event": "built", "seconds": {"build": 4.0, "export": 1.0, "caster": 1.0}}]
    for view, (name, seconds) in enumerate([("a", 3.0), ("a", 5.0), ("b", 10.0)]):
        split = {"render": seconds - 1, "tracer": seconds - 2, "truth": 1.0}
        entries.append(
            {"event": "end", "made": True, "id": f"{name}-{'ab'.index(name):06d}-{view:04d}", "seconds": split}
        )
    entries.append({"event": "end", "made": False, "id": "a-000000-0009", "seconds": {"truth": 100.0}})
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    machine = {"processor": "P", "cores": 16}
    write_json(tmp_path / "run.json", {"runs": [{"device": "OPTIX:0", "workers": 2, "machine": machine}]})
    cost = estimate(settings, 100, tmp_path)["costs"][0]
    worker_s = (4.0 + 10.0) / 2 + 6.0 / 10
    assert cost["pair_s"] == pytest.approx(worker_s / 2)
    assert cost["total_s"] == pytest.approx(100 * worker_s / 2)
    assert (cost["device_hours"], cost["unit"]) == (pytest.approx(100 * worker_s / 3600), "GPU-hours")
    assert "3 pairs of a, b" in cost["basis"]


def test_plates_are_planned_too(tmp_path: Path) -> None:
    """180 pairs, 120 of them through a plate; three conditions of a table are one environment in the log."""
    settings = make_plates(seed=0, width=96, height=64, preset="preview", samples=None, gt_bits=13)
    ids = [settings.sample_id(0, view) for view in range(3)]
    entries = [{"event": "end", "made": True, "id": name, "seconds": {"render": 7.0}} for name in ids]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    machine = {"processor": "P", "cores": 4}
    write_json(tmp_path / "run.json", {"runs": [{"device": "CPU", "workers": 1, "machine": machine}]})
    found = estimate(settings, PAIRS, tmp_path)
    assert (found["pairs"], found["see_through_views"], found["views_per_scene"]) == (180, 120, (36, 36))
    assert found["scenes"] == dict.fromkeys(THEMES, 1)
    assert found["costs"][0]["total_s"] == pytest.approx(180 * 7.0)
    assert found["costs"][0]["basis"].endswith("3 pairs of books")


def test_bytes_come_from_the_shards_that_are_there(tmp_path: Path) -> None:
    settings = config(views_per_scene=2)
    for scene in range(2):
        records = [synthetic_record(0, view, width=24, height=16, scene=scene) for view in range(2)]
        write_shard(shard_path(tmp_path, scene), records, surfaces=synthetic_surfaces(), attrs={"without": {}})
    found = estimate(settings, 10, tmp_path)
    sizes = [path.stat().st_size for path in (tmp_path / "shards").iterdir()]
    assert found["disk_bytes"] == pytest.approx(sum(sizes) / 4 * 10)
    assert found["there"] == 4


def test_the_test_set_is_535_views_of_five_places() -> None:
    settings = layered_test_config()
    asked = list(asked_views(settings, N_SAMPLES))
    assert [settings.environment(scene) for scene, _ in asked] == list(ENVIRONMENTS)
    assert sum(len(views) for _, views in asked) == 535
    assert all(85 <= len(views) <= 140 for _, views in asked)
    assert (settings.width, settings.height) == (2448, 2048)
    assert all(row["entropy"][2:] for row in scene_rows(settings, N_SAMPLES))
    assert LayeredConfig.from_json(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.mark.parametrize(
    ("resolution", "size"), [("2448x2048", (2448, 2048)), ("1/4", (612, 512)), ("1/8", (306, 256)), ("96x64", (96, 64))]
)
def test_the_test_set_in_another_size(tmp_path: Path, resolution: str, size: tuple[int, int]) -> None:
    """As a user types it; the plan is the same in every size."""
    out = tmp_path / "set"
    words = ["generate", "layered-test", "--out", str(out), "--resolution", resolution, "--preset", "preview"]
    done = CliRunner().invoke(cli, [*words, "--plan-only"])
    assert done.exit_code == 0, done.output
    assert "535" in done.output
    assert [json.loads(line) for line in (out / "plan.jsonl").read_text().splitlines()] == [
        {"scene": i, "environment": name, "entropy": [0, i, 0x74657374], "first_sample": 107 * i, "views": 107}
        for i, name in enumerate(ENVIRONMENTS)
    ]
    open_folder(layered_test_config(*size, "preview"), out)  # the folder's configuration is of this size
    again = CliRunner().invoke(cli, [*words, "--plan-only"])
    assert again.exit_code == 0, again.output


def test_the_test_set_is_measured_and_says_what_it_lacks(tmp_path: Path) -> None:
    """A quarter of its size with two pairs: noted; a training folder under its name: refused."""
    folder = tmp_path / "test"
    folder.mkdir()
    open_folder(layered_test_config(24, 16, "preview"), folder)
    records = [synthetic_record(0, view, width=24, height=16, scene=0) for view in range(2)]
    write_shard(shard_path(folder, 0), records, surfaces=synthetic_surfaces(), attrs={"without": {}})
    found = open_set("layered-test", folder)
    assert (found.name, found.label, found.default_protocol) == ("layered-test", "24x16", "layered")
    assert len(found.ids()) == 2
    notes = " ".join(found.notes)
    for words in ("full test set is 2448x2048", "preset preview", "2 of 535"):
        assert words in notes
    words = ["eval", "--model", "sgbm", "--set", "layered-test", "--root", folder, "--out", tmp_path / "runs"]
    done = subprocess.run(
        [sys.executable, "-m", "depthbench", *map(str, words)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "2 of 535" in done.stdout + done.stderr
    [record] = (tmp_path / "runs").rglob("record.json")
    assert json.loads(record.read_text())["protocol"]["name"] == "layered"
    other = tmp_path / "training"
    other.mkdir()
    open_folder(config(scenes=("cafe",), scene_digests=("",)), other)
    with pytest.raises(DepthbenchError, match="is no layered-test"):
        open_set("layered-test", other)


def test_plan_only_holds_a_begun_folder_to_its_configuration(tmp_path: Path) -> None:
    open_folder(config(scenes=("cafe",), scene_digests=("",)), tmp_path)
    with pytest.raises(DepthbenchError, match="seed is 0, asked 4"):
        plan_only(config(scenes=("cafe",), scene_digests=("",), seed=4), 10, tmp_path)
