# SPDX-License-Identifier: Apache-2.0
"""A sample whose JSON names the sha256 of its other parts: a part of another sample in its place is told, whatever it shows."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from depthbench.formats.sample_parts import PICTURES, Parts

KEY = "sha256"


def sealed(parts: Parts) -> dict[str, Any]:
    """Return parts whose ``json`` has ``sha256``: part -> sum of a picture's bytes, or of the arrays of an ``npz``."""
    sums = {name: _sum(name, value) for name, value in parts.items() if name != "json"}
    return {**parts, "json": {**parts["json"], KEY: sums}}


def foreign_parts(parts: Parts) -> list[str]:
    """Say which parts are lost, or are not those that the sample was made with."""
    told = parts["json"][KEY]
    lost = [f"{name} is missing" for name in told if name not in parts]
    strange = [
        name for name, value in parts.items() if name != "json" and told.get(name) != _sum(name, value)
    ]  # fmt: skip
    return lost + [f"{name} is not that of this sample (exchanged with another's, or changed)" for name in strange]


def _sum(name: str, value: Any) -> str:
    """An array's name, type, shape and elements, in the order of names; containers store arrays in ways of their own."""
    if name.endswith(PICTURES):
        return hashlib.sha256(value).hexdigest()
    digest = hashlib.sha256()
    for key in sorted(value):
        array = np.ascontiguousarray(value[key])
        digest.update(f"{key} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
