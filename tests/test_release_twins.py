# SPDX-License-Identifier: Apache-2.0
"""Releases of drives and of synthetic scans: what goes in comes out, every damage is named, tensors are those of the folder's own readers."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from release_folders import driving_folder, released, scans_folder
from test_release_check import problems, rewritten, tars

from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_folder import DtuFolder
from depthbench.formats.dtu_observed import read_observed
from depthbench.formats.grey_png import decode_grey
from depthbench.formats.image import encode_png
from depthbench.formats.json_file import read_json
from depthbench.formats.mvsnet_cam import read_mvsnet_camera
from depthbench.formats.pfm import read_pfm, write_pfm
from depthbench.formats.ply import columns_of, read_ply
from depthbench.formats.sample_shard import open_sample_shard
from depthbench.formats.tar_shard import TarShard
from depthbench.generators.dtu_twin.files import reference_files
from depthbench.release.check import check_release
from depthbench.release.kind import FAULTS, kind_named
from depthbench.release.manifest import read_manifest
from depthbench.release.scan_reference import references, write_reference
from depthbench.release.seal import sealed

KINDS = ("drives", "scans")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("made")
    return {"drives": driving_folder(root / "drives", exact=True), "scans": scans_folder(root / "scans")}


@pytest.fixture(scope="module")
def whole(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("release")
    for name, folder in folders.items():
        released(folder, root / name, "tar", "train=1,test=1", "20kB" if name == "drives" else "120kB")
    return {name: root / name for name in folders}


@pytest.fixture(params=KINDS)
def release(request: pytest.FixtureRequest, whole: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole[request.param], tmp_path / request.param))


@pytest.fixture
def drives(whole: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole["drives"], tmp_path / "drives"))


@pytest.fixture
def scans(whole: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole["scans"], tmp_path / "scans"))


def samples_of(release: Path) -> dict[str, dict[str, Any]]:
    shards = [shard for split in read_manifest(release).splits.values() for shard in split.shards]
    readers = [open_sample_shard(release / shard.file) for shard in shards]
    return {name: reader.read(place) for reader in readers for place, name in enumerate(reader.ids)}


def with_shard(release: Path, sample: str) -> Path:
    return next(path for path in tars(release) if sample in TarShard(path).ids)


def changed(release: Path, sample: str, change: Callable[[dict[str, Any]], None], seal: bool = True) -> list[str]:
    """Change one sample, and every record of it; return what is found."""

    def apply(samples: list[tuple[str, dict[str, Any]]]) -> None:
        for place, (name, parts) in enumerate(samples):
            if name == sample:
                change(parts)
                samples[place] = name, sealed(parts) if seal else parts

    rewritten(release, with_shard(release, sample), apply)
    return problems(release)


@pytest.mark.parametrize("container", ["tar", "hdf5"])
def test_frames_come_out_as_they_went_in(folders: dict[str, Path], tmp_path: Path, container: str) -> None:
    folder = folders["drives"]
    released(folder, tmp_path / "out", container, "train=1,test=1")
    held = samples_of(tmp_path / "out")
    records = sorted((folder / "frames").glob("*/*.json"))
    assert sorted(held) == [path.stem for path in records]
    for path in records:
        parts, video = held[path.stem], folder / "video_sequence" / path.parent.name / path.stem
        for part, kind in (
            ("image.png", "leftImg8bit"),
            ("panoptic.png", "gtFine_instanceTrainIds"),
            ("depth.png", "depth"),
        ):
            assert parts[part] == Path(f"{video}_{kind}.png").read_bytes()
        np.testing.assert_array_equal(parts["npz"]["depth_m"], read_pfm(path.with_name(f"{path.stem}_depth.pfm")))
        told = dict(parts["json"])
        del told["sha256"]
        assert told == read_json(path)
    assert problems(tmp_path / "out") == []


@pytest.mark.parametrize("container", ["tar", "hdf5"])
def test_views_and_references_come_out_as_they_went_in(
    folders: dict[str, Path], tmp_path: Path, container: str
) -> None:
    folder = folders["scans"]
    released(folder, tmp_path / "out", container, "train=1,test=1", "1MB")
    held = samples_of(tmp_path / "out")
    assert sorted(held) == [f"scan{scan:04d}-v{view:02d}" for scan in (1, 2, 3) for view in range(3)]
    for parts in held.values():
        scan, view = parts["json"]["scan"], parts["json"]["view"]
        for light in range(2):
            path = folder / f"Rectified/scan{scan}_train/rect_{view + 1:03d}_{light}_r5000.png"
            assert parts[f"light_{light}.png"] == path.read_bytes()
        assert parts["full.jpg"] == (folder / f"scan{scan}/images/{view:08d}.jpg").read_bytes()
        raw = folder / f"Depths_raw/scan{scan}"
        assert parts["mask.png"] == (raw / f"depth_visual_{view:04d}.png").read_bytes()
        np.testing.assert_array_equal(parts["npz"]["depth_mm"], read_pfm(raw / f"depth_map_{view:04d}.pfm"))
        camera = read_mvsnet_camera(folder / f"scan{scan}/cams/{view:08d}_cam.txt")
        np.testing.assert_array_equal(parts["json"]["world_to_cam"], camera.world_to_cam)
        np.testing.assert_array_equal(parts["json"]["full"]["k"], camera.intrinsics)
        assert ("reference.npz" in parts) == ("observed.npz" in parts) == (view == 0)
    found = {scan: one for split in ("train", "test") for scan, one in references(tmp_path / "out", split)}
    assert sorted(found) == [1, 2, 3]
    for scan, one in found.items():
        cloud, mask, plane = reference_files(folder, scan)
        columns = columns_of(read_ply(cloud, ["vertex"])["vertex"], "x", "y", "z")
        write_reference(one, tmp_path / "again", scan)
        again = reference_files(tmp_path / "again", scan)
        np.testing.assert_array_equal(columns_of(read_ply(again[0], ["vertex"])["vertex"], "x", "y", "z"), columns)
        for held_one in (one.observed, read_observed(*again[1:])):
            for what, value in vars(read_observed(mask, plane)).items():
                np.testing.assert_array_equal(getattr(held_one, what), value)
    assert problems(tmp_path / "out") == []


def test_clouds_are_scored_by_a_released_reference(whole: dict[str, Path], tmp_path: Path) -> None:
    """A perfect prediction errs nowhere."""
    scan, reference = next(references(whole["scans"], "test"))
    write_reference(reference, tmp_path / "root", scan)
    shutil.copy(reference_files(tmp_path / "root", scan)[0], tmp_path / "mine.ply")
    given = f"score-cloud --pred {tmp_path / 'mine.ply'} --set dtu --root {tmp_path / 'root'} --scan {scan} --out {tmp_path / 'record.json'}"
    done = CliRunner().invoke(cli, given.split(), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    values = read_json(tmp_path / "record.json")["scans"][0]["values"]
    assert (values["acc"], values["comp"]) == (0, 0)


def test_no_sequence_and_no_scan_is_cut(whole: dict[str, Path]) -> None:
    for release in whole.values():
        split_of: dict[str, set[str]] = {}
        for row in csv.DictReader((release / "samples.csv").read_text().splitlines()):
            split_of.setdefault(row["group"], set()).add(row["split"])
        assert len(split_of) > 2
        assert all(len(splits) == 1 for splits in split_of.values())


def test_sets_of_training_or_of_testing_alone(tmp_path: Path) -> None:
    for parts in ("train", "test"):
        released(scans_folder(tmp_path / parts, 1, parts), tmp_path / f"{parts}-out", "tar", "all=1", "1MB")
        assert problems(tmp_path / f"{parts}-out") == []
        names = {part for held in samples_of(tmp_path / f"{parts}-out").values() for part in held}
        pictures = {"light_0.png", "light_1.png"} if parts == "train" else {"full.jpg", "reference.npz", "observed.npz"}
        assert names == {*pictures, "mask.png", "npz", "json"}


def test_what_is_not_whole_is_not_released(tmp_path: Path) -> None:
    folder = scans_folder(tmp_path / "made", 2)
    reference_files(folder, 2)[1].unlink()
    released(folder, tmp_path / "out", "tar", "train=1", "1MB")
    assert sorted(samples_of(tmp_path / "out")) == [f"scan0001-v{view:02d}" for view in range(3)]
    path = folder / "Depths/scan1_train/depth_map_0001.pfm"
    write_pfm(path, read_pfm(path) + 1)
    with pytest.raises(DepthbenchError, match=r"depth_map_0001.pfm: not the depth of .*Depths_raw"):
        released(folder, tmp_path / "other", "tar", "train=1", "1MB")
    reference_files(folder, 1)[0].unlink()
    with pytest.raises(DepthbenchError, match="holds no finished sample"):
        released(folder, tmp_path / "none", "tar", "train=1", "1MB")


def test_a_flipped_bit_a_cut_file_and_a_lost_one_are_found(release: Path) -> None:
    first, second, third = tars(release)[:3]
    data = bytearray(first.read_bytes())
    data[len(data) // 3] ^= 8
    first.write_bytes(data)
    size = second.stat().st_size
    second.write_bytes(second.read_bytes()[: size // 2])
    third.unlink()
    found = problems(release)
    names = [str(path.relative_to(release)) for path in (first, second, third)]
    assert any(text.startswith(f"{names[0]}: is damaged") for text in found)
    assert f"{names[1]}: is cut short: {size // 2} of {size} bytes; fetch it again" in found
    assert f"{names[2]}: is missing; fetch it again" in found


def test_a_duplicated_sample_is_found(release: Path) -> None:
    first, second = tars(release)[:2]
    shard = TarShard(first)
    name, parts = shard.ids[0], dict(shard.read(0))
    other = "scan0009-v01" if name.startswith("scan") else name[:-1] + "7"
    rewritten(release, second, lambda samples: samples.append((name, parts)))
    assert any(f"{name} is duplicated" in text for text in problems(release))
    renamed = {**parts, "json": {**parts["json"], "id": other}}
    rewritten(release, second, lambda samples: samples.__setitem__(-1, (other, renamed)))
    assert any(f"{other}: is duplicated: the same data as {name}" in text for text in problems(release))


PARTS = {
    "drives": ("image.png", "panoptic.png", "depth.png", "npz"),
    "scans": ("light_1.png", "full.jpg", "mask.png", "npz"),
}


@pytest.mark.parametrize("number", range(4))
def test_parts_exchanged_between_samples_are_found(release: Path, number: int) -> None:
    """A neighbour's, which nothing in the picture tells from the right one."""
    part, held = PARTS[release.name][number], samples_of(release)
    one, other = sorted(held)[1:3]
    for name, source in ((one, other), (other, one)):

        def take(parts: dict[str, Any], source: str = source) -> None:
            parts[part] = held[source][part]

        found = changed(release, name, take, seal=False)
    for name in (one, other):
        assert any(f"{name}: {part} is not that of this sample" in text for text in found)


