# SPDX-License-Identifier: Apache-2.0
"""A scene of twins: the originals' scene, built again and changed. Nothing is trusted before the original is met again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from depthbench import __version__
from depthbench.blender_scenes import changes
from depthbench.blender_scenes.built_scene import BuiltScene, Clock, ViewResult, blender_version, build_scene
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.pose import Rejected, check_right_eye
from depthbench.blender_scenes.recast import recast
from depthbench.blender_scenes.view import develop, eye_poses, eye_records, trace_pair
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import to_json
from depthbench.formats.shard import LayeredRecord, ShardReader
from depthbench.generators.draws import extra_rng
from depthbench.generators.layered_config import GENERATOR_VERSION
from depthbench.generators.plan import shard_path
from depthbench.generators.twin_config import TwinConfig, parse_change
from depthbench.truth.cast import RayCaster
from depthbench.truth.geometry import SceneGeometry, Surface
from depthbench.truth.pair import pair_truth


@dataclass(frozen=True)
class TwinScene:
    """A changed scene in Blender.

    Attributes
    ----------
    config : TwinConfig
    original : BuiltScene
        Its rays meet the scene as it was; Blender holds the changed one.
    caster : RayCaster
        Of the changed scene.
    """

    config: TwinConfig
    original: BuiltScene
    caster: RayCaster

    @property
    def surfaces(self) -> tuple[Surface, ...]:
        """Every surface that is left, with its number in the original."""
        return self.caster.geometry.surfaces

    def show(self, view: int) -> RayCaster:
        """Return the caster; the change holds for all views."""
        return self.caster

    def make(self, view: int) -> ViewResult:
        """Make the twin of a stored view.

        Raises
        ------
        DepthbenchError
            If the original is not there, or the scene built here does not give its truth.
        """
        result = ViewResult()
        stored = self._stored(view)
        with result.clock.time("check"):
            differing = {
                name: share
                for name, share in recast(self.original.caster, stored, self.config.gt_bits).items()
                if share
            }
        if differing:
            name, share = max(differing.items(), key=lambda item: item[1])
            raise DepthbenchError(
                f"{stored.id}: built again, its scene does not give the stored truth ({name} differs at {share:.3%} of the "
                "pixels): use the versions and the kind of machine that made it"
            )
        change, baseline_m = parse_change(self.config.change)
        rig = replace(stored.rig, baseline_m=baseline_m) if change == "baseline" else stored.rig
        pose = stored.left.cam_to_world
        try:
            if change == "baseline":
                check_right_eye(self.caster, rig, pose, self.original.info.clearance_m)
        except Rejected as rejected:
            result.rejected.append((rejected.kind, str(rejected)))
            return result
        with result.clock.time("truth"):
            truth = pair_truth(self.caster, rig, pose)
        linear = trace_pair(rig, pose, list(stored.meta["render_seeds"]), result.clock)
        with result.clock.time("tone"):
            place = self.original.scene, view, int(stored.meta["attempt"])
            images, sensor = develop(self.config, linear, float(stored.meta["exposure"]), rig, place)
        left, right = eye_records(images, truth, eye_poses(rig, pose))
        result.record = LayeredRecord(stored.id, rig, left, right, self._meta(stored, sensor))
        return result

    def _stored(self, view: int) -> LayeredRecord:
        """Read the original."""
        path = shard_path(Path(self.config.source), self.original.scene)
        sample_id = self.config.sample_id(self.original.scene, view)
        with ShardReader(path) as reader:
            if sample_id not in reader.ids:
                raise DepthbenchError(f"{path}: holds no {sample_id}, of which a twin is asked")
            return reader.read(reader.ids.index(sample_id))

    def _meta(self, stored: LayeredRecord, sensor: dict[str, Any] | None) -> Mapping[str, Any]:
        identity = to_json(self.config.original.to_json(), indent=None).encode()
        return {
            **stored.meta,
            "sensor": sensor,
            "device": self.original.device.partition(":")[0],
            "versions": {"depthbench": __version__, "generator": GENERATOR_VERSION, "blender": blender_version()},
            "twin": {
                "of": stored.id,
                "of_config_sha256": hashlib.sha256(identity).hexdigest(),
                "change": self.config.change,
                "of_baseline_m": stored.rig.baseline_m,
            },
        }


def build_twin(config: TwinConfig, scene: int, context: WorkerContext, clock: Clock) -> TwinScene:
    """Build the originals' scene and change it."""
    original = build_scene(config, scene, context, clock)
    change, _ = parse_change(config.change)
    if change == "baseline":
        return TwinScene(config, original, original.caster)
    before = original.caster.geometry
    with clock.time("build"):
        gone = changes.apply(change, before, extra_rng(config.seed, scene, "change", config.domain))
    with clock.time("export"):
        after = numbered_alike(export_scene(), before, gone)
    with clock.time("caster"):
        return TwinScene(config, original, RayCaster(after, like=original.caster))


def numbered_alike(after: SceneGeometry, before: SceneGeometry, gone: frozenset[str]) -> SceneGeometry:
    """Return a scene of which objects are ``gone``, its surfaces numbered as before.

    Raises
    ------
    DepthbenchError
        If the objects left are not all those that were there but for these.
    """
    left = [surface for surface in before.surfaces if changes.object_name(surface.name) not in gone]
    names = [[changes.object_name(surface.name) for surface in among] for among in (left, after.surfaces)]
    if names[0] != names[1]:
        raise DepthbenchError("the changed scene does not hold what the original held: is an object hidden twice?")
    surfaces = tuple(replace(new, id=old.id) for new, old in zip(after.surfaces, left, strict=True))
    return replace(after, surfaces=surfaces)
