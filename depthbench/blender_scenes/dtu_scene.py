# SPDX-License-Identifier: Apache-2.0
"""A worker's task: one synthetic scan in DTU's layout, view by view, then its reference cloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.assembly import reset
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.layouts import table_group
from depthbench.blender_scenes.layouts.table_group import LAMP_SETTINGS, TableGroup
from depthbench.blender_scenes.render import configure, render_linear, use_device
from depthbench.blender_scenes.rig_camera import set_camera
from depthbench.blender_scenes.tone import exposure, tone_map
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.dtu_folder import TEST_LIGHT, DtuFolder, halved_and_cropped
from depthbench.formats.dtu_observed import write_observed
from depthbench.formats.image import encode_png
from depthbench.formats.pfm import read_pfm
from depthbench.formats.ply import table_of, write_ply
from depthbench.generators.draws import DOMAINS, scene_rng, view_rng
from depthbench.generators.dtu_twin import arc, reference
from depthbench.generators.dtu_twin.config import DtuTwinConfig
from depthbench.generators.dtu_twin.files import (
    REFERENCE,
    layouts,
    missing_items,
    reference_files,
    write_depth,
    write_test_cameras,
)
from depthbench.generators.mvs.folder import as_jpeg
from depthbench.layers import SurfaceClass
from depthbench.truth.cast import RayCaster

Picture = npt.NDArray[np.uint8]

DOMAIN = "dtu"
MM = 1000.0
_METER_SIZE = 64, 48
_MOST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Scan:
    """A scan as it stands in Blender.

    Attributes
    ----------
    config : DtuTwinConfig
    number : int
    group : TableGroup
    caster : RayCaster
    poses : list of float64 (4, 4)
        ``world_to_cam`` of all views, mm.
    gains : list of float
        Exposure in each light, the same for all views.
    """

    config: DtuTwinConfig
    number: int
    group: TableGroup
    caster: RayCaster
    poses: list[npt.NDArray[np.float64]]
    gains: list[float]

    def pictures(self, camera: Intrinsics, view: int, settings: Sequence[int], seeds: Sequence[int]) -> list[Picture]:
        """Trace a view lamp by lamp, each with its own seed; return it in each of some settings of the light."""
        used = sorted({lamp for setting in settings for lamp in LAMP_SETTINGS[setting]})
        lit = {lamp: self._traced(camera, view, (lamp,), seeds[lamp]) for lamp in used}
        return [
            tone_map(np.sum([lit[lamp] for lamp in LAMP_SETTINGS[setting]], axis=0), self.gains[setting])
            for setting in settings
        ]

    def evenly_lit(self, camera: Intrinsics, view: int, seed: int) -> Picture:
        """Trace a view with all lamps at once."""
        return tone_map(self._traced(camera, view, LAMP_SETTINGS[TEST_LIGHT], seed), self.gains[TEST_LIGHT])

    def measured(self) -> Scan:
        """Return the scan with the exposure in each light, from small pictures of the first view."""
        camera = Intrinsics.centred(*_METER_SIZE, arc.FOCAL_PX * _METER_SIZE[0] / arc.FULL_SIZE[0])
        lit = [self._traced(camera, 0, (lamp,), 0) for lamp in range(len(self.group.lamps))]
        gains = [float(exposure(np.sum([lit[lamp] for lamp in lamps], axis=0))) for lamps in LAMP_SETTINGS]
        return replace(self, gains=gains)

    def depth_mm(self, view: int) -> npt.NDArray[np.float32]:
        """Cast the depth map of the full size; 0 outside DTU's range of depths."""
        camera, pose = arc.intrinsics(self.config.scale, training=False), self.poses[view]
        rays = camera.pixel_directions().reshape(-1, 3) @ pose[:3, :3]
        eye = -pose[:3, :3].T @ pose[:3, 3]
        _, t, _ = self.caster.first_opaque(eye / MM + self.group.middle, rays)
        depth = t * MM
        there = (depth >= arc.DEPTH_MIN_MM) & (depth <= arc.DEPTH_MAX_MM)
        return np.where(there, depth, 0).astype(np.float32).reshape(camera.height, camera.width)

    def reference_mm(self) -> npt.NDArray[np.float64]:
        """Return points (N, 3) of the surface that some view sees."""
        geometry, middle = self.caster.geometry, self.group.middle
        vertices = (geometry.vertices - middle) * MM
        points, triangle = reference.surface_points(vertices, geometry.triangles, self.config.spacing_mm)
        corners = vertices[geometry.triangles]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[triangle]
        camera = arc.intrinsics(self.config.scale, training=False)
        return points[reference.seen(points, normals, self.caster, middle, [(camera, pose) for pose in self.poses])]

    def _traced(self, camera: Intrinsics, view: int, lamps: tuple[int, ...], seed: int) -> npt.NDArray[np.float32]:
        cam_to_world = np.linalg.inv(self.poses[view])
        cam_to_world[:3, 3] = cam_to_world[:3, 3] / MM + self.group.middle
        set_camera(camera, cam_to_world)
        self.group.light(*lamps)
        return render_linear(seed).linear


