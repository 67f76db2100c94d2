# SPDX-License-Identifier: Apache-2.0
"""Released samples as tensors: as the generated folder gives them, in any order, with workers, resumed, and streamed."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_folders import focal_folder, layered_folder, odms_folder, released

torch = pytest.importorskip("torch")

from torch.utils.data import DataLoader  # noqa: E402

from depthbench.errors import DepthbenchError  # noqa: E402
from depthbench.generators.layered_dataset import LayeredDataset  # noqa: E402
from depthbench.release.dataset import ReleaseDataset, ResumableSampler  # noqa: E402
from depthbench.release.manifest import read_manifest  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layered_folder(tmp_path_factory.mktemp("made") / "layered")


@pytest.fixture(scope="module", params=["tar", "hdf5"])
def release(request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("release") / request.param
    released(folder, out, request.param, "train=5,test=1")
    return out


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert list(one) == list(other)
    for name, value in one.items():
        if isinstance(value, torch.Tensor):
            assert value.dtype == other[name].dtype
            assert torch.equal(torch.nan_to_num(value, nan=-7.0), torch.nan_to_num(other[name], nan=-7.0)), name
        else:
            assert value == other[name]


@pytest.mark.parametrize("options", [{}, {"fields": ("left", "disp_px_right"), "images": "uint8", "layers": 2}])
def test_samples_are_those_of_the_folder(folder: Path, release: Path, options: dict[str, Any]) -> None:
    """Every sample once, whatever the split; length exact; negative numbers from the end."""
    expected = {sample["id"]: sample for sample in LayeredDataset(folder, **options)}  # type: ignore[attr-defined]
    seen = []
    for split in ("train", "test"):
        dataset = ReleaseDataset(release, split, **options)
        assert len(dataset) == read_manifest(release).splits[split].samples
        for index in reversed(range(len(dataset))):
            same(dataset[index], expected[dataset[index]["id"]])
            seen.append(dataset[index]["id"])
        same(dataset[-1], dataset[len(dataset) - 1])
        with pytest.raises(IndexError):
            dataset[len(dataset)]
    assert sorted(seen) == sorted(expected)


def test_workers_started_anew_read_the_same(release: Path) -> None:
    """Pickled into a spawned worker, after this process has read from it."""
    dataset = ReleaseDataset(release, "train", fields=("left", "disp_px"))
    expected = [dataset[index] for index in range(len(dataset))]
    if release.name == "tar":
        loader = DataLoader(dataset, batch_size=None, num_workers=1, multiprocessing_context="spawn")
        for one, other in zip(loader, expected, strict=True):
            same(one, other)
    same(pickle.loads(pickle.dumps(dataset))[3], expected[3])


def test_unknown_names_are_answered(release: Path, tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match="did you mean train"):
        ReleaseDataset(release, "trian")
    with pytest.raises(DepthbenchError, match="no such file"):
        ReleaseDataset(tmp_path, "train")


def test_other_kinds_are_read_too(tmp_path: Path) -> None:
    released(odms_folder(tmp_path / "odms", 3), tmp_path / "masks", "tar", "train=1", "1MB")
    sample = ReleaseDataset(tmp_path / "masks", "train")[2]
    assert sample["masks"].shape == (3, 480, 640)
    assert sample["depth_m"] == sample["distance_m"][0]
    from depthbench.generators.focal.dataset import StoredStacks

    folder = focal_folder(tmp_path / "stacks")
    released(folder, tmp_path / "focal", "hdf5", "train=1", "1MB")
    stored = {item["id"]: item for item in StoredStacks(folder)}  # type: ignore[attr-defined]
    dataset = ReleaseDataset(tmp_path / "focal", "train")
    for index in range(len(dataset)):
        same(dataset[index], stored[dataset[index]["id"]])


@settings(max_examples=40)
@given(
    length=st.integers(0, 60),
    taken=st.integers(0, 30),
    before=st.integers(1, 4),
    after=st.integers(1, 4),
    seed=st.integers(0, 9),
    even=st.booleans(),
)
def test_an_epoch_continues_with_other_processes(
    length: int, taken: int, before: int, after: int, seed: int, even: bool
) -> None:
    """What was taken and what is left make up the epoch: each once, but fewer than the processes left out if steps are even."""
    first = [ResumableSampler(length, seed=seed, rank=rank, processes=before, even=even) for rank in range(before)]
    taken = min(taken, length // before)
    used = [number for sampler in first for number in list(sampler)[:taken]]
    state = ResumableSampler(length, seed=seed, processes=before).state_dict(taken)
    then = []
    for rank in range(after):
        sampler = ResumableSampler(length, seed=seed, rank=rank, processes=after, even=even)
        sampler.load_state_dict(state)
        expected = len(sampler)
        rest = list(sampler)
        assert len(rest) == expected
        then += rest
        assert sampler.epoch == 1
        assert len(list(sampler)) == (length // after if even else len(range(rank, length, after)))
    together = used + then
    assert len(set(together)) == len(together)
    assert set(together) <= set(range(length))
    missing = length - len(together)
    assert missing == 0 if not even else missing < after


def test_epochs_differ_and_repeat_by_seed() -> None:
    def epochs(seed: int) -> list[list[int]]:
        sampler = ResumableSampler(50, seed=seed)
        return [list(sampler), list(sampler)]

    assert epochs(1) == epochs(1)
    assert epochs(1)[0] != epochs(1)[1]
    assert epochs(1)[0] != epochs(2)[0]
    assert list(ResumableSampler(5, shuffle=False)) == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="seed 1, not 5 and 0"):
        ResumableSampler(5).load_state_dict(ResumableSampler(5, seed=1).state_dict(2))
    with pytest.raises(ValueError, match="rank 2 of 2"):
        ResumableSampler(5, rank=2, processes=2)


def test_a_resumed_loader_gives_the_rest(release: Path) -> None:
    """With workers that fetch ahead: the state is what the loop took, not what the sampler gave out."""
    dataset = ReleaseDataset(release, "train", fields=())

    def ids(sampler: ResumableSampler, most: int | None = None) -> list[str]:
        found: list[str] = []
        for batch in DataLoader(dataset, batch_size=2, sampler=sampler, num_workers=1):
            found += batch["id"]
            if most is not None and len(found) >= most:
                break
        return found

    whole = ids(ResumableSampler(len(dataset), seed=4))
    sampler = ResumableSampler(len(dataset), seed=4)
    begun = ids(sampler, 4)
    state = sampler.state_dict(len(begun))
    resumed = ResumableSampler(len(dataset), seed=4)
    resumed.load_state_dict(state)
    assert begun + ids(resumed) == whole


def test_webdataset_streams_the_same_samples(folder: Path, tmp_path: Path) -> None:
    """Through the library itself: in the order of the files, with workers each sample once, mixed if asked."""
    pytest.importorskip("webdataset")
    from depthbench.release.streaming import stream

    released(folder, tmp_path / "out", "tar", "train=5,test=1", "40kB")
    dataset = ReleaseDataset(tmp_path / "out", "train", fields=("left", "disp_px", "see_through"))
    streamed = list(stream(tmp_path / "out", "train", fields=("left", "disp_px", "see_through")))
    assert len(streamed) == len(dataset)
    for index, sample in enumerate(streamed):
        same(sample, dataset[index])
    order = [sample["id"] for sample in streamed]
    loader = DataLoader(stream(tmp_path / "out", "train", fields=()), batch_size=None, num_workers=2)
    assert sorted(sample["id"] for sample in loader) == sorted(order)
    mixed = [sample["id"] for sample in stream(tmp_path / "out", "train", fields=(), shuffle=20, seed=3)]
    assert sorted(mixed) == sorted(order)
    assert mixed != order


def test_hdf5_is_not_streamed(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("webdataset")
    from depthbench.release.streaming import stream

    released(folder, tmp_path / "out", "hdf5", "train=1")
    with pytest.raises(DepthbenchError, match="only tars can be streamed"):
        stream(tmp_path / "out", "train")
