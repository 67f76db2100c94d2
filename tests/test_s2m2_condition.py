# SPDX-License-Identifier: Apache-2.0
"""The meaning of the condition: properties that hold for every stack of layers, and closed forms of the losses."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from s2m2_fixture import textured_pair

from depthbench.baselines.s2m2.network import S2M2
from depthbench.baselines.s2m2_focus import losses
from depthbench.baselines.s2m2_focus.condition import (
    Mark,
    Rule,
    condition_of,
    consistent,
    curated_condition,
    curated_valid,
    reference_disparity,
    sample_condition,
    take_layer,
    target_index,
)
from depthbench.layers import Layers

RULES: list[Rule] = ["closest", "behind"]


@st.composite
def layer_stacks(draw: Any) -> torch.Tensor:
    """(K, H, W) front to back, NaN after the last; some rays meet nothing."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)))
    # quarters of a pixel: float32 compares them exactly
    disp = draw(hnp.arrays(np.float32, shape, elements=st.integers(0, 400).map(lambda number: number / 4)))
    count = draw(hnp.arrays(np.int64, shape[1:], elements=st.integers(0, shape[0])))
    disp = -np.sort(-disp, axis=0)
    disp[np.arange(shape[0])[:, None, None] >= count] = np.nan
    return torch.from_numpy(disp)


def target(layers: torch.Tensor, c: float, rule: Rule, max_disp: float = 100.0) -> torch.Tensor:
    reference = reference_disparity(torch.tensor(c), torch.tensor(max_disp))
    return take_layer(layers, target_index(layers, reference, rule))


@pytest.mark.parametrize("rule", RULES)
@given(layers=layer_stacks(), cs=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_target_is_a_layer_of_its_ray_and_recedes_with_c(
    rule: Rule, layers: torch.Tensor, cs: tuple[float, float]
) -> None:
    """Always a member; never nearer for a greater c; one layer, one answer; no layer, none."""
    near, far = (target(layers, c, rule) for c in sorted(cs))
    present = ~layers[0].isnan()
    for chosen in (near, far):
        assert torch.equal(~chosen.isnan(), present)
        assert ((layers == chosen).any(dim=0) == present).all()
    assert (near >= far)[present].all()
    single = (~layers.isnan()).sum(dim=0) == 1
    assert torch.equal(near[single], far[single])
    assert torch.equal(near[single], layers[0][single])


@pytest.mark.parametrize("rule", RULES)
@given(layers=layer_stacks())
def test_the_ends_are_the_first_and_the_last_surface(rule: Rule, layers: torch.Tensor) -> None:
    last = layers.nan_to_num(torch.inf).amin(dim=0)
    torch.testing.assert_close(target(layers, 0.0, rule), layers[0], equal_nan=True)
    torch.testing.assert_close(target(layers, 1.0, rule), last.masked_fill(last.isinf(), torch.nan), equal_nan=True)


@given(layers=layer_stacks(), reference=st.integers(0, 400))
def test_each_rule_against_its_words(layers: torch.Tensor, reference: int) -> None:
    """Ray by ray: the nearest number (the nearer surface on a tie); the greatest number not above, else the least."""
    plane = reference / 4
    got = {rule: take_layer(layers, target_index(layers, torch.tensor(plane), rule)) for rule in RULES}
    for row in range(layers.shape[1]):
        for column in range(layers.shape[2]):
            ray = [value for value in layers[:, row, column].tolist() if not math.isnan(value)]
            if ray:
                assert got["closest"][row, column] == min(ray, key=lambda d: (abs(d - plane), -d))
                assert got["behind"][row, column] == max([d for d in ray if d <= plane], default=min(ray))


@given(layers=layer_stacks(), reference=st.integers(0, 400))
def test_closest_is_the_selection_of_the_layer_type(layers: torch.Tensor, reference: int) -> None:
    disp = layers.numpy()
    zeros = np.zeros(disp.shape, dtype=np.int32)
    typed = Layers(disp, zeros, zeros.astype(np.uint8), zeros.astype(np.uint8))
    got = take_layer(layers, target_index(layers, torch.tensor(reference / 4), "closest"))
    np.testing.assert_array_equal(got.numpy(), typed.closest(reference / 4))


def test_references_may_differ_by_sample_and_by_pixel() -> None:
    layers = torch.tensor([30.0, 20.0, 10.0])[:, None, None].expand(2, 3, 2, 2)
    reference = torch.tensor([[[31.0, 19.0], [9.0, 21.0]], [[10.0, 10.0], [20.0, 30.0]]])
    got = take_layer(layers, target_index(layers, reference, "behind"))
    assert got.tolist() == [[[30.0, 10.0], [10.0, 20.0]], [[10.0, 10.0], [20.0, 30.0]]]


@given(c=st.floats(0, 1), max_disp=st.floats(1, 500))
def test_condition_and_reference_are_inverse(c: float, max_disp: float) -> None:
    most = torch.tensor(max_disp, dtype=torch.float64)
    reference = reference_disparity(torch.tensor(c, dtype=torch.float64), most)
    assert float(condition_of(reference, most)) == pytest.approx(c, abs=1e-12)


@given(
    index=hnp.arrays(np.int64, (1, 6, 7), elements=st.integers(0, 2)),
    count=hnp.arrays(np.int64, (1, 6, 7), elements=st.integers(1, 3)),
)
def test_consistency_counts_votes(index: np.ndarray, count: np.ndarray) -> None:
    """Twin: votes counted one by one in a 3x3 square; pixels with one layer are kept and do not vote."""
    got = consistent(torch.from_numpy(index), torch.from_numpy(count), window=3)
    for row in range(6):
        for column in range(7):
            square = (0, slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2))
            votes = Counter(index[square][count[square] > 1].tolist())
            kept = count[0, row, column] == 1 or votes[int(index[0, row, column])] == max(votes.values())
            assert bool(got[0, row, column]) is bool(kept)


