# SPDX-License-Identifier: Apache-2.0
"""Held-out data in the style of the paper's tables: first and last surface where one sees through, opaque ones elsewhere.

Pixels count whose point the right eye sees and whose ray ends on something opaque. Keys are ``first@0/bad_1``: first surface of
see-through pixels with several layers, asked at c = 0, percent of them wrong by more than 1 px.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from depthbench.baselines.stereo_training.config import StereoConfig
from depthbench.baselines.stereo_training.source import Pair, Source

BAD_PX = (1.0, 2.0, 4.0)
STRIDE = 32

Answers = Callable[[Tensor, Tensor], list[tuple[str, Tensor]]]
"""A pair, (1, 3, H, W) in 0..255 each -> what it was asked (``@0``, ``@1``, or empty) and the disparity (1, 1, H, W)."""


def held_out(source: Source, samples: int, config: StereoConfig) -> Iterator[Pair]:
    """Read the samples to measure on, spread evenly, whole but for a border that multiples of 32 leave over."""
    count = source.count or samples
    for place in np.unique(np.linspace(0, count - 1, min(samples, count)).astype(int)):
        yield _trimmed(source.pair(int(place), config.width, config.height))


def _trimmed(pair: Pair) -> Pair:
    height, width = pair.left.shape[-2:]
    new_height, new_width = height // STRIDE * STRIDE, width // STRIDE * STRIDE
    y, x = (height - new_height) // 2, (width - new_width) // 2
    return pair.along(lambda values: values[..., y : y + new_height, x : x + new_width])


def regions(pair: Pair) -> dict[str, tuple[Tensor, Tensor]]:
    """Return region -> (truth, pixels), each (H, W)."""
    count = pair.layers_px.isfinite().sum(dim=0)
    last = (count - 1).clamp(min=0)[None]
    farthest, seen = pair.layers_px.gather(0, last)[0], pair.visible.gather(0, last)[0]
    several = (count > 1) & ~pair.sky & pair.masks[1]
    first = pair.layers_px[0]
    return {
        "first": (first, several & pair.visible[0]),
        "last": (farthest, several & seen),
        "opaque": (first, (count == 1) & ~pair.masks[1] & pair.visible[0]),
    }


def measure(pairs: Iterable[Pair], answers: Answers, device: torch.device) -> dict[str, float]:
    """Return EPE (px) and bad pixels (percent) by region and condition, over all pixels of all pairs together."""
    sums: dict[str, Tensor] = {}
    for pair in pairs:
        for asked, disp in answers((pair.left * 255)[None].to(device), (pair.right * 255)[None].to(device)):
            for region, (truth, pixels) in regions(pair).items():
                error = (disp[0, 0].float().cpu() - truth).abs()[pixels].double()
                counts = [error.new_tensor(len(error)), error.sum(), *((error > px).sum() for px in BAD_PX)]
                key = region + asked
                sums[key] = sums.get(key, 0) + torch.stack([value.double() for value in counts])
    names = ("epe", *(f"bad_{px:g}" for px in BAD_PX))
    found = {}
    for key, values in sums.items():
        for name, value in zip(names, values[1:] / values[0], strict=True):
            if values[0]:
                found[f"{key}/{name}"] = float(value) * (1 if name == "epe" else 100)
    return found


def score(measures: dict[str, float], px: float, conditioned: bool) -> float:
    """Return the mean of three shares of bad pixels: first at c = 0, last at c = 1, opaque at both (lower is better).

    Without conditions: of two, first and opaque. Regions without pixels are left out.
    """
    wanted = [["first@0"], ["last@1"], ["opaque@0", "opaque@1"]] if conditioned else [["first"], ["opaque"]]
    parts = []
    for keys in wanted:
        values = [measures[f"{key}/bad_{px:g}"] for key in keys if f"{key}/bad_{px:g}" in measures]
        if values:
            parts.append(sum(values) / len(values))
    return sum(parts) / len(parts) if parts else float("inf")
