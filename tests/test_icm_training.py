# SPDX-License-Identifier: Apache-2.0
"""Training of icm-depth: samples, what it learns by, how it is measured, and the files that it leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

torch = pytest.importorskip("torch")

from depthbench.baselines.icm_depth.inputs import padded  # noqa: E402
from depthbench.baselines.icm_depth.model import IcmDepthModel  # noqa: E402
from depthbench.baselines.icm_depth.network import IcmDepth  # noqa: E402
from depthbench.baselines.icm_depth.picture import largest_clusters, leading_cluster  # noqa: E402
from depthbench.baselines.icm_depth_training.config import IcmConfig  # noqa: E402
from depthbench.baselines.icm_depth_training.recipe import IcmRecipe, spread  # noqa: E402
from depthbench.baselines.icm_depth_training.stream import FrameStream, sample_of, targets_of  # noqa: E402
from depthbench.baselines.icm_depth_training.validation import measure  # noqa: E402
from depthbench.baselines.training.config import TrainConfig, configure  # noqa: E402
from depthbench.baselines.training.recipe import Inputs  # noqa: E402
from depthbench.baselines.training.run import rate_groups, train  # noqa: E402
from depthbench.cli import cli  # noqa: E402
from depthbench.errors import DepthbenchError  # noqa: E402
from depthbench.formats.driving_shard import DrivingRecord, write_driving_shard  # noqa: E402
from depthbench.formats.image import encode_png  # noqa: E402
from depthbench.formats.json_file import write_json  # noqa: E402
from depthbench.generators.driving_shards.folder import DrivingFolder  # noqa: E402
from depthbench.generators.membership.levels import membership_targets  # noqa: E402
from depthbench.tasks import MonoSample  # noqa: E402

SMALL = IcmConfig(
    encoder="tiny", encoder_width=8, channels=16, clusters=4, crop_width=64, crop_height=32, usual_depth_m=10.0
)
TRAIN = TrainConfig(steps=4, batch=2, lr=1e-3, ema=0.5, val_every=2, save_every=1, log_every=2, threads=1)


def record(number: int, width: int = 96, height: int = 48) -> DrivingRecord:
    """A road whose brightness tells its depth, two boxes, a sky without depth."""
    rng = np.random.default_rng(number)
    rows = np.arange(height)[:, None] + np.zeros((1, width))
    depth_m = np.where(rows > height // 3, 60.0 / np.maximum(1 + rows - height // 3, 1), 0.0)
    ids = np.zeros((height, width), dtype=np.uint16)
    for index in range(2):
        left, wide = int(rng.integers(width - 30)), int(rng.integers(12, 28))
        part = np.s_[height // 3 : height // 3 + 18, left : left + wide]
        depth_m[part] = rng.uniform(3, 25) + rng.uniform(0, 0.5, depth_m[part].shape)
        ids[part] = index + 1
    kept = np.unique(ids[ids > 0])
    ids = np.searchsorted(np.append(0, kept), ids).astype(np.uint16)
    light = np.where(depth_m > 0, 40 + 50 * np.log(np.maximum(depth_m, 1)), 250)
    image = np.stack([light, light, np.where(ids > 0, 5 * ids, light)], axis=-1).clip(0, 255).astype(np.uint8)
    raw = np.rint(depth_m * 256).astype(np.uint16)
    nothing = np.zeros(0)
    return DrivingRecord(
        f"frame-{number:03d}", encode_png(image), raw, ids, kept.astype(np.int64), nothing, nothing, nothing, {}, None
    )


def folder(root: Path, numbers: range) -> Path:
    """A prepared folder of such frames."""
    (root / "shards").mkdir(parents=True)
    write_json(root / "config.json", {"generator": "dvps", "numbers": list(numbers)})
    write_driving_shard(root / "shards" / "000000.h5", [record(number) for number in numbers])
    return root


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("frames")
    return folder(root / "train", range(4)), folder(root / "val", range(10, 12))


def recipe(folders: tuple[Path, Path], **changes: Any) -> IcmRecipe:
    return IcmRecipe(replace(SMALL, **changes), Inputs((str(folders[0]),), (), (str(folders[1]),)), 0)


def batch(stream: FrameStream, count: int = 2) -> Any:
    return torch.utils.data.default_collate([stream.sample(0, number) for number in range(count)])


class TestSamples:
    def test_a_sample_follows_from_its_number(self, folders: tuple[Path, Path]) -> None:
        first, again = (recipe(folders).stream() for _ in range(2))
        for name, value in first.sample(0, 7).items():
            assert np.array_equal(value, again.sample(3, 7)[name], equal_nan=name != "count"), name

    def test_everything_is_cut_and_turned_together(self) -> None:
        found = record(3)
        for seed in range(6):
            made = sample_of(np.random.default_rng(seed), found, replace(SMALL, gain=1.0))
            picture, truth = made["picture"].numpy(), made["truth"][0].numpy()
            # brightness tells depth, the colour of boxes which one it is
            sky = np.isnan(truth)
            assert (picture[0][sky] == 250).all()
            np.testing.assert_allclose(picture[0][~sky], 40 + 50 * np.log(np.maximum(truth[~sky], 1)), atol=1)
            row = made["row_4"].reshape(8, 16).numpy()
            assert np.array_equal(row >= 0, picture[2][2::4, 2::4] < 20)

    def test_targets_are_those_of_the_crop(self) -> None:
        made = sample_of(np.random.default_rng(1), record(5), replace(SMALL, crop_width=96, crop_height=32, flip=False))
        truth = made["truth"][0].numpy()
        top = next(
            top
            for top in range(17)
            if np.array_equal(truth * 256, _unknown(record(5).depth[top : top + 32]), equal_nan=True)
        )
        ids = record(5).instance[top : top + 32].astype(np.int64)
        wanted = membership_targets(ids, truth, (4, 8, 16))
        for stride, level in wanted.levels.items():
            target = targets_of({key: value[None] for key, value in _tensors(made).items()}, stride)[0]
            np.testing.assert_array_equal(
                target.matrix().numpy().reshape(-1, *level.row.shape), level.expanded(len(wanted.instances))
            )
            assert np.array_equal(target.valid.numpy(), level.valid.ravel())

    def test_too_small_a_frame_is_named(self) -> None:
        with pytest.raises(DepthbenchError, match=r"frame-000: 96x48.*crop_width"):
            sample_of(np.random.default_rng(0), record(0), replace(SMALL, crop_width=128))


def _unknown(raw: np.ndarray) -> np.ndarray:
    return np.where(raw == 0, np.nan, raw.astype(np.float32))


def _tensors(made: dict[str, Any]) -> dict[str, Any]:
    return {key: torch.as_tensor(value) for key, value in made.items()}


class TestLosses:
    def test_depth_alone_has_one_term(self, folders: tuple[Path, Path]) -> None:
        alone = recipe(folders, icm_weight=0.0)
        torch.manual_seed(0)
        network = alone.network()
        here = batch(alone.stream())
        both = recipe(folders, icm_weight=2.0).losses(network, here)
        assert set(alone.losses(network, here)) == {"silog"}
        assert set(both) == {"silog", "icm_16", "icm_8", "icm_4"}
        once = recipe(folders, icm_weight=1.0).losses(network, here)
        assert both["icm_4"].item() == pytest.approx(2 * once["icm_4"].item())

    def test_it_learns_a_few_frames_by_heart(self, folders: tuple[Path, Path]) -> None:
        made = recipe(folders, icm_weight=5.0)
        torch.manual_seed(0)
        network, here = made.network(), batch(made.stream())
        optimizer = torch.optim.Adam(network.parameters(), 3e-3)
        sums = []
        for _ in range(40):
            terms = made.losses(network, here)
            optimizer.zero_grad()
            sum(terms.values()).backward()  # type: ignore[union-attr]
            optimizer.step()
            sums.append({name: float(value.detach()) for name, value in terms.items()})
        assert sums[-1]["silog"] < 0.4 * sums[0]["silog"]
        assert sums[-1]["icm_4"] < 0.8 * sums[0]["icm_4"]


class Perfect(torch.nn.Module):
    """Answers the truth of the frames in turn, times a factor on instances."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor, self.turn = factor, 0

    def forward(self, picture: Any) -> Any:
        found = record(self.turn)
        self.turn += 1
        depth = np.maximum(found.depth.astype(np.float32), 1) / 256
        depth = np.where(found.instance > 0, self.factor * depth, depth)
        answer = np.ones(picture.shape[-2:], dtype=np.float32)
        answer[: depth.shape[0], : depth.shape[1]] = depth
        return type("Stages", (), {"depth_m": torch.from_numpy(answer)[None, None]})


