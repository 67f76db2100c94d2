# SPDX-License-Identifier: Apache-2.0
"""The endless stream of training samples: sample k follows from the seed, k and the data alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from depthbench.baselines.icm_depth.network import STRIDES
from depthbench.baselines.icm_depth_training.config import IcmConfig
from depthbench.baselines.icm_loss.target import LevelTarget
from depthbench.errors import DepthbenchError
from depthbench.formats.driving_shard import DrivingRecord
from depthbench.formats.image import decode_rgb
from depthbench.generators.driving_shards.folder import DrivingFolder
from depthbench.generators.membership.levels import membership_targets

Picture = npt.NDArray[np.uint8]
Depth = npt.NDArray[np.float32]


def counted(raw: npt.NDArray[np.uint16], config: IcmConfig) -> Depth:
    """Return depth in metres of 1/256 m, NaN where it is unknown or does not count."""
    depth_m = raw.astype(np.float32) / np.float32(256)
    depth_m[(depth_m <= config.near_m) | (depth_m >= config.far_m) | (raw == 0)] = np.nan
    return depth_m


class FrameStream:
    """Crops of frames from several prepared folders, each frame as likely as any other.

    Parameters
    ----------
    folders : sequence of DrivingFolder
    config : IcmConfig
    seed : int
    """

    def __init__(self, folders: Sequence[DrivingFolder], config: IcmConfig, seed: int) -> None:
        self._folders, self._config, self._seed = list(folders), config, seed
        self._sizes = np.array([len(folder) for folder in folders])

    def sample(self, step: int, number: int) -> dict[str, Any]:
        """Return one sample; see :func:`sample_of`."""
        rng = np.random.default_rng(np.random.SeedSequence([self._seed, number]))
        place = int(rng.integers(self._sizes.sum()))
        which = int(np.searchsorted(np.cumsum(self._sizes), place, side="right"))
        found = self._folders[which].record(place - int(self._sizes[:which].sum()), "image", "depth", "instance")
        return sample_of(rng, found, self._config)


def sample_of(rng: np.random.Generator, found: DrivingRecord, config: IcmConfig) -> dict[str, Any]:
    """Cut a sample out of a frame, change it, and make its targets.

    Returns
    -------
    dict
        ``picture`` float32 (3, h, w), 0 to 255; ``truth`` (1, h, w) metres, NaN where it does not count; for each stride s
        ``row_<s>`` int64 and ``value_<s>`` float32 (cells,), NaN where a cell does not count; ``count``, the instances.

    Notes
    -----
    Medians of instances are those of the crop, at full resolution.

    Raises
    ------
    DepthbenchError
        If the frame is smaller than a sample.
    """
    image = decode_rgb(found.image, found.id)
    height, width = found.depth.shape
    free = height - config.crop_height, width - config.crop_width
    if min(free) < 0:
        raise DepthbenchError(
            f"{found.id}: {width}x{height}, smaller than a sample of {config.crop_width}x{config.crop_height}: --option "
            "crop_width=... --option crop_height=..."
        )
    top, left = (int(rng.integers(room + 1)) for room in free)
    step = -1 if config.flip and rng.random() < 0.5 else 1
    gain = float(config.gain ** rng.uniform(-1, 1))

    def cut(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values[top : top + config.crop_height, left : left + config.crop_width][:, ::step]

    depth_m = np.ascontiguousarray(cut(counted(found.depth, config)))
    targets = membership_targets(cut(found.instance).astype(np.int64), depth_m, STRIDES, sparse=config.sparse)
    sample: dict[str, Any] = {
        "picture": torch.from_numpy(np.ascontiguousarray(cut(image).transpose(2, 0, 1)))
        .float()
        .mul(gain)
        .clamp(max=255),
        "truth": torch.from_numpy(depth_m)[None],
        "count": len(targets.instances),
    }
    for stride, level in targets.levels.items():
        sample[f"row_{stride}"] = torch.from_numpy(level.row.ravel()).long()
        sample[f"value_{stride}"] = torch.from_numpy(level.value.ravel())
    return sample


def targets_of(batch: dict[str, Tensor], stride: int) -> list[LevelTarget]:
    """Return the targets of a batch's pictures at a stride."""
    found = []
    for row, value, count in zip(batch[f"row_{stride}"], batch[f"value_{stride}"], batch["count"], strict=True):
        valid = ~value.isnan()
        found.append(LevelTarget(torch.where(valid, row, -1), value.nan_to_num(), valid, int(count)))
    return found
