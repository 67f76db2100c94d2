# SPDX-License-Identifier: Apache-2.0
"""The radial image: how near each cell is to the picture's middle. It tells a convolution where it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_SIDE = 224
_MIDDLE = 112
_LEVELS = 255


def radial_image() -> npt.NDArray[np.float32]:
    """Return it as the authors' network sees it, float32 (112, 112) in [0, 254/255].

    They draw 224x224, 255 (1 - r / (112 sqrt 2)) around the pixel (112, 112) in whole numbers, and halve that in whole numbers.
    """
    away = np.arange(_SIDE) - _MIDDLE
    radius = np.hypot(away[:, None], away[None, :])
    drawn = np.rint(_LEVELS * (1 - radius / (_MIDDLE * np.sqrt(2)))).astype(np.int64)
    fours = drawn.reshape(_SIDE // 2, 2, _SIDE // 2, 2).sum(axis=(1, 3))
    image: npt.NDArray[np.float32] = (((fours + 2) // 4) / _LEVELS).astype(np.float32)
    return image
