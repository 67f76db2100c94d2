# SPDX-License-Identifier: Apache-2.0
"""S2M2 against the published list of parameters and golden outputs, and its parts against slow or other routes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from s2m2_fixture import golden, published_shapes, textured_pair, with_fixture_weights

from depthbench.baselines.s2m2.attention import Attention, RowBlock
from depthbench.baselines.s2m2.compiling import REPEATED, compiled
from depthbench.baselines.s2m2.cost_lookup import CostLookup
from depthbench.baselines.s2m2.matching import GlobalMatching, transport_plan
from depthbench.baselines.s2m2.network import S2M2, SIZES
from depthbench.baselines.s2m2.position import relative_position
from depthbench.baselines.s2m2.upsample import Sharpen, Upsample4x


@pytest.fixture(autouse=True)
def no_gradients() -> Any:
    with torch.no_grad():
        yield


def tiny(transformers: int = 1, **options: Any) -> S2M2:
    network: S2M2 = with_fixture_weights(S2M2(16, transformers, **options))
    return network


@pytest.mark.shared
def test_names_shapes_and_counts_are_the_published_ones(shared_data: Path) -> None:
    sizes = published_shapes(shared_data)
    assert {*SIZES.values(), (16, 1), (16, 2), (192, 1), (384, 2)} <= sizes.keys()
    for (channels, transformers), (shapes, count) in sizes.items():
        with torch.device("meta"):
            network = S2M2(channels, transformers)
        assert {name: tuple(value.shape) for name, value in network.state_dict().items()} == shapes
        assert sum(value.numel() for value in network.parameters()) == count
        assert not list(network.buffers())


@pytest.mark.shared
@pytest.mark.parametrize(("case", "transformers", "positivity"), [("tiny_pos", 1, True), ("tiny2_neg", 2, False)])
def test_outputs_and_intermediates_are_the_golden_ones(
    shared_data: Path, case: str, transformers: int, positivity: bool
) -> None:
    """Random weights make disparities of thousands of pixels, where float32 itself is good to a hundredth."""
    network, wanted = tiny(transformers, positivity=positivity), golden(shared_data, case)
    seen: dict[str, Any] = {}
    for name, module in network.named_children():
        module.register_forward_hook(lambda module, inputs, output, name=name: seen.update({name: output}))
    disp, occ, conf = network(wanted["left"], wanted["right"])
    match = seen["disp_init"]
    features = {
        "cnn_4x": seen["cnn_backbone"][0],
        "cnn_2x": seen["cnn_backbone"][1],
        "py_4x": seen["feat_pyramid"][0],
        "py_32x": seen["feat_pyramid"][3],
        "tr_4x": seen["transformer"],
        "cv": match.volume,
        "fusion": seen["feat_fusion_layer"],
        "init_conf": match.conf,
        "init_occ": match.occ,
        "occ": occ,
        "conf": conf,
    }
    disparities = {"init_disp": match.disp, "global_disp": seen["global_refiner"], "disp": disp}
    assert {*features, *disparities, "left", "right"} == set(wanted)
    errors = {name: float((got - wanted[name]).abs().max()) for name, got in (features | disparities).items()}
    assert {name: error for name, error in errors.items() if error > (2e-2 if name in disparities else 1e-4)} == {}


def test_no_steps_of_refinement_and_other_widths_are_legal() -> None:
    left, right = textured_pair(32, 64, 4)
    disp, _, _ = with_fixture_weights(S2M2(8, 1, refine_steps=0))(left, right)
    assert disp.shape == (1, 1, 32, 64)
    with pytest.raises(ValueError, match="multiple of 8"):
        S2M2(12, 1)


def test_pairs_of_a_batch_do_not_see_each_other() -> None:
    """The eyes are stacked on the batch axis; each must find its own partner there."""
    network = tiny()
    one, two = textured_pair(32, 64, 4, seed=1), textured_pair(32, 64, 8, seed=2)
    both = network(torch.cat([one[0], two[0]]), torch.cat([one[1], two[1]]))
    for index, pair in enumerate((one, two)):
        for got, alone in zip(both, network(*pair), strict=True):
            torch.testing.assert_close(got[index : index + 1], alone, rtol=1e-4, atol=1e-3)


def test_row_attention_stays_in_its_row() -> None:
    """Epipolar lines are rows: what changes in one row reaches that row of both eyes, and no other."""
    block = with_fixture_weights(RowBlock(16, 2))
    x = torch.randn(2, 16, 5, 7, generator=torch.Generator().manual_seed(0))
    changed = x.clone()
    changed[1, :, 3] = torch.randn(16, 7, generator=torch.Generator().manual_seed(1))
    moved = (block(changed) - block(x)).abs().amax(dim=(1, 3)) > 1e-6
    assert moved.tolist() == [[False, False, False, True, False]] * 2


def test_attention_with_positions_equals_the_sum_over_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: the encoding of every pair of tokens laid out in full; also when rows are taken a few at a time."""
    height, width, heads = 3, 4, 2
    layer = with_fixture_weights(Attention(16, heads, positions=True))
    x = torch.randn(2, height * width, 16, generator=torch.Generator().manual_seed(1))
    position = relative_position(height, width)
    row, column = torch.arange(height).repeat_interleave(width), torch.arange(width).repeat(height)
    pairs = 0.5 * torch.cat([position.columns[column[:, None], column], position.rows[row[:, None], row]], dim=-1)
    q, k, v = (part(x).unflatten(-1, (heads, 8)).transpose(1, 2) for part in (layer.q, layer.k, layer.v))
    scores = (q @ k.transpose(-1, -2) / 8**0.5).softmax(-1)
    mixed = scores @ v + layer.pe_proj((scores.unsqueeze(-1) * pairs).sum(-2))
    wanted = layer.proj(mixed.transpose(1, 2).flatten(2))
    torch.testing.assert_close(layer(x, x, position), wanted, rtol=1e-5, atol=1e-5)
    monkeypatch.setattr("depthbench.baselines.s2m2.attention.MAX_SCORES", 1)
    torch.testing.assert_close(layer(x, x, position), wanted, rtol=1e-5, atol=1e-5)


