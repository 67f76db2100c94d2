# SPDX-License-Identifier: Apache-2.0
"""Hanging pictures on a wall as a curator does: a common eye line, one kind of frame to a wall, labels at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.objects import mirror, picture_frame
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.slab import slab

Where = Callable[[float, float], tuple[list[float], float]]
"""(along, up) in metres -> (location, turn_deg) of a thing whose back touches the wall there."""
Put = Callable[[str, Kit, npt.ArrayLike, float], None]
"""Place a kit under a name."""


@dataclass(frozen=True)
class Span:
    """A free stretch of wall: where it is, its ends along the wall, and its height."""

    where: Where
    start_m: float
    end_m: float
    height_m: float


class Curator:
    """Hangs at most ``most`` pictures and remembers where their middles are, for the lamps and the cameras."""

    def __init__(self, rng: np.random.Generator, put: Put, frames: Sequence[Any], card: Any, most: int) -> None:
        self.rng, self.put, self.frames, self.card, self.left = rng, put, frames, card, most
        self.middles: list[list[float]] = []
        self.mirrors = int(rng.random() < 0.4)

    def _hang(self, span: Span, kit: Kit, middle_m: float, low_m: float, name: str) -> None:
        location, turn_deg = span.where(middle_m, low_m)
        self.put(name, kit, location, turn_deg)
        location[2] += float(kit.high[2]) / 2
        self.middles.append(location)

    def _label(self, span: Span, at_m: float) -> None:
        size = (0.13, 0.085)
        board = slab(*size, 0.004).moved(y=-0.004 - GAP_M)
        location, turn_deg = span.where(at_m + size[0] / 2, 1.28)
        self.put("label", Kit((part("board", board, self.card, None),)), location, turn_deg)

    def row(self, span: Span) -> None:
        """Hang one row along a span, centred as a group."""
        rng = self.rng
        style = str(rng.choice(picture_frame.STYLES, p=[0.3, 0.2, 0.15, 0.25, 0.1]))
        glazed_share = float(rng.choice([0.4, 0.8, 1.0]))
        frame = self.frames[int(rng.integers(len(self.frames)))]
        eye_m = float(rng.normal(1.55, 0.03))
        tallest = min(1.5, span.height_m - 1.0)
        gap_m = float(rng.uniform(0.28, 0.6))
        sizes: list[tuple[float, float]] = []
        free = span.end_m - span.start_m - 0.5
        alike = rng.random() < 0.45
        unit = (float(rng.uniform(0.5, 1.1)), float(rng.uniform(0.6, 1.2)))
        while len(sizes) < self.left:
            wide = unit[0] if alike else float(np.exp(rng.uniform(np.log(0.5), np.log(2.0))))
            high = min(unit[1] if alike else wide * float(rng.choice([0.7, 0.8, 1.0, 1.3])), tallest)
            left_m = free - sum(size[0] for size in sizes) - gap_m * len(sizes)
            if wide > left_m:
                wide, high = left_m, min(high, 1.2 * left_m)
            if left_m < 0.4:
                break
            sizes.append((wide, high))
        total = sum(size[0] for size in sizes) + gap_m * max(len(sizes) - 1, 0)
        x = (span.start_m + span.end_m - total) / 2
        for wide, high in sizes:
            middle, low = x + wide / 2, eye_m - high / 2
            if self.mirrors and rng.random() < 0.2:
                self.mirrors -= 1
                self._hang(span, mirror.design(rng, "wall", wide, high), middle, low, "mirror")
            else:
                mat_m = (
                    float(rng.choice([0.0, 0.06, 0.1]))
                    if style in ("thin", "box", "wood") and min(wide, high) > 0.38
                    else 0.0
                )
                kind = "poster" if wide < 0.85 * high and rng.random() < 0.35 else "painting"
                glazed = bool(rng.random() < glazed_share)
                kit = picture_frame.design(rng, wide, high, style, glazed, kind, mat_m, frame)
                self._hang(span, kit, middle, low, "picture")
                self._label(span, x + wide + 0.06)
            self.left -= 1
            x += wide + gap_m

    def salon(self, span: Span) -> None:
        """Hang two or three rows of small pictures closely, frame by frame."""
        rng = self.rng
        rows = 3 if span.height_m > 3.2 and rng.random() < 0.5 else 2
        wide, high = float(rng.uniform(0.32, 0.5)), float(rng.uniform(0.32, 0.52))
        gap_m = float(rng.uniform(0.07, 0.14))
        columns = min(int((span.end_m - span.start_m - 0.4) / (wide + gap_m)), self.left // rows, 5)
        style = str(rng.choice(["thin", "box", "gilt", "wood"]))
        middle = (span.start_m + span.end_m) / 2
        low = 1.6 - (rows * high + (rows - 1) * gap_m) / 2
        pair = rng.integers(len(self.frames), size=2)
        for column in range(max(columns, 0)):
            for row in range(rows):
                frame = self.frames[int(pair[int(rng.random() < 0.25)])]
                kit = picture_frame.design(rng, wide, high, style, bool(rng.random() < 0.85), "painting", 0.0, frame)
                at = middle + (column - (columns - 1) / 2) * (wide + gap_m)
                self._hang(span, kit, at, low + row * (high + gap_m), "picture")
                self.left -= 1
