# SPDX-License-Identifier: Apache-2.0
"""What the truth is computed from: the evaluated scene as triangles, each belonging to a numbered surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.layers import SurfaceClass


@dataclass(frozen=True)
class Surface:
    """One object's part of one material.

    Attributes
    ----------
    id : int
        Number in the scene, 1-based; the same in both eyes and in every view.
    name : str
        Object and material, for people.
    surface_class : SurfaceClass
        OPAQUE ends a ray; TRANSMISSIVE and SCREEN let it through.
    closed : bool
        Whether the mesh is watertight. A see-through closed mesh is a solid: one layer per crossing, at its entry.
    ior : float
        Index of refraction of what the mesh encloses; 1.0 where light goes straight on (sheets, screens, architectural
        glass, opaque matter).
    reflective : bool
        Mirror-like at sight (mirrors, polished metal): goes into the reflective mask.
    planar : bool
        All triangles in one plane; verification tests its points against that plane.
    """

    id: int
    name: str
    surface_class: SurfaceClass
    closed: bool = False
    ior: float = 1.0
    reflective: bool = False
    planar: bool = False


@dataclass(frozen=True)
class SceneGeometry:
    """A scene as triangles in world coordinates (metres).

    Attributes
    ----------
    vertices : float64 (V, 3)
    triangles : int32 (T, 3)
        Counter-clockwise seen from outside.
    triangle_surface : int32 (T,)
        Index into ``surfaces`` (not the id).
    corner_normals : float32 (T, 3, 3)
        Unit shading normals at the corners, as the renderer interpolates them.
    surfaces : tuple of Surface
    """

    vertices: npt.NDArray[np.float64]
    triangles: npt.NDArray[np.int32]
    triangle_surface: npt.NDArray[np.int32]
    corner_normals: npt.NDArray[np.float32]
    surfaces: tuple[Surface, ...]
