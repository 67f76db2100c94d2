# SPDX-License-Identifier: Apache-2.0
"""Generated stacks as a picture: the stack as a strip, the all-in-focus picture, the depth."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.focal_record import FocalRecord, eight_bits
from depthbench.formats.image import write_png
from depthbench.generators.focal.stack_set import stored
from depthbench.viz import Panel, colour_scale, finite_range, grid

MOST_PLANES = 6
PANEL_WIDTH = 280


def show_generated(folder: Path, out: Path, limit: int = 6, ids: tuple[str, ...] = ()) -> Path:
    """Write a picture of stacks of a folder, taken evenly or by id; return its path.

    Raises
    ------
    DepthbenchError
        If the folder holds no stacks, or an id is unknown.
    """
    found = {shard.ids[index]: (shard, index) for shard, index in stored(folder)}
    if not found:
        raise DepthbenchError(f"{folder}: holds no stack yet; run the same `depthbench generate focal-stack` again")
    for name in ids:
        if name not in found:
            raise unknown_name(f"stack of {folder}", name, found)
    names = list(found)
    chosen = ids or [names[k] for k in np.unique(np.linspace(0, len(names) - 1, min(limit, len(names))).astype(int))]
    records = [found[name][0].read(found[name][1]) for name in chosen]
    write_png(
        out,
        grid([panels(record) for record in records], row_titles=[title(r) for r in records], panel_width=PANEL_WIDTH),
    )
    return out


def title(record: FocalRecord) -> str:
    """Return what a stack is, in a line."""
    lens, focus = record.meta["lens"], record.meta["focus"]
    leak = ", which tells the depth range" if focus["tells_depth_range"] else ""
    return (
        f"{record.id}    {lens['camera']}: {1000 * lens['focal_m']:.3g} mm f/{lens['f_number']:g}, "
        f"{lens['px_per_dioptre']:.3g} px per dioptre, discs up to {record.meta['measured']['widest_radius_px']:.1f} px of radius    "
        f"{len(record.focus_m)} planes: {focus['policy']}{leak}"
    )


def panels(record: FocalRecord) -> list[Panel]:
    """Return the strip, the all-in-focus picture and the depth (inverse metres, red is near; holes black)."""
    shown = np.unique(np.linspace(0, len(record.stack) - 1, MOST_PLANES).astype(int))
    strip = [
        Panel(picture, _metres(record.focus_m[index]))
        for index, picture in zip(shown, eight_bits(record.stack[shown]), strict=True)
    ]
    with np.errstate(divide="ignore"):
        dioptre = 1 / record.depth_m
    low, high = finite_range(dioptre)
    depth = Panel(colour_scale(dioptre, low, high, "turbo"), "depth", bar=("turbo", low, high, "1/m"))
    return [*strip, Panel(record.all_in_focus, "all in focus"), depth]


def _metres(focus_m: float) -> str:
    return "at infinity" if math.isinf(focus_m) else f"at {focus_m:.3g} m"
