# SPDX-License-Identifier: Apache-2.0
"""Views of shards as a PyTorch dataset: a reference with the sources that go with it best, all in one light."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.generators.mvs.dtu_shards import mvs_shards

try:
    import torch
    from torch.utils.data import Dataset
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the dataset of views") from error


class MvsViews(Dataset[dict[str, Any]]):
    """Every reference of a folder of ``prepare dtu`` in every light, with ``views - 1`` sources.

    References that have too few sources in that light are left out. Items are dictionaries: ``id`` str (``scan0002-l3-000012``); ``view_ids``
    int64 (N,), the reference first; ``images`` float32 (N, 3, H, W), sRGB from 0 to 1; ``intrinsics`` float64 (N, 3, 3) of the images;
    ``world_to_cam`` float64 (N, 4, 4); ``depth_range`` float64 (3,): least, largest and interval of the reference; and of shards with depth:
    ``depth`` float32 (h, w), NaN = unknown; ``valid`` bool (h, w); ``depth_intrinsics`` float64 (3, 3).

    Parameters
    ----------
    folder : path
    views : int
        N, 2 at least.
    scans : sequence of int or None
        None: all that there are.
    lights : sequence of int or None
        None: all that there are.

    Raises
    ------
    DepthbenchError
        If the folder holds no shards, a scan is not there, or nothing is left.
    """

    def __init__(
        self, folder: str | Path, views: int, scans: Sequence[int] | None = None, lights: Sequence[int] | None = None
    ) -> None:
        if views < 2:
            raise DepthbenchError(f"{views} views: a reference and one source at least are needed")
        shards = {shard.scan: shard for shard in mvs_shards(Path(folder))}
        absent = sorted(set(scans or ()) - set(shards))
        if absent:
            raise DepthbenchError(f"{folder}: no shard of scan {absent[0]}; there are {', '.join(map(str, shards))}")
        self._places = []
        for scan, shard in shards.items():
            if scans is not None and scan not in scans:
                continue
            for reference in shard.views:
                for light in shard.pictures[reference]:
                    sources = [one for one in shard.sources[reference] if light in shard.pictures[one]][: views - 1]
                    if len(sources) == views - 1 and (lights is None or light in lights):
                        self._places.append((shard, light, [reference, *sources]))
        if not self._places:
            raise DepthbenchError(f"{folder}: no reference has {views - 1} sources in the lights asked for")

    @property
    def names(self) -> list[str]:
        """Ids of the items."""
        return [f"scan{shard.scan:04d}-l{light}-{ids[0]:06d}" for shard, light, ids in self._places]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> dict[str, Any]:
        shard, light, ids = self._places[index]
        cameras = [shard.camera(view) for view in ids]
        pictures = np.stack([shard.image(view, light) for view in ids])
        first = cameras[0]
        item = {
            "id": f"scan{shard.scan:04d}-l{light}-{ids[0]:06d}",
            "view_ids": torch.tensor(ids),
            "images": torch.from_numpy(np.ascontiguousarray(np.moveaxis(pictures, -1, 1)) / np.float32(255)),
            "intrinsics": torch.from_numpy(np.stack([camera.intrinsics for camera in cameras])),
            "world_to_cam": torch.from_numpy(np.stack([camera.world_to_cam for camera in cameras])),
            "depth_range": torch.tensor([first.depth_min, first.depth_max, first.depth_interval], dtype=torch.float64),
        }
        if shard.attrs["layout"] != "test":
            depth, matrix = shard.depth(ids[0])
            item |= {
                "depth": torch.from_numpy(depth),
                "valid": torch.from_numpy(np.isfinite(depth)),
                "depth_intrinsics": torch.from_numpy(matrix),
            }
        return item