def frame_named(release: Path, frame: int) -> str:
    return next(name for name in sorted(samples_of(release)) if name.endswith(f"{4 + 5 * frame:06d}"))


def new_ids(parts: dict[str, Any]) -> None:
    ids = decode_grey(parts["panoptic.png"], 16).copy()
    ids[-1, 0] = 19_001
    parts["panoptic.png"] = encode_png(ids)


def smaller(parts: dict[str, Any]) -> None:
    parts["depth.png"] = encode_png(decode_grey(parts["depth.png"], 16)[:-1])


def mirrored(parts: dict[str, Any]) -> None:
    parts["json"]["cam_to_world"][0] = [-value for value in parts["json"]["cam_to_world"][0]]


def unfit(parts: dict[str, Any]) -> None:
    exact = parts["npz"]["depth_m"].copy()
    exact[-1, 3] += 0.01
    parts["npz"] = {"depth_m": exact}


def eight_bits(parts: dict[str, Any]) -> None:
    parts["panoptic.png"] = encode_png((decode_grey(parts["panoptic.png"], 16) // 1000).astype(np.uint8))


def shrunk(parts: dict[str, Any]) -> None:
    parts["json"]["objects"][0]["size_m"] = [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (new_ids, "1 pixels have ids that there are not, such as 19001"),
        (smaller, "should be 000000_000001_twin_000000_000009 of 64x32"),
        (mirrored, "its cam_to_world is no rotation and shift"),
        (unfit, "exact and rounded depth differ at 1 pixels"),
        (eight_bits, "an image of mode L where one channel of 16 bits is needed"),
        (shrunk, "13001 reaches out of its box"),
        (lambda parts: parts.pop("npz"), "exact depth is there or not"),
        (lambda parts: parts.pop("image.png"), "not a frame of a drive (KeyError: 'image.png')"),
        (lambda parts: parts["json"].update(frame=0), "should be 000000_000000_twin_000000_000004"),
        (lambda parts: parts["json"]["intrinsics"].update(width=65), "its camera is of 65x32 pixels"),
    ],
)
def test_what_is_wrong_with_a_frame_is_told(drives: Path, change: Callable[..., None], told: str) -> None:
    found = changed(drives, frame_named(drives, 1), change)
    assert any(told in text for text in found), found


def other_reference(release: Path) -> Callable[[dict[str, Any]], None]:
    held = samples_of(release)["scan0003-v00"]
    return lambda parts: parts.update({"reference.npz": held["reference.npz"]})


def near(parts: dict[str, Any]) -> None:
    depth = parts["npz"]["depth_mm"].copy()
    depth[100, 100] = 400
    parts["npz"] = {"depth_mm": depth}


def with_hole(parts: dict[str, Any]) -> None:
    depth = parts["npz"]["depth_mm"].copy()
    depth[150, 200] = 0
    parts["npz"] = {"depth_mm": depth}


def own_source(parts: dict[str, Any]) -> None:
    parts["json"]["sources"][0][0] = parts["json"]["view"]


def other_view(parts: dict[str, Any]) -> None:
    parts["json"]["world_to_cam"][0][3] += 0.01


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (near, "its depth leaves 425 to 935 mm"),
        (with_hole, "its mask is not where its depth is known"),
        (own_source, "its sources are not other views, each once"),
        (other_view, "its world_to_cam is not that of view 0"),
        (lambda parts: parts.pop("light_1.png"), "light_1.png is missing"),
        (
            lambda parts: parts.update({"light_4.png": parts["light_1.png"]}),
            "light_4.png is there, and does not belong",
        ),
        (lambda parts: parts.update({"full.jpg": parts["light_0.png"]}), "full.jpg is of 160x128 pixels, not 400x300"),
        (lambda parts: parts["json"]["training"]["k"][0].__setitem__(2, 80.0), "the K of its training pictures"),
        (lambda parts: parts.pop("reference.npz"), "reference.npz is missing"),
        (lambda parts: parts["npz"].update(depth_mm=np.zeros((300, 400))), "its depth is float64"),
        (
            lambda parts: parts["reference.npz"].update(
                points_mm=parts["reference.npz"]["points_mm"] + np.float32(500)
            ),
            "points of its reference lie outside the table",
        ),
        (None, "of its reference stands before what this view sees"),
    ],
)
def test_what_is_wrong_with_a_view_is_told(scans: Path, change: Callable[..., None] | None, told: str) -> None:
    found = changed(scans, "scan0001-v00", change or other_reference(scans))
    assert any(told in text for text in found), found