def test_the_transport_plan_keeps_its_masses() -> None:
    """Rows are exact after a step; columns become so with many."""
    scores = torch.randn(4, 9, 9, generator=torch.Generator().manual_seed(2), dtype=torch.float64) * 3
    plan = transport_plan(scores, iterations=300)
    assert (plan.sum(-1) <= 1 + 1e-9).all()
    assert (plan.sum(-2) <= 1 + 1e-6).all()
    # optimality: exp(S) differs from the plan by a factor per row and a factor per column only
    ratio = torch.log(plan) - scores
    crossed = ratio[:, 1:, 1:] - ratio[:, 1:, :-1] - ratio[:, :-1, 1:] + ratio[:, :-1, :-1]
    assert crossed.abs().max() < 1e-8


@pytest.mark.parametrize("strength", [0.0, 1.0, 4.0])
def test_the_transport_plan_of_a_diagonal_has_a_closed_form(strength: float) -> None:
    """By symmetry entries are p on the diagonal and p exp(-s) off it; the masses then give p.

    With k = 1 + (W - 1) exp(-s): a row leaves 1 - k p to its dustbin, the dustbins k p W to each other, and the scalings
    make (1 - k p)^2 = W k p^2 exp(-s).
    """
    width = 9
    others = np.exp(-strength)
    k = 1 + (width - 1) * others
    p = 1 / (k + np.sqrt(width * k * others))
    eye = torch.eye(width, dtype=torch.float64)
    wanted = p * (eye + others * (1 - eye))
    torch.testing.assert_close(transport_plan(strength * eye, iterations=500), wanted, atol=1e-8, rtol=0)


def test_matching_finds_a_shift_of_features() -> None:
    """Each cell has a feature of its own, shifted by 3: found wherever the partner is there, and nothing sure elsewhere."""
    right = torch.eye(24)[None, :, None].expand(1, 24, 2, 24)
    left = torch.roll(right, 3, dims=-1)
    match = GlobalMatching(24, positivity=True)(torch.cat([left, right]))
    torch.testing.assert_close(match.disp[..., 3:], torch.full((1, 1, 2, 21), 3.0), atol=5e-2, rtol=0)
    assert (match.conf[..., 3:] > 0.7).all()
    assert (match.conf[..., :3] < 0.2).all()
    assert (match.plan.triu(1) == 0).all()


@pytest.mark.parametrize("align_corners", [True, False])
def test_lookup_equals_grid_sample(align_corners: bool) -> None:
    """Twin: PyTorch's sampler with coordinates normalised by W - 1, as they were in both versions of the published code."""
    generator = torch.Generator().manual_seed(4)
    volume = torch.randn(2, 3, 10, 10, generator=generator)
    disp = torch.rand(2, 1, 3, 10, generator=generator) * 14 - 4
    lookup = CostLookup(volume, align_corners)
    coarse_volume = volume.unflatten(-1, (5, 2)).mean(-1)
    for got, rows, scale in zip(lookup(disp), (volume, coarse_volume), (1, 2), strict=True):
        places = ((torch.arange(10) - disp[:, 0]) / scale).unsqueeze(-1) + torch.arange(-4, 5)
        x = 2 * places / (rows.shape[-1] - 1) - 1
        grid = torch.stack([x, torch.zeros_like(x)], dim=-1).flatten(0, 2).unsqueeze(1)
        sampled = F.grid_sample(rows.flatten(0, 2)[:, None, None], grid, align_corners=align_corners)
        wanted = sampled.reshape(2, 3, 10, 9).permute(0, 3, 1, 2)
        torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)


def test_upsampled_values_lie_between_those_around() -> None:
    layer = with_fixture_weights(Upsample4x(16))
    generator = torch.Generator().manual_seed(5)
    coarse = torch.rand(1, 1, 4, 5, generator=generator)
    guide = layer.guide(torch.randn(1, 16, 8, 10, generator=generator))
    (fine,) = layer(torch.randn(1, 16, 4, 5, generator=generator), guide, coarse)
    repeated = lambda x: x.repeat_interleave(4, -1).repeat_interleave(4, -2)  # noqa: E731
    padded = F.pad(coarse, (1, 1, 1, 1), mode="replicate")
    assert (fine <= repeated(F.max_pool2d(padded, 3, 1)) + 1e-6).all()
    assert (fine >= repeated(-F.max_pool2d(-padded, 3, 1)) - 1e-6).all()


