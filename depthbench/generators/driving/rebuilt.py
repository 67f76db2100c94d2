# SPDX-License-Identifier: Apache-2.0
"""Stored frames of drives held against their streets, built again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from depthbench.generators.blender_check import require_blender
from depthbench.generators.driving.config import DrivingConfig
from depthbench.generators.engines.units import Unit
from depthbench.generators.rebuilt import differing

TASK = "depthbench.blender_scenes.driving.look_again:check_sequence"


def differing_frames(folder: Path, config: DrivingConfig, frames: Mapping[int, Sequence[int]]) -> list[str]:
    """Say which frames (sequence -> numbers) of a folder have another truth than their streets; pictures may be absent.

    Raises
    ------
    DepthbenchError
        If Blender is absent.
    """
    require_blender()
    units = [
        Unit(
            f"sequence-{sequence:06d}",
            TASK,
            {"config": config.to_json(), "folder": str(folder.resolve()), "sequence": sequence},
            tuple(some),
        )
        for sequence, some in frames.items()
    ]
    return differing(units, folder, sum(map(len, frames.values())))
