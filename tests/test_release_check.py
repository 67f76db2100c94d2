# SPDX-License-Identifier: Apache-2.0
"""Every damage that a release may suffer is found and called by its name; each test makes the damage."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from release_folders import layered_folder, odms_folder, released

from depthbench.formats.json_file import read_json, write_json
from depthbench.formats.sample_parts import encode_part
from depthbench.formats.sample_shard import open_sample_shard
from depthbench.formats.tar_shard import TarShard, index_path, tar_shard_writer
from depthbench.release.check import check_release
from depthbench.release.registry import write_registry


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = layered_folder(tmp_path_factory.mktemp("made") / "layered")
    out = tmp_path_factory.mktemp("release") / "glass"
    released(folder, out)
    return out


@pytest.fixture
def release(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "glass"))


def problems(release: Path) -> list[str]:
    return check_release(release, 0).problems


def tars(release: Path) -> list[Path]:
    return sorted(release.rglob("*.tar"))


def rewritten(release: Path, path: Path, change: Callable[[list[tuple[str, dict[str, Any]]]], None]) -> None:
    """Write a shard again with other samples, and every record of it, so that only its content tells of the damage."""
    shard = TarShard(path)
    samples = [(name, dict(shard.read(place))) for place, name in enumerate(shard.ids)]
    change(samples)
    with tar_shard_writer(path) as writer:
        for name, parts in samples:
            writer.add(name, {part: encode_part(part, value) for part, value in parts.items()})
    told = read_json(release / "release.json")
    for split in told["splits"].values():
        for one in split["shards"]:
            if one["file"] == path.relative_to(release).as_posix():
                split["samples"] += len(samples) - one["samples"]
                one |= {"samples": len(samples), "bytes": path.stat().st_size}
    write_json(release / "release.json", told)
    write_registry(release, {})


def test_a_whole_release_is_well(release: Path) -> None:
    result = check_release(release, 0)
    assert (result.problems, result.notes, result.samples) == ([], [], 18)
    assert read_json(release / "verify.json")["ok"] is True
    assert problems(release) == [], "its own verify.json is no foreign file"


@pytest.mark.parametrize("place", [0.001, 0.3, 0.6, 0.9])
def test_a_flipped_bit_is_found(release: Path, place: float) -> None:
    path = tars(release)[0]
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 4
    path.write_bytes(data)
    assert any(f"{path.relative_to(release)}: is damaged" in text for text in problems(release))


def test_a_missing_shard_is_found(release: Path) -> None:
    path = tars(release)[1]
    path.unlink()
    [text] = problems(release)
    assert text == f"{path.relative_to(release)}: is missing; fetch it again"


def test_a_truncated_file_is_found(release: Path) -> None:
    path = tars(release)[0]
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: size // 3])
    assert f"{path.relative_to(release)}: is cut short: {size // 3} of {size} bytes; fetch it again" in problems(
        release
    )


@pytest.mark.parametrize("name", ["again-000002-0000", None])
def test_a_duplicated_sample_is_found(release: Path, name: str | None) -> None:
    """Under its own name in another shard, or under another name."""
    first, second = tars(release)[:2]
    shard = TarShard(first)
    sample_id, parts = shard.ids[0], dict(shard.read(0))
    if name is None:
        rewritten(release, second, lambda samples: samples.append((sample_id, parts)))
        assert any(f"{sample_id} is duplicated" in text for text in problems(release))
    else:
        rewritten(
            release, second, lambda samples: samples.append((name, {**parts, "json": {**parts["json"], "id": name}}))
        )
        assert any(f"{name}: is duplicated: the same data as {sample_id}" in text for text in problems(release))


def test_a_sample_twice_in_a_tar_is_found(release: Path) -> None:
    def twice(samples: list[tuple[str, dict[str, Any]]]) -> None:
        samples.append(samples[0])

    rewritten(release, tars(release)[0], twice)
    assert any("is duplicated" in text for text in problems(release))


def test_a_lost_sample_is_found(release: Path) -> None:
    path = next(path for path in tars(release) if len(TarShard(path)) > 1)
    lost = TarShard(path).ids[0]
    rewritten(release, path, lambda samples: samples.pop(0) and None)
    assert any(f"{lost} is missing" in text for text in problems(release))


@pytest.mark.parametrize(
    ("exchange", "told"),
    [
        (("png",), "the pictures of left and right are exchanged"),
        (("npz",), "the truth of left and right is exchanged"),
        (("png", "npz", "json"), "left and right are exchanged"),
    ],
)
def test_exchanged_eyes_are_found(release: Path, exchange: tuple[str, ...], told: str) -> None:
    path = tars(release)[0]
    sample_id = TarShard(path).ids[0]

    def swap(samples: list[tuple[str, dict[str, Any]]]) -> None:
        parts = samples[0][1]
        for kind in exchange:
            if kind == "json":
                poses = parts["json"]["cam_to_world"]
                poses["left"], poses["right"] = poses["right"], poses["left"]
            else:
                parts[f"left.{kind}"], parts[f"right.{kind}"] = parts[f"right.{kind}"], parts[f"left.{kind}"]

    rewritten(release, path, swap)
    [text] = problems(release)
    assert text.endswith(f"{sample_id}: {told}")


def test_an_index_of_another_tar_is_found(release: Path) -> None:
    first, second = tars(release)[:2]
    shutil.copy(index_path(second), index_path(first))
    write_registry(release, {})
    assert any(first.name.removesuffix(".tar") in text for text in problems(release))


def test_a_scene_in_two_splits_is_found(release: Path) -> None:
    text = (release / "samples.csv").read_text()
    lines = text.splitlines()
    lines[1] = (
        lines[1].replace(",train,", ",val,").replace(",test,", ",val,")
        if ",val," not in lines[1]
        else lines[1].replace(",val,", ",train,")
    )
    (release / "samples.csv").write_text("\n".join(lines) + "\n")
    write_registry(release, {})
    assert any("lies in" in text and " and in " in text for text in problems(release))


def test_foreign_files_and_links_are_found(release: Path) -> None:
    (release / "train" / "notes.txt").write_text("mine")
    path = tars(release)[0]
    path.rename(release.parent / "elsewhere.tar")
    path.symlink_to(release.parent / "elsewhere.tar")
    found = problems(release)
    assert "train/notes.txt: is no part of the release (not in registry.txt)" in found
    assert f"{path.relative_to(release)}: is a link, which is not followed" in found


def test_a_wrong_size_is_found(release: Path) -> None:
    """A schema fault: an array of another shape than the cameras say."""

    def cut(samples: list[tuple[str, dict[str, Any]]]) -> None:
        arrays = dict(samples[0][1]["left.npz"])
        arrays["count"] = arrays["count"][:-1]
        samples[0][1]["left.npz"] = arrays

    path = tars(release)[0]
    rewritten(release, path, cut)
    [text] = problems(release)
    assert "count is uint8 (31, 48), not u1 (32, 48)" in text


def test_recomputing_finds_what_nothing_else_does(tmp_path: Path) -> None:
    """A pixel of a mask changed, and all records with it: only making the example again tells."""
    folder = odms_folder(tmp_path / "odms", 3)
    out = tmp_path / "out"
    released(folder, out, "tar", "train=1", "1MB")
    [path] = tars(out)
    sample_id = TarShard(path).ids[2]

    def pixel(samples: list[tuple[str, dict[str, Any]]]) -> None:
        arrays = samples[2][1]["npz"]
        masks = arrays["masks"].copy()
        masks[1, 200, 40] ^= 16
        samples[2][1]["npz"] = {**arrays, "masks": masks}

    rewritten(out, path, pixel)
    assert check_release(out, 0).problems == []
    assert check_release(out, None).problems == [f"{sample_id}: 1 of 3 masks differ from those made anew"]


def test_damage_of_hdf5_is_found(tmp_path: Path) -> None:
    folder = layered_folder(tmp_path / "made", scenes=3, views=1)
    out = tmp_path / "out"
    released(folder, out, "hdf5", "train=1")
    [path] = sorted(out.rglob("*.h5"))[:1]
    reader = open_sample_shard(path)
    place = path.read_bytes().index(reader.read(0)["left.png"][60:120])
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    write_registry(out, {})
    assert any(f"{reader.ids[0]}: cannot be read" in text for text in problems(out))
    assert np.isin(reader.ids[0], [text.split(": ")[1] for text in problems(out)])


def test_tars_that_lead_elsewhere_are_refused(release: Path) -> None:
    """Names with folders, links: nothing is unpacked, and the tar is named."""
    import tarfile

    for change in ({"name": "../x.json"}, {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, {"name": "/abs.png"}):
        path = tars(release)[0]
        with tarfile.open(path, "w") as archive:
            entry = tarfile.TarInfo("a.json")
            for key, value in change.items():
                setattr(entry, key, value)
            archive.addfile(entry)
        write_registry(release, {})
        assert any("is no part of a sample; do not unpack it" in text for text in problems(release)) or any(
            "does not have" in text for text in problems(release)
        )
        with pytest.raises(Exception, match="do not unpack it"):
            list(TarShard(path).members())
