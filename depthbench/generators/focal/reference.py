# SPDX-License-Identifier: Apache-2.0
"""The published kernel, bit-faithful: what the stacks of HybridDepth's and DEReD's papers were made with, on any processor.

A pixel whose radius is at most 1 keeps its value. Any other becomes the mean of the pixels around it, within 3 pixels, whose radius
is above 1, each by the weight ``R^-2 exp(-2 r^2 / R^2)`` of its *own* radius R at distance r: a Gaussian of standard deviation R / 2. All in
sRGB's gamma, without occlusion, cut at the border. A hole has depth 0 and with it a radius without end: it weighs nothing and takes the
mean of what is blurred around it.

Against exact pictures it is 13 to 20 dB worse than :mod:`.layered` (docs/focal.md); it is here to make the published data again.

Source: Gur and Wolf, Single Image Depth Estimation Trained via Depth from Defocus Cues, CVPR 2019, and the authors' kernel.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.generators.focal.kernels import kernels
from depthbench.generators.focal.lens import ThinLens

HOLE_DIOPTRE = 1e8
"""Inverse depth of a hole: 1 / (0 + 1e-8)."""


def radius_px(depth_m: npt.NDArray[np.float32], lens: ThinLens, focus_m: float) -> npt.NDArray[np.float32]:
    """Return the radius of blur of every pixel, float32 (H, W); a hole (NaN) has that of :data:`HOLE_DIOPTRE`."""
    dioptre = np.where(np.isnan(depth_m), HOLE_DIOPTRE, 1 / np.where(np.isnan(depth_m), 1, depth_m))
    radius: npt.NDArray[np.float32] = (lens.diameter_per_dioptre(focus_m) / 2 * np.abs(dioptre - 1 / focus_m)).astype(
        np.float32
    )
    return radius


def render_reference(
    image: npt.NDArray[np.float32], depth_m: npt.NDArray[np.float32], lens: ThinLens, focus_m: npt.ArrayLike
) -> npt.NDArray[np.float32]:
    """Render a focal stack by the published kernel.

    Parameters
    ----------
    image : float32 (H, W, 3)
        sRGB, 0 to 1; not linear.
    depth_m : float32 (H, W)
        NaN is a hole.
    lens : ThinLens
    focus_m : (N,)

    Returns
    -------
    float32 (N, H, W, 3)
        sRGB, 0 to 1.

    Raises
    ------
    DepthbenchError
        If the lens cannot focus at a distance.
    """
    focus = np.asarray(focus_m, dtype=np.float64)
    stack = np.empty((len(focus), *image.shape), dtype=np.float32)
    for picture, metres in zip(stack, focus, strict=True):
        kernels().gather(image, radius_px(depth_m, lens, float(metres)), picture)
    return stack
