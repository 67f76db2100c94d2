# SPDX-License-Identifier: Apache-2.0
"""TOML files, of a size that a person writes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError
from depthbench.formats.limits import read_limited

MOST_TOML_BYTES = 4 * 2**20


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    DepthbenchError
        If the file is absent, larger than :data:`MOST_TOML_BYTES`, or is not TOML; the message names it.
    """
    data = read_limited(path, MOST_TOML_BYTES, "TOML file")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DepthbenchError(f"{path}: not valid TOML ({error})") from error
