# SPDX-License-Identifier: Apache-2.0
"""Settings of training for HybridDepth: the table ``[recipe]`` of its presets."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from depthbench.baselines.hybriddepth.dfv import MULTIPLE
from depthbench.baselines.hybriddepth.network import BRANCHES
from depthbench.baselines.hybriddepth.settings import Settings
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.planes import FROM_TRUTH, FocusPlanes

OWN_WEIGHTS = {"focus": "focus_weights", "relative": "relative_weights"}
"""Branch -> the setting that names a file for it."""


@dataclass(frozen=True)
class HybridConfig(Settings):
    """Network (:class:`~depthbench.baselines.hybriddepth.settings.Settings`), stacks, loss, validation.

    Attributes
    ----------
    learns : tuple of str
        Branches that train: ``focus``, ``relative``, ``refinement``.
    focus_weights, relative_weights : str
        Files to start a branch from; one that does not learn must have one.
    focus : {"fixed", "dioptre-uniform"}
        How the planes are spaced, the same for every picture.
    planes : int
    near_m, far_m : float
        Ends of the planes.
    camera, renderer, noise : str
        Of stacks that are rendered, see :class:`depthbench.generators.focal.config.FocalConfig`.
    crop_width, crop_height : int
        Of samples, pixels; multiples of 32.
    flip : bool
        Half of the samples seen in a mirror.
    gain : float
        Samples are brighter or darker by up to this factor; 1: none is.
    truth_near_m, truth_far_m : float
        Depths that count: beyond near and before far. Far may be infinite for disparity: the sky counts then too, and what is
        farther than any answer (a disparity of 0.02) counts as that far.
    gradient_weight, focus_weight, relative_weight : float
        Weights of the losses; that of the refinement's SILog is 1.
    log_weight : float
        Of the refinement's mean error of logarithms, which is not published.
    mask_gradient : bool
        False: the gradient loss has no mask, as published; unknown depth is then 0.
    val_samples : int
        Most held-out stacks, spread evenly over each set; 0: all.
    """

    learns: tuple[str, ...] = tuple(BRANCHES)
    focus_weights: str = ""
    relative_weights: str = ""
    focus: str = "fixed"
    planes: int = 10
    near_m: float = 0.7
    far_m: float = 10.0
    camera: str = "hybriddepth-nyu"
    renderer: str = "layered"
    noise: str = "off"
    crop_width: int = 512
    crop_height: int = 384
    flip: bool = False
    gain: float = 1.0
    truth_near_m: float = 1e-3
    truth_far_m: float = 10.0
    gradient_weight: float = 0.5
    focus_weight: float = 1.0
    relative_weight: float = 1.0
    log_weight: float = 0.0
    mask_gradient: bool = True
    val_samples: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.focus in FROM_TRUTH:
            raise DepthbenchError(
                f"focus={self.focus}: such planes tell the network about the depth that it is to find, and no camera has them; "
                "train with focus=fixed or focus=dioptre-uniform"
            )
        for branch in self.learns:
            if branch not in BRANCHES:
                raise unknown_name("branch", branch, BRANCHES)
        for branch, key in OWN_WEIGHTS.items():
            own_module = branch == "relative" and self.relative.rpartition(":")[0].endswith(".py")
            if branch not in self.learns and not getattr(self, key) and not own_module:
                raise DepthbenchError(
                    f"learns={','.join(self.learns)}: the branch '{branch}' would stay as it is drawn at random; give "
                    f"--option {key}=FILE, or let it learn"
                )
        for side in ("crop_width", "crop_height"):
            if getattr(self, side) < MULTIPLE or getattr(self, side) % MULTIPLE:
                raise DepthbenchError(f"{side}={getattr(self, side)}: must be a multiple of {MULTIPLE}")
        if self.gain < 1 or self.val_samples < 0 or not 0 <= self.truth_near_m < self.truth_far_m:
            raise DepthbenchError(
                f"gain={self.gain:g} (at least 1), val_samples={self.val_samples} (not negative), truth from "
                f"{self.truth_near_m:g} to {self.truth_far_m:g} m (near before far): one cannot be"
            )
        if self.quantity == "depth" and not math.isfinite(self.truth_far_m):
            raise DepthbenchError("truth_far_m=inf: a network that answers in metres learns up to a finite depth")
        _ = self.spacing

    @property
    def settings(self) -> Settings:
        """The network alone."""
        return Settings(**{field.name: getattr(self, field.name) for field in dataclasses.fields(Settings)})

    @property
    def spacing(self) -> FocusPlanes:
        """The planes."""
        return FocusPlanes(self.focus, self.planes, self.near_m, self.far_m)

    def stacks_of(self, kind: str, seed: int) -> FocalConfig:
        """Return how stacks of a source are rendered."""
        return FocalConfig(kind, self.spacing, camera=self.camera, renderer=self.renderer, noise=self.noise, seed=seed)
