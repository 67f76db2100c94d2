# SPDX-License-Identifier: Apache-2.0
"""ARKitScenes (Baruch et al., NeurIPS 2021): rooms by a tablet with lidar; focal stacks are synthesised from picture and depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from depthbench.benchmarks.resizing import resize_map
from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.synthesis import Synthesis
from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.depth_files import check_unit, read_depth
from depthbench.formats.image import read_rgb
from depthbench.formats.rgbd import RgbdFrame
from depthbench.tasks import FocusSample, Task

FOLDERS = (("wide", "highres_depth"), ("lowres_wide", "lowres_depth"))
"""Pictures and depth: of the upsampling part (1920x1440), and of the raw part (256x192)."""
SPLITS = ("Validation", "Training")


class Arkit:
    """``<split>/<video>/wide/*.png`` with ``highres_depth``, or ``lowres_wide`` with ``lowres_depth``: 16 bits, mm.

    Calibration is read from ``<pictures>_intrinsics/<frame>.pincam`` (width, height, focal lengths, principal point), where it is.

    Parameters
    ----------
    root : Path
    split : {"Validation", "Training"}
    width : int
        Pictures and depth are made so wide (means of pixels; nearest depth): 256, as in HybridDepth.
    camera, focus, n, near_m, far_m, renderer
        See :class:`.synthesis.Synthesis`.
    """

    source = (
        "Get ARKitScenes (github.com/apple/ARKitScenes), its upsampling or its raw part, so that "
        "<root>/Validation/<video>/wide/*.png and highres_depth/*.png (or lowres_wide and lowres_depth) exist."
    )
    task: Task = "focus"
    name = "arkit"
    default_protocol = "depth"

    def __init__(
        self,
        root: Path,
        split: str = "Validation",
        width: int = 256,
        camera: str = "hybriddepth-arkit",
        focus: str = "fixed",
        n: int = 5,
        near_m: float = 0.3,
        far_m: float = 5.0,
        renderer: str = "layered",
    ) -> None:
        if split not in SPLITS:
            raise unknown_name("split of ARKitScenes", split, SPLITS)
        self.root = root
        self._width = width
        self._synthesis = Synthesis("arkit", camera, focus, n, near_m, far_m, renderer)
        self.focus_policy = self._synthesis.policy
        self.label = f"{split.lower()}-{width}-{self._synthesis.label}"
        self._places: dict[str, tuple[Path, Path]] = {}
        for video in sorted(path for path in (root / split).glob("*") if path.is_dir()):
            for pictures, depths in FOLDERS:
                if (video / pictures).is_dir():
                    for path in sorted((video / pictures).glob("*.png")):
                        self._places[f"{video.name}/{path.stem}"] = path, video / depths / path.name
                    break
        self.notes: list[str] = []
        if self._places:
            first = next(iter(self._places))
            self.notes = self._synthesis.notes(width, self._intrinsics(first))

    def ids(self) -> list[str]:
        """Return videos and frames."""
        return list(self._places)

    def _intrinsics(self, sample_id: str) -> Intrinsics | None:
        """Return the calibration at the width of the samples."""
        picture = self._places[sample_id][0]
        path = picture.parent.with_name(f"{picture.parent.name}_intrinsics") / f"{picture.stem}.pincam"
        if not path.is_file():
            return None
        try:
            width, height, *numbers = [float(word) for word in path.read_text(encoding="utf-8").split()]
            known = Intrinsics(int(width), int(height), *numbers)
        except (ValueError, TypeError) as error:
            raise DepthbenchError(f"{path}: not width, height, two focal lengths and a principal point") from error
        return known.resized(self._width, round(self._width * height / width))

    def _depth(self, sample_id: str) -> npt.NDArray[np.float32]:
        path = self._places[sample_id][1]
        depth_m = read_depth(path)
        check_unit(depth_m, path, "ARKitScenes is in millimetres: is this another set?")
        height = round(self._width * depth_m.shape[0] / depth_m.shape[1])
        return resize_map(depth_m.astype(np.float64), (height, self._width), "nearest").astype(np.float32)

    def stack(self, sample_id: str) -> FocusSample:
        """Render the stack."""
        picture, depth_m = read_rgb(self._places[sample_id][0]), self._depth(sample_id)
        height = round(self._width * picture.shape[0] / picture.shape[1])
        if depth_m.shape != (height, self._width):
            sizes = f"{self._width}x{height} and {depth_m.shape[1]}x{depth_m.shape[0]}"
            raise DepthbenchError(f"{self._places[sample_id][1]}: picture and depth of different shapes ({sizes})")
        image = np.asarray(Image.fromarray(picture).resize((self._width, height), Image.Resampling.BOX))
        return self._synthesis.stack(RgbdFrame(sample_id, image, depth_m, self._intrinsics(sample_id)))

    def truth(self, sample_id: str) -> DepthTruth:
        """Return the depth at the samples' size."""
        return DepthTruth(sample_id, self._depth(sample_id))

    def files(self, sample_id: str) -> list[Path]:
        """Return picture and depth."""
        return list(self._places[sample_id])
