# SPDX-License-Identifier: Apache-2.0
"""What a generated folder of layered samples covers, in numbers: layers, disparity, materials, light, cameras, duplicates.

Shards are read one at a time by each process and nothing but counts is kept, so a set of any size can be counted.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console

from depthbench.errors import DepthbenchError
from depthbench.formats.shard import ShardReader
from depthbench.generators.histogram import described
from depthbench.generators.layered_folder import shard_paths
from depthbench.generators.layered_tally import (
    COLUMNS,
    PixelTally,
    ShardTally,
    luma_mean,
    luma_quantile,
    tally_shard,
)
from depthbench.generators.progress import ProgressReport
from depthbench.layers import MAX_LAYERS, SurfaceClass, Visibility
from depthbench.processors import usable_cores

QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)
BINS = 24
FEW = 100
"""So many samples are read faster by this process than others are started."""

EXAMPLES = 20
"""How many groups of duplicates are named."""

Job = tuple[Path, Sequence[int]]


def stats(folder: str | Path, limit: int | None = None, console: Console | None = None) -> dict[str, Any]:
    """Count over the finished shards of a folder.

    Parameters
    ----------
    folder : path
    limit : int or None
        Look at so many samples at most, taken evenly from the folder; None is all.
    console : rich.console.Console or None
        Where progress is told; None is stderr.

    Returns
    -------
    dict
        ``samples`` there and ``read``; ``damaged`` (shard -> why; nothing of it is counted); ``environments`` (name -> samples
        read; of plates, the conditions); ``redrawn``; ``resolutions``; then, for all samples and again ``by_environment``: ``scenes``;
        ``layers_per_pixel`` (share of pixels with 0, 1, ... 8 layers) and their mean; ``layers`` (per layer its share of the
        pixels, and what share of it is opaque, transmissive, screen; visible, occluded, out of frame);
        ``see_through_share``, ``reflective_share`` of the pixels; ``disparity_px`` of all layers; ``refraction_px`` where
        see-through; ``luma``; ``materials`` (family -> share of all layer points, share of scenes that have it); and the
        distribution over samples of each of :data:`depthbench.generators.layered_tally.COLUMNS`. A distribution has low,
        quantiles, high, mean, histogram. ``duplicates``: groups of samples whose left pictures are equal, and pairs of views of
        a scene that nearly are. Pixels are those of both eyes. NaN where nothing was counted.

    Raises
    ------
    DepthbenchError
        If the folder holds no shards, or none that can be read.
    """
    damaged: dict[str, str] = {}
    jobs, there = _jobs(shard_paths(folder), limit, damaged)
    whole = ShardTally(Path(folder))
    digests: defaultdict[bytes, list[str]] = defaultdict(list)
    rows = []
    with ProgressReport(0, len(jobs), console, what="shards") as report:
        for part in _tallies(jobs):
            report.advance()
            if part.fault:
                damaged[part.path.name] = part.fault
                continue
            _merge(whole, part)
            rows.append(part.rows)
            for sample_id, digest in zip(part.ids, part.digests, strict=True):
                digests[digest].append(sample_id)
    if not whole.ids:
        raise DepthbenchError(f"{folder}: no shard can be read ({next(iter(damaged.values()), 'all are empty')})")
    whole.rows = np.concatenate(rows)
    everything = PixelTally()
    for pixels in whole.environments.values():
        everything.merge(pixels)
    edges = [_edges(column[np.isfinite(column)]) for column in whole.rows.T.astype(np.float64)]
    of = np.array(whole.of_environment)
    equal = [ids for ids in digests.values() if len(ids) > 1]
    return {
        "samples": there,
        "read": len(whole.ids),
        "damaged": damaged,
        "environments": dict(Counter(whole.of_environment)),
        "redrawn": whole.redrawn,
        "resolutions": dict(whole.resolutions),
        **_described(everything, whole.rows, edges),
        "duplicates": {
            "equal_pictures": sum(len(ids) - 1 for ids in equal),
            "equal_groups": equal[:EXAMPLES],
            "near_views": len(whole.near),
            "near_pairs": whole.near[:EXAMPLES],
        },
        "by_environment": {
            name: _described(pixels, whole.rows[of == name], edges) for name, pixels in whole.environments.items()
        },
    }


def _jobs(paths: Sequence[Path], limit: int | None, damaged: dict[str, str]) -> tuple[list[Job], int]:
    """Choose the samples of each shard that are read; return them and how many there are in all."""
    counts = {}
    for path in paths:
        try:
            with ShardReader(path) as reader:
                counts[path] = len(reader)
        except DepthbenchError as error:
            damaged[path.name] = str(error)
    there = sum(counts.values())
    step = 1 if limit is None else max(1, -(-there // limit))
    jobs: list[Job] = []
    first = 0
    for path, count in counts.items():
        if wanted := range(-first % step, count, step):
            jobs.append((path, wanted))
        first += count
    return jobs, there


def _tally(job: Job) -> ShardTally:
    """Count one shard; what is wrong with it is told, not raised."""
    try:
        return tally_shard(*job)
    except DepthbenchError as error:
        return ShardTally(job[0], fault=str(error))


def _tallies(jobs: Sequence[Job]) -> Iterator[ShardTally]:
    """Count shards in as many processes as there are processors, or in this one where that would only cost time."""
    cores = usable_cores()
    if cores == 1 or sum(len(wanted) for _, wanted in jobs) < FEW:
        yield from map(_tally, jobs)
        return
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_tally, jobs)


def _merge(whole: ShardTally, part: ShardTally) -> None:
    """Add a shard's counts to those of all."""
    for name, pixels in part.environments.items():
        whole.environments.setdefault(name, PixelTally()).merge(pixels)
    whole.ids += part.ids
    whole.of_environment += part.of_environment
    whole.redrawn += part.redrawn
    whole.resolutions.update(part.resolutions)
    whole.near += part.near


