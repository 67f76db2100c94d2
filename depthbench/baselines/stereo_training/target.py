# SPDX-License-Identifier: Apache-2.0
"""What is asked of a pair, and which pixels have the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from depthbench.baselines.s2m2_focus.condition import (
    Rule,
    consistent,
    curated_condition,
    curated_valid,
    reference_disparity,
    sample_condition,
    take_layer,
    target_index,
)
from depthbench.baselines.stereo_training.source import Pair


def with_sky(layers_px: Tensor, sky: Tensor) -> Tensor:
    """Put disparity 0 behind the last layer where the ray ends in the sky: (K, H, W) -> (K + 1, H, W)."""
    count = layers_px.isfinite().sum(dim=0, keepdim=True)
    padded = F.pad(layers_px, (0, 0, 0, 0, 0, 1), value=torch.nan)
    there = torch.arange(len(padded))[:, None, None] == count
    return torch.where(there & sky, 0.0, padded)


def example(pair: Pair, c: float, index: Tensor, window: int, curated: bool) -> dict[str, Any]:
    """Return what a network is shown and asked for: the layer ``index`` (H, W) of a pair, under the condition ``c``.

    Returns
    -------
    dict
        ``left``, ``right`` float32 (3, H, W) in 0..255; ``c`` float32; ``truth_px`` float32, ``valid`` and ``visible`` bool
        (1, H, W); ``masks`` and ``known`` bool (2, H, W). The sky is an answer that is not taught: it has no texture.
    """
    present = pair.layers_px.isfinite().sum(dim=0)
    real = torch.where(index < present, index, -1)
    truth = take_layer(pair.layers_px, real)
    valid = truth.isfinite()
    if curated:
        valid = curated_valid(valid, pair.masks[1], pair.mark, c)
    if window:
        count = present + (pair.sky & pair.layered).long()
        valid &= consistent(index[None], count[None], window)[0]
    visible = pair.visible.gather(0, real.clamp(min=0)[None])[0]
    return {
        "left": pair.left * 255,
        "right": pair.right * 255,
        "c": torch.tensor(c, dtype=torch.float32),
        "truth_px": truth[None],
        "valid": valid[None],
        "visible": visible[None],
        "masks": pair.masks,
        "known": pair.known,
    }


def nearest_surface(pair: Pair) -> dict[str, Any]:
    """Ask for ordinary disparity: the first surface along each ray, see-through or not."""
    index = torch.where(pair.layers_px[0].isfinite(), 0, -1)
    return example(pair, 0.0, index, 0, curated=False)


def steered(
    rng: np.random.Generator,
    pair: Pair,
    rule: Rule,
    window: int,
    curation: bool,
    conditions: int = 1,
    ends: float = 0.0,
) -> dict[str, Any]:
    """Draw a condition and ask for the layer that it means; with two ``conditions`` ask at c and at 1 - c.

    Layered pairs are asked at c = 0 or 1 with the probability ``ends``.

    Returns
    -------
    dict
        As :func:`example`, but ``c``, ``truth_px``, ``valid`` and ``visible`` stacked, one entry per condition.
    """
    layers = with_sky(pair.layers_px, pair.sky) if pair.layered else pair.layers_px
    finite = layers[layers.isfinite()]
    largest = float(finite.max()) if len(finite) and float(finite.max()) > 0 else 1.0
    if pair.layered:
        c = sample_condition(rng, layers.numpy(), largest)
        if ends and rng.random() < ends:
            c = float(c >= 0.5)
    else:
        c = curated_condition(rng, pair.mark if curation else None)
    made = []
    for asked in (c, 1 - c)[:conditions]:
        asked = c if pair.mark is not None and curation else asked
        reference = reference_disparity(torch.tensor(asked), torch.tensor(largest))
        index = target_index(layers, reference, rule)
        made.append(example(pair, asked, index, window, curated=curation and not pair.layered))
    several = {name: torch.stack([one[name] for one in made]) for name in ("c", "truth_px", "valid", "visible")}
    return made[0] | several
