# SPDX-License-Identifier: Apache-2.0
"""Which picture the relative branch is shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from depthbench.baselines.focus_measure.measures import MEASURES
from depthbench.baselines.focus_measure.model import all_in_focus
from depthbench.errors import unknown_name
from depthbench.tasks import FocusSample

PICTURES = {
    "given": "the set's all-in-focus picture; where it has none, composed",
    "composed": "each pixel from where the stack is sharpest",
    "first": "the stack's first picture, as the published code does where there is no other",
}
"""Name -> what it is."""
_WINDOW_PX = 2.0


def check_picture(which: str) -> str:
    """Return the name if it is known; DepthbenchError otherwise."""
    if which not in PICTURES:
        raise unknown_name("picture", which, PICTURES)
    return which


def picture_of(sample: FocusSample, which: str) -> npt.NDArray[np.float32]:
    """Return the picture, float32 (H, W, 3), 0 to 1, sRGB."""
    shown = sample.stack[0] if which == "first" else sample.all_in_focus
    if which != "composed" and shown is not None:
        picture: npt.NDArray[np.float32] = shown / np.float32(255)
        return picture
    measure = MEASURES["ring"]
    grey = sample.stack.mean(axis=3, dtype=np.float32) / 255
    return all_in_focus(sample.stack, np.stack([ndimage.gaussian_filter(measure(plane), _WINDOW_PX) for plane in grey]))
