# SPDX-License-Identifier: Apache-2.0
"""Where a sweep is written to: the ending of a file says what it becomes, a folder gets every kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.image import write_png
from depthbench.formats.ply import write_ply
from depthbench.sweep.cloud import points
from depthbench.sweep.page import page
from depthbench.sweep.pictures import moving, still
from depthbench.sweep.run import Sweep
from depthbench.sweep.surfaces import fuse

ENDINGS = (".gif", ".png", ".html", ".ply")


def files_for(outs: Sequence[Path], calibrated: bool) -> list[Path]:
    """Return the files that ``--out`` asks for; a folder stands for ``sweep`` with every ending, points if calibrated.

    Raises
    ------
    DepthbenchError
        If an ending is none of :data:`ENDINGS`, or points are asked for without calibration.
    """
    files: list[Path] = []
    for out in outs:
        if out.is_dir() or not out.suffix:
            files += [out / f"sweep{ending}" for ending in ENDINGS if calibrated or ending != ".ply"]
        elif out.suffix.lower() not in ENDINGS:
            raise DepthbenchError(f"--out {out}: ends in {out.suffix}, not in one of {' '.join(ENDINGS)}")
        elif out.suffix.lower() == ".ply" and not calibrated:
            raise DepthbenchError(
                f"--out {out}: points need the camera: give --focal-px and --baseline-m, or --calib calib.txt"
            )
        else:
            files.append(out)
    return files


def write(sweep: Sweep, files: Sequence[Path], tolerance_px: float) -> list[str]:
    """Write the files; return a line about each.

    Points that are merged within ``tolerance_px`` carry ``c`` and ``layer``.
    """
    surfaces = fuse(sweep.disp_px, sweep.values, tolerance_px)
    told = []
    for path in files:
        match path.suffix.lower():
            case ".gif":
                write_bytes(path, moving(sweep))
            case ".png":
                write_png(path, still(sweep, surfaces, tolerance_px))
            case ".html":
                write_bytes(path, page(sweep).encode())
            case _:
                assert sweep.sample.rig is not None
                cloud = points(surfaces, sweep.sample.left, sweep.sample.rig)
                comments = [
                    f"depthbench sweep of {sweep.sample.id} by {sweep.model}, {len(sweep.values)} values of c",
                    "metres in the left camera's frame: x right, y down, z forward",
                    f"answers closer than {tolerance_px:g} px are one surface; layer 1 is the nearest",
                ]
                write_ply(path, {"vertex": cloud}, comments=comments)
                told.append(f"{path}  {len(cloud)} points")
                continue
        told.append(str(path))
    return told
