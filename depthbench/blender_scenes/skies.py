# SPDX-License-Identifier: Apache-2.0
"""The sky outdoors: Blender's physical sky by weather, with the sun as a lamp of its own, or an even cover of cloud.

The physical sky is the single-scattering model of Nishita et al., "Display of the Earth Taking into Account Atmospheric
Scattering", SIGGRAPH 1993. Its radiance is scaled to an irradiance that is asked for, so that lamps can be set against it; what
it gives unscaled was measured once by rendering a white plane under it, and stands in a table here.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from depthbench.blender_scenes import lights
from depthbench.blender_scenes.materials.palette import RGB, luminance, shade
from depthbench.blender_scenes.nodes import Shader, Socket

_RAW: dict[str, tuple[tuple[float, float, float], tuple[float, ...], tuple[RGB, ...]]] = {
    "clear": (
        (1.0, 0.6, 1.0),
        (15, 30, 45, 60),
        ((4.73, 6.38, 8.74), (5.71, 7.67, 11.27), (6.12, 8.24, 12.49), (6.33, 8.55, 13.21)),
    ),
    "hazy": (
        (1.6, 4.0, 1.0),
        (15, 30, 45, 60),
        ((9.12, 9.09, 8.54), (13.65, 13.78, 14.12), (15.97, 16.3, 17.5), (17.21, 17.72, 19.59)),
    ),
    "low_sun": (
        (1.2, 1.5, 1.5),
        (3, 5, 8, 12, 15),
        ((2.10, 2.51, 2.77), (2.99, 3.66, 4.10), (4.13, 5.10, 5.93), (5.33, 6.54, 7.91), (6.04, 7.36, 9.09)),
    ),
    "blue_hour": (
        (1.0, 1.0, 3.0),
        (-3, -2, 0, 2),
        ((0.040, 0.059, 0.182), (0.082, 0.139, 0.388), (0.263, 0.531, 1.158), (0.702, 1.31, 2.358)),
    ),
}
"""(density of air, dust, ozone), elevations of the sun in degrees, RGB irradiance (W/m^2) of open level ground by the sky alone."""
WEATHERS = (*_RAW, "overcast")
_BALANCE = 0.45
"""How much of the sky's cast a picture's white balance takes off."""


@dataclass(frozen=True)
class Sky:
    """What a sky gives.

    Attributes
    ----------
    weather : str
        One of :data:`WEATHERS`.
    sky_w_m2, sun_w_m2 : float
        Irradiance on open level ground.
    elevation_deg, azimuth_deg : float
        Where the sun stands; azimuth from +x towards +y.
    """

    weather: str
    sky_w_m2: float
    sun_w_m2: float
    elevation_deg: float
    azimuth_deg: float


def draw(rng: np.random.Generator, weather: str | None = None, azimuth_deg: float | None = None) -> Sky:
    """Draw a sky; ``weather`` and ``azimuth_deg`` fix what is otherwise drawn."""
    chosen = weather or str(rng.choice(WEATHERS, p=[0.3, 0.17, 0.17, 0.16, 0.2]))
    azimuth = float(rng.uniform(0, 360)) if azimuth_deg is None else azimuth_deg
    elevation = float(
        rng.uniform(
            *{"clear": (22, 58), "hazy": (20, 50), "low_sun": (5, 15), "blue_hour": (-3, 1)}.get(chosen, (30, 50))
        )
    )
    total = float(
        rng.uniform(*{"low_sun": (12, 20), "blue_hour": (0.5, 1.3), "overcast": (12, 22)}.get(chosen, (24, 40)))
    )
    sun = float(
        rng.uniform(*{"clear": (0.6, 0.75), "hazy": (0.35, 0.55), "low_sun": (0.35, 0.55)}.get(chosen, (0.0, 0.0)))
    )
    return Sky(chosen, total * (1 - sun), total * sun, elevation, azimuth)


def add(rng: np.random.Generator, sky: Sky) -> None:
    """Light the current scene by that sky and paint it, with clouds where the weather has some."""
    shader = Shader(f"sky_{sky.weather}", world=True)
    direction = shader.add("TexCoord", {}, "Generated")
    _, _, up = shader.split(direction)
    lifted = shader.math("MAXIMUM", up, 0.0)
    if sky.weather == "overcast":
        colour, below = _cover(rng, shader, direction, lifted)
    else:
        colour, below = _physical(rng, shader, sky, direction, lifted)
    shown = shader.mix(shader.math("GREATER_THAN", up, -0.002), below, colour)
    world = shader.finish(shader.add("Background", {"Color": shown, "Strength": sky.sky_w_m2 / np.pi}))
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 128
    bpy.context.scene.world = world
    if sky.sun_w_m2 > 0:
        kelvin = float(np.interp(sky.elevation_deg, [4, 12, 50], [2700, 3600, 5600]))
        size_deg = float(rng.uniform(0.53, 0.8)) if sky.weather != "hazy" else float(rng.uniform(1.5, 4.0))
        lights.sun(sky.elevation_deg, sky.azimuth_deg, sky.sun_w_m2, kelvin, size_deg)


def _physical(
    rng: np.random.Generator, shader: Shader, sky: Sky, direction: Socket, lifted: Socket
) -> tuple[Socket, RGB]:
    """Return the sky's colour, of mean luminance one over level ground, and that of what lies under the horizon."""
    (air, dust, ozone), at, measured = _RAW[sky.weather]
    raw = [float(np.interp(sky.elevation_deg, at, part)) for part in np.array(measured).T]
    tint = np.array(raw) / luminance(raw)
    balance = tint**-_BALANCE
    balance /= luminance((tint * balance).tolist())
    node = shader.tree.nodes.new("ShaderNodeTexSky")
    node.sky_type, node.sun_disc = "NISHITA", False
    node.sun_elevation = float(np.deg2rad(sky.elevation_deg))
    # Blender measures the sun's rotation from +y towards +x.
    node.sun_rotation = float(np.deg2rad(90.0 - sky.azimuth_deg))
    node.air_density, node.dust_density, node.ozone_density = air, dust, ozone
    x, y, z = shader.split(direction)
    shader.put(node.inputs[0], shader.combine(x, y, shader.math("MAXIMUM", z, 0.004)))
    scale = np.pi / luminance(raw)
    clear = shader.vector("MULTIPLY", node.outputs[0], tuple((scale * balance).tolist()))
    below: RGB = shade((tint * balance).tolist(), 0.2)  # type: ignore[arg-type]
    if rng.random() < 0.25:
        return clear, below
    flat = shader.math("MAXIMUM", lifted, 0.06)
    overhead = shader.vector("DIVIDE", direction, shader.combine(flat, flat, flat))
    shape = shader.noise(
        shader.vector("ADD", overhead, tuple(rng.uniform(0, 50, 3))), rng.uniform(0.6, 1.3), 7.0, 0.56, 0.25
    )
    edge = float(rng.uniform(0.48, 0.6))
    cover = shader.math("MULTIPLY", shader.remap(shape, edge, edge + 0.16), shader.remap(lifted, 0.0, 0.12))
    warm = {"low_sun": (1.5, 1.15, 0.95), "blue_hour": (0.9, 0.85, 1.0)}.get(sky.weather, (1.35, 1.33, 1.3))
    return shader.mix(cover, clear, shader.mix(0.55, clear, warm)), below


def _cover(rng: np.random.Generator, shader: Shader, direction: Socket, lifted: Socket) -> tuple[Socket, RGB]:
    """An overcast sky, three times as bright overhead as at the horizon (Moon and Spencer, 1942), with a drift of darker cloud."""
    fall = shader.math("MULTIPLY", shader.math("ADD", 1.0, shader.math("MULTIPLY", lifted, 2.0)), 3.0 / 7.0)
    flat = shader.math("MAXIMUM", lifted, 0.1)
    overhead = shader.vector("DIVIDE", direction, shader.combine(flat, flat, flat))
    shape = shader.noise(shader.vector("ADD", overhead, tuple(rng.uniform(0, 50, 3))), 0.8, 6.0, 0.6, 0.4)
    tone = shader.math("MULTIPLY", fall, shader.remap(shape, 0.3, 0.7, 0.78, 1.22))
    colour = shader.combine(shader.math("MULTIPLY", tone, 0.97), tone, shader.math("MULTIPLY", tone, 1.05))
    return colour, (0.1, 0.1, 0.1)
