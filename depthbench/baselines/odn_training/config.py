# SPDX-License-Identifier: Apache-2.0
"""Settings of training for the ODN networks: the table ``[recipe]`` of their presets."""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.errors import DepthbenchError


@dataclass(frozen=True)
class OdnConfig:
    """Network, samples, validation.

    Attributes
    ----------
    observations : int
        Masks that the network takes.
    head : {"code", "text"}
        See :class:`~depthbench.baselines.odn.network.ODN`.
    augment : tuple of str
        Faults of masks beyond the published ones (:data:`depthbench.generators.odms.config.AUGMENTATIONS`); none is in the paper.
    clean : bool
        Held-out masks are made clean (:mod:`depthbench.baselines.clean_masks`) before they are measured on, and the network is used so
        afterwards; those of the stream are clean. Not in the paper.
    restate_examples : int
        Fresh examples from which batch norms take their statistics before weights are validated and kept; 0: as they are.
    val_examples : int
        Most held-out examples of each set, spread evenly; 0: all.
    """

    observations: int = 10
    head: str = "code"
    augment: tuple[str, ...] = ()
    clean: bool = False
    restate_examples: int = 1024
    val_examples: int = 0

    def __post_init__(self) -> None:
        if self.restate_examples < 0 or self.val_examples < 0:
            raise DepthbenchError(
                f"restate_examples={self.restate_examples}, val_examples={self.val_examples}: neither may be negative"
            )
