# SPDX-License-Identifier: Apache-2.0
"""The closed-form stages: relative depth brought to the scale of depth from focus, and what factor is left per pixel.

The published code fits in depth, to the reciprocal of a relative disparity, where it wants metres: that is not affine to depth, and the
smallest disparities decide. Here the domain is a choice. It also fits over all pixels, the padding too; here a mask says which count.
"""

from __future__ import annotations

import torch
from torch import Tensor

from depthbench.baselines.hybriddepth.midas import LEAST
from depthbench.baselines.hybriddepth.settings import QUANTITIES
from depthbench.errors import unknown_name
from depthbench.scale_shift import fit_scale_shift

FARTHEST = 1e-3
"""A relative disparity below this share of the picture's largest is that far away, and does not count in a fit of depth."""


def align(
    relative: Tensor, focus_map: Tensor, valid: Tensor, quantity: str = "depth", fit: str = "disparity"
) -> Tensor:
    """Return relative disparity at the scale of a depth-from-focus map, in its quantity: (B, 1, H, W), at least :data:`.midas.LEAST`.

    Parameters
    ----------
    relative : (B, 1, H, W)
        Disparity up to scale and shift, not negative.
    focus_map : (B, 1, H, W)
        Above 0.
    valid : bool (B, 1, H, W)
        Which pixels count in the least squares.
    quantity : {"depth", "disparity"}
        What the focus map is.
    fit : {"depth", "disparity"}
        In which the squares are least.

    Raises
    ------
    DepthbenchError
        If a name is unknown.
    """
    for name in (quantity, fit):
        if name not in QUANTITIES:
            raise unknown_name("quantity", name, QUANTITIES)
    source, target = relative, focus_map
    if fit == "depth":
        nearest = relative.amax((1, 2, 3), keepdim=True)
        least = (FARTHEST * nearest).clamp(min=torch.finfo(relative.dtype).tiny)
        valid = valid & (relative >= least)
        source = 1 / torch.maximum(relative, least)
    if fit != quantity:
        target = 1 / focus_map.clamp(min=LEAST)
    scale, shift = fit_scale_shift(source.flatten(1), target.flatten(1), valid.flatten(1))
    fitted: Tensor = scale.view(-1, 1, 1, 1) * source + shift.view(-1, 1, 1, 1)
    if fit != quantity:
        farthest = focus_map.amax((1, 2, 3), keepdim=True)
        # where the fit leaves what a disparity can be, the answer is as far (or as near) as anything in focus
        fitted = 1 / torch.maximum(fitted, 1 / farthest.clamp(min=LEAST))
    return fitted.clamp(min=LEAST)


def scale_map(focus_map: Tensor, aligned: Tensor) -> Tensor:
    """Return the factor (B, 1, H, W) between depth from focus and the aligned map; 1 where it is no finite number."""
    factor = focus_map / aligned
    return torch.where(factor.isfinite(), factor, torch.ones_like(factor))
