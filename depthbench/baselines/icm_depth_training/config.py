# SPDX-License-Identifier: Apache-2.0
"""Settings of training for icm-depth: the table ``[recipe]`` of its presets."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from depthbench.baselines.icm_depth.encoder import MULTIPLE
from depthbench.baselines.icm_depth.settings import Settings
from depthbench.errors import DepthbenchError


@dataclass(frozen=True)
class IcmConfig(Settings):
    """Network (:class:`~depthbench.baselines.icm_depth.settings.Settings`), samples, loss, validation.

    Attributes
    ----------
    encoder_weights : str
        ``.safetensors`` of timm that the encoder starts from; empty: at random.
    encoder_rate : float
        Learning rate of the encoder, as a share of that of the rest.
    icm_weight : float
        Of the loss of clusters beside SILog; 0: depth alone.
    reduction : {"mean", "literal"}
        Of the loss of clusters, see :func:`depthbench.baselines.icm_loss.loss.icm_loss`.
    crop_width, crop_height : int
        Of samples, pixels; multiples of 32.
    flip : bool
        Half of the samples seen in a mirror.
    gain : float
        Samples are brighter or darker by up to this factor; 1: none is.
    sparse : bool
        Depth is that of a lidar: targets of a cell are made of all its pixels, not of the one in its middle.
    near_m, far_m : float
        Depths that count, in the loss and in validation.
    val_samples : int
        Most held-out frames, spread evenly; 0: all.
    """

    encoder_weights: str = ""
    encoder_rate: float = 1.0
    icm_weight: float = 1.0
    reduction: Literal["mean", "literal"] = "mean"
    crop_width: int = 512
    crop_height: int = 256
    flip: bool = True
    gain: float = 1.0
    sparse: bool = False
    near_m: float = 1e-3
    far_m: float = 80.0
    val_samples: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        for side in ("crop_width", "crop_height"):
            if getattr(self, side) < MULTIPLE or getattr(self, side) % MULTIPLE:
                raise DepthbenchError(f"{side}={getattr(self, side)}: must be a multiple of {MULTIPLE}")
        if self.gain < 1 or self.val_samples < 0 or self.icm_weight < 0 or not 0 < self.encoder_rate <= 1:
            raise DepthbenchError(
                f"gain={self.gain:g} (at least 1), val_samples={self.val_samples}, icm_weight={self.icm_weight:g} (not negative), "
                f"encoder_rate={self.encoder_rate:g} (above 0, at most 1): one cannot be"
            )
        if not 0 <= self.near_m < self.far_m:
            raise DepthbenchError(f"depths from {self.near_m:g} to {self.far_m:g} m: near must be before far")

    @property
    def settings(self) -> Settings:
        """The network alone."""
        return Settings(**{field.name: getattr(self, field.name) for field in dataclasses.fields(Settings)})
