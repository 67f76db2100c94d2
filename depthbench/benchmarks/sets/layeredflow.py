# SPDX-License-Identifier: Apache-2.0
"""LayeredFlow: real pairs with several annotated surfaces behind single points (Wen, Liang and Deng, ECCV 2024).

::

    <root>/val/<scene>/0_0.png, 0_1.png    left and right at a first time
                       3_0.png, 3_1.png    left and right at a second time
                       gt.pickle           points; absent in <root>/test

``gt.pickle`` holds ``stereo_points``, four lists of (number, number, (x, y)) for 0_0, 0_1, 3_0 and 3_1, and ``annotations``:
(number, number) -> (valid, "Diffuse" | "Transparent" | "Reflective", layer from 0). A point of two pictures is one of the
same two numbers. It is read without running it (:mod:`depthbench.formats.plain_pickle`).

Sources: princeton-vl/LayeredFlow (RAFT/core/datasets.py, evaluate_firstlayer.py, evaluate_lastlayer.py) for files, scale,
subsets and rounding; the loader of ``stereo_points`` in bartn8/stereoanywhere for the pairs and the limit on dy.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from depthbench.benchmarks.sets.evaluation_set import no_truth
from depthbench.benchmarks.sets.stereo_set import Points, StereoTruth, bare_pair
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.image import image_size
from depthbench.formats.plain_pickle import read_plain_pickle
from depthbench.tasks import StereoSample, Task

SPLITS = ("val", "test")
FIRST_LIST = {"0": 0, "3": 2}
"""Time -> number of the list of its left picture's points; the right picture's is the next one."""
MATERIALS = {"Diffuse": 0, "Transparent": 1, "Reflective": 2}
OFFICIAL_PAIRS = 400
OFFICIAL_SCALE = 4
MOST_DY_PX = 2.0
"""Points of one pair farther apart in height, in pixels of the full picture, are not rectified well enough to count."""


class LayeredFlow:
    """Both stereo pairs of every scene; a sample is ``<scene>/0`` or ``<scene>/3``.

    Parameters
    ----------
    root : Path
        Holds ``val`` and ``test``.
    split : {"val", "test"}
        The test split has no public truth.
    scale : int
        Pictures are made this many times smaller (bicubic, as the official loader does), disparities with them.

    Raises
    ------
    DepthbenchError
        For another split, or where its folder is absent.
    """

    source = (
        "Get the validation and test set linked at github.com/princeton-vl/LayeredFlow and unpack it so that "
        "<root>/val/<scene>/ has 0_0.png, 0_1.png, 3_0.png, 3_1.png and gt.pickle."
    )
    task: Task = "stereo"
    name = "layeredflow"
    default_protocol = "layeredflow"

    def __init__(self, root: Path, split: str = "val", scale: int = OFFICIAL_SCALE) -> None:
        if split not in SPLITS:
            raise unknown_name("split of LayeredFlow", split, SPLITS)
        if not isinstance(scale, int) or scale < 1:
            raise DepthbenchError(f"set layeredflow: scale={scale} is no whole number from 1 on")
        self.root, self.blind, self._scale = root, split == "test", scale
        self._folder = root / split
        if not self._folder.is_dir():
            raise DepthbenchError(f"{self._folder}: no such folder of the set layeredflow. {self.source}")
        self.label = f"{split}-{scale}"
        self.notes = [f"{split}, pictures and disparities at 1/{scale}"]
        if scale != OFFICIAL_SCALE:
            self.notes.append(f"the official evaluation is at 1/{OFFICIAL_SCALE}")
        count = len(self.ids())
        if split == "val" and count != OFFICIAL_PAIRS:
            self.notes.append(f"{count} of the {OFFICIAL_PAIRS} pairs: not the official mean")
        self.notes += self.examine(root)

    @staticmethod
    def examine(root: Path) -> list[str]:
        """Say in a sentence what the scenes that are there lack; an empty list where they are whole."""
        pictures = [f"{time}_{eye}.png" for time in FIRST_LIST for eye in "01"]
        lacking = [
            scene / name
            for split in SPLITS
            for scene in _scenes_of(root / split)
            for name in [*pictures, *(["gt.pickle"] if split == "val" else [])]
            if not (scene / name).is_file()
        ]
        if not lacking:
            return []
        told = ", ".join(str(path.relative_to(root)) for path in lacking[:3])
        return [f"files are missing: {told}" + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")]

    def ids(self) -> list[str]:
        """Return both pairs of every scene."""
        return [f"{scene.name}/{time}" for scene in _scenes_of(self._folder) for time in FIRST_LIST]

    def _images(self, sample_id: str) -> list[Path]:
        scene, _, time = sample_id.rpartition("/")
        return [self._folder / scene / f"{time}_{eye}.png" for eye in "01"]

    def pair(self, sample_id: str) -> StereoSample:
        """Return both pictures at the chosen scale; the set states no search range."""
        sample = bare_pair(sample_id, *self._images(sample_id))
        return StereoSample(sample_id, self._shrink(sample.left), self._shrink(sample.right))

    def _shrink(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        size = (image.shape[1] // self._scale, image.shape[0] // self._scale)
        return np.asarray(Image.fromarray(image).resize(size)) if self._scale > 1 else image

    def truth(self, sample_id: str) -> StereoTruth:
        """Return the disparity (1, N) of the points that both pictures have, where they lie, and masks by layer and material.

        Masks: ``first`` (layer 0) and its three materials; ``second``, ``third``; ``last`` (what is not transparent ends the
        ray), its two materials, and ``last-behind``: what stands behind one or two transparent surfaces.

        Raises
        ------
        DepthbenchError
            For the test split, or a truth that is absent, damaged or says something unknown.
        """
        if self.blind:
            raise no_truth(self.name, "test")
        scene, _, time = sample_id.rpartition("/")
        path, image = self._folder / scene / "gt.pickle", self._images(sample_id)[0]
        found = _matched_points(read_plain_pickle(path), FIRST_LIST[time], path)
        width, height = (size // self._scale for size in image_size(image))
        place = (found[:, :2] / self._scale).astype(np.intp)
        inside = (found[:, :2] >= 0).all(axis=1) & (place < (width, height)).all(axis=1)
        found, place = found[inside], place[inside]
        points = Points((height, width), rows=place[:, 1], columns=place[:, 0])
        disp_px = (found[:, 2] / self._scale).astype(np.float32)[None]
        masks = {name: mask[None] for name, mask in _subsets(found[:, 3], found[:, 4]).items()}
        return StereoTruth(sample_id, disp_px, masks=masks, points=points)

    def files(self, sample_id: str) -> list[Path]:
        """Return the pair, and the truth that both pairs of a scene share."""
        images = self._images(sample_id)
        return images if self.blind else [*images, images[0].with_name("gt.pickle")]


def _scenes_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("[!.]*") if path.is_dir())


def _matched_points(truth: Any, first_list: int, path: Path) -> npt.NDArray[np.float64]:
    """Return (N, 5): x and y in the left picture, x_left - x_right, number of the material, layer; full-size pixels."""
    try:
        left, right = truth["stereo_points"][first_list : first_list + 2]
        partners = {(a, b): position for a, b, position in right}
        notes: Mapping[Any, Any] = truth["annotations"]
        rows = []
        for a, b, (x, y) in left:
            if (a, b) not in partners:
                continue
            valid, material, layer = notes[a, b]
            x_right, y_right = partners[a, b]
            if valid and abs(y_right - y) <= MOST_DY_PX:
                rows.append((x, y, x - x_right, MATERIALS[material], layer))
        return np.array(rows, dtype=np.float64).reshape(-1, 5)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DepthbenchError(f"{path}: not a truth of LayeredFlow ({type(error).__name__}: {error})") from error


def _subsets(material: npt.NDArray[np.float64], layer: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the official subsets of points by name."""
    diffuse, transparent, reflective = (material == number for number in MATERIALS.values())
    first, ends = layer == 0, diffuse | reflective
    return {
        "first": first,
        "first-diffuse": first & diffuse,
        "first-transparent": first & transparent,
        "first-reflective": first & reflective,
        "second": layer == 1,
        "third": layer == 2,
        "last": ends,
        "last-diffuse": diffuse,
        "last-reflective": reflective,
        "last-behind": ends & ((layer == 1) | (layer == 2)),
    }
