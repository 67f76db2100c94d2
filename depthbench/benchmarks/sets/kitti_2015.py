# SPDX-License-Identifier: Apache-2.0
"""KITTI 2015: 200 driving pairs with sparse truth, 200 without for the board (Menze and Geiger, CVPR 2015)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthbench.benchmarks.sets.evaluation_set import no_truth
from depthbench.benchmarks.sets.stereo_set import StereoTruth, bare_pair, check_same_size
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.grey_png import read_grey
from depthbench.formats.kitti_png import read_kitti_disparity
from depthbench.tasks import StereoSample, Task

SPLITS = ("training", "testing")
PIXELS_OF = {"disp_noc_0": "non-occluded pixels", "obj_map": "foreground and background"}


class Kitti2015:
    """``training/{image_2,image_3,disp_occ_0,disp_noc_0,obj_map}/000000_10.png``; disp_noc_0 and obj_map may be absent as a whole.

    Parameters
    ----------
    root : Path
        Holds ``training``, or is it.
    split : {"training", "testing"}
        ``testing`` has image_2 and image_3 alone.

    Raises
    ------
    DepthbenchError
        For another split, or where there is no ``testing``.
    """

    source = (
        "Get data_scene_flow.zip from cvlibs.net/datasets/kitti/eval_scene_flow.php?benchmark=stereo and unpack it so that "
        "<root>/training/ has image_2, image_3, disp_occ_0, disp_noc_0 and obj_map."
    )
    task: Task = "stereo"
    name = "kitti-2015"
    default_protocol = "kitti-d1"

    def __init__(self, root: Path, split: str = "training") -> None:
        if split not in SPLITS:
            raise unknown_name("split of KITTI 2015", split, SPLITS)
        self.blind = split == "testing"
        self.label = "testing" if self.blind else ""
        if self.blind and not (root / split).is_dir():
            raise DepthbenchError(f"{root / split}: no such folder of the set kitti-2015. {self.source}")
        self.root = root / split if (root / split).is_dir() else root
        self._has = {folder: (self.root / folder).is_dir() for folder in PIXELS_OF if not self.blind}
        self.notes = [
            f"no {folder}: {PIXELS_OF[folder]} are not told apart" for folder, there in self._has.items() if not there
        ]

    def ids(self) -> list[str]:
        """Return the names of the first frames (``*_10``) that have a left image or a truth."""
        names = {path.stem for folder in ("image_2", "disp_occ_0") for path in (self.root / folder).glob("*_10.png")}
        return sorted(names)

    def _path(self, folder: str, sample_id: str) -> Path:
        return self.root / folder / f"{sample_id}.png"

    def pair(self, sample_id: str) -> StereoSample:
        """Return the colour images; KITTI states no search range."""
        return bare_pair(sample_id, self._path("image_2", sample_id), self._path("image_3", sample_id))

    def truth(self, sample_id: str) -> StereoTruth:
        """Return disp_occ_0; ``nocc`` is where disp_noc_0 has a value, ``foreground`` where obj_map is not 0."""
        if self.blind:
            raise no_truth(self.name, "testing")
        path = self._path("disp_occ_0", sample_id)
        disp_px = read_kitti_disparity(path)
        nocc, masks = None, {}
        if self._has["disp_noc_0"]:
            nocc_path = self._path("disp_noc_0", sample_id)
            nocc = read_grey(nocc_path, 16) > 0
            check_same_size("the non-occluded truth", nocc.shape, nocc_path, disp_px.shape, path)
        if self._has["obj_map"]:
            map_path = self._path("obj_map", sample_id)
            foreground = read_grey(map_path, 8) > np.uint8(0)
            check_same_size("the object map", foreground.shape, map_path, disp_px.shape, path)
            masks = {"foreground": foreground, "background": ~foreground}
        return StereoTruth(sample_id, disp_px, nocc=nocc, masks=masks)

    def files(self, sample_id: str) -> list[Path]:
        """Return the frame's images and truth files."""
        extra = [folder for folder, there in self._has.items() if there]
        truth = [] if self.blind else ["disp_occ_0", *extra]
        return [self._path(folder, sample_id) for folder in ("image_2", "image_3", *truth)]
