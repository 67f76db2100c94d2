# SPDX-License-Identifier: Apache-2.0
"""Classical depth from focus: each part against a slow obvious twin or a closed form, the whole on stacks of known depth."""

from __future__ import annotations

import focus_layouts as layouts
import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from depthbench.baselines.constant_depth import ConstantDepth
from depthbench.baselines.focus_measure.align import movements, register
from depthbench.baselines.focus_measure.measures import MEASURES, modified_laplacian, tenengrad, variance
from depthbench.baselines.focus_measure.model import FocusMeasure
from depthbench.baselines.focus_measure.peak import peak
from depthbench.baselines.focus_measure.smoothing import guided_filter, smooth_along_edges
from depthbench.errors import DepthbenchError
from depthbench.tasks import FocusSample

Floats = npt.NDArray[np.float32]


def estimate(model: FocusMeasure | ConstantDepth, sample: FocusSample) -> Floats:
    return model.finish(model.forward(model.prepare(sample)), sample).depth_m  # type: ignore[arg-type]


def inner(values: Floats, stripes: int = 3, margin: int = 5) -> list[Floats]:
    """Parts of a map that lie well inside each stripe."""
    width = values.shape[1] // stripes
    return [values[margin:-margin, k * width + margin : (k + 1) * width - margin] for k in range(stripes)]


@pytest.mark.parametrize("measure", list(MEASURES))
@pytest.mark.parametrize("smooth", [0.0, 20.0])
def test_steps_between_the_planes_are_found_in_inverse_depth(measure: str, smooth: float) -> None:
    """None of the three depths is in focus; errors are told in dioptres, where planes lie 0.25 apart."""
    depth_m = layouts.steps((64, 96), (0.9, 1.5, 2.5))
    sample = layouts.sample(depth_m, (0.7, 0.8, 1.0, 1.3, 1.9, 3.5))
    found = estimate(FocusMeasure(measure, smooth=smooth), sample)
    for part, truth in zip(inner(found), (0.9, 1.5, 2.5), strict=True):
        assert float(np.median(np.abs(1 / part - 1 / truth))) < 0.07


def test_smoothing_carries_depth_over_what_has_no_texture() -> None:
    depth_m = layouts.steps((64, 96), (1.0, 2.0))
    sample = layouts.sample(depth_m)
    blank = np.zeros((64, 96), bool)
    blank[20:40, 10:34] = True
    stack = sample.stack.copy()
    stack[:, blank] = 128
    spoilt = FocusSample("x", stack, sample.focus_m)
    rough, smooth = (estimate(FocusMeasure(window=1, smooth=s), spoilt) for s in (0.0, 20.0))
    hidden = (slice(27, 33), slice(18, 26))
    assert np.abs(smooth[hidden] - 1.0).max() < 0.1
    assert np.abs(rough[hidden] - 1.0).max() > 0.1


def test_a_peak_of_gaussian_shape_is_met_exactly_whatever_the_spacing() -> None:
    dioptre = np.array([2.0, 1.4, 1.1, 0.7, 0.2])
    truths = np.array([[1.9, 1.31, 0.9, 0.45, 0.21]])
    volume = np.exp(-((dioptre[:, None, None] - truths) ** 2) / 0.5).astype(np.float32)
    found, confidence = peak(volume, dioptre)
    np.testing.assert_allclose(found, truths, atol=1e-3)
    assert (confidence > 0.1).all()
    outside = np.exp(-((dioptre[:, None, None] - np.array([[3.0, 0.0]])) ** 2) / 0.5).astype(np.float32)
    np.testing.assert_allclose(peak(outside, dioptre)[0], [[2.0, 0.2]])


def test_where_nothing_varies_there_is_no_confidence_and_two_planes_have_no_between() -> None:
    dioptre = np.array([2.0, 1.0])
    found, confidence = peak(np.array([[[1.0, 1, 0]], [[3.0, 1, 0]]], np.float32), dioptre)
    assert found[0, 0] == 1.0
    assert confidence[0, 0] > 0
    assert confidence[0, 1:].tolist() == [0, 0]