class TestValidation:
    def test_areas_are_told_apart(self) -> None:
        frames = [record(number) for number in range(3)]
        cpu = torch.device("cpu")
        right = measure(Perfect(1.0), frames, SMALL, cpu)  # type: ignore[arg-type]
        assert right["score"] == pytest.approx(0, abs=1e-6)
        assert right["instance_delta_1"] == right["background_delta_1"] == right["delta_1"] == 1
        wrong = measure(Perfect(1.5), frames, SMALL, cpu)  # type: ignore[arg-type]
        assert wrong["instance_delta_1"] == 0
        assert wrong["background_delta_1"] == 1
        shares = [float((one.instance[one.depth > 0] > 0).mean()) for one in frames]
        assert wrong["delta_1"] == pytest.approx(1 - np.mean(shares))
        assert wrong["abs_rel"] == pytest.approx(0.5 * np.mean(shares), rel=1e-5)

    def test_nothing_to_measure_on(self) -> None:
        assert measure(Perfect(1.0), [], SMALL, torch.device("cpu")) == {}  # type: ignore[arg-type]

    def test_frames_are_taken_evenly(self) -> None:
        assert spread(10, 0) == list(range(10))
        assert spread(10, 20) == list(range(10))
        assert spread(9, 3) == [1, 4, 7]


