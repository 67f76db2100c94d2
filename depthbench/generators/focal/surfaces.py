# SPDX-License-Identifier: Apache-2.0
"""What a lens can see of a picture with depth: its surfaces, holes filled, and guesses of what edges hide from a pinhole.

A lens looks around edges: beside the outline of a near thing, its rim sees what the pinhole's picture does not hold. There, as
far as the widest blur reaches, the nearest point of the farther side goes on behind the near one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from depthbench.generators.focal.spread import MOST_PX

JUMP_PX = 3.0
"""Depth jumps where the blur of neighbours would differ by this diameter."""
BIN_PX = 2.0
"""Thickness of a bin of depth: points whose blur differs by less than this diameter do not hide each other."""

FloatMap = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sheet:
    """A surface over the picture.

    Attributes
    ----------
    dioptre : float32 (H, W)
        Inverse depth, 1/m; NaN where the surface is not.
    light : float32 (H, W, 3)
        Linear light.
    cover : float
        Share of a pixel that it covers, 0 to 1.
    """

    dioptre: FloatMap
    light: FloatMap
    cover: float = 1.0


@dataclass(frozen=True, eq=False)
class Points:
    """Every point of all sheets, the nearest bin first.

    Attributes
    ----------
    row, column : int32 (P,)
        From the corner of a picture that ``pad`` repeated border pixels surround.
    dioptre : float32 (P,)
    light : float32 (P, 4)
        Linear light times cover, and cover.
    start : int64 (bins + 1,)
        Where each bin that is not empty begins.
    pad : int
    height, width : int
        Of the picture itself.
    """

    row: npt.NDArray[np.int32]
    column: npt.NDArray[np.int32]
    dioptre: npt.NDArray[np.float32]
    light: npt.NDArray[np.float32]
    start: npt.NDArray[np.int64]
    pad: int
    height: int
    width: int


def fill_holes(depth_m: npt.NDArray[Any]) -> FloatMap:
    """Return inverse depth, float32 (H, W), with holes (NaN) filled by the nearest known pixel; +inf becomes 0.

    Raises
    ------
    ValueError
        If nothing is known.
    """
    known = ~np.isnan(depth_m)
    if not known.any():
        raise ValueError("no pixel has depth")
    dioptre = (1 / np.where(known, depth_m, 1)).astype(np.float32)
    if known.all():
        return dioptre
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    filled: FloatMap = dioptre[tuple(nearest)]
    return filled


def hidden_sheet(front: Sheet, px_per_dioptre: float, reach_px: float) -> Sheet:
    """Guess what the near side of every jump hides, up to ``reach_px`` from it."""
    v = front.dioptre
    jump = JUMP_PX / px_per_dioptre
    farther = ndimage.maximum_filter(v, size=3) - v > jump
    if not farther.any():
        return Sheet(np.full_like(v, np.nan), front.light)
    distance, nearest = ndimage.distance_transform_edt(~farther, return_indices=True)
    behind = v[tuple(nearest)]
    hides = (distance <= reach_px) & (v - behind > jump)
    return Sheet(np.where(hides, behind, np.float32(np.nan)), front.light[tuple(nearest)])


def without(guess: Sheet, known: Sequence[Sheet]) -> Sheet:
    """Return a guess of what is behind the first of the known sheets, left out where another one tells it."""
    told = np.zeros(guess.dioptre.shape, dtype=bool)
    for sheet in known[1:]:
        told |= sheet.dioptre < known[0].dioptre
    return Sheet(np.where(told, np.float32(np.nan), guess.dioptre), guess.light)


def widest_px(dioptre: FloatMap, px_per_dioptre: float, focus_m: npt.NDArray[np.float64]) -> float:
    """Return the largest radius of blur in pixels over all points and planes, at most ``MOST_PX``."""
    ends = np.array([np.nanmin(dioptre), np.nanmax(dioptre)])[:, None]
    return min(float(px_per_dioptre / 2 * np.abs(ends - 1 / focus_m).max()), MOST_PX)


def as_points(sheets: Sequence[Sheet], px_per_dioptre: float, reach_px: float) -> Points:
    """Gather the points of sheets in bins of depth; the border of the picture goes on outside of it.

    Points less than :data:`JUMP_PX` behind the first sheet are left out: they would share its bins, and shine through.
    """
    jump = JUMP_PX / px_per_dioptre
    apart = [np.abs(sheets[0].dioptre - sheet.dioptre) > jump for sheet in sheets[1:]]
    kept = [np.where(far, sheet.dioptre, np.float32(np.nan)) for far, sheet in zip(apart, sheets[1:], strict=True)]
    pad = math.ceil(reach_px) + 1
    nearest = max(float(np.nanmax(sheet.dioptre, initial=-np.inf)) for sheet in sheets)
    rows, columns, dioptres, lights = [], [], [], []
    for sheet, there in zip(sheets, [sheets[0].dioptre, *kept], strict=True):
        dioptre = np.pad(there, pad, mode="edge")
        row, column = np.nonzero(~np.isnan(dioptre))
        inside = np.clip(row - pad, 0, len(sheet.dioptre) - 1), np.clip(column - pad, 0, sheet.dioptre.shape[1] - 1)
        light = np.empty((len(row), 4), dtype=np.float32)
        light[:, :3] = sheet.cover * sheet.light[inside]
        light[:, 3] = sheet.cover
        rows.append(row.astype(np.int32))
        columns.append(column.astype(np.int32))
        dioptres.append(dioptre[row, column])
        lights.append(light)
    dioptre = np.concatenate(dioptres)
    number = np.minimum((nearest - dioptre) * (px_per_dioptre / BIN_PX), 2**15 - 1).astype(np.int16)
    order = np.argsort(number, kind="stable")
    counts = np.bincount(number)
    height, width = sheets[0].dioptre.shape
    return Points(
        np.concatenate(rows)[order],
        np.concatenate(columns)[order],
        dioptre[order],
        np.concatenate(lights)[order],
        np.concatenate([[0], np.cumsum(counts[counts > 0])]),
        pad,
        height,
        width,
    )
