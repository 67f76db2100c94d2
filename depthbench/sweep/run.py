# SPDX-License-Identifier: Apache-2.0
"""Asking a steered model for one pair at evenly spaced values of c, and what the answers are drawn with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.baselines import MODELS
from depthbench.baselines.loading import LoadedModel
from depthbench.errors import DepthbenchError
from depthbench.registry import load_object
from depthbench.tasks import StereoSample
from depthbench.viz import finite_range

OUTER_SHARE = 0.01
"""Share of the answers left out at either end of the colour range, where no truth gives one."""


@dataclass(frozen=True)
class Sweep:
    """A pair and the answers for it.

    Attributes
    ----------
    sample : StereoSample
        With ``rig`` where calibration is known, with ``layers`` where the truth is.
    model : str
        Its label.
    values : tuple of float
        Values of c, from 0 (nearest surface) to 1 (farthest).
    disp_px : float32 (len(values), H, W)
        The answers; NaN = hole.
    """

    sample: StereoSample
    model: str
    values: tuple[float, ...]
    disp_px: npt.NDArray[np.float32]

    @property
    def limits_px(self) -> tuple[float, float]:
        """Colour range that all pictures of the sweep share: the truth's if known, else the answers' but for their outer 1 %."""
        if self.sample.layers is not None:
            return finite_range(self.sample.layers.disp_px)
        known = self.disp_px[np.isfinite(self.disp_px)]
        if not known.size:
            return 0.0, 1.0
        low, high = np.quantile(known, [OUTER_SHARE, 1 - OUTER_SHARE])
        return float(low), float(high)

    @property
    def max_disp_px(self) -> float | None:
        """Largest true disparity of the scene, to which c refers; None where the truth is not known."""
        return None if self.sample.layers is None else finite_range(self.sample.layers.disp_px)[1]

    def target(self, number: int) -> npt.NDArray[np.float32] | None:
        """True disparity for a value of c, by its place: the layer closest to (1 - c) d_max; None where it is not known."""
        if self.sample.layers is None or self.max_disp_px is None:
            return None
        return self.sample.layers.closest((1 - self.values[number]) * self.max_disp_px)


def require_steered(loaded: LoadedModel) -> None:
    """Refuse a model that has no ``sweep``.

    Raises
    ------
    DepthbenchError
        Naming those of depthbench that have one.
    """
    if not callable(getattr(loaded.model, "sweep", None)):
        steered = [name for name, where in MODELS.items() if hasattr(load_object(where), "sweep")]
        raise DepthbenchError(
            f"model {loaded.name}: not steered by c, so there is nothing to sweep; use --model {' or '.join(steered)}"
        )


def sweep(loaded: LoadedModel, sample: StereoSample, number: int) -> Sweep:
    """Ask for ``number`` evenly spaced values of c from 0 to 1.

    Raises
    ------
    DepthbenchError
        If the model is not steered.
    """
    require_steered(loaded)
    values = tuple(float(value) for value in np.linspace(0, 1, number))
    answers = loaded.model.sweep(sample, values)  # type: ignore[attr-defined]
    return Sweep(sample, loaded.label, values, np.stack([answer.disp_px for answer in answers]))