def test_conditions_are_half_from_gaps_half_uniform() -> None:
    """Layers at 60 and 59.9 px of 100: uniform c falls between them once in a thousand draws."""
    layers = np.full((3, 2, 2), np.nan, dtype=np.float32)
    layers[0] = 40
    layers[:2, 0, 1] = 60, 59.9
    rng = np.random.default_rng(0)
    drawn = np.array([sample_condition(rng, layers, 100.0) for _ in range(4000)])
    in_gap = (drawn > 0.4 - 1e-6) & (drawn < 0.401 + 1e-6)
    assert in_gap.mean() == pytest.approx(0.5, abs=0.03)
    others = np.sort(drawn[~in_gap])
    assert np.abs(others - np.linspace(0, 1, len(others))).max() < 0.05
    opaque = np.array([sample_condition(rng, layers[:1], 100.0) for _ in range(2000)])
    assert np.abs(np.sort(opaque) - np.linspace(0, 1, 2000)).max() < 0.05


def test_the_nearest_and_farthest_pair_of_a_stack_are_both_drawn() -> None:
    layers = np.array([90, 50, 10], dtype=np.float32)[:, None, None]
    rng = np.random.default_rng(1)
    reference = 100 - 100 * np.array([sample_condition(rng, layers, 100.0) for _ in range(2000)])
    assert np.mean((reference > 50) & (reference < 90)) == pytest.approx(0.25 + 0.2, abs=0.05)
    assert np.mean((reference > 10) & (reference < 50)) == pytest.approx(0.25 + 0.2, abs=0.05)


@given(
    valid=hnp.arrays(np.bool_, (3, 4)),
    see_through=hnp.arrays(np.bool_, (3, 4)),
    mark=st.sampled_from([Mark.NEAR_SURFACE, Mark.BACKGROUND, None]),
    c=st.sampled_from([0.0, 0.4, 1.0]),
)
def test_single_disparities_count_where_they_are_true(
    valid: np.ndarray, see_through: np.ndarray, mark: Mark | None, c: float
) -> None:
    """Opaque pixels whatever is asked; see-through ones for what was measured; never an invalid one."""
    got = curated_valid(torch.from_numpy(valid), torch.from_numpy(see_through), mark, c).numpy()
    np.testing.assert_array_equal(got[~see_through], valid[~see_through])
    asked = mark is not None and c == mark.value
    np.testing.assert_array_equal(got[see_through], valid[see_through] & asked)


def test_marked_sets_are_asked_for_what_they_measured() -> None:
    rng = np.random.default_rng(0)
    assert curated_condition(rng, Mark.NEAR_SURFACE) == 0
    assert curated_condition(rng, Mark.BACKGROUND) == 1
    assert len({curated_condition(rng, None) for _ in range(9)}) == 9


def test_disparity_loss_of_constant_errors() -> None:
    """Errors 4, 2, 1 with decay 1/2: 4/4 + 2/2 + 1; invalid pixels, even NaN, do not enter, nor their gradients."""
    truth, valid = torch.zeros(1, 1, 2, 3), torch.tensor([[[[True, True, False], [True, False, True]]]])
    truth[0, 0, 0, 2] = torch.nan
    steps = [torch.full_like(truth, error).requires_grad_() for error in (4.0, 2.0, -1.0)]
    loss = losses.disparity_loss(steps, truth, valid, decay=0.5)
    assert float(loss.detach()) == pytest.approx(3.0)
    loss.backward()
    assert steps[-1].grad is not None
    torch.testing.assert_close(steps[-1].grad, valid / -4.0)
    assert float(losses.disparity_loss(steps, truth, torch.zeros_like(valid)).detach()) == 0


def test_cross_entropies_of_constant_probabilities() -> None:
    """-log p where true, -log(1 - p) where not; the bound is 1e-6, so a wrong certainty costs log(1e6), not infinity."""
    truth = torch.tensor([True, False, False, True])
    everywhere = torch.ones(4, dtype=torch.bool)
    loss = losses.binary_cross_entropy(torch.full((4,), 0.8), truth, everywhere)
    assert float(loss) == pytest.approx(-(2 * math.log(0.8) + 2 * math.log(0.2)) / 4, rel=1e-5)
    assert float(losses.binary_cross_entropy(torch.zeros(4), truth, truth)) == pytest.approx(math.log(1e6), rel=1e-4)
    logits = torch.full((1, 2, 1, 2), math.log(4))
    masks = torch.tensor([[[[True, False]], [[True, True]]]])
    known = torch.tensor([[[[True, True]], [[False, False]]]])
    wanted = -(math.log(0.8) + math.log(0.2)) / 2
    assert float(losses.segmentation_loss(logits, masks, known)) == pytest.approx(wanted, rel=1e-5)


