# SPDX-License-Identifier: Apache-2.0
"""The layered renderer in PyTorch: batches, any device, gradients to the light and to the depth; see :mod:`.layered`.

Here a point is shared between the two bins of depth beside it, in proportion: its blur is a mean of theirs, and moving it in depth
moves the shares, which is where the gradient to the depth comes from. :mod:`.layered` blurs every point by its own radius instead.
"""

from __future__ import annotations

import math
from typing import Any

from scipy.fft import next_fast_len

from depthbench.errors import MissingExtraError
from depthbench.generators.focal.spread import CHORDS, LEAST_DISK_PX, MOST_PX
from depthbench.generators.focal.surfaces import JUMP_PX

try:
    import torch
    import torch.nn.functional as nnf
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the renderer in PyTorch") from error

MOST_BINS = 96
LEAST_COVER = 1e-4
"""Less is what rounding leaves of nothing."""


def render_layered(light: Any, dioptre: Any, strength_px: Any, focus_dioptre: Any, *, psf: str = "disk") -> Any:
    """Render focal stacks.

    Parameters
    ----------
    light : tensor (B, 3, H, W)
        Linear light.
    dioptre : tensor (B, H, W)
        Inverse depth, 1/m, known everywhere.
    strength_px : tensor (B, N)
        Pixels of diameter per dioptre (:meth:`.lens.ThinLens.diameter_per_dioptre`).
    focus_dioptre : tensor (B, N)
        Inverse of the distances in focus.
    psf : {"disk", "gauss"}

    Returns
    -------
    tensor (B, N, 3, H, W)
        Linear light.
    """
    batch, planes = strength_px.shape
    height, width = dioptre.shape[-2:]
    with torch.no_grad():
        widest = strength_px.max()
        nearest, farthest = dioptre.amax((1, 2)), dioptre.amin((1, 2))
        ends = torch.stack([nearest, farthest], 1)[:, :, None]
        reach = float((strength_px[:, None] / 2 * (ends - focus_dioptre[:, None]).abs()).max().clamp(max=MOST_PX))
        span = float((nearest - farthest).max())
        step = max(1 / float(widest), span / MOST_BINS)
        source, hides = _hidden(dioptre, JUMP_PX / widest, reach)
    place = dioptre / step
    points = torch.cat([light, torch.ones_like(dioptre)[:, None]], 1)
    behind = points.flatten(2).gather(2, source.flatten(1)[:, None].expand(-1, 4, -1)).view_as(points)
    behind_place = place.flatten(1).gather(1, source.flatten(1)).view_as(place)

    with torch.no_grad():
        lower = torch.cat([place.flatten(), behind_place[hides > 0]]).floor().long()
        occupied = torch.unique(torch.cat([lower, lower + 1])).tolist()[::-1]

    budget = torch.ones((batch, planes, height, width), dtype=light.dtype, device=light.device)
    total = torch.zeros((batch, planes, 3, height, width), dtype=light.dtype, device=light.device)
    for number in occupied:
        share = (1 - (place - number).abs()).clamp(min=0)
        hidden_share = (1 - (behind_place - number).abs()).clamp(min=0) * hides
        layer = share[:, None] * points + hidden_share[:, None] * behind
        radius = strength_px / 2 * (number * step - focus_dioptre).abs()
        blurred = _blurred(layer, radius.clamp(max=MOST_PX), psf)
        cover = blurred[:, :, 3]
        seen = torch.where(
            cover > LEAST_COVER, (budget / cover.clamp(min=LEAST_COVER)).clamp(max=1), torch.zeros_like(cover)
        )
        total = total + seen[:, :, None] * blurred[:, :, :3]
        budget = budget - seen * cover
    return total / (1 - budget).clamp(min=1e-6)[:, :, None]


