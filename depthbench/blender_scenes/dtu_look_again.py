# SPDX-License-Identifier: Apache-2.0
"""A worker's task: the table of a scan built again, and its stored truth held against it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from depthbench.blender_scenes.dtu_scene import Scan, stand
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.formats.dtu_folder import DtuFolder
from depthbench.formats.dtu_observed import read_observed
from depthbench.formats.pfm import read_pfm
from depthbench.formats.ply import columns_of, read_ply
from depthbench.generators.dtu_twin import arc, reference
from depthbench.generators.dtu_twin.config import DtuTwinConfig
from depthbench.generators.dtu_twin.files import REFERENCE, reference_files


def check_scan(job: dict[str, Any], context: WorkerContext) -> None:
    """Look at ``items`` of a scan again: numbers of views, and ``reference``.

    The job has ``config``, ``scan`` and ``folder``, where raw depth maps and the reference's files lie. Tells ``checked`` of each: ``unlike`` is
    the share of pixels, points or voxels that are others.
    """
    config, root, number = DtuTwinConfig.from_json(job["config"]), Path(job["folder"]), int(job["scan"])
    scan = stand(config, number)
    for item in job["items"]:
        context.send("begin", item=item)
        if item == REFERENCE:
            unlike = _unlike_reference(scan, root)
        else:
            held, made = read_pfm(DtuFolder(root, "raw").depth_path(number, int(item))), scan.depth_mm(int(item))
            unlike = {"depth": float((held != made).mean()) if held.shape == made.shape else 1.0}
        context.send("checked", id=job["ids"][str(item)], unlike=unlike)
        context.send("end", item=item)


def _unlike_reference(scan: Scan, root: Path) -> dict[str, float]:
    cloud, mask, plane = reference_files(root, scan.number)
    held = columns_of(read_ply(cloud, ["vertex"])["vertex"], "x", "y", "z").astype(np.float32)
    points = scan.reference_mm()
    camera = arc.intrinsics(scan.config.scale, training=False)
    seen = ((camera, pose, scan.depth_mm(view)) for view, pose in enumerate(scan.poses))
    made, stored = reference.observed_space(points, seen), read_observed(mask, plane)
    same_box = made.mask.shape == stored.mask.shape and np.array_equal(made.box_mm, stored.box_mm)
    return {
        "the reference cloud": _share(held, points.astype(np.float32)),
        "the observed space": float((made.mask != stored.mask).mean()) if same_box else 1.0,
        "the plane": float((made.plane != stored.plane).mean()),
    }


def _share(held: Any, made: Any) -> float:
    """Share of points that only one cloud has."""
    if np.array_equal(held, made):
        return 0.0
    one, other = ({point.tobytes() for point in cloud} for cloud in (held, made))
    return len(one ^ other) / max(len(one | other), 1)
