# SPDX-License-Identifier: Apache-2.0
"""ODN: its size, what its number means, what it sees, its batch norms, and how it answers in eval and live."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import motion_layouts as layouts
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from depthbench.baselines.loading import load_model
from depthbench.baselines.motion_track import DepthTracker, LiveModel
from depthbench.baselines.odn import formulation
from depthbench.baselines.odn.configurations import SHIPPED
from depthbench.baselines.odn.examples import open_motion, read_examples
from depthbench.baselines.odn.network import ODN
from depthbench.baselines.odn.radial import radial_image
from depthbench.baselines.odn.reduce import reduce_mask, reduce_masks
from depthbench.baselines.odn.statistics import restate
from depthbench.baselines.odn.weights import description
from depthbench.baselines.vos_de import VosDe
from depthbench.baselines.weights_file import write_weights
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.formats.image import write_png
from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.examples import make_examples, unpacked
from depthbench.tasks import MotionSample


def saved(path: Path, name: str = "odn-l", observations: int = 3, radial: bool = False, seed: int = 0) -> Path:
    """A checkpoint of random weights, its batch norms as on some examples, so that answers differ from mask to mask."""
    torch.manual_seed(seed)
    kind = name.removeprefix("odn-").rstrip("pr") if name != "odn-dbar" else "dbar"
    network = ODN(observations, kind, radial)
    made = make_examples(OdmsConfig(observations=observations), np.arange(16))
    restate(network, [(torch.from_numpy(made.masks), torch.from_numpy(made.camera_move_m))])
    write_weights(path, network.state_dict(), {"model": name, **description(observations, kind, radial, "code")})
    return path


@pytest.mark.parametrize(
    ("observations", "kind", "radial", "parameters"),
    [
        (10, "l", False, 1_649_865),
        (10, "dbar", False, 1_649_865),
        (10, "d", False, 1_650_122),
        (10, "l", True, 1_656_137),
        (2, "l", True, 1_603_905),
    ],
)
def test_as_many_parameters_as_the_published_network(
    observations: int, kind: str, radial: bool, parameters: int
) -> None:
    network = ODN(observations, kind, radial)
    assert sum(value.numel() for value in network.parameters()) == parameters
    masks, behind = torch.rand(2, observations, 112, 112), torch.linspace(0, 1, observations).expand(2, -1)
    number = network.eval()(masks, behind)
    assert number.isfinite().all()
    assert number.shape == (2,)


def test_features_shrink_as_published() -> None:
    sizes: list[tuple[int, ...]] = []
    network = ODN(2).eval()
    for module in (network.bn1, *network.blocks):
        module.register_forward_hook(lambda module, inputs, out: sizes.append(tuple(out.shape[1:])))
    network(torch.zeros(1, 2, 112, 112), torch.tensor([[0.0, 1.0]]))
    assert sizes == [(32, 53, 53), (64, 27, 27), (128, 14, 14), (128, 7, 7), (256, 4, 4)]


def test_the_head_of_the_text_has_one_layer_more_and_drops_inputs() -> None:
    assert sum(v.numel() for v in ODN(head="text").parameters()) - 1_649_865 == 264 * 256 + 256 - 8
    with pytest.raises(DepthbenchError, match="unknown head 'txt'"):
        ODN(head="txt")


def test_formulations_by_hand() -> None:
    """0.2 m at the end, 0.5 m at the start: the camera went 0.3 m, 0.1 m of it last."""
    behind, depth = torch.tensor([[0.0, 0.1, 0.3]]), torch.tensor([0.2])
    numbers = {name: float(formulation.target(name, depth, behind)) for name in formulation.FORMULATIONS}
    assert numbers == {"l": pytest.approx(0.4), "dbar": pytest.approx(2 / 3), "d": pytest.approx(0.2)}
    told = {name: formulation.movement(name, behind)[0].tolist() for name in formulation.FORMULATIONS}
    assert told == {"l": [pytest.approx(1 / 3)], "dbar": [pytest.approx(1 / 3)], "d": pytest.approx([0.1, 0.3])}
    ones = torch.ones(1, dtype=torch.float64)
    assert math.isinf(float(formulation.depth("l", ones, behind)))
    assert math.isnan(float(formulation.depth("l", ones, torch.zeros(1, 3))))


@settings(max_examples=50)
@given(
    st.sampled_from(formulation.FORMULATIONS),
    st.integers(2, 10),
    st.floats(0.01, 100),
    st.floats(0.01, 100),
    st.integers(0, 2**31),
)
def test_inference_undoes_the_loss_and_dimensionless_inputs_have_no_unit(
    name: str, n: int, depth: float, way: float, seed: int
) -> None:
    inner = np.sort(np.random.default_rng(seed).uniform(0, way, n - 2))
    behind = torch.tensor(np.concatenate([[0], inner, [way]]))[None]
    truth = torch.tensor([depth], dtype=torch.float64)
    number = formulation.target(name, truth, behind)
    assert float(formulation.depth(name, number, behind)) == pytest.approx(depth, rel=1e-9)
    if name != "d":
        scaled = formulation.movement(name, 1000 * behind), formulation.target(name, 1000 * truth, 1000 * behind)
        torch.testing.assert_close(scaled, (formulation.movement(name, behind), number))
    assert formulation.movement(name, behind).shape == (1, formulation.movement_size(name, n))


@pytest.mark.parametrize("shape", [(480, 640), (760, 1280), (112, 112), (113, 300), (720, 405)])
def test_reduced_as_opencv_does_it(shape: tuple[int, int]) -> None:
    cv2 = pytest.importorskip("cv2")
    rng = np.random.default_rng(1)
    for share in (0.5, 0.001):
        mask = rng.random(shape) < share
        expected = cv2.resize(mask.astype(np.float32), (112, 112), interpolation=cv2.INTER_AREA)
        np.testing.assert_allclose(reduce_mask(mask), expected, atol=2e-6)
    assert reduce_mask(np.zeros(shape, dtype=bool)).max() == 0


def test_reduced_masks_are_those_that_the_stream_trains_on() -> None:
    """Two roads: machine code on bits in whole numbers, and two products of matrices."""
    config = OdmsConfig(seed=5, perturb=True)
    numbers = np.arange(8)
    packed, reduced = make_examples(config, numbers, packed=True), make_examples(config, numbers)
    again = np.stack([reduce_masks(masks) for masks in unpacked(packed.masks)])
    apart = again.astype(int) - reduced.masks
    # shares that lie in the middle between two levels
    assert np.abs(apart).max() <= 1
    assert np.count_nonzero(apart) < 1e-4 * apart.size


def test_small_masks_are_enlarged_as_squares() -> None:
    mask = np.zeros((28, 56), dtype=bool)
    mask[3:7, 10:31] = True
    np.testing.assert_allclose(reduce_mask(mask), np.kron(mask, np.ones((4, 2))), atol=1e-6)


def test_the_radial_image_is_that_of_the_formula_halved() -> None:
    cv2 = pytest.importorskip("cv2")
    drawn = np.empty((224, 224), dtype=np.uint8)
    for row in range(224):
        for column in range(224):
            drawn[row, column] = round(255 * (1 - math.hypot(row - 112, column - 112) / (112 * math.sqrt(2))))
    halved = cv2.resize(drawn, (112, 112), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(radial_image(), halved / 255, atol=1e-7)
    assert round(255 * float(radial_image().max())) == 254
    assert round(255 * float(radial_image()[0, 0])) <= 1


def test_the_radial_image_is_seen() -> None:
    network = ODN(2, radial=True).eval()
    masks, behind = torch.rand(1, 2, 112, 112), torch.tensor([[0.0, 1.0]])
    with torch.no_grad():
        before = network(masks, behind)
        network.radial_image = torch.zeros_like(network.radial_image)
        assert network(masks, behind) != before


def test_the_head_stays_in_float32_under_autocast() -> None:
    network = ODN(3).eval()
    with torch.autocast("cpu", torch.bfloat16):
        number = network(torch.rand(4, 3, 112, 112), torch.tensor([[0.0, 0.2, 1.0]]).expand(4, -1))
    assert number.dtype == torch.float32
    assert (number != number.bfloat16().float()).any()


def test_restated_norms_are_those_of_the_examples() -> None:
    """Evaluation with one batch's statistics is training mode on that batch, dropout aside; nothing else changes."""
    torch.manual_seed(0)
    network = ODN(2)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-1, 1)  # type: ignore[union-attr, operator]
    masks, behind = torch.rand(8, 2, 112, 112), torch.tensor([[0.0, 1.0]]).expand(8, -1)
    weights = {name: value.clone() for name, value in network.named_parameters()}
    network.eval()
    restate(network, [(masks, behind)])
    assert not any(module.training for module in network.modules())
    evaluated = network(masks, behind)
    network.train().dropout.eval()
    # running variances are unbiased, a batch's own are not: 1 / (8 * 16) at most
    torch.testing.assert_close(evaluated, network(masks, behind), atol=5e-3, rtol=5e-3)
    for name, value in network.named_parameters():
        torch.testing.assert_close(value, weights[name], rtol=0, atol=0)
    restate(network, [(masks[:4], behind[:4]), (masks[4:], behind[4:])])
    halves = []
    for part in (masks[:4], masks[4:]):
        first = nn.functional.conv2d(part, network.conv1.weight, stride=2, padding=3)
        halves.append(first.mean(dim=(0, 2, 3)))
    torch.testing.assert_close(network.bn1.running_mean, torch.stack(halves).mean(dim=0), atol=1e-5, rtol=1e-4)


