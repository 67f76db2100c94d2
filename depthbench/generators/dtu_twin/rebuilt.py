# SPDX-License-Identifier: Apache-2.0
"""Stored truth of synthetic scans held against their tables, built again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from depthbench.generators.blender_check import require_blender
from depthbench.generators.dtu_twin.config import DtuTwinConfig
from depthbench.generators.engines.units import Unit
from depthbench.generators.rebuilt import differing

TASK = "depthbench.blender_scenes.dtu_look_again:check_scan"


def differing_views(folder: Path, config: DtuTwinConfig, scans: Mapping[int, Mapping[int | str, str]]) -> list[str]:
    """Say which views and references of a folder have another truth than their tables.

    Parameters
    ----------
    folder : Path
        Raw depth maps and the reference's files; no pictures.
    config : DtuTwinConfig
    scans : mapping
        Scan -> item (a view's number, or ``reference``) -> what it is called in the answer.

    Raises
    ------
    DepthbenchError
        If Blender is absent.
    """
    require_blender()
    job = {"config": config.to_json(), "folder": str(folder.resolve())}
    units = [
        Unit(
            f"scan{scan:04d}",
            TASK,
            {**job, "scan": scan, "ids": {str(item): name for item, name in items.items()}},
            tuple(items),
        )
        for scan, items in scans.items()
    ]
    return differing(units, folder, sum(map(len, scans.values())))
