# SPDX-License-Identifier: Apache-2.0
"""The layered-depth type: K surfaces along every pixel's ray, front to back.

Truth is geometric: layers are met by the straight (unrefracted) ray through a pixel's centre, up to and including the
first opaque one. A closed solid of glass gives one layer per crossing, at its entry; an open sheet or a screen gives one
per hit. The layer *index* is no correspondence between the eyes: match by ``surface_id``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

MAX_LAYERS = 8


class SurfaceClass(IntEnum):
    """What a layer is made of; 0 where there is no layer."""

    NONE = 0
    OPAQUE = 1
    TRANSMISSIVE = 2
    SCREEN = 3


class Visibility(IntEnum):
    """Whether a layer's point is seen by the other eye, decided by a ray to that camera; 0 where there is no layer."""

    NONE = 0
    VISIBLE = 1
    """The straight way to the other camera crosses see-through surfaces only (or nothing)."""
    OCCLUDED = 2
    """An opaque surface stands in the way."""
    OUT_OF_FRAME = 3
    """The point projects outside the other image (outside [-0.5, W - 0.5) x [-0.5, H - 0.5))."""


@dataclass(frozen=True)
class Layers:
    """Every surface along every pixel's ray for one eye; arrays of shape (K, H, W), front to back.

    Attributes
    ----------
    disp_px : float32
        Disparity in pixels (positive in both eyes' maps: f * B / Z), NaN after the last layer.
    surface_id : int32
        Scene-wide number of the surface, the same in both eyes; 0 where there is no layer.
    surface_class : uint8
        :class:`SurfaceClass`.
    visibility : uint8
        :class:`Visibility` in the other eye.
    """

    disp_px: npt.NDArray[np.float32]
    surface_id: npt.NDArray[np.int32]
    surface_class: npt.NDArray[np.uint8]
    visibility: npt.NDArray[np.uint8]

    @property
    def count(self) -> npt.NDArray[np.uint8]:
        """Number of layers per pixel, uint8 (H, W); 0 where the ray meets nothing (sky)."""
        count: npt.NDArray[np.uint8] = np.isfinite(self.disp_px).sum(axis=0, dtype=np.uint8)
        return count

    @property
    def see_through(self) -> npt.NDArray[np.bool_]:
        """Pixels whose first surface can be seen through (transmissive or screen), bool (H, W)."""
        mask: npt.NDArray[np.bool_] = self.surface_class[0] >= SurfaceClass.TRANSMISSIVE
        return mask

    @property
    def sky(self) -> npt.NDArray[np.bool_]:
        """Pixels whose ray meets no opaque surface, bool (H, W): what is behind their last layer has disparity 0."""
        mask: npt.NDArray[np.bool_] = ~(self.surface_class == SurfaceClass.OPAQUE).any(axis=0)
        return mask

    def last_index(self) -> npt.NDArray[np.intp]:
        """Index of the last layer per pixel, (H, W); 0 where there is none."""
        return np.maximum(self.count.astype(np.intp) - 1, 0)

    def select(self, index: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
        """Pick one layer per pixel: (disp_px, visibility), each (H, W), for a layer index map (H, W)."""
        pick = index[None]
        return (
            np.take_along_axis(self.disp_px, pick, axis=0)[0],
            np.take_along_axis(self.visibility, pick, axis=0)[0],
        )

    def first(self) -> npt.NDArray[np.float32]:
        """Disparity of the nearest surface, (H, W), NaN where the ray meets nothing."""
        first: npt.NDArray[np.float32] = self.disp_px[0]
        return first

    def last(self) -> npt.NDArray[np.float32]:
        """Disparity of the surface that ends the ray, (H, W), NaN where none does (:attr:`sky`)."""
        return np.where(self.sky, np.float32(np.nan), self.select(self.last_index())[0])

    def closest(self, reference_px: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Disparity of the layer nearest in disparity to a reference (scalar or (H, W)); the nearer layer on a tie."""
        distance = np.abs(self.disp_px - np.asarray(reference_px, dtype=np.float32))
        index = np.where(np.isnan(distance), np.inf, distance).argmin(axis=0)
        return self.select(index)[0]
