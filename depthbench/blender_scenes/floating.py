# SPDX-License-Identifier: Apache-2.0
"""Things that hang in the air of any built scene, at random poses, where cameras look: more depths, edges and glass per picture.

Each keeps its bounding ball clear of every surface and of the other balls, stands in sight of a place for cameras (so it is in
the air, not in a wall), and the places for cameras draw back from it by the scene's clearance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt
from mathutils import Matrix, Quaternion

from depthbench.blender_scenes import floaters
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.objects.kit import Kit
from depthbench.blender_scenes.scene import SceneInfo, cut_boxes
from depthbench.truth.bvh import Bvh
from depthbench.truth.geometry import SceneGeometry

Float = npt.NDArray[np.floating[Any]]

GAP_M = 0.02
"""Least distance of a ball from everything else."""
TRIES = 60
"""Places tried for each thing before it is left out."""
MOST_REFUSED = 6
"""After so many things in a row without a place the air is full."""
SPREAD_M = 0.35
"""Things lie about the line of sight to what is worth looking at, by a normal deviate of this much."""
LEAST_PLACES = 0.5
"""Of the volume in which cameras may stand, the share that must be left."""
ROOM_M2 = 30.0
"""Ground over which cameras range in a large room."""
MOST_DESIGNS = 24
"""Things beyond so many are copies, in other poses."""


class Air:
    """What is free in a scene."""

    def __init__(self, geometry: SceneGeometry) -> None:
        self.corners = geometry.vertices[geometry.triangles]
        self.low, self.high = self.corners.min(axis=1), self.corners.max(axis=1)
        ids = np.arange(len(geometry.triangles), dtype=np.int32)
        self.bvh = Bvh(geometry.vertices, geometry.triangles, ids, np.median(geometry.vertices, axis=0))
        self.balls = np.zeros((0, 4))

    def holds(self, centre: Float, radius_m: float) -> bool:
        """Whether no surface and no ball comes within GAP_M of this ball."""
        reach = radius_m + GAP_M
        if (np.linalg.norm(self.balls[:, :3] - centre, axis=1) < self.balls[:, 3] + reach).any():
            return False
        near = np.arange(len(self.corners))
        for axis in range(3):
            near = near[(self.low[near, axis] < centre[axis] + reach) & (self.high[near, axis] > centre[axis] - reach)]
        return not len(near) or bool(distances_m(self.corners[near], centre).min() >= reach)

    def sees(self, place: Float, point: Float) -> bool:
        """Whether nothing, see-through or not, stands between two points."""
        return not self.bvh.any_hit(place[None], (point - place)[None], np.ones(1))[0]

    def take(self, centre: Float, radius_m: float) -> None:
        """Have a ball taken."""
        self.balls = np.concatenate([self.balls, [[*centre, radius_m]]])


def distances_m(corners: Float, point: Float) -> Float:
    """Return the distance of a point (3,) to each triangle (N, 3, 3)."""
    from trimesh.triangles import closest_point

    nearest = closest_point(corners, np.broadcast_to(point, (len(corners), 3)))
    distance: Float = np.linalg.norm(nearest - point, axis=1)
    return distance


def add(rng: np.random.Generator, info: SceneInfo, count: int) -> tuple[SceneInfo, int]:
    """Hang up to ``count`` things in each :data:`ROOM_M2` of the current scene.

    Parameters
    ----------
    rng : numpy.random.Generator
    info : SceneInfo
        Of the built scene.
    count : int
        At least 1; in a place whose cameras range over more than :data:`ROOM_M2`, more in proportion.

    Returns
    -------
    info : SceneInfo
        With less room for cameras.
    placed : int
        How many found a place.
    """
    air = Air(export_scene())
    boxes = info.camera_boxes
    ground_m2 = float((boxes[:, 1].max(axis=0) - boxes[:, 0].min(axis=0))[:2].prod())
    count = round(count * max(1.0, ground_m2 / ROOM_M2))
    designs = [floaters.design(rng) for _ in range(min(count, MOST_DESIGNS))]
    least_m3 = LEAST_PLACES * _volume_m3(boxes)
    aims = np.concatenate([info.targets, info.see_through_targets])
    placed = refused = 0
    for number in range(count):
        if refused == MOST_REFUSED:
            break
        refused += 1
        kit = designs[number % len(designs)]
        middle, radius_m = _ball(kit)
        for _ in range(TRIES):
            place, centre = _draw(rng, info, aims)
            apart_m = radius_m + info.clearance_m
            if np.linalg.norm(centre - place) < apart_m or not air.sees(place, centre):
                continue
            kept = cut_boxes(boxes, centre - apart_m, centre + apart_m)
            if _volume_m3(kept) >= least_m3 and air.holds(centre, radius_m):
                air.take(centre, radius_m)
                _hang(kit, middle, centre, rng)
                boxes = kept
                placed, refused = placed + 1, 0
                break
    # what was designed and found no place
    bpy.data.orphans_purge(do_recursive=True)
    return replace(info, camera_boxes=boxes), placed


def _volume_m3(boxes: Float) -> float:
    return float((boxes[:, 1] - boxes[:, 0]).prod(axis=1).sum())


def _ball(kit: Kit) -> tuple[Float, float]:
    """Return the middle of a kit's bounds and the radius of the ball about it that holds every part."""
    middle = (kit.low + kit.high) / 2
    return middle, float(np.linalg.norm(kit.corners - middle, axis=1).max())


def _draw(rng: np.random.Generator, info: SceneInfo, aims: Float) -> tuple[Float, Float]:
    """Draw a place for a camera and, about the line from it to what it may look at, a place for a thing."""
    boxes = info.camera_boxes
    size = boxes[:, 1] - boxes[:, 0]
    volume = np.maximum(size, 1e-3).prod(axis=1)
    box = int(rng.choice(len(boxes), p=volume / volume.sum()))
    place: Float = boxes[box, 0] + size[box] * rng.random(3)
    away_m = np.linalg.norm(aims - place, axis=1)
    low, high = info.view_distance_m_range
    seen = aims[(away_m >= low) & (away_m <= high)]
    among = seen if len(seen) else aims
    aim = among[int(rng.integers(len(among)))]
    return place, place + rng.uniform(0.3, 1.0) * (aim - place) + rng.normal(0, SPREAD_M, 3)


def _hang(kit: Kit, middle: Float, centre: Float, rng: np.random.Generator) -> None:
    """Place a kit with its middle at ``centre``, turned at random about all axes, evenly over all rotations."""
    quaternion = Quaternion(rng.normal(size=4).tolist()).normalized()
    pose = (
        Matrix.Translation(centre.tolist()) @ quaternion.to_matrix().to_4x4() @ Matrix.Translation((-middle).tolist())
    )
    for thing in kit.place([0.0, 0.0, 0.0]):
        thing.matrix_world = pose @ thing.matrix_world
