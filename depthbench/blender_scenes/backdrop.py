# SPDX-License-Identifier: Apache-2.0
"""What a window looks out on: a street with pavements, house fronts, trees, cars and lamp posts, 4 to 30 m away.

A few thousand faces, all opaque. Windows of the houses are dark glossy paint: nobody measures depth through them.
"""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.house import GAP_M, KERB_M, Placer, add_house, placer
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import RGB, near, pick
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, sphere, tube

_PAVEMENT_M = 3.2
_CAR_COLOURS: tuple[RGB, ...] = (
    (0.62, 0.62, 0.61), (0.30, 0.31, 0.32), (0.10, 0.105, 0.11), (0.025, 0.025, 0.028), (0.33, 0.03, 0.025), (0.035, 0.07, 0.17),
    (0.04, 0.09, 0.06), (0.42, 0.36, 0.27),
)  # fmt: skip


def add_street(
    rng: np.random.Generator,
    location: Sequence[float] = (0.0, 0.0, 0.0),
    turn_deg: float = 0.0,
    width_m: float = 44.0,
) -> list[bpy.types.Object]:
    """Add a street.

    Parameters
    ----------
    location : (x, y, z)
        Foot of the outer face of the wall with the window. The pavement lies 5 cm lower and begins 2 cm in front of it.
    turn_deg : float
        0: the street lies towards +y of ``location`` and runs along x; turned right-handed about z.
    width_m : float
        Length of street that is built, half to either side.

    Returns
    -------
    list of bpy.types.Object
        All of them opaque; the nearest vertical thing stands at least 1.5 m from the wall.
    """
    things: list[bpy.types.Object] = []
    x, y, z = location
    place = placer(x, y, z - 0.05 - KERB_M, turn_deg, things)
    road_m = float(rng.uniform(5.5, 9.0))
    far = 0.02 + _PAVEMENT_M + road_m
    _ground(rng, place, width_m, road_m)
    _houses(rng, place, width_m, far + _PAVEMENT_M)
    _trees(rng, place, width_m, (0.02 + _PAVEMENT_M - 0.7, far + 0.7))
    _cars(rng, place, width_m, (0.02 + _PAVEMENT_M + 1.15, far - 1.15))
    _posts(rng, place, width_m, far + 0.4)
    return things


def _ground(rng: np.random.Generator, place: Placer, width_m: float, road_m: float) -> None:
    slabs = make("ground", rng, kind=pick(rng, ("slabs", "setts")))
    kerb = make("concrete", rng)
    depth = _PAVEMENT_M - 0.15
    place("street near pavement", box(width_m, depth, KERB_M), slabs, 0, 0.02 + depth / 2)
    place("street near kerb", box(width_m, 0.146, KERB_M), kerb, 0, 0.02 + _PAVEMENT_M - 0.073)
    place(
        "street road",
        box(width_m, road_m - 2 * GAP_M, 0.5),
        make("ground", rng, kind="asphalt"),
        0,
        0.02 + _PAVEMENT_M + road_m / 2,
        -0.5,
    )
    far = 0.02 + _PAVEMENT_M + road_m
    place("street far kerb", box(width_m, 0.146, KERB_M), kerb, 0, far + 0.073)
    place("street far pavement", box(width_m, depth - GAP_M, KERB_M), slabs, 0, far + 0.15 + depth / 2)
    lines = [box(1.8, 0.12, 0.003).moved(x=float(x)) for x in np.arange(-width_m / 2 + 2, width_m / 2 - 2, 3.6)]
    place(
        "street markings",
        join(lines),
        make("paint", rng, colour=(0.62, 0.61, 0.58)),
        0,
        0.02 + _PAVEMENT_M + road_m / 2,
        0.001,
    )


def _houses(rng: np.random.Generator, place: Placer, width_m: float, front_m: float) -> None:
    """A row of house fronts."""
    left = -width_m / 2
    while left < width_m / 2 - 3.5:
        wide = float(min(rng.uniform(5.5, 9.5), width_m / 2 - left))
        add_house(rng, place, wide, left + wide / 2, front_m)
        left += wide


