# SPDX-License-Identifier: Apache-2.0
"""Where pictures with depth come from: one line per kind in :data:`KINDS`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.depth_files import check_unit, read_depth
from depthbench.formats.image import read_rgb
from depthbench.formats.json_file import read_json
from depthbench.formats.nyu_labelled import FILE, INTRINSICS, SPLITS_FILE, NyuLabelled, split_indices
from depthbench.formats.rgbd import FramePlace, RgbdFrame, bts_places, folder_places, same_size, tum_places
from depthbench.generators.focal.surfaces import Sheet

CAMERA_FILE = "camera.json"
PRIMESENSE = Intrinsics(640, 480, 525.0, 525.0, 319.5, 239.5)
"""What the authors of both Redwood and TUM RGB-D give for a sensor that was not calibrated."""
FREIBURG = {
    "freiburg1": Intrinsics(640, 480, 517.3, 516.5, 318.6, 255.3),
    "freiburg2": Intrinsics(640, 480, 520.9, 521.0, 325.1, 249.7),
    "freiburg3": Intrinsics(640, 480, 535.4, 539.2, 320.1, 247.6),
}
"""Colour cameras of TUM RGB-D's sequences, by a word of their folders' names."""
UNIT_REMEDY = "Give metres per unit of the depth files by --depth-unit-m."


@dataclass(frozen=True, eq=False)
class Scene:
    """A frame, and what more is known than one surface.

    Attributes
    ----------
    frame : RgbdFrame
    others : tuple of Sheet
        Surfaces beside that of ``frame.depth_m``.
    about : mapping of str to JSON values
        What the source tells of it, for the record.
    film : bool
        Whether the picture shows light by the curve of our own renders (:mod:`.film`) and not by sRGB's alone; the light of
        ``others`` is that before the curve.
    """

    frame: RgbdFrame
    others: tuple[Sheet, ...] = ()
    about: dict[str, object] = field(default_factory=dict)
    film: bool = False


class Source(Protocol):
    """A list of scenes."""

    @property
    def names(self) -> list[str]:
        """Every scene's id, in a fixed order."""

    def read(self, index: int) -> Scene:
        """Return a scene; DepthbenchError names the file that is at fault."""


@dataclass
class Files:
    """Frames in files of their own."""

    root: Path
    list_places: Callable[[Path], list[FramePlace]]
    unit_m: float | None
    camera: Callable[[int, int], Intrinsics | None]

    @cached_property
    def _places(self) -> list[FramePlace]:
        return self.list_places(self.root)

    @property
    def names(self) -> list[str]:
        """Names of the pictures."""
        return [place.id for place in self._places]

    def read(self, index: int) -> Scene:
        """Read picture and depth."""
        place = self._places[index]
        if not place.depth.is_file():
            raise DepthbenchError(f"{place.image}: has no depth: there is no {place.depth}")
        image, depth_m = read_rgb(place.image), read_depth(place.depth, self.unit_m)
        same_size(image, depth_m, place.image, place.depth)
        check_unit(depth_m, place.depth, UNIT_REMEDY)
        height, width = depth_m.shape
        return Scene(RgbdFrame(place.id, image, depth_m, self.camera(width, height)))


@dataclass
class Labelled:
    """NYU v2's labelled file."""

    path: Path
    split: str

    @cached_property
    def _file(self) -> NyuLabelled:
        return NyuLabelled(self.path)

    @cached_property
    def _indices(self) -> list[int]:
        if self.split == "all":
            return list(range(len(self._file)))
        return split_indices(self.path.with_name(SPLITS_FILE), self.split)

    @property
    def names(self) -> list[str]:
        """Numbers of the frames, from 0001, as the set counts them."""
        return [f"{index + 1:04d}" for index in self._indices]

    def read(self, index: int) -> Scene:
        """Read a frame."""
        frame = self._file.frame(self._indices[index])
        check_unit(frame.depth_m, f"{self.path}, frame {frame.id}", UNIT_REMEDY)
        return Scene(frame)


