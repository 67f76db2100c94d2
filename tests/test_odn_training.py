# SPDX-License-Identifier: Apache-2.0
"""Training of ODN: it learns, continues to the same bits, validates as the protocol does, and its files are what eval reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import motion_layouts as layouts
import numpy as np
import pytest
import torch

from depthbench.baselines.loading import load_model
from depthbench.baselines.odn import formulation
from depthbench.baselines.odn.examples import MotionExamples, open_motion, read_examples
from depthbench.baselines.odn.network import ODN
from depthbench.baselines.odn_training.config import OdnConfig
from depthbench.baselines.odn_training.recipe import BEYOND, OdnL, OdnLp, OdnLr
from depthbench.baselines.odn_training.stream import MaskStream
from depthbench.baselines.odn_training.validation import measure, percent_errors
from depthbench.baselines.training.config import TrainConfig, configure
from depthbench.baselines.training.distributed import Group
from depthbench.baselines.training.loader import load
from depthbench.baselines.training.recipe import Inputs
from depthbench.baselines.training.run import train
from depthbench.baselines.training.start import start
from depthbench.baselines.weights_file import read_metadata
from depthbench.benchmarks.evaluate import evaluate
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json
from depthbench.formats.odms_folder import write_example
from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.examples import make_examples

CPU = torch.device("cpu")
SMALL = OdnConfig(observations=2, restate_examples=8)
TRAIN = TrainConfig(
    steps=4, batch=4, lr=1e-3, weight_decay=0, ema=0.5, val_every=2, save_every=1, log_every=2, threads=1
)


def test_it_learns_a_few_examples_by_heart() -> None:
    torch.manual_seed(0)
    network = ODN(2)
    made = make_examples(OdmsConfig(seed=2, observations=2), np.arange(8))
    masks, behind, depth = (torch.from_numpy(v.copy()) for v in (made.masks, made.camera_move_m, made.depth_m))
    wanted = formulation.target("l", depth, behind)
    network.dropout.eval()
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    losses = []
    for step in range(40):
        optimizer.param_groups[0]["lr"] = 1e-3 * (1 - step / 40)
        loss = (network(masks, behind) - wanted).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    spread = float((wanted - wanted.median()).abs().mean())
    assert min(losses[-5:]) < 0.25 * spread


def test_samples_do_not_depend_on_what_is_made_with_them() -> None:
    stream = MaskStream(OdmsConfig(seed=3, observations=2))
    together = stream.samples([(0, 5), (0, 2), (1, 9)])
    for place, number in enumerate((5, 2, 9)):
        alone = stream.sample(7, number)
        for name, values in together.items():
            assert torch.equal(alone[name], values[place])
    assert torch.equal(together["behind_m"][:, 0], torch.zeros(3))
    config = replace(TRAIN, batch=6, accumulate=2)
    parts = [list(load(stream, replace(config, workers=workers), Group(0, 1, CPU), 2)) for workers in (0, 2)]
    for one, other in zip(*parts, strict=True):
        assert one["masks"].shape == (3, 2, 112, 112)
        assert all(torch.equal(one[name], other[name]) for name in one)


class Killed(Exception):
    """Stands in for the power cut."""


class Cut(OdnLr):
    """Dies in the middle of a step."""

    left = 0

    def losses(self, network: Any, batch: Any) -> dict[str, torch.Tensor]:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return super().losses(network, batch)


def test_a_run_that_was_cut_ends_in_the_same_bits(tmp_path: Path) -> None:
    """Batch norms, restated at each validation, and the best of every set among them."""
    layouts.simulated(tmp_path / "val", examples=2)
    layouts.simulated(tmp_path / "val", "perturb", examples=1)
    val = tuple(f"odms-{part}:{tmp_path / 'val'}" for part in ("normal", "perturb"))
    inputs = Inputs(("odms",), (), val)
    assert train("odn-lr", OdnLr(SMALL, inputs, 0), TRAIN, tmp_path / "whole")
    recipe = Cut(SMALL, inputs, 0)
    recipe.left = 3
    with pytest.raises(Killed):
        train("odn-lr", recipe, TRAIN, tmp_path / "cut")
    assert train("odn-lr", OdnLr(SMALL, inputs, 0), TRAIN, tmp_path / "cut")
    for name in ("weights", "weights-normal", "weights-perturb"):
        whole, cut = ((tmp_path / run / f"{name}.safetensors").read_bytes() for run in ("whole", "cut"))
        assert whole == cut
    model = load_model("odn-lr", {"weights": str(tmp_path / "cut" / "weights.safetensors")}).model
    assert (model.network.observations, model.network.radial) == (2, True)


def test_validation_counts_as_the_protocol_does(tmp_path: Path) -> None:
    layouts.everything(tmp_path / "set")
    out = tmp_path / "run"
    inputs = Inputs(("odms",), (), (f"odms:{tmp_path / 'set'}",))
    recipe = OdnL(OdnConfig(observations=3, restate_examples=8), inputs, 1)
    assert train("odn-l", recipe, replace(TRAIN, steps=1), out)
    opened = open_set("odms", tmp_path / "set", {"split": "val", "n": 3})
    model = load_model("odn-l", {"weights": str(out / "weights.safetensors")})
    record = evaluate(model, opened, load_protocol("odms"), tmp_path / "ev").record
    means = {region: cells["percent_error"]["mean"] for region, cells in record["aggregate"].items()}
    groups = read_examples(open_motion(f"odms:{tmp_path / 'set'}", 3, "val"))
    with torch.inference_mode():
        measures = measure(model.model.network, groups, CPU)  # type: ignore[attr-defined]
    measures["all"] = measures.pop("score")
    assert measures == pytest.approx(means, rel=1e-4)


class Says(ODN):
    """Gives the numbers it was told."""

    def __init__(self, numbers: list[float]) -> None:
        super().__init__(2)
        self.numbers = torch.tensor(numbers)

    def forward(self, masks: torch.Tensor, behind_m: torch.Tensor) -> torch.Tensor:
        return self.numbers


def test_errors_by_hand() -> None:
    """d = D f / (1 - f), D = 2: right, twice the truth, negative, without an answer."""
    behind = torch.tensor([[0.0, 2.0]] * 4, dtype=torch.float64)
    examples = MotionExamples(torch.zeros(4, 2, 112, 112), behind, torch.tensor([2.0, 1.0, 4.0, 5.0]).double())
    errors = percent_errors(Says([0.5, 0.5, 2.0, 1.0]), examples, CPU)
    assert errors.tolist() == [0, 100, 200, 100]


def test_a_network_that_sees_the_radial_image_starts_as_one_that_does_not(tmp_path: Path) -> None:
    plain = OdnL(SMALL, Inputs(("odms",)), 0)
    train("odn-l", plain, replace(TRAIN, steps=1), tmp_path)
    radial = OdnLr(SMALL, Inputs(("odms",)), 0)
    network = radial.network()
    assert radial.initialise(network, tmp_path / "weights.safetensors") == "Apache-2.0"
    model = load_model("odn-l", {"weights": str(tmp_path / "weights.safetensors")}).model
    made = MaskStream(OdmsConfig(observations=2)).samples([(0, 1), (0, 2)])
    with torch.no_grad():
        answers = [one.eval()(made["masks"], made["behind_m"]) for one in (network, model.network)]
    torch.testing.assert_close(*answers)


def test_a_network_validated_on_clean_masks_is_used_on_clean_masks(tmp_path: Path) -> None:
    """Clutter that is larger than the object changes neither its measures nor its answers, unless it is asked for."""
    for root, clutter in ((tmp_path / "plain", 0), (tmp_path / "cluttered", 30)):
        for number in (1, 2):
            masks = []
            for step in layouts.STEPS:
                mask = np.zeros((112, 112), dtype=bool)
                half = 15 // step + number
                mask[56 - half : 56 + half, 56 - half : 56 + half] = True
                mask[:4, :clutter] = True
                masks.append(mask)
            write_example(root / "data" / "val" / "normal" / f"synthetic_{number}", masks, layouts.DEPTHS_M)
    scores = {}
    for name in ("plain", "cluttered"):
        recipe = OdnL(replace(SMALL, clean=True), Inputs(("odms",), (), (f"odms-normal:{tmp_path / name}",)), 1)
        assert train("odn-l", recipe, replace(TRAIN, steps=1), tmp_path / name / "run")
        scores[name] = read_json(tmp_path / name / "run" / "record.json")["best"]["score"]
    assert scores["cluttered"] == scores["plain"]
    weights = str(tmp_path / "cluttered" / "run" / "weights.safetensors")
    samples = [
        open_motion(f"odms-normal:{tmp_path / name}", 2, "val").observations("synthetic_1")
        for name in ("plain", "cluttered")
    ]
    for options, same in (({}, True), ({"clean": False}, False)):
        model = load_model("odn-l", {"weights": weights, **options}).model
        answers = [model.finish(model.forward(model.prepare(sample)), sample).depth_m for sample in samples]
        assert (answers[0] == answers[1]) == same


def test_norms_are_restated_with_examples_of_the_same_kind_that_no_run_learns_from() -> None:
    [(masks, behind)] = OdnLp(SMALL, Inputs(("odms",)), 4)._fresh(CPU)
    made = make_examples(OdmsConfig(seed=4, observations=2, perturb=True), np.arange(BEYOND, BEYOND + 8))
    np.testing.assert_array_equal(masks, made.masks)
    np.testing.assert_array_equal(behind, made.camera_move_m)


def test_some_held_out_examples_are_spread_evenly(tmp_path: Path) -> None:
    layouts.robot(tmp_path)
    opened = open_motion(f"odms-robot:{tmp_path}", 2, "val")
    [(name, some)] = read_examples(opened, 4).items()
    truths = [opened.truth(i).depth_m for i in opened.ids()]
    assert name == "robot"
    assert some.depth_m.tolist() == [truths[0], truths[18], truths[36], truths[54]]


@pytest.mark.parametrize(
    ("data", "masks", "val", "told"),
    [
        ((), (), (), "--data odms"),
        (("planes",), (), (), "--data odms"),
        (("odms",), ("x",), (), "its masks are drawn"),
        (("odms",), (), ("middlebury-v3:x",), "known: odms"),
        (("odms",), (), ("odms-normal:{root}", "odms-normal:{root}"), "normal is held out twice"),
    ],
)
def test_wrong_data_is_told(
    tmp_path: Path, data: tuple[str, ...], masks: tuple[str, ...], val: tuple[str, ...], told: str
) -> None:
    layouts.simulated(tmp_path)
    val = tuple(word.format(root=tmp_path) for word in val)
    with pytest.raises(DepthbenchError, match=told):
        start("odn-l", "tiny", {"observations": 2}, data, masks, val, tmp_path / "out", None)


def test_presets_are_what_they_say_and_weights_tell_what_they_are(tmp_path: Path) -> None:
    paper, recipe = configure("paper", OdnL.presets, OdnConfig, {})
    assert (paper.steps, paper.batch, paper.lr, paper.val_every) == (5000, 512, 1e-3, 10)
    assert (paper.schedule, paper.weight_decay, paper.ema, recipe.observations) == ("constant", 0, 0, 10)
    done = start(
        "odn-lp",
        "tiny",
        {"steps": 1, "batch": 2, "observations": 5, "restate_examples": 2, "threads": 1},
        ("odms",),
        (),
        (),
        tmp_path,
        None,
    )
    assert done
    told = read_metadata(tmp_path / "weights.safetensors")
    assert (told["model"], told["observations"], told["perturb"], told["formulation"]) == ("odn-lp", "5", "true", "l")
    with pytest.raises(DepthbenchError, match="of odn-lp, not of odn-l"):
        load_model("odn-l", {"weights": str(tmp_path / "weights.safetensors")})
    assert start(
        "odn-l",
        "tiny",
        {"steps": 1, "batch": 2, "observations": 5, "restate_examples": 0},
        ("odms",),
        (),
        (),
        tmp_path / "on",
        tmp_path / "weights.safetensors",
    )
