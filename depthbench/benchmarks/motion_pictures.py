# SPDX-License-Identifier: Apache-2.0
"""Pictures of depth from motion: an example's masks in order with estimate and truth, and errors against depth and travel."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from depthbench.benchmarks.motion_protocol import MotionProtocol
from depthbench.benchmarks.pictures import telling_samples
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.motion_set import MotionSet, MotionTruth
from depthbench.formats.atomic import write_bytes
from depthbench.formats.image import write_png
from depthbench.tasks import MotionSample
from depthbench.viz import Panel, grid

MOST_MASKS = 10
_BINS = 10
_MARGIN = 0.15


def example_panels(sample: MotionSample) -> list[Panel]:
    """Return up to ten masks from the final pose backwards, cut to where the object ever is, with how far behind each was."""
    shown = np.unique(np.linspace(0, len(sample.masks) - 1, MOST_MASKS).astype(int))
    top, bottom, left, right = _frame(sample.masks[shown].any(axis=0))
    cut = sample.masks[shown, top:bottom, left:right]
    final = _outline(cut[0])
    panels = []
    for index, mask in zip(shown, cut, strict=True):
        image = np.full((*mask.shape, 3), 24, dtype=np.uint8)
        image[mask] = (235, 235, 235)
        image[final] = (240, 120, 40)
        behind = -sample.camera_z_m[index]
        panels.append(Panel(image, "final pose" if index == 0 else f"{behind:.3g} m back"))
    return panels


def _frame(seen: npt.NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return (top, bottom, left, right) of what is True with a margin; everything where nothing is."""
    ends = []
    for axis in (1, 0):
        places, size = np.flatnonzero(seen.any(axis=axis)), seen.shape[1 - axis]
        low, high = (places[0], places[-1] + 1) if len(places) else (0, size)
        margin = round(_MARGIN * (high - low)) + 2
        ends += [max(int(low) - margin, 0), min(int(high) + margin, size)]
    return ends[0], ends[1], ends[2], ends[3]


def _outline(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    around = np.pad(mask, 1)
    inside = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    edge: npt.NDArray[np.bool_] = mask & ~inside
    return edge


def estimate_line(truth: MotionTruth, predicted_m: float) -> str:
    """Return estimate, truth and error of an example in a line."""
    error = 100 * abs(predicted_m - truth.depth_m) / truth.depth_m
    told = f"estimate {predicted_m:.4g} m" if math.isfinite(predicted_m) else "no answer"
    return f"{told}, truth {truth.depth_m:.4g} m" + (f", {error:.1f} % off" if math.isfinite(error) else "")


def draw_examples(
    path: Path,
    protocol: MotionProtocol,
    opened: MotionSet,
    results: Sequence[SampleResult],
    depths_m: Mapping[str, float],
) -> bool:
    """Write the worst two and the median example; return False, and write nothing, where no sample has a value."""
    chosen = telling_samples(protocol, results)
    rows, titles = [], []
    for sample_id, title in chosen:
        rows.append(example_panels(opened.observations(sample_id)))
        titles.append(f"{title}: {estimate_line(opened.truth(sample_id), depths_m[sample_id])}")
    if rows:
        write_png(path, grid(rows, row_titles=titles, panel_width=150))
    return bool(rows)


def draw_errors(
    path: Path,
    protocol: MotionProtocol,
    opened: MotionSet,
    results: Sequence[SampleResult],
    depths_m: Mapping[str, float],
) -> bool:
    """Write each sample's error against its depth, the camera's travel, and travel per depth, with medians of ten bins."""
    groups: dict[str, list[tuple[float, float, float]]] = {}
    for result in results:
        if not result.failed and math.isfinite(depths_m[result.id]):
            truth = opened.truth(result.id)
            signed = 100 * (depths_m[result.id] - truth.depth_m) / truth.depth_m
            groups.setdefault(result.group or opened.name, []).append((truth.depth_m, truth.travel_m, signed))
    if not groups:
        return False
    figure = Figure(figsize=(5.2 * 3, 3.6 * len(groups)), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{opened.name} {opened.label}: signed error of the depth, % (line: median of the absolute error)")
    axes: Any = figure.subplots(len(groups), 3, squeeze=False)
    for row, (name, values) in enumerate(groups.items()):
        depth, travel, signed = np.array(values).T
        panels = {
            "depth at the final pose, m": depth,
            "travel of the camera, m": travel,
            "travel / depth": travel / depth,
        }
        for axis, (title, along) in zip(axes[row], panels.items(), strict=True):
            _scatter(axis, along, signed, matplotlib.colormaps["tab10"](row))
            axis.set_xlabel(f"{title}, {name}" if len(groups) > 1 else title, fontsize=9)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    write_bytes(path, buffer.getvalue())
    return True


def _scatter(axis: Any, along: npt.NDArray[Any], signed: npt.NDArray[Any], colour: Any) -> None:
    """Draw points and the medians of bins of equal numbers; what is off the scale stands on its edge."""
    limit = max(20.0, 1.2 * float(np.percentile(np.abs(signed), 98)))
    axis.scatter(along, np.clip(signed, -limit, limit), s=4, alpha=0.35, color=colour, linewidths=0)
    parts = np.array_split(np.argsort(along), min(_BINS, len(along)))
    middles = [np.median(along[part]) for part in parts]
    axis.plot(middles, [np.median(np.abs(signed[part])) for part in parts], color="black", linewidth=1.5, marker=".")
    axis.axhline(0, color="grey", linewidth=0.7)
    axis.set_ylim(-limit, limit)
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)
