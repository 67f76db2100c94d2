# SPDX-License-Identifier: Apache-2.0
"""Middlebury v3 training set: 15 scenes at full, half or quarter size (Scharstein et al., GCPR 2014)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthbench.benchmarks.sets.stereo_set import StereoTruth, bare_pair, check_same_size, known_only
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.calib import read_calib
from depthbench.formats.grey_png import read_grey
from depthbench.formats.pfm import read_pfm
from depthbench.tasks import StereoSample, Task

OFFICIAL_SCENES = 15


class MiddleburyV3:
    """``trainingF|H|Q/<scene>/{im0.png, im1.png, calib.txt, disp0GT.pfm, mask0nocc.png}``.

    Parameters
    ----------
    root : Path
        Holds trainingF, trainingH or trainingQ (or is one of them).
    images, truth : {"", "F", "H", "Q"}
        Size of the images and of the truth. ``images`` may be left out where only one is there; ``truth`` is the images'
        size unless it is given (the official board: always F).
    """

    source = (
        "Get MiddEval3-data-{F|H|Q}.zip and MiddEval3-GT0-{F|H|Q}.zip from vision.middlebury.edu/stereo/submit3 and unpack "
        "both so that <root>/trainingQ/Teddy/ has im0.png, im1.png, calib.txt, disp0GT.pfm and mask0nocc.png."
    )
    task: Task = "stereo"
    name = "middlebury-v3"
    default_protocol = "middlebury-sdk"

    def __init__(self, root: Path, images: str = "", truth: str = "") -> None:
        if root.name.startswith("training") and root.name[-1] in "FHQ":
            images, root = images or root.name[-1], root.parent
        elif (root / "MiddEval3").is_dir():
            root = root / "MiddEval3"
        self.root = root
        sizes = [size for size in "FHQ" if (root / f"training{size}").is_dir()]
        if not sizes:
            raise DepthbenchError(f"{root}: no trainingF, trainingH or trainingQ in it. {self.source}")
        if not images and len(sizes) > 1:
            raise DepthbenchError(
                f"{root}: has the sizes {', '.join(sizes)}; choose one: --set-option images={sizes[0]}"
            )
        self._images = images or sizes[0]
        self._truth = truth or self._images
        for size in (self._images, self._truth):
            if size not in sizes:
                raise unknown_name(f"size of Middlebury scenes in {root}", size, sizes)
        self.label = self._images if self._truth == self._images else f"{self._images}-truth-{self._truth}"
        self.notes = [f"images of training{self._images}, truth of training{self._truth}"]
        if self._truth != "F":
            self.notes.append("truth below full size: not comparable with the Middlebury board")
        if len(self.ids()) != OFFICIAL_SCENES:
            self.notes.append(f"{len(self.ids())} of the {OFFICIAL_SCENES} scenes: not the official mean")

    def ids(self) -> list[str]:
        """Return the scenes' names."""
        folder = self.root / f"training{self._images}"
        return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))

    def _path(self, size: str, scene: str, name: str) -> Path:
        return self.root / f"training{size}" / scene / name

    def pair(self, sample_id: str) -> StereoSample:
        """Return the images with their calibration; ``max_disp_px`` is ndisp."""
        calib = read_calib(self._path(self._images, sample_id, "calib.txt"))
        left, right = (self._path(self._images, sample_id, name) for name in ("im0.png", "im1.png"))
        return bare_pair(sample_id, left, right, rig=calib.rig, max_disp_px=calib.ndisp)

    def truth(self, sample_id: str) -> StereoTruth:
        """Return disp0GT (+inf = unknown) and the pixels that mask0nocc has at 255."""
        calib = read_calib(self._path(self._images, sample_id, "calib.txt"))
        disp_path = self._path(self._truth, sample_id, "disp0GT.pfm")
        mask_path = self._path(self._truth, sample_id, "mask0nocc.png")
        disp_px, mask = known_only(read_pfm(disp_path)), read_grey(mask_path, 8)
        check_same_size("the mask", mask.shape, mask_path, disp_px.shape, disp_path)
        ratio = disp_px.shape[1] / calib.rig.intrinsics.width
        return StereoTruth(
            sample_id,
            disp_px,
            nocc=mask == np.uint8(255),
            max_disp_px=None if calib.ndisp is None else calib.ndisp * ratio,
            integer=calib.integer_truth,
        )

    def files(self, sample_id: str) -> list[Path]:
        """Return the scene's images, calibration, truth and mask."""
        inputs = [self._path(self._images, sample_id, name) for name in ("im0.png", "im1.png", "calib.txt")]
        return inputs + [self._path(self._truth, sample_id, name) for name in ("disp0GT.pfm", "mask0nocc.png")]
