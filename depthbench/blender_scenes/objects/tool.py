# SPDX-License-Identifier: Apache-2.0
"""Things of a workbench: hammer, screwdriver, roll of tape, tin of paint, toolbox, a set of blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.solids import revolved


def _hammer(rng: np.random.Generator) -> list[Part]:
    length, across = float(rng.uniform(0.26, 0.32)), 0.015
    shaft = lathe(solid([[0, 0], [0.014, 0], [0.0145, 0.09], [0.01, 0.15], [0.011, length], [0, length]], 0.004), 24)
    head = join(
        [
            rounded_box(0.026, 0.026, 0.05, 0.003).moved(z=-0.025),
            tube(np.array([[0, 0, 0.024], [0, 0, 0.052]]), 0.0145, 28),
            rounded_box(0.024, 0.008, 0.045, 0.003).moved(z=-0.07),
        ]
    ).rotated("x", 90.0)
    return [
        part("hammer shaft", shaft.rotated("y", 90.0).moved(x=-length / 2, z=across), make("wood", rng)),
        part(
            "hammer head",
            head.moved(x=length / 2 + 0.0135, z=across),
            make("metal", rng, finish=str(rng.choice(["painted", "brushed"]))),
        ),
    ]


def _screwdriver(rng: np.random.Generator) -> list[Part]:
    thick = float(rng.uniform(0.014, 0.018))
    grip = smooth([[0.6 * thick, 0], [thick, 0.012], [thick, 0.07], [0.6 * thick, 0.088], [0.8 * thick, 0.1]], 4)
    handle = lathe(solid([[0, 0], *grip.tolist(), [0, 0.1]]), 24).rotated("y", 90.0)
    blade = lathe(solid([[0, 0], [0.0032, 0], [0.0032, 0.1], [0.0012, 0.112], [0, 0.112]]), 16).rotated("y", 90.0)
    up = GAP_M - float(handle.vertices[:, 2].min())  # its swell is a little more than drawn
    colours = ((0.6, 0.07, 0.04), (0.05, 0.14, 0.4), (0.7, 0.45, 0.03), (0.05, 0.3, 0.12))
    return [
        part(
            "screwdriver handle",
            handle.moved(x=-0.1, z=up),
            make("paint", rng, colour=colours[int(rng.integers(4))]),
        ),
        part("screwdriver blade", blade.moved(x=GAP_M, z=up), make("metal", rng, finish="brushed")),
    ]


def _tape(rng: np.random.Generator) -> list[Part]:
    outer, height = float(rng.uniform(0.04, 0.055)), float(rng.uniform(0.02, 0.05))
    roll = revolved([(0.03, 0), (outer, 0), (outer, height), (0.03, height)], 48)
    core = revolved([(0.0265, 0), (0.0295, 0), (0.0295, height), (0.0265, height)], 48)
    return [
        part("tape roll", roll.moved(z=GAP_M), make("paint", rng)),
        part("tape core", core.moved(z=GAP_M), make("paper", rng)),
    ]


def _tin(rng: np.random.Generator) -> list[Part]:
    radius, height = float(rng.uniform(0.04, 0.055)), float(rng.uniform(0.1, 0.15))
    body = lathe(solid([[0, 0], [radius, 0], [radius, height], [0, height]], 0.002), 48)
    lid = lathe(
        solid([[0, 0], [0.9 * radius, 0], [0.9 * radius, 0.004], [0.8 * radius, 0.002], [0, 0.002]], 0.0005), 48
    )
    return [
        part("tin", body.moved(z=GAP_M), make("print", rng, kind="label")),
        part("tin lid", lid.moved(z=height + 2 * GAP_M), make("metal", rng, finish="brushed")),
    ]


def _toolbox(rng: np.random.Generator) -> list[Part]:
    width, depth, height = float(rng.uniform(0.26, 0.34)), 0.15, float(rng.uniform(0.11, 0.15))
    lid = rounded_box(width + 0.004, depth + 0.004, 0.04, 0.006).moved(z=height + 2 * GAP_M)
    top = height + 0.04 + 2 * GAP_M
    reach = width * 0.25
    bow = smooth([[-reach, 0, 0], [-reach, 0, 0.025], [-0.8 * reach, 0, 0.036], [0.8 * reach, 0, 0.036],
                  [reach, 0, 0.025], [reach, 0, 0]], 4)  # fmt: skip
    return [
        part("toolbox", rounded_box(width, depth, height, 0.005).moved(z=GAP_M), make("paint", rng)),
        part("toolbox lid", lid, make("metal", rng, finish="painted")),
        part("toolbox handle", tube(bow, 0.006, 12).moved(z=top + GAP_M), make("metal", rng, finish="polished")),
    ]


def _blocks(rng: np.random.Generator) -> list[Part]:
    size = float(rng.uniform(0.045, 0.06))
    parts, up = [], GAP_M
    for number in range(int(rng.integers(2, 4))):
        side = size * (1 - 0.12 * number)
        block = rounded_box(side, side, side, 0.002).rotated("z", float(rng.uniform(-25, 25)))
        parts.append(
            part("block", block.moved(z=up), make(str(rng.choice(["wood", "metal", "concrete", "paint"])), rng))
        )
        up += side + GAP_M
    return parts


_STYLES: dict[str, Callable[[np.random.Generator], list[Part]]] = {
    "hammer": _hammer,
    "screwdriver": _screwdriver,
    "tape": _tape,
    "tin": _tin,
    "toolbox": _toolbox,
    "blocks": _blocks,
}
STYLES = tuple(_STYLES)


def design(rng: np.random.Generator, style: str = "hammer") -> Kit:
    """Make the parts of a thing; ``style`` is one of :data:`STYLES`. Long ones lie along x."""
    return Kit(tuple(_STYLES[style](rng)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "hammer"
) -> list[bpy.types.Object]:
    """Put one thing at ``location``."""
    return design(rng, style).place(location, turn_deg)
