# SPDX-License-Identifier: Apache-2.0
"""Small focal stacks of steps in depth, blurred layer by layer, and sets of them on disk in their true layouts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from depthbench.formats.image import write_png
from depthbench.formats.pfm import write_pfm
from depthbench.tasks import FocusSample

SIZE = (48, 64)
FOCUS_M = (0.8, 1.0, 1.3, 1.9, 3.5)
SIGMA_PX_PER_DIOPTRE = 6.0


def steps(size: tuple[int, int] = SIZE, depths_m: Sequence[float] = (1.0, 1.5, 2.5)) -> npt.NDArray[np.float32]:
    """Upright stripes of different depths, near ones on the left."""
    place = np.arange(size[1]) * len(depths_m) // size[1]
    return np.broadcast_to(np.array(depths_m, np.float32)[place], size).copy()


def texture(size: tuple[int, int] = SIZE, seed: int = 0) -> npt.NDArray[np.float64]:
    """Coloured noise with detail at several scales, 0 to 255."""
    rng = np.random.default_rng(seed)
    made = sum(ndimage.gaussian_filter(rng.normal(0, 1, (*size, 3)), (s, s, 0)) * s for s in (0.5, 1.0, 2.0))
    return np.asarray(np.clip(127 + 60 * made / np.std(made), 0, 255))


def stack_of(
    depth_m: npt.NDArray[np.float32], focus_m: Sequence[float] = FOCUS_M, seed: int = 0
) -> npt.NDArray[np.uint8]:
    """Blur each depth of a map by a Gaussian that grows with the distance in dioptres, one picture per focus distance."""
    sharp = texture(depth_m.shape, seed)  # type: ignore[arg-type]
    pictures = []
    for focus in focus_m:
        picture = np.zeros_like(sharp)
        for depth in np.unique(depth_m):
            sigma = SIGMA_PX_PER_DIOPTRE * abs(1 / depth - 1 / focus)
            blurred = ndimage.gaussian_filter(sharp, (sigma, sigma, 0)) if sigma > 0.05 else sharp
            picture[depth_m == depth] = blurred[depth_m == depth]
        pictures.append(np.rint(picture))
    return np.stack(pictures).astype(np.uint8)


def sample(depth_m: npt.NDArray[np.float32] | None = None, focus_m: Sequence[float] = FOCUS_M) -> FocusSample:
    depth_m = steps() if depth_m is None else depth_m
    return FocusSample("steps", stack_of(depth_m, focus_m), np.array(focus_m))


def folder(
    root: Path,
    names: Sequence[str] = ("a", "b"),
    focus_m: Sequence[float] = FOCUS_M,
    depth: bool = True,
    unit_m: float = 1,
) -> Path:
    """Plain folders of pictures with ``focus_distance.txt``."""
    for number, name in enumerate(names):
        depth_m = steps() * np.float32(1 + 0.1 * number)
        for index, picture in enumerate(stack_of(depth_m, focus_m, number)):
            write_png(root / name / f"{index:02d}.png", picture)
        (root / name / "focus_distance.txt").write_text("\n".join(f"{focus / unit_m:.6g}" for focus in focus_m))
        if depth:
            write_pfm(root / name / "depth.pfm", depth_m)
    return root
