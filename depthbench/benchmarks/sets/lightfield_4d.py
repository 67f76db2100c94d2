# SPDX-License-Identifier: Apache-2.0
"""4D light fields of HCI (Honauer et al., ACCV 2016), refocused by AiFDepthNet's scripts; depth is a signed disparity."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.focus_set import make_stack
from depthbench.benchmarks.sets.h5_stacks import H5Stacks, as_bytes
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.tasks import FocusPolicy, FocusSample, Task

SPLITS = ("val", "train")
OFFSET_PX = 10.0
"""Added to signed disparities, so that one over their sum is a distance: differences of disparity stay what they are."""


class LightField4d:
    """``stack_<split>``, ``disp_<split>``, ``AiF_<split>`` and ``focus_position_disp`` of ``HCI_FS_trainval.h5``.

    Disparity runs through 0 at the light field's own focus, so there are no metres: a sample's *distances* are
    1 / (disparity + 10 px), near is still near, and inverse distance is linear in disparity. Only differences of disparity mean
    something: the protocol ``lightfield-4d`` measures these.

    Parameters
    ----------
    root : Path
    split : {"val", "train"}
        ``val``: boxes, cotton, dino, sideboard.
    n : int
        Show only so many planes; 0: all ten.
    """

    source = (
        "Get the 4D light fields from lightfield-analysis.uni-konstanz.de and refocus them with AiFDepthNet's scripts "
        "(LF2hdf5.py, FS_gen.py), so that <root>/HCI_FS_trainval.h5 exists."
    )
    task: Task = "focus"
    name = "lightfield-4d"
    default_protocol = "lightfield-4d"
    focus_policy: FocusPolicy = "fixed"

    def __init__(self, root: Path, split: str = "val", n: int = 0) -> None:
        if split not in SPLITS:
            raise unknown_name("split of the 4D light fields", split, SPLITS)
        self.root = root
        self._split, self._n = split, n or None
        self._stacks = H5Stacks(root, f"stack_{split}", self.source)
        focus_px = self._stacks.read("focus_position_disp")
        if focus_px is None:
            raise DepthbenchError(f"{self._stacks.path}: has no dataset 'focus_position_disp'")
        self._distances = 1 / (focus_px.astype(np.float64).ravel() + OFFSET_PX)
        self.label = "-".join([split, *([f"n{n}"] if n else [])])
        self.notes = [f"depth is signed disparity in px, shifted by {OFFSET_PX:g}; no number here is in metres"]

    def ids(self) -> list[str]:
        """Return the scenes' names where the file has them, or numbers."""
        names = self._stacks.read(f"name_{self._split}")
        if names is None:
            return [f"{index:03d}" for index in range(len(self._stacks))]
        return [word.decode() if isinstance(word, bytes) else str(word) for word in names.ravel()]

    def _index(self, sample_id: str) -> int:
        return self.ids().index(sample_id)

    def stack(self, sample_id: str) -> FocusSample:
        """Return the pictures with distances as the class says."""
        index = self._index(sample_id)
        sharp = self._stacks.read(f"AiF_{self._split}", index)
        known = {} if sharp is None else {"all_in_focus": as_bytes(sharp)}
        pictures = self._stacks.pictures(index)
        return make_stack(
            sample_id, pictures, self._distances, self._stacks.path, self._n, focus_policy="fixed", **known
        )

    def truth(self, sample_id: str) -> DepthTruth:
        """Return 1 / (disparity + 10 px)."""
        disp_px = self._stacks.read(f"disp_{self._split}", self._index(sample_id))
        if disp_px is None:
            raise DepthbenchError(f"{self._stacks.path}: has no dataset 'disp_{self._split}'")
        shifted = disp_px.squeeze().astype(np.float64) + OFFSET_PX
        return DepthTruth(sample_id, (1 / shifted).astype(np.float32), disparity_px_m=1.0)

    def files(self, sample_id: str) -> list[Path]:
        """Return the file."""
        return [self._stacks.path]
