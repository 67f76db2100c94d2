# SPDX-License-Identifier: Apache-2.0
"""Framed pictures: mitred moulding, print, often a mat, often glass a few millimetres before the picture; labels.

A picture hangs with its back at y = 0, its front towards -y, standing on z = 0. The moulding's lip reaches over the edges
of glass, mat and print, which lie behind one another in its rebate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import moulding
from depthbench.blender_scenes.slab import slab

STYLES = ("thin", "box", "gilt", "wood", "canvas")
GLASS_M = 0.004
_LIP_M = 0.008
# front of the moulding from the outer edge inwards, as shares of (face width, depth)
_FACES: dict[str, list[list[float]]] = {
    "thin": [[0, 1], [1, 1]],
    "box": [[0, 0.97], [0.06, 1], [0.94, 1], [1, 0.97]],
    "wood": [[0, 0.8], [0.2, 1], [0.65, 0.97], [1, 0.78]],
    "gilt": [[0, 0.55], [0.04, 0.7], [0.1, 0.75], [0.2, 0.7], [0.28, 0.85], [0.4, 1], [0.52, 0.93], [0.62, 0.76], [0.78, 0.7], [0.86, 0.79], [0.95, 0.76], [1, 0.66]],
}  # fmt: skip
_SIZES = {"thin": (0.014, 0.036), "box": (0.028, 0.045), "wood": (0.055, 0.045), "gilt": (0.085, 0.07)}


def _section(style: str, face_m: float, depth_m: float, lip_back_m: float) -> npt.NDArray[np.float64]:
    front = np.array(_FACES[style]) * [face_m, depth_m]
    back = [[face_m, lip_back_m], [face_m - _LIP_M, lip_back_m], [face_m - _LIP_M, GAP_M], [0.0, GAP_M]]
    return np.concatenate([front, back])


def design(
    rng: np.random.Generator,
    width_m: float,
    height_m: float,
    style: str = "wood",
    glazed: bool = False,
    kind: str = "painting",
    mat_m: float = 0.0,
    frame: Any = None,
) -> Kit:
    """Make the parts of a picture of that outer size.

    Parameters
    ----------
    style : str
        One of :data:`STYLES`; a 'canvas' has no frame and no glass.
    kind : str
        What is printed: 'painting' or 'poster'.
    mat_m : float
        Width of the white mat around the picture; 0 for none.
    frame : material
        Of the moulding, drawn if None.
    """
    if style == "canvas":
        canvas = slab(width_m, height_m, 0.035).moved(y=-0.035 - GAP_M)
        return Kit((part("canvas", canvas, make("print", rng, kind=kind), None),))
    face_m, depth_m = (size * float(rng.uniform(0.9, 1.2)) for size in _SIZES[style])
    lip_back_m = 0.62 * depth_m if style in ("gilt", "wood") else depth_m - 0.006
    frame = frame or make(
        "wood" if style == "wood" else "metal", rng, **({} if style == "wood" else {"finish": "painted"})
    )
    parts = [part("frame", moulding(width_m, height_m, _section(style, face_m, depth_m, lip_back_m)), frame, 30.0)]
    inset_m = face_m - _LIP_M + 1.5 * GLASS_GAP_M
    wide, high = width_m - 2 * inset_m, height_m - 2 * inset_m
    front_m = lip_back_m - GLASS_GAP_M
    if glazed:
        pane = slab(wide, high, GLASS_M).moved(y=-front_m, z=inset_m)
        parts.append(part("picture glass", pane, make("architectural_glass", rng), None))
        front_m -= GLASS_M + float(rng.uniform(0.003, min(0.01, front_m - GLASS_M - 0.007)))
    if mat_m > 0:
        edge_m = mat_m + _LIP_M
        sight = (-wide / 2 + edge_m, wide / 2 - edge_m, edge_m, high - edge_m)
        mat = slab(wide, high, 0.0022, [sight]).moved(y=-front_m, z=inset_m)
        parts.append(part("mat", mat, make("paper", rng), None))
        front_m -= 0.0022 + GAP_M
    sheet = slab(wide, high, 0.002).moved(y=-front_m, z=inset_m)
    parts.append(part("picture", sheet, make("print", rng, kind=kind), None))
    return Kit(tuple(parts))


def label(rng: np.random.Generator, width_m: float = 0.12, height_m: float = 0.08, kind: str = "label") -> Kit:
    """Make the board beside a picture that says what it is."""
    return Kit(
        (part("label", slab(width_m, height_m, 0.004).moved(y=-0.004 - GAP_M), make("print", rng, kind=kind), None),)
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "wood"
) -> list[bpy.types.Object]:
    """Hang one glazed picture, its lower edge's middle at ``location`` on the wall."""
    return design(rng, 0.7, 0.9, style, glazed=True).place(location, turn_deg)
