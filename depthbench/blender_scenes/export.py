# SPDX-License-Identifier: Apache-2.0
"""The evaluated scene as triangles in world coordinates, for the truth: instances, modifiers, mirrored objects and all.

Every object instance gives one surface per material. Objects switched off for rendering, or for camera rays, are not
there. What cannot be told in triangles (volumes, hair, point clouds), and a see-through material that does not say what it
is (:func:`depthbench.blender_scenes.materials.mark`), is an error, not a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.render_graph import with_render_graph
from depthbench.errors import DepthbenchError
from depthbench.layers import SurfaceClass
from depthbench.truth.geometry import SceneGeometry, Surface

Float = npt.NDArray[np.floating[Any]]

PLANAR_M = 2e-6
"""Largest distance of a planar surface's vertices from one plane, per metre of its extent and place."""

_MESHABLE = {"MESH", "CURVE", "SURFACE", "FONT", "META"}
_NOT_SURFACES = {"CAMERA", "LIGHT", "EMPTY", "LIGHT_PROBE", "ARMATURE", "LATTICE", "SPEAKER"}
_SEE_THROUGH_NODES = {"BSDF_GLASS", "BSDF_REFRACTION", "BSDF_TRANSPARENT", "PRINCIPLED_VOLUME", "VOLUME_ABSORPTION"}


@dataclass(frozen=True)
class _Shape:
    """One evaluated mesh in its object's coordinates."""

    vertices: Float  # float64 (V, 3)
    triangles: npt.NDArray[np.int32]  # (T, 3)
    slots: npt.NDArray[np.int32]  # (T,) material slot of each triangle
    corner_normals: npt.NDArray[np.float32]  # (T, 3, 3)
    closed: bool


@dataclass(frozen=True)
class _Part:
    """One instance's part of one material, in world coordinates."""

    key: tuple[Any, ...]
    name: str
    material: Any
    vertices: Float
    triangles: npt.NDArray[np.int32]
    corner_normals: npt.NDArray[np.float32]
    closed: bool


def export_scene() -> SceneGeometry:
    """Export the current scene, evaluated with its render settings.

    Returns
    -------
    SceneGeometry
        Surfaces are numbered from 1 in the order of object name, instancer, instance number and material slot, which does
        not depend on the order of creation. Corner normals are those that the renderer interpolates.

    Raises
    ------
    DepthbenchError
        Naming the object: no material; a see-through material without metadata; a see-through solid that is inside out; a
        kind of object that has no triangles.
    """
    parts = with_render_graph(_collect)
    vertices, triangles, owner, normals, surfaces = [], [], [], [], []
    offset = 0
    for index, part in enumerate(sorted(parts, key=lambda part: part.key)):
        vertices.append(part.vertices)
        triangles.append(part.triangles + np.int32(offset))
        owner.append(np.full(len(part.triangles), index, dtype=np.int32))
        normals.append(part.corner_normals)
        surfaces.append(_surface(index + 1, part))
        offset += len(part.vertices)
    if not surfaces:
        raise DepthbenchError("the scene holds no surface that is visible in a render")
    return SceneGeometry(
        np.concatenate(vertices),
        np.concatenate(triangles),
        np.concatenate(owner),
        np.concatenate(normals),
        tuple(surfaces),
    )


def _collect(depsgraph: bpy.types.Depsgraph) -> list[_Part]:
    """Read every visible instance out of the graph; nothing of Blender's memory is kept but the materials."""
    shapes: dict[int, _Shape] = {}
    parts: list[_Part] = []
    for instance in depsgraph.object_instances:
        thing = instance.object
        if not instance.show_self or not thing.visible_camera or thing.type in _NOT_SURFACES:
            continue
        if thing.type not in _MESHABLE:
            raise DepthbenchError(
                f"object '{thing.name}' is of type {thing.type}: the truth knows only meshes and curves"
            )
        # the pointer of evaluated data is shared by all instances of one thing
        address = thing.data.as_pointer() if thing.type == "MESH" else thing.as_pointer()
        if address not in shapes:
            shapes[address] = _read_shape(thing)
        parent = instance.parent.name if instance.is_instance and instance.parent else ""
        key = (thing.name, parent, tuple(instance.persistent_id) if instance.is_instance else ())
        matrix = np.array(instance.matrix_world, dtype=np.float64)
        parts += _place(shapes[address], thing, key, matrix)
    return parts


def _read_shape(thing: bpy.types.Object) -> _Shape:
    mesh = thing.to_mesh()
    mesh.calc_loop_triangles()
    count = len(mesh.loop_triangles)
    vertices = np.empty(3 * len(mesh.vertices), dtype=np.float32)
    mesh.vertices.foreach_get("co", vertices)
    triangles, corners = np.empty(3 * count, dtype=np.int32), np.empty(3 * count, dtype=np.int32)
    slots = np.empty(count, dtype=np.int32)
    mesh.loop_triangles.foreach_get("vertices", triangles)
    mesh.loop_triangles.foreach_get("loops", corners)
    mesh.loop_triangles.foreach_get("material_index", slots)
    normals = np.empty(3 * len(mesh.loops), dtype=np.float32)
    mesh.corner_normals.foreach_get("vector", normals)
    triangles = triangles.reshape(-1, 3)
    points = vertices.reshape(-1, 3)
    shape = _Shape(
        points.astype(np.float64),
        triangles,
        slots,
        normals.reshape(-1, 3)[corners].reshape(-1, 3, 3),
        is_closed(points, triangles),
    )
    thing.to_mesh_clear()
    return shape


