# SPDX-License-Identifier: Apache-2.0
"""Boards with rectangular holes as one closed mesh: walls, window frames, door frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from depthbench.blender_scenes.mesh import Mesh

Hole = tuple[float, float, float, float]
"""(left, right, lower, upper) in metres."""


def slab(width_m: float, height_m: float, thickness_m: float, holes: Sequence[Hole] = ()) -> Mesh:
    """Return an upright board with rectangular holes, closed: centred in x, standing on z = 0, front y = 0 facing -y.

    Parameters
    ----------
    width_m, height_m, thickness_m : float
        Extent along x, z and y.
    holes : sequence of (left, right, lower, upper)
        May reach the board's edge, which opens it, but may not overlap one another.
    """
    cuts_x = np.unique(np.round([-width_m / 2, width_m / 2] + [x for hole in holes for x in hole[:2]], 9))
    cuts_z = np.unique(np.round([0.0, height_m] + [z for hole in holes for z in hole[2:]], 9))
    middle_x, middle_z = (cuts_x[1:] + cuts_x[:-1]) / 2, (cuts_z[1:] + cuts_z[:-1]) / 2
    solid = np.ones((len(middle_z), len(middle_x)), dtype=bool)
    for left, right, lower, upper in holes:
        inside = (middle_x > left) & (middle_x < right)
        solid &= ~(inside[None, :] & ((middle_z > lower) & (middle_z < upper))[:, None])
    x, z = np.meshgrid(cuts_x, cuts_z)
    front = np.stack([x, np.zeros_like(x), z], axis=-1).reshape(-1, 3)
    vertices = np.concatenate([front, front + np.array([0.0, thickness_m, 0.0])])
    number = np.arange(x.size).reshape(x.shape)
    back = x.size
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]
    padded = np.pad(solid, 1)
    faces = [np.stack([a, b, c, d], -1)[solid], np.stack([a, d, c, b], -1)[solid] + back]
    for neighbour, start, end in (
        (padded[:-2, 1:-1], b, a),
        (padded[2:, 1:-1], d, c),
        (padded[1:-1, :-2], a, d),
        (padded[1:-1, 2:], c, b),
    ):
        faces.append(np.stack([start, end, end + back, start + back], -1)[solid & ~neighbour])
    used, renumbered = np.unique(np.concatenate(faces), return_inverse=True)
    return Mesh(vertices[used], (renumbered.reshape(-1, 4),))


def lying(width_m: float, length_m: float, thickness_m: float) -> Mesh:
    """Return a closed board lying on z = 0, centred, its faces cut across the middle.

    Boards that lie askew on one another then have a corner where they touch, however their outer corners stick out.
    """
    cross = (0.0, 0.0, length_m / 2, length_m / 2)
    board = slab(width_m, length_m, thickness_m, [cross]).rotated("x", -90.0)
    return board.moved(y=-length_m / 2, z=thickness_m)
