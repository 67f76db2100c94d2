# SPDX-License-Identifier: Apache-2.0
"""A COLMAP model and its photographs as MVSNet's folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from depthbench.errors import DepthbenchError
from depthbench.formats.colmap import ColmapImage, ColmapModel, read_colmap_model
from depthbench.formats.mvs_pairs import Pairs
from depthbench.formats.mvsnet_cam import MvsCamera
from depthbench.generators.mvs.folder import View, write_folder
from depthbench.generators.mvs.pictures import Picture, make_all
from depthbench.generators.mvs.undistort import pinhole
from depthbench.generators.mvs.view_selection import (
    SparseView,
    best_sources,
    depth_range,
    pair_scores,
    planes_one_pixel_apart,
)


@dataclass(frozen=True)
class Choices:
    """How a folder is made.

    Attributes
    ----------
    scale : float
        Of the pictures, at most 1.
    sources : int
        Per view at most.
    planes : int
        Depth planes; 0: one pixel apart.
    count_repeats : bool
        Count a point as often as a view observes it, as MVSNet's own script does.
    """

    scale: float = 1.0
    sources: int = 10
    planes: int = 192
    count_repeats: bool = False


def plan_views(model: ColmapModel, choices: Choices) -> tuple[list[View], Pairs]:
    """Return the views, in the order of their names, and which go with which."""
    images = sorted(model.images.values(), key=lambda image: image.name)
    sparse = {number: _sparse_view(model, image) for number, image in enumerate(images)}
    views = []
    for number, image in enumerate(images):
        camera = model.cameras[image.camera_id]
        try:
            least, most = depth_range(sparse[number], model.points, choices.count_repeats)
            size = (max(1, round(camera.width * choices.scale)), max(1, round(camera.height * choices.scale)))
            intrinsics = pinhole(camera).resized(*size)
        except DepthbenchError as error:
            raise DepthbenchError(f"{image.name}: {error}") from error
        planes = choices.planes or planes_one_pixel_apart(least, most, intrinsics.fx)
        interval = (most - least) / (planes - 1)
        made = MvsCamera(intrinsics.matrix, image.world_to_cam, least, most, interval, planes)
        views.append(View(number, image.name, made, size))
    scores = pair_scores(sparse, model.points, choices.count_repeats)
    return views, best_sources(list(sparse), scores, choices.sources)


def prepare_from_colmap(
    folder: Path,
    images: Path | None,
    out: Path,
    choices: Choices,
    make: Callable[[Path, Sequence[Picture]], None] = make_all,
) -> tuple[list[View], Pairs]:
    """Make the folder ``out``, the pictures by ``make``; return what is in it.

    Raises
    ------
    DepthbenchError
        If the model or a photograph is at fault, or a photograph has not its camera's size.
    """
    model = read_colmap_model(folder)
    images = images or folder / "images"
    absent = [image.name for image in model.images.values() if not (images / image.name).is_file()]
    if absent:
        raise DepthbenchError(
            f"{images}: {len(absent)} of {len(model.images)} images of the model are not there, such as {absent[0]}; give their folder as --images"
        )
    views, pairs = plan_views(model, choices)
    cameras = {image.name: model.cameras[image.camera_id] for image in model.images.values()}
    make(out, [Picture(view.id, images / view.name, view.size, cameras[view.name]) for view in views])
    write_folder(out, views, pairs)
    return views, pairs


def _sparse_view(model: ColmapModel, image: ColmapImage) -> SparseView:
    seen = image.point_ids[image.point_ids >= 0]
    return SparseView(image.world_to_cam, np.searchsorted(model.point_ids, seen))
