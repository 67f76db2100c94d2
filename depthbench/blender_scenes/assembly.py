# SPDX-License-Identifier: Apache-2.0
"""From numpy meshes and named materials to objects in the current Blender scene."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Matrix

from depthbench.blender_scenes.mesh import Mesh


def reset() -> None:
    """Empty Blender: no objects, no materials, no startup file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def new_mesh(name: str, mesh: Mesh, smooth: bool = False) -> bpy.types.Mesh:
    """Return a new Blender mesh datablock with the polygons of ``mesh``; ``smooth`` shades its faces smoothly."""
    data = bpy.data.meshes.new(name)
    corners = np.concatenate([group.ravel() for group in mesh.polygons]).astype(np.int32)
    sizes = np.concatenate([np.full(len(group), group.shape[1]) for group in mesh.polygons])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    data.vertices.add(len(mesh.vertices))
    data.vertices.foreach_set("co", mesh.vertices.astype(np.float32).ravel())
    data.loops.add(len(corners))
    data.loops.foreach_set("vertex_index", corners)
    data.polygons.add(len(starts))
    data.polygons.foreach_set("loop_start", starts)
    data.polygons.foreach_set("use_smooth", np.full(len(starts), smooth))
    data.update(calc_edges=True)
    return data


def place(
    name: str,
    data: bpy.types.Mesh,
    material: bpy.types.Material,
    location: Sequence[float] = (0.0, 0.0, 0.0),
    turn_deg: float = 0.0,
) -> bpy.types.Object:
    """Add an object showing ``data`` (shared between copies, which makes them instances) at ``location``.

    ``turn_deg`` turns it about its own z axis. One object has one material: a cup with a saucer is two objects.
    """
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    if not data.materials:
        data.materials.append(material)
    elif data.materials[0] != material:
        thing.material_slots[0].link = "OBJECT"
        thing.material_slots[0].material = material
    thing.matrix_world = Matrix.Translation(location) @ Matrix.Rotation(np.deg2rad(turn_deg), 4, "Z")
    return thing


def add(
    name: str,
    mesh: Mesh,
    material: bpy.types.Material,
    location: Sequence[float] = (0.0, 0.0, 0.0),
    turn_deg: float = 0.0,
    smooth: bool = False,
) -> bpy.types.Object:
    """Create a mesh datablock and place one object that shows it: :func:`new_mesh` then :func:`place`."""
    return place(name, new_mesh(name, mesh, smooth), material, location, turn_deg)
