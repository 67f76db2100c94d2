# SPDX-License-Identifier: Apache-2.0
"""A folder of MVSNet's layout with depth maps from anywhere, fused into one coloured cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.depth_files import read_depth
from depthbench.formats.image import image_size, read_rgb
from depthbench.formats.mvs_pairs import Pairs, read_pairs
from depthbench.formats.mvsnet_cam import Dialect, MvsCamera, read_mvsnet_camera
from depthbench.formats.ply_stream import point_stream
from depthbench.fusion.consistency import DepthView, FloatMap, Mask, consistent, mark_used
from depthbench.fusion.rules import FusionRules

_CACHED_MAPS = 64
PICTURES = (".jpg", ".png", ".jpeg")


@dataclass(frozen=True)
class FusionInput:
    """Where things lie.

    Attributes
    ----------
    folder : path
        Has ``cams``, ``images``, ``pair.txt``.
    depths : path
        ``%08d.pfm``, ``.npy`` or ``.png`` per view, in the cameras' unit; of the pictures' size or smaller, not cropped.
    confidences : path or None
        ``%08d.pfm`` or ``.npy`` per view, of the depth maps' size; None: no such check.
    depth_cameras : path or None
        ``%08d_cam.txt`` of the depth maps themselves; None: those of ``cams`` are the pictures', and are scaled to the depth maps.
    dialect : str or None
        Of the cameras, see :func:`.mvsnet_cam.read_mvsnet_camera`.
    """

    folder: Path
    depths: Path
    confidences: Path | None = None
    depth_cameras: Path | None = None
    dialect: Dialect | None = None


@dataclass
class FusionReport:
    """What came of a fusion, in pixels: with depth, sure enough, consistent, consistent but shown by an earlier view already."""

    views: int = 0
    known: int = 0
    sure: int = 0
    consistent: int = 0
    duplicates: int = 0

    @property
    def points(self) -> int:
        """Of the cloud."""
        return self.consistent - self.duplicates


class FusionViews(Protocol):
    """What a fusion asks of the views of a scene."""

    def depth_view(self, view_id: int) -> DepthView:
        """Return a view's depth (0 = unknown) with the camera of that map."""

    def confidence(self, view_id: int, like: FloatMap) -> FloatMap | None:
        """Return confidence of the size of ``like``; None: no such check."""

    def rgb(self, view_id: int) -> npt.NDArray[np.uint8]:
        """Return the picture, whatever its size."""


class FolderViews:
    """The files of a folder's views, read when they are needed; see :class:`FusionViews`."""

    def __init__(self, given: FusionInput) -> None:
        self._given = given
        self.depth_view = lru_cache(_CACHED_MAPS)(self._depth_view)

    def rgb(self, view_id: int) -> npt.NDArray[np.uint8]:
        """Read the picture."""
        return read_rgb(find_file(self._given.folder / "images", view_id, PICTURES))

    def confidence(self, view_id: int, like: FloatMap) -> FloatMap | None:
        """Read the map of confidence, where there are any."""
        return read_confidence(self._given.confidences, view_id, like)

    def _depth_view(self, view_id: int) -> DepthView:
        given = self._given
        cameras = given.depth_cameras or given.folder / "cams"
        camera = read_mvsnet_camera(cameras / f"{view_id:08d}_cam.txt", given.dialect)
        path = find_file(given.depths, view_id, (".pfm", ".npy", ".png"))
        depth = read_known_depth(path)
        if given.depth_cameras:
            return DepthView(depth, camera.intrinsics, camera.world_to_cam)
        size = image_size(find_file(given.folder / "images", view_id, PICTURES))
        return DepthView(depth, scaled_intrinsics(camera, size, depth.shape, path), camera.world_to_cam)


def read_known_depth(path: Path) -> FloatMap:
    """Read a depth map in its own unit; 0 = unknown."""
    depth = read_depth(path, unit_m=1.0)
    return np.where(np.isfinite(depth), depth, np.float32(0))


def read_confidence(folder: Path | None, view_id: int, like: FloatMap) -> FloatMap | None:
    """Read a view's confidence from a folder; None where there is none.

    Raises
    ------
    DepthbenchError
        If the file is absent, or not of the size of ``like``.
    """
    if folder is None:
        return None
    path = find_file(folder, view_id, (".pfm", ".npy"))
    values = read_depth(path, unit_m=1.0)
    if values.shape != like.shape:
        raise DepthbenchError(f"{path}: {values.shape[::-1]} pixels where the depth map has {like.shape[::-1]}")
    return values


