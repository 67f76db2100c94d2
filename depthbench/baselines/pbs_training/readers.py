# SPDX-License-Identifier: Apache-2.0
"""Scans from where they lie: DTU's training folders, or the shards that ``prepare dtu`` made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from depthbench.benchmarks.sets.mvs_set import MvsTruth
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_folder import DtuFolder, Layout
from depthbench.generators.mvs.dtu_shards import holds_mvs_shards, mvs_shards
from depthbench.tasks import MvsView


class ScanReader(Protocol):
    """What training asks of scans; readers are handed to other processes."""

    layout: str

    def scans(self) -> list[int]:
        """Return the scans that are there."""

    def sources(self, scan: int) -> dict[int, list[int]]:
        """Return the sources of each view that has some, best first."""

    def lights(self, scan: int, view: int) -> list[int]:
        """Return the lights in which a view and its sources were taken."""

    def view(self, scan: int, view: int, light: int) -> MvsView:
        """Read a picture with its camera."""

    def truth(self, scan: int, view: int) -> MvsTruth:
        """Read a view's true depth."""

    def stamp(self, scan: int, view: int) -> str:
        """Return what tells that a view's files are others: names and sizes."""


class FolderReader:
    """DTU's training layout. Depth is read from ``Depths_raw`` where that is there (exact at every pixel), else from ``Depths``."""

    def __init__(self, root: Path) -> None:
        layout: Layout = "cascade" if (root / "Depths_raw").is_dir() else "train"
        self._root, self._folder = root, DtuFolder(root, layout)
        self.layout: str = layout
        self._lights: dict[int, list[int]] = {}

    def scans(self) -> list[int]:
        """See :class:`ScanReader`."""
        return self._folder.scans()

    def sources(self, scan: int) -> dict[int, list[int]]:
        """See :class:`ScanReader`."""
        return {view: [source for source, _ in found] for view, found in self._folder.pairs(scan).items() if found}

    def lights(self, scan: int, view: int) -> list[int]:
        """See :class:`ScanReader`; those of the scan's first view."""
        if scan not in self._lights:
            self._lights[scan] = self._folder.lights(scan)
        return self._lights[scan]

    def view(self, scan: int, view: int, light: int) -> MvsView:
        """See :class:`ScanReader`."""
        return MvsView(self._folder.image(scan, view, light), self._folder.camera(scan, view))

    def truth(self, scan: int, view: int) -> MvsTruth:
        """See :class:`ScanReader`."""
        camera = self._folder.depth_camera(scan, view)
        name = f"{self._root}, scan{scan}, view {view}"
        return MvsTruth(name, self._folder.depth(scan, view), camera.intrinsics, camera.depth_interval)

    def stamp(self, scan: int, view: int) -> str:
        """See :class:`ScanReader`."""
        folder = self._folder
        paths = [folder.depth_path(scan, view)]
        paths += [folder.image_path(scan, view, light) for light in self.lights(scan, view)]
        told = [f"{path.relative_to(self._root)} {path.stat().st_size if path.is_file() else -1}" for path in paths]
        return " ".join(told)


class ShardReader:
    """A folder of ``prepare dtu`` whose layout has depth."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._shards = {shard.scan: shard for shard in mvs_shards(root)}
        first = next(iter(self._shards.values()))
        self.layout = str(first.attrs["layout"])
        if self.layout == "test":
            raise DepthbenchError(f"{root}: shards of the testing layout, which has no depth to learn from")

    def scans(self) -> list[int]:
        """See :class:`ScanReader`."""
        return list(self._shards)

    def sources(self, scan: int) -> dict[int, list[int]]:
        """See :class:`ScanReader`."""
        return {view: found for view, found in self._shards[scan].sources.items() if found}

    def lights(self, scan: int, view: int) -> list[int]:
        """See :class:`ScanReader`."""
        shard = self._shards[scan]
        return [light for light in shard.pictures[view] if any(light in shard.pictures[i] for i in shard.sources[view])]

    def view(self, scan: int, view: int, light: int) -> MvsView:
        """See :class:`ScanReader`."""
        shard = self._shards[scan]
        return MvsView(shard.image(view, light), shard.camera(view))

    def truth(self, scan: int, view: int) -> MvsTruth:
        """See :class:`ScanReader`."""
        shard = self._shards[scan]
        depth, matrix = shard.depth(view)
        return MvsTruth(f"{shard.path}, view {view}", depth, matrix, shard.camera(view).depth_interval)

    def stamp(self, scan: int, view: int) -> str:
        """See :class:`ScanReader`."""
        shard = self._shards[scan]
        return f"{shard.path.name} {shard.path.stat().st_size} {view} {shard.pictures[view]}"


def open_scans(root: Path) -> ScanReader:
    """Open a folder of either kind."""
    return ShardReader(root) if holds_mvs_shards(root) else FolderReader(root)