def _edges(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the bins from the least to the greatest value, or closely about the only one."""
    bounds = None
    if len(values) and values.min() == values.max():
        near = 0.1 * abs(values[0]) or 0.1
        bounds = (values[0] - near, values[0] + near)
    edges: npt.NDArray[np.float64] = np.histogram_bin_edges(values, BINS, bounds)
    return edges


def _described(pixels: PixelTally, rows: Any, edges: Sequence[Any]) -> dict[str, Any]:
    """Turn counts into the numbers that :func:`stats` promises; ``edges`` are the histograms' bins of each column."""
    points = max(sum(pixels.material_points.values()), 1)
    see_through = int(pixels.classes[0, SurfaceClass.TRANSMISSIVE :].sum())
    levels = pixels.luma
    return {
        "scenes": pixels.scenes,
        "layers_per_pixel": (pixels.count / pixels.pixels).tolist(),
        "mean_layers_per_pixel": float((pixels.count * np.arange(MAX_LAYERS + 1)).sum() / pixels.pixels),
        "layers": _per_layer(pixels),
        "see_through_share": see_through / pixels.pixels,
        "reflective_share": pixels.reflective / pixels.pixels,
        "disparity_px": pixels.disparity.described(QUANTILES),
        "refraction_px": pixels.refraction.described(QUANTILES),
        "luma": {
            "mean": luma_mean(levels),
            **{f"q{round(100 * q):02d}": luma_quantile(levels, q) for q in QUANTILES},
            "share": (levels / max(int(levels.sum()), 1)).tolist(),
        },
        "materials": {
            name: {"share": pixels.material_points[name] / points, "scenes": count / pixels.scenes}
            for name, count in sorted(pixels.material_scenes.items())
        },
        **{name: described(rows[:, column], QUANTILES, edges[column]) for column, name in enumerate(COLUMNS)},
    }


def _per_layer(pixels: PixelTally) -> list[dict[str, float]]:
    """Shares of each layer that any pixel has."""
    rows = []
    for classes, visibility in zip(pixels.classes, pixels.visibility, strict=True):
        total = int(classes[1:].sum())
        if total == 0:
            break
        shares = {kind.name.lower(): int(classes[kind]) / total for kind in SurfaceClass if kind}
        shares |= {kind.name.lower(): int(visibility[kind]) / total for kind in Visibility if kind}
        rows.append({"share": total / pixels.pixels, **shares})
    return rows
