# SPDX-License-Identifier: Apache-2.0
"""The two sets of plates: what is read is what was put there, what is missing or uncertain is named, means are per condition."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import stereo_layouts as layouts

from depthbench.benchmarks.protocol import load_protocol, protocol_names
from depthbench.benchmarks.score import score_folder
from depthbench.benchmarks.sets import set_problems
from depthbench.benchmarks.sets.evaluation_set import group_of
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import write_disparity
from depthbench.formats.image import write_png
from depthbench.formats.pfm import read_pfm, write_pfm
from depthbench.generators.layered_stats import stats
from depthbench.generators.plates import CONDITIONS, PAIRS

ONE = {"scenes": (1,), "configurations": (3,)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All 180 pairs of the real layout."""
    return layouts.real_plates(tmp_path_factory.mktemp("plates") / "real")


def test_the_whole_layout_is_180_pairs_without_a_remark(whole: Path) -> None:
    opened = open_set("real-plates", whole)
    assert len(opened.ids()) == len(set(opened.ids())) == PAIRS
    assert list(opened.notes) == []
    groups = [group_of(opened, sample_id) for sample_id in opened.ids()]
    assert {name: groups.count(name) for name in groups} == dict.fromkeys(CONDITIONS, 60)
    assert all(path.is_file() for sample_id in opened.ids() for path in opened.files(sample_id))


def test_real_truth_is_the_scene_with_the_plate_before_it(whole: Path) -> None:
    """Pictures, transmitted layer and plate come back; without a plate the mask is that of the plate that is taken away."""
    opened = open_set("real-plates", whole)
    plain, covered = (layouts.plates_record(2, 5, plate) for plate in (False, True))
    there = covered.left.layers.see_through
    behind_px = plain.left.layers.first().copy()
    behind_px[-2:, -3:] = np.nan
    for condition, made in (("none", plain), ("t80", covered), ("t60", covered)):
        pair, truth = (read(f"scene2/config05/{condition}") for read in (opened.pair, opened.truth))
        np.testing.assert_array_equal(pair.left, made.left.image)
        np.testing.assert_array_equal(pair.right, made.right.image)
        assert (pair.rig.baseline_m, pair.max_disp_px) == (0.06, 32)
        np.testing.assert_array_equal(truth.masks["plate"], there)
        if condition == "none":
            np.testing.assert_array_equal(truth.disp_px, behind_px)
            assert truth.surface == "last"
        else:
            np.testing.assert_array_equal(truth.layers.last(), behind_px)
            np.testing.assert_array_equal(truth.layers.first()[there], covered.left.layers.first()[there])


def test_sim_truth_is_the_plate_free_one_byte_for_byte(tmp_path: Path) -> None:
    opened = open_set("sim-plates", layouts.sim_plates(tmp_path))
    ids = opened.ids()
    assert len(ids) == 12
    assert ids[4] == "books_c01_t80-000000-0004"
    assert any(f"12 of {PAIRS}" in note for note in opened.notes)
    for none, t80, t60 in zip(ids[::3], ids[1::3], ids[2::3], strict=True):
        assert [group_of(opened, name) for name in (none, t80, t60)] == list(CONDITIONS)
        plain, *covered = (opened.truth(name) for name in (none, t80, t60))
        for truth in covered:
            assert truth.layers.last().tobytes() == plain.layers.last().tobytes()
            np.testing.assert_array_equal(truth.masks["plate"], plain.masks["plate"])
            np.testing.assert_array_equal(truth.masks["plate"], truth.layers.see_through)


def test_conditions_of_one_configuration_are_no_duplicates(tmp_path: Path) -> None:
    """All three stand in one place on purpose; another configuration at the same place is told."""
    folder = layouts.sim_plates(tmp_path, scenes=(0,), configurations=2, one_place=True)
    found = stats(folder)["duplicates"]
    assert found["near_views"] == 9  # every view of the one with every view of the other


def test_scores_of_a_known_prediction(whole: Path, tmp_path: Path) -> None:
    """The scene behind plus one pixel: an error of 1 px on every transmitted region, of the gap less one on the plate."""
    opened = open_set("real-plates", whole)
    ids = opened.ids()[:6]
    gaps = []
    for sample_id in ids:
        truth = opened.truth(sample_id)
        behind_px = truth.disp_px if truth.layers is None else truth.layers.last()
        write_disparity(tmp_path / f"{sample_id}.pfm", behind_px + 1)
        if sample_id.endswith("t80"):
            there = truth.masks["plate"] & np.isfinite(behind_px)
            gaps.append(np.abs(truth.layers.first() - behind_px - 1)[there].mean())
    protocol = load_protocol("plates")
    results = score_folder(protocol, opened, ids, tmp_path)
    from depthbench.benchmarks.aggregate import aggregate

    means = aggregate(protocol, results)
    for region in ("none-all", "none-there", "none-there-nocc", "t80-transmitted", "t80-transmitted-nocc", "t60-all"):
        assert means[region]["epe"]["mean"] == pytest.approx(1.0, abs=1e-5), region
        assert (means[region]["epe"]["samples"], means[region]["epe"]["missing"]) == (2, 0)
    assert means["t80-plate"]["epe"]["mean"] == pytest.approx(np.mean(gaps), rel=1e-5)
    assert results[1].values.keys() == {region.name for region in protocol.pixels.regions if region.group == "t80"}


