# SPDX-License-Identifier: Apache-2.0
"""The thin lens: how wide a point is blurred on the sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError


@dataclass(frozen=True)
class ThinLens:
    """A lens before a sensor, focused by moving the lens: everything about blur that does not depend on the scene.

    A point at depth d, with the lens focused at S, becomes a disc on the sensor of diameter
    ``f^2 / N * |d - S| / (d (S - f))``; in pixels that is ``px_per_dioptre * S / (S - f) * |1/d - 1/S|``.

    Attributes
    ----------
    focal_m : float
        Focal length f.
    f_number : float
        N; the aperture is f / N wide.
    pitch_m : float
        Distance of neighbouring pixels' centres on the sensor, at the size of the pictures.

    Raises
    ------
    DepthbenchError
        If one of them is not a positive number.
    """

    focal_m: float
    f_number: float
    pitch_m: float

    def __post_init__(self) -> None:
        named = {"focal length": self.focal_m, "f-number": self.f_number, "pixel pitch": self.pitch_m}
        for name, value in named.items():
            if not (math.isfinite(value) and value > 0):
                raise DepthbenchError(f"the camera's {name} is {value}, not a positive number")

    @property
    def aperture_m(self) -> float:
        """Width of the aperture."""
        return self.focal_m / self.f_number

    @property
    def px_per_dioptre(self) -> float:
        """Strength of the blur: pixels of diameter per dioptre out of focus, focused far away."""
        return self.aperture_m * self.focal_m / self.pitch_m

    @property
    def focal_px(self) -> float:
        """Focal length in pixels that the three numbers imply."""
        return self.focal_m / self.pitch_m

    def diameter_per_dioptre(self, focus_m: float) -> float:
        """Return pixels of diameter per dioptre with the lens focused at ``focus_m`` (may be infinite).

        Raises
        ------
        DepthbenchError
            If the lens cannot focus there, at its focal length or nearer.
        """
        if not focus_m > self.focal_m:
            raise DepthbenchError(
                f"no lens of {1000 * self.focal_m:g} mm focuses at {focus_m:g} m: focus distances must be longer than the "
                "focal length"
            )
        return self.px_per_dioptre / (1 - self.focal_m / focus_m)

    def diameter_px(self, depth_m: npt.ArrayLike, focus_m: float) -> npt.NDArray[Any]:
        """Return the diameter in pixels of the disc that a point at each depth becomes; depth may be infinite, NaN stays NaN."""
        defocus = np.abs(1 / np.asarray(depth_m, dtype=np.float64) - 1 / focus_m)
        return np.asarray(self.diameter_per_dioptre(focus_m) * defocus)
