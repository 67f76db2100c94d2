# SPDX-License-Identifier: Apache-2.0
"""Lights: sun and sky with a given irradiance, lamps in watts. None of them is geometry, none is seen by the camera.

Watts are radiant watts as in Blender. Real daylight is a hundred times lamplight and would burn every window out; here it is
about five times, which is what a photographer who lights a room for the window aims at: 15-45 W/m^2 on open ground outdoors
against 3-8 W/m^2 on a table from a handful of 15-40 W lamps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from depthbench.blender_scenes.materials.palette import RGB, balanced_k, luminance, pick, shade
from depthbench.blender_scenes.nodes import Shader, Socket

_SKIES: tuple[tuple[RGB, RGB], ...] = (
    ((0.25, 0.41, 0.72), (0.70, 0.78, 0.88)),
    ((0.50, 0.56, 0.64), (0.72, 0.74, 0.76)),
    ((0.24, 0.33, 0.62), (0.98, 0.72, 0.46)),
)
"""(zenith, horizon): clear, overcast, low sun."""
_FALL = 3.0
"""Exponent of the fall of the sky's radiance from horizon to zenith."""


def sun_and_sky(
    rng: np.random.Generator,
    irradiance_w_m2: float | None = None,
    sun_share: float | None = None,
    elevation_deg: float | None = None,
    azimuth_deg: float | None = None,
) -> bpy.types.Object:
    """Light the scene from outside and paint its sky, with clouds.

    Parameters
    ----------
    irradiance_w_m2 : float, optional
        Sun and sky together on open horizontal ground; 15 to 45 by default.
    sun_share : float, optional
        Part of it that comes from the sun; 0 to 0.75 by default.
    elevation_deg, azimuth_deg : float, optional
        Where the sun stands; azimuth from +x towards +y. 15 to 60 degrees high, anywhere, by default.

    Returns
    -------
    bpy.types.Object
        The sun.
    """
    total = float(rng.uniform(15, 45)) if irradiance_w_m2 is None else irradiance_w_m2
    share = float(pick(rng, (0.02, rng.uniform(0.2, 0.5), rng.uniform(0.5, 0.75)))) if sun_share is None else sun_share
    elevation = float(rng.uniform(15, 60)) if elevation_deg is None else elevation_deg
    azimuth = float(rng.uniform(0, 360)) if azimuth_deg is None else azimuth_deg
    if share < 0.1:
        zenith, horizon = _SKIES[1]
    else:
        zenith, horizon = _SKIES[2] if elevation < 22 else _SKIES[0]
    _paint_sky(rng, zenith, horizon, total * (1 - share))

    kelvin = float(np.interp(elevation, [5, 50], [3200, 5600]))
    return sun(elevation, azimuth, total * share, kelvin, float(rng.uniform(0.5, 2.0)))


def sun(
    elevation_deg: float, azimuth_deg: float, irradiance_w_m2: float, colour_temperature_k: float, size_deg: float
) -> bpy.types.Object:
    """Add a sun that gives this irradiance on open level ground; ``size_deg`` is its angle across, which softens shadows."""
    up, around = np.deg2rad(elevation_deg), np.deg2rad(azimuth_deg)
    towards = Vector((np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)))
    lamp = _new("sun", "SUN", (0.0, 0.0, 30.0), towards)
    lamp.data.energy = irradiance_w_m2 / np.sin(up)
    lamp.data.angle = float(np.deg2rad(size_deg))
    _colour(lamp.data, colour_temperature_k)
    return lamp


def area_light(
    location: Sequence[float],
    towards: Sequence[float],
    size_m: tuple[float, float],
    watts: float,
    colour_temperature_k: float = 4000.0,
    spread_deg: float = 180.0,
) -> bpy.types.Object:
    """Add a rectangle that shines along the direction ``towards``, into a cone of ``spread_deg``.

    ``size_m`` is (width, height); the width lies level.
    """
    lamp = _new("area_light", "AREA", location, -Vector(towards))
    lamp.data.shape = "RECTANGLE"
    lamp.data.size, lamp.data.size_y = size_m
    lamp.data.spread = float(np.deg2rad(spread_deg))
    lamp.data.energy = watts
    _colour(lamp.data, colour_temperature_k)
    return lamp


