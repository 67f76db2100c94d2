# SPDX-License-Identifier: Apache-2.0
"""A group of things close together on a table in a dim room, under lamps that are lit by settings: what a robot arm photographs.

Nothing is see-through or a mirror. The table's upper face is z = ``middle[2]``; cameras look from the south, from -y.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes import lights
from depthbench.blender_scenes.layouts import room, tabletop
from depthbench.blender_scenes.layouts.openings import Finish
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import rounded_box
from depthbench.blender_scenes.objects import bottle, sculpture, table, tool
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, merge, part
from depthbench.layers import SurfaceClass

Floats = npt.NDArray[np.float64]
Design = Callable[[np.random.Generator], Kit]

REACH_M, TALLEST_M, WIDEST_M, LARGEST_M = 0.17, 0.25, 0.16, 0.25
"""How far from the table's middle things reach; how tall they are at most, how broad, and how broad a large one."""
LAMP_SETTINGS: tuple[tuple[int, ...], ...] = ((0,), (2,), (1,), (0, 1, 2, 3), (0, 1), (1, 2), (3,))
"""Which lamps are lit in each setting: 0 in the west, 1 in the south behind the camera, 2 in the east, 3 overhead. Light adds up."""


@dataclass(frozen=True)
class TableGroup:
    """A built group.

    Attributes
    ----------
    middle : float64 (3,)
        Of the table's upper face.
    lamps : tuple
        As :data:`LAMP_SETTINGS` counts them.
    """

    middle: Floats
    lamps: tuple[bpy.types.Object, ...]

    def light(self, *numbers: int) -> None:
        """Light these lamps and no other."""
        for number, lamp in enumerate(self.lamps):
            lamp.hide_render = number not in numbers


def _parcel(rng: np.random.Generator) -> Kit:
    x, y, z = (float(side) for side in rng.uniform([0.06, 0.03, 0.07], [0.13, 0.07, 0.2]))
    matter = make("print", rng, kind="poster", aspect=x / z)
    return Kit((part("parcel", rounded_box(x, y, z, 0.0015).moved(z=GAP_M), matter, None),))


def _tin(rng: np.random.Generator) -> Kit:
    return tool.design(rng, "tin")


def _bottle(rng: np.random.Generator) -> Kit:
    return bottle.design(rng, str(rng.choice(["wine", "beer", "spirit"])), make("ceramic", rng))


def _bust(rng: np.random.Generator) -> Kit:
    style = str(rng.choice(["bust", "bird", "knot", "stones"]))
    return sculpture.design(rng, style, float(rng.uniform(0.16, 0.22)), widest_m=0.11)


THEMES: dict[str, tuple[Design, ...]] = {
    **tabletop.THEMES,
    "groceries": (_parcel, _parcel, _parcel, _tin, _tin, _bottle, _bottle, *tabletop.FILLERS[:1]),
    "figures": (_bust, _bust, *tabletop.THEMES["toys"][:2], *tabletop.THEMES["toys"][-1:], _parcel),
}
_TOPS = ("wood", "wood", "fabric", "marble", "paint", "concrete")


def _fits(kit: Kit, widest_m: float) -> bool:
    """Tell whether a thing is small enough, opaque, and no mirror."""
    size = kit.high - kit.low
    matters = [one.material for one in kit.parts]
    return bool(
        size[2] <= TALLEST_M
        and size[:2].max() < widest_m
        and all(matter["depthbench_class"] == SurfaceClass.OPAQUE for matter in matters)
        and not any(matter["depthbench_reflective"] for matter in matters)
    )


def _lay(rng: np.random.Generator, theme: str) -> Kit:
    """Stand four to eight things together, each as near to the middle as it goes without touching another, the first ones behind.

    Three groups in ten may have one large thing.
    """
    wanted = int(rng.integers(4, 9))
    turns = [THEMES[theme][k] for _ in range(2) for k in rng.permutation(len(THEMES[theme]))]
    kits = [kit for kit in (design(rng) for design in (*turns, _parcel, _tin, _parcel)) if _fits(kit, LARGEST_M)]
    large = [kit for kit in kits if not _fits(kit, WIDEST_M)][: int(rng.random() < 0.3)]
    laid: list[Kit] = []
    for kit in (*large, *(kit for kit in kits if _fits(kit, WIDEST_M))):
        turned = kit.moved([0.0, 0.0, 0.0], float(rng.uniform(-30, 30)))
        centre = (turned.low + turned.high) / 2
        wanted_y = 0.06 - 0.12 * len(laid) / wanted
        spots = rng.uniform(-REACH_M, REACH_M, (600, 2))
        for x, y in sorted(spots.tolist(), key=lambda spot: float(np.hypot(spot[0], spot[1] - wanted_y))):
            there = turned.moved([x - centre[0], y - centre[1], 0.0])
            reach_m = np.linalg.norm(there.corners[:, :2], axis=1).max()
            if reach_m <= REACH_M and all(_apart(there, other) for other in laid):
                laid.append(there)
                break
        if len(laid) == wanted:
            break
    group = merge(laid)
    return group.moved([*(-(group.low + group.high) / 2)[:2], 0.0])


def _apart(one: Kit, other: Kit) -> bool:
    """Tell whether a level line parts the boxes of two things by 3 mm."""
    gap = np.maximum(one.low - other.high, other.low - one.high)[:2]
    return bool(gap.max() > 0.003)


def build(rng: np.random.Generator, theme: str) -> TableGroup:
    """Fill the empty current scene; ``theme`` is one of :data:`THEMES`."""
    wall = make("plaster", rng, colour=(0.16, 0.16, 0.17), even=True)
    finish = Finish(
        floor=make("concrete", rng),
        ceiling=wall,
        walls=dict.fromkeys(room.WALLS, wall),
        frame=None,
        glass=None,
        door=None,
        handle=None,
        skirting=None,
    )
    room.add(4.4, 4.4, 2.8, {}, finish)
    kind = str(rng.choice(_TOPS))
    top = make("wood", rng, planks=True) if kind == "wood" and rng.random() < 0.4 else make(kind, rng)
    desk = table.design(rng, "long", top, make("metal", rng, finish="painted"))
    middle = np.array([0.0, 0.0, desk.height_m])
    desk.kit.place([0.0, 0.0, 0.0])
    _lay(rng, theme).place(middle)
    return TableGroup(middle, _lamps(middle, float(rng.uniform(4300, 5600))))


def _lamps(middle: Floats, kelvin: float) -> tuple[bpy.types.Object, ...]:
    """Three lamps round the table, above the arm's reach, and a broad one overhead."""
    made = []
    for angle_deg in (195.0, 270.0, 345.0):
        around = np.deg2rad(angle_deg)
        at = middle + np.array([1.15 * np.cos(around), 1.15 * np.sin(around), 0.95])
        made.append(lights.area_light(at.tolist(), (middle - at).tolist(), (0.35, 0.35), 14.0, kelvin))
    above = middle + np.array([0.0, 0.2, 1.5])
    made.append(lights.area_light(above.tolist(), [0.0, 0.0, -1.0], (0.9, 0.9), 22.0, kelvin))
    return tuple(made)
