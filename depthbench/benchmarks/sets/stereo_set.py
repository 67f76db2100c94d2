# SPDX-License-Identifier: Apache-2.0
"""What a stereo set is: ids, pairs without truth for models, truth without pairs for protocols, and the files of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.sets.evaluation_set import EvaluationSet
from depthbench.errors import DepthbenchError
from depthbench.layers import Layers
from depthbench.tasks import StereoSample


@dataclass(frozen=True)
class Points:
    """Where a truth of single points lies in the picture.

    Attributes
    ----------
    shape : (H, W)
        Of the picture, and of a prediction for it.
    rows, columns : intp (N,)
        Pixel of each point; several points may share one (surfaces behind each other).
    """

    shape: tuple[int, int]
    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]

    def sample(self, map_px: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return a map's values (H, W) at the points, (1, N)."""
        return map_px[self.rows, self.columns][None]

    def spread(self, values_px: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return a map (H, W) with the points' values (1, N) as squares large enough to be seen, NaN elsewhere."""
        map_px = np.full(self.shape, np.nan, dtype=np.float32)
        reach = max(1, self.shape[1] // 300)
        for row, column, value in zip(self.rows, self.columns, values_px[0], strict=True):
            map_px[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] = value
        return map_px


@dataclass(frozen=True)
class StereoTruth:
    """What a protocol may look at. Arrays share one resolution, which may be larger than the images'.

    A truth of single points has arrays of the shape (1, N) and says in ``points`` where they lie.

    Attributes
    ----------
    id : str
    disp_px : float32 (H, W)
        True disparity of the first surface, NaN = unknown.
    surface : {"first", "last"}
        Which surface ``disp_px`` is, where there are no ``layers``.
    nocc : bool (H, W) or None
        Pixels seen by the other eye; None when the set does not say.
    layers : Layers or None
        Every layer of the left eye, for layered sets.
    masks : mapping of str to bool (H, W)
        Other pixel sets by name: ``foreground``, ``background``, ``plate``.
    max_disp_px : float or None
        End of the search range in pixels of *this* resolution, when the set states it.
    integer : bool
        Whether the truth is whole numbers (Middlebury's ``isint``).
    points : Points or None
        Where the truth lies, when it is of single points.
    """

    id: str
    disp_px: npt.NDArray[np.float32]
    nocc: npt.NDArray[np.bool_] | None = None
    layers: Layers | None = None
    masks: Mapping[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
    max_disp_px: float | None = None
    integer: bool = False
    surface: Literal["first", "last"] = "first"
    points: Points | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width that a prediction is matched with."""
        return self.points.shape if self.points else (self.disp_px.shape[0], self.disp_px.shape[1])


class StereoSet(EvaluationSet, Protocol):
    """What ``eval --set`` needs of a stereo set, beyond what every set has."""

    def pair(self, sample_id: str) -> StereoSample:
        """Return what a model may see: images, calibration, search range; no truth."""

    def truth(self, sample_id: str) -> StereoTruth:
        """Return what a protocol scores against; decodes no image."""


def check_same_size(what: str, got: tuple[int, ...], path: Path, other: tuple[int, ...], other_path: Path) -> None:
    """Raise where two arrays of one sample differ in size.

    Raises
    ------
    DepthbenchError
        Naming both files and both sizes (width x height).
    """
    if got[:2] != other[:2]:
        raise DepthbenchError(
            f"{path}: {what} is {got[1]}x{got[0]}, but {other_path.name} is {other[1]}x{other[0]}; fetch both again"
        )


def bare_pair(sample_id: str, left_path: Path, right_path: Path, **known: Any) -> StereoSample:
    """Read two images into a sample without truth; ``known`` are further fields of :class:`StereoSample`."""
    from depthbench.formats.image import read_rgb

    left, right = read_rgb(left_path), read_rgb(right_path)
    check_same_size("the right image", right.shape, right_path, left.shape, left_path)
    return StereoSample(sample_id, left, right, **known)


def known_only(disp_px: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn infinities (unknown in Middlebury's and ETH3D's truth) into NaN, in place."""
    disp_px[np.isinf(disp_px)] = np.nan
    return disp_px
