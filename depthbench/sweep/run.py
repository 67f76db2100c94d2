# SPDX-License-Identifier: Apache-2.0
"""Asking a steered model for one pair at evenly spaced values of c, and what the answers are drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from depthbench.baselines import MODELS
from depthbench.baselines.loading import LoadedModel
from depthbench.errors import DepthbenchError
from depthbench.registry import load_object
from depthbench.tasks import StereoSample
from depthbench.viz import finite_range

DEFAULT_RULE = "behind"
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
    rule : {"behind", "closest"}
        Which true layer a value of c asks for, see :meth:`target`.
    """

    sample: StereoSample
    model: str
    values: tuple[float, ...]
    disp_px: npt.NDArray[np.float32]
    rule: str = DEFAULT_RULE

    @cached_property
    def layers_px(self) -> npt.NDArray[np.float32] | None:
        """True layers front to back, float32 (K, H, W), the sky last at disparity 0; None where the truth is not known."""
        layers = self.sample.layers
        if layers is None or not layers.sky.any():
            return None if layers is None else layers.disp_px
        with_sky: npt.NDArray[np.float32] = np.concatenate([layers.disp_px, np.full_like(layers.disp_px[:1], np.nan)])
        row, column = np.nonzero(layers.sky)
        with_sky[layers.count[row, column], row, column] = 0.0
        return with_sky

    @property
    def limits_px(self) -> tuple[float, float]:
        """Colour range that all pictures of the sweep share: the truth's if known, else the answers' but for their outer 1 %."""
        if self.layers_px is not None:
            return finite_range(self.layers_px)
        known = self.disp_px[np.isfinite(self.disp_px)]
        if not known.size:
            return 0.0, 1.0
        low, high = np.quantile(known, [OUTER_SHARE, 1 - OUTER_SHARE])
        return float(low), float(high)

    def reference_px(self, number: int) -> float:
        """Disparity that a value of c, by its place, refers to: (1 - c) times the largest true one (the range's upper end)."""
        return (1 - self.values[number]) * self.limits_px[1]

    def target(self, number: int) -> npt.NDArray[np.float32] | None:
        """True disparity for a value of c, by its place; None where the truth is not known.

        By :attr:`rule`: ``behind``, the nearest layer at or behind the reference, the farthest if there is none; ``closest``,
        the layer closest to it.
        """
        layers_px = self.layers_px
        if layers_px is None:
            return None
        reference = self.reference_px(number)
        present = np.isfinite(layers_px)
        if self.rule == "closest":
            index = np.where(present, np.abs(layers_px - reference), np.inf).argmin(axis=0)
        else:
            behind = present & (layers_px <= np.float32(reference))
            index = np.where(behind.any(axis=0), behind.argmax(axis=0), np.maximum(present.sum(axis=0) - 1, 0))
        target: npt.NDArray[np.float32] = np.take_along_axis(layers_px, index[None], axis=0)[0]
        return target


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
    rule = getattr(loaded.model, "target_rule", DEFAULT_RULE)
    return Sweep(sample, loaded.label, values, np.stack([answer.disp_px for answer in answers]), rule)
