# SPDX-License-Identifier: Apache-2.0
"""Training of PBS-MVSNet: what a sample is, exact continuation, falling loss, refusals, weights that evaluate."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import mvs_dtu
import numpy as np
import pytest
import torch

from depthbench.baselines.loading import load_model
from depthbench.baselines.pbs_mvsnet.inputs import map_camera
from depthbench.baselines.pbs_training.config import PbsConfig
from depthbench.baselines.pbs_training.recipe import PbsRecipe
from depthbench.baselines.pbs_training.source import Scans
from depthbench.baselines.pbs_training.stream import ViewStream, sample_of
from depthbench.baselines.training.config import TrainConfig, configure
from depthbench.baselines.training.distributed import Group
from depthbench.baselines.training.loader import load
from depthbench.baselines.training.recipe import Inputs
from depthbench.baselines.training.run import Run, train
from depthbench.baselines.training.schedule import learning_rate
from depthbench.baselines.weights_file import read_weights
from depthbench.benchmarks.evaluate import evaluate
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_folder import DtuFolder
from depthbench.formats.json_file import read_json
from depthbench.formats.pfm import read_pfm
from depthbench.fusion.consistency import DepthView
from depthbench.generators.mvs.dtu_shards import prepare_dtu

SMALL = PbsConfig(channels=8, width=4, planes=12, sources=2, size=80)
TRAIN = TrainConfig(steps=4, batch=2, lr=5e-3, ema=0.5, val_every=2, save_every=1, log_every=1, threads=1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mvs_dtu.write_training(tmp_path_factory.mktemp("dtu"))


def recipe(data: Path, config: PbsConfig = SMALL) -> PbsRecipe:
    return PbsRecipe(config, Inputs((f"{data}@2",), (), (f"dtu:{data}@3",)), seed=0)


def test_the_truth_of_a_sample_is_that_of_the_network_s_pixels(data: Path) -> None:
    """Each pixel of the map, carried by its true depth, lies on the wall or the ball, within what a depth map of a quarter resolves."""
    reference, others, truth = Scans(str(data)).views(0, 2, 0)
    made = sample_of(reference, others, truth, SMALL)
    assert made["pictures"].shape == (3, 3, 64, 80)
    assert made["truth"].shape == made["valid"].shape == (16, 20)
    camera = map_camera(reference, (20, 16))
    view = DepthView(made["truth"].numpy(), camera.intrinsics, camera.world_to_cam)
    points = view.points(made["valid"].numpy(), view.depth).astype(np.float64) / mvs_dtu.MM
    scene = mvs_dtu.mvs_scene.fusion_scene
    wall = np.abs(points @ scene.NORMAL - scene.OFFSET)
    ball = np.abs(np.linalg.norm(points - scene.CENTRE, axis=1) - scene.RADIUS)
    assert np.quantile(np.minimum(wall, ball), 0.9) < 0.08
    assert made["valid"].float().mean() > 0.95


def test_samples_follow_from_seed_and_number(data: Path) -> None:
    config = dataclasses.replace(SMALL, levels=2)
    first, again, other = (ViewStream([Scans(str(data))], config, seed) for seed in (1, 1, 2))
    for number in (0, 5):
        torch.testing.assert_close(first.sample(3, number), again.sample(3, number))
    heights = {first.sample(step, number)["truth"].shape for step in range(6) for number in (0, 1)}
    assert heights == {(16, 20), (8, 10)}
    sums = [[float(stream.sample(0, n)["pictures"].abs().sum()) for n in range(6)] for stream in (first, other)]
    assert sums[0] != sums[1]


def test_a_stopped_run_ends_as_one_that_was_never_stopped(data: Path, tmp_path: Path) -> None:
    assert train("pbs-mvsnet", recipe(data), TRAIN, tmp_path / "whole")
    run = tmp_path / "parts"
    first = Run("pbs-mvsnet", recipe(data), TRAIN, run, None, Group(0, 1, torch.device("cpu")))
    run.mkdir()
    parts = load(first.recipe.stream(), TRAIN, first.group, 0)
    for _ in range(2):
        first.update(parts, first.objective)
    first.save()
    assert train("pbs-mvsnet", recipe(data), TRAIN, run)
    whole, joined = (read_weights(folder / "weights.safetensors")[0] for folder in (tmp_path / "whole", run))
    assert all(torch.equal(whole[key], joined[key]) for key in whole)


def test_the_loss_falls_and_the_weights_evaluate(data: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(TRAIN, steps=30, batch=2, val_every=30, save_every=30, log_every=5)
    assert train("pbs-mvsnet", recipe(data), config, tmp_path / "run")
    record = read_json(tmp_path / "run" / "record.json")
    losses = [row["loss"] for row in record["curves"]["train"]]
    assert losses[-1] < 0.7 * losses[0]
    [held] = record["curves"]["validation"]
    assert held["score"] == held["mean_mm"]
    opened = open_set("dtu", mvs_dtu.write_scan(tmp_path / "test", width=64, height=46))
    model = load_model(
        "pbs-mvsnet",
        {"weights": str(tmp_path / "run" / "weights.safetensors"), "levels": 2, "sure": 0.0, "unsure": 1.0},
    )
    outcome = evaluate(model, opened, load_protocol("dtu"), tmp_path / "out")
    folder = tmp_path / "out" / "predictions" / "scan1"
    fine, coarse, final = (read_pfm(folder / part / "00000001.pfm") for part in ("levels/0", "levels/1", "."))
    assert (fine.shape, coarse.shape, final.shape) == ((46, 64), (6, 8), (46, 64))
    assert outcome.record["aggregate"]["all"]["coverage"]["mean"] == 100
    assert [result.id for result in outcome.failed] in ([], ["scan1, cloud"])


def test_presets_are_settings_of_the_recipe() -> None:
    train_tiny, tiny = configure("tiny", PbsRecipe.presets, PbsConfig, {"aggregation": "none"})
    _, paper = configure("paper", PbsRecipe.presets, PbsConfig, {})
    assert (tiny.planes, tiny.aggregation, paper.planes, paper.channels) == (48, "none", 192, 32)
    assert train_tiny.steps > 1000


def test_the_exponential_rate_declines_twelve_times() -> None:
    config = TrainConfig(steps=1200, batch=1, lr=1.0, schedule="exponential")
    assert [learning_rate(step, config) for step in (0, 99, 100, 1199)] == pytest.approx([1, 1, 0.9, 0.9**11])


def test_shards_of_the_folder_are_the_same_samples(data: Path, tmp_path: Path) -> None:
    prepare_dtu(DtuFolder(data, "train"), [2, 3], tmp_path / "shards")
    plain, stored = Scans(str(data)), Scans(f"{tmp_path / 'shards'}@2-3")
    assert len(plain) == len(stored) == 6
    for place in (0, 5):
        assert plain.lights(place) == stored.lights(place) == [0, 1]
        both = [sample_of(*scans.views(place, 2, 1), SMALL) for scans in (plain, stored)]
        torch.testing.assert_close(both[0], both[1])


def test_data_that_is_not_there_is_told(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match="generate dtu-twin"):
        Scans(str(tmp_path / "no"))
    with pytest.raises(DepthbenchError, match=r"no scan 9 .* 2 to 3"):
        Scans(f"{data}@2,9")
    with pytest.raises(DepthbenchError, match="kind of data"):
        Scans(f"blended:{data}")
    with pytest.raises(DepthbenchError, match="scan 3 is what it learns from"):
        PbsRecipe(SMALL, Inputs((str(data),), (), (f"{data}@3",)), 0)
    with pytest.raises(DepthbenchError, match="learns from masks"):
        PbsRecipe(SMALL, Inputs((str(data),), ("x",), ()), 0)
    reference, others, truth = Scans(str(data)).views(0, 2, 0)
    metres = dataclasses.replace(truth, depth=truth.depth / 1000)
    with pytest.raises(DepthbenchError, match="other units"):
        sample_of(reference, others, metres, SMALL)
