# SPDX-License-Identifier: Apache-2.0
"""What a set of the task ``mvs`` is: scenes of views with cameras for models, depth maps and clouds for protocols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.cloud_scans import CloudCase
from depthbench.benchmarks.sets.evaluation_set import EvaluationSet
from depthbench.formats.mvs_pairs import Pairs
from depthbench.tasks import MvsSample, MvsView

VIEWS, CLOUDS = "view", "cloud"
"""Groups of results: of one view each, and of a whole scene."""


@dataclass(frozen=True)
class MvsTruth:
    """What a protocol may look at of a view.

    Attributes
    ----------
    id : str
    depth : float32 (H, W)
        In the scene's unit, NaN = unknown.
    intrinsics : float64 (3, 3)
        K in pixels of ``depth``.
    interval : float
        Between planes, as the camera's file has it.
    """

    id: str
    depth: npt.NDArray[np.float32]
    intrinsics: npt.NDArray[np.float64]
    interval: float


class MvsScene(Protocol):
    """Views of one still scene."""

    @property
    def name(self) -> str:
        """Empty where the set is one scene."""

    @property
    def pairs(self) -> Pairs:
        """Sources of each view; those without any are asked for nothing."""

    def view(self, view_id: int) -> MvsView:
        """Read a picture with its camera."""

    def files(self, view_id: int) -> list[Path]:
        """Return the files of a view, those of its truth among them."""

    def truth(self, view_id: int) -> MvsTruth | None:
        """Read a view's true depth; None where there is none."""

    def cloud_case(self, predicted: Path) -> CloudCase | None:
        """Return what the scene's cloud is compared to; None where there is nothing."""


class MvsSet(EvaluationSet, Protocol):
    """What ``eval --set`` needs of a set of views, beyond what every set has."""

    @property
    def scenes(self) -> Mapping[str, MvsScene]:
        """Scenes by name."""

    def sample(self, sample_id: str) -> MvsSample:
        """Return what a model may see: the view and its sources."""


def sample_id_of(scene: MvsScene, view_id: int) -> str:
    """Return the id of a view: ``scan1/00000007``, or ``00000007`` where the set is one scene."""
    return f"{scene.name}/{view_id:08d}" if scene.name else f"{view_id:08d}"


class ScenesSet:
    """What sets of views have in common; a set fills ``scenes``. See :class:`MvsSet`."""

    scenes: Mapping[str, MvsScene]
    blind: bool = False

    def ids(self) -> list[str]:
        """List every view that has sources."""
        return [
            sample_id_of(scene, view)
            for scene in self.scenes.values()
            for view, sources in scene.pairs.items()
            if sources
        ]

    def scene_of(self, sample_id: str) -> tuple[MvsScene, int]:
        """Return the scene of a sample, and its view's number."""
        name, _, number = sample_id.rpartition("/")
        return self.scenes[name], int(number)

    def sample(self, sample_id: str) -> MvsSample:
        """Read a view and its sources."""
        scene, view = self.scene_of(sample_id)
        sources = tuple(scene.view(source) for source, _ in scene.pairs[view])
        return MvsSample(sample_id, scene.view(view), sources)

    def truth(self, sample_id: str) -> MvsTruth | None:
        """Read a view's true depth; None where there is none."""
        scene, view = self.scene_of(sample_id)
        return scene.truth(view)

    def files(self, sample_id: str) -> list[Path]:
        """Return the view's files."""
        scene, view = self.scene_of(sample_id)
        return scene.files(view)

    def group(self, sample_id: str) -> str:
        """Return that this is about one view."""
        return VIEWS
