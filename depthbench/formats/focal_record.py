# SPDX-License-Identifier: Apache-2.0
"""One focal stack with its truth, as generators make it and files hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics


@dataclass(frozen=True, eq=False)
class FocalRecord:
    """A stack, near to far.

    Attributes
    ----------
    id : str
    stack : uint8 or uint16 (N, H, W, 3)
        sRGB.
    focus_m : float64 (N,)
        Ascending; the last may be +inf.
    all_in_focus : uint8 (H, W, 3)
        The picture through a pinhole.
    depth_m : float32 (H, W)
        Planar z of ``all_in_focus``; NaN where the source does not know it, +inf = sky.
    intrinsics : Intrinsics or None
        Of ``all_in_focus``, where the source has them.
    meta : mapping
        Camera, policy, renderer, source, versions; JSON-serialisable.
    """

    id: str
    stack: npt.NDArray[Any]
    focus_m: npt.NDArray[np.float64]
    all_in_focus: npt.NDArray[np.uint8]
    depth_m: npt.NDArray[np.float32]
    intrinsics: Intrinsics | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


def eight_bits(stack: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return pictures of 8 or 16 bits in 8 bits, rounded."""
    if stack.dtype == np.uint8:
        return stack
    codes: npt.NDArray[np.uint8] = ((stack.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return codes