def _place(shape: _Shape, thing: bpy.types.Object, key: tuple[Any, ...], matrix: Float) -> list[_Part]:
    """Put a shape in the world and split it by material."""
    slots = [slot.material for slot in thing.material_slots] or list(getattr(thing.data, "materials", []))
    if not len(shape.triangles):
        return []
    if not slots:
        raise DepthbenchError(f"object '{thing.name}' has no material: give it one and mark it")
    linear = matrix[:3, :3]
    mirrored = np.linalg.det(linear) < 0
    normals = shape.corner_normals @ np.linalg.inv(linear)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-30)
    world = shape.vertices @ linear.T + matrix[:3, 3]
    used = np.clip(shape.slots, 0, len(slots) - 1)
    parts = []
    for slot in np.unique(used):
        material = slots[slot]
        if material is None:
            raise DepthbenchError(f"object '{thing.name}' has no material in slot {slot}: give it one and mark it")
        rows = used == slot
        numbers, triangles = np.unique(shape.triangles[rows], return_inverse=True)
        triangles = triangles.reshape(-1, 3).astype(np.int32)
        corner_normals = normals[rows].astype(np.float32)
        if mirrored:
            triangles, corner_normals = triangles[:, ::-1], corner_normals[:, ::-1]
        name = f"{thing.name} / {material.name}"
        parts.append(
            _Part(
                (*key, int(slot)),
                name,
                material.original if material.is_evaluated else material,
                world[numbers],
                np.ascontiguousarray(triangles),
                np.ascontiguousarray(corner_normals),
                shape.closed,
            )
        )
    return parts


def _surface(number: int, part: _Part) -> Surface:
    material = part.material
    if "depthbench_class" in material:
        surface_class = SurfaceClass(material["depthbench_class"])
    elif lets_light_through(material.node_tree if material.use_nodes else None):
        raise DepthbenchError(
            f"material '{material.name}' of '{part.name}' can be seen through but does not say how: mark() it"
        )
    else:
        surface_class = SurfaceClass.OPAQUE
    closed = part.closed
    if closed and surface_class != SurfaceClass.OPAQUE and _signed_volume(part) < 0:
        raise DepthbenchError(f"'{part.name}' is a see-through solid whose faces point inwards: flip them")
    return Surface(
        number,
        part.name,
        surface_class,
        closed,
        float(material.get("depthbench_ior", 1.0)),
        bool(material.get("depthbench_reflective", False)),
        is_planar(part.vertices, part.triangles),
    )


def lets_light_through(tree: Any) -> bool:
    """Whether a node tree holds anything that makes a surface see-through, groups included."""
    for node in tree.nodes if tree is not None else []:
        if node.type in _SEE_THROUGH_NODES or (node.type == "GROUP" and lets_light_through(node.node_tree)):
            return True
        if node.type == "BSDF_PRINCIPLED":
            transmission, alpha = node.inputs["Transmission Weight"], node.inputs["Alpha"]
            if transmission.is_linked or alpha.is_linked or transmission.default_value > 0 or alpha.default_value < 1:
                return True
    return False


def _signed_volume(part: _Part) -> float:
    """Six times the volume that a closed part bounds; of a part of a closed mesh, relative to the part's middle."""
    a, b, c = np.moveaxis(part.vertices[part.triangles] - part.vertices.mean(axis=0), 1, 0)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)))


def is_closed(vertices: Float, triangles: npt.NDArray[np.int32]) -> bool:
    """Whether a mesh is watertight: once vertices at equal positions are one, every directed edge has one reverse.

    Parameters
    ----------
    vertices : float (V, 3)
    triangles : int32 (T, 3)
        Triangles that collapse when vertices are welded do not count.
    """
    _, weld = np.unique(vertices + 0.0, axis=0, return_inverse=True)
    corners = weld.ravel()[triangles].astype(np.int64)
    rolled = np.roll(corners, -1, axis=1)
    kept = (corners != rolled).all(axis=1)
    if not kept.any():
        return False
    tail, head = corners[kept].ravel(), rolled[kept].ravel()
    forward, backward = np.sort(tail * len(vertices) + head), np.sort(head * len(vertices) + tail)
    return bool((np.diff(forward) > 0).all() and (forward == backward).all())


def is_planar(vertices: Float, triangles: npt.NDArray[np.int32]) -> bool:
    """Whether all vertices (V, 3) lie in the plane of the largest triangle, to float32 precision."""
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    normals = np.cross(b - a, c - a)
    size = np.linalg.norm(normals, axis=1)
    largest = int(size.argmax())
    if size[largest] == 0:
        return False
    off = np.abs((vertices - a[largest]) @ normals[largest]).max() / size[largest]
    return bool(off <= PLANAR_M * max(1.0, float(np.abs(vertices).max())))
