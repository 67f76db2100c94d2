# SPDX-License-Identifier: Apache-2.0
"""What is seen through a car's windows: lining, seats with headrests, dashboard, steering wheel."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import pick
from depthbench.blender_scenes.mesh import Mesh, join, rounded_box, tube
from depthbench.blender_scenes.objects.car_form import COUNT, Form
from depthbench.blender_scenes.objects.forms import ring
from depthbench.blender_scenes.objects.kit import Part, part
from depthbench.blender_scenes.objects.solids import pierced_sheet

_FLOOR_M = 0.3125
_TRIMS = ((0.03, 0.03, 0.032), (0.06, 0.058, 0.055), (0.2, 0.18, 0.15))


def _seat(wide_m: float, headrests: int) -> Mesh:
    """A seat that looks towards +x, its hips at the origin, standing on z = 0."""
    cushion = rounded_box(0.52, wide_m, 0.15, 0.05).moved(x=0.1, z=0.11)
    base = rounded_box(0.36, wide_m - 0.1, 0.105, 0.01).moved(x=0.08, z=0.0)
    back = rounded_box(0.13, wide_m - 0.02, 0.58, 0.045).rotated("y", -16.0).moved(x=-0.17, z=0.19)
    pieces = [base, cushion, back]
    for k in range(headrests):
        y = (k - (headrests - 1) / 2) * wide_m / headrests
        rest = rounded_box(0.09, 0.25, 0.17, 0.035).rotated("y", -10.0).moved(x=-0.345, y=y, z=0.775)
        pins = [tube(np.array([[-0.315, y + s * 0.06, 0.7], [-0.345, y + s * 0.06, 0.8]]), 0.006, 6) for s in (-1, 1)]
        pieces += [rest, *pins]
    return join(pieces)


def _wheel() -> Mesh:
    """A steering wheel about the x axis, seen from -x, with its column towards +x."""
    rim = ring(0.175, 0.014, 40, 10).rotated("y", 90.0)
    hub = rounded_box(0.04, 0.13, 0.11, 0.018).moved(x=0.02, z=-0.055)
    spokes = [
        rounded_box(0.016, 0.32, 0.03, 0.006).moved(x=0.015, z=-0.015),
        rounded_box(0.016, 0.03, 0.16, 0.006).moved(x=0.015, z=-0.17),
    ]
    column = tube(np.array([[0.045, 0, 0], [0.12, 0, 0], [0.2, 0, 0]]), 0.032, 12)
    return join([rim, hub, *spokes, column])


def parts(rng: np.random.Generator, form: Form, body: np.ndarray) -> list[Part]:
    """Make them for the car of that form; ``body`` are its rings."""
    trim: Any = make("paint", rng, colour=pick(rng, _TRIMS))
    cloth = make("leather", rng) if rng.random() < 0.4 else make("fabric", rng, pattern="melange")
    rear, cowl = form.cockpit
    wall = body[-3:].copy()
    centre = np.array([(rear + cowl) / 2, 0.0, 0.0])
    wall[:, :, :2] += (centre[:2] - wall[:, :, :2]) * 0.0
    # The lining stands 7 mm inside the painted cockpit.
    away = wall[:, :, :2] - centre[:2]
    wall[:, :, :2] = centre[:2] + away * (1 - 0.012 / np.linalg.norm(away, axis=-1, keepdims=True))
    wall[:, :, 2] += [[0.0], [0.006], [0.0085]]
    lining = pierced_sheet(wall, np.ones((2, COUNT), dtype=bool), 0.004, cap=True)
    front_x = cowl - 1.02
    seat = _seat(0.5, 1)
    front = join([seat.moved(front_x, side * 0.37, _FLOOR_M) for side in (-1, 1)])
    pieces = [part("car lining", lining, trim, 50.0), part("car front seats", front, cloth, 50.0)]
    bench_x = max(front_x - 0.86, form.wheels[0] + 0.3)
    if front_x - bench_x > 0.66:
        bench_w = 2 * min(0.56 * form.half_width, 0.5)
        bench = _seat(bench_w, 2).moved(x=bench_x, z=_FLOOR_M)
        pieces.append(part("car rear seat", bench, cloth, 50.0))
    dash_w = 2 * form.half_width * 0.8 - 0.12
    high = float(form.belt(np.array(cowl))) - 0.035
    dash = [rounded_box(0.34, dash_w, 0.2, 0.05).moved(x=cowl - 0.36, z=high - 0.2)]
    dash.append(rounded_box(0.2, dash_w - 0.1, 0.3, 0.03).moved(x=cowl - 0.36, z=high - 0.46))
    dash.append(rounded_box(0.5, 0.2, 0.26, 0.02).moved(x=cowl - 0.5, z=_FLOOR_M + 0.0005))
    dash.append(rounded_box(0.12, 0.3, 0.06, 0.02).moved(x=cowl - 0.46, y=0.37, z=high - 0.02))
    pieces.append(part("car dashboard", join(dash), trim, 50.0))
    wheel = _wheel().rotated("y", 22.0).moved(x=cowl - 0.72, y=0.37, z=high - 0.06)
    pieces.append(part("car steering wheel", wheel, make("leather", rng) if rng.random() < 0.3 else trim, 50.0))
    return pieces
