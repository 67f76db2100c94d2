# SPDX-License-Identifier: Apache-2.0
"""ETH3D low-resolution two-view: 27 grey training pairs, 20 test pairs without truth (Schoeps et al., CVPR 2017)."""

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
FILES = ("im0.png", "im1.png", "calib.txt", "disp0GT.pfm", "mask0nocc.png")


class Eth3d:
    """``two_view_training/<scene>/`` with im0.png, im1.png, calib.txt, disp0GT.pfm and mask0nocc.png.

    Parameters
    ----------
    root : Path
        Holds ``two_view_training`` or the scenes themselves. A ``two_view_training_gt`` beside it, as the archive of the
        truth unpacks, is looked into for what a scene's folder lacks.
    split : {"training", "test"}
        ``test`` is ``two_view_test``, without disp0GT.pfm and mask0nocc.png.

    Raises
    ------
    DepthbenchError
        For another split, or where there is no ``two_view_test``.
    """

    source = (
        "Get two_view_training.7z and two_view_training_gt.7z from eth3d.net/datasets#low-res-two-view-training-data and "
        "unpack them so that <root>/two_view_training/delivery_area_1l/ has im0.png, im1.png, calib.txt, disp0GT.pfm and "
        "mask0nocc.png."
    )
    task: Task = "stereo"
    name = "eth3d"
    default_protocol = "eth3d"

    def __init__(self, root: Path, split: str = "training") -> None:
        if split not in SPLITS:
            raise unknown_name("split of ETH3D", split, SPLITS)
        self.root, self.blind = root, split == "test"
        self.label = "test" if self.blind else ""
        inner = root / f"two_view_{split}"
        if self.blind and not inner.is_dir():
            raise DepthbenchError(
                f"{inner}: no such folder; get two_view_test.7z from eth3d.net/datasets and unpack it"
            )
        self._scenes = inner if inner.is_dir() else root
        self.notes: list[str] = []

    def ids(self) -> list[str]:
        """Return the scenes' names."""
        folders = (path for path in self._scenes.iterdir() if path.is_dir() and path.name != "two_view_training_gt")
        return sorted(path.name for path in folders if not path.name.startswith("."))

    def _path(self, scene: str, name: str) -> Path:
        path = self._scenes / scene / name
        beside = self.root / "two_view_training_gt" / scene / name
        return beside if not path.exists() and beside.exists() else path

    def pair(self, sample_id: str) -> StereoSample:
        """Return the images (grey, repeated over three channels) with their calibration; ETH3D states no search range."""
        calib = read_calib(self._path(sample_id, "calib.txt"))
        left, right = (self._path(sample_id, name) for name in FILES[:2])
        return bare_pair(sample_id, left, right, rig=calib.rig, max_disp_px=calib.ndisp)

    def truth(self, sample_id: str) -> StereoTruth:
        """Return disp0GT (finite = known) and the pixels that mask0nocc has at 255."""
        if self.blind:
            raise no_truth(self.name, "test")
        disp_path, mask_path = (self._path(sample_id, name) for name in FILES[3:])
        disp_px, mask = known_only(read_pfm(disp_path)), read_grey(mask_path, 8)
        check_same_size("the mask", mask.shape, mask_path, disp_px.shape, disp_path)
        return StereoTruth(sample_id, disp_px, nocc=mask == np.uint8(255))

    def files(self, sample_id: str) -> list[Path]:
        """Return the scene's five files, of the test split three."""
        return [self._path(sample_id, name) for name in (FILES[:3] if self.blind else FILES)]
