# SPDX-License-Identifier: Apache-2.0
"""Lazy tables from a name to an object: nothing is imported before it is asked for.

A table is a plain ``dict[str, str]`` of ``"name": "package.module:object"``. Adding a scene, a model, a set or a
metric is one file plus one line in such a table.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError, unknown_name


def load_object(reference: str) -> Any:
    """Import ``"package.module:object"`` and return the object."""
    module_name, _, attribute = reference.partition(":")
    return getattr(importlib.import_module(module_name), attribute)


def lookup(kind: str, name: str, table: Mapping[str, str]) -> Any:
    """Return the object that ``table`` lists under ``name``.

    Raises
    ------
    DepthbenchError
        If the name is unknown; the message suggests near misses.
    """
    if name not in table:
        raise unknown_name(kind, name, table)
    return load_object(table[name])


def load_from_file(reference: str) -> Any:
    """Return the object named by ``path/to/file.py:Object``, importing the file by its path.

    Raises
    ------
    DepthbenchError
        If the file does not exist, cannot be imported, or has no such object.
    """
    path_text, _, attribute = reference.rpartition(":")
    path = Path(path_text)
    if not path.is_file():
        raise DepthbenchError(f"{path}: no such file (a model from outside is given as path/to/file.py:Class)")
    spec = importlib.util.spec_from_file_location(f"depthbench_user_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise DepthbenchError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise DepthbenchError(f"{path}: cannot be imported: {type(error).__name__}: {error}") from error
    if not hasattr(module, attribute):
        names = [n for n in vars(module) if not n.startswith("_")]
        raise unknown_name(f"object in {path}", attribute, names)
    return getattr(module, attribute)
