# SPDX-License-Identifier: Apache-2.0
"""Counterfactual twins as a user makes them: what is removed is gone from the truth, what is left is as it was, bit for bit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from storage_tests import everything, in_folder
from test_generate_layered import command, depthbench, run

from depthbench.errors import DepthbenchError
from depthbench.formats.layered_record import EYES
from depthbench.formats.shard import LayeredRecord, ShardReader
from depthbench.generators.layered_folder import samples
from depthbench.generators.twin_config import CHANGES, parse_change, twin_config

GLASS = ("frost", "tint", "dirty")
BASELINE_M = 0.07


def records(folder: Path) -> dict[str, LayeredRecord]:
    """Id -> every sample of a folder."""
    return {reader.ids[index]: reader.read(index) for reader, index in samples(folder)}


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four samples of two scenes in ``originals``, and in ``twins`` theirs by every change."""
    folder = tmp_path_factory.mktemp("sets")
    done = run(command(folder / "originals", "--views-per-scene", "2", "--sensor", "mild", n=4))
    assert done.returncode == 0, done.stderr
    words = [word for name in ("remove", *GLASS, f"baseline={BASELINE_M}") for word in ("--change", name)]
    done = depthbench("twin", folder / "originals", "--all", *words, "--out", folder / "twins")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def layer_arrays(record: LayeredRecord, eye: str) -> dict[str, np.ndarray]:
    layers = getattr(record, eye).layers
    return {name: getattr(layers, name) for name in ("disp_px", "surface_id", "surface_class", "visibility")}


@pytest.mark.render
def test_removed_panes_take_their_layers_and_leave_the_others(sets: Path) -> None:
    """Pixel by pixel: the original's list of layers without the pane is the twin's list, in every bit."""
    twins = records(sets / "twins/remove")
    seen = 0
    for sample_id, record in records(sets / "originals").items():
        with ShardReader(next((sets / "originals/shards").glob(f"*{sample_id[6:12]}.h5"))) as reader:
            [pane] = [surface.id for surface in reader.surfaces if surface.name.startswith("pane")]
        for eye in EYES:
            before, after = layer_arrays(record, eye), layer_arrays(twins[sample_id], eye)
            height, width = before["disp_px"].shape[1:]
            for row, column in np.ndindex(height, width):
                there = (before["surface_id"][:, row, column] != pane) & (before["surface_id"][:, row, column] > 0)
                left = after["surface_id"][:, row, column] > 0
                seen += int((before["surface_id"][:, row, column] == pane).any())
                for name in before:
                    kept, found = before[name][there, row, column], after[name][left, row, column]
                    assert kept.tobytes() == found.tobytes(), (sample_id, eye, row, column, name)
            assert not np.array_equal(getattr(record, eye).image, getattr(twins[sample_id], eye).image)
    assert seen > 1000


@pytest.mark.render
def test_another_baseline_changes_the_right_eye_alone(sets: Path) -> None:
    """Left picture and pose are the same; every disparity is the old one times the ratio of the baselines."""
    twins = records(sets / f"twins/baseline={BASELINE_M}")
    for sample_id, record in records(sets / "originals").items():
        twin = twins[sample_id]
        assert twin.rig.baseline_m == BASELINE_M
        assert twin.rig.intrinsics == record.rig.intrinsics
        np.testing.assert_array_equal(twin.left.image, record.left.image)
        np.testing.assert_array_equal(twin.left.cam_to_world, record.left.cam_to_world)
        step = twin.right.cam_to_world[:3, 3] - twin.left.cam_to_world[:3, 3]
        np.testing.assert_allclose(step, BASELINE_M * record.left.cam_to_world[:3, 0], atol=1e-9)
        np.testing.assert_array_equal(twin.left.layers.surface_id, record.left.layers.surface_id)
        ratio = BASELINE_M / record.rig.baseline_m
        # both are rounded to 2^-13 px
        slack = (1 + ratio) * 2.0**-14 * 1.001
        np.testing.assert_allclose(twin.left.layers.disp_px, ratio * record.left.layers.disp_px, atol=slack)


@pytest.mark.render
@pytest.mark.parametrize("change", GLASS)
def test_another_glass_changes_the_pictures_and_no_truth(sets: Path, change: str) -> None:
    twins = records(sets / "twins" / change)
    for sample_id, record in records(sets / "originals").items():
        twin = twins[sample_id]
        assert twin.rig == record.rig
        for eye in EYES:
            before, after = getattr(record, eye), getattr(twin, eye)
            pane = before.layers.see_through
            for name, values in layer_arrays(record, eye).items():
                assert values.tobytes() == layer_arrays(twin, eye)[name].tobytes(), (sample_id, eye, name)
            np.testing.assert_array_equal(before.refraction_px, after.refraction_px)
            np.testing.assert_array_equal(before.reflective, after.reflective)
            changed = np.abs(before.image.astype(int) - after.image).mean(axis=2)
            assert changed[pane].mean() > 4 * changed[~pane].mean()


