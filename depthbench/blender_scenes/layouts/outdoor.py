# SPDX-License-Identifier: Apache-2.0
"""Outdoors: a row of shop fronts, a greenhouse in a garden, a bus stop, or parked cars, at any hour and in any weather."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np

from depthbench.blender_scenes import skies
from depthbench.blender_scenes.layouts import free_air, outdoor_greenhouse, outdoor_light, outdoor_streets
from depthbench.blender_scenes.layouts.outdoor_light import Mood
from depthbench.blender_scenes.layouts.outdoor_place import Place
from depthbench.blender_scenes.scene import SceneInfo

KINDS: dict[str, tuple[Callable[[np.random.Generator, Mood], Place], float | None]] = {
    "shop_fronts": (outdoor_streets.shop_fronts, -90.0),
    "greenhouse": (outdoor_greenhouse.build, None),
    "bus_stop": (outdoor_streets.bus_stop, None),
    "parked_cars": (outdoor_streets.parked_cars, None),
}
"""What builds each place, and the azimuth about which its sun stands: shop fronts are mostly lit."""
_HIGHEST_TARGET_M, _BAND_M = 1.9, (1.38, 1.75)


def _info(place: Place) -> SceneInfo:
    """Collect where cameras may be (the heads of people on foot) and what there is to see."""
    bpy.context.view_layer.update()
    things = [thing for thing in bpy.context.scene.objects if thing.type == "MESH"]
    boxes = free_air.bounds(things)
    found = []
    for floor, margin, count, around in place.floors:
        counts = np.array([not (around and thing.name.startswith(around)) for thing in things])
        found.append(free_air.camera_boxes(boxes[counts], floor, _BAND_M, margin, 0.12, count))
    cameras = np.concatenate(found)
    clear = free_air.bounds(free_air.see_through_objects()).mean(axis=1)
    nearest = np.clip(clear[:, None], cameras[None, :, 0], cameras[None, :, 1])
    reach = np.linalg.norm(nearest - clear[:, None], axis=-1).min(axis=1)
    clear = free_air.thinned(clear[(clear[:, 2] < _HIGHEST_TARGET_M) & (reach < 0.8 * place.distance_m[1])], 1.5)
    return SceneInfo(
        camera_boxes=cameras,
        see_through_targets=np.concatenate([clear, np.array(place.beyond).reshape(-1, 3)]),
        targets=np.array(place.near).reshape(-1, 3),
        hfov_deg_range=(45.0, 75.0),
        pitch_deg_range=(-5.0, 5.0),
        baseline_m_range=(0.05, 0.4),
        view_distance_m_range=place.distance_m,
        clearance_m=0.4,
        max_one_surface_share=0.5,
    )


def build(rng: np.random.Generator, kind: str | None = None) -> SceneInfo:
    """Fill the empty current scene with an outdoor place, different from draw to draw; ``kind`` is one of :data:`KINDS`."""
    kind = kind or str(rng.choice(list(KINDS)))
    make_place, azimuth = KINDS[kind]
    mood = outdoor_light.draw(rng, azimuth)
    place = make_place(rng, mood)
    skies.add(rng, mood.sky)
    # What was designed and found no place.
    bpy.data.orphans_purge(do_recursive=True)
    return _info(place)
