# SPDX-License-Identifier: Apache-2.0
"""What a set of table tops with plates is: 5 scenes x 12 configurations x 3 conditions, every condition of one built scene.

A *configuration* is a view, a pose of the robot arm and of the plate that it holds; a *condition* says what is between the
fingers: nothing, or a plate that lets so much light through. View ``3 c + k`` of a scene is configuration c in condition k, so
the three conditions of a configuration are neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.generators.draws import scene_entropy
from depthbench.generators.layered_config import check_size
from depthbench.generators.presets import preset as preset_settings
from depthbench.generators.set_config import SetConfig

GENERATOR_VERSION = 1
"""Raised whenever the same configuration would give other samples than before."""

DOMAIN = "plates"
THEMES = ("books", "kitchen", "toys", "workbench", "plants")
"""What is on the tables, one scene each."""
CONFIGURATIONS = 12
CONDITIONS: dict[str, float | None] = {"none": None, "t80": 0.8, "t60": 0.6}
"""Condition -> fraction of the light that goes straight through the plate; None without a plate."""
PAIRS = len(THEMES) * CONFIGURATIONS * len(CONDITIONS)


@dataclass(frozen=True)
class PlatesConfig(SetConfig):
    """The identity of a set of plates; it has no choices of its own."""

    generator = "plates"
    generator_version = GENERATOR_VERSION
    builder = "depthbench.blender_scenes.plates_scene:build_scene"

    def entropy(self, scene: int) -> list[int]:
        """Return the entropy of a scene's random numbers, apart from those of any other kind of set."""
        return scene_entropy(self.seed, scene, DOMAIN)

    def environment(self, scene: int) -> str:
        """Return what is on the table of a scene."""
        return THEMES[scene % len(THEMES)]

    def first_sample(self, scene: int) -> int:
        """Return the number of a scene's view 0."""
        return scene * CONFIGURATIONS * len(CONDITIONS)

    def see_through_views(self, n: int) -> int:
        """Return how many of the first ``n`` samples are seen through a plate."""
        return sum(divide_view(sample)[1] != "none" for sample in range(n))

    def sample_id(self, scene: int, view: int) -> str:
        """Return a sample's name, such as ``toys_c07_t80-000002-0022``."""
        configuration, condition = divide_view(view)
        return f"{self.environment(scene)}_c{configuration:02d}_{condition}-{scene:06d}-{view:04d}"


def divide_view(view: int) -> tuple[int, str]:
    """Return (configuration, condition) of a view's number."""
    configuration, number = divmod(view, len(CONDITIONS))
    return configuration, tuple(CONDITIONS)[number]


def make_config(*, seed: int, width: int, height: int, preset: str, samples: int | None, gt_bits: int) -> PlatesConfig:
    """Resolve what was asked for into a configuration.

    Raises
    ------
    DepthbenchError
        If a name is unknown or a number out of range.
    """
    check_size(width, height)
    return PlatesConfig(seed, width, height, preset, preset_settings(preset, samples), gt_bits=gt_bits)
