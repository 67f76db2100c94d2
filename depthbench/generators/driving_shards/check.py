# SPDX-License-Identifier: Apache-2.0
"""Checks prepared driving frames: targets are made again of the stored depth and instances, and must be the stored ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthbench.errors import DepthbenchError
from depthbench.formats.driving_shard import DrivingRecord
from depthbench.formats.image import decode_rgb
from depthbench.formats.json_file import write_json
from depthbench.generators.driving_shards.folder import DrivingFolder, read_target_config
from depthbench.generators.driving_shards.prepare import TargetConfig
from depthbench.generators.membership.levels import membership_targets
from depthbench.generators.membership.packing import pack_map
from depthbench.generators.run_files import now

VERIFY_FILE = "verify.json"


def verify_frames(folder: Path) -> tuple[int, list[str]]:
    """Check every frame of a folder; write ``verify.json``.

    Returns
    -------
    int
        Frames read.
    list of str
        What is wrong, a line each.
    """
    frames, config = DrivingFolder(folder), read_target_config(folder)
    problems = []
    if len(set(frames.ids)) < len(frames):
        problems.append("ids are not unique")
    for index, name in enumerate(frames.ids):
        try:
            fault = _fault(frames.record(index), config)
        except DepthbenchError as error:
            fault = str(error)
        if fault:
            problems.append(f"{name}: {fault}")
    write_json(folder / VERIFY_FILE, {"time": now(), "ok": not problems, "samples": len(frames), "problems": problems})
    return len(frames), problems


def _fault(record: DrivingRecord, config: TargetConfig) -> str:
    """Return what is wrong with a frame, or nothing."""
    shape = decode_rgb(record.image, record.id).shape[:2]
    if not shape == record.depth.shape == record.instance.shape:
        return f"the picture is {shape}, depth {record.depth.shape}, instances {record.instance.shape}"
    if record.instance.size and record.instance.max() > len(record.instance_ids):
        return f"row {record.instance.max()} of {len(record.instance_ids)} instances"
    depth_m = np.where(record.depth > 0, record.depth / np.float32(256), np.float32(np.nan))
    ids = np.append(0, record.instance_ids)[record.instance]
    made = membership_targets(
        ids, depth_m, config.strides, config.fuzziness, config.sparse, without_depth=config.without_depth
    )
    found = made.instances
    for what, stored, anew in (
        ("instances", record.instance_ids, found.ids),
        ("median depths", record.centroid_m, found.centroid_m),
        ("areas", record.area, found.area),
    ):
        if not np.array_equal(stored, anew, equal_nan=what == "median depths"):
            return f"the {what} are not those of the stored maps"
    for stride, level in made.levels.items():
        kept, packed = record.levels.get(stride), pack_map(level)
        # of values that are rounded to the next step; another processor may round a tie otherwise
        if kept is None or kept.shape != packed.shape or np.abs(kept.astype(int) - packed).max(initial=0) > 1:
            return f"the targets at stride {stride} are not those of the stored maps"
    return ""
