# SPDX-License-Identifier: Apache-2.0
"""DTU in its testing layout, with true depth and reference clouds where they are there; and synthetic sets of the same layout."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from depthbench.benchmarks.cloud_scans import CloudCase, dtu_cases
from depthbench.benchmarks.sets.mvs_set import MvsScene, MvsTruth, ScenesSet
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_folder import DtuFolder
from depthbench.formats.dtu_splits import SPLITS
from depthbench.formats.grey_png import read_grey
from depthbench.formats.mvs_pairs import Pairs
from depthbench.formats.pfm import read_pfm
from depthbench.tasks import MvsView, Task

MASK_ABOVE = 10


def holds_scans(folder: Path) -> bool:
    """Tell whether a folder is of DTU's testing layout."""
    return next(folder.glob("scan*/pair.txt"), None) is not None


class DtuScene:
    """One scan; see :class:`.mvs_set.MvsScene`."""

    def __init__(self, root: Path, scan: int, evaluation: Path) -> None:
        self.name, self._scan, self._root, self._evaluation = f"scan{scan}", scan, root, evaluation
        self._test, self._raw = DtuFolder(root, "test"), DtuFolder(root, "raw")
        self.view = lru_cache(16)(self._view)

    @cached_property
    def pairs(self) -> Pairs:
        """Read the pair file."""
        return self._test.pairs(self._scan)

    def _view(self, view_id: int) -> MvsView:
        return MvsView(self._test.image(self._scan, view_id), self._test.camera(self._scan, view_id))

    def files(self, view_id: int) -> list[Path]:
        """Return picture, camera, and true depth where there is some."""
        folder, scan = self._test, self._scan
        truth = [path for path in self._truth_paths(view_id) if path.is_file()]
        return [folder.image_path(scan, view_id), folder.camera_path(scan, view_id), *truth]

    def _truth_paths(self, view_id: int) -> tuple[Path, Path]:
        return self._raw.depth_path(self._scan, view_id), self._raw.mask_path(self._scan, view_id)

    @property
    def has_depth(self) -> bool:
        """Whether there is a folder of true depth."""
        return self._truth_paths(0)[0].parent.is_dir()

    @property
    def has_cloud(self) -> bool:
        """Whether the evaluation's data are there."""
        return (self._evaluation / "Points" / "stl").is_dir() and (self._evaluation / "ObsMask").is_dir()

    def truth(self, view_id: int) -> MvsTruth | None:
        """Read ``Depths_raw`` of a view; its mask and known depth are what counts."""
        if not self.has_depth:
            return None
        path, mask_path = self._truth_paths(view_id)
        depth, mask = read_pfm(path), read_grey(mask_path, 8)
        if depth.shape != mask.shape:
            raise DepthbenchError(f"{mask_path}: {mask.shape[::-1]} pixels where the depth map has {depth.shape[::-1]}")
        camera = self._test.camera(self._scan, view_id)
        width, height = self._test.image_size(self._scan)
        if depth.shape != (height, width):
            raise DepthbenchError(f"{path}: {depth.shape[::-1]} pixels where the picture has {(width, height)}")
        with np.errstate(invalid="ignore"):
            known = (mask > MASK_ABOVE) & (depth > 0) & np.isfinite(depth)
        depth = np.where(known, depth, np.float32(np.nan))
        return MvsTruth(f"{self.name}/{view_id:08d}", depth, camera.intrinsics, camera.depth_interval)

    def cloud_case(self, predicted: Path) -> CloudCase | None:
        """Return the scan's reference, mask and plane; None where the evaluation's data are absent."""
        if not self.has_cloud:
            return None
        [case] = dtu_cases(str(predicted).replace("{", "{{").replace("}", "}}"), [self._scan], self._evaluation)
        return case


class Dtu(ScenesSet):
    """``<root>/scan1/{images,cams,pair.txt}``; beside them ``Depths_raw`` (true depth), ``Points/stl`` and ``ObsMask`` (reference clouds).

    Parameters
    ----------
    root : Path
    split : {"test", "val", "train", "all"}
        Of these scans those that are there.
    scans : str
        Numbers instead: ``1,4,9-12``.
    evaluation : str
        Folder that holds ``Points`` and ``ObsMask``; empty: ``root``.
    """

    source = (
        "It is the testing data that MVSNet's authors prepared (dtu.zip: scan1/images, cams, pair.txt; linked at github.com/YoYo000/MVSNet), "
        "1600 x 1200; for scores unpack beside it SampleSet.zip and Points.zip of roboimagedata.compute.dtu.dk (ObsMask, Points), for depth "
        "Depths_raw. `depthbench generate dtu-twin` makes a set of the same layout."
    )
    task: Task = "mvs"
    name = "dtu"
    default_protocol = "dtu"

    def __init__(self, root: Path, split: str = "test", scans: str = "", evaluation: str = "") -> None:
        self.root, where = root, Path(evaluation) if evaluation else root
        there = DtuFolder(root, "test").scans() if holds_scans(root) else []
        chosen = self._chosen(split, str(scans), there)
        self.scenes: dict[str, MvsScene] = {f"scan{scan}": DtuScene(root, scan, where) for scan in chosen}
        self.label = self._label(split, str(scans))
        scenes = [scene for scene in self.scenes.values() if isinstance(scene, DtuScene)]
        depth, cloud = (any(getattr(scene, has) for scene in scenes) for has in ("has_depth", "has_cloud"))
        self.blind = not (depth or cloud)
        self.notes = [f"scans {', '.join(str(scan) for scan in chosen)}"]
        if not cloud:
            self.notes.append(f"no Points and ObsMask in {where}: clouds are made and not scored")

    def _label(self, split: str, scans: str) -> str:
        return f"scans={scans}" if scans else split

    def _chosen(self, split: str, scans: str, there: Sequence[int]) -> list[int]:
        if not scans:
            if split not in (*SPLITS, "all"):
                raise DepthbenchError(f"split={split}: it is one of {', '.join(SPLITS)}, all")
            return [scan for scan in there if split == "all" or scan in SPLITS[split]]
        asked = parse_numbers(scans)
        absent = [scan for scan in asked if scan not in there]
        if absent:
            raise DepthbenchError(f"{self.root}: no scan{absent[0]}/images in it; there are {len(there)} scans")
        return asked


class DtuTwin(Dtu):
    """What ``depthbench generate dtu-twin`` makes, in DTU's testing layout; all its scans, or those of ``scans``."""

    source = "`depthbench generate dtu-twin` makes it; give its folder as --set path/to/folder."
    name = "dtu-twin"

    def __init__(self, root: Path, scans: str = "", evaluation: str = "") -> None:
        super().__init__(root, "all", scans, evaluation)

    def _label(self, split: str, scans: str) -> str:
        name = self.root.resolve().name
        return f"{name}-scans={scans}" if scans else name


def parse_numbers(text: str) -> list[int]:
    """Return the numbers of ``1,4,9-12``.

    Raises
    ------
    DepthbenchError
        If it is written otherwise.
    """
    numbers: set[int] = set()
    for word in text.split(","):
        first, dash, last = word.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise DepthbenchError(f"scans={text}: write numbers as in 1,4,9-12")
        numbers.update(range(int(first), int(last or first) + 1))
    return sorted(numbers)
