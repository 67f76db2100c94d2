# SPDX-License-Identifier: Apache-2.0
"""From what a user types after ``--set`` to a set that is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from depthbench.benchmarks.options import construct
from depthbench.benchmarks.sets import SETS, default_root
from depthbench.benchmarks.sets.dtu import holds_scans
from depthbench.benchmarks.sets.evaluation_set import EvaluationSet
from depthbench.benchmarks.sets.focus_folder import holds_stacks
from depthbench.benchmarks.sets.mvs_folder import holds_views
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.config_file import generator_of
from depthbench.generators.focal.stack_set import holds_generated_stacks
from depthbench.registry import lookup


def kind_of_folder(folder: Path) -> str:
    """Return which set a folder of one's own is, by what lies in it."""
    if holds_scans(folder):
        return "dtu-twin" if (folder / "config.json").is_file() else "dtu"
    if holds_views(folder):
        return "mvs-folder"
    if generator_of(folder) == "dvps-twin":
        return "dvps-twin"
    if holds_generated_stacks(folder):
        return "focal"
    return "focus-folder" if holds_stacks(folder) else "layered"


def open_set(name: str, root: Path | None = None, options: Mapping[str, Any] | None = None) -> EvaluationSet:
    """Open a set by name, or by its path a folder that ``depthbench generate layered`` made, one of focal stacks, or of views with cameras.

    Raises
    ------
    DepthbenchError
        If the name is unknown, the folder absent or without samples (the message says where the data comes from and
        which folder to put it in), or an option unknown.
    """
    if name not in SETS:
        if Path(name).is_dir():
            name, root = kind_of_folder(Path(name)), Path(name)
        elif "/" in name or name.startswith("."):
            raise DepthbenchError(f"{name}: no such folder; make one with `depthbench generate layered --out {name}`")
        else:
            raise unknown_name("set", name, SETS)
    cls = lookup("set", name, SETS)
    root = root or default_root(name)
    if root is None:
        raise DepthbenchError(
            f"set {name} is a folder of yours: give it as --set path/to/folder or --root path/to/folder"
        )
    if not root.is_dir():
        raise DepthbenchError(f"{root}: no such folder for the set {name}. {cls.source} Or pass --root.")
    opened: EvaluationSet = construct(cls, f"set {name}", root, options=options or {})
    if not opened.ids():
        raise DepthbenchError(f"{root}: no sample of the set {name} in it. {cls.source}")
    return opened
