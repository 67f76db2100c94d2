# SPDX-License-Identifier: Apache-2.0
"""Focal stacks in plain folders: pictures and ``focus_distance.txt``, as phones and cameras leave them, with or without depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.evaluation_set import no_truth
from depthbench.benchmarks.sets.focus_order import check_order
from depthbench.benchmarks.sets.focus_set import make_stack, metres, read_pictures
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.depth_files import SUFFIXES, check_unit, read_depth
from depthbench.formats.image import read_rgb
from depthbench.tasks import FocusPolicy, FocusSample, Task

DISTANCES = "focus_distance.txt"
PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")
NOT_FRAMES = ("all_in_focus", "aif", "depth", "expected", "mask", "contact_sheet")
"""Pictures of these names are no frames of the stack."""
UNITS_M = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "inch": 0.0254}


def frames_of(folder: Path) -> list[Path]:
    """List a stack's pictures by name."""
    return sorted(
        path for path in folder.iterdir() if path.suffix.lower() in PICTURES and path.stem.lower() not in NOT_FRAMES
    )


def holds_stacks(folder: Path) -> bool:
    """Tell whether a folder is a stack, or holds folders with distances: pictures alone are one, but not beside shards."""
    if not folder.is_dir():
        return False
    listed = (folder / DISTANCES).is_file() or next(folder.glob(f"*/{DISTANCES}"), None) is not None
    return listed or (len(frames_of(folder)) > 1 and not (folder / "shards").exists())


class FocusFolder:
    """``<root>/<stack>/*.jpg`` with ``focus_distance.txt``, or one such folder itself.

    Beside the pictures may lie ``all_in_focus.png`` and a true ``depth.pfm``, ``depth.npy`` (metres) or ``depth.png`` (16 bits, mm);
    sets in which no stack has depth are predicted, not scored.

    Parameters
    ----------
    root : Path
    unit : {"m", "dm", "cm", "mm", "inch"}
        Of the focus distances.
    depth_unit_m : float
        Metres per unit of the depth files; 0: as said above.
    near_m, far_m : float
        For stacks without ``focus_distance.txt``: the first and the last plane, the others evenly between in inverse distance.
    reverse : bool
        Take the pictures in the reverse of the order of their names.
    n : int
        Show only so many planes of each stack; 0: all.
    """

    source = (
        f"A stack is a folder of pictures in the order of their names and {DISTANCES}, which has a number for each; give "
        "the folder, or one that holds several, as --set path/to/folder."
    )
    task: Task = "focus"
    name = "focus-folder"
    default_protocol = "depth"
    focus_policy: FocusPolicy = ""

    def __init__(
        self,
        root: Path,
        unit: str = "m",
        depth_unit_m: float = 0.0,
        near_m: float = 0.0,
        far_m: float = 0.0,
        reverse: bool = False,
        n: int = 0,
    ) -> None:
        if unit not in UNITS_M:
            raise unknown_name("unit of focus distances", unit, UNITS_M)
        self.root = root
        self._unit_m, self._depth_unit_m, self._ends_m = UNITS_M[unit], depth_unit_m, (near_m, far_m)
        self._reverse, self._n = reverse, n or None
        folders = [root] if (root / DISTANCES).is_file() or frames_of(root) else sorted(root.iterdir())
        self._folders = {
            (folder.name if folder != root else root.resolve().name): folder
            for folder in folders
            if folder.is_dir() and frames_of(folder)
        }
        self.label = "-".join([root.resolve().name, *([f"n{n}"] if n else [])])
        self.notes: list[str] = []
        self.blind = not any(self._depth_file(sample_id) for sample_id in self._folders)

    def ids(self) -> list[str]:
        """Return the folders' names."""
        return list(self._folders)

    def _depth_file(self, sample_id: str) -> Path | None:
        stem = self._folders[sample_id] / "depth"
        return next((path for suffix in SUFFIXES if (path := stem.with_suffix(suffix)).is_file()), None)

    def _all_in_focus_file(self, sample_id: str) -> Path | None:
        folder = self._folders[sample_id]
        return next((path for path in sorted(folder.iterdir()) if path.stem.lower() in ("all_in_focus", "aif")), None)

    def _distances(self, folder: Path, planes: int) -> npt.NDArray[np.float64]:
        path = folder / DISTANCES
        if path.is_file():
            try:
                return metres([float(word) for word in path.read_text(encoding="utf-8").split()], self._unit_m)
            except (ValueError, UnicodeDecodeError) as error:
                raise DepthbenchError(f"{path}: not a list of numbers ({error})") from error
        near_m, far_m = self._ends_m
        if not (near_m > 0 and far_m > 0):
            raise DepthbenchError(
                f"{path}: not there; write a distance for each picture into it, or give the first and the last by "
                "--set-option near_m=... --set-option far_m=..."
            )
        return 1 / np.linspace(1 / near_m, 1 / far_m, planes)

    def stack(self, sample_id: str) -> FocusSample:
        """Return the pictures, near to far.

        Raises
        ------
        DepthbenchError
            See :func:`.focus_set.make_stack`.
        """
        folder = self._folders[sample_id]
        frames = frames_of(folder)
        whole = self._all_in_focus_file(sample_id)
        distances = self._distances(folder, len(frames))
        pictures = read_pictures(frames[::-1] if self._reverse else frames)
        shown = read_rgb(whole) if whole else None
        sample = make_stack(sample_id, pictures, distances, folder / DISTANCES, self._n, all_in_focus=shown)
        if self._depth_file(sample_id):
            depth_m = self.truth(sample_id).depth_m
            check_order(sample, depth_m, folder / DISTANCES, "--set-option reverse=true turns them round")
        return sample

    def truth(self, sample_id: str) -> DepthTruth:
        """Return the depth.

        Raises
        ------
        DepthbenchError
            If there is none, it cannot be read, or its unit cannot be right.
        """
        path = self._depth_file(sample_id)
        if path is None:
            if self.blind:
                raise no_truth(self.name, self.label)
            raise DepthbenchError(f"{self._folders[sample_id] / 'depth.pfm'}: no true depth (nor .npy, .png)")
        depth_m = read_depth(path, self._depth_unit_m or None)
        check_unit(depth_m, path, "Give metres per unit by --set-option depth_unit_m=0.001.")
        return DepthTruth(sample_id, depth_m)

    def files(self, sample_id: str) -> list[Path]:
        """Return pictures, distances and depth."""
        folder = self._folders[sample_id]
        others = [self._all_in_focus_file(sample_id), self._depth_file(sample_id)]
        return [*frames_of(folder), folder / DISTANCES, *(path for path in others if path)]
