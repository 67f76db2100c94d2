# SPDX-License-Identifier: Apache-2.0
"""Reads the shards that :mod:`depthbench.formats.shard` describes, piece by piece."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics, StereoRig
from depthbench.errors import DepthbenchError
from depthbench.formats.hdf5_file import array, child, faults_named, json_object, texts
from depthbench.formats.image import decode_rgb
from depthbench.formats.layer_packing import LAYER_ARRAYS, unpack
from depthbench.formats.layered_record import EYES, Eye, EyeRecord, LayeredRecord
from depthbench.formats.limits import check_pixels
from depthbench.formats.shard_schema import (
    EYE_ARRAYS,
    FORMAT,
    RIG_INTEGERS,
    RIG_NUMBERS,
    SCHEMA_VERSION,
    SURFACE_FIELDS,
)
from depthbench.layers import MAX_LAYERS, Layers, SurfaceClass
from depthbench.truth.geometry import Surface

_REMEDY = "remove it and run the same `depthbench generate` again, which makes it anew"


class ShardReader:
    """Random access to the samples of a shard.

    The file is opened at the first question, and anew after pickling or a fork. Each method decodes what it names and
    nothing else.

    Parameters
    ----------
    path : path
        The shard.

    Raises
    ------
    DepthbenchError
        From every method: if the file is absent, cut short, damaged, not a shard, or of another version.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file: h5py.File | None = None
        self._pid = 0

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_file": None, "_pid": 0}

    def __enter__(self) -> ShardReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self.ids)

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        if self._file is not None and self._pid == os.getpid():
            self._file.close()
        self._file = None

    def _faults(self) -> Any:
        return faults_named(self.path, "shard of layered samples", _REMEDY)

    def _opened(self) -> h5py.File:
        """Return the open file of this process, after its format and version were checked."""
        if self._file is None or self._pid != os.getpid():
            file = h5py.File(self.path, "r")
            try:
                self._ids = self._checked(file)
            except BaseException:
                file.close()
                raise
            self._file, self._pid = file, os.getpid()
        return self._file

    def _checked(self, file: h5py.File) -> tuple[str, ...]:
        """Return the ids after refusing a file of another format or version."""
        if _text(file.attrs.get("format", b"")) != FORMAT:
            raise ValueError(f"its format attribute does not say '{FORMAT}'")
        version = int(file.attrs["schema_version"])
        if version != SCHEMA_VERSION:
            raise DepthbenchError(
                f"{self.path}: a shard of version {version}, this depthbench reads version {SCHEMA_VERSION}; "
                "install the matching version or generate the folder again"
            )
        return texts(file, "ids")

    @property
    def ids(self) -> tuple[str, ...]:
        """The samples' ids, in order."""
        with self._faults():
            self._opened()
            return self._ids

    @property
    def attrs(self) -> dict[str, Any]:
        """What holds for the whole shard."""
        with self._faults():
            return json_object(self._opened().attrs["attrs_json"])

    @property
    def gt_bits(self) -> int:
        """Binary digits of a pixel kept in disparity and refraction; 23 = lossless."""
        with self._faults():
            return int(self._opened().attrs["gt_bits"])

    @property
    def surfaces(self) -> tuple[Surface, ...]:
        """The scene's surfaces, to which ``surface_id`` refers."""
        with self._faults():
            table = child(self._opened(), "surfaces", h5py.Dataset)[()]
            if table.dtype.names != SURFACE_FIELDS:
                raise ValueError(f"/surfaces has the fields {table.dtype.names}")
            return tuple(
                Surface(
                    id=int(row["id"]),
                    name=_text(row["name"]),
                    surface_class=SurfaceClass(int(row["class"])),
                    closed=bool(row["closed"]),
                    ior=float(row["ior"]),
                    reflective=bool(row["reflective"]),
                    planar=bool(row["planar"]),
                )
                for row in table
            )

    def _sample(self, index: int) -> h5py.Group:
        return child(child(self._opened(), "samples", h5py.Group), self._ids[index], h5py.Group)

    def _eye(self, index: int, eye: Eye) -> tuple[h5py.Group, tuple[int, int]]:
        """Return an eye's group and the (H, W) that its arrays must have."""
        sample = self._sample(index)
        shape = int(sample.attrs["height"]), int(sample.attrs["width"])
        check_pixels(shape[1], shape[0], self.path)
        return child(sample, eye, h5py.Group), shape

    def meta(self, index: int) -> dict[str, Any]:
        """Environment, seed, scene, view, attempt, versions, ..."""
        with self._faults():
            return json_object(self._sample(index).attrs["meta_json"])

    def rig(self, index: int) -> StereoRig:
        """Intrinsics and baseline of a sample."""
        with self._faults():
            attrs = self._sample(index).attrs
            width, height = (int(attrs[key]) for key in RIG_INTEGERS)
            fx, fy, cx, cy, baseline_m, doffs_px = (float(attrs[key]) for key in RIG_NUMBERS)
            return StereoRig(Intrinsics(width, height, fx, fy, cx, cy), baseline_m, doffs_px)

    def cam_to_world(self, index: int, eye: Eye) -> npt.NDArray[np.float64]:
        """Pose of one camera, (4, 4), OpenCV axes, metres."""
        with self._faults():
            pose = np.asarray(self._eye(index, eye)[0].attrs["cam_to_world"], dtype=np.float64)
            return pose.reshape(4, 4)

    def image_bytes(self, index: int, eye: Eye) -> bytes:
        """Return a picture as it is stored, an encoded PNG."""
        with self._faults():
            return array(self._eye(index, eye)[0], "image", "u1").tobytes()

    def image(self, index: int, eye: Eye) -> npt.NDArray[np.uint8]:
        """RGB picture, uint8 (H, W, 3)."""
        with self._faults():
            group, shape = self._eye(index, eye)
            try:
                image = decode_rgb(array(group, "image", "u1").tobytes(), f"{group.name}/image")
            except DepthbenchError as error:
                raise ValueError(str(error)) from error
            if image.shape != (*shape, 3):
                raise ValueError(f"{group.name}/image is {image.shape}, not {(*shape, 3)}")
            return image

    def layer_arrays(self, index: int, eye: Eye, names: Iterable[str] = tuple(LAYER_ARRAYS)) -> dict[str, Any]:
        """Some of the arrays of :class:`depthbench.layers.Layers`, (K, H, W) with the sample's own K, by name."""
        with self._faults():
            group, shape = self._eye(index, eye)
            count = array(group, "count", "u1", shape)
            if count.max(initial=0) > MAX_LAYERS:
                raise ValueError(f"{group.name} has more than {MAX_LAYERS} layers")
            total = int(count.sum())
            return unpack({"count": count} | {name: array(group, name, LAYER_ARRAYS[name], (total,)) for name in names})

    def layers(self, index: int, eye: Eye) -> Layers:
        """Every layer of one eye, (K, H, W) with the sample's own K."""
        return Layers(**self.layer_arrays(index, eye))

    def reflective(self, index: int, eye: Eye) -> npt.NDArray[np.bool_]:
        """Where a mirror-like surface is seen, bool (H, W)."""
        with self._faults():
            group, shape = self._eye(index, eye)
            return array(group, "reflective", "u1", shape).astype(bool)

    def refraction_px(self, index: int, eye: Eye) -> npt.NDArray[np.float32]:
        """Displacement by refraction in pixels, float32 (H, W)."""
        with self._faults():
            group, shape = self._eye(index, eye)
            return array(group, "refraction_px", "f4", shape)

    def eye(self, index: int, eye: Eye) -> EyeRecord:
        """Everything about one eye."""
        return EyeRecord(
            self.image(index, eye),
            self.layers(index, eye),
            self.reflective(index, eye),
            self.refraction_px(index, eye),
            self.cam_to_world(index, eye),
        )

    def stored(self, index: int) -> StoredRecord:
        """Return a sample as it lies in the file, for :func:`depthbench.formats.shard.write_shard` to copy undecoded."""
        return StoredRecord(self.ids[index], self, index)

    def encoded(self, index: int, eye: Eye) -> list[tuple[h5py.Dataset, int, bytes]]:
        """Return one eye's datasets in the order of writing, each with its filter mask and its still compressed bytes."""
        with self._faults():
            group, _ = self._eye(index, eye)
            datasets = [child(group, name, h5py.Dataset) for name in EYE_ARRAYS]
            return [
                (dataset, *(dataset.id.read_direct_chunk((0,) * dataset.ndim) if dataset.size else (0, b"")))
                for dataset in datasets
            ]

    def read(self, index: int) -> LayeredRecord:
        """Return a whole sample."""
        left, right = (self.eye(index, eye) for eye in EYES)
        return LayeredRecord(self.ids[index], self.rig(index), left, right, self.meta(index))


@dataclass(frozen=True)
class StoredRecord:
    """A sample of a shard that is not decoded.

    Attributes
    ----------
    id : str
    reader : ShardReader
    index : int
        Its place in the reader.
    """

    id: str
    reader: ShardReader
    index: int


def _text(value: Any) -> str:
    """Return fixed-length HDF5 text as str."""
    if not isinstance(value, bytes):
        raise ValueError("a text in it is no text")
    return value.decode()
