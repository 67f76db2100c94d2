# SPDX-License-Identifier: Apache-2.0
"""A sample of Robust MVD (a key view and source views with known cameras, no points) as MVSNet's folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import read_npy
from depthbench.formats.image import read_rgb
from depthbench.formats.mvs_pairs import Pairs
from depthbench.formats.mvsnet_cam import MvsCamera
from depthbench.generators.mvs.folder import View, write_folder
from depthbench.generators.mvs.from_colmap import Choices
from depthbench.generators.mvs.pictures import Picture, make_all
from depthbench.generators.mvs.view_selection import SparseView, best_sources, pair_scores

Floats = npt.NDArray[np.float64]
_GRID = 24
"""Points per row and column that stand for what a view sees."""


def prepare_from_robustmvd(
    folder: Path,
    out: Path,
    choices: Choices,
    depth_range: tuple[float, float],
    make: Callable[[Path, Sequence[Picture]], None] = make_all,
) -> tuple[list[View], Pairs]:
    """Make the folder ``out``: view 0 is the key view, its camera frame the world; return what is in it.

    Views go together by MVSNet's score of points that stand for the missing ones: a grid of every view's pixels at the geometric
    mean of the depth range.

    Raises
    ------
    DepthbenchError
        If a file is absent or at fault.
    """
    least, most = depth_range
    if not 0 < least < most:
        raise DepthbenchError(f"--depth-range {least:g} {most:g}: give two depths above 0, the nearer one first")
    numbers = sorted(int(path.name) for path in (folder / "source").glob("*") if path.name.isdecimal())
    if not numbers:
        raise DepthbenchError(f"{folder}: no source/0, source/1, ... in it")
    names = ["key", *(f"source/{number}" for number in numbers)]
    pictures = [read_rgb(folder / name / "image.png") for name in names]
    views, grids, cameras = [], [], []
    for number, (name, rgb) in enumerate(zip(names, pictures, strict=True)):
        matrix, pose = _array(folder / name / "K.npy", (3, 3)), _array(folder / name / "to_ref_transform.npy", (4, 4))
        whole = Intrinsics(rgb.shape[1], rgb.shape[0], matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2])
        size = (max(1, round(whole.width * choices.scale)), max(1, round(whole.height * choices.scale)))
        interval = (most - least) / (choices.planes - 1)
        made = MvsCamera(whole.resized(*size).matrix, pose, least, most, interval, choices.planes)
        views.append(View(number, name, made, size))
        cameras.append(whole)
        grids.append(_grid(whole, pose, float(np.sqrt(least * most))))
    points = np.concatenate(grids)
    sparse = {view.id: SparseView(view.camera.world_to_cam, _seen(points, cameras[view.id], view)) for view in views}
    pairs = best_sources(list(sparse), pair_scores(sparse, points), choices.sources)
    make(out, [Picture(view.id, folder / view.name / "image.png", view.size) for view in views])
    write_folder(out, views, pairs)
    return views, pairs


def _grid(camera: Intrinsics, world_to_cam: Floats, depth: float) -> Floats:
    """Points of the world that a view has on a grid of its pixels at one depth."""
    small = camera.resized(_GRID, _GRID)
    points_cam = small.back_project(np.full((_GRID, _GRID), depth)).reshape(-1, 3)
    points: Floats = (points_cam - world_to_cam[:3, 3]) @ world_to_cam[:3, :3]
    return points


def _seen(points: Floats, camera: Intrinsics, view: View) -> npt.NDArray[np.int64]:
    pose = view.camera.world_to_cam
    x, y = camera.project(points @ pose[:3, :3].T + pose[:3, 3]).T
    inside = (x > -0.5) & (y > -0.5) & (x < camera.width - 0.5) & (y < camera.height - 0.5)
    return np.flatnonzero(inside)


def _array(path: Path, shape: tuple[int, int]) -> Floats:
    array = read_npy(path, np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise DepthbenchError(f"{path}: {array.shape} numbers where {shape} finite ones belong")
    return array
