# SPDX-License-Identifier: Apache-2.0
"""What a built scene offers to cameras: boxes of free air between the things, and points worth looking at."""

from __future__ import annotations

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.layers import SurfaceClass

Floats = npt.NDArray[np.float64]
_CELL_M = 0.1


def bounds(objects: list[bpy.types.Object]) -> Floats:
    """World bounding boxes of objects: float64 (n, 2, 3), low and high corner."""
    corners = np.array([thing.bound_box for thing in objects], dtype=np.float64).reshape(-1, 8, 3)
    to_world = np.array([thing.matrix_world for thing in objects], dtype=np.float64).reshape(-1, 4, 4)
    world = np.einsum("nij,nkj->nki", to_world[:, :3, :3], corners) + to_world[:, None, :3, 3]
    return np.stack([world.min(axis=1), world.max(axis=1)], axis=1)


def _largest_rectangle(free: npt.NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return (row, column, rows, columns) of the largest all-true rectangle; zero rows when there is none."""
    best, found = 0, (0, 0, 0, 0)
    tall = np.zeros(free.shape[1] + 1, dtype=int)
    for row in range(free.shape[0]):
        tall[:-1] = np.where(free[row], tall[:-1] + 1, 0)
        open_columns: list[tuple[int, int]] = []
        for column, height in enumerate(tall.tolist()):
            start = column
            while open_columns and open_columns[-1][1] >= height:
                start, rise = open_columns.pop()
                if rise * (column - start) > best:
                    best, found = rise * (column - start), (row - rise + 1, start, rise, column - start)
            open_columns.append((start, height))
    return found


def camera_boxes(
    boxes: Floats, floor: Floats, band_m: tuple[float, float], margin_m: float, above_m: float = 0.15, count: int = 12
) -> Floats:
    """Return up to ``count`` boxes (n, 2, 3) over the floor that keep a distance from every bounding box, largest first.

    Parameters
    ----------
    boxes : float64 (m, 2, 3)
        Bounding boxes of all things (:func:`bounds`).
    floor : float64 (2, 2)
        Low and high corner (x, y) of the ground to search.
    band_m : (low, high)
        Heights of the boxes. Things ``above_m`` under or over it do not count.
    margin_m : float
        Horizontal distance kept from what does count.
    """
    inside = floor[1] - floor[0]
    columns, rows = (max(1, int(extent / _CELL_M)) for extent in inside)
    edges = [floor[0, axis] + np.arange(n + 1) * _CELL_M for axis, n in enumerate((columns, rows))]
    free = np.ones((rows, columns), dtype=bool)
    for low, high in boxes[(boxes[:, 0, 2] < band_m[1] + above_m) & (boxes[:, 1, 2] > band_m[0] - above_m)]:
        hit = [(edges[axis][1:] > low[axis] - margin_m) & (edges[axis][:-1] < high[axis] + margin_m) for axis in (0, 1)]
        free &= ~(hit[1][:, None] & hit[0][None, :])
    found = []
    for _ in range(count):
        row, column, height, width = _largest_rectangle(free)
        if min(height, width) < 2:
            break
        free[row : row + height, column : column + width] = False
        found.append(
            [
                [edges[0][column], edges[1][row], band_m[0]],
                [edges[0][column + width], edges[1][row + height], band_m[1]],
            ]
        )
    return np.array(found, dtype=np.float64).reshape(-1, 2, 3)


def see_through_objects() -> list[bpy.types.Object]:
    """Return the current scene's objects that can be seen through, by their material's class."""
    return [
        thing
        for thing in bpy.context.scene.objects
        if thing.type == "MESH"
        and thing.material_slots
        and thing.material_slots[0].material.get("depthbench_class", 0) >= SurfaceClass.TRANSMISSIVE
    ]


def thinned(points: Floats, cell_m: float, per_cell: int = 4) -> Floats:
    """Keep at most ``per_cell`` points (n, 3) of each square of the ground, so that a shelf full of bottles does not draw all eyes."""
    cell = np.floor(points[:, :2] / cell_m).astype(int)
    _, number = np.unique(cell, axis=0, return_inverse=True)
    order = np.argsort(number.ravel(), kind="stable")
    sorted_number = number.ravel()[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_number, sorted_number)
    step = np.maximum(1, np.bincount(sorted_number)[sorted_number] // per_cell)
    return points[np.sort(order[(rank % step == 0) & (rank < step * per_cell)])]
