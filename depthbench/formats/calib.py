# SPDX-License-Identifier: Apache-2.0
"""calib.txt of Middlebury v3 and ETH3D two-view: ``key= value`` lines, with whatever spacing and line ends they come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from depthbench.camera import Intrinsics, StereoRig
from depthbench.errors import DepthbenchError
from depthbench.formats.limits import MOST_TEXT_BYTES, read_limited

_ENTRY = re.compile(r"^[ \t]*(\w+)[ \t]*=[ \t]*(\[[^\]]*\]|[^\r\n]*?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Calibration:
    """What a calib.txt says.

    Attributes
    ----------
    rig : StereoRig
        Focal length and principal point of cam0, baseline in metres, doffs in pixels.
    ndisp : int or None
        Upper bound of the disparities, in pixels of this resolution.
    integer_truth : bool
        ``isint``: the true disparities are whole numbers, and so predictions are rounded before they are scored.
    """

    rig: StereoRig
    ndisp: int | None
    integer_truth: bool


def read_calib(path: str | Path) -> Calibration:
    """Read a calib.txt; ``baseline`` is in millimetres there.

    Raises
    ------
    DepthbenchError
        If the file is absent, a needed key (cam0, width, height, baseline) is missing, or a value is not a number.
    """
    text = read_limited(path, MOST_TEXT_BYTES, "calib.txt").decode("ascii", errors="replace")
    entries = dict(_ENTRY.findall(text.replace("\r", "\n")))
    try:
        camera = [float(word) for word in entries["cam0"].strip("[]").replace(";", " ").split()]
        intrinsics = Intrinsics(
            int(entries["width"]), int(entries["height"]), camera[0], camera[4], camera[2], camera[5]
        )
        rig = StereoRig(intrinsics, float(entries["baseline"]) / 1000, float(entries.get("doffs", "0")))
        ndisp = int(float(entries["ndisp"])) if "ndisp" in entries else None
        return Calibration(rig, ndisp, entries.get("isint", "0") not in ("", "0"))
    except KeyError as error:
        raise DepthbenchError(f"{path}: no entry {error} in this calib.txt") from error
    except (ValueError, IndexError, OverflowError) as error:
        raise DepthbenchError(f"{path}: a value is not what a calib.txt holds ({error})") from error
