# SPDX-License-Identifier: Apache-2.0
"""The plane sweep: exact pictures of known depth, planes by formula, and the compiled loops against the plain ones."""

from __future__ import annotations

import mvs_scene
import numpy as np
import pytest

from depthbench.baselines.plane_sweep import costs, smoothing
from depthbench.baselines.plane_sweep.costs import cost_volume
from depthbench.baselines.plane_sweep.model import PlaneSweep
from depthbench.baselines.plane_sweep.planes import inverse_depths
from depthbench.baselines.plane_sweep.smoothing import semi_global
from depthbench.baselines.plane_sweep.winner import best_depth
from depthbench.errors import DepthbenchError
from depthbench.tasks import MvsPrediction


def run(model: PlaneSweep, sample: object) -> MvsPrediction:
    return model.finish(model.forward(model.prepare(sample)), sample)  # type: ignore[arg-type]


def test_depth_of_a_painted_wall_and_ball() -> None:
    sample, truth = mvs_scene.sample(width=96, height=72)
    found = run(PlaneSweep(), sample)
    relative = np.abs(found.depth - truth) / truth
    # a pixel of disparity is about 9 % of depth here
    assert np.median(relative) < 0.015
    assert (relative < 0.05).mean() > 0.9
    assert found.confidence is not None
    sure = found.confidence > 0.8
    assert sure.mean() > 0.8
    assert (relative[sure] < 0.05).mean() > 0.95


def test_a_plane_at_a_depth_costs_least_there() -> None:
    """Two cameras side by side before a wall at 4: the pictures are shifts of each other."""
    rng = np.random.default_rng(0)
    texture = rng.random((20, 60)).astype(np.float32)
    k = np.array([[40.0, 0, 20], [0, 40, 10], [0, 0, 1]])
    inverse = np.linspace(1 / 8, 1 / 2, 16)
    shift = 5  # px = 40 * 0.5 / 4
    there = np.hstack([k @ np.linalg.inv(k), (k @ [-0.5, 0, 0])[:, None]])
    volume = cost_volume(texture[:, :40], [texture[:, shift : 40 + shift]], [there], inverse, (1,))
    at = int(np.argmin(np.abs(inverse - 0.25)))
    inside = volume[2:-2, 8:-8]
    assert inverse[at] == pytest.approx(0.25)
    assert (inside.argmin(axis=2) == at).all()
    assert inside[..., at].max() == 0


def test_what_no_source_sees_costs_all() -> None:
    grey = np.random.default_rng(0).random((12, 12)).astype(np.float32)
    behind = np.hstack([-np.eye(3), np.zeros((3, 1))])
    assert (cost_volume(grey, [grey], [behind], np.array([1.0, 2.0]), (1,)) == 255).all()


def test_one_bad_source_of_four_is_left_out() -> None:
    rng = np.random.default_rng(1)
    grey = rng.random((20, 20)).astype(np.float32)
    same = np.hstack([np.eye(3), np.zeros((3, 1))])
    others = [grey, rng.random((20, 20)).astype(np.float32), grey * 0.5 + 0.2, rng.random((20, 20)).astype(np.float32)]
    volume = cost_volume(grey, others, [same] * 4, np.array([1.0, 2.0]), (2,))
    assert volume[4:-4, 4:-4].max() <= 1


def test_planes_are_a_pixel_apart() -> None:
    k = np.array([[100.0, 0, 50], [0, 100, 40], [0, 0, 1]])
    aside = np.hstack([np.eye(3), (k @ [-0.2, 0, 0])[:, None]])
    inverse = inverse_depths([aside], (101, 81), 0.5, 4.0)
    assert len(inverse) == np.ceil(100 * 0.2 * (1 / 0.5 - 1 / 4)) + 1
    assert (inverse[0], inverse[-1]) == (1 / 4, 1 / 0.5)


def test_compiled_loops_do_what_the_plain_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    sample, _ = mvs_scene.sample(width=32, height=24)
    model = PlaneSweep(sources=3, window=5)
    inputs = model.prepare(sample)
    arguments = (inputs.reference, inputs.sources, inputs.carried, inputs.inverse, (2, 6))
    fast = cost_volume(*arguments)
    smooth = semi_global(fast, inputs.reference, 30, 200)
    for module in (costs, smoothing):
        monkeypatch.setattr(module, "kernels", lambda name: None)
    plain = cost_volume(*arguments)
    assert np.abs(fast.astype(int) - plain).max() <= 1
    assert (fast != plain).mean() < 0.01
    np.testing.assert_array_equal(semi_global(fast, inputs.reference, 30, 200), smooth)


def slow_path(volume: np.ndarray, small: int, large: int, step: tuple[int, int]) -> np.ndarray:
    """One direction of the smoothing by its recursion, a pixel at a time, with memory of all pixels."""
    height, width, planes = volume.shape
    path: dict[tuple[int, int], np.ndarray] = {}

    def at(y: int, x: int) -> np.ndarray:
        if (y, x) not in path:
            cost = volume[y, x].astype(int)
            before = (y - step[0], x - step[1])
            if 0 <= before[0] < height and 0 <= before[1] < width:
                last = at(*before)
                best = [
                    min(last[e] + (0 if e == d else small if abs(e - d) == 1 else large) for e in range(planes))
                    for d in range(planes)
                ]
                cost = cost + best - last.min()
            path[y, x] = cost
        return path[y, x]

    return np.array([[at(y, x) for x in range(width)] for y in range(height)])


def test_paths_follow_the_recursion() -> None:
    volume = np.random.default_rng(3).integers(0, 256, (5, 6, 4)).astype(np.uint8)
    even = np.full((5, 6), 0.5, np.float32)
    wanted = sum(slow_path(volume, 20, 90, step) for step in smoothing.DIRECTIONS)
    found = semi_global(volume, even, 20, 90)
    # at the picture's border numpy's roll compares with the other side, which is as even
    np.testing.assert_array_equal(found, wanted)


def test_between_planes_the_parabola_decides() -> None:
    inverse = np.linspace(0.1, 0.5, 9)
    true = 0.23
    sums = (1e5 * (inverse - true) ** 2).astype(np.uint16)[None, None]
    assert 1 / best_depth(sums, inverse)[0, 0] == pytest.approx(true, abs=2e-4)


@pytest.mark.parametrize("options", [{"window": 4}, {"planes": 2}, {"smooth": -1.0}, {"sources": 0}])
def test_options_out_of_place_are_told(options: dict[str, float]) -> None:
    with pytest.raises(DepthbenchError, match=next(iter(options))):
        PlaneSweep(**options)  # type: ignore[arg-type]
