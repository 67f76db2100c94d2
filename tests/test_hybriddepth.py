# SPDX-License-Identifier: Apache-2.0
"""HybridDepth stage by stage: sizes and names of the published networks, least squares, refinement, losses."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from depthbench.baselines.hybriddepth.alignment import align, scale_map
from depthbench.baselines.hybriddepth.depth_anything import DepthAnything
from depthbench.baselines.hybriddepth.efficientnet import EfficientNetLite, SameConv, scaled
from depthbench.baselines.hybriddepth.losses import focus_loss, log_error, multi_scale_gradient, relative_loss, silog
from depthbench.baselines.hybriddepth.midas import LEAST, ScaleMapLearner
from depthbench.baselines.hybriddepth.network import HybridDepth
from depthbench.baselines.hybriddepth.settings import Settings
from depthbench.baselines.hybriddepth.vit import VisionTransformer
from depthbench.errors import DepthbenchError

TINY = Settings(relative="small", level=1, width=8, features=4, encoder_width=0.1, encoder_depth=0.3)


def count(network: torch.nn.Module) -> int:
    return sum(value.numel() for value in network.parameters())


def test_as_many_parameters_as_the_published_networks() -> None:
    with torch.device("meta"):
        refinement, paper, relative = ScaleMapLearner(3), ScaleMapLearner(2), DepthAnything()
    assert count(refinement) == 21_320_635
    assert round(count(refinement.pretrained) / 1e6, 2) == 6.42
    assert round(count(refinement.scratch) / 1e6, 2) == 14.90
    assert count(refinement.first) == 90
    assert count(refinement) - count(paper) == 27
    # what the authors of Depth Anything give for the small network
    assert count(relative) == 24_785_089


def test_names_are_the_published_ones() -> None:
    with torch.device("meta"):
        names = set(HybridDepth(Settings()).state_dict())
    assert {name.split(".")[0] for name in names} == {"DFF_model", "depth_anything", "ScaleMapLearner"}
    assert {
        "ScaleMapLearner.first.0.weight",
        "ScaleMapLearner.pretrained.layer1.0.weight",
        "ScaleMapLearner.pretrained.layer1.3.0.conv_dw.weight",
        "ScaleMapLearner.pretrained.layer1.4.2.conv_pwl.weight",
        "ScaleMapLearner.pretrained.layer3.1.4.bn3.running_var",
        "ScaleMapLearner.scratch.layer4_rn.weight",
        "ScaleMapLearner.scratch.refinenet1.resConfUnit2.conv2.bias",
        "ScaleMapLearner.scratch.output_conv.output_conv.4.bias",
        "depth_anything.pretrained.pos_embed",
        "depth_anything.pretrained.blocks.11.ls2.gamma",
        "depth_anything.depth_head.resize_layers.3.weight",
        "depth_anything.depth_head.scratch.refinenet4.resConfUnit1.conv1.weight",
        "depth_anything.depth_head.scratch.output_conv2.2.bias",
    } <= names
    # 12 blocks of 14, cls, mask, place, patch 2, norm 2; head: 8 projects, 6 resizes, 4 layers, 4 fusions of 10, 2 + 4
    assert sum(name.startswith("depth_anything.") for name in names) == 12 * 14 + 7 + 8 + 6 + 4 + 40 + 6


@pytest.mark.parametrize(("side", "kernel", "stride"), [(7, 3, 2), (8, 3, 2), (8, 5, 2), (9, 5, 1)])
def test_padding_is_tensorflows(side: int, kernel: int, stride: int) -> None:
    """Output i reads from i stride - floor(missing / 2) on."""
    conv = SameConv(1, 1, kernel, stride)
    x = torch.randn(1, 1, side, side)
    found = conv(x)[0, 0].detach().numpy()
    outputs = math.ceil(side / stride)
    missing = max((outputs - 1) * stride + kernel - side, 0)
    padded = np.pad(x[0, 0].numpy(), (missing // 2, missing - missing // 2))
    weight = conv.weight[0, 0].detach().numpy()
    expected = [
        [(padded[i * stride :, j * stride :][:kernel, :kernel] * weight).sum() for j in range(outputs)]
        for i in range(outputs)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_encoder_halves_and_widens_as_lite3() -> None:
    assert [scaled(channels, 1.2) for channels in (16, 24, 40, 80, 112, 192, 320)] == [24, 32, 48, 96, 136, 232, 384]
    encoder = EfficientNetLite(0.1, 0.3)
    sizes = [tuple(layer.shape) for layer in encoder(torch.rand(2, 3, 64, 96))]
    assert sizes == [
        (2, channels, 64 >> k, 96 >> k) for k, channels in zip((2, 3, 4, 5), encoder.channels, strict=True)
    ]


def test_relative_depth_is_of_the_pictures_size_and_not_negative() -> None:
    torch.manual_seed(0)
    with torch.no_grad():
        disparity = DepthAnything().eval()(torch.rand(1, 3, 32, 64))
    assert disparity.shape == (1, 1, 32, 64)
    assert disparity.min() >= 0


def test_a_block_of_the_transformer_is_torchs() -> None:
    torch.manual_seed(0)
    block = VisionTransformer(24, 3, 1).blocks[0]
    torchs = torch.nn.TransformerEncoderLayer(24, 3, 96, 0, "gelu", 1e-6, batch_first=True, norm_first=True).eval()
    state = dict(block.state_dict())
    for scale in ("ls1.gamma", "ls2.gamma"):
        state[scale] = torch.ones(24)
    block.load_state_dict(state)
    names = {
        "attn.qkv.": "self_attn.in_proj_",
        "attn.proj.": "self_attn.out_proj.",
        "mlp.fc1.": "linear1.",
        "mlp.fc2.": "linear2.",
    }
    renamed = {}
    for key, value in state.items():
        for ours, theirs in names.items():
            key = key.replace(ours, theirs)
        renamed[key] = value
    torchs.load_state_dict({key: value for key, value in renamed.items() if "gamma" not in key})
    x = torch.randn(2, 7, 24)
    with torch.no_grad():
        torch.testing.assert_close(block(x), torchs(x), rtol=1e-4, atol=1e-5)


def maps(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    relative = 0.2 + torch.rand(2, 1, 6, 8, generator=generator)
    noise = torch.rand(2, 1, 6, 8, generator=generator)
    return relative, noise, torch.rand(2, 1, 6, 8, generator=generator) < 0.8


@pytest.mark.parametrize("quantity", ["depth", "disparity"])
@pytest.mark.parametrize("fit", ["depth", "disparity"])
def test_alignment_is_numpys_least_squares_in_the_domain_asked_for(quantity: str, fit: str) -> None:
    relative, noise, valid = maps(1)
    disparity = 0.3 + 0.8 * relative + 0.05 * noise
    focus = disparity if quantity == "disparity" else 1 / disparity
    found = align(relative, torch.where(valid, focus, 7.0), valid, quantity, fit)
    for place in range(2):
        x = relative[place].double().numpy() ** (1 if fit == "disparity" else -1)
        y = focus[place].double().numpy() ** (1 if fit == quantity else -1)
        inside = valid[place].numpy()
        line = np.stack([x[inside], np.ones(inside.sum())], axis=1)
        scale, shift = np.linalg.lstsq(line, y[inside], rcond=None)[0]
        expected = (scale * x + shift) ** (1.0 if fit == quantity else -1.0)
        np.testing.assert_allclose(found[place].numpy(), expected, rtol=1e-3)


@settings(deadline=None, max_examples=20)
@given(st.floats(0.01, 100), st.floats(0.05, 5), st.floats(0, 2))
def test_an_exact_relation_is_found_whatever_the_scale_of_relative_depth(
    unit: float, scale: float, shift: float
) -> None:
    relative, _, valid = maps(2)
    disparity = scale * relative + shift
    for quantity in ("depth", "disparity"):
        truth = disparity if quantity == "disparity" else 1 / disparity
        found = align(unit * relative, truth, valid, quantity, "disparity")
        torch.testing.assert_close(found, truth.clamp(min=LEAST), rtol=2e-3, atol=1e-4)


def test_alignment_has_an_answer_where_there_is_nothing_to_fit() -> None:
    """A constant relative map gives the best constant; no valid pixel and zeros of disparity give finite numbers."""
    _, noise, valid = maps(3)
    focus = 1 + noise
    flat = align(torch.full_like(focus, 0.4), focus, valid, "disparity", "disparity")
    for place in range(2):
        expected = focus[place][valid[place]].mean()
        torch.testing.assert_close(flat[place], torch.full_like(flat[place], float(expected)))
    for fit in ("depth", "disparity"):
        for relative in (torch.zeros_like(focus), noise):
            for counted in (valid, torch.zeros_like(valid)):
                found = align(relative, focus, counted, "depth", fit)
                assert bool(found.isfinite().all())
                assert found.min() >= LEAST


def test_padding_does_not_move_the_fit_and_does_upstream() -> None:
    relative, noise, _ = maps(4)
    focus = 0.5 + 2 * relative
    inside = torch.zeros_like(relative, dtype=torch.bool)
    inside[..., :5] = True
    wrong = torch.where(inside, focus, 9 * noise)
    masked = align(relative, wrong, inside, "disparity", "disparity")
    torch.testing.assert_close(masked, focus, rtol=1e-4, atol=1e-5)
    everything = align(relative, wrong, torch.ones_like(inside), "disparity", "disparity")
    assert not torch.allclose(everything, focus, rtol=0.1)


def test_the_scale_map_by_hand() -> None:
    factor = scale_map(torch.tensor([2.0, 0.0, 1.0, -3.0]), torch.tensor([4.0, 0.0, 0.0, 1.0]))
    assert factor.tolist() == [0.5, 1, 1, -3]


def test_a_fresh_refinement_changes_nothing_and_its_formula_by_hand() -> None:
    torch.manual_seed(0)
    refinement = ScaleMapLearner(2, 4, 0.1, 0.3).eval()
    aligned = 0.01 + torch.rand(1, 1, 32, 32)
    x = torch.cat([aligned, torch.ones_like(aligned)], 1)
    with torch.no_grad():
        torch.testing.assert_close(refinement(x, aligned), aligned.clamp(min=0.02))
        last = refinement.scratch.output_conv.output_conv[-1]
        for bias, factor in ((0.5, 1.5), (-0.25, 0.75), (-3.0, 0.0)):
            last.bias.fill_(bias)
            torch.testing.assert_close(refinement(x, aligned), (factor * aligned).clamp(min=0.02))


def test_each_stage_runs_in_one_network_and_no_branch_teaches_another() -> None:
    torch.manual_seed(0)
    network = HybridDepth(TINY)
    picture, stack, focus = torch.rand(2, 3, 32, 64), torch.rand(2, 3, 3, 32, 64), torch.tensor([[1.0, 2.0, 4.0]] * 2)
    stages = network(picture, stack, focus)
    assert {tuple(one.shape) for one in stages[:5]} == {(2, 1, 32, 64)}
    stages.refined.sum().backward()
    taught = {name.split(".")[0] for name, value in network.named_parameters() if value.grad is not None}
    assert taught == {"ScaleMapLearner"}
    torch.testing.assert_close(stages.refined, stages.aligned)
    expected = align(stages.relative, stages.focus, torch.ones_like(stages.focus, dtype=torch.bool), "depth", "depth")
    torch.testing.assert_close(stages.aligned, expected)


def test_the_refinement_may_correct_depth_from_focus_instead() -> None:
    torch.manual_seed(0)
    network = HybridDepth(replace(TINY, corrects="focus")).eval()
    stages = network(torch.rand(1, 3, 32, 64), torch.rand(1, 3, 3, 32, 64), torch.tensor([[1.0, 2.0, 4.0]]))
    torch.testing.assert_close(stages.refined, stages.focus)
    assert not torch.equal(stages.refined, stages.aligned)
    with pytest.raises(DepthbenchError, match="unknown map to correct 'relative'"):
        replace(TINY, corrects="relative")


def test_branches_that_do_not_learn_stay_as_in_evaluation() -> None:
    network = HybridDepth(TINY, learns=["refinement"])
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network(torch.rand(2, 3, 32, 32), torch.rand(2, 2, 3, 32, 32), torch.tensor([[1.0, 2.0]] * 2))
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed
    assert all(name.startswith("ScaleMapLearner.") for name in changed)
    assert {name.split(".")[0] for name, value in network.named_parameters() if value.requires_grad} == {
        "ScaleMapLearner"
    }


def test_a_relative_network_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(
        "import torch\nclass Rows(torch.nn.Module):\n    def forward(self, pictures):\n"
        "        rows = torch.arange(1.0, 1 + pictures.shape[2])[:, None]\n"
        "        return rows.expand(len(pictures), 1, -1, pictures.shape[3])\n"
    )
    network = HybridDepth(Settings(**{**vars(TINY), "relative": f"{own}:Rows", "fit": "disparity"})).eval()
    with torch.no_grad():
        stages = network(torch.rand(1, 3, 32, 32), torch.rand(1, 2, 3, 32, 32), torch.tensor([[1.0, 2.0]]))
    assert stages.relative[0, 0, :, 0].tolist() == list(range(1, 33))
    assert stages.aligned.std(dim=3).max() == pytest.approx(0, abs=1e-6)


def reference_gradients(found: Any, truth: Any) -> float:
    """The published loss, written down again with scipy."""
    blur = np.array([1, 2, 1]) / 4
    total = 0.0
    for scale in range(4):
        if scale:
            found, truth = (
                ndimage.convolve1d(ndimage.convolve1d(v, blur, 0, mode="constant"), blur, 1, mode="constant")[::2, ::2]
                for v in (found, truth)
            )
        differences = []
        for axis in (0, 1):
            steps = [ndimage.sobel(v, axis, mode="nearest") / 8 for v in (found, truth)]
            differences.append(np.abs(steps[0] - steps[1])[np.abs(steps[1]) > 1e-9])
        together = np.concatenate(differences)
        total += together.mean() if len(together) else 0.0
    return total


def test_gradient_loss_is_the_published_one() -> None:
    rng = np.random.default_rng(0)
    found, truth = rng.uniform(1, 5, (2, 20, 28))
    tensors = [torch.from_numpy(v)[None, None] for v in (found, truth)]
    assert multi_scale_gradient(*tensors, None).item() == pytest.approx(reference_gradients(found, truth), rel=1e-6)
    flat = torch.full((1, 1, 20, 28), 3.0).double()
    assert multi_scale_gradient(tensors[0], flat, torch.ones_like(flat, dtype=torch.bool)).item() == 0


def test_gradient_loss_does_not_see_the_borders_of_holes_unless_asked_to() -> None:
    rng = np.random.default_rng(1)
    truth = torch.from_numpy(rng.uniform(1, 5, (1, 1, 48, 64)))
    holes = torch.zeros_like(truth, dtype=torch.bool)
    holes[..., 10:20, 20:40] = True
    with_holes = truth.masked_fill(holes, 0)
    assert multi_scale_gradient(truth, with_holes, ~holes).item() == pytest.approx(0, abs=1e-12)
    assert multi_scale_gradient(truth, with_holes, None).item() > 0.1
    # what stands in the holes is of no account
    other = with_holes.masked_fill(holes, 9)
    wrong = truth + torch.from_numpy(rng.normal(0, 1, truth.shape))
    losses = [
        multi_scale_gradient(wrong.masked_fill(holes, v), t, ~holes).item() for v, t in ((3, with_holes), (8, other))
    ]
    assert losses[0] == losses[1] > 0


def test_silog_by_hand() -> None:
    """g = (ln 2, ln 8), and one outside: mean ln 4, unbiased variance (ln 4)^2 / 2."""
    truth = torch.tensor([1.0, 1.0, float("nan")]).double().view(1, 1, 1, 3)
    found = torch.tensor([2.0, 8.0, 3.0]).double().view(1, 1, 1, 3).requires_grad_()
    valid = truth.isfinite()
    loss = silog(found, truth, valid)
    assert loss.item() == pytest.approx(10 * math.log(4) * math.sqrt(0.5 + 0.15), rel=1e-5)
    loss.backward()
    assert found.grad is not None
    assert bool(found.grad.isfinite().all())
    assert found.grad[0, 0, 0, 2] == 0
    assert silog(found, truth, torch.zeros_like(valid)).item() == 0
    assert silog(truth.nan_to_num(1), truth, valid).item() == pytest.approx(0, abs=1e-4)


def test_the_error_of_logarithms_by_hand() -> None:
    found, truth = torch.tensor([[[[1.0, 4.0, 2.0]]]], requires_grad=True), torch.tensor([[[[2.0, 2.0, 0.0]]]])
    valid = torch.tensor([[[[True, True, False]]]])
    loss = log_error(found, truth, valid)
    assert float(loss) == pytest.approx(math.log(2), rel=1e-5)
    loss.backward()
    assert found.grad is not None
    assert found.grad.flatten().tolist() == pytest.approx([-0.5, 0.125, 0], rel=1e-5)
    assert float(log_error(found, truth, torch.zeros_like(valid))) == 0


def test_focus_loss_by_hand() -> None:
    """Smooth L1 of 2 is 1.5, of 0.5 is 0.125; weights of two predictions are 2/3 and 1/3."""
    truth = torch.tensor([1.0, float("nan")]).view(1, 1, 1, 2)
    found = [torch.tensor([3.0, 50.0]).view(1, 1, 1, 2), torch.tensor([1.5, 50.0]).view(1, 1, 1, 2)]
    assert focus_loss(found, truth, truth.isfinite()).item() == pytest.approx(2 / 3 * 1.5 + 0.125 / 3)


def test_relative_loss_is_blind_to_scale_and_shift_and_sees_a_turned_map() -> None:
    _, truth, valid = maps(5)
    spoilt = torch.where(valid, 3 * truth + 7, 1000.0)
    assert relative_loss(spoilt, truth, valid).item() == pytest.approx(0, abs=1e-4)
    assert relative_loss(-truth, truth, valid).item() == pytest.approx(2, rel=1e-3)
    assert relative_loss(torch.ones_like(truth), truth, valid).item() == pytest.approx(1, rel=1e-3)


def test_settings_survive_a_files_metadata() -> None:
    asked = Settings("disparity", 0.1412376, "disparity", "small", 2, 3, False, 16, 8, 0.35, 0.5)
    assert Settings.from_text({**asked.to_text(), "model": "hybriddepth"}) == asked
    for wrong in ({"quantity": "metres"}, {"inputs": 4}, {"per": 0.0}, {"fit": "x"}):
        with pytest.raises(DepthbenchError):
            Settings(**wrong)  # type: ignore[arg-type]
    with pytest.raises(DepthbenchError, match="unknown relative-depth network 'midas'"):
        HybridDepth(Settings(relative="midas", width=8))
    with pytest.raises(DepthbenchError, match="unknown branch"):
        HybridDepth(TINY, learns=["dff"])
