# SPDX-License-Identifier: Apache-2.0
"""KITTI 2015 stereo: ``disp_0/000000_10.png``, 16 bits, disparity * 256, at least 1; 0 = hole, which the server fills.

Source: the devkit's writer (:mod:`depthbench.formats.kitti_png`), and public writers of such archives for the folder's name.
"""

from __future__ import annotations

from collections.abc import Iterator

from depthbench.benchmarks.boards.board import Answer, Part
from depthbench.formats.image import encode_png
from depthbench.formats.kitti_png import LARGEST_PX, kitti_values


class Kitti2015Board:
    """See :class:`.board.Board`."""

    parts = (Part({"split": "testing"}, 200),)
    wants_seconds = wants_method = False
    takes_holes = True
    most_px = LARGEST_PX

    def files(self, answer: Answer, method: str) -> Iterator[tuple[str, bytes]]:
        """Yield the map."""
        yield f"disp_0/{answer.id}.png", encode_png(kitti_values(answer.disp_px))
