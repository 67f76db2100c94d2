# SPDX-License-Identifier: Apache-2.0
"""Cars: lofted body, glazed cabin with seats and dashboard inside, wheels, lamps, mirrors, plates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import RGB, near, pick
from depthbench.blender_scenes.mesh import Mesh, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects import car_interior
from depthbench.blender_scenes.objects.car_form import (
    BODY_BELT,
    BODY_SILL,
    COUNT,
    LEFT,
    NOSE,
    TAIL,
    WHEEL_M,
    Form,
    draw,
    patch,
)
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.solids import pierced_sheet, revolved, skin
from depthbench.blender_scenes.slab import slab

STYLES = ("hatchback", "saloon", "estate", "van")
_ROWS = np.array([0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.93, 1.0, 1.12, 1.4, 1.7, 1.93])
_FRAME_M, _GLASS_M = 0.016, 0.004
_REACH = 0.35
"""How far panes reach behind their frame, in steps of the ring."""
_COLOURS: tuple[RGB, ...] = (
    (0.62, 0.62, 0.61), (0.30, 0.31, 0.32), (0.10, 0.105, 0.11), (0.03, 0.03, 0.033), (0.36, 0.03, 0.025), (0.035, 0.08, 0.2), (0.05, 0.11, 0.08),
    (0.46, 0.38, 0.26), (0.5, 0.19, 0.03), (0.16, 0.24, 0.3),
)  # fmt: skip


def _windows(form: Form, style: str) -> list[tuple[float, float]]:
    """Stretches (first, last) of ring points that are glass: windscreen, two or three to a side, rear window."""
    x = form.cabin(np.array([0.5]))[0, :LEFT, 0]
    rear, front = (form.cockpit[0] + form.roof[0]) / 2, (form.cockpit[1] + form.roof[1]) / 2
    bars = [front - 0.06, front - 1.02, front - 1.09, rear + (0.75 if style in ("estate", "van") else 0.3)]
    if style in ("estate", "van"):
        bars += [rear + 0.68, rear + 0.12]
    at = [int(np.abs(x[:NOSE] - place).argmin()) for place in bars]
    at[2] = min(at[2], at[1] - 1)
    right = [(float(at[k + 1]), float(at[k])) for k in range(0, len(at), 2) if at[k] - at[k + 1] > 2]
    # The left side is the right side backwards.
    mirror = LEFT + (NOSE - 3) - 1
    left = [(mirror - high, mirror - low) for low, high in right]
    return [(NOSE - 0.5, NOSE + 8.5), *right, *left, (TAIL - 0.5, TAIL + 8.5)]


def _cabin(form: Form, style: str) -> tuple[Mesh, list[Mesh]]:
    """Return the frame with its roof, and the panes, which lie behind the frame's edges."""
    rings = form.cabin(_ROWS)
    solid_cells = np.ones((len(_ROWS) - 1, COUNT), dtype=bool)
    panes = []
    for first, last in _windows(form, style):
        solid_cells[1:6, int(np.ceil(first)) : int(last)] = False
        columns = (np.ceil(first) - _REACH, int(last) + _REACH)
        panes.append(patch(rings, (0.72, 6.25), columns, -(_FRAME_M / 2 + 0.0025 + _GLASS_M / 2), _GLASS_M))
    return pierced_sheet(rings, solid_cells, _FRAME_M, cap=True), panes


def _wheel(rng: np.random.Generator) -> tuple[Mesh, Mesh]:
    """Return tyre and rim about the y axis, the outer face towards -y, 0.2 m wide."""
    wide, r = 0.2, WHEEL_M
    inner = 0.66 * r
    section = [
        [inner, 0.02],
        [r - 0.03, 0.0],
        [r - 0.008, 0.015],
        [r, 0.035],
        [r, wide - 0.035],
        [r - 0.03, wide],
        [inner, wide - 0.02],
    ]
    tyre = lathe(solid([[0, 0.06], [inner - 0.005, 0.06], *section, [0, wide - 0.02]], 0.006), 40)
    spokes = []
    count = int(rng.choice([5, 6, 7, 10]))
    for k in range(count):
        bar = rounded_box(0.26 / count, inner - 0.05, 0.022, 0.006).moved(y=(inner - 0.05) / 2 + 0.035, z=0.035)
        spokes.append(bar.rotated("z", k * 360.0 / count))
    hub = lathe(solid([[0, 0.012], [0.03, 0.012], [0.055, 0.022], [0.055, 0.055], [0, 0.055]]), 20)
    band = revolved([[inner - 0.03, 0.036], [inner - 0.007, 0.03], [inner - 0.007, 0.05], [inner - 0.03, 0.057]], 40)
    return tyre.rotated("x", -90.0), join([*spokes, hub, band]).rotated("x", -90.0)


def _wheels(rng: np.random.Generator, form: Form) -> list[Part]:
    tyre, rim = _wheel(rng)
    tyres, rims, axles = [], [], []
    for x in form.wheels:
        half = float(form.half(np.array(x)))
        for turn in (0.0, 180.0):
            side = -1.0 if turn == 0.0 else 1.0
            at = {"x": x, "y": side * (half - 0.025), "z": WHEEL_M}
            tyres.append(tyre.rotated("z", turn).moved(**at))
            rims.append(rim.rotated("y", float(rng.uniform(0, 360))).rotated("z", turn).moved(**at))
            ends = np.array([[x, side * (half - 0.208), WHEEL_M], [x, side * ((half - 0.05) * 0.6 + 0.003), WHEEL_M]])
            axles.append(tube(ends, 0.045, 12))
    black = make("paint", rng, colour=(0.018, 0.018, 0.019))
    return [
        part("car tyres", join(tyres), black),
        part("car rims", join(rims), make("metal", rng, finish="brushed")),
        part("car axles", join(axles), black),
    ]


