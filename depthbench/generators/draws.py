# SPDX-License-Identifier: Apache-2.0
"""Random numbers of a layered set: every scene, view and attempt has its own stream, whoever draws it and when.

numpy pads the entropy of a ``SeedSequence`` with zeros, so ``[seed, scene]`` and ``[seed, scene, 0]`` are one and the same;
views are therefore counted from 1 here.
"""

from __future__ import annotations

import numpy as np


def scene_rng(seed: int, scene: int) -> np.random.Generator:
    """Return the stream that builds a scene."""
    return np.random.default_rng(np.random.SeedSequence([seed, scene]))


def view_rng(seed: int, scene: int, view: int) -> np.random.Generator:
    """Return the stream of what holds for all attempts at a view."""
    return _view_stream(seed, scene, view, 0)


def attempt_rng(seed: int, scene: int, view: int, attempt: int) -> np.random.Generator:
    """Return the stream of one attempt (counted from 0) at a view."""
    return _view_stream(seed, scene, view, attempt + 1)


def _view_stream(seed: int, scene: int, view: int, child: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, scene, view + 1], spawn_key=(child,)))
