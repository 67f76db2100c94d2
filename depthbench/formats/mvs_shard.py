# SPDX-License-Identifier: Apache-2.0
"""Shards of calibrated views for multi-view stereo: one HDF5 file per scan.

::

    /                    format = "depthbench mvs shard", schema_version, scan, attrs_json
    /views/000012        attrs: intrinsics (3, 3), world_to_cam (4, 4), depths (min, max, interval, planes; planes 0: not known),
                         depth_intrinsics (3, 3), source_ids (n,), source_scores (n,)
      light_3            uint8 (bytes,)   a picture, encoded as it was found
      depth              float32 (h, w)   planar, NaN where unknown; absent where there is none

Lengths are in the unit of the cameras (DTU: mm). Pictures and depth have checksums; no time stamps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.hdf5_file import array, child, faults_named, new_group, writing
from depthbench.formats.image import decode_rgb
from depthbench.formats.json_file import to_json
from depthbench.formats.mvsnet_cam import MvsCamera

FORMAT = "depthbench mvs shard"
SCHEMA_VERSION = 1
_KIND, _REMEDY = "shard of views", "remove it and run the same `depthbench prepare dtu` again, which makes it anew"


@dataclass(frozen=True, eq=False)
class StoredView:
    """A view as it is stored.

    Attributes
    ----------
    id : int
    camera : MvsCamera
        Of the pictures.
    pictures : mapping
        Light -> encoded picture.
    sources : list of (int, float)
        Views that go with it, best first, and their scores.
    depth : float32 (h, w) or None
    depth_intrinsics : float64 (3, 3) or None
        K of the depth map.
    """

    id: int
    camera: MvsCamera
    pictures: Mapping[int, bytes]
    sources: list[tuple[int, float]]
    depth: npt.NDArray[np.float32] | None = None
    depth_intrinsics: npt.NDArray[np.float64] | None = None


def write_mvs_shard(path: str | Path, scan: int, views: Iterable[StoredView], attrs: Mapping[str, Any]) -> None:
    """Write views, one at a time as they come, to a shard that appears whole or not at all; ``attrs`` is read in the end.

    Raises
    ------
    DepthbenchError
        If the disk is full.
    """
    with writing(path) as (file, check):
        file.attrs["format"] = np.bytes_(FORMAT.encode())
        file.attrs["schema_version"], file.attrs["scan"] = np.int64(SCHEMA_VERSION), np.int64(scan)
        groups = new_group(file, "views")
        for view in views:
            group, camera = new_group(groups, f"{view.id:06d}"), view.camera
            depths = [camera.depth_min, camera.depth_max, camera.depth_interval, float(camera.planes or 0)]
            stored = {
                "intrinsics": camera.intrinsics,
                "world_to_cam": camera.world_to_cam,
                "depths": np.array(depths),
                "source_ids": np.array([source for source, _ in view.sources], dtype=np.int64),
                "source_scores": np.array([score for _, score in view.sources], dtype=np.float64),
            }
            if view.depth is not None and view.depth_intrinsics is not None:
                stored["depth_intrinsics"] = view.depth_intrinsics
                depth = np.where(np.isnan(view.depth), np.float32(np.nan), view.depth)  # NaN has many bit patterns
                packed: dict[str, Any] = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
                group.create_dataset("depth", data=depth, chunks=depth.shape, fletcher32=True, **packed)
            for name, values in stored.items():
                group.attrs[name] = values
            for light, data in sorted(view.pictures.items()):
                values = np.frombuffer(data, dtype=np.uint8)
                group.create_dataset(f"light_{light}", data=values, chunks=values.shape, fletcher32=True)
            check()
        file.attrs["attrs_json"] = np.bytes_(to_json(dict(attrs), indent=None).encode())


class MvsShard:
    """Reads a shard; every question opens the file anew, so that a reader can be handed to other processes.

    Attributes
    ----------
    scan : int
    attrs : dict
        What was said of the whole shard.
    pictures : dict
        View -> its lights.
    sources : dict
        View -> views of this shard that go with it, best first.

    Raises
    ------
    DepthbenchError
        From every method, if the file is absent, damaged, or no such shard of this version.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with faults_named(self.path, _KIND, _REMEDY), h5py.File(self.path, "r") as file:
            if bytes(file.attrs.get("format", b"")).decode() != FORMAT:
                raise ValueError(f"its format attribute does not say '{FORMAT}'")
            if int(file.attrs["schema_version"]) != SCHEMA_VERSION:
                raise ValueError(
                    f"it is of version {file.attrs['schema_version']}, this depthbench reads {SCHEMA_VERSION}"
                )
            self.scan = int(file.attrs["scan"])
            self.attrs: dict[str, Any] = json.loads(bytes(file.attrs["attrs_json"]).decode())
            groups = child(file, "views", h5py.Group)
            self.pictures: dict[int, list[int]] = {}
            named: dict[int, list[int]] = {}
            for name in groups:
                group = child(groups, name, h5py.Group)
                self.pictures[int(name)] = sorted(int(key[6:]) for key in group if key.startswith("light_"))
                named[int(name)] = [int(source) for source in group.attrs["source_ids"]]
        self.sources = {view: [one for one in found if one in named] for view, found in named.items()}

    @property
    def views(self) -> list[int]:
        """Ids of the views."""
        return list(self.pictures)

    def camera(self, view: int) -> MvsCamera:
        """Return the camera of a view's pictures."""
        with faults_named(self.path, _KIND, _REMEDY), h5py.File(self.path, "r") as file:
            return _camera(self._group(file, view))

    def image(self, view: int, light: int) -> npt.NDArray[np.uint8]:
        """Return a picture, uint8 (H, W, 3)."""
        with faults_named(self.path, _KIND, _REMEDY), h5py.File(self.path, "r") as file:
            data = array(self._group(file, view), f"light_{light}", "u1").tobytes()
        return decode_rgb(data, f"{self.path}: view {view} in light {light}")

    def depth(self, view: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
        """Return the depth map float32 (h, w), NaN where unknown, and its K (3, 3).

        Raises
        ------
        DepthbenchError
            Also if the shard has none.
        """
        with faults_named(self.path, _KIND, _REMEDY), h5py.File(self.path, "r") as file:
            group = self._group(file, view)
            if "depth" not in group:
                raise DepthbenchError(f"{self.path}: view {view} has no depth map (the layout of testing has none)")
            return array(group, "depth", "f4"), np.array(group.attrs["depth_intrinsics"], dtype=np.float64)

    def _group(self, file: h5py.File, view: int) -> h5py.Group:
        return child(child(file, "views", h5py.Group), f"{view:06d}", h5py.Group)


def _camera(group: h5py.Group) -> MvsCamera:
    least, most, interval, planes = (float(value) for value in group.attrs["depths"])
    matrix, pose = (np.array(group.attrs[name], dtype=np.float64) for name in ("intrinsics", "world_to_cam"))
    if matrix.shape != (3, 3) or pose.shape != (4, 4):
        raise ValueError(f"{group.name}: cameras of {matrix.shape} and {pose.shape} numbers")
    return MvsCamera(matrix, pose, least, most, interval, int(planes) or None)
