# SPDX-License-Identifier: Apache-2.0
"""Booster: 12-megapixel indoor pairs full of mirrors and glass (Zama Ramirez et al., CVPR 2022).

::

    <root>/train/balanced/Bathroom/camera_00/im0.png ...   left, one file per illumination
                                  /camera_02/im0.png ...   right, as large
                                  /disp_00.npy             float, left eye, pixels; 0 = unknown; one for every illumination
                                  /mask_00.png             0 = the right eye does not see the point
                                  /mask_cat.png            0 to 3: from plain surfaces (0) to mirrors and clear glass (3)
    <root>/train/unbalanced/...   the right camera is camera_01, of 1.1 megapixels
    <root>/test/...               pictures alone: the truth of the test split stays with the authors

Layout by public loaders of the set (CVLAB-Unibo/Depth4ToM-code, xxxupeng/stereo_toolbox, naver/croco).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from depthbench.benchmarks.sets.evaluation_set import no_truth
from depthbench.benchmarks.sets.stereo_set import StereoTruth, check_same_size
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.disparity_files import read_disparity
from depthbench.formats.grey_png import read_grey
from depthbench.formats.image import read_rgb
from depthbench.tasks import StereoSample, Task

SPLITS = ("train", "test")
RIGHT_CAMERAS = {"balanced": "camera_02", "unbalanced": "camera_01"}
STEPS = {"full": 1, "half": 2, "quarter": 4}
TRUTH = ("disp_00.npy", "mask_00.png", "mask_cat.png")
CLASSES = 4
OFFICIAL_PAIRS = {("train", "balanced"): 228, ("test", "balanced"): 191}


class Booster:
    """One split and setup; a sample is ``balanced/Bathroom/im0``: setup, scene, illumination.

    Parameters
    ----------
    root : Path
        Holds ``train`` and ``test``.
    split : {"train", "test"}
        The test split has no public truth: predictions can be made and submitted, not scored.
    setup : {"balanced", "unbalanced"}
        Whether the right camera is as good as the left one. The smaller right picture of ``unbalanced`` is enlarged to the
        left one's size (bicubic).
    images : {"full", "half", "quarter"}
        Size of the pictures that a model sees, means of blocks of pixels; the truth is always full.

    Raises
    ------
    DepthbenchError
        For another word, or where the folder of the split is absent.
    """

    source = (
        "Get Booster from amsacta.unibo.it/id/eprint/6876 (linked at cvlab-unibo.github.io/booster-web) and unpack it so that "
        "<root>/train/balanced/Bathroom/ has camera_00/im0.png, camera_02/im0.png, disp_00.npy, mask_00.png and mask_cat.png."
    )
    task: Task = "stereo"
    name = "booster"
    default_protocol = "booster-board"

    def __init__(self, root: Path, split: str = "train", setup: str = "balanced", images: str = "full") -> None:
        for what, word, known in (
            ("split", split, SPLITS),
            ("setup", setup, RIGHT_CAMERAS),
            ("size of the images", images, STEPS),
        ):
            if word not in known:
                raise unknown_name(f"{what} of Booster", word, known)
        self.root, self.blind = root, split == "test"
        self._scenes, self._setup, self._step = root / split / setup, setup, STEPS[images]
        if not self._scenes.is_dir():
            raise DepthbenchError(f"{self._scenes}: no such folder of the set booster. {self.source}")
        self.label = "-".join([split, setup, images])
        self.notes = [f"{split}, {setup}, images at {images} size"]
        if setup == "unbalanced":
            self.notes.append("the smaller right images are enlarged to the left ones' size (bicubic)")
        official, there = OFFICIAL_PAIRS.get((split, setup)), len(self.ids())
        if official and there != official:
            self.notes.append(f"{there} of the {official} pairs: not the official mean")
        self.notes += self.examine(root)

    @staticmethod
    def examine(root: Path) -> list[str]:
        """Say in a sentence what the scenes that are there lack; an empty list where they are whole."""
        lacking = []
        for split in SPLITS:
            for setup, right in RIGHT_CAMERAS.items():
                for scene in _scenes_of(root / split / setup):
                    names = {path.name for camera in ("camera_00", right) for path in (scene / camera).glob("im*.png")}
                    wanted = [scene / camera / name for name in sorted(names) for camera in ("camera_00", right)]
                    wanted += [scene / name for name in TRUTH if split == "train"]
                    lacking += [path for path in wanted if not path.is_file()]
        if not lacking:
            return []
        told = ", ".join(str(path.relative_to(root)) for path in lacking[:3])
        return [f"files are missing: {told}" + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")]

    def ids(self) -> list[str]:
        """Return setup, scene and illumination of every picture of either camera."""
        cameras = ("camera_00", RIGHT_CAMERAS[self._setup])
        return [
            f"{self._setup}/{scene.name}/{stem}"
            for scene in _scenes_of(self._scenes)
            for stem in sorted({path.stem for camera in cameras for path in (scene / camera).glob("im*.png")})
        ]

    def _scene(self, sample_id: str) -> Path:
        return self._scenes / sample_id.split("/")[1]

    def _images(self, sample_id: str) -> list[Path]:
        file = sample_id.rpartition("/")[2] + ".png"
        return [self._scene(sample_id) / camera / file for camera in ("camera_00", RIGHT_CAMERAS[self._setup])]

    def pair(self, sample_id: str) -> StereoSample:
        """Return both pictures at the chosen size; the set states no search range."""
        left_path, right_path = self._images(sample_id)
        left, right = read_rgb(left_path), read_rgb(right_path)
        if self._setup == "unbalanced":
            size = (left.shape[1], left.shape[0])
            right = np.asarray(Image.fromarray(right).resize(size, Image.Resampling.BICUBIC))
        check_same_size("the right image", right.shape, right_path, left.shape, left_path)
        return StereoSample(sample_id, self._shrink(left, left_path), self._shrink(right, right_path))

    def _shrink(self, image: npt.NDArray[np.uint8], path: Path) -> npt.NDArray[np.uint8]:
        if image.shape[0] % self._step or image.shape[1] % self._step:
            size = f"{image.shape[1]}x{image.shape[0]}"
            raise DepthbenchError(f"{path}: {size} cannot be divided by {self._step}; take images=full")
        return np.asarray(Image.fromarray(image).reduce(self._step)) if self._step > 1 else image

    def truth(self, sample_id: str) -> StereoTruth:
        """Return disp_00 (0 = unknown), the pixels that mask_00 has above 0, and masks ``class-0`` to ``class-3``.

        Raises
        ------
        DepthbenchError
            For the test split, or a file that is absent or of another size or content.
        """
        if self.blind:
            raise no_truth(self.name, "test")
        path, mask_path, class_path = (self._scene(sample_id) / name for name in TRUTH)
        disp_px = read_disparity(path)
        disp_px = np.where((disp_px > 0) & np.isfinite(disp_px), disp_px, np.float32(np.nan))
        mask, classes = read_grey(mask_path, 8), read_grey(class_path, 8)
        check_same_size("the mask of occlusions", mask.shape, mask_path, disp_px.shape, path)
        check_same_size("the map of classes", classes.shape, class_path, disp_px.shape, path)
        if classes.max() >= CLASSES:
            raise DepthbenchError(
                f"{class_path}: holds the class {classes.max()}, where Booster has 0 to {CLASSES - 1}"
            )
        masks = {f"class-{number}": classes == np.uint8(number) for number in range(CLASSES)}
        return StereoTruth(sample_id, disp_px, nocc=mask > np.uint8(0), masks=masks)

    def files(self, sample_id: str) -> list[Path]:
        """Return the pair, and the truth's files where the split has them."""
        truth = [] if self.blind else [self._scene(sample_id) / name for name in TRUTH]
        return self._images(sample_id) + truth


def _scenes_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("[!.]*") if path.is_dir())
