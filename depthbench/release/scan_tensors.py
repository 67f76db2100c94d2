# SPDX-License-Identifier: Apache-2.0
"""A released view of a scan as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from depthbench.errors import DepthbenchError, MissingExtraError, unknown_name
from depthbench.formats.dtu_folder import halved_and_cropped
from depthbench.formats.image import decode_rgb
from depthbench.formats.sample_parts import Parts
from depthbench.release.kind import faults_named

try:
    import torch
except ImportError as error:
    raise MissingExtraError("torch", "torch", "reading a release as tensors") from error

MOST_SOURCES = 10


def view_tensors(
    parts: Parts, *, picture: Literal["training", "full"] = "training", lights: Sequence[int] | None = None
) -> dict[str, Any]:
    """Return a view as PyTorch's default collate takes it.

    Parameters
    ----------
    picture : {"training", "full"}
        The pictures of training, or that of testing, which is larger and has one light.
    lights : sequence of int or None
        Of the training pictures; None: all that there are.

    Returns
    -------
    dict
        ``id`` str; ``scan``, ``view`` int; ``images`` float32 (L, 3, H, W), sRGB from 0 to 1; ``depth_mm`` float32 (H, W) of the same pixels, NaN =
        unknown; ``intrinsics`` float64 (3, 3); ``world_to_cam`` float64 (4, 4), mm; ``depth_range_mm`` float64 (2,); ``sources`` int64 (10,):
        views of the same scan, best first, -1 where there are no more.

    Raises
    ------
    DepthbenchError
        If the set has no such pictures, or the parts are not those of a view.
    """
    if picture not in ("training", "full"):
        raise unknown_name("picture", picture, ("training", "full"))
    told = parts.get("json", {})
    with faults_named(str(told.get("id", "a view")), "a view of a scan"):
        return _tensors(parts, told, picture, lights)


def _tensors(parts: Parts, told: dict[str, Any], picture: str, lights: Sequence[int] | None) -> dict[str, Any]:
    names = (
        ["full.jpg"]
        if picture == "full"
        else [f"light_{k}.png" for k in (told["lights"] if lights is None else lights)]
    )
    if absent := [name for name in names if name not in parts]:
        raise DepthbenchError(f"{told['id']}: has no {absent[0]}; its lights are {told['lights']}")
    if not names:
        raise DepthbenchError(f"{told['id']}: has no training pictures; ask for picture='full'")
    images = np.stack([decode_rgb(parts[name], f"{told['id']}.{name}") for name in names])
    stored = parts["npz"]["depth_mm"]
    depth = np.where(stored > 0, stored, np.float32(np.nan))
    sources = [source for source, _ in told["sources"]][:MOST_SOURCES]
    return {
        "id": str(told["id"]),
        "scan": int(told["scan"]),
        "view": int(told["view"]),
        "images": torch.from_numpy(np.ascontiguousarray(np.moveaxis(images, -1, 1))).float() / 255,
        "depth_mm": torch.from_numpy(depth if picture == "full" else halved_and_cropped(depth)),
        "intrinsics": torch.tensor(told[picture]["k"], dtype=torch.float64),
        "world_to_cam": torch.tensor(told["world_to_cam"], dtype=torch.float64),
        "depth_range_mm": torch.tensor(told["depth_range_mm"], dtype=torch.float64),
        "sources": torch.tensor(sources + [-1] * (MOST_SOURCES - len(sources))),
    }