@pytest.mark.parametrize("what", ["rebuilt frames", "rebuilt scans"])
def test_without_blender_that_is_a_note(whole: dict[str, Path], monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    def absent() -> None:
        raise DepthbenchError("Blender is not here")

    monkeypatch.setattr("depthbench.generators.blender_check.require_blender", absent)
    found = check_release(whole[KINDS[what.endswith("scans")]], 1)
    assert (found.problems, found.notes) == ([], ["truth was not computed anew: Blender is not here"])


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value[:2]):
            yield from leaves(inner, (*path, key))


ODD = (None, -1, 10**400, float("inf"), float("nan"), "x", [], {}, [[1]])


@pytest.mark.parametrize("name", KINDS)
def test_whatever_stands_in_the_json_of_strangers_is_told(whole: dict[str, Path], name: str) -> None:
    """Every value of it replaced by others: it is well, or faults are told, or a known error is raised; tensors come or that error does."""
    torch = pytest.importorskip("torch")
    release = whole[name]
    sample, parts = min(samples_of(release).items())
    kind, rng = kind_named(read_manifest(release).generator), np.random.default_rng(0)
    whole_json = json.dumps(parts["json"])
    assert kind.check(release / "provenance", sample, parts) == []
    for path in list(leaves(parts["json"]))[1:]:
        for place in rng.choice(len(ODD), 2, replace=False):
            told = json.loads(whole_json)
            at = told
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = ODD[place]
            with contextlib.suppress(DepthbenchError, *FAULTS):
                kind.check(release / "provenance", sample, {**parts, "json": told})
            with contextlib.suppress(DepthbenchError):
                assert isinstance(
                    kind.tensors({**parts, "json": told})["depth_" + ("m" if name == "drives" else "mm")], torch.Tensor
                )


