# SPDX-License-Identifier: Apache-2.0
"""A worker's task: the frames of one driven sequence, each with its picture, panoptic ids, depth and record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt
from mathutils import Matrix

from depthbench import __version__
from depthbench.blender_scenes.assembly import reset
from depthbench.blender_scenes.built_scene import Clock, blender_version
from depthbench.blender_scenes.driving import street
from depthbench.blender_scenes.driving.street import Drive
from depthbench.blender_scenes.driving.traffic import SECONDS_PER_FRAME
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.pose import look_at
from depthbench.blender_scenes.render import configure, render_linear, use_device
from depthbench.blender_scenes.rig_camera import set_camera
from depthbench.blender_scenes.tone import exposure, tone_map
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.camera import Intrinsics
from depthbench.formats.image import write_png
from depthbench.formats.json_file import read_json, write_json
from depthbench.formats.pfm import write_pfm
from depthbench.generators.driving.classes import panoptic_id
from depthbench.generators.driving.config import (
    FOCAL_SHARE,
    GENERATOR_VERSION,
    DrivingConfig,
    missing_frames,
    paths,
    stem,
)
from depthbench.truth.geometry import Surface
from depthbench.truth.moving import Body, body, look

Array = npt.NDArray[Any]
QUANTA_PER_M = 256
"""Of the 16-bit depth."""
_CAMERA_UP_M, _CAMERA_AHEAD_M = 1.22, 0.6


@dataclass(frozen=True)
class _Camera:
    """How the camera is mounted in a sequence: focal length, height over the road, where it looks off the car's heading."""

    intrinsics: Intrinsics
    up_m: float
    pitch_deg: float
    yaw_deg: float


def _mounted(rng: np.random.Generator, config: DrivingConfig) -> _Camera:
    focal_px = config.width * FOCAL_SHARE * float(rng.uniform(0.96, 1.04))
    return _Camera(
        Intrinsics.centred(config.width, config.height, focal_px),
        _CAMERA_UP_M + float(rng.uniform(-0.05, 0.25)),
        float(rng.uniform(-0.5, 3.0)),
        float(rng.uniform(-1.5, 1.5)),
    )


