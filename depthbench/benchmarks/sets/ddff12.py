# SPDX-License-Identifier: Apache-2.0
"""DDFF 12-Scene (Hazirbas et al., ACCV 2018): focal stacks from a light-field camera, depth in pixels of disparity."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.evaluation_set import no_truth
from depthbench.benchmarks.sets.focus_set import make_stack
from depthbench.benchmarks.sets.h5_stacks import H5Stacks, as_bytes
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.tasks import FocusPolicy, FocusSample, Task

DISPARITY_PX_M = 0.1412376
"""Disparity in pixels times depth in metres: 1982.0250824 / 7317.0206 mm, times 521.4052 px, of the authors' calibration."""
ENDS_M = (0.5, 7.0)
DFV_ENDS_PX = (0.28, 0.02)
SPLITS = {"train": 400, "val": 200, "test": 120}
PLANES = ("exact", "dfv")


class Ddff12:
    """``stack_<split>`` and ``disp_<split>`` of any HDF5 file in the folder; disparity 0 is unknown.

    Parameters
    ----------
    root : Path
        Holds the official ``ddff-dataset-trainval.h5`` (and ``-test.h5``), or the file that DFV's and HybridDepth's scripts pack.
    split : {"val", "train", "test"}
        DFV and HybridDepth evaluate on ``val``; ``test`` has no public truth.
    planes : {"exact", "dfv"}
        Ten focus distances evenly spaced in disparity: from 0.5 to 7 m; or from 0.28 to 0.02 px, as DFV rounds them.
    n : int
        Show only so many planes; 0: all ten.
    """

    source = (
        "Get ddff-dataset-trainval.h5 from vision.in.tum.de (DDFF 12-Scene), or pack it with DFV's scripts, so that "
        "<root>/*.h5 has stack_val and disp_val."
    )
    task: Task = "focus"
    name = "ddff12"
    default_protocol = "dfv-ddff12"
    focus_policy: FocusPolicy = "fixed"

    def __init__(self, root: Path, split: str = "val", planes: str = "exact", n: int = 0) -> None:
        if split not in SPLITS:
            raise unknown_name("split of DDFF12", split, SPLITS)
        if planes not in PLANES:
            raise unknown_name("planes of DDFF12", planes, PLANES)
        self.root, self.blind = root, split == "test"
        self._split, self._n = split, n or None
        self._stacks = H5Stacks(root, f"stack_{split}", self.source)
        near_px, far_px = DFV_ENDS_PX if planes == "dfv" else [DISPARITY_PX_M / end for end in ENDS_M]
        self._focus_m = DISPARITY_PX_M / np.linspace(near_px, far_px, self._stacks.shape[1])
        self.label = "-".join([split, *(["dfv"] if planes == "dfv" else []), *([f"n{n}"] if n else [])])
        self.notes: list[str] = []
        if len(self._stacks) != SPLITS[split]:
            self.notes.append(f"{len(self._stacks)} samples, the {split} part of DFV's split has {SPLITS[split]}")

    def ids(self) -> list[str]:
        """Return ``000`` and so on, the order of the file."""
        return [f"{index:03d}" for index in range(len(self._stacks))]

    def stack(self, sample_id: str) -> FocusSample:
        """Return the pictures; where the file has all-in-focus ones (packed with DFV's scripts), these too."""
        index = int(sample_id)
        sharp = self._stacks.read(f"AiF_{self._split}", index)
        known = {} if sharp is None else {"all_in_focus": as_bytes(sharp)}
        return make_stack(
            sample_id,
            self._stacks.pictures(index),
            self._focus_m,
            self._stacks.path,
            self._n,
            focus_policy="fixed",
            **known,
        )

    def truth(self, sample_id: str) -> DepthTruth:
        """Return the depth that the file's disparity means.

        Raises
        ------
        DepthbenchError
            If the split has none.
        """
        if self.blind:
            raise no_truth(self.name, self._split)
        disp_px = self._stacks.read(f"disp_{self._split}", int(sample_id))
        if disp_px is None:
            raise DepthbenchError(f"{self._stacks.path}: has no dataset 'disp_{self._split}'")
        disp_px = disp_px.squeeze().astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            depth_m = np.where(disp_px > 0, DISPARITY_PX_M / disp_px, np.nan).astype(np.float32)
        return DepthTruth(sample_id, depth_m, disparity_px_m=DISPARITY_PX_M)

    def files(self, sample_id: str) -> list[Path]:
        """Return the file."""
        return [self._stacks.path]
