# SPDX-License-Identifier: Apache-2.0
"""Samples of the stream as arrays, without PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.raster import draw_packed, draw_reduced
from depthbench.generators.odms.scene import draw_scene


@dataclass(frozen=True)
class Examples:
    """B examples of n observations, the nearest first.

    Attributes
    ----------
    masks : uint8
        (B, n, 112, 112) covered shares 0 to 255, or (B, n, 480, 80) bits, least significant first.
    distance_m : float32 (B, n)
        From the camera to where the object is at the end, along the optical axis. ``distance_m[:, :1]`` is the truth that is asked
        for; the differences to it are the camera's movement, which is known.
    """

    masks: npt.NDArray[np.uint8]
    distance_m: npt.NDArray[np.float32]

    @property
    def depth_m(self) -> npt.NDArray[np.float32]:
        """True depth at the final, nearest pose, float32 (B,)."""
        return self.distance_m[:, 0]

    @property
    def camera_move_m(self) -> npt.NDArray[np.float32]:
        """How much farther away the camera is than at the final pose, float32 (B, n); 0 first."""
        return self.distance_m - self.distance_m[:, :1]


def make_examples(config: OdmsConfig, indices: npt.ArrayLike, packed: bool = False) -> Examples:
    """Make the samples with these numbers (B,), each the same whatever is made with it.

    ``packed``: masks of 480x640 as bits instead of reduced ones.
    """
    distance_m, drawing = draw_scene(config, indices)
    masks = draw_packed(drawing) if packed else draw_reduced(drawing, binary=config.rules == "paper")
    return Examples(masks.reshape(*distance_m.shape, *masks.shape[1:]), distance_m)


def unpacked(masks: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Unpack masks (..., 480, 80) to bool (..., 480, 640)."""
    return np.unpackbits(masks, axis=-1, bitorder="little").view(bool)
