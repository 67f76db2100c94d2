# SPDX-License-Identifier: Apache-2.0
"""The curve of our own renders: what light a picture shows, and back; its shoulder is that of :mod:`depthbench.blender_scenes.tone`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.tone import KNEE

Light = npt.NDArray[np.float32]
MOST_SHOWN = 0.9954
"""What code 254.5 shows: whatever is brighter is taken for the light of this, 4.1."""


def shown(light: npt.NDArray[Any]) -> Light:
    """Return what the film shows of light: straight up to the knee, above it an exponential towards 1."""
    over = np.maximum(light - np.float32(KNEE), 0) / np.float32(1 - KNEE)
    curve: Light = (np.minimum(light, np.float32(KNEE)) - np.float32(1 - KNEE) * np.expm1(-over)).astype(np.float32)
    return curve


def light_of(value: npt.NDArray[Any]) -> Light:
    """Undo :func:`shown`."""
    over = np.clip((value - np.float32(KNEE)) / np.float32(1 - KNEE), 0, (MOST_SHOWN - KNEE) / (1 - KNEE))
    light: Light = (np.minimum(value, np.float32(KNEE)) - np.float32(1 - KNEE) * np.log1p(-over)).astype(np.float32)
    return light