def test_a_failed_sample_costs_the_mean_of_its_condition_alone(whole: Path, tmp_path: Path) -> None:
    opened = open_set("real-plates", whole)
    ids = opened.ids()[:6]
    for sample_id in ids:
        if sample_id != "scene1/config02/t60":
            write_disparity(tmp_path / f"{sample_id}.pfm", np.full((64, 96), 3.0, dtype=np.float32))
    from depthbench.benchmarks.aggregate import aggregate

    protocol = load_protocol("plates")
    means = aggregate(protocol, score_folder(protocol, opened, ids, tmp_path))
    assert means["t60-transmitted"]["epe"]["mean"] is None
    assert means["t60-transmitted"]["epe"]["missing"] == 1
    assert means["t80-transmitted"]["epe"]["mean"] is not None


def test_masks_alone_leave_the_plate_out_and_score_the_rest(tmp_path: Path) -> None:
    root = layouts.real_plates(tmp_path / "set", **ONE, nocc=False, masks_only=True)
    opened = open_set("real-plates", root)
    for sample_id in opened.ids():
        truth = opened.truth(sample_id)
        write_disparity(tmp_path / "mine" / f"{sample_id}.pfm", truth.disp_px)
    protocol = load_protocol("plates")
    results = {result.id: result for result in score_folder(protocol, opened, opened.ids(), tmp_path / "mine")}
    values = results["scene1/config03/t80"].values
    assert values.keys() == {"t80-all", "t80-transmitted", "t80-opaque"}
    assert values["t80-transmitted"]["epe"] == 0
    assert values["t80-transmitted"]["pixels"] > 100


def test_each_missing_file_is_named(tmp_path: Path) -> None:
    """One file after the other is taken away: the note, the doctor's answer and the sample's failure name it."""
    root = layouts.real_plates(tmp_path / "set", **ONE, nocc=False)
    others = set_problems("real-plates", root)
    assert len(others) == 1  # the folders that were not asked for
    assert "scene2" in others[0]
    sample_id = "scene1/config03/t80"
    for path in open_set("real-plates", root).files(sample_id):
        shutil.move(path, tmp_path / "aside")
        opened = open_set("real-plates", root)
        assert str(path.relative_to(root)) in opened.notes[1]
        assert opened.notes == set_problems("real-plates", root)
        with pytest.raises(DepthbenchError) as caught:  # noqa: PT012
            opened.pair(sample_id)
            opened.truth(sample_id)
        assert str(path) in str(caught.value)
        shutil.move(tmp_path / "aside", path)


def test_nothing_uncertain_is_taken(tmp_path: Path) -> None:
    """Folders of other names, a plate told twice, a plate where none is, one behind the scene, half a mask."""
    root = layouts.real_plates(tmp_path / "set", **ONE)
    config = root / "scene1" / "config03"
    (config / "T80").mkdir()
    with pytest.raises(DepthbenchError, match=r"T80.*t80"):
        open_set("real-plates", root)
    assert "T80" in set_problems("real-plates", root)[0]
    (config / "T80").rmdir()
    write_png(config / "t80" / "mask_plate.png", np.zeros((64, 96), dtype=np.uint8))
    with pytest.raises(DepthbenchError, match=r"both disp_plate\.pfm and mask_plate\.png"):
        open_set("real-plates", root)
    (config / "t80" / "disp_plate.pfm").unlink()
    write_png(config / "t80" / "mask_plate.png", np.full((64, 96), 7, dtype=np.uint8))
    with pytest.raises(DepthbenchError, match="0 and 255 only"):
        open_set("real-plates", root).truth("scene1/config03/t80")
    (config / "t80" / "mask_plate.png").unlink()
    write_pfm(config / "t80" / "disp_plate.pfm", read_pfm(config / "disp_transmitted.pfm") - 1)
    with pytest.raises(DepthbenchError, match="behind what is seen through it"):
        open_set("real-plates", root).truth("scene1/config03/t80")
    write_pfm(config / "none" / "disp_plate.pfm", read_pfm(config / "disp_transmitted.pfm"))
    with pytest.raises(DepthbenchError, match="no plate in this condition"):
        open_set("real-plates", root)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DepthbenchError, match=r"scene1/config01"):
        open_set("real-plates", tmp_path / "empty")


def test_another_set_is_no_set_of_plates(tmp_path: Path) -> None:
    root = layouts.sim_plates(tmp_path)
    path = root / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"generator": "focus"}))
    with pytest.raises(DepthbenchError, match="focus"):
        open_set("sim-plates", root)


