# SPDX-License-Identifier: Apache-2.0
"""An open book lying on its back: two curved stacks of pages, each printed, in a cover."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import outward


def _pages(width_m: float, length_m: float, thick_m: float) -> Mesh:
    """A stack of pages from x = 0 (the fold) to ``width_m``, curved above, flat below."""
    s = np.linspace(0, 1, 14)
    top = thick_m * (0.25 + 0.75 * np.sin(np.pi * np.clip(s * 0.62 + 0.04, 0, 1)) ** 0.8)
    outline = np.concatenate([np.stack([s * width_m, top], 1), np.stack([s[::-1] * width_m, np.zeros(14)], 1)])
    count = len(outline)
    ends = [np.stack([outline[:, 0], np.full(count, y), outline[:, 1]], axis=1) for y in (-length_m / 2, length_m / 2)]
    here = np.arange(count)
    after = (here + 1) % count
    sides = np.stack([here, after, after + count, here + count], axis=1)
    strips = np.arange(13)
    caps = np.stack([strips, strips + 1, count - 2 - strips, count - 1 - strips], axis=1)
    return outward(Mesh(np.concatenate(ends), (np.concatenate([sides, caps[:, ::-1], caps + count]),)))


def design(rng: np.random.Generator, size_m: float = 0.2) -> Kit:
    """Make the parts of an open book ``size_m`` high (along y)."""
    width, thick = size_m * float(rng.uniform(0.68, 0.8)), float(rng.uniform(0.012, 0.024))
    cover = box(2 * width + 0.012, size_m + 0.01, 0.003).moved(z=GAP_M)
    right = _pages(width, size_m, thick).moved(x=GAP_M, z=0.003 + 2 * GAP_M)
    left = _pages(width, size_m, thick * 0.9).rotated("z", 180.0).moved(x=-GAP_M, z=0.003 + 2 * GAP_M)
    return Kit(
        (
            part("book cover", cover, make("leather", rng), None),
            part("right page", right, make("print", rng, kind="painting", aspect=width / size_m), 40.0),
            part("left page", left, make("paper", rng), 40.0),
        )
    )


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Lay one open book at ``location``."""
    return design(rng).place(location, turn_deg)
