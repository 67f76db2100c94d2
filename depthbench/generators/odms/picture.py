# SPDX-License-Identifier: Apache-2.0
"""Examples of a generated set as a picture: the contour with its control points, the masks in order with their distances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.image import write_png
from depthbench.formats.odms_folder import Clip
from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.mask_set import load_set, stored_clips
from depthbench.generators.odms.objects import draw_contours
from depthbench.generators.odms.random_numbers import SampleNumbers
from depthbench.generators.odms.raster import bernstein
from depthbench.viz import Panel, Rgb, grid

_MOST_MASKS = 10
_SIDE_PX = 240
_INK: Rgb = (240, 240, 240)
_GROUND: Rgb = (24, 24, 24)
_OUTLINE: Rgb = (240, 120, 40)
_HANDLE: Rgb = (90, 160, 240)


def show_masks(folder: Path, out: Path, limit: int = 6, ids: tuple[str, ...] = ()) -> Path:
    """Write a picture of examples of every part of a folder, taken evenly or by id (``val/normal/000003``); return its path.

    Raises
    ------
    DepthbenchError
        If the folder holds no examples, or an id is unknown.
    """
    asked = load_set(folder)
    rows, titles = [], []
    split = asked.stream.split
    found = {
        f"{split}/{part}/{clip.name}": (part, clip)
        for part in asked.parts
        for clip in stored_clips(folder, asked, part)
    }
    if not found:
        raise DepthbenchError(f"{folder}: holds no examples yet; run the same `depthbench generate odms` again")
    for name in ids:
        if name not in found:
            raise unknown_name(f"example of {folder}", name, found)
    places = np.unique(np.linspace(0, len(found) - 1, min(limit, len(found))).round().astype(int))
    for name in ids or [list(found)[place] for place in places]:
        part, clip = found[name]
        config = asked.config(part)
        rows.append(_panels(config, clip))
        span = f"{clip.depth_m[0]:.3f} to {clip.depth_m[-1]:.3f} m"
        titles.append(f"{name}    depth {clip.depth_m[0]:.3f} m    seen from {span}")
    write_png(out, grid(rows, row_titles=titles, panel_width=180))
    return out


def _panels(config: OdmsConfig, clip: Clip) -> list[Panel]:
    """The contour, then the masks in one frame around the nearest, the nearest first."""
    shown = np.unique(np.linspace(0, len(clip) - 1, _MOST_MASKS).astype(int))
    masks = [clip.read(int(view)) for view in shown]
    seen = np.any(masks, axis=0)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    height, width = seen.shape
    if len(rows):
        half = max(rows[-1] - rows[0], columns[-1] - columns[0]) // 2 + 4
        middle = (rows[0] + rows[-1]) // 2, (columns[0] + columns[-1]) // 2
    else:
        half, middle = 40, (height // 2, width // 2)
    panels = [_contour_panel(config, int(clip.name))]
    for view, mask in zip(shown, masks, strict=True):
        cut = np.pad(mask, half)[middle[0] : middle[0] + 2 * half + 1, middle[1] : middle[1] + 2 * half + 1]
        image = np.where(cut[..., None], np.uint8(_INK[0]), np.uint8(_GROUND[0])).repeat(3, axis=2)
        image = np.asarray(Image.fromarray(image).resize((_SIDE_PX, _SIDE_PX), Image.Resampling.NEAREST))
        panels.append(Panel(image, f"{clip.depth_m[view]:.3f} m", f"{np.count_nonzero(mask):,} px"))
    return panels


def _contour_panel(config: OdmsConfig, number: int) -> Panel:
    """Draw the Bezier curves of an example's object with their control points."""
    contours = draw_contours(SampleNumbers(config.seed, config.split, [number]), config.rules)
    curves, size = int(contours.curves[0]), int(contours.size_px[0])
    control: npt.NDArray[np.float64] = contours.control_px[0, :curves]
    points = np.einsum("ks,cka->csa", bernstein()[:, ::20], control)
    low, high = np.min(points, axis=(0, 1)), np.max(points, axis=(0, 1))
    zoom = (_SIDE_PX - 16) / max(float((high - low).max()), 1.0)
    offset = _SIDE_PX / 2 - zoom * (low + high) / 2
    image = Image.new("RGB", (_SIDE_PX, _SIDE_PX), _GROUND)
    draw = ImageDraw.Draw(image)

    def at(point: npt.NDArray[np.float64]) -> tuple[float, float]:
        row, column = zoom * point + offset
        return float(column), float(row)

    for curve in range(curves):
        start, first, second, end = control[curve]
        draw.line([at(start), at(first)], fill=_HANDLE)
        draw.line([at(second), at(end)], fill=_HANDLE)
        draw.line([at(point) for point in points[curve]], fill=_OUTLINE, width=2)
        x, y = at(start)
        draw.ellipse([x - 3, y - 3, x + 3, y + 3], fill=_INK)
    return Panel(np.asarray(image), "contour", f"{curves} curves, {size} px at 0.1 m")
