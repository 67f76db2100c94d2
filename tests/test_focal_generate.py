# SPDX-License-Identifier: Apache-2.0
"""``generate focal-stack`` as a user drives it: sources in their true layouts, faults named, interrupted runs, verify, show, eval."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from scipy import ndimage
from scipy.io import savemat

from depthbench.camera import Intrinsics
from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.focal_record import FocalRecord, eight_bits
from depthbench.formats.focal_shard import FocalShard, write_focal_shard
from depthbench.formats.image import encode_png_16, read_rgb
from depthbench.formats.pfm import read_pfm, write_pfm
from depthbench.formats.rgbd import RgbdFrame
from depthbench.generators.focal import slice_task
from depthbench.generators.focal.check import verify_stacks
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.faults import moved
from depthbench.generators.focal.fill import fill
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.make import make_stack
from depthbench.generators.focal.planes import FocusPlanes
from depthbench.generators.focal.sources import Scene, SourceOptions, open_source
from depthbench.generators.focal.srgb import decode, encode, linear
from depthbench.generators.focal.stack_set import StackSet, load_set, stored

HEIGHT, WIDTH = 24, 36
PLANES = FocusPlanes("fixed", list_m=(1.0, 2.0, 4.0))


def picture(seed: int) -> Any:
    rng = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(rng.uniform(-1, 2, (HEIGHT, WIDTH, 3)), (1, 1, 0))
    return np.uint8(255 * np.clip(smooth, 0, 1))


def depth_mm(seed: int) -> Any:
    depth = np.full((HEIGHT, WIDTH), 4000, dtype=np.uint16)
    depth[6:18, 8 + seed : 20 + seed] = 1500
    depth[:3, :5] = 0
    return depth


def rgbd_folder(root: Path, count: int = 3) -> Path:
    """Lay out pictures and depth as ``--from folder`` takes them."""
    for kind in ("rgb", "depth"):
        (root / kind).mkdir(parents=True)
    for k in range(count):
        Image.fromarray(picture(k)).save(root / "rgb" / f"{k:03d}.png")
        Image.fromarray(depth_mm(k)).save(root / "depth" / f"{k:03d}.png")
    return root


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(cli, ["generate", "focal-stack", *map(str, arguments)])


def asked(**options: Any) -> StackSet:
    return StackSet(FocalConfig(source="folder", planes=PLANES, **options))


def read_all(folder: Path) -> list[FocalRecord]:
    return [shard.read(index) for shard, index in stored(folder)]


def test_a_folder_becomes_stacks_that_a_model_reads(tmp_path: Path) -> None:
    root, out = rgbd_folder(tmp_path / "rgbd"), tmp_path / "out"
    done = run("--from", "folder", "--root", root, "--out", out, "--focus-m", "1,2,4")
    assert done.exit_code == 0, done.output
    assert "26 px of diameter per dioptre" in done.output
    records = read_all(out)
    assert [record.id for record in records] == ["000", "001", "002"]
    for k, record in enumerate(records):
        np.testing.assert_array_equal(record.all_in_focus, picture(k))
        np.testing.assert_allclose(np.nan_to_num(record.depth_m), depth_mm(k) / 1000, rtol=1e-6)
        assert record.focus_m.tolist() == [1, 2, 4]
        sharpness = [float(np.abs(np.diff(plane[:, 22 + k :].astype(int), axis=1)).mean()) for plane in record.stack]
        assert sharpness.index(max(sharpness)) == 2  # the far wall is sharp where the lens is focused far
        assert record.meta["focus"] == {"policy": "fixed", "planes_from_truth": False, "tells_depth_range": False}
    checked = CliRunner().invoke(cli, ["verify", str(out), "--all"])
    assert "3 stacks read, 3 made again: all is well" in checked.output, checked.output
    shown = CliRunner().invoke(cli, ["show", str(out), "--limit", "2"])
    assert shown.exit_code == 0, shown.output
    assert (out / "contact_sheet.png").is_file()
    told = CliRunner().invoke(cli, ["stats", str(out)])
    assert "3 stacks of 36x24, 3 planes (fixed)" in told.output
    assert "holes 1.7%" in told.output  # 15 of 864 pixels
    found = CliRunner().invoke(cli, ["eval", "--model", "constant", "--set", str(out), "--out", str(tmp_path / "runs")])
    assert found.exit_code == 0, found.output


def test_other_commands_say_what_the_folder_holds(tmp_path: Path) -> None:
    fill(asked(), rgbd_folder(tmp_path / "rgbd", 1), tmp_path / "out")
    done = CliRunner().invoke(cli, ["export", str(tmp_path / "out"), "--out", str(tmp_path / "plain")])
    assert "holds focal stacks" in str(done.exception)


def test_plain_folders_are_read_by_the_set_of_plain_folders(tmp_path: Path) -> None:
    root, out = rgbd_folder(tmp_path / "rgbd", 1), tmp_path / "out"
    done = run(
        "--from",
        "folder",
        "--root",
        root,
        "--out",
        out,
        "--focus-m",
        "1,2,4",
        "--layout",
        "folders-png",
        "--bits",
        "16",
    )
    assert done.exit_code == 0, done.output
    stack = out / "stacks" / "000"
    names = {path.name for path in stack.iterdir()}
    assert names == {"00.png", "01.png", "02.png", "all_in_focus.png", "camera.json", "depth.png", "focus_distance.txt"}
    np.testing.assert_array_equal(np.asarray(Image.open(stack / "depth.png")), depth_mm(0))
    assert json.loads((stack / "camera.json").read_text())["focus_m"] == [1, 2, 4]
    from depthbench.benchmarks.sets.focus_folder import FocusFolder

    sample = FocusFolder(out / "stacks").stack("000")
    assert sample.focus_m.tolist() == [1, 2, 4]
    fresh = make_stack(asked(bits=16).config, open_source("folder", root, SourceOptions()).read(0), 0)
    assert fresh.stack.dtype == np.uint16
    assert np.abs(sample.stack.astype(int) - eight_bits(fresh.stack)).max() <= 1  # Pillow drops the low byte
    assert verify_stacks(out, None)[2] == []
    (stack / "01.png").write_bytes((stack / "00.png").read_bytes())
    assert verify_stacks(out, None)[2] == [f"{stack / '01.png'}: differs from the picture made anew"]


def test_a_bad_frame_is_named_left_out_and_made_when_mended(tmp_path: Path) -> None:
    root, out = rgbd_folder(tmp_path / "rgbd"), tmp_path / "out"
    bad = root / "depth" / "001.png"
    good = bad.read_bytes()
    bad.write_bytes(good[:100])
    done = run("--from", "folder", "--root", root, "--out", out, "--focus-m", "1,2,4")
    assert done.exit_code == 1
    assert str(bad) in done.output.replace("\n", "")
    assert [record.id for record in read_all(out)] == ["000", "002"]
    before = read_all(out)[1].stack
    assert run("--from", "folder", "--root", root, "--out", out, "--focus-m", "1,2,4").exit_code == 1
    with pytest.raises(DepthbenchError, match=r"001\.png"):
        fill(asked(), root, tmp_path / "strict", strict=True)
    bad.write_bytes(good)
    assert run("--from", "folder", "--root", root, "--out", out, "--focus-m", "1,2,4").exit_code == 0
    records = read_all(out)
    assert [record.id for record in records] == ["000", "001", "002"]
    np.testing.assert_array_equal(records[2].stack, before)  # neighbours do not matter


def test_an_interrupted_run_goes_on_and_ends_up_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = rgbd_folder(tmp_path / "rgbd", 5)
    monkeypatch.setattr("depthbench.generators.focal.stack_set.STACKS_PER_SLICE", 2)
    options = {"misalign_px": 1.0, "noise": "mild", "seed": 7}
    fill(asked(**options), root, tmp_path / "whole")
    real, calls = slice_task.make_stack, []

    def interrupted(*arguments: Any) -> FocalRecord:
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(slice_task, "make_stack", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fill(asked(**options), root, tmp_path / "parts")
    monkeypatch.setattr(slice_task, "make_stack", real)
    assert [path.name for path in sorted((tmp_path / "parts" / "shards").iterdir())] == ["stacks-000000.h5"]
    fill(asked(**options), root, tmp_path / "parts", n=3)
    result = fill(asked(**options), root, tmp_path / "parts")
    assert (result.there, result.failed) == (5, {})
    for path in sorted((tmp_path / "whole" / "shards").iterdir()):
        assert path.read_bytes() == (tmp_path / "parts" / "shards" / path.name).read_bytes(), path.name
    assert fill(asked(**options), root, tmp_path / "parts").made == 0
    with pytest.raises(DepthbenchError, match=r"another configuration .*seed is 7, asked 8"):
        fill(asked(**options | {"seed": 8}), root, tmp_path / "parts")
    for kind in ("rgb", "depth"):
        (root / kind / "000.png").rename(root / kind / "0000.png")
    with pytest.raises(DepthbenchError, match="other frames"):
        fill(asked(**options), root, tmp_path / "parts")


def test_damage_is_found(tmp_path: Path) -> None:
    root, out = rgbd_folder(tmp_path / "rgbd", 2), tmp_path / "out"
    fill(asked(), root, out)
    path = out / "shards" / "stacks-000000.h5"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (problem,) = [line for line in verify_stacks(out, 0)[2] if "holds no stack" not in line]
    assert str(path) in problem
    assert "generate focal-stack" in problem
    path.write_bytes(whole)
    with h5py.File(path, "r+") as file:
        file["stacks/000001/depth_m"][5, 5] = 3.0
    assert verify_stacks(out, None)[2] == ["001: depth_m differs from the one made anew"]


def test_shard_round_trip(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    depth = rng.uniform(0.5, 9, (8, 10)).astype(np.float32)
    depth[0] = np.nan
    depth[1] = np.inf
    records = [
        FocalRecord(
            f"room/{bits}",
            rng.integers(0, 2**bits, (2, 8, 10, 3)).astype(np.uint8 if bits == 8 else np.uint16),
            np.array([0.5, np.inf]),
            rng.integers(0, 256, (8, 10, 3)).astype(np.uint8),
            depth,
            Intrinsics(10, 8, 9.0, 9.5, 4.0, 3.5) if bits == 8 else None,
            {"who": "ö", "list": [1.5]},
        )
        for bits in (8, 16)
    ]
    shard = FocalShard(write_focal_shard(tmp_path / "a.h5", records, {"what": 1}))
    assert shard.ids == ("room/8", "room/16")
    assert shard.attrs == {"what": 1}
    for index, record in enumerate(records):
        found = shard.read(index)
        for name in ("stack", "focus_m", "all_in_focus", "depth_m"):
            np.testing.assert_array_equal(getattr(found, name), getattr(record, name))
            assert getattr(found, name).dtype == getattr(record, name).dtype
        assert (found.intrinsics, found.meta) == (record.intrinsics, record.meta)
    write_focal_shard(tmp_path / "b.h5", records, {"what": 1})
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_sixteen_bit_png_is_read_by_others(tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 2**16, (5, 7, 3)).astype(np.uint16)
    (tmp_path / "a.png").write_bytes(encode_png_16(image))
    np.testing.assert_array_equal(read_rgb(tmp_path / "a.png"), (image >> 8).astype(np.uint8))
    cv2 = pytest.importorskip("cv2")
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)[..., ::-1], image)


# ---- sources


def test_nyu_labelled(tmp_path: Path) -> None:
    images = np.stack([picture(k) for k in range(3)])
    raw = np.stack([depth_mm(k) / np.float32(1000) for k in range(3)]).astype(np.float32)
    with h5py.File(tmp_path / "nyu_depth_v2_labeled.mat", "w") as file:
        file["images"] = images.transpose(0, 3, 2, 1)
        file["rawDepths"] = raw.transpose(0, 2, 1)
        file["depths"] = np.where(raw == 0, 3, raw).transpose(0, 2, 1)
    savemat(tmp_path / "splits.mat", {"trainNdxs": [[2]], "testNdxs": [[1], [3]]})
    source = open_source("nyu", tmp_path, SourceOptions(split="test"))
    assert source.names == ["0001", "0003"]
    frame = source.read(1).frame
    np.testing.assert_array_equal(frame.image, images[2])
    np.testing.assert_array_equal(np.nan_to_num(frame.depth_m), raw[2])
    assert frame.filled_m is not None
    assert (frame.filled_m[:3, :5] == 3).all()
    assert frame.intrinsics is not None
    assert frame.intrinsics.fx == pytest.approx(518.857901 * WIDTH / 640)
    (tmp_path / "nyu_depth_v2_labeled.mat").write_bytes(b"not HDF5")
    with pytest.raises(DepthbenchError, match=r"nyu_depth_v2_labeled\.mat: not a readable"):
        _ = open_source("nyu", tmp_path, SourceOptions()).names


def test_nyu_as_bts_has_it(tmp_path: Path) -> None:
    scene = tmp_path / "bathroom_0001"
    scene.mkdir()
    Image.fromarray(picture(0)).save(scene / "rgb_00045.jpg")
    Image.fromarray(depth_mm(0)).save(scene / "sync_depth_00045.png")
    source = open_source("nyu", tmp_path, SourceOptions())
    assert source.names == ["bathroom_0001/rgb_00045"]
    assert np.nanmin(source.read(0).frame.depth_m) == pytest.approx(1.5)


def test_tum_takes_the_depth_nearest_in_time(tmp_path: Path) -> None:
    root = tmp_path / "rgbd_dataset_freiburg1_desk"
    for kind in ("rgb", "depth"):
        (root / kind).mkdir(parents=True)
    for k, time in enumerate((10.0, 10.1, 10.2)):
        Image.fromarray(picture(k)).save(root / "rgb" / f"{time}.png")
        Image.fromarray(np.full((HEIGHT, WIDTH), 5000 * (k + 1), dtype=np.uint16)).save(root / "depth" / f"{k}.png")
    (root / "rgb.txt").write_text("# time file\n" + "".join(f"{time} rgb/{time}.png\n" for time in (10.0, 10.1, 10.2)))
    (root / "depth.txt").write_text("# time file\n10.11 depth/1.png\n9.99 depth/0.png\n10.3 depth/2.png\n")
    source = open_source("tum", root, SourceOptions())
    assert source.names == ["10.0", "10.1"]  # nothing was measured within 20 ms of 10.2
    frames = [source.read(k).frame for k in (0, 1)]
    assert [float(frame.depth_m[0, 0]) for frame in frames] == [1.0, 2.0]
    assert frames[0].intrinsics is not None
    assert frames[0].intrinsics.fx == pytest.approx(517.3 * WIDTH / 640)


def test_redwood_side_by_side(tmp_path: Path) -> None:
    Image.fromarray(picture(0)).save(tmp_path / "color_00004.jpg")
    Image.fromarray(depth_mm(0)).save(tmp_path / "depth_00004.png")
    source = open_source("redwood", tmp_path, SourceOptions())
    assert source.names == ["00004"]
    assert np.nanmax(source.read(0).frame.depth_m) == pytest.approx(4)


def test_folder_with_a_camera_or_a_field_of_view(tmp_path: Path) -> None:
    root = tmp_path / "rgbd"
    root.mkdir()
    Image.fromarray(picture(0)).save(root / "desk.png")
    write_pfm(root / "desk_depth.pfm", np.full((HEIGHT, WIDTH), 2.0, dtype=np.float32))
    wide = open_source("folder", root, SourceOptions(fov_deg=90)).read(0).frame.intrinsics
    assert wide is not None
    assert wide.fx == pytest.approx(WIDTH / 2)
    assert math.degrees(2 * math.atan(wide.width / 2 / wide.fx)) == pytest.approx(90)
    camera = {"width": 2 * WIDTH, "height": 2 * HEIGHT, "fx": 50, "fy": 51, "cx": WIDTH - 0.5, "cy": HEIGHT - 0.5}
    (root / "camera.json").write_text(json.dumps(camera))
    known = open_source("folder", root, SourceOptions(fov_deg=90)).read(0).frame.intrinsics
    assert known == Intrinsics(2 * WIDTH, 2 * HEIGHT, 50, 51, WIDTH - 0.5, HEIGHT - 0.5).resized(WIDTH, HEIGHT)


def test_folders_pair_by_name_by_order_or_not_at_all(tmp_path: Path) -> None:
    """Two folders, each without another frame, have as many files: by order every map would be its neighbour's."""
    for kind in ("rgb", "depth"):
        (tmp_path / kind).mkdir()
    for number in (1, 2, 10):
        Image.fromarray(picture(number)).save(tmp_path / "rgb" / f"{number}.png")
    for number in (1, 2, 10):
        np.save(tmp_path / "depth" / f"{number}.npy", np.full((HEIGHT, WIDTH), number, dtype=np.float32))
    source = open_source("folder", tmp_path, SourceOptions())
    told = {name: source.read(index).frame.depth_m[0, 0] for index, name in enumerate(source.names)}
    assert told == {"1": 1, "2": 2, "10": 10}
    (tmp_path / "depth" / "10.npy").rename(tmp_path / "depth" / "11.npy")
    with pytest.raises(DepthbenchError, match=r"10\.png: has no depth map of its name in depth/"):
        _ = open_source("folder", tmp_path, SourceOptions()).names
    for at, number in enumerate((1, 2, 11)):
        (tmp_path / "depth" / f"{number}.npy").rename(tmp_path / "depth" / f"t{at}.npy")
    source = open_source("folder", tmp_path, SourceOptions())
    assert [float(source.read(index).frame.depth_m[0, 0]) for index in range(3)] == [1, 2, 10]
    assert source.names == ["1", "10", "2"]


