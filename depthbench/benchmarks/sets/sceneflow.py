# SPDX-License-Identifier: Apache-2.0
"""SceneFlow's FlyingThings3D, TEST split (Mayer et al., CVPR 2016)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthbench.benchmarks.sets.stereo_set import StereoTruth, bare_pair, check_same_size, known_only
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.grey_png import read_grey
from depthbench.formats.pfm import read_pfm
from depthbench.tasks import StereoSample, Task

PASSES = ("finalpass", "cleanpass")


class SceneFlow:
    """``frames_finalpass/TEST/A/0000/left/0006.png`` (and right) with ``disparity/TEST/A/0000/left/0006.pfm``.

    Parameters
    ----------
    root : Path
        Holds frames_finalpass or frames_cleanpass, and disparity.
    frames : {"finalpass", "cleanpass"}
        Which rendering of the images.
    split : str
        ``TEST``, or ``TRAIN``.
    """

    source = (
        "Get FlyingThings3D's frames_finalpass (or cleanpass) and disparity archives from "
        "lmb.informatik.uni-freiburg.de/resources/datasets/SceneFlowDatasets.en.html and unpack them so that "
        "<root>/frames_finalpass/TEST/A/0000/left/0006.png and <root>/disparity/TEST/A/0000/left/0006.pfm exist."
    )
    task: Task = "stereo"
    name = "sceneflow"
    default_protocol = "sceneflow"

    def __init__(self, root: Path, frames: str = "finalpass", split: str = "TEST") -> None:
        if frames not in PASSES:
            raise unknown_name("rendering of SceneFlow", frames, PASSES)
        self.root = root
        self._frames = root / f"frames_{frames}" / split
        self._disparity = root / "disparity" / split
        for folder in (self._frames, self._disparity):
            if not folder.is_dir():
                raise DepthbenchError(f"{folder}: no such folder for the set sceneflow. {self.source}")
        # Occlusion maps belong to another download ("disparity occlusions" of the subset); used where they lie beside.
        self._occlusions = root / "disparity_occlusions" / split
        self.label = "" if (frames, split) == ("finalpass", "TEST") else f"{frames}-{split.lower()}"
        self.notes: list[str] = []

    def ids(self) -> list[str]:
        """Return ``A/0000/0006`` and so on: every frame that has a left image or a truth."""
        found = set()
        for folder, suffix in ((self._frames, "png"), (self._disparity, "pfm")):
            for path in folder.glob(f"*/*/left/*.{suffix}"):
                scene = path.parent.parent.relative_to(folder)
                found.add(f"{scene.as_posix()}/{path.stem}")
        return sorted(found)

    def _path(self, folder: Path, sample_id: str, eye: str, suffix: str) -> Path:
        scene, _, frame = sample_id.rpartition("/")
        return folder / scene / eye / f"{frame}.{suffix}"

    def pair(self, sample_id: str) -> StereoSample:
        """Return the images; SceneFlow states no search range."""
        left, right = (self._path(self._frames, sample_id, eye, "png") for eye in ("left", "right"))
        return bare_pair(sample_id, left, right)

    def truth(self, sample_id: str) -> StereoTruth:
        """Return the disparity of the left eye; ``nocc`` is where the occlusion map, if there is one, is 0."""
        path = self._path(self._disparity, sample_id, "left", "pfm")
        disp_px = known_only(read_pfm(path))
        nocc = None
        if self._occlusions.is_dir():
            occlusion_path = self._path(self._occlusions, sample_id, "left", "png")
            nocc = read_grey(occlusion_path, 8) == np.uint8(0)
            check_same_size("the occlusion map", nocc.shape, occlusion_path, disp_px.shape, path)
        return StereoTruth(sample_id, disp_px, nocc=nocc)

    def files(self, sample_id: str) -> list[Path]:
        """Return the frame's images and truth files."""
        paths = [self._path(self._frames, sample_id, eye, "png") for eye in ("left", "right")]
        paths.append(self._path(self._disparity, sample_id, "left", "pfm"))
        if self._occlusions.is_dir():
            paths.append(self._path(self._occlusions, sample_id, "left", "png"))
        return paths
