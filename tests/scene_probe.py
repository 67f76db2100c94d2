# SPDX-License-Identifier: Apache-2.0
"""What tests of objects and layouts want to know of the current Blender scene; imported inside Blender only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import bmesh
import bpy
import numpy as np
from mathutils.bvhtree import BVHTree

GROUND = ("floor", "ceiling", "north wall", "east wall", "south wall", "west wall",
          "street", "shop floor", "shop wall", "house front", "ground", "garden wall")  # fmt: skip
"""How the names of what bears things begin."""


class Probe:
    """World positions, bounds and search trees of mesh objects."""

    def __init__(self, things: Sequence[Any]) -> None:
        bpy.context.view_layer.update()
        self.things = list(things)
        self.points = [_world(thing) for thing in things]
        self.low = np.array([points.min(axis=0) for points in self.points])
        self.high = np.array([points.max(axis=0) for points in self.points])
        self.origin = np.array([thing.matrix_world.translation for thing in things])
        self._trees: dict[int, BVHTree] = {}

    def tree(self, index: int) -> BVHTree:
        """Search tree of one object's faces."""
        if index not in self._trees:
            faces = [tuple(face.vertices) for face in self.things[index].data.polygons]
            self._trees[index] = BVHTree.FromPolygons([tuple(point) for point in self.points[index]], faces)
        return self._trees[index]

    def near(self, gap_m: float) -> list[list[int]]:
        """Pairs of objects whose bounding boxes come nearer than that."""
        reach = (self.low[:, None] < self.high[None] + gap_m).all(axis=-1)
        return np.argwhere(np.triu(reach & reach.T, 1)).tolist()

    def crossing(self, same_thing: bool) -> list[str]:
        """Pairs of objects whose surfaces cross; parts of one thing (of one origin) only where ``same_thing``."""
        return [
            f"{self.things[a].name} x {self.things[b].name}"
            for a, b in self.near(0.0)
            if (same_thing or np.abs(self.origin[a] - self.origin[b]).max() > 1e-6)
            and self.tree(a).overlap(self.tree(b))
        ]

    def floating(self, ground: Sequence[str], gap_m: float = 0.008) -> list[str]:
        """Objects that no chain of contacts, each within ``gap_m``, joins to one whose name starts as in ``ground``."""
        group = list(range(len(self.things)))

        def root(index: int) -> int:
            while group[index] != index:
                group[index] = group[group[index]]
                index = group[index]
            return index

        for a, b in self.near(gap_m):
            if root(a) != root(b) and self._touch(a, b, gap_m):
                group[root(a)] = root(b)
        held = {root(k) for k, thing in enumerate(self.things) if thing.name.startswith(tuple(ground))}
        return [thing.name for k, thing in enumerate(self.things) if root(k) not in held]

    def _touch(self, a: int, b: int, gap_m: float) -> bool:
        for one, other in ((a, b), (b, a)):
            inside = (self.points[one] > self.low[other] - gap_m) & (self.points[one] < self.high[other] + gap_m)
            tree = self.tree(other)
            if any(tree.find_nearest(point, gap_m)[0] is not None for point in self.points[one][inside.all(axis=1)]):
                return True
        # Edges may lie across each other with no corner near: one thing let down, or pushed, by the gap meets the other.
        faces = [tuple(face.vertices) for face in self.things[a].data.polygons]
        return any(
            BVHTree.FromPolygons((self.points[a] + np.array([0.0, 0.0, shift])).tolist(), faces).overlap(self.tree(b))
            for shift in (-gap_m, gap_m)
        )


def _local(data: Any) -> np.ndarray:
    points = np.empty(3 * len(data.vertices), dtype=np.float32)
    data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3)


def _world(thing: Any) -> np.ndarray:
    to_world = np.array(thing.matrix_world)
    return _local(thing.data).astype(np.float64) @ to_world[:3, :3].T + to_world[:3, 3]


