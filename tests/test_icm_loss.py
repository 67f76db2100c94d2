# SPDX-License-Identifier: Apache-2.0
"""The loss of clusters against the double loop, in closed form, and in its special cases."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from membership_twin import literal_costs

from depthbench.baselines.icm_loss.loss import icm_loss, total_loss
from depthbench.baselines.icm_loss.matching import matched, pair_costs
from depthbench.baselines.icm_loss.target import LevelTarget, level_target
from depthbench.generators.membership.levels import membership_targets


def target(rows: list[int], values: list[float], count: int, valid: list[bool] | None = None) -> LevelTarget:
    return LevelTarget(torch.tensor(rows), torch.tensor(values), torch.tensor(valid or [True] * len(rows)), count)


@given(seed=st.integers(0, 10_000), n=st.integers(1, 6), m=st.integers(1, 6), cells=st.integers(1, 40))
def test_costs_equal_the_double_loop(seed: int, n: int, m: int, cells: int) -> None:
    rng = np.random.default_rng(seed)
    clusters, instances = rng.random((n, cells)) + 1e-3, rng.random((m, cells)) + 1e-3
    made = pair_costs(torch.from_numpy(clusters), torch.from_numpy(instances))
    np.testing.assert_allclose(made, literal_costs(clusters, instances), rtol=1e-9)


@given(seed=st.integers(0, 10_000), n=st.integers(1, 5), m=st.integers(1, 5))
def test_the_assignment_is_the_cheapest_of_all(seed: int, n: int, m: int) -> None:
    costs = np.random.default_rng(seed).random((n, m))
    rows, columns = matched(torch.from_numpy(costs))
    assert len(rows) == min(n, m)
    flat = costs if n >= m else costs.T
    best = min(
        sum(flat[i, k] for k, i in enumerate(chosen)) for chosen in itertools.permutations(range(len(flat)), min(n, m))
    )
    assert costs[rows, columns].sum() == pytest.approx(best)


def test_two_clusters_in_closed_form() -> None:
    # each cluster lies on one instance of two equal cells: entries 1 / sqrt(2) there, and 0, held at 1e-6, elsewhere
    attention = torch.tensor([[[0.0, 0, 1, 1], [1, 1, 0, 0]]], dtype=torch.float64)
    goal = target([0, 0, 1, 1], [1.0, 1, 1, 1], 2)
    r = 1 / math.sqrt(2)
    pair = 2 * -(r * math.log(r) + (1 - r) * math.log(1 - r)) - 2 * math.log(1 - 1e-6)
    mean, matches = icm_loss(attention, [goal])
    literal, _ = icm_loss(attention, [goal], "literal")
    assert mean.item() == pytest.approx(pair / 4, rel=1e-6)
    assert literal.item() == pytest.approx(2 * pair / 2, rel=1e-6)
    assert (matches[0].clusters, matches[0].instances) == ((0, 1), (1, 0))


def test_literal_divides_by_all_clusters_and_mean_by_pairs() -> None:
    torch.manual_seed(0)
    attention = torch.rand(1, 5, 3, 4)
    goal = target([0] * 6 + [1] * 4 + [-1] * 2, [0.8] * 10 + [0.0] * 2, 2)
    mean, _ = icm_loss(attention, [goal])
    literal, _ = icm_loss(attention, [goal], "literal")
    assert literal.item() == pytest.approx(mean.item() * 12 * 2 / 5, rel=1e-5)


def test_more_instances_than_clusters_leave_some_alone() -> None:
    torch.manual_seed(1)
    goal = target([0, 1, 2, 3], [1.0] * 4, 4)
    loss, (found,) = icm_loss(torch.rand(1, 2, 4), [goal])
    assert torch.isfinite(loss)
    assert len(found.clusters) == 2
    assert found.without_cluster == 2


def test_cells_without_depth_bear_on_nothing() -> None:
    torch.manual_seed(2)
    attention = torch.rand(1, 3, 6)
    goal = target([0, 0, 1, -1, -1, -1], [0.5, 1, 1, 0, 0, 0], 2, [True] * 4 + [False] * 2)
    changed = attention.clone()
    changed[..., 4:] = 100
    short = target([0, 0, 1, -1], [0.5, 1, 1, 0], 2)
    losses = [
        icm_loss(*pair)[0].item() for pair in ((attention, [goal]), (changed, [goal]), (attention[..., :4], [short]))
    ]
    assert losses[0] == pytest.approx(losses[1]) == pytest.approx(losses[2])


@pytest.mark.parametrize("valid", [True, False])
def test_without_instances_it_is_zero_and_gradients_are_too(valid: bool) -> None:
    attention = torch.rand(1, 3, 4, requires_grad=True)
    loss, (found,) = icm_loss(attention, [target([-1] * 4, [0.0] * 4, 0, [valid] * 4)])
    loss.backward()
    assert loss.item() == 0
    assert found.clusters == ()
    assert attention.grad is not None
    assert (attention.grad == 0).all()


def test_an_instance_that_vanished_at_this_level_is_left_out() -> None:
    loss, (found,) = icm_loss(torch.rand(1, 3, 4), [target([1, 1, -1, -1], [1.0, 1, 0, 0], 2)])
    assert torch.isfinite(loss)
    assert found.instances == (1,)
    assert found.vanished == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_single_cells_and_empty_clusters_stay_finite(dtype: torch.dtype) -> None:
    attention = torch.zeros(1, 2, 3, dtype=dtype)
    attention[0, 0, 0] = 1
    attention.requires_grad_()
    loss, _ = icm_loss(attention, [target([0, -1, -1], [1.0, 0, 0], 1)])
    loss.backward()
    assert torch.isfinite(loss)
    assert attention.grad is not None
    assert torch.isfinite(attention.grad).all()


def test_autocast_changes_nothing() -> None:
    torch.manual_seed(5)
    attention = torch.rand(1, 3, 6)
    goal = target([0, 0, 1, -1, 2, 2], [0.5, 1, 1, 0, 1, 0.7], 3)
    plain, _ = icm_loss(attention, [goal])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed, _ = icm_loss(attention, [goal])
    assert mixed.dtype == torch.float32
    assert mixed.item() == plain.item()


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_targets_and_loss_on_a_device(device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no GPU")
    torch.manual_seed(6)
    attention = torch.rand(1, 2, 6)
    goal = target([0, 0, 1, -1, 2, 2], [0.5, 1, 1, 0, 1, 0.7], 3, [True] * 5 + [False])
    there = attention.to(device).requires_grad_()
    loss, (found,) = icm_loss(there, [goal.to(device)])
    loss.backward()
    assert loss.item() == pytest.approx(icm_loss(attention, [goal])[0].item(), rel=1e-5)
    assert found == icm_loss(attention, [goal])[1][0]
    assert there.grad is not None
    assert (there.grad[..., 5] == 0).all()


@pytest.mark.parametrize("reduction", ["mean", "literal"])
def test_gradients(reduction: str) -> None:
    torch.manual_seed(3)
    goal = target([0, 0, 1, 1, 2, -1, -1], [0.9, 0.4, 1, 0.7, 0.8, 0, 0], 3, [True] * 6 + [False])
    logits = torch.randn(2, 4, 7, dtype=torch.float64, requires_grad=True)

    def loss(values: torch.Tensor) -> torch.Tensor:
        return icm_loss(values.softmax(dim=1), [goal, goal], reduction)[0]  # type: ignore[arg-type]

    assert torch.autograd.gradcheck(loss, (logits,))


def test_clusters_that_are_the_targets_cost_least() -> None:
    ids = np.kron(np.array([[1, 2], [3, 0]]), np.ones((4, 4), int))
    depth_m = (np.arange(64).reshape(8, 8) / 4 + 3).astype(np.float32)
    made = membership_targets(ids, depth_m, strides=(1,))
    goal = level_target(made.levels[1], 3)
    matrix = goal.matrix().reshape(1, 3, 8, 8)
    right, (found,) = icm_loss(matrix[:, [2, 0, 1]], [goal])
    torch.manual_seed(0)
    assert found.instances == (2, 0, 1)
    for _ in range(5):
        assert icm_loss((matrix + 0.3 * torch.rand_like(matrix)), [goal])[0] > right


def test_the_total_is_the_sum_of_its_parts() -> None:
    torch.manual_seed(4)
    truth_m = torch.tensor([[2.0, float("nan"), 5.0, 0.0], [float("inf"), 1.0, 3.0, 4.0]])
    depth_m = torch.rand(2, 4) + 1
    goal = target([0, 0, 1, -1], [1.0, 0.5, 1, 0], 2)
    attentions = {4: torch.rand(2, 3, 4), 8: torch.rand(2, 3, 4)}
    targets = {4: [goal, goal], 8: [goal, goal]}
    total, parts = total_loss(depth_m, truth_m, attentions, targets, icm_weight=0.5)
    e = np.log(depth_m.numpy()[truth_m.isfinite() & (truth_m > 0)]) - np.log([2, 5, 1, 3, 4])
    assert parts["silog"].item() == pytest.approx(10 * math.sqrt(e.var(ddof=1) + 0.15 * e.mean() ** 2), rel=1e-4)
    assert total.item() == pytest.approx((parts["silog"] + 0.5 * (parts["icm_4"] + parts["icm_8"])).item())
    alone, only = total_loss(depth_m, truth_m, attentions, targets, icm_weight=0)
    assert alone.item() == pytest.approx(parts["silog"].item())
    assert set(only) == {"silog", "total"}
