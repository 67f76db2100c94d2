# SPDX-License-Identifier: Apache-2.0
"""A coloured cloud of points as a picture: every point a square, the nearest on top."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.formats.ply import read_ply

BACKGROUND = 255
MOST_POINTS = 4_000_000


def read_coloured(path: Path) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    """Read points (N, 3) and colours (N, 3) of a PLY file that a fusion wrote; evenly fewer of very many."""
    vertices = read_ply(path, ["vertex"])["vertex"]
    vertices = vertices[:: max(1, len(vertices) // MOST_POINTS)]
    points = np.stack([vertices[name] for name in "xyz"], axis=1).astype(np.float32)
    return points, np.stack([vertices[name] for name in ("red", "green", "blue")], axis=1)


def turned(world_to_cam: npt.NDArray[Any], pivot: npt.NDArray[Any], degrees: float, up_degrees: float) -> Any:
    """Return a camera (4, 4) carried about a point of the world to its side (right is positive) and upwards, looking at it as before."""
    a, b = np.radians([degrees, up_degrees])
    side = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    over = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    turn = over @ side
    centre = world_to_cam[:3, :3] @ pivot + world_to_cam[:3, 3]
    made = np.eye(4)
    made[:3, :3] = turn @ world_to_cam[:3, :3]
    made[:3, 3] = turn @ (world_to_cam[:3, 3] - centre) + centre
    return made


def draw_cloud(
    points: npt.NDArray[Any],
    colours: npt.NDArray[np.uint8],
    intrinsics: npt.NDArray[Any],
    world_to_cam: npt.NDArray[Any],
    size: tuple[int, int],
    square: int = 2,
) -> npt.NDArray[np.uint8]:
    """Return the cloud as a camera sees it, uint8 (H, W, 3), white where nothing is.

    Parameters
    ----------
    points : (N, 3)
    colours : uint8 (N, 3)
    intrinsics, world_to_cam
        The camera; K in pixels of the picture.
    size : (width, height)
    square : int
        Pixels along the side of a point.
    """
    width, height = size
    seen = points.astype(np.float64) @ world_to_cam[:3, :3].T + world_to_cam[:3, 3]
    before = seen[:, 2] > 1e-9
    seen, colours = seen[before], colours[before]
    order = np.argsort(-seen[:, 2], kind="stable")
    seen, colours = seen[order], colours[order]
    x, y = (
        np.floor(intrinsics[axis, axis] * seen[:, axis] / seen[:, 2] + intrinsics[axis, 2] - (square - 2) / 2)
        for axis in (0, 1)
    )
    picture = np.full((height, width, 3), BACKGROUND, np.uint8)
    nearest = np.full((height, width), -1, np.int64)
    for down in range(square):
        for right in range(square):
            u, v = x + right, y + down
            inside = np.flatnonzero((u >= 0) & (v >= 0) & (u < width) & (v < height))
            # far to near: of points that share a pixel, the last one stays
            rows, columns = v[inside].astype(np.intp), u[inside].astype(np.intp)
            top = np.full((height, width), -1, np.int64)
            top[rows, columns] = inside
            nearest = np.maximum(nearest, top)
    drawn = nearest >= 0
    picture[drawn] = colours[nearest[drawn]]
    return picture
