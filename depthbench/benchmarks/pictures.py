# SPDX-License-Identifier: Apache-2.0
"""Side by side RGB | truth | prediction | error of the samples that tell most: the worst two and the median."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.depth_columns import depth_unit
from depthbench.benchmarks.protocol import Protocol
from depthbench.benchmarks.protocol_base import BaseProtocol
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.scoring import match_resolution
from depthbench.benchmarks.sets.stereo_set import StereoSet, StereoTruth
from depthbench.benchmarks.tables import metric_column
from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import find_prediction, read_disparity
from depthbench.formats.image import write_png
from depthbench.viz import Panel, colour_disparity, colour_error, error_legend, finite_range, grid

FloatMap = npt.NDArray[np.float32]


def telling_samples(protocol: BaseProtocol, results: Sequence[SampleResult]) -> list[tuple[str, str]]:
    """Return up to three (id, title): the worst, the second worst and the median by the first headline metric that has values."""
    for column in protocol.headline:
        region, metric = column.split("/")
        values = {r.id: r.values.get(region, {}).get(metric, math.nan) for r in results}
        less_is_better = metric_column(metric, unit=depth_unit(vars(protocol))).less_is_better
        known = [sample_id for sample_id in values if math.isfinite(values[sample_id])]
        ranked = sorted(known, key=lambda i: (values[i], i), reverse=less_is_better)
        if ranked:
            chosen = {
                "worst": ranked[0],
                "second worst": ranked[min(1, len(ranked) - 1)],
                "median": ranked[len(ranked) // 2],
            }
            picked: dict[str, str] = {}
            for title, sample_id in chosen.items():
                picked.setdefault(sample_id, f"{title}: {sample_id}, {column} = {values[sample_id]:.3f}")
            return list(picked.items())
    return []


def _disparity_panel(title: str, disp_px: FloatMap, low: float, high: float) -> Panel:
    return Panel(colour_disparity(disp_px, low, high), title, bar=("turbo", low, high, "px"))


def _error_panel(title: str, predicted_px: FloatMap, truth_px: FloatMap) -> Panel:
    with np.errstate(invalid="ignore"):
        error = np.abs(predicted_px - truth_px)
    error[~np.isfinite(predicted_px)] = np.inf
    error[~np.isfinite(truth_px)] = np.nan
    return Panel(colour_error(error), title, legend=error_legend())


def sample_panels(image: npt.NDArray[Any], truth: StereoTruth, predicted_px: FloatMap) -> list[Panel]:
    """Return one sample's panels; truth and prediction share the truth's range, which stands below them.

    Layered samples show the first and the last surface, and the error against both.
    """
    layers = {"truth": truth.disp_px if truth.points is None else truth.points.spread(truth.disp_px)}
    if truth.layers is not None:
        layers = {"truth, first surface": truth.layers.first(), "truth, last surface": truth.layers.last()}
    low, high = finite_range(*layers.values())
    panels = [Panel(image, "left image")]
    panels += [_disparity_panel(title, disp_px, low, high) for title, disp_px in layers.items()]
    panels.append(_disparity_panel("prediction", predicted_px, low, high))
    for title, disp_px in layers.items():
        panels.append(_error_panel(title.replace("truth", "error"), predicted_px, disp_px))
    return panels


def draw_pictures(
    path: Path, protocol: Protocol, stereo_set: StereoSet, results: Sequence[SampleResult], folder: Path
) -> bool:
    """Write the picture of the telling samples to ``path``; return False, and write nothing, where no sample has a value."""
    chosen = telling_samples(protocol, results)
    rows, titles = [], []
    for sample_id, title in chosen:
        truth = stereo_set.truth(sample_id)
        predicted_px = read_disparity(find_prediction(folder, sample_id))
        predicted_px = match_resolution(predicted_px, truth.shape, protocol.prediction.scales)
        try:
            image = stereo_set.pair(sample_id).left
        except DepthbenchError:
            continue  # scoring needs no image, so an absent one must not cost the numbers
        rows.append(sample_panels(image, truth, predicted_px))
        titles.append(title)
    if rows:
        write_png(path, grid(rows, row_titles=titles, panel_width=440))
    return bool(rows)
