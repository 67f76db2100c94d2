# SPDX-License-Identifier: Apache-2.0
"""The three branches as one network, its parameters named as in the public checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from depthbench.baselines.hybriddepth.alignment import align, scale_map
from depthbench.baselines.hybriddepth.depth_anything import DepthAnything
from depthbench.baselines.hybriddepth.dfv import DFV
from depthbench.baselines.hybriddepth.midas import ScaleMapLearner, SmallRelative
from depthbench.baselines.hybriddepth.settings import Settings
from depthbench.errors import unknown_name
from depthbench.registry import load_from_file

RELATIVE: dict[str, type[nn.Module]] = {"depth-anything": DepthAnything, "small": SmallRelative}
"""Networks of relative depth: pictures (B, 3, H, W), 0 to 1, to disparity (B, 1, H, W), not negative, up to scale and shift."""
BRANCHES = {"focus": "DFF_model", "relative": "depth_anything", "refinement": "ScaleMapLearner"}
"""Branch -> the name of its parameters in checkpoints."""
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Stages(NamedTuple):
    """What every stage found, (B, 1, H, W) each; all but ``relative`` in the quantity of the focus values.

    Attributes
    ----------
    refined : the answer
    aligned : relative depth at the scale of depth from focus
    relative : relative disparity
    focus : depth from focus
    deviation : of the distribution over the planes
    focus_all : every prediction of the depth from focus, finest first (in training several)
    """

    refined: Tensor
    aligned: Tensor
    relative: Tensor
    focus: Tensor
    deviation: Tensor
    focus_all: list[Tensor]


def relative_network(name: str) -> nn.Module:
    """Return a fresh network of relative depth.

    Raises
    ------
    DepthbenchError
        If the name is unknown, or the file has no such class.
    """
    if name.rpartition(":")[0].endswith(".py"):
        own: nn.Module = load_from_file(name)()
        return own
    if name not in RELATIVE:
        raise unknown_name("relative-depth network", name, RELATIVE)
    return RELATIVE[name]()


class HybridDepth(nn.Module):
    """Depth from focus, relative depth, least squares between them, refinement.

    No branch teaches another: what the refinement gets carries no gradient back, as in the published training, where the first two
    are frozen.

    Parameters
    ----------
    settings : Settings
    learns : sequence of {"focus", "relative", "refinement"}
        Which branches train. The others stay as in evaluation, their batch norms too.
    """

    mean: Tensor
    norm: Tensor

    def __init__(self, settings: Settings, learns: Sequence[str] = tuple(BRANCHES)) -> None:
        super().__init__()
        for branch in learns:
            if branch not in BRANCHES:
                raise unknown_name("branch", branch, BRANCHES)
        self.settings, self.learns = settings, tuple(learns)
        self.DFF_model = DFV(settings.level, settings.diff, settings.width)
        # the checkpoints' name for the relative branch, whatever network it is
        self.depth_anything = relative_network(settings.relative)
        self.ScaleMapLearner = ScaleMapLearner(
            settings.inputs, settings.features, settings.encoder_width, settings.encoder_depth
        )
        for branch, name in BRANCHES.items():
            if branch not in learns:
                getattr(self, name).requires_grad_(False)
        for name, values in (("mean", IMAGENET_MEAN), ("norm", IMAGENET_DEVIATION)):
            self.register_buffer(name, torch.tensor(values).view(3, 1, 1), persistent=False)
        self.train()

    def train(self, mode: bool = True) -> HybridDepth:
        """Set training mode, but for branches that do not learn."""
        super().train(mode)
        for branch, name in BRANCHES.items():
            if branch not in self.learns:
                getattr(self, name).train(False)
        return self

    def forward(self, picture: Tensor, stack: Tensor, focus: Tensor, valid: Tensor | None = None) -> Stages:
        """Return what every stage found.

        Parameters
        ----------
        picture : (B, 3, H, W)
            sRGB, 0 to 1, all in focus; sides are multiples of 32.
        stack : (B, N, 3, H, W)
            sRGB, 0 to 1.
        focus : (B, N)
            Values of the planes in ``settings.quantity``, finite.
        valid : bool (B, 1, H, W) or None
            Which pixels count when relative depth is fitted (padding does not); None: all.
        """
        focus_all, deviation = self.DFF_model((stack - self.mean) / self.norm, focus)
        relative = self.depth_anything(picture)
        if valid is None:
            valid = torch.ones_like(relative, dtype=torch.bool)
        refined, aligned = self.fuse(relative.detach(), focus_all[0].detach(), deviation, valid)
        return Stages(refined, aligned, relative, focus_all[0], deviation, focus_all)

    def fuse(self, relative: Tensor, focus_map: Tensor, deviation: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Return the refined and the aligned map of two branches' answers, whatever made them."""
        with torch.autocast(relative.device.type, enabled=False):
            aligned = align(relative.float(), focus_map.float(), valid, self.settings.quantity, self.settings.fit)
            told = [aligned, scale_map(focus_map, aligned), deviation][: self.settings.inputs]
        corrected = aligned if self.settings.corrects == "aligned" else focus_map.float()
        refined: Tensor = self.ScaleMapLearner(torch.cat(told, 1), corrected)
        return refined, aligned
