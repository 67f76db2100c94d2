# SPDX-License-Identifier: Apache-2.0
"""Scenes for the tests of the truth: geometry from primitives, and rays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depthbench.blender_scenes.mesh import Mesh
from depthbench.layers import SurfaceClass
from depthbench.truth.geometry import SceneGeometry, Surface

OPAQUE = Surface(0, "opaque", SurfaceClass.OPAQUE)
GLASS = Surface(0, "glass", SurfaceClass.TRANSMISSIVE, closed=True, ior=1.5)
SHEET = Surface(0, "sheet", SurfaceClass.TRANSMISSIVE)
SCREEN = Surface(0, "screen", SurfaceClass.SCREEN)


def triangles_of(mesh: Mesh) -> np.ndarray:
    """Fan triangulation, int64 (T, 3)."""
    fans = [np.stack([g[:, 0], g[:, i], g[:, i + 1]], axis=1) for g in mesh.polygons for i in range(1, g.shape[1] - 1)]
    return np.concatenate(fans)


def scene(*parts: tuple[Mesh, Surface]) -> SceneGeometry:
    """Geometry of meshes given in the camera's own frame (x right, y down, z forward); surfaces numbered from 1.

    Corner normals are the faces' own.
    """
    vertices, triangles, owner, normals, surfaces, offset = [], [], [], [], [], 0
    for number, (mesh, surface) in enumerate(parts):
        fans = triangles_of(mesh)
        a, b, c = (mesh.vertices[fans[:, k]] for k in range(3))
        cross = np.cross(b - a, c - a)
        corner = np.repeat(cross[:, None], 3, axis=1)
        vertices.append(mesh.vertices)
        triangles.append(fans + offset)
        owner.append(np.full(len(fans), number))
        normals.append(corner / np.maximum(np.linalg.norm(corner, axis=-1, keepdims=True), 1e-30))
        surfaces.append(replace(surface, id=number + 1))
        offset += len(mesh.vertices)
    return SceneGeometry(
        np.concatenate(vertices),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(owner).astype(np.int32),
        np.concatenate(normals).astype(np.float32),
        tuple(surfaces),
    )


def slab(near: float, far: float, half_x: float = 50.0, half_y: float = 50.0) -> Mesh:
    """A box in the camera frame between the depths ``near`` and ``far``, about the optical axis."""
    x, y = half_x, half_y
    vertices = np.array(
        [[sx * x, sy * y, z] for z in (near, far) for sy in (-1, 1) for sx in (-1, 1)], dtype=np.float64
    )
    quads = np.array([[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]])
    return Mesh(vertices, (quads,))


def wall(z: float, half_x: float = 50.0, half_y: float = 50.0) -> Mesh:
    """A fronto-parallel rectangle at depth ``z`` about the optical axis, facing the camera."""
    x, y = half_x, half_y
    vertices = np.array([[-x, -y, z], [x, -y, z], [x, y, z], [-x, y, z]])
    return Mesh(vertices, (np.array([[0, 3, 2, 1]]),))