def _mirrors(form: Form, body: npt.NDArray[np.float64]) -> Mesh:
    """Wing mirrors on stalks that end just before the doors."""
    column = int(np.abs(body[BODY_BELT, :NOSE, 0] - (form.cockpit[1] - 0.3)).argmin())
    foot = 0.35 * body[BODY_BELT - 1, column] + 0.65 * body[BODY_BELT, column]
    pieces = []
    for side in (-1.0, 1.0):
        start = np.array([foot[0], side * (abs(foot[1]) + 0.008), foot[2]])
        end = start + np.array([-0.02, side * 0.07, 0.05])
        shell = rounded_box(0.09, 0.19, 0.13, 0.03).moved(*(end + np.array([-0.01, side * 0.07, -0.03])))
        pieces += [tube(np.stack([start, end]), 0.014, 8), shell]
    return join(pieces)


def _trim(rng: np.random.Generator, form: Form, body: npt.NDArray[np.float64], style: str) -> list[Part]:
    """Lamps, grilles, sills, seams, handles, wipers, plates."""
    black = make("paint", rng, colour=(0.016, 0.016, 0.017))
    white = make("metal", rng, finish="polished")
    red = make("paint", rng, colour=near(rng, (0.38, 0.012, 0.012)))
    low, high = float(rng.uniform(4.9, 5.3)), float(rng.uniform(6.4, 6.85))
    inner, outer = float(rng.uniform(0.9, 2.2)), float(rng.uniform(4.2, 6.2))
    heads = [(NOSE - outer, NOSE + inner), (NOSE + 8 - inner, NOSE + 8 + outer)]
    tails = [(TAIL - outer, TAIL + inner), (TAIL + 8 - inner, TAIL + 8 + outer)]
    tall = 6.9 if style in ("saloon", "hatchback") else 7.4
    grille = (float(rng.uniform(4.72, 4.8)), float(rng.uniform(5.3, 5.7)))
    dark = [
        patch(body, grille, (NOSE + 2.3, NOSE + 5.7), 0.003, 0.004),
        patch(body, (2.7, 3.45), (NOSE + 0.5, NOSE + 7.5), 0.003, 0.004),
    ]
    dark.append(patch(body, (2.6, 3.5), (TAIL + 0.5, TAIL + 7.5), 0.003, 0.004))
    seams = []
    for x in (form.cockpit[1] - 0.18, (form.cockpit[1] + form.roof[1]) / 2 - 1.05):
        at = float(np.interp(x, body[BODY_BELT, :44, 0], np.arange(44)))
        for column in (at, LEFT + 43 - at):
            seams.append(patch(body, (3.1, 7.9), (column - 0.05, column + 0.05), 0.0012, 0.001))
    handles = []
    for x in ((form.cockpit[1] + form.roof[1]) / 2 - 0.95, (form.cockpit[1] + form.roof[1]) / 2 - 1.75):
        at = float(np.interp(x, body[BODY_BELT, :44, 0], np.arange(44)))
        for column in (at, LEFT + 43 - at):
            handles.append(patch(body, (6.05, 6.3), (column - 1.1, column + 1.1), 0.012, 0.012))
    pieces = [
        part("car headlamps", join([patch(body, (low, high), span, 0.004, 0.005) for span in heads]), white, 60.0),
        part("car tail lamps", join([patch(body, (5.0, tall), span, 0.004, 0.005) for span in tails]), red, 60.0),
        part("car grilles", join(dark), black, 60.0),
        part("car seams", join(seams), black, None),
        part("car handles", join(handles), make("metal", rng, finish="brushed"), 60.0),
    ]
    size = slab(0.52, 0.11, 0.008)
    for column, turn in ((NOSE + 4, 90.0), (TAIL + 4, -90.0)):
        x = float(np.abs(body[BODY_SILL + 1 : BODY_SILL + 3, column, 0]).max()) + 0.0035 + 0.008
        plate = Kit((part("car plate", size, make("print", rng, kind="plate"), None),))
        up = float(body[BODY_SILL + 2, column, 2]) - 0.055
        pieces += plate.moved([x if turn > 0 else -x, 0.0, up], turn).parts
    return pieces


def design(rng: np.random.Generator, style: str = "hatchback", colour: RGB | None = None) -> Kit:
    """Make the parts of a car that drives towards +x; ``style`` is one of :data:`STYLES`."""
    form = draw(rng, style)
    lacquer = make("paint", rng, colour=colour or near(rng, pick(rng, _COLOURS)), coat=1.0)
    body = form.body()
    frame, panes = _cabin(form, style)
    tint = float(rng.uniform(0.0, 0.12))
    clear: Any = make("architectural_glass", rng, tint=tint)
    if rng.random() < 0.25:
        clear = make("dirty_glass", rng, strength=float(rng.uniform(0.2, 0.6)))
    rear = make("tinted_glass", rng) if rng.random() < 0.25 else clear
    parts = [
        part("car body", skin(body), lacquer, 32.0),
        part("car cabin", frame, lacquer, 32.0),
        part("car mirrors", _mirrors(form, body), lacquer, 50.0),
    ]
    for index, pane in enumerate(panes):
        parts.append(part("car pane", pane, rear if index == len(panes) - 1 else clear, 50.0))
    parts += _wheels(rng, form)
    parts += _trim(rng, form, body, style)
    parts += car_interior.parts(rng, form, body)
    return Kit(tuple(parts)).moved([0.0, 0.0, GAP_M])


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "hatchback"
) -> list[bpy.types.Object]:
    """Put one car at ``location``."""
    return design(rng, style).place(location, turn_deg)