def camera_pose(drive: Drive, camera: _Camera, frame: int, shake: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return ``cam_to_world`` of a frame; ``shake`` (F, 3) is by how much springs lift and turn it: metres, degrees, degrees."""
    x, y = drive.ego.centres[frame]
    up, pitch, yaw = shake[frame]
    eye = np.array([x + _CAMERA_AHEAD_M, y, drive.road_z + camera.up_m + up])
    down, aside = np.deg2rad(camera.pitch_deg + pitch), np.deg2rad(camera.yaw_deg + yaw)
    ahead = np.array([np.cos(down) * np.cos(aside), np.cos(down) * np.sin(aside), -np.sin(down)])
    return look_at(eye, eye + ahead)


@dataclass(frozen=True)
class Filmed:
    """A sequence as it stands in Blender, and the truth of its frames, for which nothing is rendered.

    Attributes
    ----------
    config : DrivingConfig
    drive : Drive
    camera : _Camera
    shake : float64 (F, 3)
        See :func:`camera_pose`.
    table : uint16 (S,)
        Panoptic id of every surface id.
    bodies : list of Body
        All that stands, then each mover.
    tones : Generator
        Decides exposure and noise.
    """

    config: DrivingConfig
    drive: Drive
    camera: _Camera
    shake: npt.NDArray[np.float64]
    table: npt.NDArray[np.uint16]
    bodies: list[Body]
    tones: np.random.Generator

    def pose(self, frame: int) -> npt.NDArray[np.float64]:
        """Return ``cam_to_world`` of a frame."""
        return camera_pose(self.drive, self.camera, frame, self.shake)

    def truth(self, frame: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint16]]:
        """Return depth in metres, +inf in the sky, and panoptic ids, both (H, W)."""
        moves = [np.eye(4), *(one.moved(frame) for one in self.drive.instances if one.track is not None)]
        depth_m, surface = look(self.bodies, moves, self.camera.intrinsics, self.pose(frame))
        return depth_m, self.table[surface]

    def objects(self, frame: int) -> list[dict[str, Any]]:
        """Describe everything countable, with the box about it."""
        return [
            {
                "panoptic_id": one.panoptic,
                "class": one.kind,
                "centre_m": (one.moved(frame) @ [*one.centre_m, 1.0])[:3],
                "size_m": one.size_m,
                "heading_deg": one.heading_deg,
                "speed_m_s": one.track.speed_m_s if one.track else 0.0,
            }
            for one in self.drive.instances
        ]


def stand(config: DrivingConfig, sequence: int, clock: Clock) -> Filmed:
    """Build the street of a sequence with all that moves in it."""
    seeds = np.random.SeedSequence(config.entropy(sequence)).spawn(3)
    with clock.time("build"):
        reset()
        drive = street.build(np.random.default_rng(seeds[0]), config.frames)
        rng = np.random.default_rng(seeds[1])
        camera = _mounted(rng, config)
        shake = rng.normal(0.0, [0.006, 0.12, 0.1], (config.frames, 3))
    with clock.time("export"):
        geometry = export_scene()
        table = panoptic_of(geometry.surfaces, drive.panoptic)
    with clock.time("caster"):
        bodies = _bodies(geometry, drive, table)
    return Filmed(config, drive, camera, shake, table, bodies, np.random.default_rng(seeds[2]))


def panoptic_of(surfaces: tuple[Surface, ...], panoptic: dict[str, int]) -> npt.NDArray[np.uint16]:
    """Return the panoptic id of every surface id, the sky's for 0."""
    table = np.full(max(surface.id for surface in surfaces) + 1, panoptic_id("sky"), dtype=np.uint16)
    for surface in surfaces:
        table[surface.id] = panoptic[surface.name.partition(" / ")[0]]
    return table


def quantised(depth_m: Array) -> npt.NDArray[np.uint16]:
    """Return depth in 1/256 m; 0 where there is none, or more than 16 bits hold."""
    quanta = np.rint(np.where(np.isfinite(depth_m), depth_m, 0.0) * QUANTA_PER_M)
    return np.where(quanta > np.iinfo(np.uint16).max, 0, quanta).astype(np.uint16)


def make_sequence(job: dict[str, Any], context: WorkerContext) -> None:
    """Make the frames ``items`` of a sequence.

    The job has ``config``, ``folder`` and ``sequence``. All files of a frame are written before its ``end`` is told.
    """
    config, folder, sequence = DrivingConfig.from_json(job["config"]), Path(job["folder"]), int(job["sequence"])
    missing = set(missing_frames(folder, config, sequence))
    for frame in set(job["items"]) - missing:
        context.send("there", item=frame)
    if missing.intersection(job["items"]):
        _film(config, folder, sequence, sorted(missing.intersection(job["items"])), context)
    still = missing_frames(folder, config, sequence)
    context.send("settled", items=[frame for frame in range(config.frames) if frame not in still])


def _film(config: DrivingConfig, folder: Path, sequence: int, wanted: list[int], context: WorkerContext) -> None:
    """Build a sequence's street and make the wanted frames."""
    clock = Clock()
    filmed = stand(config, sequence, clock)
    offset_ev = float(np.clip(filmed.tones.normal(0.0, 0.3), -0.7, 0.7))
    render_seeds = filmed.tones.integers(2**31 - 1, size=config.frames).tolist()
    use_device(context.device, context.threads)
    configure(config.render, lambda: context.send("pulse"))
    rest = {thing.name: thing.matrix_world.copy() for one in filmed.drive.instances for thing in one.things}
    context.send("built", seconds=clock.seconds, surfaces=len(filmed.table))
    gain = _known_gain(folder, config, sequence)

    def trace(frame: int) -> npt.NDArray[np.float32]:
        _move(filmed.drive, rest, frame)
        set_camera(filmed.camera.intrinsics, filmed.pose(frame))
        return render_linear(render_seeds[frame]).linear

    for frame in wanted:
        context.send("begin", item=frame)
        clock = Clock()
        with clock.time("render"):
            first = None
            if gain is None:
                first = trace(0)
                gain = exposure(first) * 2.0**offset_ev
            linear = first if first is not None and frame == 0 else trace(frame)
        with clock.time("truth"):
            depth_m, panoptic = filmed.truth(frame)
        record = _record(filmed, sequence, frame, gain)
        _write(folder, config, sequence, frame, tone_map(linear, gain), panoptic, depth_m, record)
        context.send("end", item=frame, id=record["id"], made=True, seconds=clock.seconds)


def _bodies(geometry: Any, drive: Drive, table: npt.NDArray[np.uint16]) -> list[Body]:
    """Return all that stands as one body, then each mover."""
    of_surface = table[[surface.id for surface in geometry.surfaces]]
    moving = [one.panoptic for one in drive.instances if one.track is not None]
    return [body(geometry, ~np.isin(of_surface, moving)), *(body(geometry, of_surface == number) for number in moving)]


def _move(drive: Drive, rest: dict[str, Matrix], frame: int) -> None:
    for one in drive.instances:
        if one.track is not None:
            motion = Matrix(one.moved(frame).tolist())
            for thing in one.things:
                thing.matrix_world = motion @ rest[thing.name]
    bpy.context.view_layer.update()


def _known_gain(folder: Path, config: DrivingConfig, sequence: int) -> float | None:
    """Return the exposure of a sequence of which a frame is there: all have the same."""
    for frame in range(config.frames):
        path = paths(folder, config, sequence, frame).record
        if path.is_file():
            return float(read_json(path)["exposure"])
    return None


def _record(filmed: Filmed, sequence: int, frame: int, gain: float) -> dict[str, Any]:
    """Describe a frame: camera, everything countable with the box about it, how it was made."""
    config, drive, pose = filmed.config, filmed.drive, filmed.pose(frame)
    return {
        "id": stem(config, sequence, frame),
        "sequence": sequence,
        "frame": frame,
        "time_s": frame * SECONDS_PER_FRAME,
        "intrinsics": asdict(filmed.camera.intrinsics),
        "cam_to_world": pose,
        "camera_height_m": float(pose[2, 3] - drive.road_z),
        "speed_m_s": drive.ego.speed_m_s,
        "weather": drive.weather,
        "exposure": gain,
        "objects": filmed.objects(frame),
        "preset": config.preset,
        "samples_per_pixel": config.render.samples,
        "versions": {"depthbench": __version__, "generator": GENERATOR_VERSION, "blender": blender_version()},
    }


def _write(
    folder: Path,
    config: DrivingConfig,
    sequence: int,
    frame: int,
    image: Array,
    panoptic: Array,
    depth_m: Array,
    record: dict[str, Any],
) -> None:
    files = paths(folder, config, sequence, frame)
    for path in (files.image, files.record):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_png(files.image, image)
    write_png(files.panoptic, panoptic)
    write_png(files.depth, quantised(depth_m))
    if config.float_depth:
        write_pfm(files.float_depth, depth_m.astype(np.float32))
    write_json(files.record, record)
