# SPDX-License-Identifier: Apache-2.0
"""Scores of pairs of views against MVSNet's own loop; the aim is a ratio of at least 50.

    python benches/view_selection.py path/to/a/colmap/model

The rival is the loop of ``colmap2mvsnet.py``: for every pair a list comprehension over what both observe, then one angle at a time; of
the given model's first views (``--views``). Both count repeated observations, and their scores must agree.
Printed are medians of processor seconds, sides in alternation.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from depthbench.formats.colmap import ColmapModel, read_colmap_model
from depthbench.generators.mvs.view_selection import SparseView, pair_scores


def published(model: ColmapModel, ids: list[int], where: dict[int, np.ndarray]) -> dict[tuple[int, int], float]:
    scores = {}
    for i in ids:
        for j in ids:
            if i >= j:
                continue
            first, second = (model.images[k] for k in (i, j))
            shared = [it for it in first.point_ids if it in second.point_ids]
            centres = [-image.world_to_cam[:3, :3].T @ image.world_to_cam[:3, 3] for image in (first, second)]
            total = 0.0
            for point in shared:
                if point == -1:
                    continue
                a, b = centres[0] - where[point], centres[1] - where[point]
                theta = (180 / np.pi) * np.arccos(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))
                total += np.exp(-(theta - 5) * (theta - 5) / (2 * (1 if theta <= 5 else 10) ** 2))
            scores[i, j] = total
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    model = read_colmap_model(options.model)
    ids = sorted(model.images)[: options.views]
    where = dict(zip(model.point_ids.tolist(), model.points, strict=True))
    seconds: dict[str, list[float]] = {"ours": [], "published": []}
    for _ in range(options.rounds):
        start = time.process_time()
        views = {}
        for i in ids:
            seen = model.images[i].point_ids
            views[i] = SparseView(model.images[i].world_to_cam, np.searchsorted(model.point_ids, seen[seen >= 0]))
        got = pair_scores(views, model.points, count_repeats=True)
        middle = time.process_time()
        wanted = published(model, ids, where)
        seconds["ours"].append(middle - start)
        seconds["published"].append(time.process_time() - middle)
    for pair, score in wanted.items():
        np.testing.assert_allclose(got.get(pair, 0.0), score, rtol=1e-9)
    ours, theirs = (statistics.median(values) for values in seconds.values())
    print(f"{len(ids)} views: ours {ours:.4f} s, published {theirs:.2f} s, ratio {theirs / ours:.0f}")


if __name__ == "__main__":
    main()
