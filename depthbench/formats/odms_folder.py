# SPDX-License-Identifier: Apache-2.0
"""Examples of the ODMS sets as their authors publish them: a folder of mask PNGs (0 and 255) per object.

Two ways of telling where the camera was:

- ``<distance in micrometres>.png``: the file's name is the depth of the object, which is all there is to tell;
- ``<frame number>.png`` with ``info.txt``: a heading, then ``camera_move(m) depth(m)`` per frame in the files' order, which
  is the order of time, far to near. Objects may move, so depth is told frame by frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.grey_png import read_grey
from depthbench.formats.image import write_png

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

INFO = "info.txt"
_HEADING = "camera_move(m) depth(m)"
_PER_METRE = 1_000_000


@dataclass(frozen=True, eq=False)
class Clip:
    """The frames of one object, final pose first, then backwards in time.

    Attributes
    ----------
    name : str
    behind_m : float64 (n,)
        How far the camera stood behind a common origin on its optical axis; what counts are differences.
    depth_m : float64 (n,)
        Depth of the object at each frame.
    read : callable
        Frame -> mask, bool (H, W).
    files : tuple of Path
        All files that the clip lies in.
    """

    name: str
    behind_m: Floats
    depth_m: Floats
    read: Callable[[int], Mask]
    files: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.behind_m)


def read_mask(path: Path) -> Mask:
    """Read a mask PNG: bool (H, W), True where a pixel is not 0.

    Raises
    ------
    DepthbenchError
        If the file is absent, damaged, or not of one channel of 8 bits.
    """
    mask: Mask = read_grey(path, 8) > 0
    return mask


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    """Return the folder's PNGs by the numbers that they are called."""
    found = []
    for path in folder.glob("*.png"):
        if not path.stem.isdigit():
            raise DepthbenchError(f"{path}: the masks of ODMS are called by numbers, such as 364000.png")
        found.append((int(path.stem), path))
    return sorted(found)


def _read_info(path: Path, frames: int) -> tuple[Floats, Floats]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
    except (OSError, UnicodeDecodeError) as error:
        raise DepthbenchError(f"{path}: cannot be read ({error})") from error
    try:
        rows = [tuple(map(float, line.split())) for line in lines if line.strip()]
        moves, depths = (np.array(column) for column in zip(*rows, strict=True))
    except ValueError as error:
        raise DepthbenchError(f"{path}: a line is not '{_HEADING}' in numbers") from error
    if len(moves) != frames:
        raise DepthbenchError(
            f"{path}: tells of {len(moves)} frames, and {frames} masks lie beside it; fetch both again"
        )
    return moves, depths


def read_clip(folder: Path) -> Clip:
    """Read an example's numbers; masks are read when they are asked for.

    Raises
    ------
    DepthbenchError
        If ``info.txt`` does not fit the masks, or a file is not called as it must be.
    """
    paths = [path for _, path in _numbered(folder)]
    info = folder / INFO
    if info.exists():
        moves, depths = (values[::-1] for values in _read_info(info, len(paths)))
        paths.reverse()
        files = (*paths, info)
    else:
        depths = np.array([int(path.stem) / _PER_METRE for path in paths])
        moves, files = depths, tuple(paths)
    return Clip(folder.name, moves, depths, lambda index: read_mask(paths[index]), files)


def write_example(folder: Path, masks: Sequence[Mask], depth_m: Iterable[float]) -> None:
    """Write an example of a still object, named by distance.

    Parameters
    ----------
    masks : sequence of bool (H, W)
    depth_m : iterable of float
        Depth of the object at each mask; kept to a micrometre.

    Raises
    ------
    DepthbenchError
        If two masks are of one distance, to the micrometre.
    """
    names = [round(depth * _PER_METRE) for depth in depth_m]
    if len(set(names)) < len(names):
        raise DepthbenchError(f"{folder}: two masks of one distance cannot both be written")
    for name, mask in zip(names, masks, strict=True):
        write_png(folder / f"{name}.png", np.where(mask, np.uint8(255), np.uint8(0)))


def write_timed_example(
    folder: Path, masks: Sequence[Mask], behind_m: Iterable[float], depth_m: Iterable[float]
) -> None:
    """Write an example with its numbers in ``info.txt``; masks in order of time, the final pose last."""
    lines = [_HEADING]
    for number, (mask, move, depth) in enumerate(zip(masks, behind_m, depth_m, strict=True)):
        write_png(folder / f"{number:06d}.png", np.where(mask, np.uint8(255), np.uint8(0)))
        lines.append(f"{move:.12g} {depth:.12g}")
    write_bytes(folder / INFO, ("\n".join(lines) + "\n").encode())
