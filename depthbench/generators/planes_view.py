# SPDX-License-Identifier: Apache-2.0
"""A scene of slanted planes as an eye sees it: every layer along every ray, what the other eye sees of it, and the picture."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from depthbench.formats.layered_record import Eye
from depthbench.generators.planes_scene import TEXTURE_CELLS, PlanesScene
from depthbench.layers import SurfaceClass, Visibility

SAME_PX = 1e-3
"""Disparities closer than this do not hide each other."""


@dataclass(frozen=True)
class PlanesView:
    """One eye's truth and picture.

    Attributes
    ----------
    disp_px : float32 (P, H, W)
        Front to back, NaN after the first opaque surface.
    surface_id, surface_class, visibility : int32, uint8, uint8 (P, H, W)
        0 where there is no layer.
    image : float32 (3, H, W)
        RGB, 0..1.
    """

    disp_px: Tensor
    surface_id: Tensor
    surface_class: Tensor
    visibility: Tensor
    image: Tensor


def _column(values: Tensor) -> Tensor:
    """(P,) -> (P, 1, 1)."""
    return values[:, None, None]


def surface_x(scene: PlanesScene, eye: Eye, x: Tensor, y: Tensor) -> Tensor:
    """Return where each surface is met by an eye's ray, as a column of the left picture.

    From ``x_right = x - (a + b x + c y)``. ``x``, ``y`` broadcast to (P, H, W).
    """
    if eye == "left":
        return x + torch.zeros_like(_column(scene.turn))
    a, b, c = map(_column, scene.plane.unbind(dim=1))
    return (x + a + c * y) / (1 - b)


def surface_disparity(scene: PlanesScene, x: Tensor, y: Tensor) -> Tensor:
    """Return each surface's disparity at a place of the left picture, (P, H, W)."""
    a, b, c = map(_column, scene.plane.unbind(dim=1))
    return a + b * x + c * y


def inside(scene: PlanesScene, x: Tensor, y: Tensor) -> Tensor:
    """Say where each surface's outline holds a place of the left picture, bool (P, H, W)."""
    dx, dy = x - _column(scene.centre[:, 0]), y - _column(scene.centre[:, 1])
    cos, sin = _column(scene.turn.cos()), _column(scene.turn.sin())
    u = (cos * dx + sin * dy) / _column(scene.half[:, 0])
    v = (cos * dy - sin * dx) / _column(scene.half[:, 1])
    power = _column(scene.power)
    return u.abs() ** power + v.abs() ** power <= 1


def colours(scene: PlanesScene, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return each surface's colour (P, 3, H, W) and opacity (P, H, W) at a place of the left picture."""
    cos, sin = _column(scene.texture_turn.cos()), _column(scene.texture_turn.sin())
    u = (cos * x + sin * y) / _column(scene.cell_px)
    v = (cos * y - sin * x) / _column(scene.cell_px)
    wrapped = F.pad(scene.texture, (0, 1, 0, 1), mode="circular")
    total = torch.zeros((len(scene.turn), 3, *u.shape[1:]), device=u.device)
    for zoom, share in ((0.25, 0.4), (1.0, 0.6)):
        grid = torch.stack([u * zoom, v * zoom], dim=-1).remainder(TEXTURE_CELLS) * (2 / TEXTURE_CELLS) - 1
        total = total + share * F.grid_sample(wrapped, grid, align_corners=True)
    opacity = _column(scene.alpha).expand_as(u)
    screen = _column(scene.surface_class == SurfaceClass.SCREEN)
    # threads an alpha's share of the period wide, blurred over a pixel or so
    phase = (u - u.floor() - 0.5).abs() * 2
    stripes = ((_column(scene.alpha) - phase) * _column(scene.cell_px) / 2 + 0.5).clamp(0.03, 0.97)
    return total, torch.where(screen, stripes, opacity)


def view(scene: PlanesScene, eye: Eye, height: int, width: int) -> PlanesView:
    """Look at a scene with one eye."""
    device = scene.plane.device
    column = torch.arange(width, device=device, dtype=torch.float32)
    y = torch.arange(height, device=device, dtype=torch.float32)[:, None]
    x = surface_x(scene, eye, column, y)
    y = y.expand(height, width)
    disp = surface_disparity(scene, x, y)
    met = disp.masked_fill(~inside(scene, x, y), -torch.inf)
    disp, order = met.sort(dim=0, descending=True, stable=True)
    surface_class = scene.surface_class[order]
    opaque = (surface_class == SurfaceClass.OPAQUE).int()
    reached = (opaque.cumsum(0) - opaque == 0) & disp.isfinite()
    seen = visibility(scene, eye, x, y, surface_disparity(scene, x, y), width).gather(0, order)
    colour, opacity = colours(scene, x, y)
    colour = colour.gather(0, order[:, None].expand_as(colour))
    share = opacity.gather(0, order) * reached
    left_over = torch.cumprod(torch.cat([torch.ones_like(share[:1]), 1 - share[:-1]]), dim=0)
    return PlanesView(
        disp.masked_fill(~reached, torch.nan),
        torch.where(reached, order + 1, 0).int(),
        torch.where(reached, surface_class, 0).to(torch.uint8),
        torch.where(reached, seen, 0).to(torch.uint8),
        ((left_over * share)[:, None] * colour).sum(dim=0).clamp(0, 1),
    )


def visibility(scene: PlanesScene, eye: Eye, x: Tensor, y: Tensor, disp: Tensor, width: int) -> Tensor:
    """Say what the other eye sees of each surface's points, :class:`~depthbench.layers.Visibility`, int64 (P, H, W).

    ``x``, ``y``, ``disp``: the points' places in the left picture and their disparities, (P, H, W) or broadcastable.
    """
    other: Eye = "right" if eye == "left" else "left"
    there = x - disp if other == "right" else x
    hidden = torch.zeros_like(disp, dtype=torch.bool)
    for number in range(len(disp)):
        met = surface_x(scene, other, there[number], y)
        nearer = surface_disparity(scene, met, y) > disp[number] + SAME_PX
        blocks = nearer & inside(scene, met, y) & _column(scene.surface_class == SurfaceClass.OPAQUE)
        hidden[number] = blocks.any(dim=0)
    outside = (there < -0.5) | (there >= width - 0.5)
    state = torch.where(hidden, int(Visibility.OCCLUDED), int(Visibility.VISIBLE))
    return torch.where(outside, int(Visibility.OUT_OF_FRAME), state)