STEERED = """
import numpy as np
from depthbench.tasks import StereoPrediction

class Steered:
    task, steered_by = "stereo", "c"
    def __init__(self, c=0.0, shift=0.0):
        self.disp = 10.0 * (1 - c) + shift
    def prepare(self, sample):
        return sample.left.shape[:2]
    def forward(self, shape):
        return np.full(shape, self.disp, dtype=np.float32)
    def finish(self, disp, sample):
        return StereoPrediction(disp)
"""


def test_a_steered_model_is_measured_at_both_ends_in_the_layout_of_the_papers_table(tmp_path: Path) -> None:
    """Unasked c = 0 and 1; a value of c means that one alone; each number is the record's own."""
    layouts.sim_plates(tmp_path / "set")
    (tmp_path / "mine.py").write_text(STEERED)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "depthbench", "eval", "--model", "mine.py:Steered", "--set", "sim-plates"]
        command += ["--root", "set", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)

    done = run("--format", "csv", "--out", "both")
    assert done.returncode == 0, done.stderr
    heading, *rows = csv.reader(io.StringIO(done.stdout))
    assert [row[0] for row in rows] == ["Steered-c=0", "Steered-c=1"]
    layers = ["no plate, opaque", *(f"{share} % {what}" for share in (60, 80) for what in ("opaque", "first", "last"))]
    assert heading[1:] == [f"{layer} Bad-{px}+holes [%]" for layer in layers for px in (4, 8)]
    for row, end in zip(rows, ("c=0", "c=1"), strict=True):
        record = json.loads((tmp_path / "both" / end / "plates" / "record.json").read_text())
        assert float(row[3]) == pytest.approx(record["aggregate"]["t60-opaque"]["totbad_4"]["mean"])
        assert float(row[14]) == pytest.approx(record["aggregate"]["t80-transmitted"]["totbad_8"]["mean"])
    drawn = run("--out", "both")
    assert "80 % last Bad-8+holes" in drawn.stdout
    assert max(len(line) for line in drawn.stdout.splitlines() if "│" in line) <= 80
    one = run("--format", "md", "--model-option", "c=1")
    assert one.returncode == 0, one.stderr
    assert "| t80-transmitted |" in one.stdout
    assert (tmp_path / "runs" / "Steered-c=1").is_dir()
    three = run("--format", "csv", "--sweep", "shift=0,5,-2.5")
    assert [line.split(",")[0] for line in three.stdout.splitlines()[1:]] == [
        "Steered-shift=0",
        "Steered-shift=5",
        "Steered-shift=-2.5",
    ]
    for words, told in (
        (("--sweep", "c"), "key=value,value"),
        (("--sweep", "c=0,0"), "different values"),
        (("--sweep", "d=0,1"), "option of model Steered 'd'"),
        (("--sweep", "c=0,1", "--model-option", "c=1"), "both swept and given"),
    ):
        bad = run(*words)
        assert bad.returncode == 2
        assert told in bad.stderr


def test_only_protocols_that_ask_for_both_ends_are_measured_twice() -> None:
    ends = {name for name in protocol_names() if load_protocol(name).both_ends}
    assert ends == {"layered", "layeredflow", "plates"}


@pytest.mark.parametrize("name", ["sim-plates", "real-plates"])
def test_eval_as_a_user_types_it(tmp_path: Path, name: str) -> None:
    """sgbm on both sets: exit code 0, conditions as rows, groups in the record."""
    pytest.importorskip("cv2")
    root = tmp_path / "set"
    if name == "sim-plates":
        layouts.sim_plates(root)
    else:
        layouts.real_plates(root, scenes=(1, 4), configurations=(1, 2))
    words = ["eval", "--model", "sgbm", "--set", name, "--root", str(root), "--format", "md", "--out", "run"]
    done = subprocess.run(
        [sys.executable, "-m", "depthbench", *words], capture_output=True, text=True, cwd=tmp_path, timeout=120
    )
    assert done.returncode == 0, done.stderr
    for region in ("none-there", "t80-transmitted", "t60-plate"):
        assert f"| {region} |" in done.stdout
    record = json.loads((tmp_path / "run" / "plates" / "record.json").read_text())
    assert [sample["group"] for sample in record["samples"]] == list(CONDITIONS) * 4
    assert record["aggregate"]["t60-transmitted"]["epe"]["samples"] == 4


def test_absent_real_plates_are_told_before_weights_and_with_a_twin_to_take_instead(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    command = [sys.executable, "-m", "depthbench", "eval", "--model", "s2m2-focus", "--set", "real-plates"]
    environment = {**os.environ, "DEPTHBENCH_DATA": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, env=environment)
    assert done.returncode == 2
    [error] = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    for told in (str(tmp_path / "real-plates"), "scene1/config01", "generate plates", "sim-plates", "--root"):
        assert told in error
