# SPDX-License-Identifier: Apache-2.0
"""What the condition c means: which of a ray's surfaces is the right answer, and which c are worth asking.

c = 0 asks for the nearest surface, c = 1 for the farthest; between them stands a plane at the reference disparity
(1 - c) d_max, with d_max the largest disparity of the scene. Layers are (..., K, H, W) in px, NaN where there is none.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

Rule = Literal["closest", "behind"]
"""``closest``: the layer nearest to the reference in disparity, the nearer surface on a tie (the paper's first text).
``behind``: the nearest surface at or behind the reference plane, the farthest if there is none (its later version; what to do
without one is ours)."""


def reference_disparity(c: Tensor, max_disp_px: Tensor) -> Tensor:
    """Return (1 - c) d_max in px."""
    return (1 - c) * max_disp_px


def condition_of(reference_px: Tensor, max_disp_px: Tensor) -> Tensor:
    """Return the c whose reference disparity is ``reference_px``, kept in [0, 1]."""
    return (1 - reference_px / max_disp_px).clamp(0, 1)


def target_index(layers_px: Tensor, reference_px: Tensor, rule: Rule) -> Tensor:
    """Choose a layer per pixel.

    Parameters
    ----------
    layers_px : float (..., K, H, W)
    reference_px : float, broadcastable to (..., H, W)
    rule : "closest" or "behind"

    Returns
    -------
    Tensor
        int64 (..., H, W), -1 where a pixel has no layer.
    """
    present = ~layers_px.isnan()
    reference = reference_px.unsqueeze(-3) if reference_px.ndim >= 2 else reference_px
    farthest = layers_px.masked_fill(~present, torch.inf).argmin(dim=-3)
    if rule == "closest":
        index = (layers_px - reference).abs().masked_fill(~present, torch.inf).argmin(dim=-3)
    else:
        behind = present & (layers_px <= reference)
        nearest = layers_px.masked_fill(~behind, -torch.inf).argmax(dim=-3)
        index = torch.where(behind.any(dim=-3), nearest, farthest)
    return torch.where(present.any(dim=-3), index, -1)


def take_layer(layers_px: Tensor, index: Tensor) -> Tensor:
    """Return the disparity of the chosen layer, (..., H, W); NaN where the index is -1."""
    chosen = layers_px.gather(-3, index.clamp(min=0).unsqueeze(-3)).squeeze(-3)
    return chosen.masked_fill(index < 0, torch.nan)


def consistent(index: Tensor, count: Tensor, window: int = 9) -> Tensor:
    """Say where the chosen layer is the one that dominates its surroundings; the others are left out of the loss.

    Where surfaces interlace (a mesh, leaves, a pane's reflections) a reference plane cuts the choice into crumbs that no window
    of a matcher can follow. Pixels with one layer have no choice: they are always kept, and do not vote.

    Parameters
    ----------
    index : int64 (B, H, W)
        Chosen layer.
    count : int (B, H, W)
        Layers of the pixel.
    window : int
        Odd width of the square in which pixels vote; pixels beyond the border do not.

    Returns
    -------
    Tensor
        bool (B, H, W); on a tie every leading layer is kept.
    """
    ambiguous = count > 1
    voters = F.one_hot(index.clamp(min=0), int(index.max().clamp(min=0)) + 1) * ambiguous.unsqueeze(-1)
    votes = F.avg_pool2d(voters.permute(0, 3, 1, 2).float(), window, 1, window // 2, divisor_override=1)
    own = votes.gather(1, index.clamp(min=0).unsqueeze(1)).squeeze(1)
    return ~ambiguous | (own >= votes.amax(dim=1))


def sample_condition(rng: np.random.Generator, layers_px: npt.NDArray[np.float32], max_disp_px: float) -> float:
    """Draw a c for one sample: half the time uniform, half the time so that the reference falls between two layers.

    Uniform c alone seldom separates surfaces that are close in disparity. For a gap: a pixel with several layers, one of its
    pairs of neighbours, a reference between the two.

    Parameters
    ----------
    layers_px : float32 (K, H, W)
    max_disp_px : float
        Largest disparity of the scene.
    """
    uniform = float(rng.random())
    several = np.flatnonzero(np.isfinite(layers_px[1])) if len(layers_px) > 1 else np.empty(0, dtype=np.intp)
    if rng.random() < 0.5 or not len(several):
        return uniform
    stack = layers_px.reshape(len(layers_px), -1)[:, rng.choice(several)]
    stack = stack[np.isfinite(stack)]
    gap = int(rng.integers(len(stack) - 1))
    reference = rng.uniform(stack[gap + 1], stack[gap])
    return float(np.clip(1 - reference / max_disp_px, 0, 1))


class Mark(Enum):
    """What a set with one disparity per pixel measured where one sees through something: its c there."""

    NEAR_SURFACE = 0.0
    """The pane, bottle or screen itself (markers or paint on glass, a scanner's first return)."""
    BACKGROUND = 1.0
    """What is seen through it (stereo or depth cameras that look through)."""


def curated_condition(rng: np.random.Generator, mark: Mark | None) -> float:
    """Return the c to ask of a sample with one disparity: its mark's; any where nothing is see-through (``mark`` None)."""
    return float(rng.random()) if mark is None else mark.value


def curated_valid(valid: Tensor, see_through: Tensor, mark: Mark | None, c: float) -> Tensor:
    """Say which pixels of a sample with one disparity are true for ``c``.

    Opaque pixels are true for every c. See-through ones are true for their mark's c alone, and for none without a mark.

    Parameters
    ----------
    valid, see_through : bool (..., H, W)
        Pixels with a disparity; pixels where one sees through something.
    """
    return valid if mark is not None and c == mark.value else valid & ~see_through
