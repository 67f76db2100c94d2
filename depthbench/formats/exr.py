# SPDX-License-Identifier: Apache-2.0
"""One channel of an OpenEXR picture, where the extra ``[render]`` is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.formats.limits import check_pixels


def read_exr_channel(path: str | Path, channel: str) -> npt.NDArray[np.float32]:
    """Read a channel (R, V, ...) as float32 (H, W), top row first; half floats are widened.

    Raises
    ------
    DepthbenchError
        If the file is absent, damaged, or has no such channel; the message names it.
    MissingExtraError
        If OpenEXR is not installed.
    """
    try:
        import OpenEXR
    except ImportError as error:
        raise MissingExtraError("OpenEXR", "render", "reading .exr files") from error
    if not Path(path).is_file():
        raise DepthbenchError(f"{path}: no such file")
    try:
        with OpenEXR.File(str(path), header_only=True) as file:
            low, high = file.header()["dataWindow"]
            check_pixels(int(high[0]) - int(low[0]) + 1, int(high[1]) - int(low[1]) + 1, path)
        with OpenEXR.File(str(path), separate_channels=True) as file:
            channels = file.channels()
            if channel not in channels:
                raise DepthbenchError(f"{path}: has no channel {channel}, but {', '.join(sorted(channels))}")
            return np.asarray(channels[channel].pixels).astype(np.float32)
    except DepthbenchError:
        raise
    except Exception as error:  # a damaged file can raise anything
        raise DepthbenchError(f"{path}: not a readable OpenEXR file ({error})") from error
