# SPDX-License-Identifier: Apache-2.0
"""A prepared folder of driving frames as a map-style PyTorch dataset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.errors import MissingExtraError
from depthbench.formats.image import decode_rgb
from depthbench.generators.driving_shards.folder import DrivingFolder
from depthbench.generators.membership.packing import unpack_map

try:
    import torch
    from torch.utils.data import Dataset
except ImportError as error:
    raise MissingExtraError("torch", "torch", "reading driving frames as tensors") from error


class DrivingDataset(Dataset[dict[str, Any]]):
    """Frames with their targets, read on demand; it pickles, forks and spawns.

    Parameters
    ----------
    folder : path
        What ``depthbench prepare dvps --out`` made.
    transform : callable or None
        Applied to each sample's dict; its answer is returned.

    Notes
    -----
    A sample is a dict. The default collate stacks frames of one size, but for ``count``, which differs:

    - ``image``: float32 (3, H, W), RGB in 0-1
    - ``depth_m``: float32 (H, W), NaN where it is unknown
    - ``instance``: int64 (H, W), row of the instance, -1 = none
    - ``row_<s>``: int64 (h, w) and ``value_<s>``: float32 (h, w), targets at stride s as :class:`..membership.levels.MembershipMap` has them
    - ``count``: instances, M
    - ``intrinsics``: float32 (3, 3), NaN where the camera is not known
    - ``id``

    :class:`depthbench.baselines.icm_loss.target.LevelTarget` expands rows and values into the matrix G.
    """

    def __init__(self, folder: str | Path, transform: Callable[[dict[str, Any]], Any] | None = None) -> None:
        self.frames, self.transform = DrivingFolder(folder), transform

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int) -> Any:
        record = self.frames.record(index)
        image = decode_rgb(record.image, record.id)
        depth_m = record.depth.astype(np.float32) / np.float32(256)
        depth_m[record.depth == 0] = np.nan
        matrix = np.full((3, 3), np.nan) if record.camera is None else record.camera.matrix
        sample: dict[str, Any] = {
            "id": record.id,
            "image": torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).float() / 255,
            "depth_m": torch.from_numpy(depth_m),
            "instance": torch.from_numpy(record.instance.astype(np.int64) - 1),
            "count": len(record.instance_ids),
            "intrinsics": torch.from_numpy(matrix.astype(np.float32)),
        }
        for stride, packed in record.levels.items():
            level = unpack_map(packed)
            sample[f"row_{stride}"] = torch.from_numpy(level.row).long()
            sample[f"value_{stride}"] = torch.from_numpy(level.value)
        return self.transform(sample) if self.transform else sample
