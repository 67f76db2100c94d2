# SPDX-License-Identifier: Apache-2.0
"""Training of HybridDepth: what a sample is, which planes and branches are refused, exact continuation, validation as eval measures."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from test_hybriddepth_model import TINY, network, saved

from depthbench.baselines.hybriddepth.weights import branch_state, read_plain
from depthbench.baselines.hybriddepth_training.config import HybridConfig
from depthbench.baselines.hybriddepth_training.recipe import HybridRecipe
from depthbench.baselines.hybriddepth_training.source import Stacks
from depthbench.baselines.hybriddepth_training.stream import sample_of, target
from depthbench.baselines.hybriddepth_training.validation import measure
from depthbench.baselines.loading import load_model
from depthbench.baselines.training.config import TrainConfig, configure
from depthbench.baselines.training.distributed import Group
from depthbench.baselines.training.loader import load
from depthbench.baselines.training.recipe import Inputs
from depthbench.baselines.training.run import train
from depthbench.baselines.training.start import start
from depthbench.benchmarks.evaluate import evaluate
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.generators.focal.fill import fill
from depthbench.generators.focal.planes import FocusPlanes
from depthbench.generators.focal.stack_set import StackSet

CPU = torch.device("cpu")
SMALL = HybridConfig(
    **dataclasses.asdict(TINY),
    focus="dioptre-uniform",
    planes=3,
    near_m=0.5,
    far_m=5.0,
    crop_width=32,
    crop_height=32,
    flip=True,
    gain=1.2,
    truth_far_m=math.inf,
    focus_weight=10.0,
)
TRAIN = TrainConfig(steps=4, batch=2, lr=1e-3, ema=0.5, val_every=2, save_every=1, log_every=2, threads=1)


def rgbd(root: Path, count: int = 2, height: int = 40, width: int = 48) -> str:
    """Pictures with depth, as --data takes them."""
    for kind in ("rgb", "depth"):
        (root / kind).mkdir(parents=True)
    rng = np.random.default_rng(count)
    for k in range(count):
        smooth = ndimage.gaussian_filter(rng.uniform(-1, 2, (height, width, 3)), (1, 1, 0))
        Image.fromarray(np.uint8(255 * np.clip(smooth, 0, 1))).save(root / "rgb" / f"{k:03d}.png")
        depth_mm = np.full((height, width), 3000, np.uint16)
        depth_mm[10:30, 12 + k : 30 + k] = 900
        depth_mm[:4, :6] = 0
        Image.fromarray(depth_mm).save(root / "depth" / f"{k:03d}.png")
    return f"folder:{root}"


def recipe(word: str, val: tuple[str, ...] = (), config: HybridConfig = SMALL, seed: int = 0) -> HybridRecipe:
    return HybridRecipe(config, Inputs((word,), (), val), seed)


def test_the_target_by_hand() -> None:
    """Quantity, limits, sky; at most as far as any answer."""
    depth = torch.tensor([[math.nan, 5e-4, 0.5, 9.0, 10.0, 80.0, math.inf]])
    metres = replace(SMALL, quantity="depth", truth_far_m=10.0)
    values, valid = target(depth, metres)
    assert valid[0].tolist() == [False, False, True, True, False, False, False]
    assert values[0].tolist() == [0, 0, 0.5, 9, 0, 0, 0]
    values, valid = target(depth, replace(SMALL, per=2.0))
    assert valid[0].tolist() == [False, False, True, True, True, True, True]
    np.testing.assert_allclose(values[0], [0, 0, 4, 2 / 9, 0.2, 0.025, 0.02], rtol=1e-6)
    assert target(depth, replace(SMALL, truth_far_m=10.0))[1][0].tolist() == [
        False,
        False,
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_sample_is_a_part_of_its_stack(tmp_path: Path) -> None:
    found = Stacks(rgbd(tmp_path / "d"), SMALL, 0).stack(1)
    seen = set()
    for seed in range(12):
        made = sample_of(np.random.default_rng(seed), found, replace(SMALL, gain=1.0), "d")
        assert made["focus"].tolist() == pytest.approx([2, 1.1, 0.2])
        places = [
            (top, left, mirrored)
            for top in range(9)
            for left in range(17)
            for mirrored in (False, True)
            if torch.equal(made["picture"], _cut(found["all_in_focus"], top, left, mirrored))
        ]
        [place] = places
        seen.add(place)
        torch.testing.assert_close(made["stack"], _cut(found["stack"], *place))
        depth = _cut(found["depth_m"], *place)
        assert torch.equal(made["valid"][0], depth.isfinite())
        torch.testing.assert_close(made["truth"][0][made["valid"][0]], 1 / depth[depth.isfinite()])
    assert len(seen) > 8
    assert {mirrored for *_, mirrored in seen} == {False, True}


def _cut(values: torch.Tensor, top: int, left: int, mirrored: bool) -> torch.Tensor:
    part = values[..., top : top + 32, left : left + 32]
    return part.flip(-1) if mirrored else part


def test_samples_do_not_depend_on_workers_nor_on_the_order_asked(tmp_path: Path) -> None:
    stream = recipe(rgbd(tmp_path / "d"), config=replace(SMALL, noise="mild")).stream()
    config = replace(TRAIN, steps=2)
    parts = [list(load(stream, replace(config, workers=workers), Group(0, 1, CPU), 0)) for workers in (0, 2)]
    for one, other in zip(*parts, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)
    again = stream.sample(0, 3)
    assert torch.equal(again["stack"], parts[0][1]["stack"][1])
    assert not torch.equal(stream.sample(0, 7)["stack"], again["stack"])


class Killed(Exception):
    """Stands in for the power cut."""


class Cut(HybridRecipe):
    """Dies in the middle of a step."""

    left = 3

    def losses(self, network: Any, batch: Any) -> dict[str, torch.Tensor]:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return super().losses(network, batch)


def test_a_run_that_was_cut_ends_in_the_same_bits_and_eval_reads_it(tmp_path: Path) -> None:
    word, val = rgbd(tmp_path / "d"), (rgbd(tmp_path / "v", 3),)
    assert train("hybriddepth", recipe(word, val), TRAIN, tmp_path / "whole")
    with pytest.raises(Killed):
        train("hybriddepth", Cut(SMALL, Inputs((word,), (), val), 0), TRAIN, tmp_path / "cut")
    assert train("hybriddepth", recipe(word, val), TRAIN, tmp_path / "cut")
    whole, cut = ((tmp_path / run / "weights.safetensors").read_bytes() for run in ("whole", "cut"))
    assert whole == cut
    model = load_model("hybriddepth", {"weights": str(tmp_path / "cut" / "weights.safetensors")}).model
    assert model.network.settings == TINY


def test_validation_counts_as_the_protocol_does(tmp_path: Path) -> None:
    """Stored stacks, evaluated by eval, against the measures of the same stacks rendered as they are asked for."""
    word = rgbd(tmp_path / "v", 3)
    fill(StackSet(SMALL.stacks_of("folder", 0)), tmp_path / "v", tmp_path / "stacks")
    weights = saved(tmp_path / "w.safetensors")
    held = Stacks(word, SMALL, 0)
    with torch.inference_mode():
        found = measure(network(), [held.stack(place) for place in held.spread(0)], CPU)
    opened = open_set(str(tmp_path / "stacks"), None)
    for stage in ("refined", "aligned", "focus"):
        model = load_model("hybriddepth", {"weights": str(weights), "stage": stage, "device": "cpu"})
        record = evaluate(model, opened, load_protocol("depth"), tmp_path / stage).record
        cells = record["aggregate"]["all"]
        for name in ("abs_rel", "rmse", "delta_1.25"):
            assert found[f"{stage}_{name}"] == pytest.approx(cells[name]["mean"], rel=1e-4, abs=1e-6)
    assert found["score"] == found["refined_abs_rel"]
    record = evaluate(load_model("constant"), opened, load_protocol("depth"), tmp_path / "c").record
    assert found["constant_abs_rel"] == pytest.approx(record["aggregate"]["all"]["abs_rel"]["mean"], rel=1e-5)


def test_stored_stacks_are_data_too(tmp_path: Path) -> None:
    rgbd(tmp_path / "d")
    fill(StackSet(SMALL.stacks_of("folder", 0)), tmp_path / "d", tmp_path / "stacks")
    stored, rendered = Stacks(f"{tmp_path / 'stacks'}:2", SMALL, 0), Stacks(f"folder:{tmp_path / 'd'}", SMALL, 0)
    assert stored.weight == 2
    assert torch.equal(stored.stack(1)["stack"], rendered.stack(1)["stack"])
    told = replace(SMALL.stacks_of("folder", 0), planes=FocusPlanes("gt-range", 3))
    fill(StackSet(told), tmp_path / "d", tmp_path / "told")
    with pytest.raises(DepthbenchError, match="chosen by 'gt-range'"):
        Stacks(str(tmp_path / "told"), SMALL, 0)
    with pytest.raises(DepthbenchError, match=r"3 planes, the settings ask for 4: --option planes=3"):
        sample_of(np.random.default_rng(0), stored.stack(0), replace(SMALL, planes=4), "d")
    with pytest.raises(DepthbenchError, match="48x40, smaller than a sample of 64x32"):
        sample_of(np.random.default_rng(0), stored.stack(0), replace(SMALL, crop_width=64), "d")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"focus": "gt-range"}, "tell the network about the depth"),
        ({"focus": "quantile"}, "tell the network about the depth"),
        ({"learns": ("refinement",)}, "focus_weights=FILE"),
        ({"learns": ("focus", "refinement")}, "relative_weights=FILE"),
        ({"learns": ("all",)}, "unknown branch"),
        ({"crop_width": 40}, "multiple of 32"),
        ({"gain": 0.5}, "one cannot be"),
        ({"quantity": "depth"}, "finite depth"),
        ({"planes": 1}, "a stack has 2"),
    ],
)
def test_settings_that_cannot_be_are_told(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(DepthbenchError, match=told):
        replace(SMALL, **changed)


def test_data_that_cannot_be_is_told(tmp_path: Path) -> None:
    word = rgbd(tmp_path / "d")
    for data, masks, val, told in (
        (("planets:x",), (), (), "unknown source"),
        ((str(tmp_path / "none"),), (), (), "KIND:ROOT"),
        ((f"{word}@near",), (), (), "for stereo sets"),
        ((word,), ("m",), (), "--masks"),
        ((word,), (), (word,), "hold other scenes out"),
    ):
        with pytest.raises(DepthbenchError, match=told):
            HybridRecipe(SMALL, Inputs(data, masks, val), 0)
    alone = recipe(word)
    batch = {name: value[None] for name, value in alone.stream().sample(0, 0).items()}
    with pytest.raises(DepthbenchError, match="raise --batch"):
        alone.losses(alone.network(), batch)


def test_frozen_branches_start_from_their_files_and_do_not_move(tmp_path: Path) -> None:
    theirs = saved(tmp_path / "theirs.safetensors", seed=3)
    config = replace(SMALL, learns=("refinement",), focus_weights=str(theirs), relative_weights=str(theirs))
    made = HybridRecipe(config, Inputs((rgbd(tmp_path / "d"),), (), ()), 0)
    assert train("hybriddepth", made, replace(TRAIN, steps=2), tmp_path / "out")
    after, before = read_plain(tmp_path / "out" / "weights.safetensors"), read_plain(theirs)
    for branch in ("focus", "relative"):
        old, new = (branch_state(state, branch, "x") for state in (before, after))
        assert old.keys() == new.keys()
        assert all(torch.equal(old[name], new[name]) for name in old)
    assert {entry["use"] for entry in made.manifest()} == {"data", "focus", "relative"}
    network = recipe(rgbd(tmp_path / "e")).network()
    assert made.initialise(network, theirs) == "Apache-2.0"
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_the_gradient_loss_may_see_the_borders_of_holes_as_published(tmp_path: Path) -> None:
    word = rgbd(tmp_path / "d")
    masked, bare = recipe(word), recipe(word, config=replace(SMALL, mask_gradient=False))
    sample = sample_of(np.random.default_rng(5), Stacks(word, SMALL, 0).stack(0), SMALL, "d")
    sample["valid"][:, 10:14, 10:20] = False
    sample["truth"][~sample["valid"]] = 0
    batch = {name: torch.stack([value, value]) for name, value in sample.items()}
    shown = masked.network()
    terms = [one.losses(shown.eval(), batch) for one in (masked, bare)]
    assert terms[0]["silog"] == terms[1]["silog"]
    assert terms[1]["edges"] > terms[0]["edges"]


def test_it_learns_a_few_stacks_by_heart(tmp_path: Path) -> None:
    """Refined depth gets better than the constant, and every term falls."""
    made = recipe(rgbd(tmp_path / "d"))
    torch.manual_seed(0)
    network = made.network()
    stream = made.stream()
    samples = [stream.sample(0, number) for number in range(4)]
    batch = {name: torch.stack([sample[name] for sample in samples]) for name in samples[0]}
    optimizer = torch.optim.Adam([value for value in network.parameters() if value.requires_grad], 3e-3)
    rows = []
    for _ in range(60):
        terms = made.losses(network, batch)
        optimizer.zero_grad()
        torch.stack(list(terms.values())).sum().backward()
        optimizer.step()
        rows.append({name: float(value.detach()) for name, value in terms.items()})
    for name in ("silog", "focus", "relative"):
        assert np.mean([row[name] for row in rows[-5:]]) < 0.5 * np.mean([row[name] for row in rows[:3]])
    truth, valid = batch["truth"], batch["valid"]
    with torch.no_grad():
        refined = network(batch["picture"], batch["stack"], batch["focus"]).refined
    error = (refined - truth).abs()[valid].mean()
    assert error < 0.5 * (truth - truth[valid].median()).abs()[valid].mean() + 0.05


def test_presets_are_what_they_say(tmp_path: Path) -> None:
    paper, settings = configure(
        "paper", HybridRecipe.presets, HybridConfig, {"focus_weights": "a.tar", "relative_weights": "b.pth"}
    )
    assert (paper.steps, paper.batch, paper.lr, paper.weight_decay) == (60_000, 24, 3e-4, 1e-3)
    assert (paper.schedule, paper.ema, settings.learns, settings.planes) == ("constant", 0, ("refinement",), 10)
    assert (settings.width, settings.level, settings.features, settings.inputs) == (64, 4, 64, 3)
    assert (settings.gradient_weight, settings.truth_far_m, settings.quantity) == (0.5, 10, "depth")
    with pytest.raises(DepthbenchError, match="focus_weights=FILE"):
        configure("paper", HybridRecipe.presets, HybridConfig, {})
    files = {"focus_weights": "a.tar", "relative_weights": "b.pth"}
    for word, learns in (("refinement", ("refinement",)), ("focus,refinement", ("focus", "refinement"))):
        _, settings = configure("tiny", HybridRecipe.presets, HybridConfig, {"learns": word, **files})
        assert (settings.learns, settings.corrects) == (learns, "focus")
    options = {"steps": 1, "batch": 2, "width": 8, "features": 4, "crop_width": 32, "crop_height": 32, "threads": 1}
    done = start("hybriddepth", "tiny", options, (rgbd(tmp_path / "d"),), (), (), tmp_path / "out", None)
    assert done
    model = load_model("hybriddepth", {"weights": str(tmp_path / "out" / "weights.safetensors")}).model
    assert model.metadata["planes"] == "6"
