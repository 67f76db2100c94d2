# SPDX-License-Identifier: Apache-2.0
"""A user's models as kits: imported, joined into the parts that they are, scaled, standing on z = 0."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from depthbench.blender_scenes.export import lets_light_through
from depthbench.blender_scenes.materials import make, mark
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part
from depthbench.errors import DepthbenchError
from depthbench.generators.assets import Asset
from depthbench.layers import SurfaceClass


def load(folder: Path, asset: Asset, rng: np.random.Generator) -> Kit:
    """Import a model; its meshes become parts, all else in the file is left out.

    Raises
    ------
    DepthbenchError
        If the file cannot be imported, holds no mesh, or has a see-through material (its truth cannot be known).
    """
    before = set(bpy.data.objects)
    path = folder / asset.file
    try:
        if path.suffix.lower() == ".obj":
            bpy.ops.wm.obj_import(filepath=str(path))
        else:
            bpy.ops.import_scene.gltf(filepath=str(path))
    except RuntimeError as error:
        raise DepthbenchError(f"{path}: Blender cannot import it ({str(error).strip()})") from error
    bpy.context.view_layer.update()
    new = sorted(set(bpy.data.objects) - before, key=lambda thing: thing.name)
    found = [(thing.data.copy(), Matrix(thing.matrix_world)) for thing in new if thing.type == "MESH"]
    found = [(data, matrix) for data, matrix in found if len(data.polygons)]
    for thing in new:
        bpy.data.objects.remove(thing)
    if not found:
        raise DepthbenchError(f"{path}: the model holds no mesh")
    for data, matrix in found:
        data.validate()
        data.transform(matrix)
        if matrix.is_negative:
            data.flip_normals()
    points = np.concatenate([_points(data) for data, _ in found])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = asset.scale_m / max(float((high - low).max()), 1e-9)
    stand = Matrix.Scale(scale, 4) @ Matrix.Translation((-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -low[2]))
    parts = []
    for data, _ in found:
        data.transform(Matrix.Translation((0, 0, GAP_M)) @ stand)
        _mark(path, data, rng)
        mesh = _points(data)
        bounds = np.stack([mesh.min(axis=0), mesh.max(axis=0)])
        corners = np.stack([bounds[pick, [0, 1, 2]] for pick in np.ndindex(2, 2, 2)])
        parts.append(Part(f"asset {Path(asset.file).stem}", data, data.materials[0], corners, np.zeros(3)))
    return Kit(tuple(parts))


def _points(data: Any) -> np.ndarray:
    points = np.empty(3 * len(data.vertices), dtype=np.float32)
    data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3).astype(np.float64)


def _mark(path: Path, data: Any, rng: np.random.Generator) -> None:
    """Give a mesh without material one, and tell the truth that all are opaque."""
    if not any(data.materials):
        data.materials.clear()
        data.materials.append(make("paint", rng))
    for slot, material in enumerate(data.materials):
        if material is None:
            data.materials[slot] = make("paint", rng)
        elif lets_light_through(material.node_tree if material.use_nodes else None):
            raise DepthbenchError(f"{path}: its material '{material.name}' can be seen through; models must be opaque")
        else:
            mark(material, SurfaceClass.OPAQUE)
