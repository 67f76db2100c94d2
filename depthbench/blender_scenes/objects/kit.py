# SPDX-License-Identifier: Apache-2.0
"""A kit: the parts of one kind of thing, made once and placed often.

An object file's ``design(rng, **choices)`` returns a kit; placing it shares the mesh datablocks, so that ten equal
chairs cost one chair. Kits stand on z = 0 about the z axis; what has a front faces -y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.mesh import Mesh

GAP_M = 0.0005
"""Distance kept between opaque things that would touch."""
GLASS_GAP_M = 0.001
"""Distance kept between glass and anything else."""

Vector = npt.NDArray[np.float64]


def turned(vectors: npt.ArrayLike, turn_deg: float) -> Vector:
    """Return vectors (..., 3) turned about the z axis, right-handed."""
    cos, sin = np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))
    return np.asarray(vectors, dtype=np.float64) @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])


@dataclass(frozen=True)
class Part:
    """One object of a kit: mesh datablock, material, corners of the mesh's bounds (8, 3), and where in the kit it sits."""

    name: str
    data: Any
    material: Any
    corners: Vector
    offset: Vector
    turn_deg: float = 0.0


@dataclass(frozen=True)
class Kit:
    """Parts in one frame."""

    parts: tuple[Part, ...]

    @property
    def corners(self) -> Vector:
        """Corners (n, 3) of all parts' bounds."""
        return np.concatenate([turned(part.corners, part.turn_deg) + part.offset for part in self.parts])

    @property
    def low(self) -> Vector:
        """Low corner (3,) of the bounding box."""
        return self.corners.min(axis=0)

    @property
    def high(self) -> Vector:
        """High corner (3,) of the bounding box."""
        return self.corners.max(axis=0)

    @property
    def radius_m(self) -> float:
        """Radius about the z axis that holds every part."""
        return float(np.linalg.norm(self.corners[:, :2], axis=1).max())

    def moved(self, offset: npt.ArrayLike, turn_deg: float = 0.0) -> Kit:
        """Return the kit turned about z, then shifted by (x, y, z), for building kits of kits."""
        shift = np.asarray(offset, dtype=np.float64)
        return Kit(
            tuple(
                replace(part, offset=turned(part.offset, turn_deg) + shift, turn_deg=part.turn_deg + turn_deg)
                for part in self.parts
            )
        )

    def place(self, location: npt.ArrayLike, turn_deg: float = 0.0) -> list[bpy.types.Object]:
        """Add one object per part, the kit's origin at ``location``, turned about its z axis."""
        return [
            assembly.place(part.name, part.data, part.material, part.offset.tolist(), part.turn_deg)
            for part in self.moved(location, turn_deg).parts
        ]


def part(name: str, mesh: Mesh, material: Any, crease_deg: float | None = 40.0) -> Part:
    """Make a part from a mesh; edges sharper than ``crease_deg`` stay hard, the rest is shaded smoothly (None: flat)."""
    data = assembly.new_mesh(name, mesh, smooth=crease_deg is not None)
    if crease_deg is not None:
        data.set_sharp_from_angle(angle=float(np.deg2rad(crease_deg)))
    bounds = np.stack([mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)])
    corners = np.stack([bounds[pick, [0, 1, 2]] for pick in np.ndindex(2, 2, 2)])
    return Part(name, data, material, corners, np.zeros(3))


def merge(kits: Sequence[Kit]) -> Kit:
    """Return one kit of all parts."""
    return Kit(tuple(part for kit in kits for part in kit.parts))