def test_confidence_is_taught_by_errors_below_four_pixels() -> None:
    disp = torch.tensor([3.9, -3.9, 4.0, 5.0])
    loss = losses.confidence_loss(torch.full((4,), 0.9), disp, torch.zeros(4), torch.ones(4, dtype=torch.bool))
    assert float(loss) == pytest.approx(-(math.log(0.9) + math.log(0.1)) / 2, rel=1e-4)


def test_concentration_of_a_uniform_and_of_a_perfect_plan() -> None:
    """Eight cells: a uniform row has 1/8 per cell, three cells around the one partner, or fewer at the border."""
    truth, valid = torch.full((1, 1, 4, 32), 8.0), torch.ones(1, 1, 4, 32, dtype=torch.bool)
    uniform = torch.full((1, 1, 8, 8), 1 / 8)
    # partners of cells 2..7 are 0..5; cell 2 has the neighbours 0 and 1 alone; cells 0 and 1 do not count
    wanted = ((1 - 2 / 8 - 0.1) + 5 * (1 - 3 / 8 - 0.1)) / 6
    found = losses.mass_at_partners(uniform, truth, valid)
    assert float(losses.mode_concentration_loss(*found, margin=0.1)) == pytest.approx(wanted, rel=1e-5)
    assert float(losses.likelihood_loss(*found)) == pytest.approx(
        -(math.log(2 / 8) + 5 * math.log(3 / 8)) / 6, rel=1e-5
    )
    perfect = torch.diag_embed(torch.ones(6), offset=-2)[None, None]
    found = losses.mass_at_partners(perfect, truth, valid)
    assert float(losses.mode_concentration_loss(*found)) == 0
    assert float(losses.likelihood_loss(*found)) == pytest.approx(0, abs=1e-5)
    found = losses.mass_at_partners(uniform, truth, torch.zeros_like(valid))
    assert float(losses.mode_concentration_loss(*found)) == float(losses.likelihood_loss(*found)) == 0


def test_the_first_match_is_taught_where_it_is_the_right_one() -> None:
    """Two cells of 4 px: one errs by 1.2 and 2.8 px, the other by more than the reach of 8 px."""
    disp = torch.tensor([3.0, 5.0]).reshape(1, 1, 1, 2).requires_grad_()
    truth = torch.full((1, 1, 4, 8), 11.0)
    truth[..., :2], truth[..., 2:4] = 13.2, 14.8
    valid = torch.ones_like(truth, dtype=torch.bool)
    loss = losses.match_loss(disp, truth, valid)
    assert float(loss.detach()) == pytest.approx((1.2 + 2.8) / 2, rel=1e-5)
    loss.backward()
    assert disp.grad is not None
    assert disp.grad.flatten().tolist() == pytest.approx([-4.0, 0.0])
    valid[..., :4] = False
    assert not losses.match_loss(disp, truth, valid)


def test_a_cell_on_an_edge_may_go_to_either_side() -> None:
    """Half the cell's pixels at 0 px, half at 16 px: mass on either partner is right, their union is counted once."""
    truth = torch.zeros(1, 1, 4, 32)
    truth[..., 26:] = 16
    truth[..., 28:] = 0
    valid = torch.zeros_like(truth, dtype=torch.bool)
    valid[..., 24:28] = True
    for shares, wanted in (((1.0, 0.0), 0.0), ((0.5, 0.5), 0.0), ((0.3, 0.3), 0.4 - 0.05)):
        plan = torch.zeros(1, 1, 8, 8)
        plan[0, 0, 6, 6], plan[0, 0, 6, 2] = shares
        found = losses.mass_at_partners(plan, truth, valid)
        assert float(losses.mode_concentration_loss(*found)) == pytest.approx(wanted, abs=1e-6)


def test_one_pair_is_learnt() -> None:
    """All terms together, through the whole network, from its own start; NaN in the truth reaches nothing."""
    torch.manual_seed(0)
    network = S2M2(8, 1, refine_steps=1).train()
    left, right = textured_pair(32, 64, 8)
    truth = torch.full((1, 1, 32, 64), 8.0)
    truth[..., :5] = torch.nan
    valid, visible = torch.ones_like(truth, dtype=torch.bool), torch.arange(64).expand_as(truth) >= 8
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-3)
    totals = []
    for _ in range(15):
        terms = losses.stereo_losses(network.estimate(left, right), truth, valid, visible)
        total = losses.weighted_sum(terms, losses.Weights())
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(float(total.detach()))
    assert set(terms) == {"disparity", "occlusion", "confidence", "concentration", "likelihood", "match"}
    assert totals[-1] < 0.7 * totals[0]
