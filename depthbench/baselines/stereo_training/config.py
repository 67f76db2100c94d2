# SPDX-License-Identifier: Apache-2.0
"""Settings of training for the stereo networks: the table ``[recipe]`` of their presets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depthbench.baselines.s2m2_focus.condition import Rule
from depthbench.errors import DepthbenchError


@dataclass(frozen=True)
class StereoConfig:
    """Network, samples and loss.

    Attributes
    ----------
    channels, transformers, refine_steps : int
        Of the network.
    width, height : int
        Of the samples, px, multiples of 32.
    sizes : tuple of (width, height)
        Several sizes, one drawn per step, from step ``sizes_from`` on; empty: always the same.
    sizes_from : int
    experts : int
        1: the ablation without the mixture (s2m2-focus).
    inject : bool
        False: the ablation without direct injection (s2m2-focus).
    prior : bool
        The condition weighs matches too (s2m2-focus): ours, for networks that cannot be trained for long.
    segmentation : bool
        False: the ablation without segmentation loss.
    curation : bool
        False: the ablation without; sets with one disparity are then true for every c, whatever they measured.
    conditions : int
        Values of c asked of each pair (s2m2-focus): 1, or 2 from both sides, which share the features and cost about
        half as much again.
    ends : float
        Share of the samples asked at c = 0 or 1 (s2m2-focus), where every see-through pixel is asked for its first or last surface; the
        others are drawn by :func:`~depthbench.baselines.s2m2_focus.condition.sample_condition`.
    rule : {"closest", "behind"}
        Target rule, see :mod:`~depthbench.baselines.s2m2_focus.condition`.
    consistency_window : int
        Of the layer-consistency masking, px; 0: none.
    planes_disp_px : tuple of (low, high)
        Range in which the largest disparity of a scene of planes is drawn.
    scale : tuple of (low, high)
        Pictures are resized by a factor from here before the crop, at least so far that they hold it.
    mirror, flip, jitter_apart, patches : float
        Probability of eyes swapped in a mirror (layered data), of a vertical flip, of colours changed in each eye for itself,
        of patches over the right eye.
    brightness, contrast, gamma : float
        Largest change of colour; 0.3 is a factor between 1 / 1.3 and 1.3.
    disparity, occlusion, confidence, concentration, likelihood, match, segmentation_weight : float
        Weights of the terms of the loss.
    val_samples : int
        Most held-out samples per ``--val``, spread evenly.
    score_px : float
        The checkpoint is picked by the share of pixels that err by more.
    """

    channels: int
    transformers: int
    width: int
    height: int
    refine_steps: int = 1
    sizes: tuple[tuple[int, ...], ...] = ()
    sizes_from: int = 0
    experts: int = 2
    inject: bool = True
    prior: bool = False
    segmentation: bool = True
    curation: bool = True
    conditions: int = 1
    ends: float = 0.0
    rule: Rule = "behind"
    consistency_window: int = 9
    planes_disp_px: tuple[float, ...] = (12.0, 48.0)
    scale: tuple[float, ...] = (0.5, 1.0)
    mirror: float = 0.5
    flip: float = 0.5
    jitter_apart: float = 0.3
    patches: float = 0.3
    brightness: float = 0.3
    contrast: float = 0.3
    gamma: float = 0.2
    disparity: float = 1.0
    occlusion: float = 1.0
    confidence: float = 1.0
    concentration: float = 1.0
    likelihood: float = 0.0
    match: float = 0.0
    segmentation_weight: float = 0.5
    val_samples: int = 32
    score_px: float = 1.0

    def __post_init__(self) -> None:
        if self.conditions not in (1, 2):
            raise DepthbenchError(f"conditions={self.conditions}: 1 or 2")
        for width, height in ((self.width, self.height), *self.sizes):
            if width % 32 or height % 32 or min(width, height) < 32:
                raise DepthbenchError(f"size {width}x{height}: width and height of samples are multiples of 32")

    def size_at(self, step: int, seed: int) -> tuple[int, int]:
        """Return (width, height) of the samples of a step."""
        if not self.sizes or step < self.sizes_from:
            return self.width, self.height
        width, height = self.sizes[int(np.random.default_rng([seed, step, 1]).integers(len(self.sizes)))]
        return width, height
