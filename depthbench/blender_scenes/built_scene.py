# SPDX-License-Identifier: Apache-2.0
"""One scene of a layered set, built in Blender and ready for many views."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import bpy

from depthbench.blender_scenes import asset_use, floating
from depthbench.blender_scenes.assembly import reset
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.layouts import LAYOUTS
from depthbench.blender_scenes.render import configure, use_device
from depthbench.blender_scenes.scene import SceneInfo
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.formats.layered_record import LayeredRecord
from depthbench.generators.assets import load_assets
from depthbench.generators.draws import extra_rng, scene_rng
from depthbench.generators.layered_config import LayeredConfig
from depthbench.registry import load_from_file, lookup
from depthbench.truth.cast import RayCaster
from depthbench.truth.geometry import Surface


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


@dataclass
class ViewResult:
    """What came of a view.

    Attributes
    ----------
    record : LayeredRecord or None
        None when no attempt was good.
    rejected : list of (str, str)
        Kind and details of every attempt that was not.
    clock : Clock
        Where the time went.
    """

    record: LayeredRecord | None = None
    rejected: list[tuple[str, str]] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)


class SceneOfSet(Protocol):
    """A scene in Blender, whatever the set, as the worker's tasks use it."""

    @property
    def surfaces(self) -> tuple[Surface, ...]:
        """Every surface that any view of the scene may show."""

    def show(self, view: int) -> RayCaster:
        """Bring Blender's scene into the state in which a view sees it; return its ray caster."""

    def make(self, view: int) -> ViewResult:
        """Make a view: a pure function of the configuration, the scene's number and the view's number."""


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
    notes : mapping
        What the records of its samples say of what was added to the scene.
    """

    config: LayeredConfig
    scene: int
    info: SceneInfo
    caster: RayCaster
    device: str
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def surfaces(self) -> tuple[Surface, ...]:
        """Every surface of the scene."""
        return self.caster.geometry.surfaces

    def show(self, view: int) -> RayCaster:
        """Return the caster; a layered scene is the same for all its views."""
        return self.caster

    def make(self, view: int) -> ViewResult:
        """Make a view; see :func:`depthbench.blender_scenes.view.make_view`."""
        from depthbench.blender_scenes.view import make_view

        return make_view(self, view)


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
    notes: dict[str, Any] = {}
    build = lookup("scene", layout, LAYOUTS) if layout in LAYOUTS else load_from_file(layout)
    with clock.time("build"):
        reset()
        try:
            info = build(scene_rng(config.seed, scene, config.domain))
        except DepthbenchError as error:
            raise SceneError(f"{layout} cannot build scene {scene}: {error}") from error
        if config.assets:
            rng = extra_rng(config.seed, scene, "assets", config.domain)
            info, notes["assets"] = asset_use.dress(rng, info, Path(config.assets), load_assets(config.assets))
        if config.floating:
            with _scene_faults(layout, scene):
                rng = extra_rng(config.seed, scene, "floating", config.domain)
                info, notes["floating"] = floating.add(rng, info, config.floating)
        use_device(context.device, context.threads)
        configure(config.render, lambda: context.send("pulse"))
    with clock.time("export"), _scene_faults(layout, scene):
        geometry = export_scene()
    with clock.time("caster"):
        caster = RayCaster(geometry)
    return BuiltScene(config, scene, info, caster, context.device, notes)


@contextlib.contextmanager
def _scene_faults(layout: str, scene: int) -> Iterator[None]:
    """Turn what has no truth into a fault of the scene."""
    try:
        yield
    except DepthbenchError as error:
        raise SceneError(f"scene {scene} of {layout}: {error}") from error


def blender_version() -> str:
    """Return Blender's version."""
    return str(bpy.app.version_string)
