# SPDX-License-Identifier: Apache-2.0
"""Clothes: shirts, coats and dresses on hangers, and piles of folded ones.

A hung garment's kit hangs down from its origin, which is the axis of a rail along y; its shoulders run along x.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, tube
from depthbench.blender_scenes.objects.forms import smooth
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, merge, part
from depthbench.blender_scenes.objects.soft import cushion
from depthbench.blender_scenes.objects.solids import horn, skin

STYLES = ("shirt", "coat", "dress", "trousers")
RAIL_M = 0.0125
"""Radius of the rail that the hanger's hook fits."""
_NECK_M = 0.11
"""How far the garment's neck hangs under the rail."""


def _body(rng: np.random.Generator, style: str, half_m: float, length_m: float) -> Mesh:
    """Rings of cloth from the neck over the shoulders to the hem, in soft vertical folds."""
    down = np.concatenate([np.linspace(0, 0.1, 5)[:-1], np.linspace(0.1, length_m, 14)])
    flare = {"shirt": 0.0, "coat": 0.08, "dress": 0.18, "trousers": 0.0}[style]
    shoulder = np.clip(down / 0.1, 0, 1) ** 0.75
    waist = 1 - (0.28 if style == "dress" else 0.06) * np.exp(-((down - 0.4) ** 2) / 0.02)
    width = (0.06 + (half_m - 0.06) * shoulder) * waist * (1 + flare * np.clip((down - 0.4) / 0.6, 0, 1))
    depth = 0.02 + (0.03 if style == "coat" else 0.018) * np.clip(down / 0.25, 0, 1)
    if style == "trousers":
        width, depth = np.full_like(down, 0.2), np.full_like(down, 0.012)
        depth[0] = 0.006
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    phase, folds = rng.uniform(0, 6), int(rng.integers(5, 9))
    ripple = 1 + 0.3 * np.sin(folds * turn[None] + phase + 2 * down[:, None]) * np.clip(down / 0.3, 0, 1)[:, None]
    rings = np.stack(
        [
            width[:, None] * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.8,
            depth[:, None] * ripple * np.sin(turn),
            np.broadcast_to(-down[:, None], ripple.shape)
            + 0.01 * np.cos(2 * turn + phase) * (down[:, None] / length_m),
        ],
        axis=-1,
    )
    return skin(rings)


def _hook() -> Mesh:
    """The hook over the rail, down to just above the cloth."""
    wire = 0.0022
    reach = RAIL_M + wire + GAP_M
    angle = np.linspace(1.15 * np.pi, -0.3 * np.pi, 16)
    bend = np.stack([reach * np.cos(angle), np.zeros(16), reach * np.sin(angle)], axis=1)
    neck = [[0.002, 0.0, -0.034], [0.0, 0.0, -0.048], [0.0, 0.0, -_NECK_M + 0.002 + GAP_M]]
    return tube(np.concatenate([bend, neck]), wire, 8)


def design(rng: np.random.Generator, style: str = "shirt", cloth: Any = None) -> Kit:
    """Make one garment on its hanger; ``style`` is one of :data:`STYLES`."""
    half = float(rng.uniform(0.165, 0.195))
    length = {"shirt": 0.68, "coat": 0.98, "dress": 1.02, "trousers": 0.62}[style] * float(rng.uniform(0.92, 1.05))
    cloth = cloth or make("leather" if style == "coat" and rng.random() < 0.25 else "fabric", rng)
    pieces = [_body(rng, style, half, length)]
    if style in ("shirt", "coat") or (style == "dress" and rng.random() < 0.4):
        long_m = float(rng.choice([0.22, 0.52]))
        for sx in (-1, 1):
            sway = float(rng.uniform(0.0, 0.02))
            path = [
                [sx * (half - 0.05), 0, -0.075],
                [sx * (half - 0.01), 0, -0.16],
                [sx * (half - 0.01 + sway), 0.006, -0.1 - long_m],
            ]
            line = smooth(path, 5)
            sleeve = horn(
                line, np.linspace(0.047, 0.04, len(line)) * (1 + 0.08 * np.sin(np.arange(len(line)) * 2.1)), 16
            )
            pieces.append(sleeve.scaled(1.0, 0.42, 1.0))
    body = join(pieces).moved(z=-_NECK_M)
    hanger = make("wood", rng) if rng.random() < 0.4 else make("metal", rng, finish="painted")
    # The hanger's arms would be inside the cloth: what shows of it is the hook.
    return Kit((part(style, body, cloth, 80.0), part("hanger", _hook(), hanger)))


def folded(rng: np.random.Generator, count: int, width_m: float = 0.28, depth_m: float = 0.24) -> Kit:
    """Make a pile of folded clothes or towels."""
    height, kits = GAP_M, []
    for _ in range(count):
        thick = float(rng.uniform(0.03, 0.055))
        soft = cushion(
            rng, width_m * float(rng.uniform(0.9, 1.0)), depth_m * float(rng.uniform(0.9, 1.0)), thick, 18, 0.06
        )
        low, high = soft.vertices[:, 2].min(), soft.vertices[:, 2].max()
        one = Kit((part("folded cloth", soft.moved(z=height - low), make("fabric", rng), 80.0),))
        kits.append(one.moved([*rng.normal(0, 0.004, 2), 0.0], float(rng.normal(0, 2))))
        height += float(high - low) + GAP_M
    return merge(kits)


def row(rng: np.random.Generator, length_m: float, kinds: Sequence[str], fullness: float = 0.8) -> Kit:
    """Hang garments side by side on a rail along x through the origin, ``length_m`` long."""
    designs = [design(rng, str(kinds[int(rng.integers(len(kinds)))])) for _ in range(max(2, int(5 * length_m)))]
    kits: list[Kit] = []
    x = -length_m / 2
    while True:
        kit = designs[int(rng.integers(len(designs)))].moved([0, 0, 0], 90.0 + float(rng.normal(0, 1.5)))
        low, high = kit.low[0], kit.high[0]
        if x + high - low > length_m / 2:
            return merge(kits)
        if rng.random() < fullness:
            kits.append(kit.moved([float(x - low), 0.0, 0.0]))
        x += float(high - low) + float(rng.uniform(0.003, 0.03))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "shirt"
) -> list[bpy.types.Object]:
    """Hang one garment from a rail through ``location``."""
    return design(rng, style).place(location, turn_deg)
