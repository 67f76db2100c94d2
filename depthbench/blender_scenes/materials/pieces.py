# SPDX-License-Identifier: Apache-2.0
"""A plane laid with rectangular pieces and joints: planks, bricks, tiles, paving slabs."""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.blender_scenes.nodes import Shader, Socket


@dataclass(frozen=True)
class Pieces:
    """What a laid plane offers to a material; every field is a socket.

    Attributes
    ----------
    joint : 1 in the joint, 0 on the piece, smooth between.
    edge_m : distance to the middle of the nearest joint, metres.
    number, colour : a random number and a random colour triple in [0, 1], one per piece.
    column, row : integer place of the piece.
    """

    joint: Socket
    edge_m: Socket
    number: Socket
    colour: Socket
    column: Socket
    row: Socket


def lay(
    shader: Shader, plane: Socket, width_m: float, height_m: float, joint_m: float, soft_m: float, shift: float | None
) -> Pieces:
    """Lay pieces of ``width_m`` x ``height_m`` (joint included) on (u, v, 0) coordinates in metres.

    ``shift`` moves each row by this fraction of a piece against the one below; None moves each row at random.
    """
    u, v, _ = shader.split(plane)
    across, up = shader.math("DIVIDE", u, width_m), shader.math("DIVIDE", v, height_m)
    row = shader.math("FLOOR", up)
    if shift is None:
        moved, _ = shader.hashed(shader.combine(row, 7.0, 0.0))
    else:
        moved = shader.math("MULTIPLY", row, shift)
    across = shader.math("ADD", across, moved)
    column = shader.math("FLOOR", across)

    def to_edge(place: Socket, size_m: float) -> Socket:
        centred = shader.math("ABSOLUTE", shader.math("SUBTRACT", shader.math("FRACT", place), 0.5))
        return shader.math("MULTIPLY", shader.math("SUBTRACT", 0.5, centred), size_m)

    edge = shader.math("SMOOTH_MIN", to_edge(across, width_m), to_edge(up, height_m), soft_m)
    joint = shader.remap(edge, joint_m / 2, joint_m / 2 + soft_m, 1.0, 0.0)
    number, colour = shader.hashed(shader.combine(column, row, 0.0))
    return Pieces(joint, edge, number, colour, column, row)
