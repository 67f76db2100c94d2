# SPDX-License-Identifier: Apache-2.0
"""Mobile Depth (Suwajanakorn et al., CVPR 2015): stacks from a telephone, aligned, with calibrated distances; no true depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.evaluation_set import no_truth
from depthbench.benchmarks.sets.focus_set import make_stack, metres, read_pictures
from depthbench.errors import DepthbenchError
from depthbench.tasks import FocusPolicy, FocusSample, Task

INCH_M = 0.0254
REVERSED = ("metals",)
"""Scenes whose calibrated distances run the wrong way."""
CALIBRATED_AS = {"metals": "metal", "largemotion": "GTLarge", "smallmotion": "GTSmall", "zeromotion": "GT"}
"""Scenes that the archive of calibrations calls otherwise."""


class MobileDepth:
    """``<scene>/a00.jpg ...`` with ``focus_dpth.txt`` (as DFV's script rearranges it), or the two archives as they unpack.

    The archives: ``Aligned/<scene>/a*.jpg`` and ``depth_from_focus_data2/calibration/<scene>/calibrated.txt``, a line per picture
    that begins with its distance, and one more.

    Parameters
    ----------
    root : Path
    unit_m : float
        Metres per unit of the distances: inches, as far as users of the set found out.
    n : int
        Show only so many planes; 0: all.
    """

    source = (
        "Get the aligned stacks and the calibration from supasorn.com/dffdownload.html and unpack both into <root>: "
        "<root>/Aligned/<scene>/a00.jpg, <root>/depth_from_focus_data2/calibration/<scene>/calibrated.txt."
    )
    task: Task = "focus"
    name = "mobile-depth"
    default_protocol = "depth"
    focus_policy: FocusPolicy = ""
    blind = True

    def __init__(self, root: Path, unit_m: float = INCH_M, n: int = 0) -> None:
        self.root, self._unit_m, self._n = root, float(unit_m), n or None
        aligned = root / "Aligned"
        self._scenes = {
            folder.name: folder
            for folder in sorted((aligned if aligned.is_dir() else root).rglob("*"))
            if folder.is_dir() and any(folder.glob("a[0-9]*.jpg"))
        }
        self.label = f"n{n}" if n else ""
        self.notes: list[str] = []

    def ids(self) -> list[str]:
        """Return the scenes."""
        return list(self._scenes)

    def _frames(self, scene: str) -> list[Path]:
        return sorted(self._scenes[scene].glob("a[0-9]*.jpg"), key=lambda path: int(path.stem[1:]))

    def _distance_file(self, scene: str) -> Path:
        listed = self._scenes[scene] / "focus_dpth.txt"
        folder = self.root / "depth_from_focus_data2" / "calibration" / CALIBRATED_AS.get(scene, scene)
        return listed if listed.is_file() else folder / "calibrated.txt"

    def _distances(self, scene: str) -> npt.NDArray[np.float64]:
        path = self._distance_file(scene)
        try:
            lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.split()]
            values = [float(words[0]) for words in lines]
        except OSError as error:
            raise DepthbenchError(f"{path}: no distances for the scene {scene}. {self.source}") from error
        except ValueError as error:
            raise DepthbenchError(f"{path}: a line does not begin with a number ({error})") from error
        return metres(values[:-1] if path.name == "calibrated.txt" else values, self._unit_m)

    def stack(self, sample_id: str) -> FocusSample:
        """Return the pictures in the order of their distances.

        Raises
        ------
        DepthbenchError
            If a file is absent, or the numbers of pictures and distances differ.
        """
        frames, distances = self._frames(sample_id), self._distances(sample_id)
        if len(frames) != len(distances):
            told = f"{len(frames)} pictures and {len(distances)} focus distances"
            raise DepthbenchError(f"{self._distance_file(sample_id)}: {sample_id}: {told}")
        order = np.argsort(distances, kind="stable")
        shown = order[::-1] if sample_id in REVERSED else order
        pictures = read_pictures([frames[int(index)] for index in shown])
        return make_stack(sample_id, pictures, distances[order], self._distance_file(sample_id), self._n)

    def truth(self, sample_id: str) -> DepthTruth:
        """Refuse: nobody measured it."""
        raise no_truth(self.name, sample_id)

    def files(self, sample_id: str) -> list[Path]:
        """Return pictures and distances."""
        return [*self._frames(sample_id), self._distance_file(sample_id)]
