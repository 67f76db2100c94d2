# SPDX-License-Identifier: Apache-2.0
"""Pictures of clusters: which cluster each pixel belongs to most, and the clusters that hold most of the picture one by one."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from depthbench.baselines.icm_depth.model import IcmDepthModel
from depthbench.baselines.icm_depth.network import STRIDES
from depthbench.formats.image import read_rgb, write_png
from depthbench.viz import Panel, colour_disparity, colour_scale, finite_range, grid

PANEL_WIDTH = 320
ALONE = 3
"""Clusters of the finest stride that are shown by themselves."""


def cluster_colours(count: int) -> npt.NDArray[np.uint8]:
    """Return colours that tell clusters apart, uint8 (count, 3): hues a golden section apart, in three lightnesses."""
    values = (0.95, 0.7, 0.5)
    found = [colorsys.hsv_to_rgb((0.618034 * k) % 1.0, 0.75, values[k % 3]) for k in range(count)]
    colours: npt.NDArray[np.uint8] = np.rint(255 * np.array(found)).astype(np.uint8)
    return colours


def leading_cluster(memberships: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int64]:
    """Return the cluster (h, w) to which each cell of (N, h, w) belongs most."""
    found: npt.NDArray[np.int64] = memberships.argmax(axis=0)
    return found


def largest_clusters(memberships: npt.NDArray[np.floating[Any]], most: int) -> list[int]:
    """Return the clusters that lead in most cells, the largest first; none that leads nowhere."""
    sizes = np.bincount(leading_cluster(memberships).ravel(), minlength=len(memberships))
    return [int(place) for place in np.argsort(-sizes, kind="stable")[:most] if sizes[place]]


def row_of(model: IcmDepthModel, image: npt.NDArray[np.uint8]) -> list[Panel]:
    """Return a picture's panels: itself, depth, the leading clusters of each stride, the largest clusters alone."""
    from depthbench.tasks import MonoSample

    sample = MonoSample("", image)
    height, width = image.shape[:2]
    with torch.inference_mode():
        stages = model.network(model.prepare(sample))
    inverse = 1 / model.finish(stages.depth_m.float(), sample).depth_m
    low, high = finite_range(inverse)
    panels = [
        Panel(image, "picture"),
        Panel(colour_disparity(inverse, low, high), "depth", f"{1 / high:.1f} m (red) to {1 / low:.0f} m (blue)"),
    ]
    memberships = {
        stride: stages.memberships[stride][0, :, : -(-height // stride), : -(-width // stride)].float().cpu().numpy()
        for stride in STRIDES
    }
    colours = cluster_colours(len(memberships[STRIDES[-1]]))
    for stride, maps in memberships.items():
        leading = leading_cluster(maps)
        panels.append(
            Panel(colours[leading], f"clusters at 1/{stride}", f"{len(np.unique(leading))} of {len(maps)} lead")
        )
    finest = memberships[STRIDES[-1]]
    for place in largest_clusters(finest, ALONE):
        shown = colour_scale(finest[place], 0.0, 1.0, "viridis")
        panels.append(Panel(shown, f"cluster {place}", bar=("viridis", 0.0, 1.0, "belongs")))
    return panels


def draw_clusters(model: IcmDepthModel, paths: Sequence[Path], out: Path) -> None:
    """Draw one row for each picture."""
    rows = [row_of(model, read_rgb(path)) for path in paths]
    write_png(out, grid(rows, row_titles=[path.name for path in paths], panel_width=PANEL_WIDTH))