def test_a_picture_without_depth_is_named(tmp_path: Path) -> None:
    Image.fromarray(picture(0)).save(tmp_path / "desk.png")
    with pytest.raises(DepthbenchError, match=r"desk\.png: has no depth: there is no .*desk_depth"):
        open_source("folder", tmp_path, SourceOptions()).read(0)


@pytest.mark.shared
def test_real_frames(shared_data: Path, tmp_path: Path) -> None:
    source = open_source("nyu", shared_data / "focus" / "nyu_samples_metric3d", SourceOptions())
    assert source.names == ["rgb_00000", "rgb_00050", "rgb_00100"]
    frame = source.read(0).frame
    assert 0.24 < np.isnan(frame.depth_m).mean() < 0.34
    assert 1 < np.nanmedian(frame.depth_m) < 5


# ---- what is told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--from", "foldr"), "did you mean folder"),
        (("--camera", "iphone"), "did you mean phone"),
        (("--focus-m", "0.02,1,2"), "no lens of 50 mm focuses at 0.02 m"),
        (("--focus-m", "1"), "one picture tells nothing of depth"),
        (("--focus-m", "2,1"), "ascending"),
        (("--focus-m", "1;2"), "commas between"),
        (("--renderer", "refrence"), "did you mean reference"),
        (("--layout", "folder"), "folders-pfm"),
        (("--split", "test"), "only NYU v2's labelled file has splits"),
        (("--bits", "12"), "8 or 16"),
        (("--noise", "loud"), "known: mild, off, strong"),
    ],
)
def test_mistakes_are_answered(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    root = rgbd_folder(tmp_path / "rgbd", 1)
    options = {"--from": "folder", "--root": str(root), "--out": str(tmp_path / "out")}
    options |= dict(zip(arguments[::2], arguments[1::2], strict=True))
    done = run(*(word for pair in options.items() for word in pair))
    assert isinstance(done.exception, DepthbenchError), done.output
    assert told in str(done.exception)


def test_what_is_wrong_with_a_frame_names_its_file(tmp_path: Path) -> None:
    root = rgbd_folder(tmp_path / "rgbd", 4)
    Image.fromarray(depth_mm(0)[:-2]).save(root / "depth" / "000.png")
    Image.fromarray(np.full((HEIGHT, WIDTH), 3, dtype=np.uint16)).save(root / "depth" / "001.png")
    Image.fromarray(np.zeros((HEIGHT, WIDTH), dtype=np.uint16)).save(root / "depth" / "002.png")
    result = fill(asked(), root, tmp_path / "out")
    assert result.there == 1
    assert "000.png: depth of 36x22 for a picture of 36x24" in result.failed["000"]
    assert "001.png: the median depth would be 0.003 m" in result.failed["001"]
    assert "--depth-unit-m" in result.failed["001"]
    assert result.failed["002"] == "002: no pixel has depth"
    (root / "depth" / "003.png").unlink()
    with pytest.raises(DepthbenchError, match="4 pictures in rgb/, 3 depth maps in depth/"):
        fill(asked(), root, tmp_path / "other")


def test_planes_from_the_truth_are_flagged(tmp_path: Path) -> None:
    root = rgbd_folder(tmp_path / "rgbd", 1)
    done = run(
        "--from", "folder", "--root", root, "--out", tmp_path / "out", "--focus", "gt-range", "--renderer", "reference"
    )
    assert "chooses the planes by the true depth" in done.output
    (record,) = read_all(tmp_path / "out")
    np.testing.assert_allclose(record.focus_m, np.linspace(1.5, 4, 10))
    assert record.meta["focus"]["tells_depth_range"] is True
    from depthbench.benchmarks.sets.opening import open_set

    opened = open_set(str(tmp_path / "out"))
    assert any("told the range of the answer" in note for note in opened.notes)
    assert "measured" not in opened.stack("000").meta  # type: ignore[attr-defined]


def test_cameras_are_listed_with_their_blur() -> None:
    told = CliRunner().invoke(cli, ["generate", "focal-stack", "--cameras"]).output
    assert "hybriddepth-nyu" in told
    assert any("phone" in line and "1.59" in line for line in told.splitlines())
    assert any("dered " in line and "(impossible)" in line for line in told.splitlines())


# ---- faults


def test_breathing_magnifies_about_the_principal_point() -> None:
    y, x = np.mgrid[:41, :61]
    light = np.exp(-((x - 42.0) ** 2 + (y - 30.0) ** 2) / 8)[..., None].repeat(3, 2).astype(np.float32)
    lens = ThinLens(0.05, 8, 12e-6)
    frame = RgbdFrame("a", np.uint8(np.rint(255 * encode(light))), np.full((41, 61), 1e4, dtype=np.float32),
                      Intrinsics(61, 41, 500, 500, 25.0, 18.0))  # fmt: skip
    config = FocalConfig("folder", FocusPlanes("fixed", list_m=(0.5, 1e4)), breathing=1.0, f_number=1e6)
    near, far = make_stack(config, Scene(frame), 0).stack
    scale = 1 / (1 - lens.focal_m / 0.5)

    def middle(image: Any) -> Any:
        weight = linear(image[..., 0] / 255)
        return np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()

    np.testing.assert_allclose(middle(far), [42, 30], atol=0.1)
    np.testing.assert_allclose(middle(near), [25 + scale * 17, 18 + scale * 12], atol=0.1)


def test_misalignment_is_in_the_record() -> None:
    frame = RgbdFrame("a", picture(3), np.full((HEIGHT, WIDTH), 2.0, dtype=np.float32))
    config = FocalConfig(
        "folder", FocusPlanes("fixed", list_m=(2.0, 2.1)), misalign_px=2.0, seed=3, camera="phone", bits=16
    )
    record = make_stack(config, Scene(frame), 5)
    still = decode(frame.image)
    for stored_plane, told in zip(record.stack, record.meta["moves"], strict=True):
        shift = told["shift_row_px"], told["shift_column_px"]
        expected = moved(still, told["scale"], told["turn_rad"], shift, ((HEIGHT - 1) / 2, (WIDTH - 1) / 2))
        assert np.abs(linear(stored_plane / 65535) - np.clip(expected, 0, 1)).max() < 2e-2
        assert abs(shift[0]) > 0.01
    other = make_stack(config, Scene(frame), 6)
    assert not np.array_equal(record.stack, other.stack)
    np.testing.assert_array_equal(record.stack, make_stack(config, Scene(frame), 5).stack)


def test_noise_is_as_strong_as_the_sensor_says() -> None:
    frame = RgbdFrame("a", np.full((60, 60, 3), 188, np.uint8), np.full((60, 60), 2.0, dtype=np.float32))
    config = FocalConfig("folder", FocusPlanes("fixed", list_m=(1.9, 2.0)), noise="strong", bits=16)
    light = linear(make_stack(config, Scene(frame), 0).stack / 65535)
    level = decode(np.array([188], dtype=np.uint8))[0]
    assert light.std() == pytest.approx(math.sqrt(level / 1200 + (6 / 1200) ** 2), rel=0.03)
    assert light.mean() == pytest.approx(level, rel=0.01)


def test_configuration_round_trip() -> None:
    config = FocalConfig(
        "nyu", FocusPlanes("dioptre-uniform", 5, 0.5, math.inf), camera="dslr", f_number=2.0, noise="mild"
    )
    again = FocalConfig.from_json(json.loads(json.dumps(config.to_json())))
    assert again == config
    listed = FocalConfig("tum", PLANES)
    assert FocalConfig.from_json(json.loads(json.dumps(listed.to_json()))) == listed
    with pytest.raises(DepthbenchError, match="version 0"):
        FocalConfig.from_json(config.to_json() | {"generator_version": 0})


def test_depth_files_of_a_folder_of_one_s_own_layout(tmp_path: Path) -> None:
    root, out = rgbd_folder(tmp_path / "rgbd", 1), tmp_path / "out"
    fill(StackSet(asked().config, "folders-pfm"), root, out)
    depth = read_pfm(out / "stacks" / "000" / "depth.pfm")
    np.testing.assert_allclose(np.nan_to_num(depth), depth_mm(0) / 1000, rtol=1e-6)
    with pytest.raises(DepthbenchError, match="focus-folder"):
        list(stored(out))
    assert load_set(out).layout == "folders-pfm"
