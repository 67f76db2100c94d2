# SPDX-License-Identifier: Apache-2.0
"""Fixed sets of masks: shards and folders hold the stream, continue, refuse, and are read by ``eval``'s sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from odms_twin import one_contour, touched_mask

from depthbench.benchmarks.sets.opening import open_set
from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.image import write_png
from depthbench.formats.json_file import read_json
from depthbench.formats.mask_shard import joined, pack_examples, read_mask_shard, write_mask_shard
from depthbench.generators.odms import fill as filling
from depthbench.generators.odms import mask_set
from depthbench.generators.odms.check import verify_masks
from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.fill import distinct_m, fill
from depthbench.generators.odms.mask_set import MaskSet, load_set, stored_clips
from depthbench.generators.odms.scene import draw_scene

SMALL = MaskSet(OdmsConfig(seed=2, split="val", observations=4))


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several slices from few examples."""
    monkeypatch.setattr(mask_set, "EXAMPLES_PER_SLICE", 4)
    monkeypatch.setattr(filling, "_AT_ONCE", 3)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of examples by name."""
    found = [*folder.glob("shards/*"), *folder.glob("data/*/*/*/*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


@pytest.mark.parametrize("layout", ["shards", "folders"])
def test_a_set_holds_the_published_masks_of_its_distances(layout: str, tmp_path: Path) -> None:
    """Against the slow algorithm, and read as the set that ``eval`` measures on: final pose first, truth its distance."""
    asked = MaskSet(SMALL.stream, ("normal",), layout)
    assert fill(asked, 6, tmp_path) == 6
    distance_m, drawing = draw_scene(SMALL.stream, range(6))
    opened = open_set("odms-normal", tmp_path, {"split": "val", "n": 4})
    assert opened.ids() == [f"{number:06d}" for number in range(6)]
    for number in (0, 5):
        points, size = one_contour(drawing.contours, number)
        sample = opened.observations(f"{number:06d}")
        for view in range(4):
            expected = touched_mask(points, float(drawing.scale[4 * number + view]), size)
            np.testing.assert_array_equal(sample.masks[view], expected)
        np.testing.assert_allclose(-sample.camera_z_m, distance_m[number] - distance_m[number, 0], atol=1.1e-6)
        assert opened.truth(f"{number:06d}").depth_m == pytest.approx(distance_m[number, 0], abs=1.1e-6)


@pytest.mark.parametrize("layout", ["shards", "folders"])
def test_more_examples_and_a_broken_run_end_in_the_same_bytes(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """6 then 10 examples, and a run that dies in its middle and leaves half a file, equal 10 made at once."""
    asked = MaskSet(SMALL.stream, SMALL.parts, layout)
    whole, grown, broken = (tmp_path / name for name in ("whole", "grown", "broken"))
    assert fill(asked, 10, whole) == 20
    fill(asked, 6, grown)
    fill(asked, 10, grown)
    calls = 0
    make = filling.make_examples

    def dies(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        return make(*arguments, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(filling, "make_examples", dies)
        with pytest.raises(KeyboardInterrupt):
            fill(asked, 10, broken)
    assert 0 < len(contents(broken)) < len(contents(whole))
    assert read_json(broken / "run.json")["runs"][-1]["status"] == "interrupted"
    if layout == "folders":
        write_png(broken / "data/val/normal/.tmp-0a-000009/100000.png", np.zeros((2, 2), dtype=np.uint8))
    fill(asked, 10, broken)
    assert contents(whole) == contents(grown) == contents(broken)
    assert fill(asked, 10, whole) == 0
    assert load_set(whole) == asked
    plan = [line for line in (whole / "plan.jsonl").read_text().splitlines() if '"normal"' in line]
    assert len(plan) == 3


def test_another_set_in_the_folder_is_refused(tmp_path: Path) -> None:
    fill(SMALL, 2, tmp_path / "a")
    with pytest.raises(DepthbenchError, match="seed is 2, asked 3"):
        fill(MaskSet(OdmsConfig(seed=3, split="val", observations=4)), 2, tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.txt").write_text("")
    with pytest.raises(DepthbenchError, match="holds other files"):
        fill(SMALL, 2, tmp_path / "b")
    for values, words in (
        ({"parts": ("normla",)}, "did you mean normal"),
        ({"layout": "folder"}, "did you mean folders"),
    ):
        with pytest.raises(DepthbenchError, match=words):
            MaskSet(SMALL.stream, **values)  # type: ignore[arg-type]


def test_empty_masks_and_any_corner_survive_the_shard(tmp_path: Path) -> None:
    """Masks at the border, of one pixel, empty, full; in pieces."""
    rng = np.random.default_rng(0)
    masks = np.zeros((3, 2, 480, 640), dtype=bool)
    masks[0, 1, 479, 639] = masks[1, 0, 0, 0] = True
    masks[1, 1] = True
    masks[2, 0, 100:110, 61:70] = rng.random((10, 9)) < 0.5
    bits = np.packbits(masks, axis=-1, bitorder="little")
    metres = rng.uniform(0.1, 0.7, (3, 2)).astype(np.float32)
    pieces = [pack_examples([str(k)], metres[k : k + 1], bits[k : k + 1]) for k in range(3)]
    write_mask_shard(tmp_path / "s.h5", joined(pieces, {"what": "test"}))
    shard = read_mask_shard(tmp_path / "s.h5")
    assert (shard.ids, shard.attrs) == (("0", "1", "2"), {"what": "test"})
    np.testing.assert_array_equal(shard.distance_m, metres)
    for example, view in np.ndindex(3, 2):
        np.testing.assert_array_equal(shard.mask(example, view), masks[example, view])


def test_damage_is_named(tmp_path: Path) -> None:
    fill(SMALL, 4, tmp_path)
    path = tmp_path / "shards" / "val-normal-000000.h5"
    good = path.read_bytes()
    for data in (good[: len(good) // 2], b"nothing"):
        path.write_bytes(data)
        with pytest.raises(DepthbenchError, match=r"val-normal-000000\.h5: not a readable shard of masks"):
            read_mask_shard(path)
    count, problems = verify_masks(tmp_path)
    assert count == 4  # of the other part
    assert "val-normal-000000.h5" in problems[0]


def test_verify_finds_a_changed_pixel_and_a_changed_distance(tmp_path: Path) -> None:
    asked = MaskSet(SMALL.stream, SMALL.parts, "folders")
    fill(asked, 3, tmp_path)
    assert verify_masks(tmp_path) == (6, [])
    clip = next(stored_clips(tmp_path, asked, "perturb"))
    mask = clip.read(2)
    mask[3, 4] ^= True
    write_png(clip.files[2], np.where(mask, np.uint8(255), np.uint8(0)))
    other = tmp_path / "data/val/normal/000001"
    farthest = max(other.glob("*.png"), key=lambda path: int(path.stem))
    farthest.rename(farthest.with_stem(str(int(farthest.stem) + 7)))
    problems = sorted(verify_masks(tmp_path)[1])
    assert [problem.split(":")[0] for problem in problems] == ["normal-000001", "perturb-000000"]
    assert "1 of 4 masks differ" in problems[1]


def test_distances_that_share_a_micrometre_get_names_of_their_own() -> None:
    metres = np.array([0.1, 0.1, 0.1000001, 0.2, 0.2], dtype=np.float32)
    assert distinct_m(metres) == [0.1, 0.100001, 0.100002, 0.2, 0.200001]


def test_the_commands_from_end_to_end(tmp_path: Path) -> None:
    """generate, verify, show as a user types them; slips are answered in a line."""
    out = tmp_path / "masks"
    words = ["generate", "odms", "--n", "5", "--observations", "3", "--augment", "missing", "--out", str(out)]
    made = run(*words)
    assert made.exit_code == 0, made.output
    assert "10 examples made" in made.output
    assert load_set(out).stream == OdmsConfig(split="val", observations=3, augment=("missing",))
    assert "0 examples made" in run(*words).output
    checked = run("verify", str(out))
    assert (checked.exit_code, "10 examples made again" in checked.output) == (0, True)
    shown = run("show", str(out), "--id", "val/perturb/000004", "--out", str(tmp_path / "one.png"))
    assert shown.exit_code == 0, shown.output
    assert (tmp_path / "one.png").is_file()
    for slip, told in (
        (["show", str(out), "--id", "val/perturb/4"], "did you mean val/perturb/000004"),
        (["generate", "odms", "--out", str(out), "--augment", "mising"], "did you mean missing"),
        (["export", str(out), "--out", str(tmp_path / "plain")], "holds masks"),
    ):
        failed = run(*slip)
        assert isinstance(failed.exception, DepthbenchError)
        assert told in str(failed.exception)