def test_measures_equal_loops_over_pixels() -> None:
    grey = np.random.default_rng(0).random((9, 8)).astype(np.float32)
    padded = np.pad(grey, 3, mode="symmetric").astype(np.float64)
    for y, x in ((4, 4), (0, 3), (8, 7)):
        here = padded[y : y + 7, x : x + 7]
        laplacian = abs(2 * here[3, 3] - here[3, 2] - here[3, 4]) + abs(2 * here[3, 3] - here[2, 3] - here[4, 3])
        assert modified_laplacian(grey)[y, x] == pytest.approx(laplacian, abs=1e-6)
        sobel = here[2:5, 4] - here[2:5, 2], here[4, 2:5] - here[2, 2:5]
        assert tenengrad(grey)[y, x] == pytest.approx(sum(np.dot([1, 2, 1], s) ** 2 for s in sobel) / 64, abs=1e-6)
        assert variance(grey)[y, x] == pytest.approx(here[1:6, 1:6].var(), abs=1e-6)


@pytest.mark.parametrize("measure", list(MEASURES))
def test_measures_fall_with_blur_and_do_not_see_brightness(measure: str) -> None:
    grey = (layouts.texture((64, 64)).mean(axis=2) / 255).astype(np.float32)
    values = [float(MEASURES[measure](ndimage.gaussian_filter(grey, sigma)).mean()) for sigma in (0, 0.5, 1, 2, 4)]
    assert values == sorted(values, reverse=True)
    assert float(MEASURES[measure](grey + np.float32(0.2)).mean()) == pytest.approx(values[0], rel=1e-4)
    assert float(MEASURES[measure](np.full((9, 9), 0.3, np.float32)).max()) == pytest.approx(0, abs=1e-6)


def test_the_guided_filter_equals_its_definition_window_by_window() -> None:
    rng = np.random.default_rng(1)
    guide, values, radius, epsilon = rng.random((12, 10)), rng.random((12, 10)), 2, 0.01
    slopes, offsets = np.zeros((12, 10)), np.zeros((12, 10))
    wide_guide, wide_values = (np.pad(a, radius, mode="symmetric") for a in (guide, values))
    for y in range(12):
        for x in range(10):
            g, v = (a[y : y + 5, x : x + 5] for a in (wide_guide, wide_values))
            slopes[y, x] = (np.mean(g * v) - g.mean() * v.mean()) / (g.var() + epsilon)
            offsets[y, x] = v.mean() - slopes[y, x] * g.mean()
    expected = ndimage.uniform_filter(slopes, 5) * guide + ndimage.uniform_filter(offsets, 5)
    ours = guided_filter(guide.astype(np.float32), radius, epsilon)(values.astype(np.float32))
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_one_pass_along_one_row_is_the_least_squares_solution() -> None:
    """A row alone: the smoother's tridiagonal system against numpy's dense solver."""
    rng = np.random.default_rng(2)
    values, confidence = rng.random((1, 9)).astype(np.float32), rng.random((1, 9)).astype(np.float32)
    guide, strength, contrast = rng.random((1, 9)).astype(np.float32), 0.7, 0.2
    weight = 1.5 * strength / 3  # one pass: 1.5 * 4^0 / (4^1 - 1)
    links = weight * np.exp(-np.abs(np.diff(guide[0].astype(float))) / contrast)
    system = np.eye(9)
    for i, link in enumerate(links):
        system[i : i + 2, i : i + 2] += link * np.array([[1, -1], [-1, 1]])
    top, bottom = (np.linalg.solve(system, a) for a in ((confidence * values)[0], confidence[0] + 1e-9))
    ours = smooth_along_edges(values, confidence, guide, strength, contrast, passes=1)
    np.testing.assert_allclose(ours[0], top / bottom, rtol=1e-5)


def test_smoothing_keeps_constants_and_stops_at_edges_of_the_guide() -> None:
    rng = np.random.default_rng(3)
    guide = np.zeros((30, 40), np.float32)
    guide[:, 20:] = 1
    confidence = rng.random((30, 40)).astype(np.float32)
    flat = smooth_along_edges(np.full((30, 40), 2.5, np.float32), confidence, guide, 100, 0.05)
    np.testing.assert_allclose(flat, 2.5, rtol=1e-5)
    two = np.where(guide > 0, np.float32(3), np.float32(1)) + rng.normal(0, 0.2, (30, 40)).astype(np.float32)
    smooth = smooth_along_edges(two, confidence, guide, 100, 0.05)
    assert np.abs(smooth[:, :20] - 1).max() < 0.1
    assert np.abs(smooth[:, 20:] - 3).max() < 0.1


