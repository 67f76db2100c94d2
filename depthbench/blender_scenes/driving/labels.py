# SPDX-License-Identifier: Apache-2.0
"""Which class of Cityscapes a thing of a street belongs to, by how its name begins."""

from __future__ import annotations

BY_NAME = (
    ("street road", "road"), ("street markings", "road"), ("street zebra", "road"), ("street cover", "road"),
    ("street pavement", "sidewalk"), ("street kerb", "sidewalk"),
    ("street plot wall", "wall"), ("street plot", "terrain"), ("street verge", "terrain"), ("grass", "terrain"),
    ("street lamp", "pole"), ("sign post", "pole"), ("sign foot", "pole"), ("signal post", "pole"), ("bollard", "pole"),
    ("signal", "traffic light"), ("sign disc", "traffic sign"), ("sign board", "traffic sign"),
    ("fence", "fence"), ("tree", "vegetation"), ("hedge", "vegetation"),
    ("house", "building"), ("shop", "building"),
)  # fmt: skip
"""Beginning of a name -> class; the first that fits counts. What fits none (bins, benches, planters, racks) is void, as there."""


def class_of(name: str) -> str:
    """Return the class of what is no instance, ``void`` where Cityscapes evaluates none."""
    return next((found for start, found in BY_NAME if name.startswith(start)), "void")