def camera_of_view(root: Path, fov_deg: float | None) -> Callable[[int, int], Intrinsics | None]:
    """Return what gives intrinsics by size: from ``camera.json`` in the folder, or a field of view, or None."""
    path = root / CAMERA_FILE
    if path.is_file():
        data = read_json(path)
        try:
            data = data.get("intrinsics", data)
            known = Intrinsics(
                int(data["width"]), int(data["height"]), *(float(data[key]) for key in ("fx", "fy", "cx", "cy"))
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DepthbenchError(f"{path}: needs width, height, fx, fy, cx, cy in pixels ({error})") from error
        return known.resized
    if fov_deg is None:
        return lambda width, height: None
    slope = math.tan(math.radians(fov_deg) / 2)
    return lambda width, height: Intrinsics.centred(width, height, width / 2 / slope)


def _nyu(root: Path, options: SourceOptions) -> Source:
    path = root if root.is_file() else root / FILE
    if path.is_file():
        return Labelled(path, options.split)
    return Files(root, bts_places, options.depth_unit_m or 0.001, INTRINSICS.resized)


def _tum(root: Path, options: SourceOptions) -> Source:
    name = root.resolve().name
    camera = next((known for word, known in FREIBURG.items() if word in name), PRIMESENSE)
    return Files(root, tum_places, options.depth_unit_m or 1 / 5000, camera.resized)


def _redwood(root: Path, options: SourceOptions) -> Source:
    return Files(root, folder_places, options.depth_unit_m or 0.001, PRIMESENSE.resized)


def _folder(root: Path, options: SourceOptions) -> Source:
    return Files(root, folder_places, options.depth_unit_m, camera_of_view(root, options.fov_deg))


def _layered(root: Path, options: SourceOptions) -> Source:
    from depthbench.generators.focal.layered_source import LayeredSource

    return LayeredSource(root)


@dataclass(frozen=True)
class SourceOptions:
    """What a user may say about a source; see :class:`.config.FocalConfig`."""

    depth_unit_m: float | None = None
    fov_deg: float | None = None
    split: str = "all"


KINDS: dict[str, tuple[Callable[[Path, SourceOptions], Source], str]] = {
    "nyu": (
        _nyu,
        f"{FILE} (with splits.mat for --split), or folders of rgb_*.jpg and sync_depth_*.png as BTS has them",
    ),
    "tum": (_tum, "a TUM RGB-D sequence: rgb.txt, depth.txt, depth in 5,000ths of a metre"),
    "redwood": (_redwood, "Redwood and Open3D: pictures and 16-bit depth in mm, in folders or side by side"),
    "folder": (_folder, "rgb/ and depth/, or NAME.jpg and NAME_depth.png (mm), .pfm, .npy (m); camera.json if known"),
    "layered": (_layered, "a folder of `depthbench generate layered`, every layer and both eyes used"),
}
"""Kind -> what opens it, what it is."""
SPLITS = ("all", "train", "test")


def open_source(kind: str, root: Path, options: SourceOptions) -> Source:
    """Open a source.

    Raises
    ------
    DepthbenchError
        If the kind is unknown, or the folder is absent or holds no frame.
    """
    if kind not in KINDS:
        raise unknown_name("source", kind, KINDS)
    if options.split not in SPLITS:
        raise unknown_name("split", options.split, SPLITS)
    make, what = KINDS[kind]
    if not root.exists():
        raise DepthbenchError(f"{root}: no such folder; --from {kind} reads {what}")
    source = make(root, options)
    if options.split != "all" and not isinstance(source, Labelled):
        raise DepthbenchError(
            f"--split {options.split}: only NYU v2's labelled file has splits; {root} is read as it is"
        )
    if not source.names:
        raise DepthbenchError(f"{root}: holds no frame; --from {kind} reads {what}")
    return source
