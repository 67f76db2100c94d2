# SPDX-License-Identifier: Apache-2.0
"""Where a camera was at each mask, as text: a line per mask in order of time, ``name z`` or ``name x y z``.

``name`` is the mask's file, with or without suffix; ``z`` is along the optical axis, forward positive, from any origin and in any
unit; ``x`` and ``y`` are across it. Numbers are parted by blanks or commas; what follows ``#`` is a comment.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from depthbench.errors import DepthbenchError

_PAUSE_S = 0.02


@dataclass(frozen=True)
class CameraPosition:
    """One line.

    Attributes
    ----------
    name : str
        The mask's.
    z : float
        Along the optical axis, forward positive.
    across : (float, float)
        x and y; (0, 0) where they are not told.
    """

    name: str
    z: float
    across: tuple[float, float] = (0.0, 0.0)


def parse_position(line: str, where: str) -> CameraPosition | None:
    """Read one line; None where there is nothing but a comment.

    Raises
    ------
    DepthbenchError
        If it is not a name with one or three finite numbers; ``where`` is told.
    """
    words = line.partition("#")[0].replace(",", " ").split()
    if not words:
        return None
    name, *rest = words
    try:
        numbers = [float(word) for word in rest]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 3) or not all(map(math.isfinite, numbers)):
        raise DepthbenchError(f"{where}: '{line.strip()}' is not 'name z' or 'name x y z' in numbers")
    across = (numbers[0], numbers[1]) if len(numbers) == 3 else (0.0, 0.0)
    return CameraPosition(name, numbers[-1], across)


def read_positions(path: Path, follow: bool = False) -> Iterator[CameraPosition]:
    """Yield a file's positions, line by line; with ``follow`` wait for lines to come, until interrupted.

    Raises
    ------
    DepthbenchError
        If the file cannot be read, or a line is not a position; the message names the line.
    """
    try:
        with open(path, encoding="utf-8") as file:
            number, begun = 0, ""
            while True:
                begun += file.readline()
                if begun.endswith("\n") or (begun and not follow):
                    number += 1
                    position = parse_position(begun, f"{path}, line {number}")
                    begun = ""
                    if position:
                        yield position
                elif follow:
                    time.sleep(_PAUSE_S)
                else:
                    return
    except (OSError, UnicodeDecodeError) as error:
        raise DepthbenchError(f"{path}: cannot be read ({error})") from error
