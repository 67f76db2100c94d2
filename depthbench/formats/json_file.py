# SPDX-License-Identifier: Apache-2.0
"""JSON records: strict (no bare NaN), stable key order as given, written atomically."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.limits import MOST_TEXT_BYTES, read_limited


def _plain(value: Any) -> Any:
    """Turn numpy scalars and arrays into plain Python and non-finite numbers into None (JSON has no NaN)."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value


def to_json(data: Any, indent: int | None = 2) -> str:
    """Serialise ``data``; NaN and infinities become null, numpy values become plain ones."""
    return json.dumps(_plain(data), indent=indent, allow_nan=False, ensure_ascii=False)


def write_json(path: str | Path, data: Any) -> None:
    """Write ``data`` to ``path`` atomically, see :func:`to_json`."""
    write_bytes(path, (to_json(data) + "\n").encode())


def read_json(path: str | Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    DepthbenchError
        If the file is absent, too large (:mod:`depthbench.formats.limits`) or is not JSON; the message names it.
    """
    data = read_limited(path, MOST_TEXT_BYTES, "JSON file")
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DepthbenchError(f"{path}: not valid JSON ({error})") from error
