# SPDX-License-Identifier: Apache-2.0
"""The answer that looks at no picture: one depth for all pixels, the middle one of the focus distances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.tasks import DepthPrediction, FocusSample, Task


class ConstantDepth:
    """What every method must beat: the median of the focus distances, whatever their spacing."""

    task: Task = "focus"

    def prepare(self, sample: FocusSample) -> npt.NDArray[np.float64]:
        """Turn distances into inverse ones, of which infinity is 0."""
        return 1 / sample.focus_m

    def forward(self, inputs: npt.NDArray[np.float64]) -> float:
        """Return the median distance, metres; of an even number the mean of the inner two, in inverse distance."""
        return float(1 / np.median(inputs))

    def finish(self, outputs: float, sample: FocusSample) -> DepthPrediction:
        """Spread it over the picture."""
        return DepthPrediction(np.full(sample.stack.shape[1:3], outputs, np.float32))
