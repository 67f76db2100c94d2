# SPDX-License-Identifier: Apache-2.0
"""The model ``plane-sweep``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from depthbench.baselines.plane_sweep.costs import Grey, cost_volume
from depthbench.baselines.plane_sweep.planes import inverse_depths
from depthbench.baselines.plane_sweep.smoothing import semi_global
from depthbench.baselines.plane_sweep.winner import best_depth, sureness
from depthbench.errors import DepthbenchError
from depthbench.fusion.consistency import carry
from depthbench.fusion.fuse import scaled_intrinsics
from depthbench.tasks import MvsPrediction, MvsSample, MvsView, Task

Floats = npt.NDArray[np.float64]
LARGER = 2
SMALL_STEP, LARGE_STEP = 50, 400
"""What a change by one plane and by more cost on a path, of 255 that no likeness at all costs."""


@dataclass(frozen=True)
class _Inputs:
    """Grey pictures, how pixels of the reference are carried into each source, inverse depths of the planes."""

    reference: Grey
    sources: list[Grey]
    carried: list[Floats]
    inverse: Floats


@dataclass(frozen=True)
class _Small:
    """A camera of a smaller picture."""

    intrinsics: Floats
    world_to_cam: Floats


class PlaneSweep:
    """Normalised correlation on planes of even inverse depth, over the better half of the source views; semi-global smoothing.

    Parameters
    ----------
    sources : int
        How many source views are looked at.
    size : int
        Pictures are made smaller so that their longer side has at most this many pixels; 0: as they are.
    planes : int
        0: so many that neighbours are about a pixel apart, 16 to 256.
    window : int
        Pixels along the side of the smaller window; odd. The larger one has twice its radius.
    smooth : float
        How much the smoothing counts; 0: none, each pixel by itself.
    """

    task: Task = "mvs"

    def __init__(
        self, sources: int = 6, size: int = 800, planes: int = 0, window: int = 7, smooth: float = 1.0
    ) -> None:
        if window < 3 or window % 2 == 0:
            raise DepthbenchError(f"window={window}: it is odd and at least 3")
        if sources < 1 or size < 0 or not (planes == 0 or 3 <= planes <= 1024):
            raise DepthbenchError(f"sources={sources}, size={size}, planes={planes}: at least 1, 0 and 3 (or 0)")
        if not 0 <= smooth <= 15:
            raise DepthbenchError(f"smooth={smooth:g}: between 0 and 15")
        self._sources, self._size, self._planes, self._smooth = sources, size, planes, smooth
        self._radii = (window // 2, LARGER * (window // 2))

    def prepare(self, sample: MvsSample) -> _Inputs:
        """Make pictures grey and small, and lay out the planes."""
        reference, camera = self._small(sample.reference)
        chosen = [self._small(view) for view in sample.sources[: self._sources]]
        carried = [carry(camera, other) for _, other in chosen]
        depths = sample.reference.camera
        size = reference.shape[1], reference.shape[0]
        inverse = inverse_depths(carried, size, depths.depth_min, depths.depth_max, self._planes)
        return _Inputs(reference, [grey for grey, _ in chosen], carried, inverse)

    def _small(self, view: MvsView) -> tuple[Grey, _Small]:
        height, width = view.rgb.shape[:2]
        rgb, scale = view.rgb, min(1.0, self._size / max(height, width)) if self._size else 1.0
        size = max(2, round(width * scale)), max(2, round(height * scale))
        if size != (width, height):
            rgb = np.asarray(Image.fromarray(view.rgb).resize(size, Image.Resampling.BOX))
        matrix = scaled_intrinsics(view.camera, (width, height), size[::-1], "the picture made smaller")
        return rgb.mean(axis=2, dtype=np.float32) / np.float32(255), _Small(matrix, view.world_to_cam)

    def forward(self, inputs: _Inputs) -> MvsPrediction:
        """Sweep, smooth, choose."""
        volume = cost_volume(inputs.reference, inputs.sources, inputs.carried, inputs.inverse, self._radii)
        small, large = round(SMALL_STEP * self._smooth), round(LARGE_STEP * self._smooth)
        sums = semi_global(volume, inputs.reference, small, large)
        return MvsPrediction(best_depth(sums, inputs.inverse), sureness(sums, volume))

    def finish(self, outputs: MvsPrediction, sample: MvsSample) -> MvsPrediction:
        """Return the maps as they are: what few views confirm is for the fusion to leave out."""
        return outputs