def test_a_configuration_of_strangers_is_held_to_what_is_possible(scans: Path) -> None:
    path = scans / "provenance" / "config.json"
    for change in ({"lights": 10**9}, {"scale": float("inf")}, {"views": "3"}, {"parts": "none"}, {"spacing_mm": 0}):
        path.write_text(json.dumps({**read_json(path), **change}))
        assert any("cannot be read" in text for text in problems(scans))


class TestTensors:
    def test_frames_are_those_that_prepare_makes(self, folders: dict[str, Path], tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        from depthbench.generators.driving_shards.dataset import DrivingDataset
        from depthbench.release.dataset import ReleaseDataset

        folder = driving_folder(tmp_path / "made", 2)
        given = ["prepare", "dvps", "--root", str(folder), "--out", str(tmp_path / "prepared"), "--split", "train"]
        done = CliRunner().invoke(cli, given, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        released(folder, tmp_path / "out", "tar", "train=1")
        expected = {sample["id"]: sample for sample in DrivingDataset(tmp_path / "prepared")}  # type: ignore[attr-defined]
        dataset = ReleaseDataset(tmp_path / "out", "train", strides=(4, 8, 16))
        assert len(dataset) == len(expected) == 4
        for index in range(4):
            sample = dataset[index]
            other = expected[sample["id"]]
            for name in set(other) - {"id", "count"}:
                assert torch.equal(torch.nan_to_num(sample[name], nan=-7), torch.nan_to_num(other[name], nan=-7)), name
            assert sample["count"] == other["count"] == 1
        [batch] = torch.utils.data.DataLoader(dataset, batch_size=4)
        assert batch["panoptic"].shape == (4, 32, 64)
        assert batch["cam_to_world"].shape == (4, 4, 4)

    def test_exact_depth_is_given_where_it_is(self, folders: dict[str, Path], whole: dict[str, Path]) -> None:
        pytest.importorskip("torch")
        from depthbench.release.dataset import ReleaseDataset

        sample = ReleaseDataset(whole["drives"], "train")[0]
        exact = read_pfm(next((folders["drives"] / "frames").glob(f"*/{sample['id']}_depth.pfm")))
        np.testing.assert_array_equal(sample["depth_m"].numpy(), np.where(np.isinf(exact), np.nan, exact))

    def test_views_are_those_of_dtus_layouts(self, folders: dict[str, Path], whole: dict[str, Path]) -> None:
        torch = pytest.importorskip("torch")
        from depthbench.release.dataset import ReleaseDataset

        cascade, test = DtuFolder(folders["scans"], "cascade"), DtuFolder(folders["scans"], "test")
        for index, sample in enumerate(ReleaseDataset(whole["scans"], "train")):  # type: ignore[arg-type, var-annotated]
            scan, view = sample["scan"], sample["view"]
            for light in range(2):
                shown = (sample["images"][light] * 255).round().byte().permute(1, 2, 0).numpy()
                np.testing.assert_array_equal(shown, cascade.image(scan, view, light))
            np.testing.assert_array_equal(sample["depth_mm"].numpy(), cascade.depth(scan, view))
            camera = cascade.camera(scan, view)
            np.testing.assert_allclose(sample["intrinsics"].numpy(), camera.intrinsics, rtol=1e-12)
            np.testing.assert_array_equal(sample["world_to_cam"].numpy(), camera.world_to_cam)
            assert sample["sources"].tolist() == [one for one, _ in cascade.pairs(scan)[view]] + [-1] * 8
            full = ReleaseDataset(whole["scans"], "train", picture="full")[index]
            shown = (full["images"][0] * 255).round().byte().permute(1, 2, 0).numpy()
            np.testing.assert_array_equal(shown, test.image(scan, view))
            np.testing.assert_allclose(full["intrinsics"].numpy(), test.camera(scan, view).intrinsics, rtol=1e-12)
            raw = read_pfm(DtuFolder(folders["scans"], "raw").depth_path(scan, view))
            np.testing.assert_array_equal(np.nan_to_num(full["depth_mm"].numpy()), raw)
        dataset = ReleaseDataset(whole["scans"], "train", lights=[1])
        assert dataset.ids == [dataset[index]["id"] for index in range(len(dataset))]
        for sample in dataset:  # type: ignore[attr-defined]
            assert {f"{sample['id'][:-2]}{view:02d}" for view in sample["sources"].tolist() if view >= 0} < set(
                dataset.ids
            )
        [batch] = torch.utils.data.DataLoader(dataset, batch_size=len(dataset))
        assert batch["images"].shape == (len(dataset), 1, 3, 128, 160)

    def test_unknown_options_are_answered(self, whole: dict[str, Path]) -> None:
        pytest.importorskip("torch")
        from depthbench.release.dataset import ReleaseDataset

        for options, told in (
            ({"lights": [5]}, r"has no light_5\.png; its lights are \[0, 1\]"),
            ({"picture": "ful"}, "mean full"),
        ):
            with pytest.raises(DepthbenchError, match=told):
                ReleaseDataset(whole["scans"], "train", **options)[0]

    def test_webdataset_streams_the_same(self, whole: dict[str, Path]) -> None:
        torch = pytest.importorskip("torch")
        pytest.importorskip("webdataset")
        from depthbench.release.dataset import ReleaseDataset
        from depthbench.release.streaming import stream

        for release in whole.values():
            dataset = ReleaseDataset(release, "train")
            streamed = list(stream(release, "train"))
            assert [sample["id"] for sample in streamed] == [dataset[k]["id"] for k in range(len(dataset))]
            for index, sample in enumerate(streamed):
                for name, value in dataset[index].items():
                    if isinstance(value, torch.Tensor):
                        assert torch.equal(torch.nan_to_num(sample[name], nan=-7), torch.nan_to_num(value, nan=-7))


def test_croissant_tells_of_the_pictures(
    whole: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PNG and JPEG alike come out of the tars by the consortium's own library."""
    mlcroissant = pytest.importorskip("mlcroissant")
    from etils import epath
    from mlcroissant._src.operation_graph.operations import extract

    monkeypatch.setattr(extract, "EXTRACT_PATH", epath.Path(tmp_path))
    dataset = mlcroissant.Dataset(jsonld=str(whole["scans"] / "croissant.json"))
    assert (dataset.metadata.ctx.issues.errors, dataset.metadata.ctx.issues.warnings) == (set(), set())
    for name, size in (("full", (400, 300)), ("light_1", (160, 128))):
        found = list(dataset.records(f"pictures-{name}"))
        assert len(found) == 9
        assert {record[f"pictures-{name}/picture"].size for record in found} == {size}
