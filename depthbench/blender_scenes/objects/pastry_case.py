# SPDX-License-Identifier: Apache-2.0
"""A counter's display case: base, curved or slanted glass front, glass sides, top and shelves, full of pastries.

The customer stands at -y; the case's back is at y = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, rounded_box, tube
from depthbench.blender_scenes.objects import pastry, plate
from depthbench.blender_scenes.objects.forms import prism, thick_sheet
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, merge, part

DEPTH_M = 0.66
HEIGHT_M = 1.32
_DECK_M = 0.46
_PANE_M = 0.008


def _front(curved: bool) -> npt.NDArray[np.float64]:
    """Middle line (y, z) of the front pane, from the deck up."""
    low, high = _DECK_M + 2 * GLASS_GAP_M, HEIGHT_M - _PANE_M / 2
    near, far = -DEPTH_M + 0.03, -0.34
    if not curved:
        return np.array([[near, low], [near + 0.02, low + 0.3], [near + 0.1, high]])[[0, 2]]
    turn = np.linspace(0, np.pi / 2, 13)
    bend = np.stack([far - (far - near) * np.cos(turn), low + 0.4 + (high - low - 0.4) * np.sin(turn)], axis=1)
    return np.concatenate([[[near, low]], bend])


def _row(rng: np.random.Generator, pastries: Sequence[Kit], length_m: float, depth_m: float) -> list[Kit]:
    """Trays of pastries side by side along x, standing on z = 0, centred in x and y."""
    row: list[Kit] = []
    x = -length_m / 2
    style = str(rng.choice(["tray", "board", "plate"], p=[0.45, 0.35, 0.2]))
    while True:
        size = min(float(rng.uniform(0.24, 0.36)), depth_m / (1.0 if style == "plate" else 0.75))
        if x + size > length_m / 2:
            return row
        row.append(plate.design(rng, style, size).moved([x + size / 2, 0.0, 0.0]))
        kit = pastries[int(rng.integers(len(pastries)))]
        across = 0.42 * size if style == "plate" else size
        room = np.array([across, across if style == "plate" else 0.75 * size])
        each = (kit.high - kit.low)[:2] * 1.06 + 0.006
        columns, lines = (int(count) for count in np.maximum(1, room // each))
        for column, line in np.ndindex(columns, lines):
            if rng.random() < 0.9:
                spot = (np.array([column, line]) - (np.array([columns, lines]) - 1) / 2) * each
                row.append(kit.moved([x + size / 2 + spot[0], spot[1], plate.TOP_M[style]], float(rng.normal(0, 1.5))))
        x += size + float(rng.uniform(0.015, 0.05))


def _base(rng: np.random.Generator, length_m: float, cladding: Any, metal: Any) -> Kit:
    plinth = box(length_m - 0.04, DEPTH_M - 0.06, 0.08)
    body = box(length_m, DEPTH_M, _DECK_M - 0.1).moved(z=0.08)
    deck = box(length_m, DEPTH_M, 0.018 - GAP_M).moved(z=_DECK_M - 0.018)
    below = join([plinth, body]).moved(y=-DEPTH_M / 2, z=GAP_M)
    return Kit(
        (
            part("case base", below, cladding or make("wood", rng), None),
            part("case deck", deck.moved(y=-DEPTH_M / 2), make("marble", rng) if rng.random() < 0.5 else metal, None),
        )
    )


def _panes(front: npt.NDArray[np.float64], length_m: float, inner_m: float, glass: Any) -> list[Kit]:
    low = front[0, 1]
    outline = np.array([[front[-1, 0], HEIGHT_M], [-0.004, HEIGHT_M], [-0.004, low], *front.tolist()])[:-1]
    side = part("case side", prism(outline[::-1], _PANE_M), glass, None)
    across = np.broadcast_to(np.array([-inner_m / 2, inner_m / 2])[None, :], (len(front), 2))
    bent = np.stack([across, *(np.broadcast_to(front[:, k, None], (len(front), 2)) for k in (0, 1))], axis=-1)
    top_front = front[-1, 0] + _PANE_M + GLASS_GAP_M
    top = box(inner_m, -top_front - 0.004, _PANE_M).moved(y=(top_front - 0.004) / 2, z=HEIGHT_M - _PANE_M)
    door = part("case door", box(inner_m / 2 + 0.02, 0.005, HEIGHT_M - low - _PANE_M - 0.003), glass, None)
    curved = part("case front", thick_sheet(bent, _PANE_M), glass, 30.0)
    return [
        Kit((curved, part("case top", top, glass, None))),
        *(Kit((side,)).moved([sx * (length_m - _PANE_M) / 2, 0.0, 0.0]) for sx in (-1, 1)),
        *(Kit((door,)).moved([sx * (inner_m / 4 - 0.012), y, low]) for sx, y in ((-1, -0.012), (1, -0.022))),
    ]


def _light(rng: np.random.Generator, inner_m: float, y: float, metal: Any) -> Kit:
    under = HEIGHT_M - _PANE_M - 0.016
    housing = rounded_box(inner_m - 0.08, 0.03, 0.012, 0.003).moved(y=y, z=under)
    kelvin = float(rng.uniform(2900, 3800))
    glow = make("emitter", rng, strength=float(rng.uniform(15, 30)), colour_temperature_k=kelvin)
    strip = box(inner_m - 0.1, 0.016, 0.004).moved(y=y, z=under - 0.004 - GAP_M)
    return Kit((part("case light housing", housing, metal), part("case light", strip, glow, None)))


def design(rng: np.random.Generator, length_m: float, cladding: Any = None, glass: Any = None) -> Kit:
    """Make the parts of a full case; ``cladding`` is its base's material, ``glass`` that of all its panes."""
    glass = glass or make("architectural_glass", rng)
    metal = make("metal", rng, finish="brushed")
    front = _front(curved=bool(rng.random() < 0.55))
    slope = np.gradient(front, axis=0)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    behind = front + (_PANE_M / 2 + GLASS_GAP_M) * np.stack([slope[:, 1], -slope[:, 0]], axis=1)
    inner = length_m - 2 * (_PANE_M + GLASS_GAP_M) - 0.004
    kits = [_base(rng, length_m, cladding, metal), *_panes(front, length_m, inner, glass)]
    posts_x = inner / 2 - 0.02
    post = np.array([[posts_x, -0.045, _DECK_M + GAP_M], [posts_x, -0.045, HEIGHT_M - _PANE_M - 0.002]])
    posts = [tube(post * np.array([sx, 1.0, 1.0]), 0.006) for sx in (-1, 1)]
    pastries = [pastry.design(rng, style) for style in rng.permutation(pastry.SMALL)[:5]]
    for height in (_DECK_M, _DECK_M + 0.28, _DECK_M + 0.54):
        edge = float(np.interp(height, behind[:, 1], behind[:, 0])) + (0.03 if height == _DECK_M else 0.06)
        depth = -0.06 - edge
        if height > _DECK_M:
            shelf = box(inner - 0.03, depth, 0.006).moved(y=edge + depth / 2, z=height - 0.006 - GLASS_GAP_M)
            kits.append(Kit((part("case shelf", shelf, glass, None),)))
            arm = box(0.012, 0.9 * depth + 0.015, 0.008).moved(
                y=-0.0525 - 0.45 * depth, z=height - 0.014 - 2 * GLASS_GAP_M
            )
            posts += [arm.moved(x=sx * posts_x) for sx in (-1, 1)]
        row = _row(rng, pastries, inner - 0.1, depth)
        kits += [kit.moved([0.0, edge + depth / 2, height]) for kit in row]
    kits.append(Kit((part("case posts", join(posts), metal),)))
    kits.append(_light(rng, inner, front[-1, 0] + 0.06, metal))
    return merge(kits)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, length_m: float = 1.4
) -> list[bpy.types.Object]:
    """Put one full display case at ``location``."""
    return design(rng, length_m).place(location, turn_deg)
