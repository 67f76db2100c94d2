# SPDX-License-Identifier: Apache-2.0
"""A layered sample as tensors, wherever it is read from; see :class:`depthbench.generators.layered_dataset.LayeredDataset`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from depthbench.camera import StereoRig
from depthbench.errors import MissingExtraError, unknown_name
from depthbench.formats.layered_record import Eye
from depthbench.layers import MAX_LAYERS, SurfaceClass

try:
    import torch
except ImportError as error:
    raise MissingExtraError("torch", "torch", "reading layered samples as tensors") from error

_IMAGES = ("left", "right")
_LAYERS = {"disp_px": np.nan, "surface_id": 0, "surface_class": 0, "visibility": 0}
_MAPS = ("see_through", "reflective", "refraction_px")
_RIGHT = "_right"

LEFT_TRUTH: tuple[str, ...] = (*_LAYERS, *_MAPS)
RIGHT_TRUTH: tuple[str, ...] = tuple(name + _RIGHT for name in LEFT_TRUTH)
DEFAULT_FIELDS: tuple[str, ...] = (*_IMAGES, *LEFT_TRUTH)


class LayeredSamples(Protocol):
    """What is asked of samples: :class:`depthbench.formats.shard.ShardReader` gives it, and a release's parts."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The samples' ids."""

    def rig(self, index: int) -> StereoRig:
        """Intrinsics and baseline."""

    def cam_to_world(self, index: int, eye: Eye) -> npt.NDArray[np.float64]:
        """Pose of one camera."""

    def image(self, index: int, eye: Eye) -> npt.NDArray[np.uint8]:
        """RGB picture, uint8 (H, W, 3)."""

    def layer_arrays(self, index: int, eye: Eye, names: Iterable[str]) -> dict[str, Any]:
        """Some of the arrays of Layers, (K, H, W)."""

    def reflective(self, index: int, eye: Eye) -> npt.NDArray[np.bool_]:
        """Where a mirror-like surface is seen, bool (H, W)."""

    def refraction_px(self, index: int, eye: Eye) -> npt.NDArray[np.float32]:
        """How far refraction moves the correspondence, float32 (H, W)."""


def check_fields(fields: Sequence[str], layers: int) -> None:
    """Refuse unknown fields (DepthbenchError, with "did you mean") and numbers of layers (ValueError)."""
    known = (*_IMAGES, *LEFT_TRUTH, *RIGHT_TRUTH)
    for name in fields:
        if name not in known:
            raise unknown_name("field of a layered sample", name, known)
    if not 1 <= layers <= MAX_LAYERS:
        raise ValueError(f"layers is {layers}, not 1 to {MAX_LAYERS}")


def layered_tensors(
    reader: LayeredSamples,
    index: int,
    fields: Sequence[str] = DEFAULT_FIELDS,
    images: Literal["float", "uint8"] = "float",
    layers: int = MAX_LAYERS,
) -> dict[str, Any]:
    """Read the fields that are asked for, and nothing else, of one sample."""
    sample: dict[str, Any] = {}
    for name in fields:
        if name in _IMAGES:
            sample[name] = _image(reader.image(index, "left" if name == "left" else "right"), images)
    sample |= _truth(reader, index, "left", "", fields, layers) | _truth(reader, index, "right", _RIGHT, fields, layers)
    rig = reader.rig(index)
    sample["intrinsics"] = torch.from_numpy(rig.intrinsics.matrix.astype(np.float32))
    sample["baseline_m"] = torch.tensor(rig.baseline_m, dtype=torch.float32)
    sample["cam_to_world"] = torch.from_numpy(reader.cam_to_world(index, "left"))
    sample["id"] = reader.ids[index]
    return sample


def _image(image: npt.NDArray[np.uint8], images: str) -> torch.Tensor:
    """Turn uint8 (H, W, 3) into (3, H, W)."""
    planes = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))
    return planes.float() / 255 if images == "float" else planes


def _truth(
    reader: LayeredSamples, index: int, eye: Eye, suffix: str, fields: Sequence[str], most: int
) -> dict[str, torch.Tensor]:
    """Read what is asked of one eye's truth."""
    asked = [name for name in LEFT_TRUTH if name + suffix in fields]
    found: dict[str, torch.Tensor] = {}
    needed = {name for name in asked if name in _LAYERS} | {"surface_class" for name in asked if name == "see_through"}
    layers = reader.layer_arrays(index, eye, needed) if needed else {}
    for name, empty in _LAYERS.items():
        if name in asked:
            values = layers[name][:most]
            padded = np.full((most, *values.shape[1:]), empty, dtype=values.dtype)
            padded[: len(values)] = values
            found[name + suffix] = torch.from_numpy(padded)
    if "see_through" in asked:
        found["see_through" + suffix] = torch.from_numpy(layers["surface_class"][0] >= SurfaceClass.TRANSMISSIVE)
    if "reflective" in asked:
        found["reflective" + suffix] = torch.from_numpy(reader.reflective(index, eye))
    if "refraction_px" in asked:
        found["refraction_px" + suffix] = torch.from_numpy(reader.refraction_px(index, eye))
    return found
