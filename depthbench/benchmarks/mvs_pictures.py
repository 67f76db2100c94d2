# SPDX-License-Identifier: Apache-2.0
"""Pictures of the task ``mvs``: a view, its depth and confidence; with truth and error where there is truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.metrics.mvs_depth import truth_at
from depthbench.benchmarks.mvs_files import MvsFiles
from depthbench.benchmarks.mvs_protocol import MvsProtocol
from depthbench.benchmarks.pictures import telling_samples
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.mvs_set import ScenesSet
from depthbench.formats.image import write_png
from depthbench.fusion.fuse import scaled_intrinsics
from depthbench.viz import Panel, colour_error, colour_scale, error_legend, finite_range, grid

MOST_VIEWS = 4
PANEL_WIDTH = 320
STEPS_MM = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


def _depth_panel(title: str, depth: npt.NDArray[np.float32], low: float, high: float) -> Panel:
    """Draw in inverse depth, red is near; the limits are told as depths."""
    with np.errstate(divide="ignore"):
        picture = colour_scale(1 / depth, low, high, "turbo")
    return Panel(picture, title, caption=f"{1 / high:.4g} (red) to {1 / low:.4g} (blue)")


def view_panels(opened: ScenesSet, sample_id: str, saved: MvsFiles) -> list[Panel]:
    """Return a row: picture, truth if there is one, depth, error, confidence."""
    scene, number = opened.scene_of(sample_id)
    view, truth = scene.view(number), opened.truth(sample_id)
    depth, confidence = saved.read(sample_id)
    panels = [Panel(view.rgb, "reference")]
    truly = None
    if truth is not None:
        mine = scaled_intrinsics(view.camera, view.size, depth.shape, saved.depth_path(sample_id))
        truly = truth_at(truth.depth, truth.intrinsics, depth.shape, mine)
    low, high = finite_range(1 / (depth if truly is None else truly))
    if truly is not None:
        panels.append(_depth_panel("truth", truly, low, high))
    panels.append(_depth_panel("depth", depth, low, high))
    if truly is not None:
        error = np.abs(depth - truly)
        error[~np.isfinite(depth)] = np.inf
        error[~np.isfinite(truly)] = np.nan
        panels.append(Panel(colour_error(error, STEPS_MM), "error", legend=error_legend(STEPS_MM, " mm")))
    if confidence is not None:
        panels.append(Panel(colour_scale(confidence, 0, 1, "viridis"), "confidence", bar=("viridis", 0, 1, "")))
    return panels


def draw_views(path: Path, opened: ScenesSet, ids: Sequence[str], saved: MvsFiles) -> bool:
    """Write some views, evenly among those predicted; return False where there is none."""
    there = [sample_id for sample_id in ids if saved.has(sample_id)]
    chosen = [there[i] for i in np.unique(np.linspace(0, len(there) - 1, MOST_VIEWS).astype(int))] if there else []
    if chosen:
        rows = [view_panels(opened, sample_id, saved) for sample_id in chosen]
        write_png(path, grid(rows, row_titles=chosen, panel_width=PANEL_WIDTH))
    return bool(chosen)


def draw_results(
    path: Path, protocol: MvsProtocol, opened: ScenesSet, results: Sequence[SampleResult], saved: MvsFiles
) -> bool:
    """Write the worst two and the median view by what the protocol's table says first of views."""
    told = [result for result in results if "all" in result.values]
    chosen = telling_samples(protocol, told)
    if chosen:
        rows = [view_panels(opened, sample_id, saved) for sample_id, _ in chosen]
        write_png(path, grid(rows, row_titles=[title for _, title in chosen], panel_width=PANEL_WIDTH))
    return bool(chosen)
