# SPDX-License-Identifier: Apache-2.0
"""Booster: ``balanced/<scene>/im0.png`` and ``unbalanced/...``, 16 bits, disparity * 64 at full size; either alone will do.

Source: the board's submission page (CVLAB-Unibo/booster-web, _layouts/submit.html). It has no mark for a hole, so none are taken.
Values are rounded to the nearest step; the page does not say how.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from depthbench.benchmarks.boards.board import Answer, Part
from depthbench.formats.image import encode_png

SCALE = 64


class BoosterBoard:
    """See :class:`.board.Board`."""

    parts = (
        Part({"split": "test", "setup": "balanced"}, 191),
        Part({"split": "test", "setup": "unbalanced"}, None),
    )
    wants_seconds = wants_method = takes_holes = False
    most_px = 65535 / SCALE

    def files(self, answer: Answer, method: str) -> Iterator[tuple[str, bytes]]:
        """Yield the map."""
        steps = np.clip(np.rint(answer.disp_px * SCALE), 0, 65535).astype(np.uint16)
        yield f"{answer.id}.png", encode_png(steps)
