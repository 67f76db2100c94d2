# SPDX-License-Identifier: Apache-2.0
"""Independent truth for focal stacks: a slow loop of the published kernel, and rays through every part of an aperture."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage


def published_pixel(image: Any, radius: Any, row: int, column: int) -> Any:
    """Return what the published kernel gives for one pixel: two loops, as it is described."""
    if radius[row, column] <= 1:
        return image[row, column]
    total, sum_ = np.zeros(3), 0.0
    for y in range(row - 3, row + 4):
        for x in range(column - 3, column + 4):
            if 0 <= y < radius.shape[0] and 0 <= x < radius.shape[1] and radius[y, x] > 1:
                r = float(radius[y, x])
                weight = np.exp(-2 * ((y - row) ** 2 + (x - column) ** 2) / r**2) / r**2
                total += weight * image[y, x]
                sum_ += weight
    return total / sum_


class TracedRoom:
    """A back wall, a slanted floor and a disc before them, textured by smooth noise; everything is known behind everything."""

    def __init__(self, height: int = 96, width: int = 128, focal_px: float = 110.0, aperture_m: float = 0.12) -> None:
        self.height, self.width, self.focal_px, self.aperture_m = height, width, focal_px, aperture_m
        rng = np.random.default_rng(5)
        self.textures = [
            np.clip(
                0.5 + 3 * ndimage.gaussian_filter(rng.normal(0, 1, (400, 400, 3)), (2, 2, 0), mode="wrap"), 0.02, 0.98
            )
            for _ in range(3)
        ]

    def trace(
        self, focus_m: float, lens_x: float, lens_y: float, surfaces: tuple[int, ...] = (0, 1, 2)
    ) -> tuple[Any, Any]:
        """Return light (H, W, 3) and depth (H, W), +inf for none, along the rays through one point of the aperture."""
        y, x = np.mgrid[: self.height, : self.width]
        aim_x = (x - (self.width - 1) / 2) / self.focal_px * focus_m
        aim_y = (y - (self.height - 1) / 2) / self.focal_px * focus_m
        dx, dy = (aim_x - lens_x) / focus_m, (aim_y - lens_y) / focus_m
        best = np.full(y.shape, np.inf)
        light = np.zeros((*y.shape, 3))
        with np.errstate(divide="ignore"):
            floor_z = np.where(0.12 + dy > 0.01, (0.75 - lens_y) / (0.12 + dy), np.inf)
        for depth, texture, per_m in ((np.full(y.shape, 4.0), 0, 25), (floor_z, 1, 30), (np.full(y.shape, 1.2), 2, 60)):
            if texture not in surfaces:
                continue
            finite = np.isfinite(depth)
            z = np.where(finite, depth, 1.0)
            at_x, at_y = lens_x + dx * z, lens_y + dy * z
            seen = finite & (z < best)
            if texture == 2:
                seen &= (at_x + 0.15) ** 2 + (at_y + 0.05) ** 2 < 0.28**2
            u, v = at_x * per_m, (z if texture == 1 else at_y) * per_m
            colour = np.stack(
                [
                    ndimage.map_coordinates(self.textures[texture][..., c], [v, u], order=1, mode="grid-wrap")
                    for c in range(3)
                ],
                -1,
            )
            best = np.where(seen, z, best)
            light[seen] = colour[seen]
        return light, best

    def through_lens(self, focus_m: float, samples: int = 100) -> Any:
        """Return the picture through the whole aperture, linear light (H, W, 3)."""
        number = np.arange(samples) + 0.5
        radius, turn = np.sqrt(number / samples) * self.aperture_m / 2, number * 2.399963229728653
        rays = zip(radius * np.cos(turn), radius * np.sin(turn), strict=True)
        return sum(self.trace(focus_m, x, y)[0] for x, y in rays) / samples
