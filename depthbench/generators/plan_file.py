# SPDX-License-Identifier: Apache-2.0
"""``plan.jsonl``: every scene configuration of a layered folder, one JSON object per line, before anything is rendered.

A line tells ``scene``, ``environment``, the ``entropy`` of its random numbers (those of its views continue it, see
:mod:`depthbench.generators.draws`), the number of its ``first_sample``, and how many ``views`` it has. It is a pure function of
the configuration: the plan of more samples begins with the plan of fewer. The last scene's views may reach beyond the
samples asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from depthbench.formats.atomic import write_bytes
from depthbench.generators.config_file import PLAN_FILE
from depthbench.generators.plan import asked_views
from depthbench.generators.set_config import SetConfig


def scene_rows(config: SetConfig, n: int) -> Iterator[dict[str, Any]]:
    """Yield the line of each scene that the first ``n`` samples need."""
    for scene, _ in asked_views(config, n):
        yield {
            "scene": scene,
            "environment": config.environment(scene),
            "entropy": config.entropy(scene),
            "first_sample": config.first_sample(scene),
            "views": len(config.views(scene)),
        }


def write_plan(config: SetConfig, n: int, folder: Path) -> Path:
    """Write the plan into a folder, unless it holds the same one of at least as many samples; return its path."""
    path = folder / PLAN_FILE
    text = "".join(json.dumps(row) + "\n" for row in scene_rows(config, n))
    if not path.is_file() or not path.read_text(encoding="utf-8", errors="replace").startswith(text):
        write_bytes(path, text.encode())
    return path
