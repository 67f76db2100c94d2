# SPDX-License-Identifier: Apache-2.0
"""The shape of a car as rings of points: body from the underside over wings, bonnet and doors down into the cockpit; cabin above.

A car drives towards +x and stands on z = 0. Every ring has the same points in the same order: right side from the tail, nose,
left side, tail, seen from above counter-clockwise. Between rings and between points of a ring everything is interpolated, so that
windows, lamps and seams are patches of one surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.mesh import Mesh
from depthbench.blender_scenes.objects.forms import thick_sheet
from depthbench.blender_scenes.objects.solids import outward

Points = npt.NDArray[np.float64]
_SIDE, _END, _ARC = 44, 9, 3
WHEEL_M, ARCH_M = 0.31, 0.365
_UNDER_M, _FLOOR_M = 0.24, 0.3
_WELL_SHARE = 0.6
"""Share of the half width within which the underside is whole; the wheels stand outside it."""
BODY_SILL, BODY_BELT = 2, 8
"""Rings of the body at the foot and at the top of its sides."""


def _loop() -> tuple[Points, Points]:
    """Return the plan (u along, v across) of a ring in [-1, 1]."""
    arc = np.linspace(0, np.pi / 2, _ARC + 2)[1:-1]
    long, wide = 0.93, 0.8
    side, end = np.linspace(-long, long, _SIDE), np.linspace(-wide, wide, _END)
    turn_u, turn_v = long + (1 - long) * np.sin(arc), wide + (1 - wide) * np.cos(arc)
    ones, twos = np.ones(_SIDE), np.ones(_END)
    u = [side, turn_u, twos, turn_u[::-1], -side, -turn_u, -twos, -turn_u[::-1]]
    v = [-ones, -turn_v, end, turn_v[::-1], ones, turn_v, -end, -turn_v[::-1]]
    return np.concatenate(u), np.concatenate(v)


U, V = _loop()
NOSE = _SIDE + _ARC
LEFT = NOSE + _END + _ARC
TAIL = LEFT + _SIDE + _ARC
COUNT = len(U)
"""First numbers of the nose, the left side and the tail in a ring, and the number of its points."""


@dataclass(frozen=True)
class Form:
    """Measures of a car in metres.

    ``cockpit`` and ``roof`` are the ends (rear, front) of the opening at the belt line and of the roof; ``wheels`` the axles.
    """

    length: float
    half_width: float
    height: float
    belt_x: Points
    belt_z: Points
    cockpit: tuple[float, float]
    roof: tuple[float, float]
    wheels: tuple[float, float]

    def half(self, x: Points) -> Points:
        """Half width at the belt."""
        share = np.abs(x) / (self.length / 2)
        return np.asarray(self.half_width * (1 - 0.1 * np.clip(share, 0, 1) ** 4))

    def belt(self, x: Points) -> Points:
        """Height of the upper edge of the sides, bonnet and boot."""
        return np.interp(x, self.belt_x, self.belt_z)

    def top(self, x: Points, y: Points) -> Points:
        """Height of bonnet, boot lid and door tops."""
        return np.asarray(self.belt(x) + 0.05 * (1 - (y / self.half(x)) ** 2))

    def plan(self, inset: float, wide: float = 1.0, long: float = 1.0) -> tuple[Points, Points]:
        """Return x and y of a ring around the car, drawn in by ``inset``."""
        x = U * (self.length / 2 - inset) * long - np.sign(U) * 0.13 * V**2 * np.abs(U) ** 8
        return x, V * (self.half(x) - inset) * wide

    def opening(self, ends: tuple[float, float], inset: float) -> tuple[Points, Points]:
        """Return x and y of the ring around a part of the length, bowed as the nose is."""
        middle, half = (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2 - inset
        x = middle + U * half - np.sign(U) * 0.09 * V**2 * np.abs(U) ** 8
        return x, V * (self.half(x) - inset)

    def _low(self, x: Points, least: float) -> Points:
        arch = np.full(len(x), -np.inf)
        for axle in self.wheels:
            rise = np.sqrt(np.maximum(ARCH_M**2 - (x - axle) ** 2, 0.0))
            arch = np.where(np.abs(x - axle) < ARCH_M, np.maximum(arch, WHEEL_M + rise), arch)
        return np.maximum(least, arch)

    def body(self) -> Points:
        """Rings (n, COUNT, 3) from under the car round its sides and over its top into the cockpit."""
        rings = []

        def add(x: Points, y: Points, z: Points) -> None:
            rings.append(np.stack([x, y, z], axis=1))

        x, y = self.plan(0.05, _WELL_SHARE, 0.96)
        add(x, y, np.full(COUNT, _UNDER_M))
        add(x, y, self._low(x, _UNDER_M + 0.004))
        for inset, share in (
            (0.03, 0.0),
            (0.012, 0.04),
            (0.0, 0.4),
            (0.006, 0.62),
            (-0.006, 0.72),
            (0.03, 0.96),
            (0.055, 1.0),
        ):
            x, y = self.plan(inset)
            low = self._low(x, 0.225)
            add(x, y, low + share * (self.belt(x) - low))
        outer = rings[-1]
        edge = np.stack(self.opening(self.cockpit, 0.085), axis=1)
        for t in (0.12, 0.35, 0.7, 1.0):
            x, y = ((1 - t) * outer[:, :2] + t * edge).T
            lip = 0.012 * min(1.0, t / 0.12)
            add(x, y, self.top(x, y) + lip - 0.05 * (1 - (outer[:, 1] / self.half(outer[:, 0])) ** 2) * (1 - t) ** 6)
        x, y = self.opening(self.cockpit, 0.11)
        add(x, y, self.top(x, y) - 0.07)
        inner_m = np.interp(x, [self.wheels[0] + 0.42, self.wheels[0] + 0.55], [_WELL_SHARE - 0.06, 0.8]) * self.half(x)
        add(x, np.sign(y) * np.minimum(np.abs(y), inner_m), np.full(COUNT, 0.5))
        x, _ = self.opening(self.cockpit, 0.16)
        add(x, np.sign(y) * np.minimum(np.abs(y) - 0.02, inner_m), np.full(COUNT, _FLOOR_M))
        return np.stack(rings)

    def cabin(self, rows: Points) -> Points:
        """Rings (n, COUNT, 3) of the cabin: 0 its foot on the body, 1 the edge of the roof, 2 the middle of the roof."""
        x0, y0 = self.opening(self.cockpit, 0.09)
        z0 = self.top(x0, y0) + 0.0145
        middle, half = sum(self.roof) / 2, (self.roof[1] - self.roof[0]) / 2
        x1 = middle + U * half - np.sign(U) * 0.07 * V**2 * np.abs(U) ** 8
        y1 = V * (self.half_width - 0.24) * (1 - 0.05 * np.abs(U) ** 4)
        rings = []
        for row in rows:
            t, inward = min(row, 1.0), 1.0 - max(row - 1.0, 0.0)
            bow = 0.035 * np.sin(np.pi * t)
            x = x0 + t * (x1 - x0) + bow * np.sign(U) * np.abs(U) ** 8
            y = y0 + t * (y1 - y0) + bow * np.sign(V) * np.abs(V) ** 8
            x, y = middle + (x - middle) * inward, y * inward
            crown = 0.075 * (1 - ((x - middle) / (half + 0.3)) ** 2) * (1 - 0.55 * (y / (self.half_width - 0.24)) ** 2)
            roof_z = self.height - 0.075 + crown
            rings.append(np.stack([x, y, z0 + t * (roof_z - z0)], axis=1))
        return np.stack(rings)


Range = tuple[float, float]


def _cuts(ends: Range) -> Points:
    """Both ends and the whole numbers between them, so that a patch bends where the surface does."""
    whole = np.arange(np.floor(ends[0]) + 1, np.ceil(ends[1]))
    return np.concatenate([[ends[0]], whole, [ends[1]]])


def patch(rings: Points, row_range: Range, column_range: Range, lift_m: float, thickness_m: float) -> Mesh:
    """Return a closed sheet that follows rings (n, m, 3), ``lift_m`` outside them (inside where negative).

    The ranges are places between rings and between points of a ring, fractions included; columns may pass the end of the
    ring.
    """
    rows, columns = _cuts(row_range), _cuts(column_range)
    k = np.clip(np.floor(rows).astype(int), 0, len(rings) - 2)
    part_k = (rows - k)[:, None, None]
    j = np.floor(columns).astype(int)
    part_j = (columns - j)[None, :, None]
    m = rings.shape[1]
    lines = [rings[:, (j + step) % m] for step in (0, 1)]
    across = [line[k] * (1 - part_k) + line[k + 1] * part_k for line in lines]
    points = across[0] * (1 - part_j) + across[1] * part_j
    up, along = np.gradient(points, axis=0), np.gradient(points, axis=1)
    normals = np.cross(along, up)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return outward(thick_sheet(points + lift_m * normals, thickness_m))


def draw(rng: np.random.Generator, style: str) -> Form:
    """Draw the measures of a car; ``style`` 'hatchback', 'saloon', 'estate' or 'van'."""
    length, half, height, rear, roof_rear, roof_front = {
        "hatchback": (rng.uniform(3.75, 4.2), rng.uniform(0.83, 0.88), rng.uniform(1.44, 1.54), 0.14, 0.42, 0.30),
        "saloon": (rng.uniform(4.4, 4.8), rng.uniform(0.87, 0.92), rng.uniform(1.42, 1.48), 0.62, 1.12, 0.2),
        "estate": (rng.uniform(4.3, 4.7), rng.uniform(0.86, 0.91), rng.uniform(1.45, 1.56), 0.13, 0.36, 0.25),
        "van": (rng.uniform(4.3, 4.6), rng.uniform(0.88, 0.92), rng.uniform(1.76, 1.88), 0.12, 0.24, 0.62),
    }[style]
    length, half, height = float(length), float(half), float(height)
    end = length / 2
    cowl = end - float(rng.uniform(1.0, 1.12) if style != "van" else rng.uniform(0.72, 0.82))
    belt = float(rng.uniform(0.9, 0.96)) + (0.08 if style == "van" else 0.0)
    boot = belt + (0.03 if style != "saloon" else 0.06)
    nose = float(rng.uniform(0.66, 0.74)) + (0.06 if style == "van" else 0.0)
    x = np.array([-end, -end + 0.25, -end + rear + 0.35, 0.0, cowl - 0.05, cowl + 0.2, end - 0.15, end])
    z = np.array([boot - 0.1, boot, belt + 0.02, belt, belt - 0.03, belt - 0.06, nose + 0.05, nose])
    wheels = (-end + float(rng.uniform(0.72, 0.8)), end - float(rng.uniform(0.78, 0.86)))
    return Form(length, half, height, x, z, (-end + rear, cowl), (-end + roof_rear, roof_front + 0.05), wheels)
