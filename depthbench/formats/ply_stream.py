# SPDX-License-Identifier: Apache-2.0
"""Coloured points into a binary PLY file as they come, whatever their number will be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from depthbench.formats.atomic import write_aside

_ROW = np.dtype([("xyz", "<f4", 3), ("rgb", "u1", 3)])
_COUNT_WIDTH = 20


class PointStream:
    """Takes points; :attr:`count` is how many it has had."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle, self.count = handle, 0

    def write(self, points: npt.NDArray[Any], rgb: npt.NDArray[np.uint8]) -> None:
        """Append points float (n, 3) with colours uint8 (n, 3)."""
        rows = np.empty(len(points), _ROW)
        rows["xyz"], rows["rgb"] = points, rgb
        self._handle.write(rows.tobytes())
        self.count += len(points)


@contextmanager
def point_stream(path: str | Path, comments: Sequence[str] = ()) -> Iterator[PointStream]:
    """Yield what takes the points of a file; it appears under its name when the block ends without an error."""
    with write_aside(path) as temporary, open(temporary, "wb") as handle:
        handle.write(_header(0, comments))
        stream = PointStream(handle)
        yield stream
        handle.seek(0)
        handle.write(_header(stream.count, comments))


def _header(count: int, comments: Sequence[str]) -> bytes:
    """Return the header, of the same length for any count."""
    lines = ["ply", "format binary_little_endian 1.0", *(f"comment {comment}" for comment in comments)]
    # what makes up for missing digits stands in a comment: not every reader takes spaces or zeros around a number
    lines += [f"comment {'.' * (_COUNT_WIDTH - len(str(count)))}", f"element vertex {count}"]
    lines += [f"property float {name}" for name in "xyz"]
    lines += [f"property uchar {name}" for name in ("red", "green", "blue")]
    return "\n".join([*lines, "end_header", ""]).encode("ascii", errors="replace")
