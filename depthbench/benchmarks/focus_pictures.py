# SPDX-License-Identifier: Apache-2.0
"""Pictures of the task ``focus``: the stack as a strip, the all-in-focus picture, truth, estimate, error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.depth_protocol import DepthProtocol
from depthbench.benchmarks.depth_scoring import compare
from depthbench.benchmarks.depth_task import DepthFiles
from depthbench.benchmarks.pictures import telling_samples
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.focus_set import FocusSet
from depthbench.errors import DepthbenchError
from depthbench.formats.image import write_png
from depthbench.tasks import DepthPrediction, FocusSample
from depthbench.viz import RELATIVE_STEPS, Panel, colour_error, colour_scale, error_legend, finite_range, grid

MOST_PLANES = 4
MOST_STACKS = 6
PANEL_WIDTH = 300


def depth_panel(title: str, depth_m: npt.NDArray[Any], low: float, high: float) -> Panel:
    """Return depth (H, W) drawn in inverse metres between two limits: red is near, blue far; holes are black."""
    return Panel(colour_scale(_dioptre(depth_m), low, high, "turbo"), title, bar=("turbo", low, high, "1/m"))


def _dioptre(depth_m: npt.NDArray[Any]) -> npt.NDArray[Any]:
    with np.errstate(divide="ignore"):
        return 1 / depth_m


def strip(sample: FocusSample) -> list[Panel]:
    """Return up to four pictures of the stack, near to far, both ends among them, and the all-in-focus one where there is one."""
    shown = np.unique(np.linspace(0, len(sample.stack) - 1, MOST_PLANES).astype(int))
    panels = [Panel(sample.stack[index], _focused(sample.focus_m[index])) for index in shown]
    if sample.all_in_focus is not None:
        panels.append(Panel(sample.all_in_focus, "all in focus"))
    return panels


def _focused(focus_m: float) -> str:
    return "focused at infinity" if math.isinf(focus_m) else f"focused at {focus_m:.3g} m"


def stack_panels(sample: FocusSample, estimate_m: npt.NDArray[Any], truth_m: npt.NDArray[Any] | None) -> list[Panel]:
    """Return a row: strip, truth, estimate, relative error; without truth strip and estimate. Both maps share one range."""
    return [*strip(sample), *depth_panels(estimate_m, truth_m)]


def depth_panels(estimate_m: npt.NDArray[Any], truth_m: npt.NDArray[Any] | None) -> list[Panel]:
    """Return truth, estimate and relative error, or where there is no truth the estimate alone. Both maps share one range."""
    maps = [estimate_m] if truth_m is None else [truth_m]
    low, high = finite_range(*[_dioptre(depth_m) for depth_m in maps])
    panels = [] if truth_m is None else [depth_panel("truth", truth_m, low, high)]
    panels.append(depth_panel("estimate", estimate_m, low, high))
    if truth_m is not None:
        with np.errstate(invalid="ignore"):
            relative = np.abs(estimate_m - truth_m) / truth_m
        relative[~np.isfinite(estimate_m)] = np.inf
        relative[~np.isfinite(truth_m)] = np.nan
        picture = colour_error(relative, RELATIVE_STEPS)
        panels.append(Panel(picture, "relative error", legend=error_legend(RELATIVE_STEPS, "")))
    return panels


def draw_stacks(
    path: Path, protocol: DepthProtocol, opened: FocusSet, results: Sequence[SampleResult], saved: DepthFiles
) -> bool:
    """Write the worst two and the median stack; return False, and write nothing, where no sample has a value.

    Estimates are drawn as the protocol compares them: resized, aligned, clipped.
    """
    rows, titles = [], []
    for sample_id, title in telling_samples(protocol, results):
        compared = compare(protocol, opened.truth(sample_id), saved.read(sample_id))
        estimate_m, truth_m = compared.depths_m
        try:
            sample = opened.stack(sample_id)
        except DepthbenchError:
            continue  # scoring needs no picture, so an absent one must not cost the numbers
        rows.append(stack_panels(sample, estimate_m, truth_m))
        titles.append(title)
    if rows:
        write_png(path, grid(rows, row_titles=titles, panel_width=PANEL_WIDTH))
    return bool(rows)


def draw_estimates(path: Path, opened: FocusSet, ids: Sequence[str], saved: DepthFiles) -> bool:
    """Write the first stacks with what was predicted for them, as it was saved; return False where nothing was."""
    chosen = [sample_id for sample_id in ids if saved.has(sample_id)][:MOST_STACKS]
    rows = [stack_panels(opened.stack(name), _as_depth(saved.read(name)), None) for name in chosen]
    if rows:
        write_png(path, grid(rows, row_titles=chosen, panel_width=PANEL_WIDTH))
    return bool(rows)


def _as_depth(prediction: DepthPrediction) -> npt.NDArray[Any]:
    """Return a prediction such that nearer is nearer."""
    return _dioptre(prediction.depth_m) if prediction.kind == "affine-disparity" else prediction.depth_m
