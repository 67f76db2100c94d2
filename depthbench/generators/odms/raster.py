# SPDX-License-Identifier: Apache-2.0
"""Masks of drawings: every pixel that the contour touches and all that they enclose, at 480x640 or reduced to 112x112."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.generators.odms import config as odms
from depthbench.generators.odms.scene import Drawing


@cache
def rasteriser() -> Any:
    """Return the module :mod:`.compiled`, or :mod:`.plain` where numba is not installed or does not take this Python or numpy."""
    if importlib.util.find_spec("numba") is not None:
        try:
            return importlib.import_module("depthbench.generators.odms.compiled")
        except ImportError:
            pass
    return importlib.import_module("depthbench.generators.odms.plain")


@cache
def bernstein() -> npt.NDArray[np.float64]:
    """Return the four cubic Bernstein polynomials at 2,000 places from 0 to 1, both included: float64 (4, 2000)."""
    t = np.linspace(0.0, 1.0, odms.SAMPLES_PER_CURVE)
    return np.stack([weight * t**k * (1.0 - t) ** (3 - k) for k, weight in enumerate((1.0, 3.0, 3.0, 1.0))])


def draw_reduced(drawing: Drawing, binary: bool = False) -> npt.NDArray[np.uint8]:
    """Return the masks reduced to 112x112, uint8 (M, 112, 112): the covered share of each cell of 30/7 x 40/7 pixels in 255ths.

    ``binary``: 255 where at least half of a cell is covered, else 0. The aspect is not kept, as in the published generator.
    """
    reduced = np.zeros((len(drawing), odms.REDUCED, odms.REDUCED), dtype=np.uint8)
    _draw(drawing, binary, reduced, np.zeros((0, odms.ROWS, odms.COLUMNS // 64), dtype=np.uint64))
    return reduced


def draw_packed(drawing: Drawing) -> npt.NDArray[np.uint8]:
    """Return the masks of 480x640 as bits, uint8 (M, 480, 80); ``np.unpackbits(..., axis=-1, bitorder="little")`` unpacks."""
    words = np.zeros((len(drawing), odms.ROWS, odms.COLUMNS // 64), dtype=np.uint64)
    _draw(drawing, False, np.zeros((0, odms.REDUCED, odms.REDUCED), dtype=np.uint8), words)
    return words.astype("<u8", copy=False).view(np.uint8)


def draw_masks(drawing: Drawing) -> npt.NDArray[np.bool_]:
    """Return the masks as bool (M, 480, 640)."""
    return np.unpackbits(draw_packed(drawing), axis=-1, bitorder="little").view(bool)


def _draw(drawing: Drawing, binary: bool, reduced: npt.NDArray[np.uint8], words: npt.NDArray[np.uint64]) -> None:
    rasteriser().draw(
        drawing.contours.control_px,
        drawing.contours.curves,
        bernstein(),
        drawing.contour,
        drawing.scale,
        drawing.shift_px,
        drawing.patch,
        drawing.patch_scale,
        drawing.patch_shift_px,
        drawing.patch_adds,
        drawing.growth,
        binary,
        reduced,
        words,
    )