def pendant_light(
    location: Sequence[float], watts: float, colour_temperature_k: float = 2900.0, radius_m: float = 0.04
) -> bpy.types.Object:
    """Add a bulb that shines all round from a ball of ``radius_m``; put it in the opening of a lamp, clear of its surface."""
    lamp = _new("pendant_light", "POINT", location, Vector((0, 0, 1)))
    lamp.data.shadow_soft_size = radius_m
    lamp.data.energy = watts
    _colour(lamp.data, colour_temperature_k)
    return lamp


def spot(
    location: Sequence[float],
    target: Sequence[float],
    watts: float,
    colour_temperature_k: float = 3200.0,
    cone_deg: float = 40.0,
    radius_m: float = 0.03,
) -> bpy.types.Object:
    """Add a lamp that lights a soft-edged cone of full angle ``cone_deg`` towards the point ``target``.

    ``watts`` is what a bulb without a shade would give, as in Blender: a narrow cone lights less, not brighter.
    """
    lamp = _new("spot", "SPOT", location, Vector(location) - Vector(target))
    lamp.data.spot_size, lamp.data.spot_blend = float(np.deg2rad(cone_deg)), 0.5
    lamp.data.shadow_soft_size = radius_m
    lamp.data.energy = watts
    _colour(lamp.data, colour_temperature_k)
    return lamp


def _new(name: str, kind: str, location: Sequence[float], back: Any) -> bpy.types.Object:
    """Add a light whose beam runs against the direction ``back``, hidden from the camera and from refracted rays."""
    lamp = bpy.data.objects.new(name, bpy.data.lights.new(name, kind))
    bpy.context.scene.collection.objects.link(lamp)
    lamp.location = location
    lamp.rotation_mode = "QUATERNION"
    lamp.rotation_quaternion = back.to_track_quat("Z", "Y")
    lamp.visible_camera = lamp.visible_transmission = False
    return lamp


def _colour(light: Any, kelvin: float) -> None:
    """Give a light the colour of a black body, as a balanced picture shows it."""
    light.use_temperature = True
    light.temperature = balanced_k(kelvin)


def _paint_sky(rng: np.random.Generator, zenith: RGB, horizon: RGB, irradiance_w_m2: float) -> None:
    """Set a sky that gives this irradiance on open horizontal ground.

    For radiance Z + (H - Z) (1 - mu)^p, with mu the sine of the elevation, the irradiance is pi Z + 2 pi (H - Z) / ((p + 1) (p + 2)).
    Clouds keep the mean, by being as much brighter as the sky between them is darkened.
    """
    bright = luminance(zenith), luminance(horizon)
    raw = np.pi * bright[0] + 2 * np.pi * (bright[1] - bright[0]) / ((_FALL + 1) * (_FALL + 2))
    shader = Shader("sky", world=True)
    direction = shader.add("TexCoord", {}, "Generated")
    _, _, up = shader.split(direction)
    lifted = shader.math("MAXIMUM", up, 0.0)
    fall = shader.math("POWER", shader.math("SUBTRACT", 1.0, lifted), _FALL)
    sky = shader.mix(fall, zenith, horizon)
    sky = _clouded(rng, shader, sky, direction, lifted)
    below = shade(horizon, 0.22)
    colour = shader.mix(shader.math("GREATER_THAN", up, 0.0), below, sky)
    background = shader.add("Background", {"Color": colour, "Strength": irradiance_w_m2 / raw})
    world = shader.finish(background)
    # The automatic map of a procedural sky is thousands of pixels wide and takes seconds; this sky is smooth.
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 64
    bpy.context.scene.world = world


def _clouded(rng: np.random.Generator, shader: Shader, sky: Socket, direction: Socket, lifted: Socket) -> Socket:
    """Put clouds on a plane overhead; they thin out at the horizon."""
    flat = shader.math("MAXIMUM", lifted, 0.06)
    overhead = shader.vector("DIVIDE", direction, shader.combine(flat, flat, flat))
    shape = shader.noise(shader.vector("ADD", overhead, tuple(rng.uniform(0, 50, 3))), 0.9, 6.0, 0.55, 0.2)
    cover = shader.remap(shape, 0.5, 0.66)
    lit = shader.mix(1.0, shader.mix(0.5, sky, (0.7, 0.7, 0.72)), (1.3, 1.3, 1.3), "MULTIPLY")
    return shader.mix(cover, shader.mix(1.0, sky, (0.9, 0.9, 0.9), "MULTIPLY"), lit)
