# SPDX-License-Identifier: Apache-2.0
"""Office partitions of glass from floor to ceiling: metal rails and mullions or bare joints, a glass door with handles, and
film on the glass so that nobody walks into it (frosted bands, stripes or dots: open sheets a millimetre before the pane).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, sheet, tube
from depthbench.blender_scenes.objects.forms import fillet
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, Part, part
from depthbench.blender_scenes.slab import Hole, slab

STYLES = ("mullions", "bare")
FILMS = ("none", "band", "double", "stripes", "dots")
DEPTH_M = 0.06
"""Depth of the metal, half to either side of y = 0."""
_PANE_M = 0.01
_GROOVE_M = _PANE_M + 3 * GLASS_GAP_M
_RING_M = (DEPTH_M - _GROOVE_M) / 2
_MULLION_M, _FOOT_M, _HEAD_M = 0.045, 0.08, 0.055
_BITE_M = 0.014
_JAMB_M = 0.035
_JOINT_M = 0.004


@dataclass(frozen=True)
class Door:
    """A door in a partition: its middle along x, the width of its opening, and by how much it stands open, towards -y."""

    at_m: float
    width_m: float = 0.95
    open_deg: float = 0.0


def film_bands(rng: np.random.Generator, style: str) -> list[tuple[float, float]]:
    """Heights (low, high) above the floor that a film of that style covers; dots and stripes fill theirs in part."""
    if style == "none":
        return []
    if style == "band":
        low = float(rng.uniform(0.75, 1.0))
        return [(low, low + float(rng.uniform(0.45, 0.7)))]
    if style == "double":
        return [(low, low + 0.07) for low in (float(rng.uniform(0.85, 1.0)), float(rng.uniform(1.4, 1.55)))]
    low = float(rng.uniform(0.85, 1.05))
    return [(low, low + float(rng.uniform(0.25, 0.5)))]


def _film(style: str, wide_m: float, bands: Sequence[tuple[float, float]]) -> Mesh:
    """Open sheets in the plane y = 0, centred in x, at heights ``bands``."""
    pieces: list[Mesh] = []
    for low, high in bands:
        if style == "stripes":
            count = int((high - low) / 0.05)
            pieces += [sheet(wide_m, 0.028).moved(z=low + 0.05 * index) for index in range(count)]
        elif style == "dots":
            angle = np.arange(12) * (2 * np.pi / 12)
            disc = np.stack([0.014 * np.cos(angle), np.zeros(12), 0.014 * np.sin(angle)], axis=1)
            columns, rows = max(1, int(wide_m / 0.055)), max(1, int((high - low) / 0.048))
            centres = [
                ((c + 0.5 * (r % 2) - columns / 2 + 0.25) * 0.055, low + (r + 0.5) * 0.048)
                for r in range(rows)
                for c in range(columns)
            ]
            kept = [spot for spot in centres if abs(spot[0]) < wide_m / 2 - 0.015]
            shift = np.array([[x, 0.0, z] for x, z in kept])
            vertices = (disc[None] + shift[:, None]).reshape(-1, 3)
            pieces.append(Mesh(vertices, (np.arange(len(vertices)).reshape(-1, 12),)))
        else:
            pieces.append(sheet(wide_m, high - low).moved(z=low))
    return join(pieces)


def _pull(up_m: float, long_m: float) -> Mesh:
    """Pull handles on both sides of a leaf whose stile is 40 mm deep about y = 0."""
    legs = []
    for sy in (-1, 1):
        y = sy * (0.0205 + GAP_M)
        path = fillet(
            [[0, y, up_m], [0, y + sy * 0.045, up_m], [0, y + sy * 0.045, up_m + long_m], [0, y, up_m + long_m]], 0.015
        )
        legs.append(tube(path, 0.009, 10))
    return join(legs)


def _leaf(
    wide_m: float,
    high_m: float,
    style: str,
    glass: Any,
    metal: Any,
    film: Any,
    film_style: str,
    bands: Sequence[tuple[float, float]],
    open_deg: float,
) -> Kit:
    """A door leaf hung at x = 0, reaching to x = ``wide_m``, standing on z = 0."""
    stile, foot = (0.06, 0.09) if style == "mullions" else (0.035, 0.06)
    half = (0.04 - _GROOVE_M) / 2
    sight = (-wide_m / 2 + stile, wide_m / 2 - stile, foot, high_m - stile)
    ring = slab(wide_m, high_m, half, [sight])
    frame = join([ring.moved(y=-0.02), ring.moved(y=0.02 - half)])
    size = (sight[1] - sight[0] + 2 * _BITE_M, sight[3] - sight[2] + 2 * _BITE_M)
    pane = box(size[0], _PANE_M, size[1]).moved(z=foot - _BITE_M)
    handle = _pull(0.8, 0.45).moved(x=wide_m / 2 - stile / 2)
    knuckle = join(
        [tube(np.array([[0, -0.034, z], [0, -0.034, z + 0.09]]), 0.004, 8) for z in (0.2, high_m / 2, high_m - 0.3)]
    )
    strap = join([box(0.002, 0.016, 0.09).moved(0.0012, -0.027, z) for z in (0.2, high_m / 2, high_m - 0.3)])
    frame = join([frame, join([knuckle, strap]).moved(x=-wide_m / 2)])
    meshes = [
        ("door leaf", frame, metal, None),
        ("door glass", pane, glass, None),
        ("door handle", handle, metal, 40.0),
    ]
    if bands:
        meshes.append(
            (
                "door film",
                _film(film_style, sight[1] - sight[0] - 0.004, bands).moved(y=-_PANE_M / 2 - 1.3 * GLASS_GAP_M),
                film,
                None,
            )
        )
    # It turns about its hinge, just before the jamb.
    turned = [
        (name, mesh.moved(wide_m / 2, 0.034).rotated("z", -open_deg).moved(y=-0.034), material, crease)
        for name, mesh, material, crease in meshes
    ]
    return Kit(tuple(part(*one) for one in turned))


def design(
    rng: np.random.Generator,
    length_m: float,
    height_m: float,
    style: str = "mullions",
    door: Door | None = None,
    film_style: str = "band",
    glass: Any = None,
    metal: Any = None,
    film: Any = None,
) -> Kit:
    """Make a straight run of partition along x, centred, standing on z = 0.

    Parameters
    ----------
    style, film_style : str
        One of :data:`STYLES`, one of :data:`FILMS`.
    door : Door
        An opening with a leaf, or None.
    glass, metal, film : material
        Drawn if None; the film is frosted acrylic.
    """
    glass = glass or make("architectural_glass", rng)
    metal = metal or make("metal", rng, finish=str(rng.choice(["painted", "brushed"])))
    film = film or make("acrylic", rng, transmissivity=float(rng.uniform(0.35, 0.6)), finish="frosted", sheet=True)
    bands = film_bands(rng, film_style)
    door_m = min(2.25, height_m - 0.3)
    half = length_m / 2
    spans = [(-half + 0.03, half - 0.03)]
    if door is not None:
        left, right = door.at_m - door.width_m / 2, door.at_m + door.width_m / 2
        spans = [(-half + 0.03, left - _MULLION_M), (right + _MULLION_M, half - 0.03)]
    spans = [span for span in spans if span[1] - span[0] > 0.12]
    bay_m = float(rng.uniform(0.95, 1.35))
    holes: list[Hole] = []
    panes: list[tuple[float, float, float, float]] = []
    for start, end in spans:
        count = max(1, round((end - start) / bay_m))
        if style == "bare":
            holes.append((start, end, _FOOT_M, height_m - _HEAD_M))
            edges = np.linspace(start - _BITE_M, end + _BITE_M, count + 1)
            panes += [
                (float(a) + _JOINT_M / 2, float(b) - _JOINT_M / 2, _FOOT_M, height_m - _HEAD_M)
                for a, b in itertools.pairwise(edges)
            ]
            continue
        step = (end - start + _MULLION_M) / count
        for index in range(count):
            a, b = start + index * step, start + (index + 1) * step - _MULLION_M
            holes.append((a, b, _FOOT_M, height_m - _HEAD_M))
            panes.append((a - _BITE_M, b + _BITE_M, _FOOT_M, height_m - _HEAD_M))
    parts: list[Part] = []
    if door is not None:
        holes.append((left, right, 0.0, door_m))
        if height_m - _HEAD_M - door_m - _MULLION_M > 0.1:
            holes.append((left, right, door_m + _MULLION_M, height_m - _HEAD_M))
            panes.append((left - _BITE_M, right + _BITE_M, door_m + _MULLION_M, height_m - _HEAD_M))
        wide = door.width_m - 2 * GAP_M
        jamb = slab(
            wide, door_m - GAP_M, DEPTH_M - 0.004, [(-wide / 2 + _JAMB_M, wide / 2 - _JAMB_M, 0.0, door_m - _JAMB_M)]
        )
        parts.append(part("door jamb", jamb.moved(door.at_m, -DEPTH_M / 2 + 0.002), metal, None))
        leaf = _leaf(
            wide - 2 * _JAMB_M - 0.007,
            door_m - _JAMB_M - 0.009,
            style,
            glass,
            metal,
            film,
            film_style,
            [(a - 0.006, b - 0.006) for a, b in bands],
            door.open_deg,
        )
        parts += leaf.moved([left + _JAMB_M + 0.0045, 0.0, 0.006]).parts
    ring = slab(length_m, height_m, _RING_M, holes)
    parts.append(
        part("partition frame", join([ring.moved(y=-DEPTH_M / 2), ring.moved(y=DEPTH_M / 2 - _RING_M)]), metal, None)
    )
    for a, b, low, high in panes:
        pane = box(b - a, _PANE_M, high - low + 2 * _BITE_M).moved((a + b) / 2, 0.0, low - _BITE_M)
        parts.append(part("partition glass", pane, glass, None))
        wide = b - a - 2 * _BITE_M - 0.006 if style == "mullions" else b - a - 0.03
        if bands and low < 0.5:
            parts.append(
                part(
                    "partition film",
                    _film(film_style, wide, bands).moved((a + b) / 2, -_PANE_M / 2 - 1.3 * GLASS_GAP_M),
                    film,
                    None,
                )
            )
    return Kit(tuple(parts)).moved([0, 0, GAP_M])


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "mullions"
) -> list[bpy.types.Object]:
    """Put 3.2 m of partition with a door, 2.6 m high, at ``location``."""
    film = str(rng.choice(FILMS))
    return design(rng, 3.2, 2.6, style, Door(0.6, 0.95, 20.0), film).place(location, turn_deg)
