# SPDX-License-Identifier: Apache-2.0
"""ZEDD: photographs of rooms at nine focus distances and several apertures, with measured depth (of the authors of FOSSA)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.focus_set import make_stack, read_pictures
from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.depth_files import check_unit, read_depth
from depthbench.formats.image import read_rgb
from depthbench.tasks import FocusPolicy, FocusSample, Task

FRAME = re.compile(r"img_run_(?P<run>\d+)_motor_(?P<motor>[0-9a-fA-Fx]+)_aperture_F(?P<aperture>[\d.]+)\.jpe?g")
SHARP_APERTURE = "16"


class Zedd:
    """``<scene>/img_run_K_motor_HEX_aperture_FX.jpg``, ``metadata.txt``, ``gt/depth.npy``, ``K.txt``.

    ``metadata.txt`` has a line per run: its number, the position of the focus motor, the distance in focus in metres.
    Written from a description of the set, not checked against it.

    Parameters
    ----------
    root : Path
    aperture : str
        f-number of the stack; F16 is shown as the all-in-focus picture.
    n : int
        Show only so many planes; 0: all nine.
    """

    source = "Get ZEDD from the page of FOSSA and unpack it so that <root>/<scene>/metadata.txt and gt/depth.npy exist."
    task: Task = "focus"
    name = "zedd"
    default_protocol = "depth"
    focus_policy: FocusPolicy = "fixed"

    def __init__(self, root: Path, aperture: str | float = "1.4", n: int = 0) -> None:
        self.root, self._aperture, self._n = root, f"{float(aperture):g}", n or None
        self._scenes = {
            path.parent.relative_to(root).as_posix(): path.parent for path in sorted(root.glob("**/metadata.txt"))
        }
        self.label = "-".join([f"F{self._aperture}", *([f"n{n}"] if n else [])])
        self.notes: list[str] = []

    def ids(self) -> list[str]:
        """Return the scenes' folders."""
        return list(self._scenes)

    def _frames(self, sample_id: str, aperture: str) -> dict[int, Path]:
        """Return run -> picture at one aperture."""
        found = {}
        for path in sorted(self._scenes[sample_id].iterdir()):
            match = FRAME.fullmatch(path.name)
            if match and f"{float(match['aperture']):g}" == aperture:
                found[int(match["run"])] = path
        return found

    def _distances(self, sample_id: str) -> dict[int, float]:
        """Return run -> distance in metres; lines that do not begin with a number are headings."""
        path = self._scenes[sample_id] / "metadata.txt"
        runs = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            words = re.split(r"[\s,]+", line.strip())
            if not words[0].isdigit():
                continue
            try:
                runs[int(words[0])] = float(words[2])
            except (IndexError, ValueError) as error:
                raise DepthbenchError(f"{path}, line {number}: not a run, a motor position and a distance") from error
        return runs

    def stack(self, sample_id: str) -> FocusSample:
        """Return the pictures of one aperture, near to far.

        Raises
        ------
        DepthbenchError
            If there is none of this aperture, or a run has no distance.
        """
        frames, distances = self._frames(sample_id, self._aperture), self._distances(sample_id)
        place = self._scenes[sample_id] / "metadata.txt"
        if not frames:
            raise DepthbenchError(
                f"{place.parent}: no picture at F{self._aperture}; --set-option aperture=... has others"
            )
        for run, path in frames.items():
            if run not in distances:
                raise DepthbenchError(f"{place}: has no distance for run {run} ({path.name})")
        runs = sorted(frames, key=distances.__getitem__)
        pictures = read_pictures([frames[run] for run in runs])
        sharp = self._frames(sample_id, SHARP_APERTURE)
        height, width = pictures.shape[1:3]
        return make_stack(
            sample_id,
            pictures,
            np.array([distances[run] for run in runs]),
            place,
            self._n,
            focus_policy="fixed",
            all_in_focus=read_rgb(next(iter(sharp.values()))) if sharp else None,
            intrinsics=self._intrinsics(sample_id, width, height),
        )

    def _intrinsics(self, sample_id: str, width: int, height: int) -> Intrinsics | None:
        path = self._scenes[sample_id] / "K.txt"
        if not path.is_file():
            return None
        try:
            k = np.array([float(word) for word in re.split(r"[\s,\[\];]+", path.read_text()) if word]).reshape(3, 3)
        except ValueError as error:
            raise DepthbenchError(f"{path}: not a matrix of 3 by 3 numbers") from error
        return Intrinsics(width, height, k[0, 0], k[1, 1], k[0, 2], k[1, 2])

    def truth(self, sample_id: str) -> DepthTruth:
        """Return the measured depth."""
        path = self._scenes[sample_id] / "gt" / "depth.npy"
        depth_m = read_depth(path)
        check_unit(depth_m, path, "ZEDD is in metres: is this another set?")
        return DepthTruth(sample_id, depth_m)

    def files(self, sample_id: str) -> list[Path]:
        """Return pictures, distances and depth."""
        folder = self._scenes[sample_id]
        frames = self._frames(sample_id, self._aperture)
        return [*frames.values(), folder / "metadata.txt", folder / "gt" / "depth.npy"]