class Killed(Exception):
    """What ends a run in a test."""


class Cut(IcmRecipe):
    """Fails in a step."""

    left: ClassVar[int] = 3

    def losses(self, network: Any, batch: Any) -> Any:
        type(self).left -= 1
        if not type(self).left:
            raise Killed
        return super().losses(network, batch)


class TestRuns:
    def test_a_run_that_was_cut_ends_in_the_same_bits(self, folders: tuple[Path, Path], tmp_path: Path) -> None:
        inputs = Inputs((str(folders[0]),), (), (str(folders[1]),))
        config = replace(SMALL, encoder_rate=0.5)
        assert train("icm-depth", IcmRecipe(config, inputs, 0), TRAIN, tmp_path / "whole")
        with pytest.raises(Killed):
            train("icm-depth", Cut(config, inputs, 0), TRAIN, tmp_path / "cut")
        assert train("icm-depth", IcmRecipe(config, inputs, 0), TRAIN, tmp_path / "cut")
        whole, cut = ((tmp_path / run / "weights.safetensors").read_bytes() for run in ("whole", "cut"))
        assert whole == cut
        self._eval(tmp_path / "cut" / "weights.safetensors", tmp_path)

    def _eval(self, weights: Path, tmp_path: Path) -> None:
        """The file is what a model needs, for pictures of any size; clusters are drawn with it."""
        model = IcmDepthModel(str(weights), "cpu")
        image = np.asarray(np.random.default_rng(1).integers(0, 256, (45, 70, 3)), dtype=np.uint8)
        sample = MonoSample("a", image)
        answer = model.finish(model.forward(model.prepare(sample)), sample).depth_m
        assert answer.shape == (45, 70)
        with torch.inference_mode():
            whole = model.network(padded(image)).depth_m
        assert whole.shape == (1, 1, 64, 96)
        np.testing.assert_array_equal(answer, whole[0, 0, :45, :70])
        Image.fromarray(image).save(tmp_path / "a.png")
        words = [
            "clusters",
            str(tmp_path / "a.png"),
            "--weights",
            str(weights),
            "--out",
            str(tmp_path / "c.png"),
            "--device",
            "cpu",
        ]
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == 0, done.output
        with Image.open(tmp_path / "c.png") as drawn:
            assert drawn.width > 6 * 320

    def test_the_encoder_may_learn_more_slowly(self) -> None:
        network = IcmDepth(SMALL.settings)
        groups = rate_groups(network, {"encoder.": 0.1})
        inside = {id(value) for value in network.encoder.parameters()}
        assert {group["share"]: {id(value) for value in group["params"]} <= inside for group in groups} == {
            1.0: False, 0.1: True
        }  # fmt: skip
        assert sum(len(group["params"]) for group in groups) == len(list(network.parameters()))
        assert len(rate_groups(network, {})) == 1

    def test_presets_can_be_read(self) -> None:
        for name in ("tiny", "paper"):
            config, settings = configure(name, IcmRecipe.presets, IcmConfig, {})
            assert config.steps > 1000
            assert settings.clusters == 32

    def test_what_is_wrong_is_named(self, folders: tuple[Path, Path], tmp_path: Path) -> None:
        data, val = map(str, folders)
        (tmp_path / "empty").mkdir()
        for inputs, told in (
            (Inputs((), (), ()), "--data: name a folder"),
            (Inputs((str(tmp_path / "empty"),), (), ()), "prepare dvps"),
            (Inputs((data,), ("m",), ()), "--masks"),
            (Inputs((data,), (), (data,)), "frame-000 is also learnt from"),
        ):
            with pytest.raises(DepthbenchError, match=told):
                IcmRecipe(SMALL, inputs, 0)
        with pytest.raises(DepthbenchError, match="multiple of 32"):
            replace(SMALL, crop_width=100)
        with pytest.raises(DepthbenchError, match="encoder_rate=2"):
            replace(SMALL, encoder_rate=2.0)
        with pytest.raises(DepthbenchError, match="the tiny encoder has none"):
            IcmRecipe(replace(SMALL, encoder_weights="a.safetensors"), Inputs((data,), (), (val,)), 0).network()
        assert len(DrivingFolder(data)) == 4

    def test_the_same_name_may_be_another_picture(self, folders: tuple[Path, Path], tmp_path: Path) -> None:
        other = folder(tmp_path / "other", range(1))
        write_driving_shard(other / "shards" / "000000.h5", [replace(record(7), id="frame-000")])
        IcmRecipe(SMALL, Inputs((str(folders[0]),), (), (str(other),)), 0)


def test_clusters_by_size() -> None:
    maps = np.zeros((4, 2, 4), dtype=np.float32)
    maps[2, 0], maps[1, 1, :3], maps[0, 1, 3] = 1, 1, 1
    assert leading_cluster(maps).tolist() == [[2, 2, 2, 2], [1, 1, 1, 0]]
    assert largest_clusters(maps, 9) == [2, 1, 0]
    assert largest_clusters(maps, 2) == [2, 1]
