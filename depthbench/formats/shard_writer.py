# SPDX-License-Identifier: Apache-2.0
"""Writes the shards that :mod:`depthbench.formats.shard` describes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from depthbench.formats.hdf5_file import new_group, writing
from depthbench.formats.image import encode_png
from depthbench.formats.json_file import to_json
from depthbench.formats.layer_packing import LAYER_ARRAYS, pack
from depthbench.formats.layered_record import EYES, Eye, EyeRecord, LayeredRecord
from depthbench.formats.shard_reader import StoredRecord
from depthbench.formats.shard_schema import DEFAULT_GT_BITS, EYE_ARRAYS, FORMAT, RIG_INTEGERS, SCHEMA_VERSION, round_px
from depthbench.truth.geometry import Surface

GZIP_LEVEL = 4


def _text(value: str) -> np.bytes_:
    """Fixed-length text: variable-length strings go to a heap, whose bytes depend on the order of writes."""
    return np.bytes_(value.encode())


def _json(data: Any) -> np.bytes_:
    return _text(json.dumps(json.loads(to_json(dict(data), indent=None)), sort_keys=True, ensure_ascii=False))


def _put(group: h5py.Group, name: str, values: npt.NDArray[Any], level: int) -> None:
    options = {"chunks": values.shape, "compression": "gzip", "compression_opts": level, "shuffle": True}
    group.create_dataset(name, data=values, **(options if values.size else {}))


def _put_plain(group: h5py.Group, name: str, values: npt.NDArray[Any]) -> None:
    """Write what gzip would not shrink, with the checksum that gzip would bring along (PNG readers do not check theirs)."""
    group.create_dataset(name, data=values, **({"chunks": values.shape, "fletcher32": True} if values.size else {}))


def _write_eye(group: h5py.Group, record: EyeRecord, shape: tuple[int, int], gt_bits: int, level: int) -> None:
    """Write one eye's datasets in their fixed order."""
    if record.image.shape != (*shape, 3) or record.image.dtype != np.uint8:
        raise ValueError(
            f"{group.name}: the image is {record.image.dtype} {record.image.shape}, not uint8 {(*shape, 3)}"
        )
    maps = pack(record.layers) | {
        "see_through": record.layers.see_through.astype("u1"),
        "reflective": record.reflective.astype("u1"),
        "refraction_px": np.asarray(record.refraction_px, dtype="f4"),
    }
    group.attrs["cam_to_world"] = np.asarray(record.cam_to_world, dtype="f8").reshape(4, 4)
    _put_plain(group, "image", np.frombuffer(encode_png(record.image), dtype="u1"))
    for name in EYE_ARRAYS[1:]:
        values = maps[name]
        if name not in LAYER_ARRAYS and values.shape != shape:
            raise ValueError(f"{group.name}: {name} has shape {values.shape} in a {shape} image")
        if values.dtype == np.float32:  # NaN has many bit patterns; the file has one
            values = np.where(np.isnan(values), np.float32(np.nan), round_px(values, gt_bits))
        _put(group, name, np.ascontiguousarray(values), level)


def _copy_eye(group: h5py.Group, stored: StoredRecord, eye: Eye) -> None:
    """Copy one eye's datasets without decoding them."""
    group.attrs["cam_to_world"] = stored.reader.cam_to_world(stored.index, eye)
    for source, mask, data in stored.reader.encoded(stored.index, eye):
        name = source.name.rpartition("/")[2].encode()
        target = h5py.h5d.create(
            group.id, name, source.id.get_type(), source.id.get_space(), source.id.get_create_plist()
        )
        if source.size:
            target.write_direct_chunk((0,) * source.ndim, data, mask)


def _write_sample(samples: h5py.Group, record: LayeredRecord | StoredRecord, gt_bits: int, level: int) -> None:
    """Write or copy one sample."""
    sample = new_group(samples, record.id)
    if isinstance(record, StoredRecord):
        if record.reader.gt_bits != gt_bits:
            raise ValueError(f"{record.reader.path} keeps {record.reader.gt_bits} bits, not {gt_bits}")
        rig = record.reader.rig(record.index)
        meta: Mapping[str, Any] = record.reader.meta(record.index)
    else:
        rig, meta = record.rig, record.meta
    for key, value in (asdict(rig.intrinsics) | {"baseline_m": rig.baseline_m, "doffs_px": rig.doffs}).items():
        sample.attrs[key] = np.int64(value) if key in RIG_INTEGERS else np.float64(value)
    sample.attrs["meta_json"] = _json(meta)
    for eye in EYES:
        group = new_group(sample, eye)
        if isinstance(record, StoredRecord):
            _copy_eye(group, record, eye)
        else:
            _write_eye(group, getattr(record, eye), (rig.intrinsics.height, rig.intrinsics.width), gt_bits, level)


def write_shard(
    path: str | Path,
    records: Iterable[LayeredRecord | StoredRecord],
    *,
    surfaces: Sequence[Surface],
    attrs: Mapping[str, Any],
    gt_bits: int = DEFAULT_GT_BITS,
    level: int = GZIP_LEVEL,
) -> Path:
    """Write records, one at a time as they come, to a shard that appears whole or not at all.

    Parameters
    ----------
    path : path
        Where the shard goes.
    records : iterable of LayeredRecord or StoredRecord
        Consumed one by one; ids must differ. Stored ones (``ShardReader.stored``) are copied as they are, not encoded again:
        they keep their gzip level and must have the same ``gt_bits``.
    surfaces : sequence of Surface
        The scene's surfaces, to which ``surface_id`` refers.
    attrs : mapping
        What holds for the whole shard; JSON-serialisable.
    gt_bits : int
        Binary digits of a pixel kept in disparity and refraction (see the module); 23 is lossless.
    level : int
        gzip level.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    DepthbenchError
        If the disk is full.
    ValueError
        If a record contradicts itself (shapes, a layer after a gap, a class where there is no layer).
    """
    ids: list[str] = []
    with writing(path) as (file, check):
        file.attrs["format"] = _text(FORMAT)
        file.attrs["schema_version"] = np.int64(SCHEMA_VERSION)
        file.attrs["gt_bits"] = np.int64(gt_bits)
        file.attrs["attrs_json"] = _json(attrs)
        samples = new_group(file, "samples")
        for record in records:
            _write_sample(samples, record, gt_bits, level)
            ids.append(record.id)
            check()
        _put_plain(file, "surfaces", _surface_table(surfaces))
        _put_plain(file, "ids", np.array([i.encode() for i in ids], dtype=f"S{max(map(len, ids), default=1)}"))
    return Path(path)


def _surface_table(surfaces: Sequence[Surface]) -> npt.NDArray[Any]:
    """Return the surfaces as a structured array with fixed-length UTF-8 names."""
    names = [surface.name.encode() for surface in surfaces]
    fields = [("id", "i4"), ("name", f"S{max(map(len, names), default=1)}"), ("class", "u1"), ("closed", "u1")]
    fields += [("ior", "f8"), ("reflective", "u1"), ("planar", "u1")]
    rows = [
        (s.id, name, int(s.surface_class), s.closed, s.ior, s.reflective, s.planar)
        for s, name in zip(surfaces, names, strict=True)
    ]
    return np.array(rows, dtype=fields)
