# SPDX-License-Identifier: Apache-2.0
"""A contact sheet of driven sequences: picture, ids, depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.image import write_png
from depthbench.generators.driving.check import DrivenFrame, frames, open_drives, read_frame
from depthbench.generators.driving.classes import DIVISOR, TRAIN_ID
from depthbench.viz import Panel, colour_disparity, finite_range, grid

PANEL_WIDTH = 480
_COLOURS = {
    "road": (110, 100, 115), "sidewalk": (205, 150, 190), "building": (95, 85, 80), "wall": (120, 120, 160), "fence": (170, 140, 120),
    "pole": (160, 165, 170), "traffic light": (245, 160, 20), "traffic sign": (235, 225, 40), "vegetation": (95, 145, 50),
    "terrain": (160, 205, 120), "sky": (120, 170, 225), "person": (215, 40, 60), "rider": (255, 110, 60), "car": (30, 60, 190),
    "truck": (20, 110, 130), "bus": (20, 160, 150), "train": (90, 60, 120), "motorcycle": (120, 40, 160), "bicycle": (190, 70, 190),
}  # fmt: skip


def colours() -> npt.NDArray[np.uint8]:
    """Return the colour of each train id, uint8 (256, 3); black for void."""
    table = np.zeros((256, 3), dtype=np.uint8)
    for name, rgb in _COLOURS.items():
        table[TRAIN_ID[name]] = rgb
    return table


def colour_ids(panoptic: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """Colour panoptic ids (H, W) by class; instances of one class differ in lightness."""
    classes, instance = np.divmod(panoptic.astype(np.int64), DIVISOR)
    # a golden section apart, so that neighbours in number differ
    light = np.where(instance > 0, 0.65 + 0.7 * ((0.618034 * instance) % 1.0), 1.0)
    picture: npt.NDArray[np.uint8] = (colours()[classes] * light[..., None]).clip(0, 255).astype(np.uint8)
    return picture


def show_drives(folder: Path, out: Path, limit: int, ids: tuple[str, ...]) -> str:
    """Draw some frames, taken evenly from those that are there, or those named; return what was drawn.

    Raises
    ------
    DepthbenchError
        If there is none, or no such one.
    """
    config = open_drives(folder)
    found = {files.record.stem: files for _, _, files in frames(folder, config)}
    if missing := [name for name in ids if name not in found]:
        raise DepthbenchError(f"{folder}: holds no frame {missing[0]}")
    if not found:
        raise DepthbenchError(f"{folder}: no frame is made yet; run the command that began it again")
    names = list(ids) or [
        list(found)[int((k + 0.5) * len(found) / min(limit, len(found)))] for k in range(min(limit, len(found)))
    ]
    rows = [_row(read_frame(found[name])) for name in names]
    write_png(out, grid(rows, row_titles=names, panel_width=PANEL_WIDTH))
    return f"{out}: {len(rows)} of {len(found)} frames"


def _row(frame: DrivenFrame) -> list[Panel]:
    inverse = 1 / frame.depth_m
    low, high = finite_range(inverse)
    things = len(np.unique(frame.panoptic[frame.panoptic % DIVISOR > 0]))
    return [
        Panel(
            frame.image,
            "picture",
            f"{frame.record['weather'].replace('_', ' ')}, {3.6 * frame.record['speed_m_s']:.0f} km/h",
        ),
        Panel(colour_ids(frame.panoptic), "ids", f"{things} instances"),
        Panel(colour_disparity(inverse, low, high), "depth", f"{1 / high:.1f} m (red) to {1 / low:.0f} m (blue)"),
    ]