def moved(picture: npt.NDArray[np.float64], movement: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The picture whose pixel at movement @ (x, y, 1) is the given one's at (x, y)."""
    inverse = np.linalg.inv(movement)[[1, 0]][:, [1, 0, 2]]
    return np.stack(
        [
            ndimage.affine_transform(picture[..., c], inverse[:, :2], inverse[:, 2], order=3, mode="mirror")
            for c in range(3)
        ],
        axis=2,
    )


def similarity(scale: float, turn: float, right: float, down: float, size: tuple[int, int]) -> npt.NDArray[np.float64]:
    centre = np.array([[1, 0, (size[1] - 1) / 2], [0, 1, (size[0] - 1) / 2], [0, 0, 1.0]])
    turned = np.array([[scale, -turn, right], [turn, scale, down], [0, 0, 1]])
    return centre @ turned @ np.linalg.inv(centre)


def corner_error(found: npt.NDArray[np.float64], true: npt.NDArray[np.float64], size: tuple[int, int]) -> float:
    corners = np.array([[0, 0, 1], [size[1], 0, 1], [0, size[0], 1], [size[1], size[0], 1.0]]).T
    return float(np.abs((found @ corners - true @ corners)[:2]).max())


def test_breathing_shift_and_a_little_rotation_are_registered() -> None:
    size = (120, 160)
    picture = ndimage.gaussian_filter(layouts.texture(size), (1.5, 1.5, 0))
    true = similarity(1.03, 0.004, 2.4, -1.7, size)
    other = 0.9 * moved(picture, true) + 8  # with another exposure
    found = register(*((p.mean(axis=2) / 255).astype(np.float32) for p in (picture, other)))
    assert corner_error(found, true, size) < 0.15


def test_an_unaligned_stack_is_chained_and_measured_in_the_narrowest_view() -> None:
    size = (120, 160)
    sample = layouts.sample(layouts.steps(size, (0.9, 1.5, 2.5)))
    # focusing nearer magnifies: the first picture has the narrowest view
    true = [similarity(1 / (1 + 0.03 * k), 0, 0.5 * k, 0, size) for k in range(len(sample.stack))]
    stack = np.stack(
        [np.clip(moved(p.astype(float), by), 0, 255).astype(np.uint8) for p, by in zip(sample.stack, true, strict=True)]
    )
    for found, by in zip(movements(stack), true, strict=True):
        assert corner_error(found, by, size) < 0.7
    breathing = FocusSample("x", stack, sample.focus_m)
    as_is, aligned = (estimate(FocusMeasure(align=how), breathing) for how in ("none", "similarity"))
    errors = [
        np.mean([np.abs(1 / part - 1 / d).mean() for part, d in zip(inner(m, margin=12), (0.9, 1.5, 2.5), strict=True)])
        for m in (as_is, aligned)
    ]
    assert errors[1] < 0.08
    assert errors[1] < errors[0]


def test_what_is_sharpest_at_infinity_is_infinite() -> None:
    sample = layouts.sample(layouts.steps(depths_m=(1.0, 1e6)), (0.9, 1.0, 1.2, 2.0, np.inf))
    found = estimate(FocusMeasure(smooth=0), sample)
    left, right = inner(found, stripes=2)
    assert np.isfinite(left).all()
    assert np.isinf(right).mean() > 0.9


def test_the_constant_is_the_middle_distance() -> None:
    sample = layouts.sample(focus_m=(1.0, 2.0, 4.0))
    assert (estimate(ConstantDepth(), sample) == np.float32(2)).all()
    far = FocusSample("x", np.concatenate([sample.stack, sample.stack[:1]]), np.array([1.0, 2.0, 4.0, np.inf]))
    assert estimate(ConstantDepth(), far)[0, 0] == pytest.approx(1 / 0.375)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"measure": "smll"}, "did you mean sml"),
        ({"align": "ecc"}, "known: none, similarity"),
        ({"smooth": -1.0}, "neither can be negative"),
    ],
)
def test_options_that_are_none_are_told(options: dict[str, object], told: str) -> None:
    with pytest.raises(DepthbenchError, match=told):
        FocusMeasure(**options)  # type: ignore[arg-type]