@pytest.mark.render
def test_twins_say_whose_they_are_and_keep_what_was_drawn(sets: Path) -> None:
    of_config = set()
    for change in ("remove", *GLASS, f"baseline={BASELINE_M}"):
        for sample_id, twin in records(sets / "twins" / change).items():
            told: dict[str, Any] = dict(twin.meta)
            original = dict(records(sets / "originals")[sample_id].meta)
            link = told.pop("twin")
            assert (link["of"], link["change"]) == (sample_id, change)
            of_config.add(link["of_config_sha256"])
            assert told == original
    assert len(of_config) == 1


@pytest.mark.render
@pytest.mark.parametrize("change", ["remove", f"baseline={BASELINE_M}"])
def test_verify_and_replay_take_twins(sets: Path, change: str) -> None:
    """Both routes to the truth agree on the changed scene, and a twin made alone is equal in every value."""
    folder = sets / "twins" / change
    done = depthbench("verify", folder, "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    again = depthbench("replay", folder, "small-000001-0001")
    assert again.returncode == 0, again.stdout + again.stderr


@pytest.mark.render
def test_show_and_export_take_twins(sets: Path, tmp_path: Path) -> None:
    assert depthbench("show", sets / "twins/frost", "--out", tmp_path / "sheet.png").returncode == 0
    done = depthbench("export", sets / "twins/frost", "--out", tmp_path / "plain", "--limit", 1)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "plain/small-000000-0000/left.png").is_file()


@pytest.mark.render
def test_chosen_samples_can_be_added_to(sets: Path, tmp_path: Path) -> None:
    """One view, then another before it: the shard holds both, as if made at once, and is in order."""
    for sample_id in ("small-000001-0001", "small-000001-0000"):
        done = depthbench("twin", sets / "originals", sample_id, "--change", "remove", "--out", tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    made = (tmp_path / "remove/shards/scene-000001.h5").read_bytes()
    assert made == (sets / "twins/remove/shards/scene-000001.h5").read_bytes()
    assert depthbench("verify", tmp_path / "remove", "--cycles", 0).returncode == 0


@pytest.mark.render
def test_the_storage_gets_the_same_shards(sets: Path, storage: dict[str, str]) -> None:
    """Two runs, of which the second brings the shard back, and leaves the other share to others."""
    url = "s3://bench/twins"
    for sample_id in ("small-000001-0001", "small-000001-0000"):
        words = ("twin", sets / "originals", sample_id, "--change", "remove", "--out", url)
        done = depthbench(*words, "--shard-index", 1, "--num-shards", 2)
        assert done.returncode == 0, done.stdout + done.stderr
    made = everything(f"{url}/remove")
    assert made == {name: data for name, data in in_folder(sets / "twins/remove").items() if name in made}
    assert set(made) == {"config.json", "shards/scene-000001.h5"}


@pytest.mark.render
def test_an_original_that_cannot_be_met_again_has_no_twin(sets: Path, tmp_path: Path) -> None:
    shutil.copytree(sets / "originals", tmp_path / "set")
    with h5py.File(tmp_path / "set/shards/scene-000000.h5", "r+") as file:
        values = file["samples/small-000000-0000/left/refraction_px"]
        values[5, 5] = 1.0
    done = depthbench("twin", tmp_path / "set", "small-000000-0000", "--change", "remove", "--out", tmp_path / "twins")
    assert done.returncode == 2
    [line] = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert "refraction_px differs" in line


@pytest.mark.render
def test_bad_questions_are_one_line(sets: Path, tmp_path: Path) -> None:
    for words, line in (
        ([sets / "originals", "--change", "remove"], "or give --all"),
        ([sets / "originals", "--all", "--change", "frosty"], "did you mean frost"),
        ([sets / "originals", "small-000000-0009", "--change", "frost"], "unknown sample"),
        ([sets / "twins/remove", "--all", "--change", "frost"], "name the folder of their originals"),
    ):
        done = depthbench("twin", *words, "--out", tmp_path / "out")
        assert done.returncode == 2, words
        assert line in done.stderr


def test_changes_are_read() -> None:
    assert parse_change("baseline=0.12") == ("baseline", 0.12)
    for name in set(CHANGES) - {"baseline"}:
        assert parse_change(name) == (name, 0.0)
    for wrong in ("baseline", "baseline=", "baseline=-1", "baseline=nan", "frost=2", "", "melt"):
        with pytest.raises(DepthbenchError):
            parse_change(wrong)


def test_twins_of_the_test_set_are_not_the_test_set(tmp_path: Path) -> None:
    from depthbench.benchmarks.sets.layered_test import LayeredTest
    from depthbench.generators.layered import open_folder
    from depthbench.generators.layered_test_set import layered_test_config

    open_folder(twin_config(layered_test_config(), "frost", str(tmp_path)), tmp_path)
    with pytest.raises(DepthbenchError, match="is no layered-test"):
        LayeredTest(tmp_path)
