# SPDX-License-Identifier: Apache-2.0
"""Settings of training for ``size-net``: the table ``[recipe]`` of its presets."""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.errors import DepthbenchError


@dataclass(frozen=True)
class SizeNetConfig:
    """Samples and validation.

    Attributes
    ----------
    observations : int
        Most masks of an example. Half of the steps show so many, the others any number from 2 on.
    faults : tuple of str
        Of a third of the examples, beyond the dilations and erosions that two thirds have
        (:data:`depthbench.generators.odms.config.AUGMENTATIONS`).
    turning : float
        How much widths change against heights, standard deviation of the logarithm's scale: objects that turn about the vertical.
    noise : float
        The same of all sizes of a mask at once; a third of it of each alone.
    val_examples : int
        Most held-out examples of each set, spread evenly; 0: all.
    """

    observations: int = 10
    faults: tuple[str, ...] = ("missing", "background")
    turning: float = 0.4
    noise: float = 0.03
    val_examples: int = 0

    def __post_init__(self) -> None:
        if self.observations < 2:
            raise DepthbenchError(f"observations={self.observations}: depth from motion takes at least 2")
        if min(self.turning, self.noise, self.val_examples) < 0:
            raise DepthbenchError(
                f"turning={self.turning:g}, noise={self.noise:g}, val_examples={self.val_examples}: none may be negative"
            )
