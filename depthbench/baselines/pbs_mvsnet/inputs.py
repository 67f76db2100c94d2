# SPDX-License-Identifier: Apache-2.0
"""What the network is shown of views: pictures of one size, normalised, and how depth carries the reference's pixels into each source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from depthbench.baselines.pbs_mvsnet.network import STRIDE
from depthbench.camera import Intrinsics
from depthbench.fusion.consistency import carry
from depthbench.tasks import MvsView

Floats = npt.NDArray[np.float64]
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True)
class SmallCamera:
    """A camera of a depth map."""

    intrinsics: Floats
    world_to_cam: Floats


def map_size(size: tuple[int, int], longest: int = 0, level: int = 0) -> tuple[int, int]:
    """Return width and height of the depth map of a picture whose longer side is made at most so long (0: left), at a level of the pyramid."""
    width, height = (max(2, round(side / (STRIDE << level))) for side in _limited(size, longest))
    return width, height


def shown_size(size: tuple[int, int], longest: int = 0) -> tuple[int, int]:
    """Return width and height of such a picture itself; the network sees it at the next multiples of 4."""
    width, height = (max(2, round(side)) for side in _limited(size, longest))
    return width, height


def _limited(size: tuple[int, int], longest: int) -> tuple[float, float]:
    scale = min(1.0, longest / max(size)) if longest else 1.0
    return size[0] * scale, size[1] * scale


def map_camera(view: MvsView, size: tuple[int, int]) -> SmallCamera:
    """Return the camera of a view's depth map of a size (width, height), which need not have the picture's proportions."""
    k = view.intrinsics
    whole = Intrinsics(*view.size, k[0, 0], k[1, 1], k[0, 2], k[1, 2])
    return SmallCamera(whole.resized(*size).matrix, view.world_to_cam)


def normalised(rgb: npt.NDArray[np.uint8], size: tuple[int, int]) -> Tensor:
    """Return a picture four times as large as its depth map, float32 (3, H, W) of mean 0 and spread 1, whatever the light."""
    wanted = STRIDE * size[0], STRIDE * size[1]
    if (rgb.shape[1], rgb.shape[0]) != wanted:
        smaller = wanted[0] < rgb.shape[1]
        method = Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR
        rgb = np.asarray(Image.fromarray(rgb).resize(wanted, method))
    values = torch.from_numpy(rgb.astype(np.float32) / 255).permute(2, 0, 1)
    return (values - values.mean()) / values.std().clamp(min=_LEAST_SPREAD)


def network_inputs(
    reference: MvsView, sources: Sequence[MvsView], size: tuple[int, int]
) -> tuple[Tensor, Tensor, Tensor]:
    """Return pictures (N, 3, H, W), matrices (N - 1, 3, 4) and limits of depth (2,) for :class:`.network.PbsNet`, one sample of a batch.

    ``size`` is that of the depth map; sources of other sizes are brought to the same, their cameras with them.
    """
    pictures = torch.stack([normalised(view.rgb, size) for view in (reference, *sources)])
    camera = map_camera(reference, size)
    carried = np.stack([carry(camera, map_camera(view, size)) for view in sources])
    limits = torch.tensor([reference.camera.depth_min, reference.camera.depth_max], dtype=torch.float32)
    return pictures, torch.from_numpy(carried.astype(np.float32)), limits
