# SPDX-License-Identifier: Apache-2.0
"""Spectacles and sunglasses: thin flat lenses in the grooves of two rims, temples open or folded behind them.

They stand on z = 0 as put down on a table, on the rims' lower edges and, open, on the ends of the temples; lenses face -y.
"""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import any_hue, near, pick
from depthbench.blender_scenes.mesh import Mesh, box, join, tube
from depthbench.blender_scenes.objects.forms import smooth
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import loops, skin

STYLES = ("open", "folded")
_LENS_M, _GAP_M, _BITE_M = 0.0018, 0.0011, 0.0009
_POINTS = 56
# half width, half height, squareness (exponent of the superellipse), narrowing towards the lower edge
_SHAPES = (
    (0.0235, 0.0215, 2.1, 0.0),
    (0.026, 0.0185, 3.2, 0.06),
    (0.0265, 0.022, 2.6, 0.18),
    (0.0255, 0.0155, 4.0, 0.03),
)


def _outline(shape: tuple[float, float, float, float], side: float) -> npt.NDArray[np.float64]:
    """The lens's edge (n, 2) of (x, z) about its middle; ``side`` -1 or 1 mirrors it."""
    half_x, half_z, power, taper = shape
    turn = np.arange(_POINTS) * 2 * np.pi / _POINTS
    cos, sin = np.cos(turn), np.sin(turn)
    x, z = (np.sign(part) * np.abs(part) ** (2 / power) for part in (cos, sin))
    x = x * (1 + taper * 0.5 * (z - 1))
    return np.stack([side * half_x * x, half_z * z], axis=1)


def _inward(outline: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    along = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    return normal * np.sign(-(normal * outline).sum(axis=1).mean())


def _swept(outline: npt.NDArray[np.float64], section: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Carry a section (m, 2) of (inwards, along y) round an outline: (n, m, 3)."""
    flat = outline[:, None] + _inward(outline)[:, None] * section[None, :, :1]
    return np.stack([flat[..., 0], np.broadcast_to(section[None, :, 1], flat.shape[:2]), flat[..., 1]], axis=-1)


def design(rng: np.random.Generator, style: str = "open", dark: bool | None = None) -> Kit:
    """Make spectacles, 'open' or 'folded'; ``dark`` makes sunglasses, drawn if None."""
    dark = bool(rng.random() < 0.3) if dark is None else dark
    shape = _SHAPES[int(rng.integers(len(_SHAPES)))]
    half_x, half_z = shape[:2]
    metal = bool(rng.random() < 0.45)
    face = float(rng.uniform(0.0021, 0.0026)) if metal else float(rng.uniform(0.0032, 0.0055))
    deep, groove = (0.003, _LENS_M / 2 + _GAP_M) if metal else (0.0034, _LENS_M / 2 + _GAP_M)
    lip = _BITE_M + _GAP_M
    section = np.array(
        [[-face, -deep], [lip - 0.001, -deep], [lip - 0.001, -groove], [-0.0012, -groove],
         [-0.0012, groove], [lip - 0.001, groove], [lip - 0.001, deep], [-face, deep]]
    )  # fmt: skip
    frame = make("metal", rng, finish=pick(rng, ("polished", "brushed", "painted"))) if metal else make(
        "paint", rng, colour=near(rng, pick(rng, ((0.02, 0.02, 0.022), (0.12, 0.05, 0.02), any_hue(rng, (0.4, 0.8), (0.1, 0.5)))))
    )  # fmt: skip
    lens = (
        make("architectural_glass", rng, tint=float(rng.uniform(0.6, 0.9)))
        if dark
        else make("glass", rng, ior=1.5, tint=(0.99, 0.995, 0.99))
    )
    centre = half_x + float(rng.uniform(0.0085, 0.0105))
    up = half_z + face + GAP_M
    pieces, lenses = [], []
    for side in (-1.0, 1.0):
        outline = _outline(shape, side)
        pieces.append(loops(_swept(outline, section)).moved(side * centre, 0, up))
        rings = _swept(outline, np.array([[0.0, -_LENS_M / 2], [0.0, _LENS_M / 2]])).transpose(1, 0, 2)
        lenses.append(skin(rings).moved(side * centre, 0, up))
    inner = centre - half_x - 0.7 * face
    bridge = [[-inner, 0, up + 0.25 * half_z], [0, -0.003, up + 0.45 * half_z], [inner, 0, up + 0.25 * half_z]]
    pieces.append(tube(smooth(np.array(bridge), 6), 0.0016 if metal else 0.0024, 8))
    pieces += _temples(style, centre + half_x + face, up + 0.55 * half_z, deep, 0.0012 if metal else 0.0019)
    return Kit((part("spectacles frame", join(pieces), frame), part("spectacles lenses", join(lenses), lens, None)))


def _temples(style: str, hinge_x: float, hinge_z: float, back_m: float, radius_m: float) -> list[Mesh]:
    """Two temples from hinge to ear: straight back and down to the table, or folded across behind the rims."""
    made = []
    for side, layer in ((-1.0, 0), (1.0, 1)):
        block = box(0.006, 0.008, 0.006).moved(side * (hinge_x - 0.001), back_m + 0.0035, hinge_z - 0.003)
        if style == "open":
            foot = radius_m + GAP_M
            path = [[hinge_x, back_m, hinge_z], [hinge_x + 0.002, 0.05, hinge_z], [hinge_x + 0.001, 0.095, hinge_z - 0.002],
                    [hinge_x - 0.004, 0.122, hinge_z * 0.55], [hinge_x - 0.008, 0.137, foot]]  # fmt: skip
        else:
            y = back_m + 0.006 + layer * (2 * radius_m + 0.002)
            path = [[hinge_x - 0.001, back_m, hinge_z], [hinge_x - 0.004, y, hinge_z], [0.0, y + 0.0015, hinge_z - 0.001],
                    [-hinge_x + 0.03, y, hinge_z - 0.004], [-hinge_x + 0.006, y, hinge_z - 0.018]]  # fmt: skip
        line = smooth(np.array(path) * [side, 1, 1], 6)
        line[:, 2] = np.maximum(line[:, 2], radius_m + GAP_M)
        made += [block, tube(line, radius_m, 8)]
    return made


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "open"
) -> list[bpy.types.Object]:
    """Put one pair of spectacles at ``location``."""
    return design(rng, style).place(location, turn_deg)
