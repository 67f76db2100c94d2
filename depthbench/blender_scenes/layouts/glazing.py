# SPDX-License-Identifier: Apache-2.0
"""What panes are made of, by where they are: most are clean and clear, some want cleaning, some are coloured in the mass."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import make


def window_glass(rng: np.random.Generator) -> Any:
    """Draw the glass of a house's windows: half clear, two in five dirty from the street, one in ten tinted."""
    kind = str(rng.choice(["architectural_glass", "dirty_glass", "tinted_glass"], p=[0.5, 0.4, 0.1]))
    return make(kind, rng, **({"transmissivity": float(rng.uniform(0.55, 0.8))} if kind == "tinted_glass" else {}))


def case_glass(rng: np.random.Generator) -> Any:
    """Draw the glass of display cases: three in ten bear the traces of visitors, fingerprints and what wiping left."""
    if rng.random() < 0.7:
        return make("architectural_glass", rng)
    return make("dirty_glass", rng, kinds=("fingerprints", "smears"), strength=float(rng.uniform(0.12, 0.4)))
