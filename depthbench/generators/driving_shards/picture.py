# SPDX-License-Identifier: Apache-2.0
"""Prepared driving frames as a picture: what was seen, depth, instances with their median depths, targets at every stride."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import unknown_name
from depthbench.formats.driving_shard import DrivingRecord
from depthbench.formats.image import decode_rgb, write_png
from depthbench.generators.driving_shards.folder import DrivingFolder
from depthbench.generators.membership.packing import unpack_map
from depthbench.viz import Panel, colour_scale, finite_range, grid

PANEL_WIDTH = 400


def show_frames(folder: Path, out: Path, limit: int = 6, ids: tuple[str, ...] = ()) -> Path:
    """Write a picture of frames taken evenly, or by id; return its path.

    Raises
    ------
    DepthbenchError
        If the folder holds no frames, or an id is unknown.
    """
    frames = DrivingFolder(folder)
    for name in ids:
        if name not in frames.ids:
            raise unknown_name(f"frame of {folder}", name, frames.ids)
    places = np.unique(np.linspace(0, len(frames) - 1, min(limit, len(frames))).round().astype(int)).tolist()
    records = [frames.record(index) for index in ([frames.ids.index(name) for name in ids] or places)]
    titles = [f"{record.id}    {len(record.instance_ids)} instances" for record in records]
    write_png(out, grid([_panels(record) for record in records], row_titles=titles, panel_width=PANEL_WIDTH))
    return out


def _panels(record: DrivingRecord) -> list[Panel]:
    with np.errstate(divide="ignore"):
        near = np.where(record.depth > 0, 256 / record.depth.astype(np.float64), np.nan)
        centre = np.append(np.nan, 1 / record.centroid_m)[record.instance]
    low, high = finite_range(near)
    panels = [
        Panel(decode_rgb(record.image, record.id), "picture"),
        Panel(colour_scale(near, low, high, "turbo"), "depth", bar=("turbo", low, high, "1/m")),
        Panel(colour_scale(centre, low, high, "turbo"), "instances, median depth", bar=("turbo", low, high, "1/m")),
    ]
    for stride, packed in record.levels.items():
        level = unpack_map(packed)
        shown = np.where(level.row >= 0, level.value, np.nan)
        picture = _enlarged(colour_scale(shown, 0, 1, "turbo"), stride)
        panels.append(Panel(picture, f"membership, stride {stride}", bar=("turbo", 0.0, 1.0, "")))
    return panels


def _enlarged(picture: npt.NDArray[Any], times: int) -> npt.NDArray[Any]:
    return picture.repeat(times, axis=0).repeat(times, axis=1)
