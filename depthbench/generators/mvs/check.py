# SPDX-License-Identifier: Apache-2.0
"""Checks scans that depthbench made: shards are read whole; of synthetic ones every file is, and the truth of one kind is held against the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_folder import DtuFolder, halved_and_cropped
from depthbench.formats.dtu_observed import read_observed
from depthbench.formats.json_file import write_json
from depthbench.formats.pfm import read_pfm
from depthbench.formats.ply import columns_of, read_ply
from depthbench.generators.dtu_twin.config import DtuTwinConfig
from depthbench.generators.dtu_twin.files import missing_items, reference_files
from depthbench.generators.dtu_twin.fill import load_twin
from depthbench.generators.mvs.dtu_shards import mvs_shards
from depthbench.generators.run_files import now

VERIFY_FILE = "verify.json"
_POINTS = 20_000
MOST_LOST = 0.02
"""Share of the reference points that may lie on no depth map: what shows only between the centres of pixels."""


def verify_shards(folder: Path) -> tuple[int, list[str]]:
    """Read every picture, camera and depth map of the shards of ``prepare dtu``; return how many views, and what is wrong."""
    count, problems = 0, []
    for shard in mvs_shards(folder):
        for view in shard.views:
            count += 1
            try:
                shard.camera(view)
                for light in shard.pictures[view]:
                    shard.image(view, light)
                if shard.attrs["layout"] != "test":
                    shard.depth(view)
            except DepthbenchError as error:
                problems.append(str(error))
    return _told(folder, count, problems)


def verify_twin(folder: Path) -> tuple[int, list[str]]:
    """Read every file of synthetic scans; training depth must be that of the full size, and the reference cloud must lie on depth maps.

    Returns
    -------
    int
        Views read.
    list of str
        What is wrong, a line each.
    """
    config = load_twin(folder)
    layouts = [DtuFolder(folder, "train")] if config.training else []
    layouts += [DtuFolder(folder, "test")] if config.testing else []
    count, problems = 0, []
    for scan in layouts[0].scans():
        missing = missing_items(config, folder, scan)
        if missing:
            problems.append(
                f"scan{scan}: lacks {', '.join(f'view {item}' if item != 'reference' else 'its reference' for item in missing)}"
            )
            continue
        count += config.views
        try:
            problems += _check_views(config, layouts, scan)
            if config.testing:
                problems += _check_reference(folder, config, scan)
        except DepthbenchError as error:
            problems.append(str(error))
    return _told(folder, count, problems)


def _check_views(config: DtuTwinConfig, layouts: list[DtuFolder], scan: int) -> list[str]:
    problems = []
    for folder in layouts:
        raw = DtuFolder(folder.root, "raw")
        for view in range(config.views):
            for light in folder.lights(scan):
                folder.image(scan, view, light)
            folder.camera(scan, view)
            if folder.has_depth:
                whole = _raw_depth(raw, scan, view)
                if not np.array_equal(folder.depth(scan, view), halved_and_cropped(whole)[::4, ::4], equal_nan=True):
                    problems.append(f"{folder.depth_path(scan, view)}: not the depth of {raw.depth_path(scan, view)}")
    return problems


def _raw_depth(raw: DtuFolder, scan: int, view: int) -> npt.NDArray[np.float32]:
    """Read full depth without the pictures of its layout, which a twin has not."""
    depth = read_pfm(raw.depth_path(scan, view))
    return np.where(depth > 0, depth, np.float32(np.nan))


def _check_reference(root: Path, config: DtuTwinConfig, scan: int) -> list[str]:
    """Hold a sample of the reference points against the depth maps of all views: some view must see each at its depth."""
    cloud, mask, plane = reference_files(root, scan)
    read_observed(mask, plane)
    points = columns_of(read_ply(cloud, ["vertex"])["vertex"], "x", "y", "z").astype(np.float64)
    points = points[:: max(1, len(points) // _POINTS)]
    raw, test = DtuFolder(root, "raw"), DtuFolder(root, "test")
    confirmed = np.zeros(len(points), dtype=np.bool_)
    for view in range(config.views):
        camera, depth = test.camera(scan, view), np.nan_to_num(_raw_depth(raw, scan, view))
        in_camera = points @ camera.world_to_cam[:3, :3].T + camera.world_to_cam[:3, 3]
        x, y = (in_camera @ camera.intrinsics.T)[:, :2].T / in_camera[:, 2]
        column, row = np.rint(x).astype(int), np.rint(y).astype(int)
        inside = (column > 0) & (row > 0) & (column < depth.shape[1] - 1) & (row < depth.shape[0] - 1)
        at = np.flatnonzero(inside)
        around = np.stack([depth[row[at] + dy, column[at] + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
        z = in_camera[at, 2]
        # within the range that the pixels around span, and a little more
        least = np.where(around > 0, around, np.inf).min(axis=0)
        confirmed[at] |= (around.max(axis=0) > 0) & (z >= least - 0.2) & (z <= around.max(axis=0) + 0.2)
    lost = int((~confirmed).sum())
    return (
        [f"{cloud}: {lost} of {len(points)} points that were looked at lie on no depth map"]
        if lost > MOST_LOST * len(points)
        else []
    )


def _told(folder: Path, count: int, problems: list[str]) -> tuple[int, list[str]]:
    write_json(folder / VERIFY_FILE, {"time": now(), "ok": not problems, "samples": count, "problems": problems})
    return count, problems
