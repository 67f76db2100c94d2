# SPDX-License-Identifier: Apache-2.0
"""A worker's task: the street of a sequence built again, and the stored truth of its frames held against it."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.blender_scenes.built_scene import Clock
from depthbench.blender_scenes.driving.film import Filmed, quantised, stand
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.camera import Intrinsics
from depthbench.formats.grey_png import read_grey
from depthbench.formats.json_file import read_json
from depthbench.formats.pfm import read_pfm
from depthbench.generators.driving.config import DrivingConfig, FramePaths, paths

_LEAST_UNLIKE = 1e-6
"""Numbers of a record that differ by less are the same: other processors round otherwise."""


def check_sequence(job: dict[str, Any], context: WorkerContext) -> None:
    """Look at the frames ``items`` of a sequence again.

    The job has ``config``, ``sequence`` and ``folder``, where the frames' files lie but for their pictures. Tells ``checked`` of each:
    ``unlike`` is the share of pixels, or of numbers of the record, that are others.
    """
    config, sequence = DrivingConfig.from_json(job["config"]), int(job["sequence"])
    filmed = stand(config, sequence, Clock())
    for frame in job["items"]:
        context.send("begin", item=frame)
        files = paths(Path(job["folder"]), config, sequence, frame)
        context.send("checked", id=files.record.stem, unlike=_unlike(filmed, files, frame))
        context.send("end", item=frame)


def _unlike(filmed: Filmed, files: FramePaths, frame: int) -> dict[str, float]:
    depth_m, panoptic = filmed.truth(frame)
    found = {
        "depth": float((read_grey(files.depth, 16) != quantised(depth_m)).mean()),
        "the map of ids": float((read_grey(files.panoptic, 16) != panoptic).mean()),
    }
    if filmed.config.float_depth:
        found["exact depth"] = float((read_pfm(files.float_depth) != depth_m.astype(np.float32)).mean())
    record = read_json(files.record)
    made = {
        "the camera": (astuple(filmed.camera.intrinsics), filmed.pose(frame).ravel()),
        "the list of objects": [_numbers(one) for one in filmed.objects(frame)],
    }
    held = {
        "the camera": (astuple(Intrinsics(**record["intrinsics"])), np.ravel(record["cam_to_world"])),
        "the list of objects": [_numbers(one) for one in record["objects"]],
    }
    return found | {what: _share(held[what], made[what]) for what in made}


def _numbers(thing: dict[str, Any]) -> list[float]:
    return [thing["panoptic_id"], *thing["centre_m"], *thing["size_m"], thing["heading_deg"], thing["speed_m_s"]]


def _share(held: Any, made: Any) -> float:
    one, other = (np.concatenate([[], *map(np.ravel, both)], dtype=np.float64) for both in (held, made))
    return float((np.abs(one - other) > _LEAST_UNLIKE).mean()) if one.shape == other.shape else 1.0
