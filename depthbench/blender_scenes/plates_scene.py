# SPDX-License-Identifier: Apache-2.0
"""A table top with its robot arm, and each configuration of it without a plate and with plates of two transmissivities.

The truth of all three conditions comes from one cast of one geometry, the plate in it: without a plate, its crossings are left
out. So what lies behind the plate is the plate-free truth, byte for byte. Poses, noise and exposure are those of the picture
without a plate; the plate is all that changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench import __version__
from depthbench.blender_scenes import assembly, materials
from depthbench.blender_scenes.built_scene import Clock, SceneError, ViewResult, blender_version
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.layouts import tabletop
from depthbench.blender_scenes.layouts.tabletop import TableTop
from depthbench.blender_scenes.mesh import Mesh
from depthbench.blender_scenes.objects import robot_arm
from depthbench.blender_scenes.plates_pose import Placed, place
from depthbench.blender_scenes.pose import Rejected
from depthbench.blender_scenes.render import configure, use_device
from depthbench.blender_scenes.tone import exposure, exposure_problems, tone_map
from depthbench.blender_scenes.view import Light, eye_poses, eye_records, trace_pair
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.formats.layered_record import LayeredRecord
from depthbench.generators.draws import attempt_rng, scene_rng
from depthbench.generators.plates import CONDITIONS, DOMAIN, PlatesConfig, divide_view
from depthbench.layers import SurfaceClass
from depthbench.truth.cast import Hits, RayCaster
from depthbench.truth.checks import check_pair
from depthbench.truth.geometry import Surface
from depthbench.truth.pair import PairTruth, pair_truth

Float = npt.NDArray[np.floating[Any]]

PLATE = "acrylic plate"
"""The object's name; crockery is called plate."""
MAX_ATTEMPTS = 40
COVER = (0.08, 0.75)
"""Share of the picture that the plate covers."""
MAX_ARM_SHARE = 0.16
CLEARANCE_M = 0.28


class WithoutSurface(RayCaster):
    """A caster that looks through one see-through surface as if it were not there; shares everything with ``caster``."""

    def __init__(self, caster: RayCaster, surface: int) -> None:
        self.__dict__.update(caster.__dict__)
        self._left_out = surface

    def cast(self, origins: Float, directions: Float) -> Hits:
        """List every crossing but those of the surface left out."""
        hits = super().cast(origins, directions)
        return hits.take(hits.surface != self._left_out)


@dataclass
class Configuration:
    """A configuration as it stands in Blender.

    Attributes
    ----------
    number, attempt : int
    rejected : list of (str, str)
        Kind and details of the attempts before.
    placed : Placed
    seeds : list of int
        Of the noise of either eye, in all conditions.
    casters, truths : dict
        ``False`` without, ``True`` with the plate -> ray caster; truth of both eyes.
    plain : tuple or None
        Pictures without a plate, their exposure, and what is wrong with it, once they are rendered.
    """

    number: int
    attempt: int
    rejected: list[tuple[str, str]]
    placed: Placed
    seeds: list[int]
    casters: dict[bool, RayCaster]
    truths: dict[bool, PairTruth]
    plain: tuple[list[npt.NDArray[np.uint8]], float, list[str]] | None = None


