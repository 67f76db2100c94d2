# SPDX-License-Identifier: Apache-2.0
"""Street lamps: a mast with an arm over the road, an old post with a lantern of glass, a post with a disc."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, rounded_box, sphere, tube
from depthbench.blender_scenes.objects.forms import smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import horn, loops

STYLES = ("mast", "lantern", "disc")
LIGHT = {"mast": (0.0, -1.05, 5.75), "lantern": (0.0, 0.0, 3.46), "disc": (0.0, 0.0, 3.82)}
"""Where a light belongs that stands for the lamp, in the kit's frame; the arm of a mast reaches to -y."""


def _post(radius_m: float, top_m: float) -> Mesh:
    side = [[2.1 * radius_m, 0], [2.1 * radius_m, 0.3], [1.5 * radius_m, 0.36], [1.4 * radius_m, 0.8], [radius_m, 0.86]]
    return lathe(solid([[0, 0], *side, [0.75 * radius_m, top_m], [0, top_m]], 0.01), 24).moved(z=GAP_M)


def _square(half_m: float, z_m: float) -> list[list[float]]:
    """Eight points round a square at one height."""
    return [
        [half_m * x, half_m * y, z_m] for x, y in ((-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0))
    ]


def design(rng: np.random.Generator, style: str = "mast", strength: float = 0.0, colour_k: float = 3200.0) -> Kit:
    """Make the parts of a street lamp; it shines where ``strength`` (W/(sr m^2)) is not 0."""
    metal = make("metal", rng, finish="painted")
    lens = (
        make("emitter", rng, strength=strength, colour_temperature_k=colour_k)
        if strength
        else make("paint", rng, colour=(0.66, 0.66, 0.63))
    )
    if style == "mast":
        arm = smooth([[0, 0, 5.4], [0, -0.02, 5.75], [0, -0.3, 5.95], [0, -0.7265, 6.0]], 6)
        post = [_post(0.06, 5.395), horn(arm, np.linspace(0.042, 0.03, len(arm)), 14).moved(z=2 * GAP_M)]
        head = rounded_box(0.24, 0.6, 0.09, 0.03).moved(y=-1.03, z=5.95)
        glow = box(0.18, 0.46, 0.012).moved(y=-1.04, z=5.95 - 0.0125)
        parts = [part("street lamp post", join(post), metal), part("street lamp head", head, metal, None)]
        return Kit((*parts, part("street lamp lens", glow, lens, None)))
    if style == "disc":
        drum = lathe(solid([[0, 3.9], [0.28, 3.9], [0.3, 3.92], [0.29, 3.96], [0.08, 4.02], [0, 4.03]], 0.004), 40)
        stem = _post(0.05, 3.895)
        glow = lathe([(0, 0), (0.25, 0), (0.25, 0.012), (0, 0.012)], 40)
        parts = [
            part("street lamp post", stem.scaled(1, 1, 3.884 / 3.8955), metal),
            part("street lamp head", drum, metal),
        ]
        return Kit((*parts, part("street lamp lens", glow.moved(z=3.887), lens)))
    low, high = 3.2, 3.72
    corners = [
        np.array([[sx * 0.11, sy * 0.11, low], [sx * 0.18, sy * 0.18, high]]) for sx in (-1, 1) for sy in (-1, 1)
    ]
    plate = rounded_box(0.26, 0.26, 0.025, 0.005).moved(z=low - 0.026)
    crown = rounded_box(0.42, 0.42, 0.03, 0.006).moved(z=high + 0.001)
    roof = lathe([(0, 0), (0.29, 0), (0.06, 0.2), (0.05, 0.26), (0, 0.3)], 4).rotated("z", 45.0).moved(z=high + 0.032)
    cage = join([plate, crown, roof, *[tube(line, 0.009, 8) for line in corners]])
    glass = make("architectural_glass", rng)
    inset = 0.004
    # One hollow glass body within the bars: four sides, open above and below.
    outer = np.array([_square(0.11 - 0.012, low + GLASS_GAP_M), _square(0.18 - 0.014, high - GLASS_GAP_M)])
    inner = np.array(
        [_square(0.11 - 0.012 - inset, low + GLASS_GAP_M), _square(0.18 - 0.014 - inset, high - GLASS_GAP_M)]
    )
    panes = loops(np.stack([outer[0], outer[1], inner[1], inner[0]], axis=1))
    bulb = sphere(0.05, 20, 10).moved(z=3.42)
    holder = lathe(solid([[0, low], [0.03, low], [0.025, low + 0.16], [0, low + 0.165]]), 16)
    return Kit(
        (
            part("street lamp post", _post(0.055, low - 0.028), metal),
            part("street lamp lantern", cage, metal),
            part("street lamp glass", panes, glass, None),
            part("street lamp holder", holder, metal),
            part("street lamp bulb", bulb.moved(z=-0.002), lens),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "mast"
) -> list[bpy.types.Object]:
    """Put one street lamp at ``location``."""
    return design(rng, style).place(location, turn_deg)