def test_upsampling_weights_equal_those_of_the_layers_as_they_are_named() -> None:
    """Twin: transposed convolutions one after the other on all maps side by side, nothing split and nothing rewritten."""
    generator = torch.Generator().manual_seed(7)
    noise = lambda *shape: torch.randn(1, *shape, generator=generator)  # noqa: E731
    hidden, half, rgb, disp = noise(16, 4, 6), noise(16, 8, 12), noise(3, 16, 24), noise(1, 16, 24)
    coarse = with_fixture_weights(Upsample4x(16))
    both = torch.cat([coarse.conv_x(hidden), coarse.conv_y(half)], dim=1)
    weights = coarse.conv_concat(both).softmax(dim=1)
    small = noise(1, 4, 6)
    around = F.unfold(F.pad(small, (1, 1, 1, 1), mode="replicate"), 3).reshape(1, 9, 4, 6)
    wanted = (around.repeat_interleave(4, -1).repeat_interleave(4, -2) * weights).sum(1, keepdim=True)
    torch.testing.assert_close(coarse(hidden, coarse.guide(half), small)[0], wanted, rtol=1e-5, atol=1e-5)
    fine = with_fixture_weights(Sharpen(16))
    parts = [fine.conv_disp(disp), fine.conv_rgb(rgb), fine.conv_ctx(half)]
    weights = fine.conv_concat(torch.cat(parts, dim=1)).softmax(dim=1)
    around = F.unfold(F.pad(disp, (1, 1, 1, 1), mode="replicate"), 3).reshape(1, 9, 16, 24)
    wanted = (around * weights).sum(1, keepdim=True)
    torch.testing.assert_close(fine(disp, fine.guide(rgb, half), disp)[0], wanted, rtol=1e-5, atol=1e-5)


def test_maps_stay_channels_last() -> None:
    """The layout that convolutions prefer is not lost on the way, which would cost copies and show nowhere else."""
    lost = []

    def look(name: str, inputs: Any) -> None:
        maps = [x for x in inputs if isinstance(x, torch.Tensor) and x.ndim == 4 and x.shape[1] > 1]
        lost.extend(name for x in maps if not x.is_contiguous(memory_format=torch.channels_last))

    network = tiny()
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_pre_hook(lambda module, inputs, name=name: look(name, inputs))
    network(*textured_pair(64, 96, 4))
    assert lost == []


def test_older_numerics_change_the_answer_and_half_precision_hardly() -> None:
    left, right = textured_pair(32, 96, 8)
    _, _, conf = tiny()(left, right)
    _, _, older = tiny(lookup_align_corners=False)(left, right)
    assert float((conf - older).abs().max()) > 1e-4
    for dtype in (torch.bfloat16, torch.float16):
        with torch.autocast("cpu", dtype):
            disp, _, half = tiny()(left, right)
        assert disp.dtype == torch.float32
        assert float((half - conf).abs().mean()) < 0.02


def test_the_unusual_parts_are_one_graph() -> None:
    """What torch.compile traces without a break gives the same numbers: matching, lookup, positions."""
    matching, attention = GlobalMatching(16, positivity=True), with_fixture_weights(Attention(16, 2, positions=True))

    def parts(features: Any) -> tuple[Any, ...]:
        match = matching(features)
        tokens = features.flatten(2).transpose(1, 2)
        return *CostLookup(match.volume)(match.disp), attention(tokens, tokens, relative_position(2, 12))

    features = torch.randn(2, 16, 2, 12, generator=torch.Generator().manual_seed(6))
    traced = torch.compile(parts, fullgraph=True, backend="eager")
    for got, wanted in zip(traced(features), parts(features), strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)


def repeated_blocks_compiled(backend: Any) -> None:
    """The same numbers as without, for two sizes of pictures and for one pair and two."""
    plain, compiled_one = tiny(), compiled(tiny(), backend)
    for height, width, batch in ((64, 96, 1), (96, 64, 1), (64, 96, 2)):
        left, right = (torch.cat([eye] * batch) for eye in textured_pair(height, width, 4))
        for got, wanted in zip(compiled_one(left, right), plain(left, right), strict=True):
            torch.testing.assert_close(got, wanted, rtol=1e-3, atol=2e-2)
    assert compiled_one.state_dict().keys() == plain.state_dict().keys()


def test_blocks_are_compiled_once_for_all_places_and_sizes() -> None:
    """Traced as for compiling, and run as it was traced."""
    graphs = []

    def backend(graph: Any, inputs: Any) -> Any:
        graphs.append(graph)
        return graph.forward

    repeated_blocks_compiled(backend)
    assert 0 < len(graphs) < sum(isinstance(part, REPEATED) for part in tiny().modules()) / 2


@pytest.mark.compiles
def test_compiled_blocks_give_the_same_numbers() -> None:
    repeated_blocks_compiled("inductor")
