# SPDX-License-Identifier: Apache-2.0
"""An aquarium: a glass tank of water with gravel, stones, weed and fish, a lid with a lamp, mostly on a cabinet.

Glass and water are solids that refract, the water reaching a little into the glass (:mod:`fill`), so what swims in it is seen
nearer than it is; the layers say where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, grid, join, lathe, rounded_box, sphere
from depthbench.blender_scenes.objects.fill import BITE_M
from depthbench.blender_scenes.objects.forms import prism, smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, merge, part

Floats = npt.NDArray[np.float64]
Relief = Callable[[Floats, Floats], Floats]

CABINET_M = 0.72
_CLEAR_M = 0.002
"""Distance of what is in the water from the inside of the glass."""
_ROOT_M = 0.004
"""How deep weed and stones sit in the gravel: all of it is opaque, so that the truth knows no crossing."""
_SCALES = ((0.78, 0.27, 0.03), (0.75, 0.55, 0.06), (0.1, 0.25, 0.6), (0.6, 0.05, 0.04), (0.62, 0.62, 0.65))


def tub(width_m: float, depth_m: float, height_m: float, wall_m: float) -> Mesh:
    """Return an open box with walls and floor of that thickness as one closed solid, standing on z = 0."""
    outer = box(width_m, depth_m, height_m).vertices
    inner = box(width_m - 2 * wall_m, depth_m - 2 * wall_m, height_m - wall_m).moved(z=wall_m).vertices
    bottom, sides = [[0, 3, 2, 1]], [[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
    rim = [[4 + k, 4 + (k + 1) % 4, 12 + (k + 1) % 4, 12 + k] for k in range(4)]
    faces = np.array(bottom + sides)
    return Mesh(np.concatenate([outer, inner]), (np.concatenate([faces, faces[:, ::-1] + 8, np.array(rim)]),))


def _relief(rng: np.random.Generator, deep_m: float) -> Relief:
    """Return how high gravel at most ``deep_m`` deep lies over points (x, y)."""
    waves = rng.uniform(4, 30, (4, 2)) * rng.choice([-1, 1], (4, 2))
    phases = rng.uniform(0, 6, 4)

    def height(x: Floats, y: Floats) -> Floats:
        swell: Floats = np.sin(np.multiply.outer(x, waves[:, 0]) + np.multiply.outer(y, waves[:, 1]) + phases).mean(-1)
        return deep_m * (0.85 + 0.15 * swell)

    return height


def _bed(half: Floats, relief: Relief) -> Mesh:
    """Gravel: a closed heap with an uneven top, standing on z = 0."""
    x, y = np.linspace(-half[0], half[0], 41), np.linspace(-half[1], half[1], 21)
    top = grid(x, y, relief(*np.meshgrid(x, y)))
    n, m = 21, 41
    number = np.arange(n * m).reshape(n, m)
    border = np.concatenate([number[0, :-1], number[:-1, -1], number[-1, :0:-1], number[:0:-1, 0]])
    after = np.roll(border, -1)
    floor = top.vertices * [1.0, 1.0, 0.0]
    skirt = np.stack([after, border, border + n * m, after + n * m], axis=-1)
    return Mesh(
        np.concatenate([top.vertices, floor]),
        (np.concatenate([*top.polygons, top.polygons[0][:, ::-1] + n * m, skirt]),),
    )


def _stone(rng: np.random.Generator, size_m: float) -> Mesh:
    """A worn stone with a flat foot."""
    knots = [[0.42, 0.0], [0.5, 0.12], [0.48, 0.4], [0.3, 0.62]]
    edge = smooth(np.array(knots) * rng.uniform(0.8, 1.2, (4, 1)) * size_m, 3)
    body = lathe(solid([[0.0, 0.0], *edge.tolist(), [0.0, float(edge[-1, 1]) + 0.04 * size_m]]), 18)
    x, y, z = body.vertices.T
    turn = np.arctan2(y, x)
    lumps = 1 + 0.16 * np.sin(2 * turn + rng.uniform(0, 6)) + 0.07 * np.sin(5 * turn + 40 * z)
    return Mesh(np.stack([x * lumps, 0.75 * y * lumps, z], axis=1), body.polygons)


def _weed(rng: np.random.Generator, at: Floats, height_m: float, reach_m: float, relief: Relief) -> Mesh:
    """A tuft of waving ribbons about ``at`` (x, y), each rooted in the gravel below it, up to ``height_m`` over z = 0."""
    ribbons = []
    for _ in range(int(rng.integers(9, 18))):
        foot, turn = rng.normal(0, 0.3 * reach_m, 2), rng.uniform(0, 2 * np.pi)
        tall, phase = height_m * float(rng.uniform(0.45, 1.0)), rng.uniform(0, 6)
        t = np.linspace(0.0, 1.0, 9)
        sway = 0.35 * reach_m * t[:, None] * np.stack([np.sin(4 * t + phase), np.cos(5 * t + phase)], axis=1)
        spread = at + np.clip(foot + sway, -reach_m, reach_m)
        low = float(relief(spread[0, 0], spread[0, 1])) - _ROOT_M
        spine = np.column_stack([spread, low + (tall - low) * t])
        half = 0.004 * np.sin(np.pi * (0.08 + 0.9 * t)) ** 0.6
        across = half[:, None] * np.array([np.cos(turn), np.sin(turn), 0.0])
        vertices = np.stack([spine - across, spine + across], axis=1).reshape(-1, 3)
        first = 2 * np.arange(8)
        ribbons.append(Mesh(vertices, (np.stack([first, first + 1, first + 3, first + 2], axis=1),)))
    return join(ribbons)


def _fish(length_m: float) -> Mesh:
    """A fish along y about the origin: body, tail and back fin."""
    body = sphere(0.5, 20, 12).scaled(0.2 * length_m, 0.78 * length_m, 0.4 * length_m).moved(y=0.1 * length_m)
    tail = np.array([[-0.24, 0.0], [-0.5, 0.16], [-0.46, 0.0], [-0.5, -0.16]])[[0, 3, 1]] * length_m
    fin = np.array([[0.25, 0.15], [0.0, 0.32], [-0.12, 0.14]])[[0, 1, 2]] * length_m
    return join([body, prism(tail, 0.03 * length_m), prism(fin, 0.02 * length_m)])


def _life(
    rng: np.random.Generator, half: Floats, relief: Relief, bed_m: float, floor_m: float, high_m: float
) -> list[Kit]:
    """Stones and weed in the gravel that lies on ``floor_m``, and fish above it, up to a height and apart from one another."""
    kits: list[Kit] = []
    taken: list[tuple[float, float, float]] = []

    def spot(reach: float) -> tuple[float, float] | None:
        for _ in range(40):
            x, y = (rng.uniform(-1, 1, 2) * (half - reach)).tolist()
            if all(np.hypot(x - a, y - b) > r + reach for a, b, r in taken):
                taken.append((x, y, reach))
                return x, y
        return None

    rock = make("concrete", rng)
    for _ in range(int(rng.integers(1, 4))):
        stone = _stone(rng, float(rng.uniform(0.05, 0.11)))
        reach = float(np.abs(stone.vertices[:, :2]).max())
        found = spot(reach + 0.003) if reach + 0.003 < half.min() else None
        if found is not None:
            x, y = found
            low = float(relief(x + stone.vertices[:, 0], y + stone.vertices[:, 1]).min()) - _ROOT_M
            kits.append(Kit((part("stone", stone.moved(x, y, floor_m + low), rock, 60.0),)))
    for _ in range(int(rng.integers(6, 13))):
        tall, reach = float(rng.uniform(0.6, 0.94)) * (high_m - floor_m), float(rng.uniform(0.02, 0.04))
        found = spot(reach + 0.008)
        if found is not None:
            weed = _weed(rng, np.array(found), tall, reach, relief)
            kits.append(Kit((part("weed", weed.moved(z=floor_m), make("foliage", rng), 60.0),)))
    one = float(rng.uniform(0.035, 0.07))
    colour = _SCALES[int(rng.integers(len(_SCALES)))]
    fish = part("fish", _fish(one), make("paint", rng, colour=colour, coat=0.5), 50.0)
    for _ in range(int(rng.integers(5, 12))):
        found = spot(0.56 * one)
        if found is not None:
            z = float(rng.uniform(floor_m + bed_m + 0.4 * one, high_m - 0.4 * one))
            kits.append(Kit((fish,)).moved([*found, z], float(rng.uniform(0, 360))))
    return kits


def design(rng: np.random.Generator, width_m: float = 0.7, cabinet: bool = True) -> Kit:
    """Make the parts of an aquarium of that width, 0.3 to 0.45 m high, on a cabinet or alone."""
    depth_m, height_m = float(rng.uniform(0.45, 0.55)) * width_m, float(rng.uniform(0.3, 0.45))
    wall_m, base = 0.008 if width_m > 0.6 else 0.006, GLASS_GAP_M
    clear = make("glass", rng, tint=(0.97, 0.99, 0.98))
    level = height_m - float(rng.uniform(0.045, 0.06))
    inner = np.array([width_m, depth_m]) - 2 * wall_m
    wide, deep = (inner + 2 * BITE_M).tolist()
    water = box(wide, deep, level - wall_m + BITE_M).moved(z=base + wall_m - BITE_M)
    half, floor = inner / 2 - _CLEAR_M, base + wall_m + _CLEAR_M
    bed_m = float(rng.uniform(0.025, 0.05))
    relief = _relief(rng, bed_m)
    metal = make("paint", rng, colour=(0.03, 0.03, 0.033))
    lid_z = base + height_m + GLASS_GAP_M
    strip = box(0.8 * inner[0], 0.04, 0.006).moved(z=lid_z - 0.006 - GAP_M)
    glow = make("emitter", rng, strength=float(rng.uniform(9, 18)), colour_temperature_k=float(rng.uniform(5500, 7500)))
    parts = [
        part("aquarium", tub(width_m, depth_m, height_m, wall_m).moved(z=base), clear, None),
        part("aquarium water", water, make("liquid", rng, kind="water"), None),
        part("aquarium gravel", _bed(half, relief).moved(z=floor), make("ground", rng, kind="gravel"), 60.0),
        part("aquarium lid", rounded_box(width_m + 0.012, depth_m + 0.012, 0.035, 0.003).moved(z=lid_z), metal, None),
        part("aquarium lamp", strip, glow, None),
    ]
    tank = merge([Kit(tuple(parts)), *_life(rng, half, relief, bed_m, floor, base + level - 0.006)])
    if not cabinet:
        return tank
    wood = make("wood", rng) if rng.random() < 0.6 else make("paint", rng)
    foot = box(width_m - 0.04, depth_m - 0.04, 0.06 - GAP_M).moved(z=GAP_M)
    body = rounded_box(width_m + 0.03, depth_m + 0.03, CABINET_M - 0.06 - GAP_M, 0.003).moved(z=0.06)
    under = Kit((part("aquarium foot", foot, metal, None), part("aquarium cabinet", body, wood, 30.0)))
    return merge([under, tank.moved([0.0, 0.0, CABINET_M])])


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one aquarium on its cabinet at ``location``."""
    return design(rng, float(rng.uniform(0.5, 0.95))).place(location, turn_deg)