@dataclass
class PlatesScene:
    """A built table top; fulfils :class:`depthbench.blender_scenes.built_scene.SceneOfSet`.

    Attributes
    ----------
    config : PlatesConfig
    scene : int
    top : TableTop
    device : str
    things : dict
        The arm's parts and the plate, by name: the objects that a configuration moves.
    plates : dict
        Condition -> acrylic.
    surfaces : tuple of Surface
        The same in all configurations.
    current : Configuration or None
        The one that is set up.
    """

    config: PlatesConfig
    scene: int
    top: TableTop
    device: str
    things: dict[str, bpy.types.Object]
    plates: dict[str, Any]
    surfaces: tuple[Surface, ...] = ()
    current: Configuration | None = field(default=None, repr=False)

    def show(self, view: int) -> RayCaster:
        """Put arm and plate where a view has them; return the caster of its condition."""
        number, condition = divide_view(view)
        now = self._configuration(number, Clock())
        if isinstance(now, ViewResult):
            raise SceneError(f"scene {self.scene}: configuration {number} has no good attempt")
        self._hold(condition)
        return now.casters[CONDITIONS[condition] is not None]

    def light(self, view: int, clock: Clock) -> list[Light]:
        """Trace both eyes of a view; linear float32 (H, W, 3), the left one first."""
        self.show(view)
        assert self.current is not None
        placed = self.current.placed
        return trace_pair(placed.rig, placed.left_cam_to_world, self.current.seeds, clock)

    def make(self, view: int) -> ViewResult:
        """Make a view: what it shares with the other conditions of its configuration is made once for all of them."""
        number, condition = divide_view(view)
        clock = Clock()
        now = self._configuration(number, clock)
        if isinstance(now, ViewResult):
            return now
        if now.plain is None:
            linear = self.light(number * len(CONDITIONS), clock)
            with clock.time("tone"):
                gain = float(exposure(linear[0]))
                images = [tone_map(picture, gain) for picture in linear]
            now.plain = images, gain, [text for image in images for text in exposure_problems(image)]
        images, gain, problems = now.plain
        if problems:
            return ViewResult(None, [*now.rejected, ("exposure", "; ".join(problems))], clock)
        with_plate = CONDITIONS[condition] is not None
        if with_plate:
            linear = self.light(view, clock)
            with clock.time("tone"):
                images = [tone_map(picture, gain) for picture in linear]
        record = self._record(view, now, images, gain, now.truths[with_plate])
        return ViewResult(record, now.rejected, clock)

    def _hold(self, condition: str) -> None:
        """Put the plate of a condition between the fingers, or take it away."""
        plate = self.things[PLATE]
        plate.hide_render = CONDITIONS[condition] is None
        if not plate.hide_render:
            plate.data.materials[0] = self.plates[condition]

    def _configuration(self, number: int, clock: Clock) -> Configuration | ViewResult:
        """Return a configuration, set up in Blender; a result without a record where no attempt was good."""
        if self.current is not None and self.current.number == number:
            return self.current
        self.current = None
        rejected: list[tuple[str, str]] = []
        config = self.config
        for attempt in range(MAX_ATTEMPTS):
            rng = attempt_rng(config.seed, self.scene, number, attempt, DOMAIN)
            try:
                placed = place(self.top, number, config.width, config.height, rng)
                casters = self._set_up(placed, clock)
                truths = self._truths(placed, casters, rng, clock)
            except Rejected as reason:
                rejected.append((reason.kind, str(reason)))
                continue
            seeds = rng.integers(2**31 - 1, size=2).tolist()
            self.current = Configuration(number, attempt, rejected, placed, seeds, casters, truths)
            return self.current
        return ViewResult(None, rejected, clock)

    def _set_up(self, placed: Placed, clock: Clock) -> dict[bool, RayCaster]:
        """Move arm and plate, export the scene and make its casters."""
        with clock.time("build"):
            self._hold(next(iter(self.plates)))
            parts = robot_arm.meshes(self.top.foot, placed.joints, placed.grip)
            for name, mesh in {**parts, PLATE: placed.plate}.items():
                _reshape(self.things[name], mesh)
        with clock.time("export"):
            try:
                geometry = export_scene()
            except DepthbenchError as error:
                raise SceneError(f"scene {self.scene} of plates: {error}") from error
        self.surfaces = geometry.surfaces
        clear = [s.name for s in self.surfaces if s.surface_class != SurfaceClass.OPAQUE and not _is(s, PLATE)]
        if clear:
            raise SceneError(f"scene {self.scene} of plates: {clear[0]} can be seen through; only the plate may be")
        with clock.time("caster"):
            caster = RayCaster(geometry)
        return {True: caster, False: WithoutSurface(caster, self._index(PLATE))}

    def _index(self, name: str) -> int:
        return next(k for k, surface in enumerate(self.surfaces) if _is(surface, name))

    def _truths(
        self, placed: Placed, casters: dict[bool, RayCaster], rng: np.random.Generator, clock: Clock
    ) -> dict[bool, PairTruth]:
        """Return the truth with and without the plate, checked.

        Raises
        ------
        Rejected
        """
        with clock.time("truth"):
            truths = {there: pair_truth(casters[there], placed.rig, placed.left_cam_to_world) for there in casters}
        with clock.time("check"):
            self._check_view(truths[True], placed)
            for there, truth in truths.items():
                problems = check_pair(truth, casters[there], placed.rig, placed.left_cam_to_world, rng)
                if problems:
                    raise Rejected("truth check", "; ".join(problems))
        return truths

    def _check_view(self, truth: PairTruth, placed: Placed) -> None:
        """Raise Rejected where the plate covers too much or little, the arm too much, or something is too near."""
        first = truth.left.layers.surface_id[0]
        cover = float((first == self._index(PLATE) + 1).mean())
        if not COVER[0] <= cover <= COVER[1]:
            raise Rejected("cover", f"the plate covers {cover:.1%} of the picture")
        arm = [self._index(name) + 1 for name in robot_arm.PARTS]
        share = float(np.isin(truth.left.layers.surface_id, arm).any(axis=0).mean())
        if share > MAX_ARM_SHARE:
            raise Rejected("arm", f"the arm covers {share:.1%} of the picture")
        nearest = placed.rig.intrinsics.fx * placed.rig.baseline_m / float(np.nanmax(truth.left.layers.first()))
        if nearest < CLEARANCE_M:
            raise Rejected("clearance", f"a surface at {nearest:.2f} m")

    def _record(
        self, view: int, now: Configuration, images: list[npt.NDArray[np.uint8]], gain: float, truth: PairTruth
    ) -> LayeredRecord:
        config, (number, condition), placed = self.config, divide_view(view), now.placed
        meta = {
            "environment": config.environment(self.scene),
            "scene": self.scene,
            "view": view,
            "sample": config.first_sample(self.scene) + view,
            "configuration": number,
            "condition": condition,
            "transmissivity": CONDITIONS[condition],
            "plate_centre_m": placed.centre.tolist(),
            "plate_normal": placed.grip.normal.tolist(),
            "seed": config.seed,
            "attempt": now.attempt,
            "rejected": [kind for kind, _ in now.rejected],
            "exposure": gain,
            "render_seeds": now.seeds,
            "preset": config.preset,
            "samples_per_pixel": config.render.samples,
            "device": self.device.partition(":")[0],
            "versions": {
                "depthbench": __version__,
                "generator": config.generator_version,
                "blender": blender_version(),
            },
        }
        left, right = eye_records(images, truth, eye_poses(placed.rig, placed.left_cam_to_world))
        return LayeredRecord(config.sample_id(self.scene, view), placed.rig, left, right, meta)


