# SPDX-License-Identifier: Apache-2.0
"""The classes of Cityscapes by train id, and how a panoptic id is written: ``class * 1000 + instance``."""

from __future__ import annotations

from depthbench.formats.driving_labels import CITYSCAPES

CLASSES = (
    "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation", "terrain", "sky",
    "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
)  # fmt: skip
TRAIN_ID = {name: number for number, name in enumerate(CLASSES)}
FIRST_THING = CITYSCAPES.things.start
"""Classes from here on come in instances, counted from 1; the others have instance 0."""
DIVISOR = CITYSCAPES.divisor
VOID = CITYSCAPES.void * DIVISOR


def panoptic_id(name: str, instance: int = 0) -> int:
    """Return the panoptic id of an instance of a class; ``void`` is :data:`VOID`."""
    return VOID if name == "void" else TRAIN_ID[name] * DIVISOR + instance
