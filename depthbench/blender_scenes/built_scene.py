# SPDX-License-Identifier: Apache-2.0
"""One scene of a layered set, built in Blender and ready for many views."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import bpy

from depthbench.blender_scenes.assembly import reset
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.layouts import LAYOUTS
from depthbench.blender_scenes.render import configure, use_device
from depthbench.blender_scenes.scene import SceneInfo
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.generators.draws import scene_rng
from depthbench.generators.layered_config import LayeredConfig
from depthbench.registry import load_from_file, lookup
from depthbench.truth.cast import RayCaster


@dataclass(frozen=True)
class BuiltScene:
    """A scene in Blender, its ray caster, and the device that renders it.

    Attributes
    ----------
    config : LayeredConfig
    scene : int
    info : SceneInfo
    caster : RayCaster
    device : str
    """

    config: LayeredConfig
    scene: int
    info: SceneInfo
    caster: RayCaster
    device: str


class SceneError(Exception):
    """A layout that cannot be used as it is; costs its scene, not the run."""


@dataclass
class Clock:
    """Adds up seconds by name."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Add the time that the block takes to ``name``."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - start)

    def add(self, name: str, seconds: float) -> None:
        """Add to ``name``."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


def build_scene(config: LayeredConfig, scene: int, context: WorkerContext, clock: Clock) -> BuiltScene:
    """Empty Blender, build a scene, export it and make its ray caster.

    Raises
    ------
    SceneError
        If what the layout built has no truth (see :func:`depthbench.blender_scenes.export.export_scene`).
    DepthbenchError
        If there is no such layout or device.
    """
    layout = config.layout(scene)
    build = lookup("scene", layout, LAYOUTS) if layout in LAYOUTS else load_from_file(layout)
    with clock.time("build"):
        reset()
        try:
            info = build(scene_rng(config.seed, scene, config.domain))
        except DepthbenchError as error:
            raise SceneError(f"{layout} cannot build scene {scene}: {error}") from error
        use_device(context.device, context.threads)
        configure(config.render, lambda: context.send("pulse"))
    with clock.time("export"):
        try:
            geometry = export_scene()
        except DepthbenchError as error:
            raise SceneError(f"scene {scene} of {layout}: {error}") from error
    with clock.time("caster"):
        caster = RayCaster(geometry)
    return BuiltScene(config, scene, info, caster, context.device)


def blender_version() -> str:
    """Return Blender's version."""
    return str(bpy.app.version_string)
