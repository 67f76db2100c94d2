# SPDX-License-Identifier: Apache-2.0
"""Shards of focal stacks: one HDF5 file per slice of a set.

::

    /                      format = "depthbench focal shard", schema_version, attrs_json
    /ids          S..      (E,)       the stacks, in order
    /stacks/<n>/           n = 000000, 000001, ...; attributes meta_json, intrinsics (6,) float64 or (0,)
        focus_m       float64 (N,)    ascending; the last may be +inf
        depth_m       float32 (H, W)  metres, NaN = unknown, +inf = sky
        all_in_focus  uint8   (T,)    an encoded PNG
        plane_000 ... uint8   (T,)    an encoded PNG, 8 bits; or
                      uint16  (H, W, 3)  sRGB in 65,535ths

gzip + shuffle where it helps; no time stamps: the same stacks give the same bytes as long as the libraries are the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.focal_record import FocalRecord
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
from depthbench.formats.image import decode_rgb, encode_png
from depthbench.formats.json_file import to_json

FORMAT = "depthbench focal shard"
SCHEMA_VERSION = 1
_REMEDY = "remove it and run the same `depthbench generate focal-stack` again, which makes it anew"
_PNG_LEVEL = 2


def _text(value: str) -> np.bytes_:
    return np.bytes_(value.encode())


def _put(group: h5py.Group, name: str, values: npt.NDArray[Any], packed: bool) -> None:
    """Write an array; what gzip would not shrink gets a checksum instead."""
    how = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if packed else {"fletcher32": True}
    group.create_dataset(name, data=values, chunks=values.shape, **how)


def _write(group: h5py.Group, record: FocalRecord) -> None:
    group.attrs["meta_json"] = _text(json.dumps(json.loads(to_json(dict(record.meta))), sort_keys=True))
    camera = record.intrinsics
    values = [] if camera is None else [camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy]
    group.attrs["intrinsics"] = np.array(values, dtype=np.float64)
    _put(group, "focus_m", record.focus_m.astype(np.float64), False)
    depth = np.where(np.isnan(record.depth_m), np.float32(np.nan), record.depth_m)  # NaN has many bit patterns
    _put(group, "depth_m", np.ascontiguousarray(depth, dtype=np.float32), True)
    _put(group, "all_in_focus", np.frombuffer(encode_png(record.all_in_focus, _PNG_LEVEL), dtype=np.uint8), False)
    for number, picture in enumerate(record.stack):
        if picture.dtype == np.uint8:
            _put(group, f"plane_{number:03d}", np.frombuffer(encode_png(picture, _PNG_LEVEL), dtype=np.uint8), False)
        else:
            _put(group, f"plane_{number:03d}", np.ascontiguousarray(picture, dtype=np.uint16), True)


def write_focal_shard(path: str | Path, records: Iterable[FocalRecord], attrs: Mapping[str, Any]) -> Path:
    """Write stacks, one at a time as they come, to a shard that appears whole or not at all.

    ``attrs`` is read when the last record has come.

    Raises
    ------
    DepthbenchError
        If the disk is full.
    """
    ids: list[str] = []
    with writing(path) as (file, check):
        file.attrs["format"] = _text(FORMAT)
        file.attrs["schema_version"] = np.int64(SCHEMA_VERSION)
        stacks = new_group(file, "stacks")
        for record in records:
            _write(new_group(stacks, f"{len(ids):06d}"), record)
            ids.append(record.id)
            check()
        file.attrs["attrs_json"] = _text(to_json(dict(attrs), indent=None))
        names = np.array([name.encode() for name in ids], dtype=f"S{max(map(len, map(str.encode, ids)), default=1)}")
        file.create_dataset("ids", data=names)
    return Path(path)


class FocalShard:
    """Reads a shard; every question opens the file anew, so that a reader can be handed to other processes.

    Raises
    ------
    DepthbenchError
        From every method, if the file is absent, damaged, or no focal shard of this version.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with faults_named(self.path, "shard of focal stacks", _REMEDY), h5py.File(self.path, "r") as file:
            check_format(file, FORMAT, SCHEMA_VERSION)
            self.ids = texts(file, "ids")
            self.attrs: dict[str, Any] = json_object(file.attrs["attrs_json"])

    def depth_m(self, index: int) -> npt.NDArray[np.float32]:
        """Return the true depth of a stack, float32 (H, W)."""
        with faults_named(self.path, "shard of focal stacks", _REMEDY), h5py.File(self.path, "r") as file:
            return array(self._group(file, index), "depth_m", "f4")

    def read(self, index: int) -> FocalRecord:
        """Return a stack with everything about it."""
        with faults_named(self.path, "shard of focal stacks", _REMEDY), h5py.File(self.path, "r") as file:
            group = self._group(file, index)
            focus_m = array(group, "focus_m", "f8")
            depth_m = array(group, "depth_m", "f4")
            shape = (*depth_m.shape, 3)
            camera = [float(value) for value in group.attrs["intrinsics"]]
            if len(camera) not in (0, 6) or len(shape) != 3:
                raise ValueError(
                    f"{group.name} has {len(camera)} numbers of a camera and depth of shape {depth_m.shape}"
                )
            planes = [self._picture(group, f"plane_{number:03d}", shape) for number in range(len(focus_m))]
            return FocalRecord(
                self.ids[index],
                np.stack(planes),
                focus_m,
                self._picture(group, "all_in_focus", shape),
                depth_m,
                Intrinsics(int(camera[0]), int(camera[1]), *camera[2:]) if camera else None,
                json_object(group.attrs["meta_json"]),
            )

    def _group(self, file: h5py.File, index: int) -> h5py.Group:
        return child(child(file, "stacks", h5py.Group), f"{index:06d}", h5py.Group)

    def _picture(self, group: h5py.Group, name: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        if child(group, name, h5py.Dataset).dtype == np.uint16:
            return array(group, name, "u2", shape)
        try:
            picture = decode_rgb(array(group, name, "u1").tobytes(), f"{group.name}/{name}")
        except DepthbenchError as error:
            raise ValueError(str(error)) from error
        if picture.shape != shape:
            raise ValueError(f"{group.name}/{name} is {picture.shape}, not {shape}")
        return picture
