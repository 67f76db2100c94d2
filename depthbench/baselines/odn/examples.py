# SPDX-License-Identifier: Apache-2.0
"""Whole sets as a network takes them: reduced masks, movements, depths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from depthbench.baselines.clean_masks import clean_masks
from depthbench.baselines.odn.reduce import reduce_masks
from depthbench.benchmarks.sets import SETS
from depthbench.benchmarks.sets.evaluation_set import group_of, manifest_sha256
from depthbench.benchmarks.sets.motion_set import MotionSet
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError, unknown_name


@dataclass(frozen=True)
class MotionExamples:
    """E examples of n observations, the final pose first.

    Attributes
    ----------
    masks : uint8 (E, n, 112, 112)
        Covered shares, 0..255.
    behind_m : float64 (E, n)
        How far the camera stood behind the final pose.
    depth_m : float64 (E,)
        The truth.
    """

    masks: Tensor
    behind_m: Tensor
    depth_m: Tensor

    def cleaned(self) -> MotionExamples:
        """Return them with the object alone in each mask (:mod:`depthbench.baselines.clean_masks`)."""
        return replace(self, masks=torch.from_numpy(clean_masks(self.masks.numpy())))

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield masks and movements, at most ``size`` examples at once."""
        for first in range(0, len(self.masks), size):
            yield self.masks[first : first + size], self.behind_m[first : first + size]


def open_motion(word: str, observations: int, split: str) -> MotionSet:
    """Open what ``SET`` or ``SET:ROOT`` names, such as ``odms:~/odms``.

    Raises
    ------
    DepthbenchError
        If it is no set of the task ``motion``, or not there.
    """
    name, _, root = word.partition(":")
    known = [known for known in SETS if known.startswith("odms")]
    if name not in known:
        raise unknown_name("set of masks and camera movements (written SET:ROOT)", name, known)
    opened = open_set(name, Path(root).expanduser() if root else None, {"split": split, "n": observations})
    return cast(MotionSet, opened)


def read_examples(opened: MotionSet, most: int = 0) -> dict[str, MotionExamples]:
    """Read a set into memory, 125 kB per example of ten: group (``robot``, ...) -> examples.

    ``most`` examples of each group are taken, spread evenly; 0: all.
    """
    ids: dict[str, list[str]] = {}
    for sample_id in opened.ids():
        ids.setdefault(group_of(opened, sample_id) or opened.name.removeprefix("odms-"), []).append(sample_id)
    found = {}
    for group, names in ids.items():
        places = np.unique(np.linspace(0, len(names) - 1, min(most or len(names), len(names))).astype(int))
        chosen = [names[place] for place in places]
        masks, behind_m = [], []
        for name in chosen:
            sample = opened.observations(name)
            masks.append(reduce_masks(sample.masks))
            behind_m.append(-sample.camera_z_m)
        found[group] = MotionExamples(
            torch.from_numpy(np.stack(masks)),
            torch.from_numpy(np.stack(behind_m)),
            torch.tensor([opened.truth(name).depth_m for name in chosen], dtype=torch.float64),
        )
    return found


def read_held_out(
    words: Iterable[str], observations: int, most: int = 0
) -> tuple[dict[str, MotionExamples], list[dict[str, Any]]]:
    """Read the ``val`` splits that words of ``--val`` name: group -> examples, and what a manifest tells of each set.

    Raises
    ------
    DepthbenchError
        As :func:`open_motion`; or if a group is held out twice.
    """
    held: dict[str, MotionExamples] = {}
    told = []
    for word in words:
        opened = open_motion(word, observations, "val")
        for group, examples in read_examples(opened, most).items():
            if group in held:
                raise DepthbenchError(f"--val {word}: {group} is held out twice")
            held[group] = examples
        told.append({"use": "val", "set": opened.name, "label": opened.label, "sha256": manifest_sha256(opened)})
    return held, told
