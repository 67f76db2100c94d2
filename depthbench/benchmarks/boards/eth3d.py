# SPDX-License-Identifier: Apache-2.0
"""ETH3D low-resolution two-view: ``low_res_two_view/<scene>.pfm`` and ``<scene>.txt`` with the line ``runtime SECONDS``.

Source: public writers of such archives (naver/croco, stereoflow/datasets_stereo.py, and others that agree with it). Holes are
+inf. Training and test scenes lie in one folder.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from depthbench.benchmarks.boards.board import Answer, Part
from depthbench.formats.pfm import encode_pfm, holes_as_inf


class Eth3dBoard:
    """See :class:`.board.Board`."""

    parts = (Part({"split": "training"}, 27), Part({"split": "test"}, 20))
    wants_seconds = takes_holes = True
    wants_method = False
    most_px = math.inf

    def files(self, answer: Answer, method: str) -> Iterator[tuple[str, bytes]]:
        """Yield the map and the time."""
        yield f"low_res_two_view/{answer.id}.pfm", encode_pfm(holes_as_inf(answer.disp_px))
        yield f"low_res_two_view/{answer.id}.txt", f"runtime {answer.seconds:.6g}".encode()