def _is(surface: Surface, name: str) -> bool:
    """Whether a surface is of the object of that name."""
    return surface.name.partition(" / ")[0] == name


def _reshape(thing: bpy.types.Object, mesh: Mesh) -> None:
    """Give an object, whose material stays, another mesh in world coordinates."""
    old = thing.data
    thing.data = _smooth(thing.name, mesh, old.materials[0])
    bpy.data.meshes.remove(old)


def _smooth(name: str, mesh: Mesh, material: Any) -> bpy.types.Mesh:
    data = assembly.new_mesh(name, mesh, smooth=True)
    data.set_sharp_from_angle(angle=float(np.deg2rad(35.0)))
    data.materials.append(material)
    return data


def build_scene(config: PlatesConfig, scene: int, context: WorkerContext, clock: Clock) -> PlatesScene:
    """Empty Blender and build a table top, its arm and its plate, these two not yet anywhere."""
    with clock.time("build"):
        assembly.reset()
        rng = scene_rng(config.seed, scene, DOMAIN)
        top = tabletop.build(rng, config.environment(scene))
        paint = robot_arm.materials(rng)
        plates = {
            name: materials.make("acrylic", rng, transmissivity=share, finish="clear")
            for name, share in CONDITIONS.items()
            if share is not None
        }
        paint[PLATE] = next(iter(plates.values()))
        speck = Mesh(np.eye(3), (np.array([[0, 1, 2]]),))
        things = {
            name: assembly.place(name, _smooth(name, speck, material), material) for name, material in paint.items()
        }
        use_device(context.device, context.threads)
        configure(config.render, lambda: context.send("pulse"))
    return PlatesScene(config, scene, top, context.device, things, plates)
