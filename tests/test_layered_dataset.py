# SPDX-License-Identifier: Apache-2.0
"""The torch dataset against direct reads of the shards, in this process and through spawned workers."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.errors import DepthbenchError
from depthbench.formats.shard import ShardReader, write_shard
from depthbench.layers import MAX_LAYERS

torch = pytest.importorskip("torch")
from depthbench.generators import layered_dataset  # noqa: E402
from depthbench.generators.layered_dataset import LEFT_TRUTH, RIGHT_TRUTH, LayeredDataset  # noqa: E402

EVERYTHING = ("left", "right", *LEFT_TRUTH, *RIGHT_TRUTH)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shards of 2, 1 and 3 samples, and a view under way that must not count."""
    folder = tmp_path_factory.mktemp("layered")
    for scene, views in ((3, 2), (7, 1), (11, 3)):
        records = (synthetic_record(1, v, width=40, height=24, panes=1 + v, scene=scene) for v in range(views))
        write_shard(folder / f"shards/scene-{scene:06d}.h5", records, surfaces=synthetic_surfaces(), attrs={})
    staged = [synthetic_record(1, 0, width=40, height=24, scene=12)]
    write_shard(folder / "staging/scene-000012/view-0000.h5", staged, surfaces=synthetic_surfaces(), attrs={})
    return folder


def direct(folder: Path) -> list[dict[str, Any]]:
    """Read the shards one after the other, array by array."""
    found = []
    for path in sorted((folder / "shards").iterdir()):
        reader = ShardReader(path)
        for index in range(len(reader)):
            record = reader.read(index)
            sample: dict[str, Any] = {"id": record.id, "baseline_m": np.float32(record.rig.baseline_m)}
            sample["intrinsics"] = record.rig.intrinsics.matrix.astype(np.float32)
            sample["cam_to_world"] = record.left.cam_to_world
            for eye, suffix in (("left", ""), ("right", "_right")):
                side = getattr(record, eye)
                sample[eye] = np.moveaxis(side.image, 2, 0)
                for name, empty in (("disp_px", np.nan), ("surface_id", 0), ("surface_class", 0), ("visibility", 0)):
                    stack = np.full((MAX_LAYERS, 24, 40), empty, dtype=getattr(side.layers, name).dtype)
                    for k, layer in enumerate(getattr(side.layers, name)):
                        stack[k] = layer
                    sample[name + suffix] = stack
                sample["see_through" + suffix] = side.layers.surface_class[0] >= 2
                sample["reflective" + suffix] = side.reflective
                sample["refraction_px" + suffix] = side.refraction_px
            found.append(sample)
    return found


def assert_sample(sample: dict[str, Any], expected: dict[str, Any]) -> None:
    assert sample.keys() == expected.keys()
    for name, value in sample.items():
        if name == "id":
            assert value == expected[name]
        else:
            assert value.numpy().dtype == expected[name].dtype, name
            np.testing.assert_array_equal(value.numpy(), expected[name], err_msg=name)


def test_every_sample_equals_a_direct_read(folder: Path) -> None:
    dataset, expected = LayeredDataset(folder, fields=EVERYTHING, images="uint8"), direct(folder)
    assert len(dataset) == len(expected) == 6
    for index in (5, 0, 3, 2, 4, 1):
        assert_sample(dataset[index], expected[index])
    assert_sample(dataset[-1], expected[5])
    for outside in (6, -7):
        with pytest.raises(IndexError):
            dataset[outside]


def test_more_shards_than_may_stay_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layered_dataset, "_OPEN_SHARDS", 1)
    dataset, expected = LayeredDataset(folder, fields=EVERYTHING, images="uint8"), direct(folder)
    for index in (0, 5, 1, 2, 0):
        assert_sample(dataset[index], expected[index])


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_two_workers_give_the_same_batches(folder: Path, method: str) -> None:
    dataset, expected = LayeredDataset(folder, fields=EVERYTHING, images="uint8"), direct(folder)
    dataset[0]  # a file is open in this process when the workers start
    loader = torch.utils.data.DataLoader(dataset, batch_size=2, num_workers=2, multiprocessing_context=method)
    samples = [
        {name: values[place] for name, values in batch.items()} for batch in loader for place in range(len(batch["id"]))
    ]
    assert len(samples) == 6
    for sample, direct_read in zip(samples, expected, strict=True):
        assert_sample(sample, direct_read)


def test_only_what_is_asked_is_read(folder: Path) -> None:
    sample = LayeredDataset(folder, fields=("right", "disp_px"), layers=2)[4]
    expected = direct(folder)[4]
    assert sample.keys() == {"right", "disp_px", "intrinsics", "baseline_m", "cam_to_world", "id"}
    np.testing.assert_array_equal(sample["disp_px"].numpy(), expected["disp_px"][:2])
    assert sample["right"].dtype == torch.float32
    np.testing.assert_allclose(sample["right"].numpy(), expected["right"] / 255.0, rtol=0, atol=1e-7)


def test_transform_pickling_and_refusals(folder: Path, tmp_path: Path) -> None:
    dataset = LayeredDataset(folder, transform=lambda sample: sample["id"])
    assert [dataset[index] for index in range(6)] == [sample["id"] for sample in direct(folder)]
    plain = LayeredDataset(folder)
    plain[0]
    assert pickle.loads(pickle.dumps(plain))[5]["id"] == "cafe-000011-0002"
    with pytest.raises(DepthbenchError, match="did you mean disp_px"):
        LayeredDataset(folder, fields=("disp",))
    with pytest.raises(DepthbenchError, match="generate layered"):
        LayeredDataset(tmp_path)
    with pytest.raises(DepthbenchError, match="no such folder"):
        LayeredDataset(tmp_path / "none")


def test_without_torch_the_remedy_is_told() -> None:
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "from depthbench.errors import MissingExtraError\n"
        "try:\n    import depthbench.generators.layered_dataset\n"
        "except MissingExtraError as error:\n    print(error)"
    )
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert "depthbench[torch]" in answer
