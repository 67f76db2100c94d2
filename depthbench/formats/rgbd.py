# SPDX-License-Identifier: Apache-2.0
"""Pictures with measured depth: one frame, and where frames lie in the layouts of public sets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")


@dataclass(frozen=True, eq=False)
class RgbdFrame:
    """A picture and its depth at the same pixels.

    Attributes
    ----------
    id : str
        Unique in its source.
    image : uint8 (H, W, 3)
    depth_m : float32 (H, W)
        Planar z, NaN = hole, +inf = sky.
    intrinsics : Intrinsics or None
    filled_m : float32 (H, W) or None
        Depth whose holes the source's authors filled.
    """

    id: str
    image: npt.NDArray[np.uint8]
    depth_m: npt.NDArray[np.float32]
    intrinsics: Intrinsics | None = None
    filled_m: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True)
class FramePlace:
    """Where a frame lies in files of its own.

    Attributes
    ----------
    id : str
    image, depth : Path
    """

    id: str
    image: Path
    depth: Path


def same_size(image: npt.NDArray[np.uint8], depth_m: npt.NDArray[np.float32], image_at: Path, depth_at: Path) -> None:
    """Refuse a picture and a depth map of different sizes.

    Raises
    ------
    DepthbenchError
        Naming both files and sizes.
    """
    if image.shape[:2] != depth_m.shape:
        picture, depth = (f"{shape[1]}x{shape[0]}" for shape in (image.shape, depth_m.shape))
        raise DepthbenchError(
            f"{depth_at}: depth of {depth} for a picture of {picture} ({image_at.name}); depth must be registered to the picture"
        )


def tum_places(root: Path, most_apart_s: float = 0.02) -> list[FramePlace]:
    """List the frames of a TUM RGB-D sequence: ``rgb.txt`` and ``depth.txt`` list times and files; the nearest in time belong together.

    Raises
    ------
    DepthbenchError
        If a list is not there or holds something else.
    """
    pictures, depths = (_times(root / f"{kind}.txt") for kind in ("rgb", "depth"))
    times = np.array([time for time, _ in depths])
    places = []
    for time, name in pictures:
        nearest = int(np.abs(times - time).argmin())
        if abs(times[nearest] - time) <= most_apart_s:
            places.append(FramePlace(Path(name).stem, root / name, root / depths[nearest][1]))
    return places


def _times(path: Path) -> list[tuple[float, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
        found = [(float(row[0]), row[1]) for row in rows]
    except FileNotFoundError as error:
        raise DepthbenchError(f"{path}: not there; a TUM RGB-D sequence has rgb.txt and depth.txt") from error
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise DepthbenchError(f"{path}: not lines of a time and a file name ({error})") from error
    if not found:
        raise DepthbenchError(f"{path}: lists no file")
    return found


def bts_places(root: Path) -> list[FramePlace]:
    """List frames as BTS lays out NYU v2: ``<scene>/rgb_00045.jpg`` beside ``<scene>/sync_depth_00045.png``."""
    found = []
    for image in sorted(root.rglob("rgb_*.jpg")) + sorted(root.rglob("rgb_*.png")):
        depth = image.with_name(f"sync_depth_{image.stem.removeprefix('rgb_')}.png")
        name = image.relative_to(root).with_suffix("").as_posix()
        found.append(FramePlace(name, image, depth))
    return found


IMAGE_FOLDERS = ("rgb", "color", "image", "images", "lowres_wide")
DEPTH_FOLDERS = ("depth", "lowres_depth")
DEPTH_SUFFIXES = (".pfm", ".npy", ".png")


def folder_places(root: Path) -> list[FramePlace]:
    """List frames of a plain folder, in the order of their names.

    ``rgb/`` (or color, image, images, lowres_wide) and ``depth/`` (or lowres_depth) with as many files, of the same names, or else
    (time stamps, say) belonging together in order; or side by side ``NAME.jpg`` and ``NAME_depth.png``, or ``color_NAME.jpg`` and
    ``depth_NAME.png``. Depth is .png, .pfm or .npy.

    Raises
    ------
    DepthbenchError
        If the two folders hold different numbers of files, or only some of them have the same names.
    """
    images = next((root / name for name in IMAGE_FOLDERS if (root / name).is_dir()), None)
    depths = next((root / name for name in DEPTH_FOLDERS if (root / name).is_dir()), None)
    if images and depths:
        pictures = sorted(path for path in images.iterdir() if path.suffix.lower() in PICTURES)
        maps = sorted(path for path in depths.iterdir() if path.suffix.lower() in DEPTH_SUFFIXES)
        if len(pictures) != len(maps):
            raise DepthbenchError(
                f"{root}: {len(pictures)} pictures in {images.name}/, {len(maps)} depth maps in {depths.name}/"
            )
        by_name = {path.stem: path for path in maps}
        lacking = [path for path in pictures if path.stem not in by_name]
        if 0 < len(lacking) < len(pictures):
            raise DepthbenchError(f"{lacking[0]}: has no depth map of its name in {depths.name}/, as others have")
        if not lacking:
            maps = [by_name[path.stem] for path in pictures]
        return [FramePlace(image.stem, image, depth) for image, depth in zip(pictures, maps, strict=True)]
    found = []
    for image in sorted(path for path in root.iterdir() if path.suffix.lower() in PICTURES):
        stem = image.stem
        if stem.startswith("depth_") or stem.endswith("_depth"):
            continue
        name = next(
            (stem.removeprefix(f"{kind}_") for kind in ("color", "rgb", "image") if stem.startswith(f"{kind}_")), stem
        )
        others = [
            image.with_name(other + suffix) for other in (f"{stem}_depth", f"depth_{name}") for suffix in DEPTH_SUFFIXES
        ]
        found.append(FramePlace(name, image, next((path for path in others if path.is_file()), others[0])))
    return found
