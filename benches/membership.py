# SPDX-License-Identifier: Apache-2.0
"""Membership targets and the costs of matching, against loops that follow their formulas.

    python benches/membership.py

Processor time of one thread, the best of several rounds. "Loop" takes one instance after the other: a mask, its median, and its row
of G, the sum over all centroids being made once; numpy passes in float32 over the picture. The costs' loop takes one pair of rows after
the other: with torch's binary cross-entropy, and with sums written by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from depthbench.baselines.icm_loss.matching import pair_costs
from depthbench.generators.membership.levels import MembershipMap, membership_targets

HEIGHT, WIDTH, INSTANCES, CLUSTERS = 1024, 2048, 40, 32
ROUNDS = 5


def frame(share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return ids and depth in steps of 1/256 m, a tenth unknown: 40 instances that fill ``share`` of every tile of a grid."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ids = y * 5 // HEIGHT * 8 + x * 8 // WIDTH + 1
    inside = (y * 5 % HEIGHT < share**0.5 * HEIGHT) & (x * 8 % WIDTH < share**0.5 * WIDTH)
    depth_m = np.rint(np.clip(rng.normal(8 + 1.5 * ids, 2), 1, 200) * 256) / 256
    depth_m[rng.random(ids.shape) < 0.1] = np.nan
    return np.where(inside, ids, 0).astype(np.int32), depth_m.astype(np.float32)


def best_s(act: Callable[[], object], rounds: int) -> float:
    """Return the processor seconds of the fastest round."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        act()
        times.append(time.process_time() - start)
    return min(times)


def membership_by_loop(ids: np.ndarray, depth_m: np.ndarray) -> np.ndarray:
    """Return G, float32 (M, H, W), for fuzziness 2."""
    valid = np.isfinite(depth_m)
    names = [i for i in np.unique(ids) if i]
    matrix = np.zeros((len(names), *ids.shape), np.float32)
    centroids = []
    for name in names:
        depths = np.sort(depth_m[valid & (ids == name)])
        centroids.append(depths[(len(depths) - 1) // 2])
    total = np.zeros(ids.shape, np.float32)
    for centroid in centroids:
        total += np.maximum(np.abs(depth_m - centroid), 1 / 512) ** -2
    for row, (name, centroid) in enumerate(zip(names, centroids, strict=True)):
        share = np.maximum(np.abs(depth_m - centroid), 1 / 512) ** -2 / total
        matrix[row] = np.where(valid & (ids == name), share, 0)
    return matrix


def cross_entropy_by_hand(row: torch.Tensor, goal: torch.Tensor) -> torch.Tensor:
    return -(goal * row.log() + (1 - goal) * torch.log1p(-row)).sum()


def costs_by_loop(
    a: torch.Tensor, g: torch.Tensor, cross_entropy: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
) -> list[list[float]]:
    """Cost pair by pair."""
    rows, goals = (x / x.norm(dim=1, keepdim=True) for x in (a, g))
    return [[cross_entropy(row, goal).item() for goal in goals] for row in rows.clamp(1e-6, 1 - 1e-6)]


def main() -> None:
    torch.set_num_threads(1)
    print(f"membership, {HEIGHT}x{WIDTH}, {INSTANCES} instances; processor seconds")
    for share in (0.25, 1.0):
        ids, depth_m = frame(share)
        loop = best_s(lambda: membership_by_loop(ids, depth_m), 1)  # noqa: B023
        whole = best_s(lambda: membership_targets(ids, depth_m, (1,)), ROUNDS)  # noqa: B023
        levels = best_s(lambda: membership_targets(ids, depth_m), ROUNDS)  # noqa: B023
        print(f"  instances on {share:4.0%}: full resolution {whole:.3f}, loop {loop:.1f}, ratio {loop / whole:.0f}x")
        print(f"                     strides 4, 8, 16 {levels:.3f} (limit 0.3)")
    known = np.random.default_rng(1).random(ids.shape) < 0.05
    lidar = np.where(known, depth_m, np.nan).astype(np.float32)
    print(
        f"  lidar, 5 % known:  strides 4, 8, 16 {best_s(lambda: membership_targets(ids, lidar, sparse=True), ROUNDS):.3f}"
    )
    made: MembershipMap = membership_targets(ids, depth_m).levels[4]
    g = torch.from_numpy(made.expanded(INSTANCES)).flatten(1)
    a = torch.rand(CLUSTERS, g.shape[1]).softmax(dim=0)
    once = best_s(lambda: pair_costs(a, g), ROUNDS)
    print(f"costs of {CLUSTERS} x {INSTANCES} pairs at {HEIGHT // 4}x{WIDTH // 4}")
    ready = partial(F.binary_cross_entropy, reduction="sum")
    for name, act in (("torch's cross-entropy", ready), ("sums by hand", cross_entropy_by_hand)):
        loop = best_s(lambda: costs_by_loop(a, g, act), 1)  # noqa: B023
        print(f"  one product {once:.3f}, double loop, {name}: {loop:.2f}, ratio {loop / once:.0f}x")


if __name__ == "__main__":
    main()
