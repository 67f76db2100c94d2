# SPDX-License-Identifier: Apache-2.0
"""Colours: linear RGB triples, drawn near a named one."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

RGB = tuple[float, float, float]
T = TypeVar("T")

_DAYLIGHT_K = 6500.0
_WARMTH_LEFT = 0.45


def pick(rng: np.random.Generator, choices: Sequence[T], weights: Sequence[float] | None = None) -> T:
    """Return one of ``choices``, with the given relative weights."""
    share = None if weights is None else np.asarray(weights) / np.sum(weights)
    return choices[int(rng.choice(len(choices), p=share))]


def near(rng: np.random.Generator, rgb: RGB, hue: float = 0.015, saturation: float = 0.12, value: float = 0.15) -> RGB:
    """Return a colour near ``rgb``: hue shifted by up to ``hue`` of a turn, saturation and value by these fractions."""
    h, s, v = colorsys.rgb_to_hsv(*rgb)
    h = (h + rng.uniform(-hue, hue)) % 1.0
    s = float(np.clip(s * (1 + rng.uniform(-saturation, saturation)), 0, 1))
    v = float(np.clip(v * (1 + rng.uniform(-value, value)), 0, 0.9))
    return colorsys.hsv_to_rgb(h, s, v)


def shade(rgb: RGB, factor: float) -> RGB:
    """Return ``rgb`` times a factor, at most 0.95: nothing real reflects more."""
    red, green, blue = (min(part * factor, 0.95) for part in rgb)
    return red, green, blue


def any_hue(rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float]) -> RGB:
    """Return a colour of any hue with saturation and value in these ranges."""
    return colorsys.hsv_to_rgb(float(rng.uniform()), float(rng.uniform(*saturation)), float(rng.uniform(*value)))


def luminance(rgb: Sequence[float]) -> float:
    """Return the relative luminance of a linear Rec. 709 colour (ITU-R BT.709)."""
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def matt(rgb: Sequence[float], factor: float, other: Sequence[float] | None = None, share: float = 0.0) -> RGB:
    """Return what a glossy textured surface of main colour ``rgb`` reflects on the whole.

    ``factor`` is how much its pattern darkens it, ``share`` how much of it shows ``other``; a boundary adds some 3.5 %.
    """
    second = rgb if other is None else other
    red, green, blue = (
        min(factor * ((1 - share) * a + share * b) + 0.035, 0.95) for a, b in zip(rgb, second, strict=True)
    )
    return red, green, blue


def balanced_k(kelvin: float) -> float:
    """Return the colour temperature that a lamp shows in a picture balanced for the room.

    A camera balances most of the warmth of lamplight away, as eyes do. The balance is in the lights, not in the picture, so
    that it cannot differ between two eyes: 45 % of the distance to daylight (6500 K) is left, measured in reciprocal kelvin.
    """
    return 1.0 / (1.0 / _DAYLIGHT_K + _WARMTH_LEFT * (1.0 / kelvin - 1.0 / _DAYLIGHT_K))
