# SPDX-License-Identifier: Apache-2.0
"""``config.json``: what decides the samples of a folder. A folder continues with the same configuration only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json, write_json

T = TypeVar("T")
CONFIG_FILE, PLAN_FILE = "config.json", "plan.jsonl"


def open_config(asked: dict[str, Any], folder: Path, renew: Callable[[dict[str, Any]], dict[str, Any]] = dict) -> None:
    """Write a configuration into an empty folder, or hold it against the folder's by :func:`check_config`."""
    check_config(asked, folder, renew)
    if not (folder / CONFIG_FILE).is_file():
        write_json(folder / CONFIG_FILE, asked)


def check_config(asked: dict[str, Any], folder: Path, renew: Callable[[dict[str, Any]], dict[str, Any]] = dict) -> None:
    """Hold a configuration against that of a folder, if there is one.

    Parameters
    ----------
    asked : dict
        As JSON knows it.
    folder : Path
    renew : callable
        From a configuration that an older depthbench wrote to what this one would write; may raise DepthbenchError.

    Raises
    ------
    DepthbenchError
        If the folder holds another configuration (the differing keys are named) or other files.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        others = [name for name in os.listdir(folder) if not name.startswith(".") and name != PLAN_FILE]
        # a run of another share may have begun the folder between these two looks
        if others and not path.is_file():
            raise DepthbenchError(f"{folder}: holds other files and no {CONFIG_FILE}; give an empty or a new folder")
        if not others:
            return
    recorded = read_json(path)
    differing = ["it is no configuration"]
    if isinstance(recorded, dict):
        with contextlib.suppress(DepthbenchError):  # of another version: what differs is told below
            recorded = renew(recorded)
        differing = differing_keys(recorded, asked)
    if differing:
        raise DepthbenchError(
            f"{path}: this folder was begun with another configuration ({'; '.join(differing)}); "
            "give the same options to continue it, or another --out"
        )


def generator_of(folder: Path) -> str:
    """Return the generator that began a folder, by its ``config.json``; empty where there is none."""
    path = folder / CONFIG_FILE
    data = read_json(path) if path.is_file() else None
    return str(data.get("generator", "")) if isinstance(data, dict) else ""


def read_config(folder: Path, generator: str, from_json: Callable[[dict[str, Any]], T]) -> T:
    """Read the configuration of a folder that a certain generator made.

    Raises
    ------
    DepthbenchError
        If another program made it, or another version.
    """
    if generator_of(folder) != generator:
        raise DepthbenchError(f"{folder}: not made by `depthbench generate {generator} --out {folder}`")
    try:
        return from_json(read_json(folder / CONFIG_FILE))
    except DepthbenchError as error:
        raise DepthbenchError(f"{folder / CONFIG_FILE}: {error}") from error


def differing_keys(recorded: dict[str, Any], asked: dict[str, Any], prefix: str = "") -> list[str]:
    """List ``key is <recorded>, asked <new>`` for all that differs between two configurations as they stand in JSON."""
    lines = []
    for key in [*recorded, *(key for key in asked if key not in recorded)]:
        old, new = recorded.get(key), asked.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            lines += differing_keys(old, new, f"{prefix}{key}.")
        elif old != new:
            lines.append(f"{prefix}{key} is {old}, asked {new}")
    return lines


def recorded_values(data: dict[str, Any], generator: str, generator_version: int, config: type[Any]) -> dict[str, Any]:
    """Return what ``config.json`` says of the fields of a dataclass, its generator and version being right.

    Fields that came later have a default under which samples are as they were, and may be absent.

    Raises
    ------
    DepthbenchError
        If the generator or its version is another, or a key is missing or unknown.
    """
    data = dict(data)
    made_by = data.pop("generator", None), data.pop("generator_version", None)
    if made_by != (generator, generator_version):
        raise DepthbenchError(
            f"the configuration is of {made_by[0]} version {made_by[1]}, this depthbench makes {generator} version "
            f"{generator_version}: use the depthbench that made it"
        )
    known = {field.name for field in fields(config)}
    needed = {field.name for field in fields(config) if field.default is MISSING and field.default_factory is MISSING}
    if not needed <= set(data) <= known:
        wrong = (needed - set(data)) | (set(data) - known)
        raise DepthbenchError(f"the configuration lacks or has too many keys: {', '.join(sorted(wrong))}")
    return data
