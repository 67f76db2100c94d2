# SPDX-License-Identifier: Apache-2.0
"""Middlebury v3: 15 training scenes, 15 test scenes without truth, at full, half or quarter size (Scharstein, GCPR 2014)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthbench.benchmarks.sets.evaluation_set import no_truth
from depthbench.benchmarks.sets.stereo_set import StereoTruth, bare_pair, check_same_size, known_only
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.calib import read_calib
from depthbench.formats.grey_png import read_grey
from depthbench.formats.pfm import read_pfm
from depthbench.tasks import StereoSample, Task

SPLITS = ("training", "test")
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
    split : {"training", "test"}
        ``test`` is testF, testH or testQ, with im0.png, im1.png and calib.txt alone.

    Raises
    ------
    DepthbenchError
        For another word, a size that is absent, or several where none is chosen.
    """

    source = (
        "Get MiddEval3-data-{F|H|Q}.zip and MiddEval3-GT0-{F|H|Q}.zip from vision.middlebury.edu/stereo/submit3 and unpack "
        "both so that <root>/trainingQ/Teddy/ has im0.png, im1.png, calib.txt, disp0GT.pfm and mask0nocc.png."
    )
    task: Task = "stereo"
    name = "middlebury-v3"
    default_protocol = "middlebury-sdk"

    def __init__(self, root: Path, images: str = "", truth: str = "", split: str = "training") -> None:
        if split not in SPLITS:
            raise unknown_name("split of Middlebury", split, SPLITS)
        if root.name.startswith("training") and root.name[-1] in "FHQ":
            images, root = images or root.name[-1], root.parent
        elif (root / "MiddEval3").is_dir():
            root = root / "MiddEval3"
        self.root, self.blind, self.split = root, split == "test", split
        sizes = [size for size in "FHQ" if (root / f"{split}{size}").is_dir()]
        if not sizes:
            raise DepthbenchError(f"{root}: no {split}F, {split}H or {split}Q in it. {self.source}")
        if not images and len(sizes) > 1:
            raise DepthbenchError(
                f"{root}: has the sizes {', '.join(sizes)}; choose one: --set-option images={sizes[0]}"
            )
        self.images = images or sizes[0]
        self._truth = truth or self.images
        for size in (self.images, self._truth):
            if size not in sizes:
                raise unknown_name(f"size of Middlebury scenes in {root}", size, sizes)
        size = self.images if self._truth == self.images else f"{self.images}-truth-{self._truth}"
        self.label = f"test-{self.images}" if self.blind else size
        self.notes = [] if self.blind else self._notes()

    def _notes(self) -> list[str]:
        notes = [f"images of training{self.images}, truth of training{self._truth}"]
        if self._truth != "F":
            notes.append("truth below full size: not comparable with the Middlebury board")
        if len(self.ids()) != OFFICIAL_SCENES:
            notes.append(f"{len(self.ids())} of the {OFFICIAL_SCENES} scenes: not the official mean")
        return notes

    def ids(self) -> list[str]:
        """Return the scenes' names."""
        folder = self.root / f"{self.split}{self.images}"
        return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))

    def _path(self, size: str, scene: str, name: str) -> Path:
        return self.root / f"{self.split}{size}" / scene / name

    def pair(self, sample_id: str) -> StereoSample:
        """Return the images with their calibration; ``max_disp_px`` is ndisp."""
        calib = read_calib(self._path(self.images, sample_id, "calib.txt"))
        left, right = (self._path(self.images, sample_id, name) for name in ("im0.png", "im1.png"))
        return bare_pair(sample_id, left, right, rig=calib.rig, max_disp_px=calib.ndisp)

    def truth(self, sample_id: str) -> StereoTruth:
        """Return disp0GT (+inf = unknown) and the pixels that mask0nocc has at 255."""
        if self.blind:
            raise no_truth(self.name, "test")
        calib = read_calib(self._path(self.images, sample_id, "calib.txt"))
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
        """Return the scene's images, calibration, and where there are any, truth and mask."""
        inputs = [self._path(self.images, sample_id, name) for name in ("im0.png", "im1.png", "calib.txt")]
        if self.blind:
            return inputs
        return inputs + [self._path(self._truth, sample_id, name) for name in ("disp0GT.pfm", "mask0nocc.png")]
