# SPDX-License-Identifier: Apache-2.0
"""Prepared driving frames: what comes out equals the set and its targets; interruptions, faults, other configurations."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import driving_layouts as layouts
import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from depthbench.benchmarks.sets.opening import open_set
from depthbench.camera import Intrinsics
from depthbench.cli import cli, main
from depthbench.errors import DepthbenchError
from depthbench.formats.image import read_rgb
from depthbench.generators.driving_shards.folder import DrivingFolder
from depthbench.generators.driving_shards.prepare import TargetConfig, prepare
from depthbench.generators.membership.levels import membership_targets
from depthbench.generators.membership.packing import unpack_map


def config(**changes: object) -> TargetConfig:
    return TargetConfig(**{"source": "x", "split": "val", "per_shard": 2} | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["cityscapes", "semkitti"])
def test_frames_come_out_as_they_went_in(tmp_path: Path, kind: str) -> None:
    root = getattr(layouts, kind)(tmp_path / "set", 3)
    source = open_set(f"{kind}-dvps", root)
    sparse = kind == "semkitti"
    done = prepare(source, tmp_path / "out", config(sparse=sparse))  # type: ignore[arg-type]
    assert (done.made, done.there, done.problems) == (3, 0, ())
    frames = pickle.loads(pickle.dumps(DrivingFolder(tmp_path / "out")))
    assert frames.ids == source.ids()
    for index, name in enumerate(source.ids()):
        record = frames.record(index)
        depth_m, labels = source.depth_and_labels(name)  # type: ignore[attr-defined]
        assert record.image == source.image_path(name).read_bytes()  # type: ignore[attr-defined]
        np.testing.assert_array_equal(frames.depth(index), depth_m)
        made = membership_targets(labels.instance_ids, depth_m, sparse=sparse)
        assert record.instance_ids.tolist() == made.instances.ids.tolist()
        back = np.append(0, record.instance_ids)[record.instance.astype(int)]
        np.testing.assert_array_equal(back, labels.instance_ids)
        for stride, level in made.levels.items():
            found = unpack_map(record.levels[stride])
            np.testing.assert_allclose(found.value, level.value, atol=1e-5)
            np.testing.assert_array_equal(found.row[level.valid], level.row[level.valid])
        assert isinstance(record.camera, Intrinsics)
    again = prepare(source, tmp_path / "again", config(sparse=sparse))  # type: ignore[arg-type]
    assert again == done
    for path in (tmp_path / "out" / "shards").glob("*.h5"):
        assert path.read_bytes() == (tmp_path / "again" / "shards" / path.name).read_bytes()


def test_shares_and_worker_processes_make_the_same_shards(tmp_path: Path) -> None:
    """The command in one process, and as two shares, one of them by two workers that open the set themselves."""
    root = layouts.cityscapes(tmp_path / "set", 5)
    words = ["prepare", "dvps", "--root", str(root), "--split", "val", "--per-shard", "2", "--out"]
    halves = [
        ("--num-shards", "2", "--shard-index", "1"),
        ("--num-shards", "2", "--shard-index", "0", "--workers", "2"),
    ]
    for out, more in (("whole", ()), *(("parts", half) for half in halves)):
        done = CliRunner().invoke(cli, [*words, str(tmp_path / out), *more])
        assert done.exit_code == 0, done.output + str(done.exception)
    whole, parts = (
        {path.name: path.read_bytes() for path in (tmp_path / out / "shards").iterdir()} for out in ("whole", "parts")
    )
    assert len(whole) == 3
    assert parts == whole


def test_what_is_there_is_kept_and_what_was_lost_is_made_again(tmp_path: Path) -> None:
    source = open_set("cityscapes-dvps", layouts.cityscapes(tmp_path / "set", 5))
    prepare(source, tmp_path / "out", config(), limit=2)  # type: ignore[arg-type]
    shards = tmp_path / "out" / "shards"
    before = (shards / "000000.h5").stat().st_mtime_ns
    done = prepare(source, tmp_path / "out", config())  # type: ignore[arg-type]
    assert (done.made, done.there) == (3, 2)
    assert (shards / "000000.h5").stat().st_mtime_ns == before
    (shards / "000001.h5").unlink()
    assert prepare(source, tmp_path / "out", config()).made == 2  # type: ignore[arg-type]
    assert len(DrivingFolder(tmp_path / "out")) == 5
    with pytest.raises(DepthbenchError, match=r"fuzziness is 2\.0, asked 1\.5"):
        prepare(source, tmp_path / "out", config(fuzziness=1.5))  # type: ignore[arg-type]


def test_faults_are_named_and_left_out_or_stop_a_strict_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = layouts.cityscapes(tmp_path / "set", 3)
    spoilt = sorted(root.rglob("*_depth.png"))[1]
    layouts.save(spoilt, np.zeros(layouts.SIZE, np.uint8))
    command = ["depthbench", "prepare", "dvps", "--root", str(root), "--split", "val", "--out", str(tmp_path / "out")]

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", [*command, *words])
        with pytest.raises(SystemExit) as leave:
            main()
        return int(leave.value.code or 0)

    assert run("--strict") == 2
    assert "depth.png: an image of mode L" in capsys.readouterr().err
    assert run() == 1
    told = capsys.readouterr()
    assert "2 frames made" in told.out
    assert "left out: " in told.err
    assert "of 16 bits" in (tmp_path / "out" / "problems.txt").read_text()
    assert len(DrivingFolder(tmp_path / "out")) == 2
    layouts.cityscapes(tmp_path / "set", 3)
    assert run() == 0
    assert len(DrivingFolder(tmp_path / "out")) == 3
    assert not (tmp_path / "out" / "problems.txt").exists()
    assert run("--masks", "x.json") == 2
    with pytest.raises(DepthbenchError, match="no shard of driving frames"):
        DrivingFolder(root)


@pytest.mark.parametrize("changes", [{}, {"without_depth": "binary", "most": 2}, {"fuzziness": 1.3, "sparse": True}])
def test_verify_makes_targets_again_and_finds_changed_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], changes: dict[str, object]
) -> None:
    root = layouts.cityscapes(tmp_path / "set", 3)
    raw, instance = layouts.scene(0)[1], layouts.scene(0)[3]
    raw[instance == 2] = 0  # one car without any depth
    layouts.save(sorted(root.rglob("*_depth.png"))[0], raw)
    out = tmp_path / "out"
    prepare(open_set("cityscapes-dvps", root), out, config(**changes))  # type: ignore[arg-type]

    def run(command: str) -> int:
        monkeypatch.setattr(sys, "argv", ["depthbench", command, str(out)])
        with pytest.raises(SystemExit) as leave:
            main()
        return int(leave.value.code or 0)

    assert run("verify") == 0
    assert "3 frames read, targets made again: all is well" in capsys.readouterr().out
    assert run("show") == 0
    assert read_rgb(out / "contact_sheet.png").std() > 10
    with h5py.File(out / "shards" / "000001.h5", "r+") as file:
        file["frames/000000/membership_8"][1, -1, 0] += 40
    assert run("verify") == 1
    assert "the targets at stride 8 are not those of the stored maps" in capsys.readouterr().out


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    source = open_set("cityscapes-dvps", layouts.cityscapes(tmp_path / "set", 1))
    prepare(source, tmp_path / "out", config())  # type: ignore[arg-type]
    path = tmp_path / "out" / "shards" / "000000.h5"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DepthbenchError, match=r"000000\.h5: not a readable shard of driving frames"):
        DrivingFolder(tmp_path / "out")


def test_tensors_of_a_dataset_expand_to_the_matrix(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from depthbench.baselines.icm_loss.target import level_target
    from depthbench.generators.driving_shards.dataset import DrivingDataset
    from depthbench.generators.membership.levels import MembershipMap

    source = open_set("cityscapes-dvps", layouts.cityscapes(tmp_path / "set", 2))
    prepare(source, tmp_path / "out", config(strides=(1, 4)))  # type: ignore[arg-type]
    dataset = DrivingDataset(tmp_path / "out", transform=lambda sample: sample | {"mine": 1})
    sample = dataset[-1]
    assert sample["mine"] == 1
    image, raw, _, instance = layouts.scene(1)
    assert torch.equal((sample["image"] * 255).round().byte(), torch.from_numpy(image).permute(2, 0, 1))
    assert torch.equal(torch.isnan(sample["depth_m"]), torch.from_numpy(raw == 0))
    level = MembershipMap(sample["row_1"].int().numpy(), sample["value_1"].numpy())
    matrix = level_target(level, sample["count"]).matrix().reshape(sample["count"], *raw.shape)
    assert torch.equal((matrix > 0).any(dim=0), torch.from_numpy((instance > 0) & (raw > 0)))
    assert torch.equal(sample["instance"] >= 0, torch.from_numpy(instance > 0))
