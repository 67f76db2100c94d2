# SPDX-License-Identifier: Apache-2.0
"""One rendered stereo pair with its whole truth, as it lies in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from depthbench.camera import StereoRig
from depthbench.layers import Layers

Eye = Literal["left", "right"]
EYES: tuple[Eye, Eye] = ("left", "right")


@dataclass(frozen=True)
class EyeRecord:
    """What is known of one eye's view.

    Attributes
    ----------
    image : uint8 (H, W, 3)
    layers : Layers
        (K, H, W), K <= 8.
    reflective : bool (H, W)
        Mirror-like at sight.
    refraction_px : float32 (H, W)
        How far refraction moves the correspondence (:mod:`depthbench.truth.refraction`); 0 where nothing refracts, NaN where
        unknown.
    cam_to_world : float64 (4, 4)
        OpenCV camera to world, metres.
    """

    image: npt.NDArray[np.uint8]
    layers: Layers
    reflective: npt.NDArray[np.bool_]
    refraction_px: npt.NDArray[np.float32]
    cam_to_world: npt.NDArray[np.float64]


@dataclass(frozen=True)
class LayeredRecord:
    """One stereo pair with its whole truth.

    Attributes
    ----------
    id : str
        ``cafe-000012-0003``: environment, scene, view.
    rig : StereoRig
    left, right : EyeRecord
    meta : mapping
        Environment, seed, scene, view, attempt, versions, ...; JSON-serialisable.
    """

    id: str
    rig: StereoRig
    left: EyeRecord
    right: EyeRecord
    meta: Mapping[str, Any]
