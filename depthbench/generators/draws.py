# SPDX-License-Identifier: Apache-2.0
"""Random numbers of a layered set: every scene, view and attempt has its own stream, whoever draws it and when.

numpy pads the entropy of a ``SeedSequence`` with zeros, so ``[seed, scene]`` and ``[seed, scene, 0]`` are one and the same;
views are therefore counted from 1 here.

A *domain* keeps the streams of a fixed set apart from those of every seed that can be asked for: its word stands third, where
other sets have 0 or a view's number, which is at most 9,999.
"""

from __future__ import annotations

import numpy as np

DOMAINS = {"": (), "test": (0x74657374,), "plates": (0x706C6174,), "dtu": (0x647475,)}
"""Domain -> its entropy words: "" is what ``--seed`` chooses from, "test" the fixed synthetic test set,
"plates" the table tops with plates, "dtu" the scans in DTU's layout."""
EXTRAS = ("floating", "change", "assets")
"""What may be done to a scene once its layout has built it; append only."""


def scene_entropy(seed: int, scene: int, domain: str = "") -> list[int]:
    """Return the entropy of a scene's stream, of which those of its views are continuations."""
    return [seed, scene, *DOMAINS[domain]]


def scene_rng(seed: int, scene: int, domain: str = "") -> np.random.Generator:
    """Return the stream that builds a scene."""
    return np.random.default_rng(np.random.SeedSequence(scene_entropy(seed, scene, domain)))


def extra_rng(seed: int, scene: int, extra: str, domain: str = "") -> np.random.Generator:
    """Return the stream of one of :data:`EXTRAS`, which touches neither the scene's own nor those of its views."""
    entropy = scene_entropy(seed, scene, domain)
    return np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(EXTRAS.index(extra),)))


def view_rng(seed: int, scene: int, view: int, domain: str = "") -> np.random.Generator:
    """Return the stream of what holds for all attempts at a view."""
    return _view_stream(seed, scene, view, (0,), domain)


def attempt_rng(seed: int, scene: int, view: int, attempt: int, domain: str = "") -> np.random.Generator:
    """Return the stream of one attempt (counted from 0) at a view."""
    return _view_stream(seed, scene, view, (attempt + 1,), domain)


def sensor_rngs(
    seed: int, scene: int, view: int, attempt: int, domain: str = ""
) -> tuple[np.random.Generator, np.random.Generator, np.random.Generator]:
    """Return three streams of an attempt that no other draw touches: what the cameras are, the left and the right one's noise."""
    cameras, left, right = (_view_stream(seed, scene, view, (attempt + 1, part), domain) for part in range(3))
    return cameras, left, right


def _view_stream(seed: int, scene: int, view: int, child: tuple[int, ...], domain: str) -> np.random.Generator:
    entropy = [*scene_entropy(seed, scene, domain), view + 1]
    return np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=child))
