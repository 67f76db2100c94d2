# SPDX-License-Identifier: Apache-2.0
"""Where stacks come from: pictures with depth that are rendered as they are asked for, or stored stacks."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.baselines.hybriddepth_training.config import HybridConfig
from depthbench.baselines.stereo_training.source import split_reference
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.focal.dataset import RenderedStacks, StoredStacks
from depthbench.generators.focal.sources import KINDS
from depthbench.generators.focal.stack_set import load_set


class Stacks:
    """The stacks of one word of ``--data`` or ``--val``.

    ``KIND:ROOT`` (a kind of ``generate focal-stack --from``) are rendered, with the planes of the settings; ``FOLDER`` are those that
    ``generate focal-stack`` stored there, whose planes must be the same for every picture and as many. ``:WEIGHT`` may follow.

    Raises
    ------
    DepthbenchError
        If there is no such thing, or its planes are others.
    """

    def __init__(self, word: str, config: HybridConfig, seed: int) -> None:
        kind, root, self.weight, mark = split_reference(word)
        if mark:
            raise DepthbenchError(f"{word}: a mark (@{mark}) is for stereo sets")
        self.word, self.root = word, Path(root).expanduser().resolve()
        self._rendered: RenderedStacks | None = None
        if kind:
            if kind not in KINDS:
                raise unknown_name("source", kind, KINDS)
            made = config.stacks_of(kind, seed)
            self._rendered = RenderedStacks(made, self.root, fresh=True)
            self._stacks: Any = self._rendered
            self._told: dict[str, Any] = made.to_json()
        else:
            if not self.root.is_dir():
                raise DepthbenchError(
                    f"{root}: no such folder; data are KIND:ROOT ({', '.join(KINDS)}), or a folder of `generate focal-stack`"
                )
            stored = load_set(self.root)
            _check_planes(stored.config.planes.policy, config, word)
            self._stacks, self._told = StoredStacks(self.root), stored.to_json()
        self._names = hashlib.sha256("\n".join(self._stacks.names).encode()).hexdigest()
        if not len(self):
            raise DepthbenchError(f"{word}: holds no stack")

    def __len__(self) -> int:
        return len(self._stacks)

    def stack(self, place: int, draw: int = 0) -> dict[str, Any]:
        """Return a stack as :func:`depthbench.generators.focal.dataset.tensors` has it; ``draw`` decides the noise of rendered ones.

        Raises
        ------
        DepthbenchError
            If it cannot be read or rendered; or has another number of planes (told when a batch is made).
        """
        if self._rendered is not None:
            self._rendered.set_epoch(draw)
        found: dict[str, Any] = self._stacks[place]
        return found

    def spread(self, most: int) -> list[int]:
        """Return the places of at most so many stacks, evenly spread; 0: all."""
        count = min(most or len(self), len(self))
        return [int(place) for place in np.linspace(0, len(self) - 1, count)]

    def manifest(self) -> dict[str, Any]:
        """Return what it is, with a fingerprint of the frames' names."""
        told = json.loads(json.dumps(self._told, default=str))
        return {"weight": self.weight, "stacks": len(self), "names_sha256": self._names, **told}


def _check_planes(policy: str, config: HybridConfig, word: str) -> None:
    """Refuse stored stacks whose planes are told by their own depth."""
    if policy != config.focus:
        raise DepthbenchError(
            f"{word}: its planes are chosen by '{policy}', the settings ask for '{config.focus}'; make stacks with --focus "
            f"{config.focus}, or name the pictures with depth themselves: KIND:ROOT"
        )
