# SPDX-License-Identifier: Apache-2.0
"""The answer that looks at no picture: one depth for all pixels, the middle of the focus range."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.errors import unknown_name
from depthbench.tasks import DepthPrediction, FocusSample, Task

MIDDLES = ("dioptre", "depth")


class ConstantDepth:
    """What every method must beat.

    Parameters
    ----------
    middle : {"dioptre", "depth"}
        The middle between the first and the last focus distance: in inverse depth, or in depth (infinite where the last is).
    """

    task: Task = "focus"

    def __init__(self, middle: str = "dioptre") -> None:
        if middle not in MIDDLES:
            raise unknown_name("middle of the focus range", middle, MIDDLES)
        self._middle = middle

    def prepare(self, sample: FocusSample) -> npt.NDArray[np.float64]:
        """Take the ends of the focus range."""
        return sample.focus_m[[0, -1]]

    def forward(self, inputs: npt.NDArray[np.float64]) -> float:
        """Return the middle, metres."""
        return float(inputs.mean() if self._middle == "depth" else 2 / (1 / inputs).sum())

    def finish(self, outputs: float, sample: FocusSample) -> DepthPrediction:
        """Spread it over the picture."""
        return DepthPrediction(np.full(sample.stack.shape[1:3], outputs, np.float32))
