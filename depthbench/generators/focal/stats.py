# SPDX-License-Identifier: Apache-2.0
"""What a folder of stacks covers: depth, holes, focus distances, blur."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from depthbench.errors import DepthbenchError
from depthbench.formats.focal_shard import FocalShard
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.stack_set import shards

DEPTH_EDGES_M = np.geomspace(0.1, 100, 61)
RADIUS_EDGES_PX = np.linspace(0, 32, 65)


def stats(folder: Path, limit: int | None = None) -> dict[str, Any]:
    """Count over the stacks of a folder (``limit``: so many, taken evenly); damaged shards are named and left out.

    Raises
    ------
    DepthbenchError
        If it holds no stack.
    """
    places, damaged = [], {}
    for path in shards(folder):
        try:
            shard = FocalShard(path)
            places += [(shard, index) for index in range(len(shard.ids))]
        except DepthbenchError as error:
            damaged[path.name] = str(error)
    if limit is not None and limit < len(places):
        places = [places[k] for k in np.unique(np.linspace(0, len(places) - 1, limit).astype(int))]
    depth_count, radius_count = np.zeros(len(DEPTH_EDGES_M) - 1), np.zeros(len(RADIUS_EDGES_PX) - 1)
    holes, nearest, farthest, planes, sizes, policies, doubts = [], [], [], [], set(), set(), set()
    for shard, index in places:
        try:
            record = shard.read(index)
        except DepthbenchError as error:
            damaged[shard.path.name] = str(error)
            continue
        known = record.depth_m[~np.isnan(record.depth_m)]
        depth_count += np.histogram(np.clip(known, *DEPTH_EDGES_M[[0, -1]]), DEPTH_EDGES_M)[0]
        camera = record.meta["lens"]
        lens = ThinLens(camera["focal_m"], camera["f_number"], camera["pitch_m"])
        some = known[:: max(1, len(known) // 5000)]
        for metres in record.focus_m:
            radius = np.minimum(lens.diameter_px(some, float(metres)) / 2, RADIUS_EDGES_PX[-1])
            radius_count += np.histogram(radius, RADIUS_EDGES_PX)[0]
        holes.append(1 - known.size / record.depth_m.size)
        nearest.append(known.min())
        farthest.append(known.max())
        planes.append(len(record.focus_m))
        sizes.add("x".join(map(str, record.depth_m.shape[::-1])))
        policies.add(record.meta["focus"]["policy"])
        doubts.update(camera["doubts"])
    if not holes:
        raise DepthbenchError(f"{folder}: holds no stack that can be read")
    return {
        "stacks": len(holes),
        "sizes": sorted(sizes),
        "planes": sorted(set(planes)),
        "focus_policies": sorted(policies),
        "hole_share": {"mean": float(np.mean(holes)), "most": float(np.max(holes))},
        "depth_m": {
            "nearest": float(np.min(nearest)),
            "farthest": float(np.max(farthest)),
            **_quantiles(depth_count, DEPTH_EDGES_M),
        },
        "radius_px": _quantiles(radius_count, RADIUS_EDGES_PX),
        "blurred_share": float(radius_count[RADIUS_EDGES_PX[:-1] >= 1].sum() / max(radius_count.sum(), 1)),
        "camera_doubts": sorted(doubts),
        "histograms": {
            "depth_edges_m": DEPTH_EDGES_M.tolist(),
            "depth_pixels": depth_count.tolist(),
            "radius_edges_px": RADIUS_EDGES_PX.tolist(),
            "radius_points": radius_count.tolist(),
        },
        "damaged": damaged,
    }


def _quantiles(counts: Any, edges: Any) -> dict[str, float]:
    """Return quantiles of a histogram, to half a bin."""
    total = np.cumsum(counts) / max(counts.sum(), 1)
    middle = (edges[1:] + edges[:-1]) / 2
    return {
        f"{share:.0%}": float(middle[min(int(np.searchsorted(total, share)), len(middle) - 1)])
        for share in (0.05, 0.5, 0.95)
    }


def draw(found: dict[str, Any], path: Path, title: str) -> None:
    """Draw the histograms of depth and of blur."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    from depthbench.formats.atomic import write_aside

    figure, axes = pyplot.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
    told = found["histograms"]
    for axis, edges, counts, label in (
        (axes[0], told["depth_edges_m"], told["depth_pixels"], "depth, m"),
        (axes[1], told["radius_edges_px"], told["radius_points"], "radius of blur, px, over all planes"),
    ):
        axis.stairs(np.asarray(counts) / max(sum(counts), 1), edges, fill=True)
        axis.set(xlabel=label, ylabel="share")
    axes[0].set_xscale("log")
    figure.suptitle(f"{title}: {found['stacks']} stacks")
    with write_aside(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
    pyplot.close(figure)
