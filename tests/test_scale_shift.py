# SPDX-License-Identifier: Apache-2.0
"""Least squares scale and shift against numpy's solver, exact recovery, and the degenerate cases that are promised."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depthbench.scale_shift import fit_scale, fit_scale_shift


@given(seed=st.integers(0, 10_000), n=st.integers(2, 40), scale=st.floats(-50, 50), shift=st.floats(-1e4, 1e4))
def test_an_affine_relation_is_found_whatever_lies_outside_the_mask(
    seed: int, n: int, scale: float, shift: float
) -> None:
    rng = np.random.default_rng(seed)
    source, mask = rng.uniform(0.1, 9, 2 * n), np.arange(2 * n) < n
    target = scale * source + shift
    source[~mask], target[~mask] = np.nan, np.inf
    found = fit_scale_shift(source, target, mask)
    assert found == pytest.approx((scale, shift), rel=1e-6, abs=1e-6 * (1 + abs(shift)))


def test_noisy_batches_equal_numpys_least_squares_row_by_row() -> None:
    rng = np.random.default_rng(3)
    source, target = rng.normal(1000, 2, (5, 300)), rng.normal(3, 1, (5, 300))
    mask = rng.random((5, 300)) < 0.4
    scale, shift = fit_scale_shift(source, target, mask)
    alone = fit_scale(source, target, mask)
    for row in range(5):
        x, y = source[row, mask[row]], target[row, mask[row]]
        expected = np.linalg.lstsq(np.stack([x, np.ones_like(x)], axis=1), y, rcond=None)[0]
        assert (scale[row], shift[row]) == pytest.approx(tuple(expected), rel=1e-6)
        assert alone[row] == pytest.approx(np.linalg.lstsq(x[:, None], y, rcond=None)[0][0])


@pytest.mark.parametrize(
    ("source", "mask", "expected"),
    [
        ([1.0, 2.0, 3.0], [False, False, False], (0, 0, 1)),
        ([1.0, 2.0, 3.0], [False, True, False], (0, 7, 3.5)),
        ([5.0, 5.0, 5.0], [True, True, True], (0, 8, 1.6)),
        ([0.0, 0.0, 0.0], [True, True, True], (0, 8, 1)),
    ],
)
def test_degenerate_fits_have_the_promised_answers(
    source: list[float], mask: list[bool], expected: tuple[float, float, float]
) -> None:
    target = np.array([6.0, 7.0, 11.0])
    fitted = fit_scale_shift(np.array(source), target, np.array(mask))
    assert (*fitted, fit_scale(np.array(source), target, np.array(mask))) == pytest.approx(expected)


def test_torch_tensors_fit_alike_and_gradients_are_finite_even_where_nothing_counts() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(4)
    source, target, mask = rng.uniform(1, 5, (3, 50)), rng.uniform(1, 5, (3, 50)), rng.random((3, 50)) < 0.7
    mask[1] = False
    source[2] = 2.0
    tensors = [torch.tensor(values.astype(np.float32), requires_grad=True) for values in (source, target)]
    fitted = fit_scale_shift(*tensors, torch.tensor(mask))
    for ours, theirs in zip(fitted, fit_scale_shift(source, target, mask), strict=True):
        np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=1e-4, atol=1e-5)
    sum(value.sum() for value in fitted).backward()
    assert all(torch.isfinite(tensor.grad).all() for tensor in tensors)