def meshes() -> list[Any]:
    """The scene's mesh objects by name."""
    return sorted((thing for thing in bpy.context.scene.objects if thing.type == "MESH"), key=lambda thing: thing.name)


def surface_class(thing: Any) -> int:
    """The class written on an object's material; -1 where there is none."""
    slots = thing.material_slots
    return int(slots[0].material.get("depthbench_class", -1)) if slots and slots[0].material else -1


def is_solid(data: Any) -> bool:
    """Whether a mesh is watertight with its faces turned outwards."""
    work = bmesh.new()
    work.from_mesh(data)
    sound = all(edge.is_manifold and edge.is_contiguous for edge in work.edges) and work.calc_volume(signed=True) > 0
    work.free()
    return bool(sound)


def not_solid(things: Sequence[Any], classes: Sequence[int]) -> list[str]:
    """Names of the meshes of objects of these classes that are not solid."""
    found = {thing.data.name: thing.data for thing in things if surface_class(thing) in classes}
    return sorted(name for name, data in found.items() if not is_solid(data))


def digest(things: Sequence[Any]) -> str:
    """A checksum of names, materials and world positions."""
    total = hashlib.sha256()
    for thing in sorted(things, key=lambda thing: thing.name):
        total.update(f"{thing.name} {thing.material_slots[0].material.name}".encode())
        total.update(np.round(_world(thing), 5).tobytes())
    return total.hexdigest()


def kept_twice() -> float:
    """Share of the meshes that equal another one, vertex by vertex: copies of a thing should share theirs."""
    found = {hashlib.sha256(_local(data).tobytes()).digest() for data in bpy.data.meshes}
    return 1 - len(found) / len(bpy.data.meshes)


def facts(info: Any) -> dict[str, Any]:
    """What tests of every place ask of the current scene; of a room, what lies within its walls, as far as they are thick."""
    things = everything = meshes()
    floor = next((thing for thing in things if thing.name == "floor"), None)
    if floor is not None:
        probe, half = Probe(things), np.array(floor.dimensions)[:2] / 2 + 0.22
        within = ((probe.low[:, :2] < half) & (probe.high[:, :2] > -half)).all(axis=1)
        things = [thing for thing, here in zip(things, within, strict=True) if here]
    probe, boxes = Probe(things), info.camera_boxes
    shell = [thing.name for thing in things if thing.name == "floor" or thing.name.endswith(" wall")]
    hit = ((probe.low[:, None] < boxes[None, :, 1]) & (probe.high[:, None] > boxes[None, :, 0])).all(axis=2)
    return {
        "digest": digest(everything),
        "half": None if floor is None else (np.array(floor.dimensions)[:2] / 2).tolist(),
        "names": [thing.name for thing in things],
        "things": len(everything),
        "crossing": probe.crossing(same_thing=False),
        "floating": probe.floating(GROUND),
        "sunk": [t.name for t, low in zip(things, probe.low[:, 2], strict=True) if low < -1e-6 and t.name not in shell],
        "unmarked": [thing.name for thing in everything if surface_class(thing) < 0],
        "not_solid": not_solid(things, (2,)),
        "classes": [surface_class(thing) for thing in things],
        "triangles": sum(len(face.vertices) - 2 for thing in everything for face in thing.data.polygons),
        "kept_twice": kept_twice(),
        "unused": unused(),
        "camera_boxes": boxes.tolist(),
        "in_camera_boxes": [things[k].name for k in np.flatnonzero(hit.any(axis=1))],
        "targets": info.targets.tolist(),
        "see_through_targets": info.see_through_targets.tolist(),
        "farthest_m": info.view_distance_m_range[1],
    }


def unused() -> list[str]:
    """Datablocks that nothing uses."""
    groups = (bpy.data.meshes, bpy.data.materials, bpy.data.lights, bpy.data.images, bpy.data.objects)
    return [item.name for group in groups for item in group if not item.users]
