# SPDX-License-Identifier: Apache-2.0
"""sRGB's curve (IEC 61966-2-1): what pictures store, and the linear light in which lenses add."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

_STEPS = 65535


@cache
def _decoded() -> npt.NDArray[np.float32]:
    return linear(np.arange(256) / 255).astype(np.float32)


@cache
def _codes() -> npt.NDArray[np.uint8]:
    """Return the 8-bit code of each linear value k / 65535; a step is at most 0.05 codes."""
    codes: npt.NDArray[np.uint8] = np.rint(255 * encode(np.arange(_STEPS + 1) / _STEPS)).astype(np.uint8)
    return codes


def decode(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return the linear light, 0 to 1, of sRGB codes."""
    light: npt.NDArray[np.float32] = _decoded()[image]
    return light


def linear(value: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the linear light of sRGB values, 0 to 1."""
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def encode(light: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return sRGB values, 0 to 1, of linear light, which is clipped to 0 to 1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-8) ** (1 / 2.4) - 0.055)


def encode_8_bit(light: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return the nearest sRGB codes of linear light (to a twentieth of a code)."""
    step = np.clip(light, 0, 1) * np.float32(_STEPS) + np.float32(0.5)
    return np.take(_codes(), step.astype(np.uint16))


def encode_16_bit(light: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Return sRGB in 65,535ths of linear light."""
    codes: npt.NDArray[np.uint16] = np.rint(encode(light) * _STEPS).astype(np.uint16)
    return codes
