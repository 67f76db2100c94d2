# SPDX-License-Identifier: Apache-2.0
"""One house in a row: front with window reveals, frames, sills, blinds, cornice, a shop on the ground floor; opaque.

Windows are dark glossy paint, or lamplight: nobody measures depth through them. The ground floor can be left open for a shop
that is built behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import any_hue, near, pick
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe
from depthbench.blender_scenes.objects.forms import prism
from depthbench.blender_scenes.slab import Hole, slab

GAP_M = 0.004
KERB_M = 0.12
"""Height of the pavement over the road, whose level is z = 0 here."""
WALL_M = 0.3
Placer = Callable[..., None]
"""place(name, mesh, material, x, y, z=0.0, turn=0.0, smooth=False) in the frame of the row."""


def placer(x_m: float, y_m: float, z_m: float, turn_deg: float, things: list[bpy.types.Object] | None = None) -> Placer:
    """Return a function that places things given in a frame turned about z and moved to (x, y, z); ``things`` collects them."""
    cos, sin = np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))

    def place(
        name: str,
        mesh: Mesh,
        material: Any,
        x: float,
        y: float,
        z: float = 0.0,
        turn: float = 0.0,
        smooth: bool = False,
    ) -> None:
        at = (x_m + cos * x - sin * y, y_m + sin * x + cos * y, z_m + z)
        thing = assembly.add(name, mesh, material, at, turn_deg + turn, smooth)
        if things is not None:
            things.append(thing)

    return place


@dataclass(frozen=True)
class Front:
    """Where the ground floor's holes are, in metres along the row and above the road, and the material of the trim."""

    left_m: float
    right_m: float
    ceiling_m: float
    shop: Hole
    door: Hole
    trim: Any


@dataclass(frozen=True)
class Palette:
    """Materials that the houses of a row share."""

    walls: tuple[Any, ...]
    trims: tuple[Any, ...]
    dark: Any
    glow: Any
    blinds: Any
    doors: tuple[Any, ...]
    signs: tuple[Any, ...]
    roofs: tuple[Any, ...]


_TRIMS = ((0.7, 0.68, 0.63), (0.10, 0.10, 0.11), (0.16, 0.22, 0.2))
_DARK = (0.028, 0.036, 0.045)


def palette(rng: np.random.Generator) -> Palette:
    """Draw the materials of a row of houses."""
    return Palette(
        walls=tuple(make(name, rng) for name in ("brick", "plaster", "brick", "plaster", "concrete")),
        trims=tuple(make("paint", rng, colour=near(rng, colour)) for colour in _TRIMS),
        dark=make("paint", rng, colour=near(rng, _DARK, 0.05)),
        glow=make(
            "emitter", rng, strength=float(rng.uniform(0.5, 1.2)), colour_temperature_k=float(rng.uniform(2600, 3600))
        ),
        blinds=make("paper", rng),
        doors=tuple(make("paint", rng, colour=any_hue(rng, (0.4, 0.8), (0.08, 0.35))) for _ in range(3)),
        signs=tuple(
            make("print", rng, kind=f"shop_sign {trade}", aspect=10.0) for trade in ("books", "bakery", "antiques")
        ),
        roofs=tuple(make("tiles", rng, chequered=False) for _ in range(2)),
    )


