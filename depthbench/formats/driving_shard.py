# SPDX-License-Identifier: Apache-2.0
"""Shards of driving frames: one HDF5 file per slice of a set.

::

    /                  format = "depthbench driving shard", schema_version
    /ids               S..      (F,)      the frames, in order
    /frames/<number>   attrs: camera_json (empty where unknown)
        image          uint8    (n,)      the picture's file as it was: PNG or JPEG
        depth          uint16   (H, W)    1/256 m, 0 = unknown
        instance       uint16   (H, W)    row of the instance + 1, 0 = none
        instance_ids   int64    (M,)      panoptic ids, in the order of rows
        centroid_m     float32  (M,)      median depths at full resolution
        area           int64    (M,)      pixels
        dropped        int64    (D,)      ids of instances that have no row
        membership_<s> uint16   (2, h, w) targets at stride s (:mod:`depthbench.generators.membership.packing`)

gzip + shuffle; no time stamps: the same frames give the same bytes as long as the libraries are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics
from depthbench.formats.hdf5_file import (
    array,
    check_format,
    child,
    faults_named,
    json_object,
    new_group,
    texts,
    writing,
)
from depthbench.formats.json_file import to_json

FORMAT = "depthbench driving shard"
SCHEMA_VERSION = 1
_REMEDY = "remove it and run the same `depthbench prepare dvps` again, which makes it anew"
_ARRAYS = {"instance_ids": np.int64, "centroid_m": np.float32, "area": np.int64, "dropped": np.int64}


@dataclass(frozen=True, eq=False)
class DrivingRecord:
    """One frame; arrays as :mod:`.driving_shard` lists them."""

    id: str
    image: bytes
    depth: npt.NDArray[np.uint16]
    instance: npt.NDArray[np.uint16]
    instance_ids: npt.NDArray[np.int64]
    centroid_m: npt.NDArray[np.float32]
    area: npt.NDArray[np.int64]
    dropped: npt.NDArray[np.int64]
    levels: Mapping[int, npt.NDArray[np.uint16]]
    camera: Intrinsics | None


def write_driving_shard(path: str | Path, records: Sequence[DrivingRecord]) -> None:
    """Write a shard that appears whole or not at all.

    Raises
    ------
    DepthbenchError
        If the disk is full.
    """
    with writing(path) as (file, check):
        file.attrs["format"] = np.bytes_(FORMAT.encode())
        file.attrs["schema_version"] = np.int64(SCHEMA_VERSION)
        file.create_dataset("ids", data=np.array([record.id.encode() for record in records]))
        frames = new_group(file, "frames")
        for number, record in enumerate(records):
            group = new_group(frames, f"{number:06d}")
            group.attrs["camera_json"] = np.bytes_(
                to_json(asdict(record.camera) if record.camera else {}, indent=None).encode()
            )
            group.create_dataset("image", data=np.frombuffer(record.image, dtype=np.uint8))
            maps = {"depth": record.depth, "instance": record.instance}
            maps |= {f"membership_{stride}": level for stride, level in record.levels.items()}
            for name, values in maps.items():
                group.create_dataset(name, data=values, chunks=values.shape, compression="gzip", shuffle=True)
            for name, dtype in _ARRAYS.items():
                group.create_dataset(name, data=getattr(record, name).astype(dtype))
            check()


def shard_ids(path: str | Path) -> list[str]:
    """Return the frames of a shard.

    Raises
    ------
    DepthbenchError
        If the file is absent, cut short, damaged, or no such shard.
    """
    with faults_named(path, "shard of driving frames", _REMEDY), h5py.File(path, "r") as file:
        check_format(file, FORMAT, SCHEMA_VERSION)
        return list(texts(file, "ids"))


def read_driving_record(path: str | Path, number: int, only: Sequence[str] = ()) -> DrivingRecord:
    """Read one frame.

    Parameters
    ----------
    only : sequence of str
        Of ``image``, ``depth``, ``instance`` and ``membership``, what is decoded; the others are empty. None named: all.

    Raises
    ------
    DepthbenchError
        As :func:`shard_ids`.
    """
    with faults_named(path, "shard of driving frames", _REMEDY), h5py.File(path, "r") as file:
        check_format(file, FORMAT, SCHEMA_VERSION)
        name = texts(file, "ids")[number]
        group = child(child(file, "frames", h5py.Group), f"{number:06d}", h5py.Group)
        camera = json_object(group.attrs["camera_json"])

        def read(key: str, dtype: Any, dimensions: int) -> npt.NDArray[Any]:
            if only and key.partition("_")[0] not in only:
                return np.zeros((0,) * dimensions, dtype=dtype)
            values = array(group, key, dtype)
            if values.ndim != dimensions or (dimensions == 3 and len(values) != 2):
                raise ValueError(f"{group.name}/{key} has the shape {values.shape}")
            return values

        strides = sorted(int(key.partition("_")[2]) for key in group if key.startswith("membership_"))
        return DrivingRecord(
            name,
            read("image", np.uint8, 1).tobytes(),
            read("depth", np.uint16, 2),
            read("instance", np.uint16, 2),
            **{key: array(group, key, dtype) for key, dtype in _ARRAYS.items()},
            levels={stride: read(f"membership_{stride}", np.uint16, 3) for stride in strides},
            camera=Intrinsics(**camera) if camera else None,
        )