def fuse_folder(
    given: FusionInput,
    rules: FusionRules,
    out: Path,
    remove_duplicates: bool = False,
    track: Callable[[Sequence[int]], Iterable[int]] = lambda ids: ids,
) -> FusionReport:
    """Fuse a folder's depth maps, see :func:`fuse_views`.

    Raises
    ------
    DepthbenchError
        Also if a view's files are absent or at fault, or sizes do not fit.
    """
    there = [int(path.name[:8]) for path in (given.folder / "cams").glob("*_cam.txt") if path.name[:8].isdecimal()]
    pairs = read_pairs(given.folder / "pair.txt", there)
    return fuse_views(FolderViews(given), pairs, rules, out, str(given.folder), remove_duplicates, track)


def fuse_views(
    views: FusionViews,
    pairs: Pairs,
    rules: FusionRules,
    out: Path,
    name: str,
    remove_duplicates: bool = False,
    track: Callable[[Sequence[int]], Iterable[int]] = lambda ids: ids,
) -> FusionReport:
    """Fuse all views that have sources, in the order of the pairs; write the cloud.

    Parameters
    ----------
    views : FusionViews
    pairs : Pairs
    rules : FusionRules
    out : path
        Binary PLY with colours, in the world of the cameras.
    name : str
        What errors call the scene.
    remove_duplicates : bool
        A pixel that agrees with a kept pixel of an earlier view makes no point of its own.
    track : callable
        Told of the views.

    Raises
    ------
    DepthbenchError
        If nothing is kept.
    """
    report = FusionReport()
    used: dict[int, Mask] = {}
    with point_stream(out, ["fused by depthbench"]) as stream:
        for number in track([number for number, found in pairs.items() if found]):
            view = views.depth_view(number)
            sources = [source for source, _ in pairs[number]][: rules.sources]
            agrees, depth = consistent(view, [views.depth_view(source) for source in sources], rules)
            confidence = views.confidence(number, view.depth)
            sure = np.ones(view.depth.shape, bool) if confidence is None else confidence > rules.confidence
            sure &= view.depth > 0
            kept = agrees & sure
            report.views += 1
            report.known += int((view.depth > 0).sum())
            report.sure += int(sure.sum())
            report.consistent += int(kept.sum())
            if remove_duplicates:
                shown = used.pop(number, np.zeros(kept.shape, bool))
                report.duplicates += int((kept & shown).sum())
                kept &= ~shown
                for source in sources:
                    target = views.depth_view(source)
                    mark_used(view, target, rules, kept, used.setdefault(source, np.zeros(target.depth.shape, bool)))
            stream.write(view.points(kept, depth), _colours(views.rgb(number), kept))
        if not stream.count:
            raise DepthbenchError(
                f"{name}: no pixel of {report.views} views is kept (of {report.known} with depth, {report.sure} are sure enough, none "
                "is confirmed by its sources): are the depths in the cameras' unit, and the cameras those of the pictures?"
            )
    return report


def find_file(folder: Path, view_id: int, suffixes: tuple[str, ...]) -> Path:
    """Return a view's file in a folder.

    Raises
    ------
    DepthbenchError
        If there is none.
    """
    for suffix in suffixes:
        path = folder / f"{view_id:08d}{suffix}"
        if path.is_file():
            return path
    raise DepthbenchError(f"{folder}: no {view_id:08d}{suffixes[0]} in it (or {', '.join(suffixes[1:])})")


def scaled_intrinsics(
    camera: MvsCamera, size: tuple[int, int], shape: tuple[int, ...], path: Path | str
) -> npt.NDArray[np.float64]:
    """Return K of a depth map of a shape (height, width), given that of the picture of a size (width, height).

    Raises
    ------
    DepthbenchError
        If proportions differ; the message names ``path``.
    """
    (height, width), k = shape, camera.intrinsics
    if abs(width * size[1] - height * size[0]) >= max(size):
        # more than rounding to whole pixels explains
        raise DepthbenchError(
            f"{path}: {width} x {height} where the picture has {size[0]} x {size[1]}: cropped? "
            "Crop the pictures alike, or give the cameras of the depth maps (--cams)"
        )
    return Intrinsics(*size, k[0, 0], k[1, 1], k[0, 2], k[1, 2]).resized(width, height).matrix


def _colours(rgb: npt.NDArray[np.uint8], mask: Mask) -> npt.NDArray[np.uint8]:
    if rgb.shape[:2] != mask.shape:
        rgb = np.asarray(Image.fromarray(rgb).resize((mask.shape[1], mask.shape[0]), Image.Resampling.BOX))
    colours: npt.NDArray[np.uint8] = rgb[mask]
    return colours