def _trees(rng: np.random.Generator, place: Placer, width_m: float, rows_m: Sequence[float]) -> None:
    bark = make("plaster", rng, colour=near(rng, (0.105, 0.085, 0.068)))
    green = make("foliage", rng)
    for row in rows_m:
        x = -width_m / 2 + float(rng.uniform(2, 8))
        while x < width_m / 2 - 2:
            tall = float(rng.uniform(2.2, 3.2))
            lean = rng.normal(0, 0.12, (5, 2))
            path = np.column_stack([np.cumsum(lean, axis=0), np.linspace(0, tall + 0.6, 5)])
            place("tree trunk", tube(path, float(rng.uniform(0.08, 0.14)), 9), bark, x, row, KERB_M, smooth=True)
            place("tree crown", _crown(rng, float(rng.uniform(1.1, 1.7))), green, x, row, KERB_M + tall + 0.9)
            x += float(rng.uniform(7, 13))


def _crown(rng: np.random.Generator, radius_m: float, leaves: int = 1400) -> Mesh:
    """Leaves as folded quads, scattered through clumps about a ball."""
    clumps = rng.normal(0, 0.45 * radius_m, (14, 3)) * (1, 1, 0.75)
    centres = clumps[rng.integers(0, 14, leaves)] + rng.normal(0, 0.22 * radius_m, (leaves, 3))
    along = rng.normal(size=(leaves, 3))
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, rng.normal(size=(leaves, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    length, half = rng.uniform(0.10, 0.2, (leaves, 1)), rng.uniform(0.04, 0.08, (leaves, 1))
    corners = np.stack(
        [centres - along * length, centres + across * half, centres + along * length, centres - across * half], axis=1
    )
    return Mesh(corners.reshape(-1, 3), (np.arange(4 * leaves).reshape(-1, 4),))


def _cars(rng: np.random.Generator, place: Placer, width_m: float, lanes_m: Sequence[float]) -> None:
    glass, tyre = make("paint", rng, colour=(0.012, 0.014, 0.017)), make("paint", rng, colour=(0.018, 0.018, 0.019))
    chrome = make("metal", rng, finish="brushed")
    for lane in lanes_m:
        x = -width_m / 2 + float(rng.uniform(2, 7))
        while x < width_m / 2 - 4:
            lacquer = make("paint", rng, colour=near(rng, pick(rng, _CAR_COLOURS)))
            body, cabin, wheels, hubs = _car(rng)
            turn = 180.0 * int(rng.integers(2))
            place("car body", body, lacquer, x, lane, 0.002, turn, True)
            place("car windows", cabin, glass, x, lane, 0.002, turn)
            place("car tyres", wheels, tyre, x, lane, 0.002, turn)
            place("car hubs", hubs, chrome, x, lane, 0.002, turn)
            x += float(rng.uniform(5.2, 12))


def _car(rng: np.random.Generator) -> tuple[Mesh, Mesh, Mesh, Mesh]:
    """Return (body, windows, tyres, hubs) of a car that stands on z = 0 and drives towards +x."""
    length, width, tall = float(rng.uniform(3.7, 4.5)), float(rng.uniform(1.66, 1.8)), float(rng.uniform(1.4, 1.55))
    x, half, back = length / 2, width / 2, -length / 2
    roof = float(rng.uniform(0.0, 0.18))
    # Outline of the side: (x, z); the same outline, drawn in at the top, makes the other stations across the car.
    outline = np.array(
        [(back, 0.32), (back - 0.03, 0.62), (back + 0.08, 0.93), (back + 0.35, tall - 0.06 - roof), (back + 0.75, tall), (0.25, tall), (0.95, 0.98), (x - 0.35, 0.86), (x + 0.02, 0.66), (x, 0.32)]
    )  # fmt: skip
    inset = np.interp(outline[:, 1], [0.3, 0.65, 0.95, tall], [0.04, 0.0, 0.06, 0.24])
    stations = []
    for share in (-1.0, -0.93, 0.93, 1.0):
        pull = 0.0 if abs(share) < 1 else 0.03
        stations.append(np.column_stack([outline[:, 0] * (1 - pull), share * (half - inset), outline[:, 1] - pull]))
    vertices = np.concatenate(stations)
    n = len(outline)
    here = np.arange(n)
    after = (here + 1) % n
    quads = [np.stack([s * n + here, s * n + after, (s + 1) * n + after, (s + 1) * n + here], 1) for s in range(3)]
    caps = np.stack([here[::-1], 3 * n + here])
    body = Mesh(vertices, (np.concatenate(quads)[:, ::-1], caps[:, ::-1]))
    side = np.array([(back + 0.42, 0.98), (back + 0.62, tall - 0.12 - roof * 0.6), (0.18, tall - 0.1), (0.78, 1.0)])
    panes = []
    for sign in (-1, 1):
        y = [sign * (half - float(np.interp(z, [0.95, tall], [0.06, 0.24])) + 0.006) for z in side[:, 1]]
        points = np.column_stack([side[:, 0], y, side[:, 1]])
        panes.append(Mesh(points, (np.array([[0, 3, 2, 1] if sign < 0 else [0, 1, 2, 3]]),)))
    for low, high in (((0.95, 0.98), (0.25, tall)), ((back + 0.08, 0.93), (back + 0.35, tall - 0.06 - roof))):
        a, b = (np.array(low) + 0.12 * (np.array(high) - low)), (np.array(high) - 0.1 * (np.array(high) - low))
        out = 0.012 if low[0] > 0 else -0.012
        ya, yb = (half - float(np.interp(p[1], [0.65, 0.95, tall], [0.0, 0.06, 0.24])) - 0.12 for p in (a, b))
        quad = np.array(
            [
                (a[0] + out, -ya, a[1] + 0.012),
                (a[0] + out, ya, a[1] + 0.012),
                (b[0] + out, yb, b[1] + 0.012),
                (b[0] + out, -yb, b[1] + 0.012),
            ]
        )
        panes.append(Mesh(quad, (np.array([[0, 1, 2, 3]]),)))
    axle = [(sx, sy) for sx in (back + 0.75, x - 0.78) for sy in (-1, 1)]
    wheel = lathe([(0, 0), (0.28, 0), (0.31, 0.03), (0.31, 0.17), (0.28, 0.2), (0, 0.2)], 24).rotated("x", 90.0)
    hub = lathe([(0, 0), (0.19, 0), (0.17, 0.02), (0, 0.012)], 16).rotated("x", 90.0)
    wheels = join([wheel.moved(x=sx, y=sy * (half - 0.09) + 0.1, z=0.31) for sx, sy in axle])
    hubs = join(
        [(hub if sy < 0 else hub.rotated("z", 180.0)).moved(x=sx, y=sy * (half + 0.012), z=0.31) for sx, sy in axle]
    )
    return body, join(panes), wheels, hubs


def _posts(rng: np.random.Generator, place: Placer, width_m: float, y_m: float) -> None:
    steel = make("metal", rng, finish="painted")
    for x in np.arange(-width_m / 2 + rng.uniform(1, 6), width_m / 2, rng.uniform(9, 14)):
        post = join(
            [
                box(0.14, 0.14, 0.5),
                tube(np.array([(0, 0, 0.501), (0, 0, 2.5), (0, 0, 4.2)]), 0.045, 10),
                sphere(0.19, 16, 8).moved(z=4.4),
            ]
        )
        place("lamp post", post, steel, float(x), y_m, KERB_M + 0.002, smooth=True)
    if rng.uniform() < 0.6:
        bin_mesh = lathe([(0, 0), (0.22, 0), (0.25, 0.8), (0.2, 0.85), (0, 0.85)], 20)
        place("litter bin", bin_mesh, steel, float(rng.uniform(-4, 4)), 1.9, KERB_M + 0.002)
