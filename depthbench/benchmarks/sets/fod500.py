# SPDX-License-Identifier: Apache-2.0
"""FoD500 of DefocusNet (Maximov et al., CVPR 2020): rendered stacks of five pictures with depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.focus_set import make_stack, read_pictures
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.depth_files import check_unit
from depthbench.formats.exr import read_exr_channel
from depthbench.tasks import FocusPolicy, FocusSample, Task

FOCUS_M = (0.1, 0.15, 0.3, 0.7, 1.5)
TRAINING = 400
SPLITS = ("val", "train")


class Fod500:
    """``000400_01All.tif`` and so on, five per sample, with ``000400Dpt.exr`` in metres; the first 400 are for training.

    Parameters
    ----------
    root : Path
    split : {"val", "train"}
    n : int
        Show only so many of the five planes, from 2; 0: all.
    """

    source = (
        "Get the set of DefocusNet (github.com/dvl-tum/defocus-net) and unpack it so that <root>/000400_01All.tif and its "
        "...Dpt.exr exist."
    )
    task: Task = "focus"
    name = "fod500"
    default_protocol = "depth"
    focus_policy: FocusPolicy = "fixed"

    def __init__(self, root: Path, split: str = "val", n: int = 0) -> None:
        if split not in SPLITS:
            raise unknown_name("split of FoD500", split, SPLITS)
        self.root = root
        self._n = n or None
        self._frames: dict[str, list[Path]] = {}
        for path in sorted(root.glob("[0-9]*All.tif")):
            number = path.name[:6]
            if (int(number) < TRAINING) == (split == "train"):
                self._frames.setdefault(number, []).append(path)
        self.label = "-".join([split, *([f"n{n}"] if n else [])])
        self.notes: list[str] = []

    def ids(self) -> list[str]:
        """Return ``000400`` and so on."""
        return list(self._frames)

    def _depth_file(self, sample_id: str) -> Path:
        found = sorted(self.root.glob(f"{sample_id}*Dpt.exr"))
        return found[0] if found else self.root / f"{sample_id}Dpt.exr"

    def stack(self, sample_id: str) -> FocusSample:
        """Return the five pictures."""
        pictures = read_pictures(self._frames[sample_id])
        return make_stack(sample_id, pictures, np.array(FOCUS_M), self.root, self._n, focus_policy="fixed")

    def truth(self, sample_id: str) -> DepthTruth:
        """Return the depth, the red channel of half floats; 0 is unknown."""
        path = self._depth_file(sample_id)
        depth_m = read_exr_channel(path, "R")
        depth_m[~(depth_m > 0)] = np.nan
        check_unit(depth_m, path, "FoD500 is in metres: is this another set?")
        if not np.isfinite(depth_m).any():
            raise DepthbenchError(f"{path}: no pixel has depth")
        return DepthTruth(sample_id, depth_m)

    def files(self, sample_id: str) -> list[Path]:
        """Return pictures and depth."""
        return [*self._frames[sample_id], self._depth_file(sample_id)]
