# SPDX-License-Identifier: Apache-2.0
"""A folder of MVSNet's layout: ``images/%08d.jpg``, ``cams/%08d_cam.txt``, ``pair.txt``; what ``prepare mvs`` makes of photographs."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

from depthbench.benchmarks.cloud_scans import CloudCase
from depthbench.benchmarks.sets.mvs_set import MvsScene, MvsTruth, ScenesSet
from depthbench.errors import DepthbenchError
from depthbench.formats.image import read_rgb
from depthbench.formats.mvs_pairs import Pairs, read_pairs
from depthbench.formats.mvsnet_cam import Dialect, read_mvsnet_camera
from depthbench.fusion.fuse import PICTURES, find_file
from depthbench.tasks import MvsView, Task

DIALECTS = ("mvsnet", "patchmatchnet")


def holds_views(folder: Path) -> bool:
    """Tell whether a folder is of MVSNet's layout."""
    return (folder / "pair.txt").is_file() and (folder / "cams").is_dir()


class FolderScene:
    """One such folder, without truth; see :class:`.mvs_set.MvsScene`."""

    def __init__(self, folder: Path, name: str = "", dialect: Dialect | None = None) -> None:
        self.folder, self.name, self._dialect = folder, name, dialect
        # a view is a source of many others, and they come one after the other
        self.view = lru_cache(16)(self._view)

    @cached_property
    def pairs(self) -> Pairs:
        """Read the pair file; views that it names must be there.

        Raises
        ------
        DepthbenchError
            If it cannot be read, or names a view without camera.
        """
        cameras = (self.folder / "cams").glob("*_cam.txt")
        there = [int(path.name[:8]) for path in cameras if path.name[:8].isdecimal()]
        return read_pairs(self.folder / "pair.txt", there)

    def _view(self, view_id: int) -> MvsView:
        rgb = read_rgb(self._picture(view_id))
        return MvsView(rgb, read_mvsnet_camera(self._camera(view_id), self._dialect))

    def files(self, view_id: int) -> list[Path]:
        """Return picture and camera."""
        try:
            picture = self._picture(view_id)
        except DepthbenchError:
            picture = self.folder / "images" / f"{view_id:08d}.jpg"
        return [picture, self._camera(view_id)]

    def truth(self, view_id: int) -> MvsTruth | None:
        """Return nothing: photographs have none."""
        return None

    def cloud_case(self, predicted: Path) -> CloudCase | None:
        """Return nothing."""
        return None

    def _camera(self, view_id: int) -> Path:
        return self.folder / "cams" / f"{view_id:08d}_cam.txt"

    def _picture(self, view_id: int) -> Path:
        try:
            return find_file(self.folder / "images", view_id, PICTURES)
        except DepthbenchError as error:
            raise DepthbenchError(f"{error}, and pair.txt names that view; add it or make the pairs anew") from error


class MvsFolder(ScenesSet):
    """Photographs with cameras, without truth: depth maps, a cloud and pictures are made, nothing is scored.

    Parameters
    ----------
    root : Path
    dialect : {"mvsnet", "patchmatchnet"}
        What two numbers in the last line of a camera file mean (min and interval, or min and max); empty: see there.
    """

    source = "It has images, cams and pair.txt; `depthbench prepare mvs` makes such a folder of photographs and a COLMAP model."
    task: Task = "mvs"
    name = "mvs-folder"
    default_protocol = "dtu"
    blind = True

    def __init__(self, root: Path, dialect: str = "") -> None:
        if dialect not in ("", *DIALECTS):
            raise DepthbenchError(f"dialect={dialect}: it is one of {', '.join(DIALECTS)}")
        self.root, self.label = root, root.resolve().name
        self.notes: list[str] = []
        chosen: Dialect | None = dialect or None  # type: ignore[assignment]
        if not holds_views(root):
            raise DepthbenchError(f"{root}: no pair.txt and cams in it. {self.source}")
        self.scenes: dict[str, MvsScene] = {"": FolderScene(root, "", chosen)}
