# SPDX-License-Identifier: Apache-2.0
"""Middlebury v3: ``trainingH/<scene>/disp0NAME.pfm`` and ``timeNAME.txt``, and the same of ``testH``.

Source: vision.middlebury.edu/stereo/submit3/upload-format.html. Files of dense results are called so; with holes (+inf)
they are ``disp0NAME_s.pfm``. The time is one number, in seconds. Results of training scenes may come alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from depthbench.benchmarks.boards.board import Answer, Part
from depthbench.benchmarks.sets.middlebury_v3 import OFFICIAL_SCENES, MiddleburyV3
from depthbench.formats.pfm import encode_pfm, holes_as_inf


class MiddleburyBoard:
    """See :class:`.board.Board`."""

    parts = (Part({"split": "training"}, OFFICIAL_SCENES), Part({"split": "test"}, OFFICIAL_SCENES))
    wants_seconds = wants_method = takes_holes = True
    most_px = math.inf

    def files(self, answer: Answer, method: str) -> Iterator[tuple[str, bytes]]:
        """Yield the map and the time."""
        assert isinstance(answer.opened, MiddleburyV3)
        folder = f"{answer.opened.split}{answer.opened.images}/{answer.id}"
        yield f"{folder}/disp0{method}{'' if answer.dense else '_s'}.pfm", encode_pfm(holes_as_inf(answer.disp_px))
        yield f"{folder}/time{method}.txt", f"{answer.seconds:.6g}".encode()