def test_eval_gives_each_example_its_own_answer(tmp_path: Path) -> None:
    root = layouts.simulated(tmp_path / "set", examples=1)
    opened = open_set("odms-normal", root, {"split": "val", "n": 3})
    sample = opened.observations("synthetic_1")
    model = load_model("odn-l", {"weights": str(saved(tmp_path / "w.safetensors"))}).model
    answer = model.finish(model.forward(model.prepare(sample)), sample).depth_m
    masks = torch.from_numpy(np.stack([reduce_masks(sample.masks)] * 2))
    masks[1] = 0
    behind = torch.from_numpy(-sample.camera_z_m)[None].expand(2, -1)
    with torch.inference_mode():
        number = float(model.network(masks, behind)[0])
    way = float(-sample.camera_z_m[-1])
    assert answer == pytest.approx(way * number / (1 - number), rel=1e-4)


def test_as_released_uses_the_whole_set_and_drops_features(tmp_path: Path) -> None:
    root = layouts.everything(tmp_path / "set")
    weights = str(saved(tmp_path / "w.safetensors"))
    word = f"odms-robot:{root}"
    released = load_model("odn-l", {"weights": weights, "as_released": f"{word}@val"}).model
    [examples] = read_examples(open_motion(word, 3, "val")).values()
    batch = load_model("odn-l", {"weights": weights}).model.network.train()
    batch.dropout.eval()
    with torch.no_grad():
        number = batch(examples.masks, examples.behind_m)
    released.network.dropout.eval()
    for place in (0, 20):
        alone = released.forward((examples.masks[place][None], examples.behind_m[place][None]))
        expected = formulation.depth("l", number[place : place + 1].double(), examples.behind_m[place][None])
        np.testing.assert_allclose(alone, expected, rtol=2e-2)
    released.network.dropout.train()
    inputs = examples.masks[:1], examples.behind_m[:1]
    dropped = released.forward(inputs)
    assert dropped == released.forward(inputs)
    released.network.dropout.eval()
    assert dropped != released.forward(inputs)
    with pytest.raises(DepthbenchError, match="one set by itself, such as odms-robot"):
        load_model("odn-l", {"weights": weights, "as_released": f"odms:{root}@val"})


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    weights = str(saved(tmp_path / "w.safetensors", "odn-d"))
    with pytest.raises(DepthbenchError, match="of odn-d, not of odn-l; evaluate it as --model odn-d"):
        load_model("odn-l", {"weights": weights})
    with pytest.raises(DepthbenchError, match="depthbench train --model odn-dp"):
        load_model("odn-dp")
    with pytest.raises(DepthbenchError, match=r"nothing\.safetensors: no such file"):
        load_model("odn-l", {"weights": str(tmp_path / "nothing.safetensors")})
    with pytest.raises(DepthbenchError, match="at least 2"):
        ODN(observations=1)
    root = layouts.simulated(tmp_path / "set", examples=1)
    sample = open_set("odms-normal", root, {"split": "val", "n": 5}).observations("synthetic_1")
    model = load_model("odn-d", {"weights": weights}).model
    with pytest.raises(DepthbenchError, match="its weights are for 3 observations, not 5: evaluate with --n 3"):
        model.prepare(sample)