def disks(radius_px: Any) -> Any:
    """Return pixelated discs, (..., K, K), one for each radius; see :func:`.spread.disk`."""
    radius = radius_px[..., None, None].clamp(min=LEAST_DISK_PX)
    n = max(math.ceil(float(radius.max()) - 0.5), 0)
    side = 2 * n + 1
    like = {"dtype": radius.dtype, "device": radius.device}
    chord = (torch.arange(CHORDS * side, **like)[:, None] + 0.5) / CHORDS - n - 0.5
    half_width = (radius**2 - chord**2).clamp(min=0).sqrt()
    edges = torch.arange(-n, n + 2, **like) - 0.5
    share = torch.minimum(torch.maximum(edges, -half_width), half_width).diff(dim=-1)
    kernel = share.reshape(*radius_px.shape, side, CHORDS, side).sum(-2)
    point = torch.zeros_like(kernel)
    point[..., n, n] = 1
    whole = kernel / kernel.sum((-2, -1), keepdim=True)
    return torch.where(radius_px[..., None, None] > LEAST_DISK_PX, whole, point)


def gausses(radius_px: Any) -> Any:
    """Return Gaussians of standard deviation R / 2, (..., K, K); see :func:`.spread.gauss`."""
    n = math.ceil(1.5 * float(radius_px.max()))
    at = torch.arange(-n, n + 1, dtype=radius_px.dtype, device=radius_px.device)
    radius = radius_px[..., None].clamp(min=1e-3)
    line = torch.exp(-2 * (at / radius) ** 2) * (at.abs() <= torch.ceil(1.5 * radius))
    line = torch.where(radius > LEAST_DISK_PX, line, (at == 0).to(line.dtype))
    kernel = line[..., :, None] * line[..., None, :]
    return kernel / kernel.sum((-2, -1), keepdim=True)


def _blurred(layer: Any, radius_px: Any, psf: str) -> Any:
    """Blur (B, 4, H, W) by N kernels each: (B, N, 4, H, W); the border goes on outside. Convolution by Fourier transform."""
    kernels = (disks if psf == "disk" else gausses)(radius_px)
    n = kernels.shape[-1] // 2
    height, width = layer.shape[2:]
    size = tuple(next_fast_len(side + 2 * n, real=True) for side in (height, width))
    wide = torch.fft.rfft2(nnf.pad(layer, (n,) * 4, mode="replicate"), s=size)
    spread = torch.fft.rfft2(kernels, s=size)
    blurred = torch.fft.irfft2(wide[:, None] * spread[:, :, None], s=size)
    return blurred[..., 2 * n : 2 * n + height, 2 * n : 2 * n + width]


def _hidden(dioptre: Any, jump: Any, reach_px: float) -> tuple[Any, Any]:
    """Return whence a hidden point behind each pixel is taken, int64 (B, H, W), and where there is one, as numbers.

    The nearest pixel on the far side of a jump, by jump flooding (Rong and Tan, I3D 2006).
    """
    height, width = dioptre.shape[-2:]
    seeds = nnf.max_pool2d(dioptre[:, None], 3, 1, 1)[:, 0] - dioptre > jump
    ys = torch.arange(height, device=dioptre.device)[:, None].expand(height, width)
    xs = torch.arange(width, device=dioptre.device)[None].expand(height, width)
    far = 4 * (height + width)
    y, x = torch.where(seeds, ys, far), torch.where(seeds, xs, far)
    best = (y - ys) ** 2 + (x - xs) ** 2
    flood = 2 ** math.ceil(math.log2(max(reach_px, 1)))
    while flood >= 1:
        y_wide, x_wide = (nnf.pad(part, (flood,) * 4, value=far) for part in (y, x))
        for dy in (0, flood, 2 * flood):
            for dx in (0, flood, 2 * flood):
                there_y, there_x = (part[:, dy : dy + height, dx : dx + width] for part in (y_wide, x_wide))
                distance = (there_y - ys) ** 2 + (there_x - xs) ** 2
                nearer = distance < best
                best = torch.where(nearer, distance, best)
                y, x = torch.where(nearer, there_y, y), torch.where(nearer, there_x, x)
        flood //= 2
    source = y.clamp(max=height - 1) * width + x.clamp(max=width - 1)
    behind = dioptre.flatten(1).gather(1, source.flatten(1)).view_as(dioptre)
    hides = (best <= reach_px**2) & (dioptre - behind > jump)
    return source, hides.to(dioptre.dtype)
