# SPDX-License-Identifier: Apache-2.0
"""A kit: the parts of one kind of thing, made once and placed often.

An object file's ``design(rng, **choices)`` returns a kit; placing it shares the mesh datablocks, so that ten equal
chairs cost one chair. Kits stand on z = 0 about the z axis; what has a front faces -y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Part:
    """One object of a kit: its mesh datablock, material, and bounds ((3,), (3,)) in the kit's frame."""

    name: str
    data: Any
    material: Any
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Kit:
    """Parts in one frame."""

    parts: tuple[Part, ...]

    @property
    def low(self) -> npt.NDArray[np.float64]:
        """Low corner (3,) of the bounding box."""
        return np.min([part.low for part in self.parts], axis=0)

    @property
    def high(self) -> npt.NDArray[np.float64]:
        """High corner (3,) of the bounding box."""
        return np.max([part.high for part in self.parts], axis=0)

    @property
    def radius_m(self) -> float:
        """Radius about the z axis that holds every corner of the bounding box."""
        return float(np.hypot(*np.maximum(abs(self.low), abs(self.high))[:2]))

    def place(self, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
        """Add one object per part, the kit's origin at ``location``, turned about its z axis."""
        return [assembly.place(part.name, part.data, part.material, location, turn_deg) for part in self.parts]


def part(name: str, mesh: Mesh, material: Any, crease_deg: float | None = 40.0) -> Part:
    """Make a part from a mesh; edges sharper than ``crease_deg`` stay hard, the rest is shaded smoothly (None: flat)."""
    data = assembly.new_mesh(name, mesh, smooth=crease_deg is not None)
    if crease_deg is not None:
        data.set_sharp_from_angle(angle=float(np.deg2rad(crease_deg)))
    return Part(name, data, material, mesh.vertices.min(axis=0), mesh.vertices.max(axis=0))