@pytest.mark.parametrize("name", [path.stem for path in sorted(SHIPPED.glob("*.safetensors"))])
def test_shipped_checkpoints_beat_the_closed_form_on_perturbed_masks(name: str) -> None:
    """On examples of the stream that no run has learnt from."""
    model = load_model(name).model
    made = make_examples(OdmsConfig(seed=77, split="test", perturb=True), np.arange(150), packed=True)
    errors: dict[str, list[float]] = {"network": [], "closed form": []}
    for masks, distance in zip(made.masks, made.distance_m.astype(np.float64), strict=True):
        sample = MotionSample("", unpacked(masks), distance[0] - distance)
        for which, one in (("network", model), ("closed form", VosDe())):
            depth = one.finish(one.forward(one.prepare(sample)), sample).depth_m
            errors[which].append(abs(depth - distance[0]) / distance[0])
    assert np.mean(errors["network"]) < 0.85 * np.mean(errors["closed form"])


def test_live_estimates_are_those_of_eval_and_fewer_masks_are_shown_again(tmp_path: Path) -> None:
    model = load_model("odn-l", {"weights": str(saved(tmp_path / "w.safetensors"))}).model
    assert isinstance(model, LiveModel)
    masks = layouts.squares()[:3]
    behind = np.array([[0.0, 0.1, 0.2]])
    observed = np.stack([model.observe(mask) for mask in masks])
    all_three = model.estimate(observed[None], behind)
    two = model.estimate(observed[None, :2], behind[:, :2])
    again = model.estimate(observed[None, [0, 0, 1]], behind[:, [0, 0, 1]])
    np.testing.assert_allclose(two, again)
    assert all_three != two
    tracker = DepthTracker(model, n=3)
    found = [tracker.add(mask, -0.1 * place) for place, mask in reversed(list(enumerate(masks)))]
    assert found[0].note == "one observation"
    if all_three[0] > 0:
        assert found[-1].depth == pytest.approx(all_three[0], rel=1e-5)
    with pytest.raises(DepthbenchError, match="takes 3 observations, not 4: --n 3"):
        model.estimate(np.stack([observed[0]] * 4)[None], np.zeros((1, 4)))


def test_tracking_with_a_network_as_a_user_types_it(tmp_path: Path) -> None:
    weights = saved(tmp_path / "w.safetensors", "odn-dbar")
    (tmp_path / "masks").mkdir()
    lines = []
    for number, mask in enumerate(layouts.squares()[:4][::-1]):
        write_png(tmp_path / "masks" / f"{number}.png", mask.astype(np.uint8) * 255)
        lines.append(f"{number}.png {0.1 * number}\n")
    (tmp_path / "positions.txt").write_text("".join(lines))
    words = ["--masks", "masks", "--positions", "positions.txt", "--n", "3", "--model", "odn-dbar", "--subsets", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "depthbench", "odms", "track", *words, "--weights", str(weights)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = done.stdout.splitlines()
    assert len(rows) == 5, done.stderr
    assert all(int(row.split(",")[5]) <= 2 for row in rows[1:])
    words[words.index("odn-dbar")] = "vos-de"
    refused = subprocess.run(
        [sys.executable, "-m", "depthbench", "odms", "track", *words, "--weights", str(weights)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "unknown option of model vos-de 'weights'" in refused.stderr
