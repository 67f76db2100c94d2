# SPDX-License-Identifier: Apache-2.0
"""Toys that stand by themselves: stacking rings on a cone, a wooden car, a striped ball, a spinning top."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import any_hue
from depthbench.blender_scenes.mesh import join, lathe, rounded_box, sphere
from depthbench.blender_scenes.objects.forms import fillet, ring, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.solids import skin


def _rings(rng: np.random.Generator) -> list[Part]:
    wood = make("wood", rng, tone="light")
    count, tube_m = int(rng.integers(4, 7)), 0.0125
    stem = lathe(
        solid(
            [
                [0, 0],
                [0.055, 0],
                [0.055, 0.012],
                [0.009, 0.012],
                [0.007, count * 2 * tube_m + 0.03],
                [0, count * 2 * tube_m + 0.036],
            ],
            0.003,
        ),
        40,
    )
    parts = [part("toy stem", stem.moved(z=GAP_M), wood)]
    height = 0.012 + 2 * GAP_M
    for radius in np.linspace(0.042, 0.0245, count):
        paint = make("paint", rng, colour=any_hue(rng, (0.6, 0.9), (0.35, 0.7)))
        parts.append(part("toy ring", ring(float(radius), tube_m, 40, 14).moved(z=height + tube_m), paint))
        height += 2 * tube_m + GAP_M
    return parts


def _car(rng: np.random.Generator) -> list[Part]:
    long, wide = float(rng.uniform(0.1, 0.16)), float(rng.uniform(0.045, 0.06))
    wheel_m = 0.2 * wide + 0.006
    rise = float(rng.uniform(0.02, 0.03))
    roof = [[0.3 * long, 0], [0.18 * long, rise + 0.012], [-0.22 * long, rise + 0.012], [-0.34 * long, 0]]
    outline = np.array(
        [
            [-0.5 * long, 0],
            [0.5 * long, 0],
            [0.5 * long, 0.6 * rise],
            *[[x, z + rise] for x, z in roof],
            [-0.5 * long, 0.8 * rise],
        ]
    )
    outline = fillet(outline, 0.008, 3)
    body = skin(np.stack([np.insert(outline, 1, y, axis=1) for y in (-wide / 2, wide / 2)])).moved(z=0.9 * wheel_m)
    wheel = lathe(solid([[0, 0], [wheel_m, 0], [wheel_m, 0.01], [0.4 * wheel_m, 0.012], [0, 0.012]], 0.002), 28)
    spots = [(sx * 0.3 * long, sy) for sx in (-1, 1) for sy in (-1, 1)]
    wheels = [
        wheel.rotated("x", 90.0 if sy < 0 else -90.0).moved(x, sy * (wide / 2 + 0.001), wheel_m) for x, sy in spots
    ]
    window = [
        rounded_box(0.3 * long, 0.001, 0.5 * rise, 0.0004).moved(
            -0.03 * long, sy * (wide / 2 + 0.0012), 0.9 * wheel_m + rise
        )
        for sy in (-1, 1)
    ]
    paint = make("paint", rng, colour=any_hue(rng, (0.6, 0.9), (0.3, 0.65)))
    dark = make("paint", rng, colour=(0.03, 0.03, 0.035))
    return [
        part("toy car", body.moved(z=GAP_M), paint, 30.0),
        part(
            "toy wheels", join(wheels).moved(z=GAP_M), dark if rng.random() < 0.5 else make("wood", rng, tone="light")
        ),
        part("toy windows", join(window).moved(z=GAP_M), dark),
    ]


def _ball(rng: np.random.Generator) -> list[Part]:
    radius = float(rng.uniform(0.05, 0.11))
    pattern = str(rng.choice(["bands", "motif", "speckled"]))
    return [part("ball", sphere(radius, 48, 24).moved(z=radius + GAP_M), make("ceramic", rng, pattern=pattern))]


def _top(rng: np.random.Generator) -> list[Part]:
    outline = [
        [0, 0],
        [0.004, 0.002],
        [0.03, 0.028],
        [0.04, 0.04],
        [0.03, 0.05],
        [0.006, 0.056],
        [0.005, 0.085],
        [0, 0.087],
    ]
    lean = lathe(solid(outline, 0.003), 40).rotated("x", 42.0)
    lean = lean.moved(z=-float(lean.vertices[:, 2].min()) + GAP_M)
    return [part("spinning top", lean, make("ceramic", rng, pattern="bands"))]


_DESIGNS: dict[str, Callable[[np.random.Generator], list[Part]]] = {
    "rings": _rings,
    "car": _car,
    "ball": _ball,
    "top": _top,
}
STYLES = tuple(_DESIGNS)


def design(rng: np.random.Generator, style: str = "car") -> Kit:
    """Make one toy; ``style`` is one of :data:`STYLES`."""
    return Kit(tuple(_DESIGNS[style](rng)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "car"
) -> list[bpy.types.Object]:
    """Put one toy at ``location``."""
    return design(rng, style).place(location, turn_deg)
