# SPDX-License-Identifier: Apache-2.0
"""Cables lying on a surface in slack bends, with a plug at one end; or a phone at the end of one."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import near, pick
from depthbench.blender_scenes.mesh import Mesh, box, join, rounded_box, tube
from depthbench.blender_scenes.objects.forms import smooth
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("cable", "phone")


def along(path: npt.ArrayLike, radius_m: float = 0.0028) -> Mesh:
    """Return a cable along the smooth curve through points (n, 3) of the surface that it lies on, never under z = 0."""
    line = smooth(np.asarray(path, dtype=np.float64), 8)
    line[:, 2] = np.maximum(line[:, 2], 0.0) + radius_m + GAP_M
    return tube(line, radius_m, 8)


def _slack(rng: np.random.Generator, length_m: float) -> npt.NDArray[np.float64]:
    """Points on z = 0 that wander from the origin towards +x in wide bends, and never cross themselves."""
    count = max(4, int(length_m / 0.07))
    x = np.linspace(0, length_m, count)
    y = np.cumsum(rng.normal(0, 0.03, count))
    return np.stack([x, y - y[0], np.zeros(count)], axis=1)


def design(rng: np.random.Generator, style: str = "cable", length_m: float = 0.5) -> Kit:
    """Make a cable from the origin towards +x; a 'phone' lies at its start, its screen up."""
    colour = near(rng, pick(rng, ((0.75, 0.75, 0.74), (0.02, 0.02, 0.02), (0.35, 0.34, 0.33))))
    rubber = make("paint", rng, colour=colour)
    path = _slack(rng, length_m)
    line = along(path)
    end = path[-1]
    way = float(np.rad2deg(np.arctan2(*(path[-1] - path[-2])[1::-1])))
    plug = (
        rounded_box(0.034, 0.012, 0.0075, 0.002)
        .moved(x=0.017)
        .rotated("z", way)
        .moved(float(end[0]), float(end[1]), GAP_M)
    )
    parts = [part("cable", join([line, plug]), rubber)]
    if style == "phone":
        body = rounded_box(0.148, 0.071, 0.008, 0.003).moved(x=-0.0785, z=GAP_M)
        screen = box(0.14, 0.064, 0.0006).moved(x=-0.0785, z=0.008 + 2 * GAP_M)
        glow = (
            make("print", rng, kind="poster", aspect=2.0)
            if rng.random() < 0.5
            else make("paint", rng, colour=(0.01, 0.01, 0.012))
        )
        parts += [part("phone", body, make("metal", rng, finish="painted")), part("phone screen", screen, glow, None)]
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "cable"
) -> list[bpy.types.Object]:
    """Lay one cable from ``location``."""
    return design(rng, style).place(location, turn_deg)
