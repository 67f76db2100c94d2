# SPDX-License-Identifier: Apache-2.0
"""Scenes of slanted planes for training: cheap, endless, and with layers that are known exactly.

A plane in space has a disparity that is affine in the left picture, ``d = a + b x + c y``; the point that the left eye sees at
(x, y) is seen by the right one at (x - d, y). Everything about a surface is a function of its place in the left picture, so
both eyes see the same thing without any resampling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from depthbench.layers import MAX_LAYERS, SurfaceClass

TEXTURE_CELLS = 16


@dataclass(frozen=True)
class PlanesConfig:
    """What scenes are like.

    Attributes
    ----------
    width, height : int
        Pixels.
    max_disp_px : float
        Largest disparity of any surface.
    objects : int
        Most opaque things before the background.
    see_through : int
        Most panes and screens; there is one at least, unless this is 0.
    """

    width: int = 192
    height: int = 128
    max_disp_px: float = 48.0
    objects: int = 3
    see_through: int = 2

    def __post_init__(self) -> None:
        if 1 + self.objects + self.see_through > MAX_LAYERS:
            raise ValueError(
                f"{self.objects} objects and {self.see_through} panes are more than {MAX_LAYERS - 1} surfaces"
            )


@dataclass(frozen=True)
class PlanesScene:
    """P surfaces, in no order of depth; surface p has the id p + 1.

    Attributes
    ----------
    plane : float32 (P, 3)
        a, b, c of the disparity; |b| < 1.
    centre, half : float32 (P, 2)
        Middle and half axes of the outline, pixels of the left picture (x, y); half axes are inf for a background.
    turn, power : float32 (P,)
        Rotation of the outline in radians; its exponent: 2 is an ellipse, greater ones approach a rectangle.
    surface_class : int64 (P,)
        :class:`~depthbench.layers.SurfaceClass`.
    alpha : float32 (P,)
        What a pane hides of what is behind it; a screen does so by stripes, alpha on average.
    texture : float32 (P, 3, T, T)
        Colours of the corners of a lattice that repeats, 0..1.
    cell_px, texture_turn : float32 (P,)
        Width of a lattice cell and its rotation; the stripes of a screen are half a cell wide.
    """

    plane: Tensor
    centre: Tensor
    half: Tensor
    turn: Tensor
    power: Tensor
    surface_class: Tensor
    alpha: Tensor
    texture: Tensor
    cell_px: Tensor
    texture_turn: Tensor


def draw_scene(rng: np.random.Generator, config: PlanesConfig) -> PlanesScene:
    """Draw a scene: a background in the farther half of the range, things and panes anywhere in front of its middle."""
    things = int(rng.integers(0, config.objects + 1))
    panes = int(rng.integers(1, config.see_through + 1)) if config.see_through else 0
    count = 1 + things + panes
    size = np.array([config.width, config.height])
    middle = np.concatenate([rng.uniform(0.05, 0.45, 1), rng.uniform(0.2, 0.95, things), rng.uniform(0.3, 0.95, panes)])
    half = rng.uniform(0.12, 0.5, (count, 2)) * size
    half[1 + things :] *= 1.4
    half[0] = np.inf
    classes = np.full(count, SurfaceClass.OPAQUE)
    classes[1 + things :] = rng.choice([SurfaceClass.TRANSMISSIVE, SurfaceClass.SCREEN], panes, p=[0.7, 0.3])
    base = rng.uniform(0.1, 0.9, (count, 3, 1, 1))
    contrast = rng.uniform(0.1, 0.6, (count, 1, 1, 1))
    grain = rng.uniform(-1, 1, (count, 3, TEXTURE_CELLS, TEXTURE_CELLS))

    def tensor(values: np.typing.ArrayLike) -> Tensor:
        return torch.as_tensor(np.asarray(values), dtype=torch.float32)

    return PlanesScene(
        plane=tensor(_planes(rng, middle * config.max_disp_px, config)),
        centre=tensor(rng.uniform(0.05, 0.95, (count, 2)) * size),
        half=tensor(half),
        turn=tensor(rng.uniform(0, np.pi, count)),
        power=tensor(rng.choice([2, 4, 16], count)),
        surface_class=torch.as_tensor(classes, dtype=torch.int64),
        alpha=tensor(np.where(classes == SurfaceClass.OPAQUE, 1.0, rng.uniform(0.15, 0.7, count))),
        texture=tensor(np.clip(base + contrast * grain, 0, 1)),
        cell_px=tensor(np.exp(rng.uniform(np.log(2.5), np.log(16), count))),
        texture_turn=tensor(rng.uniform(0, np.pi, count)),
    )


def _planes(rng: np.random.Generator, middle_px: np.typing.NDArray[np.float64], config: PlanesConfig) -> Tensor:
    """Return (a, b, c) with these disparities in the middle of the picture, inside (0, max] wherever either eye looks."""
    room = np.minimum(middle_px - 0.02 * config.max_disp_px, config.max_disp_px - middle_px)
    # the right eye's right border shows what the left one would see up to the largest disparity farther right
    reach = np.array([config.width / 2 + config.max_disp_px, config.height / 2])
    share = rng.uniform(-1, 1, (len(middle_px), 2)) * rng.choice([0.0, 0.5], (len(middle_px), 1), p=[0.3, 0.7])
    slope = share * room[:, None] / reach
    a = middle_px - slope @ np.array([config.width / 2, config.height / 2])
    return torch.as_tensor(np.column_stack([a, slope]))
