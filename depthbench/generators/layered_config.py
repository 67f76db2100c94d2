# SPDX-License-Identifier: Apache-2.0
"""What a layered set is: the configuration that, with a sample's number, decides every byte of that sample.

Sample i belongs to scene ``floor(i / views_per_scene)``, whose views are counted from its first sample; scene s shows the
environment ``scenes[s % len(scenes)]``. ``views_per_scene`` may be a fraction: scenes then have one view more or less, and so
many samples make exactly so many scenes. How many samples there are is no part of it: a set can always be continued.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from depthbench.blender_scenes.layouts import LAYOUTS
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.assets import assets_digest, load_assets
from depthbench.generators.draws import scene_entropy
from depthbench.generators.sensors import SensorSettings
from depthbench.generators.set_config import SetConfig

GENERATOR_VERSION = 3
"""Raised whenever the same configuration would give other samples than before."""

DEFAULT_VIEWS_PER_SCENE = Fraction(500_000, 3_577)
"""139 or 140 views of each scene: half a million pairs show 3,577 scene configurations, as many as DepthFocus trained on."""

MAX_SIDE_PX = 16384


@dataclass(frozen=True)
class LayeredConfig(SetConfig):
    """The identity of a layered set.

    Attributes
    ----------
    scenes : tuple of str
        Environments in turn: names of built-in layouts, or ``/path/to/file.py:build``.
    scene_digests : tuple of str
        sha256 of each outside layout's file; "" for built-in ones, which GENERATOR_VERSION covers.
    views_per_scene : int or Fraction
    see_through_share : float
        Share of views that must show something see-through.
    min_disparity_share, max_disparity_share : float
        Bounds of a pair's largest disparity as a share of the image width.
    domain : str
        Whose random numbers these are, see :data:`depthbench.generators.draws.DOMAINS`.
    sensor : SensorSettings or None
        What the cameras do to the light; None for cameras without faults.
    floating : int
        Things that are hung in the air of each scene.
    assets : str
        Folder of the user's own assets; "" for none.
    assets_digest : str
        Of all that is known of them, their bytes included.
    """

    generator = "layered"
    generator_version = GENERATOR_VERSION
    builder = "depthbench.blender_scenes.built_scene:build_scene"

    scenes: tuple[str, ...]
    scene_digests: tuple[str, ...]
    views_per_scene: int | Fraction
    see_through_share: float = 0.75
    min_disparity_share: float = 0.01
    max_disparity_share: float = 0.25
    domain: str = ""
    sensor: SensorSettings | None = None
    floating: int = 0
    assets: str = ""
    assets_digest: str = ""

    def layout(self, scene: int) -> str:
        """Return the layout (name or file reference) of a scene."""
        return self.scenes[scene % len(self.scenes)]

    def environment(self, scene: int) -> str:
        """Return the short name of a scene's environment, as it stands in sample ids."""
        return environment_name(self.layout(scene))

    def place(self, sample: int) -> tuple[int, int]:
        """Return (scene, view) of a sample's number."""
        scene = sample // self.views_per_scene
        return scene, sample - self.first_sample(scene)

    def first_sample(self, scene: int) -> int:
        """Return the number of a scene's view 0."""
        return ceil(scene * self.views_per_scene)

    def entropy(self, scene: int) -> list[int]:
        """Return the entropy of a scene's stream, the domain's word included."""
        return scene_entropy(self.seed, scene, self.domain)

    def see_through_views(self, n: int) -> int:
        """Return the expected number."""
        return round(n * self.see_through_share)

    @staticmethod
    def encoded(values: dict[str, Any]) -> dict[str, Any]:
        """Return the fields' values as JSON knows them."""
        return values | {"views_per_scene": views_to_json(values["views_per_scene"])}

    @staticmethod
    def decoded(values: dict[str, Any]) -> dict[str, Any]:
        """Undo :meth:`encoded`."""
        sensor = values.get("sensor")
        return values | {
            "views_per_scene": views_from_json(values["views_per_scene"]),
            "sensor": SensorSettings(**sensor) if sensor else None,
        }

    def check_sources(self, folder: str | Path) -> None:
        """Raise DepthbenchError where an outside layout has changed since ``folder`` was begun."""
        for layout, digest in zip(self.scenes, self.scene_digests, strict=True):
            if scene_digest(layout) != digest:
                raise DepthbenchError(
                    f"{layout}: has changed since {folder} was begun; restore it or use another folder"
                )
        if self.assets and assets_digest(load_assets(self.assets)) != self.assets_digest:
            raise DepthbenchError(
                f"{self.assets}: the assets have changed since {folder} was begun; restore them or use another folder"
            )


def check_size(width: int, height: int) -> None:
    """Raise DepthbenchError where pictures of that many pixels are not made."""
    if not (16 <= width <= MAX_SIDE_PX and 16 <= height <= MAX_SIDE_PX):
        raise DepthbenchError(f"--resolution {width}x{height}: each side must be 16 to {MAX_SIDE_PX} pixels")


def views_to_json(views_per_scene: int | Fraction) -> int | str:
    """Return views per scene as a whole number, or as ``"500000/3577"``."""
    return int(views_per_scene) if views_per_scene.denominator == 1 else str(views_per_scene)


def views_from_json(value: int | str) -> int | Fraction:
    """Undo :func:`views_to_json`."""
    return Fraction(value) if isinstance(value, str) else value


def resolve_layout(layout: str) -> str:
    """Return a built-in layout's name as it is, or ``file.py:build`` with the file's whole path.

    Raises
    ------
    DepthbenchError
        If there is no such layout or file.
    """
    if layout in LAYOUTS:
        return layout
    path, colon, attribute = layout.rpartition(":")
    if not colon or not path.endswith(".py"):
        raise unknown_name("scene", layout, [*LAYOUTS, "path/to/file.py:build"])
    if not Path(path).is_file():
        raise DepthbenchError(f"{path}: no such file (a layout from outside is given as path/to/file.py:build)")
    return f"{Path(path).resolve()}:{attribute}"


def environment_name(layout: str) -> str:
    """Return the short name of a layout: its own, or its file's stem in lower case letters, digits and ``_``."""
    if layout in LAYOUTS:
        return layout
    return re.sub(r"[^a-z0-9_]", "_", Path(layout.rpartition(":")[0]).stem.lower())


def scene_digest(layout: str) -> str:
    """Return the sha256 of an outside layout's file, "" for a built-in one."""
    if layout in LAYOUTS:
        return ""
    return hashlib.sha256(Path(resolve_layout(layout).rpartition(":")[0]).read_bytes()).hexdigest()
