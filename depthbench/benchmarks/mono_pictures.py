# SPDX-License-Identifier: Apache-2.0
"""Pictures of the task ``mono``: the picture, truth, estimate, error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from depthbench.benchmarks.depth_protocol import DepthProtocol
from depthbench.benchmarks.depth_scoring import compare
from depthbench.benchmarks.depth_task import DepthFiles
from depthbench.benchmarks.focus_pictures import depth_panels
from depthbench.benchmarks.pictures import telling_samples
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.mono_set import MonoSet
from depthbench.errors import DepthbenchError
from depthbench.formats.image import write_png
from depthbench.viz import Panel, grid

PANEL_WIDTH = 480


def draw_views(
    path: Path, protocol: DepthProtocol, opened: MonoSet, results: Sequence[SampleResult], saved: DepthFiles
) -> bool:
    """Write the worst two and the median picture; return False, and write nothing, where no sample has a value.

    Estimates are drawn as the protocol compares them: resized, aligned, clipped.
    """
    rows, titles = [], []
    for sample_id, title in telling_samples(protocol, results):
        estimate_m, truth_m = compare(protocol, opened.truth(sample_id), saved.read(sample_id)).depths_m
        try:
            picture = Panel(opened.view(sample_id).image, "picture")
        except DepthbenchError:
            continue  # scoring needs no picture, so an absent one must not cost the numbers
        rows.append([picture, *depth_panels(estimate_m, truth_m)])
        titles.append(title)
    if rows:
        write_png(path, grid(rows, row_titles=titles, panel_width=PANEL_WIDTH))
    return bool(rows)
