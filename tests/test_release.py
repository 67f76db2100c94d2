# SPDX-License-Identifier: Apache-2.0
"""Releases: scenes are never cut, what goes in comes out of both containers, interruptions leave no trace, catalogues read them."""

from __future__ import annotations

import csv
import itertools
import json
import shlex
import tarfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from release_folders import WORDS, changed, focal_folder, layered_folder, odms_folder, released

from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.sample_parts import decode_part, encode_part
from depthbench.formats.sample_shard import open_sample_shard
from depthbench.formats.shard import ShardReader
from depthbench.generators.plan import shard_path
from depthbench.release import build as build_module
from depthbench.release.build import parse_size
from depthbench.release.check import check_release
from depthbench.release.kinds.layered import LayeredParts
from depthbench.release.manifest import read_manifest
from depthbench.release.registry import read_registry
from depthbench.release.splits import assign, parse_splits


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layered_folder(tmp_path_factory.mktemp("made") / "layered")


@pytest.fixture(scope="module", params=["tar", "hdf5"])
def release(request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("release") / request.param
    released(folder, out, request.param, drawn=request.param == "tar")
    return out


SHARES = st.sampled_from(["train=1", "train=0.9,val=0.05,test=0.05", "a=1,b=2", "train=8,val=1,test=1", "x=0.5,y=0.5"])


@settings(max_examples=25)
@given(SHARES, st.integers(3, 2000), st.integers(1, 1000))
def test_shares_are_kept_and_scenes_keep_their_split(text: str, scenes: int, more: int) -> None:
    """Within one and a bit of what is asked, in every fifth scene too; a larger set moves no scene once there are a hundred."""
    shares = parse_splits(text)
    assert sum(shares.values()) == 1
    found = assign(range(scenes), shares)
    assert set(found.values()) == set(shares)
    if scenes >= 100:
        larger = assign(range(scenes + more), shares)
        assert all(larger[scene] == split for scene, split in found.items())
        for some in (range(scenes), range(0, scenes, 5)):
            counts = Counter(found[scene] for scene in some)
            for name, share in shares.items():
                assert abs(counts[name] - share * len(some)) <= 5


def test_what_is_no_split_is_named() -> None:
    assert parse_splits("train=3, val=1") == {"train": Fraction(3, 4), "val": Fraction(1, 4)}
    for text in ("train", "train=0", "train=-1", "train=1,train=1", "Train=1", "a=x", "a=1/0", ""):
        with pytest.raises(DepthbenchError, match="NAME=SHARE"):
            parse_splits(text)
    with pytest.raises(DepthbenchError, match="2 scenes cannot be divided into 3 splits"):
        assign([4, 9], parse_splits("a=1,b=1,c=1"))
    assert (parse_size("1GB"), parse_size("1.5 mb"), parse_size("20000")) == (10**9, 1_500_000, 20_000)
    with pytest.raises(DepthbenchError, match="no size"):
        parse_size("large")


ARRAYS = st.sampled_from(["u1", "i4", "f4", "f8", "u2", "i8", "?"]).flatmap(
    lambda kind: st.tuples(st.just(kind), st.lists(st.integers(0, 5), min_size=0, max_size=3), st.integers(0, 2**32))
)


@settings(max_examples=40)
@given(st.lists(ARRAYS, max_size=4))
def test_arrays_come_back_bit_by_bit(made: list[tuple[str, list[int], int]]) -> None:
    arrays = {}
    for number, (kind, shape, seed) in enumerate(made):
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        data = np.random.default_rng(seed).integers(0, 2 if kind == "?" else 256, size, dtype=np.uint8)
        arrays[f"a{number}"] = data.view(kind).reshape(shape)
    back = decode_part("npz", encode_part("npz", arrays), "it")
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        assert (back[name].dtype, back[name].shape) == (array.dtype, array.shape)
        assert back[name].tobytes() == array.tobytes()
    assert encode_part("npz", arrays) == encode_part("npz", back)


def test_every_sample_comes_out_as_it_went_in(folder: Path, release: Path) -> None:
    """Through tar and through HDF5: pictures, truth, cameras, surfaces that are seen."""
    held = {}
    for split, part in read_manifest(release).splits.items():
        for shard in part.shards:
            reader = open_sample_shard(release / shard.file)
            assert len(reader) == shard.samples
            held |= {name: (split, reader.read(place)) for place, name in enumerate(reader.ids)}
    assert len(held) == 18
    for scene in range(6):
        with ShardReader(shard_path(folder, scene)) as reader:
            assert len({held[name][0] for name in reader.ids}) == 1, "a scene lies in two splits"
            for index, name in enumerate(reader.ids):
                expected, parts = reader.read(index), LayeredParts(held[name][1])
                found = parts.record()
                assert (found.id, found.rig, found.meta) == (expected.id, expected.rig, expected.meta)
                seen = set()
                for eye in ("left", "right"):
                    one, other = getattr(found, eye), getattr(expected, eye)
                    for what in ("image", "reflective", "refraction_px", "cam_to_world"):
                        np.testing.assert_array_equal(getattr(one, what), getattr(other, what))
                    for what in ("disp_px", "surface_id", "surface_class", "visibility"):
                        np.testing.assert_array_equal(getattr(one.layers, what), getattr(other.layers, what))
                    seen |= set(np.unique(other.layers.surface_id)) - {0}
                assert parts.surfaces() == tuple(one for one in reader.surfaces if one.id in seen)


def test_tars_are_plain_and_hold_what_webdataset_expects(folder: Path, tmp_path: Path) -> None:
    """Parts of a sample next to each other, plain files, no times; shards no larger than asked; bytes alike each time."""
    first, second = tmp_path / "a", tmp_path / "b"
    manifest = released(folder, first, "tar", "train=1", "60kB")
    released(folder, second, "tar", "train=1", "60kB")
    shards = manifest.splits["train"].shards
    assert len(shards) > 2
    for shard in shards:
        assert (first / shard.file).read_bytes() == (second / shard.file).read_bytes()
        with tarfile.open(first / shard.file) as archive:
            members = archive.getmembers()
        keys = [member.name.split(".", 1)[0] for member in members]
        assert sum(a != b for a, b in itertools.pairwise(keys)) == len(set(keys)) - 1 == shard.samples - 1
        assert all(member.isreg() and member.mtime == 0 and "/" not in member.name for member in members)
        assert members[-1].offset_data + members[-1].size <= 60_000


def test_an_interrupted_release_continues_to_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped within the second shard, a half-written file left behind, then run again."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    released(folder, whole, "tar", "train=2,val=1")
    from depthbench.release.kinds.layered import LayeredKind

    plain, reads = LayeredKind.read, 0

    def failing(self: LayeredKind, listed: object) -> object:
        nonlocal reads
        reads += 1
        if reads == 15:
            raise KeyboardInterrupt
        return plain(self, listed)  # type: ignore[arg-type]

    monkeypatch.setattr(LayeredKind, "read", failing)
    with pytest.raises(KeyboardInterrupt):
        released(folder, cut, "tar", "train=2,val=1")
    assert not (cut / "release.json").exists()
    done = {path: path.stat().st_mtime_ns for path in cut.rglob("*.tar")}
    (cut / "train" / ".tmp-1234-x.tar").write_bytes(b"half")
    monkeypatch.setattr(LayeredKind, "read", plain)
    released(folder, cut, "tar", "train=2,val=1")
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert read_registry(cut) == read_registry(whole)
    assert not list(cut.rglob(".tmp-*"))
    with pytest.raises(DepthbenchError, match="shard_bytes is 60000, asked 70000"):
        released(folder, cut, "tar", "train=2,val=1", "70kB")


def test_the_registry_is_poochs(release: Path) -> None:
    pooch = pytest.importorskip("pooch")
    fetcher = pooch.create(path=release, base_url="https://example.org/", registry=None)
    fetcher.load_registry(release / "registry.txt")
    assert set(fetcher.registry) == set(read_registry(release))
    name = next(name for name in fetcher.registry if "train" in name)
    assert fetcher.fetch(name) == str(release / name), "pooch takes the file for another one"


def test_croissant_is_valid_and_records_load(
    release: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the consortium's own library: the table of samples, and the pictures out of the tars."""
    mlcroissant = pytest.importorskip("mlcroissant")
    from etils import epath
    from mlcroissant._src.operation_graph.operations import extract

    monkeypatch.setattr(extract, "EXTRACT_PATH", epath.Path(tmp_path_factory.mktemp("croissant")))
    dataset = mlcroissant.Dataset(jsonld=str(release / "croissant.json"))
    assert (dataset.metadata.ctx.issues.errors, dataset.metadata.ctx.issues.warnings) == (set(), set())
    told = json.loads((release / "croissant.json").read_text())
    assert told["conformsTo"] == ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
    assert {"rai:dataLimitations", "rai:dataCollection", "rai:dataBiases", "rai:personalSensitiveInformation"} <= set(
        told
    )
    rows = list(csv.DictReader((release / "samples.csv").read_text().splitlines()))
    records = list(dataset.records("samples"))
    assert [record["samples/id"].decode() for record in records] == [row["id"] for row in rows]
    assert [record["samples/group"] for record in records] == [int(row["group"]) for row in rows]
    if release.name == "tar":
        pictures = {
            record["pictures-left/id"].decode(): record["pictures-left/picture"]
            for record in dataset.records("pictures-left")
        }
        assert set(pictures) == {row["id"] for row in rows}
        row = rows[7]
        parts = open_sample_shard(release / row["shard"]).read(int(row["place"]))
        np.testing.assert_array_equal(
            np.asarray(pictures[row["id"]].convert("RGB")), LayeredParts(parts).image(0, "left")
        )


def test_the_card_tells_what_must_be_known(release: Path) -> None:
    text = (release / "README.md").read_text()
    front = text.split("---")[1]
    assert "license: cc-by-4.0" in front
    assert ("train/*.tar" in front) == (release.name == "tar")
    for word in (
        "depthbench generate layered --n 18",
        "seed 1, scenes 0 to 5",
        "bpy 4.5",
        "Odd chairs.",
        "first version",
        "Example Lab",
    ):
        assert word in text
    assert json.loads((release / "licences.json").read_text()) == {"release": "CC-BY-4.0", "assets": []}
    assert (release / "provenance" / "config.json").is_file()
    for name in ("pictures/contact_sheet.png", "pictures/stats.png") if release.name == "tar" else ():
        assert name in text
        assert (release / name).is_file()


def test_changelog_and_assets_stand_in_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from depthbench.release.kind import Asset
    from depthbench.release.kinds import layered

    folder = layered_folder(tmp_path / "made", scenes=3, views=1)
    asset = Asset("skies/harbour.exr", "CC0-1.0", "https://example.org/harbour", "ab" * 32)
    monkeypatch.setattr(layered, "_assets", lambda config: [asset])
    words = changed(WORDS, changelog="- 1.1: scene 4 had a chair in glass; it is made anew.", license="LicenseRef-own")
    asked = build_module.Asked("glass", "1.1", "tar", 10**6, parse_splits("train=1"))
    monkeypatch.setattr(layered.LayeredKind, "pictures", lambda self, folder, out: ({}, {}))
    build_module.build(folder, tmp_path / "out", asked, words)
    text = (tmp_path / "out" / "README.md").read_text()
    assert "scene 4 had a chair in glass" in text
    assert "skies/harbour.exr | CC0-1.0" in text
    assert 'license: other\nlicense_name: "LicenseRef-own"' in text


@pytest.mark.parametrize("container", ["tar", "hdf5"])
def test_masks_are_released_and_made_again(tmp_path: Path, container: str) -> None:
    """Both parts of an example lie in one split."""
    folder = odms_folder(tmp_path / "odms")
    manifest = released(folder, tmp_path / "out", container, "train=1,test=1", "1MB")
    assert manifest.samples == 12
    rows = list(csv.DictReader((tmp_path / "out" / "samples.csv").read_text().splitlines()))
    assert all(len({row["split"] for row in rows if row["group"] == str(number)}) == 1 for number in range(6))
    result = check_release(tmp_path / "out", None)
    assert (result.problems, result.notes, result.recomputed) == ([], [], 12)


@pytest.mark.parametrize(("container", "bits"), [("tar", 8), ("tar", 16), ("hdf5", 16)])
def test_stacks_are_released_and_made_again(tmp_path: Path, container: str, bits: int) -> None:
    """A folder of the source is a scene; where the source is gone that is a note, no fault."""
    folder = focal_folder(tmp_path / "stacks", bits)
    manifest = released(folder, tmp_path / "out", container, "train=2,test=1", "1MB")
    assert {split: (part.groups, part.samples) for split, part in manifest.splits.items()} == {
        "train": (2, 4),
        "test": (1, 2),
    }
    result = check_release(tmp_path / "out", None)
    assert (result.problems, result.notes, result.recomputed) == ([], [], 6)
    (tmp_path / "stacks-source").rename(tmp_path / "gone")
    result = check_release(tmp_path / "out", 2)
    assert (result.problems, result.recomputed) == ([], 0)
    assert "not here" in result.notes[0]


def test_the_command_releases_and_verifies(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depthbench.release.kinds.layered.LayeredKind.pictures", lambda self, folder, out: ({}, {}))
    out = tmp_path / "out"
    given = f"release {folder} --out {out} --name glass --version 1.0 --license CC0-1.0 --creator Me --person --url https://example.org --splits train=1"
    told = CliRunner().invoke(cli, shlex.split(given), catch_exceptions=False)
    assert told.exit_code == 0
    assert "train: 18 samples of 6 scenes in 1 shards" in told.output
    told = CliRunner().invoke(cli, ["verify", str(out), "--cycles", "0"], catch_exceptions=False)
    assert told.exit_code == 0
    assert "18 samples read, 0 computed anew: all is well" in told.output


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("--name a/b --version 1 --splits train=1", "--name a/b"),
        ("--name a --version one --splits train=1", "--version one"),
        ("--name a --version 1 --shard-size 1kB", "--shard-size: 1000 bytes"),
        ("--name a --version 1 --splits a=1,b=1,c=1,d=1,e=1,f=1,g=1", "6 scenes cannot be divided into 7"),
    ],
)
def test_what_cannot_be_released_is_told(folder: Path, tmp_path: Path, given: str, told: str) -> None:
    rest = f"--license MIT --creator Me --url https://example.org --out {tmp_path / 'out'}"
    with pytest.raises(DepthbenchError, match=told):
        CliRunner().invoke(cli, shlex.split(f"release {folder} {given} {rest}"), catch_exceptions=False)
    assert not list((tmp_path / "out").rglob("*.tar"))


def test_folders_of_something_else_are_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DepthbenchError, match="holds other files"):
        released(folder, tmp_path)
    with pytest.raises(DepthbenchError, match=r"no config\.json"):
        released(tmp_path, tmp_path / "out")
    with pytest.raises(DepthbenchError, match="no such folder"):
        released(tmp_path / "absent", tmp_path / "out")
