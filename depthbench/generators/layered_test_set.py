# SPDX-License-Identifier: Apache-2.0
"""The synthetic test set ``layered-test``: five fixed scenes, one per environment, 107 views each, 535 in all.

Its random numbers are of a domain of their own (:data:`depthbench.generators.draws.DOMAINS`), so no ``--seed`` of a training
set gives any of its scenes.
"""

from __future__ import annotations

from depthbench.generators.layered_config import LayeredConfig, check_size, resolve_layout
from depthbench.generators.presets import preset as preset_settings

ENVIRONMENTS = ("bedroom", "office", "cafe", "gallery", "outdoor")
VIEWS_PER_SCENE = 107
N_SAMPLES = len(ENVIRONMENTS) * VIEWS_PER_SCENE
WIDTH, HEIGHT = 2448, 2048
PRESET = "paper"
DOMAIN = "test"


def layered_test_config(width: int = WIDTH, height: int = HEIGHT, preset: str = PRESET) -> LayeredConfig:
    """Return the configuration of the test set; every size shows the same scenes, and but for rejected attempts the same poses.

    Raises
    ------
    DepthbenchError
        If the preset is unknown or the size out of range.
    """
    check_size(width, height)
    return LayeredConfig(
        seed=0,
        width=width,
        height=height,
        preset=preset,
        render=preset_settings(preset),
        scenes=tuple(resolve_layout(name) for name in ENVIRONMENTS),
        scene_digests=("",) * len(ENVIRONMENTS),
        views_per_scene=VIEWS_PER_SCENE,
        domain=DOMAIN,
    )