def make_scan(job: dict[str, Any], context: WorkerContext) -> None:
    """Make ``items`` of a scan: numbers of views, and ``reference`` when they are there.

    The job has ``config``, ``folder`` and ``scan``. An item's files are written before its ``end`` is told; what is there already is
    not made again.
    """
    config, root, number = DtuTwinConfig.from_json(job["config"]), Path(job["folder"]), int(job["scan"])
    missing = missing_items(config, root, number)
    for item in job["items"]:
        if item not in missing:
            context.send("there", item=item)
    if config.testing:
        write_test_cameras(config, root, number)
    if items := [item for item in job["items"] if item in missing]:
        _make(items, build(config, number, context), root, context)
    still = missing_items(config, root, number)
    every = [*range(config.views), *([REFERENCE] if config.testing else [])]
    context.send("settled", items=[item for item in every if item not in still])


def _make(items: Sequence[int | str], scan: Scan, root: Path, context: WorkerContext) -> None:
    for item in items:
        context.send("begin", item=item)
        if item == REFERENCE:
            _write_reference(scan, root)
        else:
            _write_view(scan, int(item), root)
        context.send("end", item=item, made=True)


def build(config: DtuTwinConfig, number: int, context: WorkerContext) -> Scan:
    """Build a scan's scene, make its caster, and measure its light.

    Raises
    ------
    DepthbenchError
        If something can be seen through.
    """
    scan = stand(config, number)
    use_device(context.device, context.threads)
    configure(config.render, lambda: context.send("pulse"))
    return scan.measured()


def stand(config: DtuTwinConfig, number: int) -> Scan:
    """Build a scan's scene and make its caster: all that truth needs; nothing is rendered, ``gains`` is empty.

    Raises
    ------
    DepthbenchError
        If something can be seen through.
    """
    reset()
    # neighbouring scans have different themes
    themes = np.random.default_rng([config.seed, *DOMAINS[DOMAIN]]).permutation(sorted(table_group.THEMES))
    group = table_group.build(scene_rng(config.seed, number, DOMAIN), str(themes[number % len(themes)]))
    geometry = export_scene()
    clear = [surface.name for surface in geometry.surfaces if surface.surface_class != SurfaceClass.OPAQUE]
    if clear:
        raise DepthbenchError(f"scan {number}: {clear[0]} can be seen through")
    return Scan(config, number, group, RayCaster(geometry), arc.poses(config.views, config.seed), [])


def _write_view(scan: Scan, view: int, root: Path) -> None:
    config, number = scan.config, scan.number
    depth = scan.depth_mm(view)
    train, raw, test = layouts(root)
    write_depth(raw, number, view, depth)
    seeds = view_rng(config.seed, number, view, DOMAIN).integers(_MOST_SEED, size=len(scan.group.lamps) + 1).tolist()
    if config.training:
        write_depth(train, number, view, np.ascontiguousarray(halved_and_cropped(depth)[::4, ::4]))
        camera = arc.intrinsics(config.scale, training=True)
        for light, picture in enumerate(scan.pictures(camera, view, range(config.lights), seeds)):
            write_bytes(train.image_path(number, view, light), encode_png(picture))
    if config.testing:
        camera = arc.intrinsics(config.scale, training=False)
        write_bytes(test.image_path(number, view), as_jpeg(scan.evenly_lit(camera, view, seeds[-1])))


def _write_reference(scan: Scan, root: Path) -> None:
    camera, points = arc.intrinsics(scan.config.scale, training=False), scan.reference_mm()
    raw = DtuFolder(root, "raw")
    depths = ((camera, pose, read_pfm(raw.depth_path(scan.number, view))) for view, pose in enumerate(scan.poses))
    cloud, mask, plane = reference_files(root, scan.number)
    write_observed(mask, plane, reference.observed_space(points, depths))
    x, y, z = points.astype(np.float32).T
    write_ply(cloud, {"vertex": table_of(x=x, y=y, z=z)}, comments=["true surface, seen parts, mm"])