def add_house(
    rng: np.random.Generator,
    place: Placer,
    wide_m: float,
    x_m: float,
    front_m: float,
    open_shop: bool = False,
    shop_window: bool = True,
    lit: float = 0.0,
    roof: bool = False,
    shared: Palette | None = None,
) -> Front:
    """Build a house whose front, the plane y = ``front_m``, looks towards -y.

    Parameters
    ----------
    wide_m, x_m : float
        Width and middle along the row.
    open_shop : bool
        Leave the shop window and the door unfilled, and put up no sign.
    shop_window : bool
        False for a house without a shop, with ordinary windows on the ground floor.
    lit : float
        Share of the upper windows that show lamplight.
    roof : bool
        Put a pitched roof and a chimney behind the cornice.
    shared : Palette, optional
        Materials to choose from instead of drawing new ones.
    """
    storeys = int(rng.integers(2, 5))
    floor_m = float(rng.uniform(2.9, 3.5))
    height = storeys * floor_m + 0.6
    columns = max(2, int(wide_m / rng.uniform(1.7, 2.4)))
    step = wide_m / columns
    half, sill, lintel = min(0.62, step * 0.3), 0.85, min(2.45, floor_m - 0.35)
    holes: list[Hole] = []
    for storey in range(1, storeys):
        base = storey * floor_m
        holes += [
            (-wide_m / 2 + (n + 0.5) * step - half, -wide_m / 2 + (n + 0.5) * step + half, base + sill, base + lintel)
            for n in range(columns)
        ]
    door = -wide_m / 2 + 0.5 * step
    shop = (-wide_m / 2 + step, wide_m / 2 - 0.35, 0.55, min(2.6, floor_m - 0.3))
    if open_shop:
        shop = (shop[0] - 0.12, shop[1], KERB_M + float(rng.uniform(0.28, 0.6)), floor_m - 0.28)
    entry = (door - 0.5, door + 0.5, KERB_M, 2.25 + (KERB_M if open_shop else 0.0))
    ground = [
        (-wide_m / 2 + (n + 0.5) * step - half, -wide_m / 2 + (n + 0.5) * step + half, KERB_M + 0.8, 2.25)
        for n in range(1, columns)
    ]
    holes += [*([shop] if shop_window else ground), entry]
    if shared is None:
        wall = make(pick(rng, ("brick", "plaster", "concrete"), (3, 3, 1)), rng)
        trim = make("paint", rng, colour=near(rng, pick(rng, _TRIMS)))
    else:
        wall, trim = pick(rng, shared.walls), pick(rng, shared.trims)
    place("house front", slab(wide_m - 2 * GAP_M, height, WALL_M, holes), wall, x_m, front_m)
    dark = shared.dark if shared else make("paint", rng, colour=near(rng, _DARK, 0.05))
    panes: list[Mesh] = []
    glowing: list[Mesh] = []
    bars, sills, curtains = [], [], []
    for hole_left, hole_right, low, high in holes[: -2 if open_shop else -1]:
        w, h, middle = hole_right - hole_left - 2 * GAP_M, high - low - 2 * GAP_M, (hole_left + hole_right) / 2
        (glowing if lit and rng.random() < lit else panes).append(
            slab(w, h, 0.02).moved(x=middle, y=0.2, z=low + GAP_M)
        )
        rails = [(-w / 2, -w / 2 + 0.07), (-0.035, 0.035), (w / 2 - 0.07, w / 2)]
        bars += [slab(b - a, h, 0.05).moved(x=middle + (a + b) / 2, y=0.14, z=low + GAP_M) for a, b in rails]
        bars.append(
            slab(w - 0.15, 0.06, 0.04).moved(x=middle, y=0.145, z=low + h * 0.66)
            if w < 2
            else slab(w - 0.15, 0.1, 0.04).moved(x=middle, y=0.145, z=low + h * 0.8)
        )
        if low > 1.0:
            sills.append(box(w + 0.25, 0.12, 0.07).moved(x=middle, y=-0.065, z=low - 0.075))
            if rng.uniform() < 0.45:
                drop = h * float(rng.uniform(0.2, 0.7))
                curtains.append(slab(w - 0.16, drop, 0.004).moved(x=middle, y=0.192, z=high - drop - 0.05))
    if panes:
        place("house panes", join(panes), dark, x_m, front_m)
    if glowing:
        glow = shared.glow if shared else make("emitter", rng, strength=0.9, colour_temperature_k=3000.0)
        place("house lit panes", join(glowing), glow, x_m, front_m)
    place("house frames", join([*bars, *sills]), trim, x_m, front_m)
    if curtains:
        place("house blinds", join(curtains), shared.blinds if shared else make("paper", rng), x_m, front_m)
    place("house cornice", box(wide_m - 2 * GAP_M, 0.35, 0.3).moved(y=-0.177, z=height - 0.45), trim, x_m, front_m)
    if roof:
        _add_roof(
            rng,
            place,
            wide_m,
            x_m,
            front_m,
            height,
            (pick(rng, shared.roofs) if shared else make("tiles", rng, chequered=False), wall),
        )
    front = Front(x_m - wide_m / 2, x_m + wide_m / 2, floor_m - 0.12, _shifted(shop, x_m), _shifted(entry, x_m), trim)
    if open_shop:
        return front
    place(
        "house door",
        slab(1.0 - 2 * GAP_M, 2.11, 0.05).moved(x=door, y=0.155, z=KERB_M + GAP_M),
        pick(rng, shared.doors) if shared else make("paint", rng, colour=any_hue(rng, (0.4, 0.8), (0.08, 0.35))),
        x_m,
        front_m,
    )
    if shop_window and rng.uniform() < 0.7:
        sign = slab(shop[1] - shop[0], 0.32, 0.06)
        place(
            "shop sign",
            sign.moved(y=-0.066, z=shop[3] + 0.03),
            pick(rng, shared.signs)
            if shared
            else make("print", rng, kind="label" if rng.uniform() < 0.2 else "poster", aspect=8.0),
            x_m + (shop[0] + shop[1]) / 2,
            front_m,
        )
    return front


def _shifted(hole: Hole, x_m: float) -> Hole:
    return hole[0] + x_m, hole[1] + x_m, hole[2], hole[3]


def _add_roof(
    rng: np.random.Generator,
    place: Placer,
    wide_m: float,
    x_m: float,
    front_m: float,
    height_m: float,
    matter: tuple[Any, Any],
) -> None:
    """A roof that rises behind the cornice, and a chimney with pots on its ridge, of these two materials."""
    deep, rise = float(rng.uniform(3.5, 4.5)), float(rng.uniform(1.6, 3.2))
    half = wide_m / 2 - GAP_M
    outline = np.array([(-0.05, 0.0), (deep, rise), (2 * deep, 0.0)])
    vertices = np.concatenate([np.insert(outline, 0, side * half, axis=1) for side in (-1, 1)])
    slopes = np.array([[0, 3, 4, 1], [1, 4, 5, 2], [0, 2, 5, 3]])
    roof = Mesh(vertices, (np.array([[0, 1, 2], [3, 5, 4]]), slopes))
    place("house roof", roof, matter[0], x_m, front_m, height_m + GAP_M)
    fall, top = 0.225 * rise / deep, float(rng.uniform(0.8, 1.3))
    # Its foot straddles the ridge.
    stack = prism([(0, GAP_M), (0.225, GAP_M - fall), (0.225, top), (-0.225, top), (-0.225, GAP_M - fall)], 0.9)
    cap = box(1.0, 0.55, 0.1).moved(z=top + 0.002)
    pot = lathe([(0, 0), (0.11, 0), (0.13, 0.35), (0, 0.35)], 12).moved(z=top + 0.104)
    at = x_m + float(rng.choice([-1, 1])) * (half - 0.6)
    chimney = join([stack, cap, pot.moved(x=-0.25), pot.moved(x=0.25)])
    place("house chimney", chimney, matter[1], at, front_m + deep, height_m + GAP_M + rise)
