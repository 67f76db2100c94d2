# SPDX-License-Identifier: Apache-2.0
"""Changes of a pair that keep its truth true.

Geometry is changed alike in both eyes: a resize scales disparities with the width, a crop at the same columns leaves them
alone, a vertical flip too. Truth takes the nearest pixel, never a mean of two surfaces. What falls out of the right
picture, or under a patch there, is no longer visible.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from depthbench.baselines.stereo_training.config import StereoConfig
from depthbench.baselines.stereo_training.source import Pair, _nearest

PATCH_SHARE = (0.07, 0.14)
"""Width of a patch as a share of the picture's, as RAFT-Stereo and IGEV have it."""


def augment(rng: np.random.Generator, pair: Pair, width: int, height: int, config: StereoConfig) -> Pair:
    """Return a changed pair of the size asked for."""
    pair = resize_and_crop(rng, pair, width, height, config.scale)
    if rng.random() < config.flip:
        pair = flip_vertically(pair)
    pair = change_colours(rng, pair, config)
    if rng.random() < config.patches:
        pair = cover_right(rng, pair)
    return pair


def resize_and_crop(rng: np.random.Generator, pair: Pair, width: int, height: int, scale: tuple[float, ...]) -> Pair:
    """Resize by a factor from ``scale`` (evenly in its logarithm), as large as the crop at least, then cut a window out."""
    old_height, old_width = pair.left.shape[-2:]
    least = max(width / old_width, height / old_height)
    factor = max(least, float(np.exp(rng.uniform(np.log(scale[0]), np.log(scale[1])))))
    new_width, new_height = max(width, round(old_width * factor)), max(height, round(old_height * factor))
    x = int(rng.integers(new_width - width + 1))
    y = int(rng.integers(new_height - height + 1))
    rows = torch.from_numpy(_nearest(old_height, new_height)[y : y + height])
    columns = torch.from_numpy(_nearest(old_width, new_width)[x : x + width])

    def picture(image: Tensor) -> Tensor:
        if (new_height, new_width) != (old_height, old_width):
            image = F.interpolate(image[None], (new_height, new_width), mode="bilinear", antialias=True)[0]
        return image[:, y : y + height, x : x + width].clamp(0, 1)

    def truth(values: Tensor) -> Tensor:
        return values[..., rows, :][..., columns]

    layers = truth(pair.layers_px) * (new_width / old_width)
    return replace(
        pair,
        left=picture(pair.left),
        right=picture(pair.right),
        layers_px=layers,
        visible=truth(pair.visible) & inside(layers, width),
        sky=truth(pair.sky),
        masks=truth(pair.masks),
        known=truth(pair.known),
    )


def partner_column(disp_px: Tensor) -> Tensor:
    """Return the column of the right picture at which each point stands, NaN where there is none."""
    return torch.arange(disp_px.shape[-1]) - disp_px


def inside(disp_px: Tensor, width: int) -> Tensor:
    """Say which points fall into a right picture of this width."""
    column = partner_column(disp_px)
    return (column >= -0.5) & (column < width - 0.5)


def flip_vertically(pair: Pair) -> Pair:
    """Turn both pictures and the truth upside down."""
    return pair.along(lambda values: values.flip(-2))


def change_colours(rng: np.random.Generator, pair: Pair, config: StereoConfig) -> Pair:
    """Change brightness, contrast and gamma, now and then in each eye for itself."""
    apart = rng.random() < config.jitter_apart
    first = _draw_colours(rng, config)
    second = _draw_colours(rng, config) if apart else first
    return replace(pair, left=_coloured(pair.left, first), right=_coloured(pair.right, second))


def _draw_colours(rng: np.random.Generator, config: StereoConfig) -> tuple[float, ...]:
    spread = np.log1p([config.brightness, config.contrast, config.gamma])
    return tuple(np.exp(rng.uniform(-1, 1, 3) * spread).tolist())


def _coloured(image: Tensor, factors: tuple[float, ...]) -> Tensor:
    brightness, contrast, gamma = factors
    image = image * brightness
    middle = image.mean()
    return ((image - middle) * contrast + middle).clamp(0, 1) ** gamma


def cover_right(rng: np.random.Generator, pair: Pair) -> Pair:
    """Cover one or two rectangles of the right picture with its mean colour; what stood there is visible no longer."""
    height, width = pair.right.shape[-2:]
    covered = torch.zeros(height, width, dtype=torch.bool)
    for _ in range(int(rng.integers(1, 3))):
        across, down = (rng.uniform(*PATCH_SHARE, 2) * width).astype(int) + 1
        x, y = int(rng.integers(width)), int(rng.integers(height))
        covered[y : y + down, x : x + across] = True
    right = torch.where(covered, pair.right.mean(dim=(1, 2), keepdim=True), pair.right)
    column = partner_column(pair.layers_px).nan_to_num(0).round().clamp(0, width - 1).long()
    hidden = covered.expand(len(column), -1, -1).gather(-1, column)
    return replace(pair, right=right, visible=pair.visible & ~hidden)
