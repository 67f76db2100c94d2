# SPDX-License-Identifier: Apache-2.0
"""Shards of generated mask examples: one HDF5 file per slice of a set.

::

    /            format = "depthbench mask shard", schema_version, height, width, attrs_json
    /ids         S..     (E,)       the examples, in order
    /distance_m  float32 (E, n)     of the camera from the object, the nearest first
    /bbox        int16   (E, n, 4)  y0, y1, x0, x1 of the part that is not 0; all 0 where a mask is empty
    /bits        uint8   (T,)       ``np.packbits`` of each crop, one after the other
    /bit_offset  int64   (E n + 1,) where each begins

gzip + shuffle; no time stamps: the same examples give the same bytes as long as the libraries are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from depthbench.formats.hdf5_file import array, check_format, child, faults_named, json_object, texts, writing
from depthbench.formats.json_file import to_json
from depthbench.formats.limits import check_pixels
from depthbench.formats.odms_folder import Clip, Mask

FORMAT = "depthbench mask shard"
SCHEMA_VERSION = 1
_REMEDY = "remove it and run the same `depthbench generate odms` again, which makes it anew"


@dataclass(frozen=True, eq=False)
class MaskShard:
    """Examples in memory, their masks still packed.

    Attributes
    ----------
    ids : tuple of str (E,)
    distance_m : float32 (E, n)
    shape : (int, int)
        Rows and columns of a mask.
    bbox : int16 (E, n, 4)
    bits : uint8 (T,)
    bit_offset : int64 (E n + 1,)
    attrs : mapping
        What holds for the whole shard; JSON-serialisable.
    """

    ids: tuple[str, ...]
    distance_m: npt.NDArray[np.float32]
    shape: tuple[int, int]
    bbox: npt.NDArray[np.int16]
    bits: npt.NDArray[np.uint8]
    bit_offset: npt.NDArray[np.int64]
    attrs: Mapping[str, Any]

    def mask(self, example: int, view: int) -> Mask:
        """Unpack a mask, bool (H, W)."""
        y0, y1, x0, x1 = (int(end) for end in self.bbox[example, view])
        frame = example * self.distance_m.shape[1] + view
        packed = self.bits[self.bit_offset[frame] : self.bit_offset[frame + 1]]
        mask = np.zeros(self.shape, dtype=np.bool_)
        mask[y0:y1, x0:x1] = np.unpackbits(packed, count=(y1 - y0) * (x1 - x0)).reshape(y1 - y0, x1 - x0)
        return mask

    def clips(self, path: Path) -> list[Clip]:
        """Return the examples as clips that lie in ``path``."""
        metres = self.distance_m.astype(np.float64)
        return [
            Clip(name, metres[number], metres[number], partial(self.mask, number), (path,))
            for number, name in enumerate(self.ids)
        ]


def pack_examples(ids: Sequence[str], distance_m: npt.NDArray[np.float32], masks: npt.NDArray[np.uint8]) -> MaskShard:
    """Crop and pack masks that are bits, uint8 (E, n, H, W / 8), least significant first."""
    views = masks.reshape(-1, *masks.shape[2:])
    boxes, crops = np.zeros((len(views), 4), dtype=np.int16), []
    for box, bits in zip(boxes, views, strict=True):
        rows, bytes_ = np.flatnonzero(bits.any(axis=1)), np.flatnonzero(bits.any(axis=0))
        if not len(rows):
            crops.append(np.zeros(0, dtype=np.uint8))
            continue
        part = np.unpackbits(bits[rows[0] : rows[-1] + 1, bytes_[0] : bytes_[-1] + 1], axis=1, bitorder="little")
        columns = np.flatnonzero(part.any(axis=0))
        left = 8 * bytes_[0]
        box[:] = rows[0], rows[-1] + 1, left + columns[0], left + columns[-1] + 1
        crops.append(np.packbits(part[:, columns[0] : columns[-1] + 1]))
    return MaskShard(
        tuple(ids),
        distance_m,
        (masks.shape[2], 8 * masks.shape[3]),
        boxes.reshape(*distance_m.shape, 4),
        np.concatenate(crops),
        np.cumsum([0, *map(len, crops)], dtype=np.int64),
        {},
    )


def joined(pieces: Sequence[MaskShard], attrs: Mapping[str, Any]) -> MaskShard:
    """Put pieces of one slice together."""
    lengths = np.concatenate([np.diff(piece.bit_offset) for piece in pieces])
    return MaskShard(
        sum((piece.ids for piece in pieces), ()),
        np.concatenate([piece.distance_m for piece in pieces]),
        pieces[0].shape,
        np.concatenate([piece.bbox for piece in pieces]),
        np.concatenate([piece.bits for piece in pieces]),
        np.cumsum(np.concatenate([[0], lengths]), dtype=np.int64),
        attrs,
    )


def write_mask_shard(path: str | Path, shard: MaskShard) -> None:
    """Write a shard that appears whole or not at all.

    Raises
    ------
    DepthbenchError
        If the disk is full.
    """
    with writing(path) as (file, _):
        file.attrs["format"] = np.bytes_(FORMAT.encode())
        file.attrs["schema_version"] = np.int64(SCHEMA_VERSION)
        file.attrs["height"], file.attrs["width"] = np.int64(shard.shape[0]), np.int64(shard.shape[1])
        file.attrs["attrs_json"] = np.bytes_(to_json(dict(shard.attrs), indent=None).encode())
        file.create_dataset("ids", data=np.array([name.encode() for name in shard.ids]))
        for name in ("distance_m", "bbox", "bits", "bit_offset"):
            values = getattr(shard, name)
            packed = {"chunks": values.shape, "compression": "gzip", "shuffle": True} if values.size else {}
            file.create_dataset(name, data=values, **packed)


def read_mask_shard(path: str | Path) -> MaskShard:
    """Read a shard.

    Raises
    ------
    DepthbenchError
        If the file is absent, cut short, damaged, contradicts itself, or is no mask shard of this version.
    """
    with faults_named(path, "shard of masks", _REMEDY), h5py.File(path, "r") as file:
        check_format(file, FORMAT, SCHEMA_VERSION)
        ids = texts(file, "ids")
        examples, views = child(file, "distance_m", h5py.Dataset).shape
        shape = int(file.attrs["height"]), int(file.attrs["width"])
        check_pixels(shape[1], shape[0], path)
        shard = MaskShard(
            ids,
            array(file, "distance_m", "f4", (len(ids), views)),
            shape,
            array(file, "bbox", "i2", (examples, views, 4)),
            array(file, "bits", "u1"),
            array(file, "bit_offset", "i8", (examples * views + 1,)),
            json_object(file.attrs["attrs_json"]),
        )
        _check(shard)
        return shard


def _check(shard: MaskShard) -> None:
    """Raise ValueError where boxes leave the image or the bits do not belong to them."""
    box = shard.bbox.reshape(-1, 4).astype(np.int64)
    ends = np.array([shard.shape[0], shard.shape[0], shard.shape[1], shard.shape[1]])
    sides = box[:, 1::2] - box[:, ::2]
    if min(shard.shape) < 1 or (box < 0).any() or (box > ends).any() or (sides < 0).any():
        raise ValueError("a box is none")
    needed = (sides.prod(axis=1) + 7) // 8
    offset = shard.bit_offset
    if offset[0] != 0 or offset[-1] != len(shard.bits) or (np.diff(offset) != needed).any():
        raise ValueError("the bits do not belong to the boxes")
