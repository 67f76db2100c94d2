# SPDX-License-Identifier: Apache-2.0
"""Bus shelters: glass back and end, a lit advertisement at the other end, roof, bench, timetable; open towards -y."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, rounded_box
from depthbench.blender_scenes.objects.forms import thick_sheet
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.pane_frame import panel
from depthbench.blender_scenes.objects.solids import outward
from depthbench.blender_scenes.slab import slab

STYLES = ("flat", "curved", "glass")
_POST_M, _HIGH_M, _LOW_M = 0.07, 2.3, 0.12


def _roof(rng: np.random.Generator, style: str, long_m: float, deep_m: float, metal: object) -> list[Part]:
    up = _HIGH_M + GAP_M
    over = 0.12
    if style == "curved":
        y = np.linspace(-deep_m / 2 - over, deep_m / 2 + over, 15)
        z = 0.24 * (1 - (y / (deep_m / 2 + over)) ** 2)
        x = np.array([-long_m / 2 - over, 0.0, long_m / 2 + over])
        rows = np.stack(
            [np.stack([np.full(3, a), x, np.full(3, b)], 1)[:, [1, 0, 2]] for a, b in zip(y, z, strict=True)]
        )
        sheet = outward(thick_sheet(rows, 0.012)).moved(z=up + 0.055)
        see = rng.random() < 0.6
        gap = 0.003 if see else 0.0
        # The rails rise to just under the sheet, which falls towards their outer edges.
        under = 0.24 * (1 - ((deep_m / 2 + 0.005) / (deep_m / 2 + over)) ** 2) + 0.035
        edge = [box(long_m + 0.1, 0.05, under).moved(y=s * (deep_m / 2 - 0.02), z=up) for s in (-1, 1)]
        top = make("acrylic", rng, finish="tinted", transmissivity=float(rng.uniform(0.5, 0.8))) if see else metal
        return [
            part("shelter rails", join(edge), metal, None),
            part("shelter roof", sheet.moved(z=gap - 0.01), top, 60.0),
        ]
    if style == "glass":
        count = max(2, round(long_m / 1.2))
        step = long_m / count
        frame, pane = panel(step - 0.003, deep_m + 2 * over, 0.04, 0.008)
        flat = [mesh.rotated("x", -90.0).moved(y=-deep_m / 2 - over, z=up + 0.03) for mesh in (frame, pane)]
        frames = join([flat[0].moved(x=(k - (count - 1) / 2) * step) for k in range(count)])
        shown = Kit((part("shelter roof pane", flat[1], make("architectural_glass", rng, tint=0.3), None),))
        panes = [one for k in range(count) for one in shown.moved([(k - (count - 1) / 2) * step, 0, 0]).parts]
        low = float(frames.vertices[:, 2].min())
        lift = up - low
        moved = [Kit((one,)).moved([0, 0, lift]).parts[0] for one in panes]
        return [part("shelter roof frame", frames.moved(z=lift), metal, None), *moved]
    slabs = [rounded_box(long_m + 2 * over, deep_m + 2 * over, 0.11, 0.015).moved(z=up)]
    return [part("shelter roof", join(slabs), metal, None)]


def _advertisement(rng: np.random.Generator, deep_m: float, glow: float) -> list[Part]:
    """A box with a poster behind glass on either face, its faces towards -y and +y."""
    wide, tall, thick = min(1.25, deep_m - 0.05), 1.95, 0.14
    case = slab(wide, tall, thick, [(-wide / 2 + 0.06, wide / 2 - 0.06, 0.1, tall - 0.08)]).moved(y=-thick / 2)
    core = slab(wide - 0.1201 - 2 * GAP_M, tall - 0.18 - 2 * GAP_M, 0.06).moved(y=-0.03, z=0.1 + GAP_M)
    size = (wide - 0.12 - 2 * GAP_M - 0.002, tall - 0.18 - 2 * GAP_M - 0.002)
    parts = [
        part("shelter case", case, make("metal", rng, finish="brushed"), None),
        part("shelter light box", core, make("paper", rng), None),
    ]
    sheet = slab(*size, 0.002).moved(z=0.102)
    pane = slab(size[0] - 2 * GLASS_GAP_M, size[1] - 2 * GLASS_GAP_M, 0.005).moved(z=0.101 + GLASS_GAP_M + GAP_M)
    glass = make("architectural_glass", rng)
    for turn in (0.0, 180.0):
        poster = make("print", rng, kind="poster", aspect=size[0] / size[1], **({"glow": glow} if glow else {}))
        back = Kit((part("shelter poster", sheet.moved(y=-0.03 - 0.0025), poster, None),))
        front = Kit((part("shelter poster glass", pane.moved(y=-0.03 - 0.0025 - 0.005 - 0.004), glass, None),))
        parts += [*back.moved([0, 0, 0], turn).parts, *front.moved([0, 0, 0], turn).parts]
    return parts


def design(rng: np.random.Generator, style: str = "flat", glow: float = 0.0, glass: Any = None) -> Kit:
    """Make the parts of a shelter, its length along x; ``style`` is one of :data:`STYLES`, ``glow`` lights the posters.

    ``glass`` is that of back and ends, drawn if None.
    """
    long, deep = float(rng.uniform(3.2, 4.8)), float(rng.uniform(1.3, 1.6))
    metal = make("metal", rng, finish="painted" if rng.random() < 0.6 else "brushed")
    glass = glass or make("architectural_glass", rng, tint=float(rng.uniform(0.0, 0.25)))
    count = max(2, round(long / 1.15))
    step = long / count
    posts: list[Mesh] = []
    for k in range(count + 1):
        posts.append(box(_POST_M, _POST_M, _HIGH_M).moved(x=-long / 2 + k * step, y=deep / 2))
        posts.append(box(0.16, 0.16, 0.012).moved(x=-long / 2 + k * step, y=deep / 2))
    for x in (-long / 2, long / 2):
        posts.append(box(_POST_M, _POST_M, _HIGH_M).moved(x=x, y=-deep / 2))
    back_frame, back_pane = panel(step - _POST_M - 0.004, _HIGH_M - _LOW_M - 0.06, 0.03, 0.008)
    frames = [back_frame.moved(-long / 2 + (k + 0.5) * step, deep / 2, _LOW_M) for k in range(count)]
    shown = Kit((part("shelter pane", back_pane, glass, None),))
    parts: list[Part] = []
    for k in range(count):
        parts += shown.moved([-long / 2 + (k + 0.5) * step, deep / 2, _LOW_M]).parts
    end_frame, end_pane = panel(deep - _POST_M - 0.004, _HIGH_M - _LOW_M - 0.06, 0.03, 0.008)
    ends = [-1] if rng.random() < 0.75 else [-1, 1]
    for side in ends:
        frames.append(end_frame.rotated("z", 90.0).moved(x=side * long / 2, z=_LOW_M))
        parts += Kit((part("shelter end pane", end_pane, glass, None),)).moved([side * long / 2, 0, _LOW_M], 90.0).parts
    parts.append(part("shelter posts", join(posts).moved(z=GAP_M), metal, None))
    parts.append(part("shelter frames", join(frames), metal, None))
    parts += _roof(rng, style, long, deep, metal)
    if len(ends) == 1:
        advert = _advertisement(rng, deep - _POST_M - 0.01, glow)
        parts += Kit(tuple(advert)).moved([long / 2 + 0.01, 0, 0.14], 90.0).parts
        legs = [box(0.1, 0.12, 0.139).moved(x=long / 2 + 0.01, y=s * 0.4) for s in (-1, 1)]
        parts.append(part("shelter case legs", join(legs).moved(z=GAP_M), metal, None))
    seat_w = min(long - 1.0, float(rng.uniform(1.4, 2.4)))
    seat_x = float(rng.uniform(-0.2, 0.2)) * (long - seat_w - 0.4)
    slats = [
        rounded_box(seat_w, 0.1, 0.03, 0.006).moved(x=seat_x, y=deep / 2 - 0.22 - 0.115 * k, z=0.45) for k in range(3)
    ]
    parts.append(part("shelter seat", join(slats), make("wood", rng) if rng.random() < 0.6 else metal, None))
    brackets = []
    for s in (-1, 1):
        x = seat_x + s * (seat_w / 2 - 0.15)
        brackets += [
            box(0.05, 0.05, 0.4095).moved(x=x, y=deep / 2 - 0.335),
            box(0.05, 0.32, 0.04).moved(x=x, y=deep / 2 - 0.33, z=0.4095),
        ]
        brackets.append(box(0.14, 0.14, 0.012).moved(x=x, y=deep / 2 - 0.335))
    parts.append(part("shelter seat legs", join(brackets).moved(z=GAP_M), metal, None))
    number = int(rng.integers(1, count))
    blocks = [box(0.05, 0.003, 0.06).moved(y=-0.0015 - GAP_M, z=z) for z in (0.1, 0.8)]
    board = join([slab(0.62, 0.98, 0.02).moved(y=-0.024), *blocks])
    sheet = slab(0.56, 0.92, 0.002).moved(y=-0.0265, z=0.03)
    cover = slab(0.6, 0.96, 0.003).moved(y=-0.0265 - 0.006, z=0.01)
    times = Kit(
        (
            part("shelter timetable board", board, metal, None),
            part("shelter timetable", sheet, make("print", rng, kind="timetable"), None),
            part("shelter timetable glass", cover, make("acrylic", rng, transmissivity=0.92, finish="clear"), None),
        )
    )
    parts += times.moved([-long / 2 + number * step, deep / 2 - _POST_M / 2, 0.95]).parts
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "flat"
) -> list[bpy.types.Object]:
    """Put one shelter at ``location``."""
    return design(rng, style).place(location, turn_deg)
