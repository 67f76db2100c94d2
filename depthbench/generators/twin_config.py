# SPDX-License-Identifier: Apache-2.0
"""What a set of counterfactual twins is: the samples of another set, rendered again after one change to their scenes."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.layered_config import GENERATOR_VERSION, LayeredConfig

CHANGES = {
    "remove": "panes are gone",
    "remove-all": "everything that can be seen through is gone",
    "frost": "panes are of frosted glass",
    "tint": "panes are of tinted glass",
    "dirty": "panes are dirty",
    "baseline": "baseline=0.12 puts the right eye 0.12 m beside the left one",
}
"""Change -> what it does. :mod:`depthbench.blender_scenes.changes` says what a pane is."""


@dataclass(frozen=True)
class TwinConfig(LayeredConfig):
    """The configuration of the originals, and the change.

    Attributes
    ----------
    change : str
        One of :data:`CHANGES`; the baseline with its length in metres.
    source : str
        The folder that holds the originals, whose poses, random numbers and exposures the twins keep.
    """

    generator = "twin"
    generator_version = GENERATOR_VERSION
    builder = "depthbench.blender_scenes.twin_scene:build_twin"
    every_view = False

    change: str = ""
    source: str = ""

    @property
    def original(self) -> LayeredConfig:
        """The configuration of the originals."""
        return LayeredConfig(**{field.name: getattr(self, field.name) for field in fields(LayeredConfig)})


def twin_config(original: LayeredConfig, change: str, source: str) -> TwinConfig:
    """Return the configuration of the twins of a set."""
    values = {field.name: getattr(original, field.name) for field in fields(LayeredConfig)}
    return TwinConfig(**values, change=change, source=source)


def parse_change(text: str) -> tuple[str, float]:
    """Return a change's name and the baseline in metres, 0.0 for other changes.

    Raises
    ------
    DepthbenchError
        If there is no such change, or its number is none.
    """
    name, equals, number = text.partition("=")
    if name not in CHANGES:
        raise unknown_name("change", name, CHANGES)
    if name != "baseline":
        if equals:
            raise DepthbenchError(f"--change {text}: {name} takes no number")
        return name, 0.0
    try:
        baseline_m = float(number)
    except ValueError:
        baseline_m = math.nan
    if not 0 < baseline_m < 10:
        raise DepthbenchError(f"--change {text}: write the baseline in metres, such as baseline=0.12")
    return name, baseline_m
