# SPDX-License-Identifier: Apache-2.0
"""Drives through streets as a release: a frame's picture, panoptic ids and depth, one JSON of camera and objects."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import is_pose
from depthbench.errors import MissingExtraError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.grey_png import decode_grey
from depthbench.formats.image import decode_rgb
from depthbench.formats.json_file import read_json, write_json
from depthbench.formats.limits import MOST_ARRAY_BYTES, read_limited
from depthbench.formats.pfm import read_pfm, write_pfm
from depthbench.formats.sample_parts import Parts
from depthbench.generators.driving.check import QUANTUM_M, DrivenFrame, faults_of, frames, metres, open_drives
from depthbench.generators.driving.classes import CLASSES, DIVISOR, FIRST_THING
from depthbench.generators.driving.config import DrivingConfig, paths, stem
from depthbench.release.kind import About, Listed, faults_named, kept_config, needed_to_recompute
from depthbench.release.seal import foreign_parts, sealed

_PARTS = {
    "image.png": "the picture, RGB, 8 bits",
    "panoptic.png": "what is where, 16 bits: train id of Cityscapes * 1000 + instance; 32000 = void. Things keep their number through a sequence",
    "depth.png": "depth of the first surface, 16 bits: planar z in metres * 256, 0 = none (the sky)",
    "npz": "of sets with exact depth: `depth_m` float32 (H, W), +inf in the sky",
    "json": "`sequence`, `frame`, `time_s`; `intrinsics` in pixels, `cam_to_world` 4x4 (OpenCV axes; the street runs along x, z is up), "
    "`camera_height_m`; `objects`: id, class, box, heading and speed of everything countable; exposure, versions; sha256 of the other parts",
}
_LIMITS = (
    "Depth is that of the first surface along the straight ray through a pixel's centre: windows of cars and houses count, what shows through them does not.",
    "`depth.png` is rounded to 1/256 m, an error of 2 mm at most, and ends at 256 m.",
    "Limbs and wheels stay as they are through a sequence; there is no motion blur. Trains and motorcycles do not occur.",
    "Pictures are rendered. Noise of path tracing, cleaned by a denoiser, is not that of a camera.",
    "The splits of a release are not the train and val of the folder that it was made from: keep to one of both.",
)
_LOOKED_AT = 200
"""Frames, taken evenly, whose pixels the statistics tell of."""


class DrivingKind:
    """See :class:`depthbench.release.kind.ReleaseKind`; a sample is a frame, a group a sequence."""

    name = "dvps-twin"

    def listing(self, folder: Path) -> list[Listed]:
        """Return every frame, by the weather of its sequence."""
        config, weather, found = open_drives(folder), dict[int, str](), []
        for sequence, number, files in frames(folder, config):
            if sequence not in weather:
                weather[sequence] = str(read_json(files.record)["weather"])
            place = (config, folder, sequence, number)
            found.append(Listed(stem(config, sequence, number), sequence, weather[sequence], place))
        return found

    def read(self, listed: Listed) -> Parts:
        """Return a frame's parts; files are not decoded."""
        config, folder, sequence, number = listed.place
        files = paths(folder, config, sequence, number)
        parts: dict[str, Any] = {
            part: read_limited(path, MOST_ARRAY_BYTES, "picture")
            for part, path in (
                ("image.png", files.image),
                ("panoptic.png", files.panoptic),
                ("depth.png", files.depth),
            )
        }
        if config.float_depth:
            parts["npz"] = {"depth_m": read_pfm(files.float_depth)}
        return sealed({**parts, "json": read_json(files.record)})

    def about(self, folder: Path, listed: list[Listed]) -> About:
        """Return what the folder is."""
        config = open_drives(folder)
        sequences = sorted({one.group for one in listed})
        return About(
            title="Drives through streets, with panoptic ids and depth",
            text=f"Rendered sequences of up to {config.frames} frames, 0.29 s apart, from a car that drives through a street with cars, lorries, buses, "
            "cyclists and people, parked, standing and moving. For every pixel class, instance and depth are known, for every frame the camera's "
            "pose, for every object the box about it.",
            tasks=("depth-estimation", "image-segmentation"),
            parts=_PARTS,
            limits=_LIMITS,
            seeds=f"seed {config.seed}, sequences {sequences[0]} to {sequences[-1]} ({len(sequences)} of them), {len(listed)} frames",
        )

    def pictures(self, folder: Path, out: Path) -> tuple[dict[str, str], dict[str, Any]]:
        """Draw some frames; count weather, instances, classes and depths."""
        from depthbench.generators.driving.picture import show_drives

        show_drives(folder, out / "frames.png", 6, ())
        listed = self.listing(folder)
        chosen = np.unique(np.linspace(0, len(listed) - 1, min(_LOOKED_AT, len(listed))).round().astype(int))
        return {"frames.png": "Frames: the picture, classes and instances, depth"}, _statistics(
            listed, [frame_of(self.read(listed[place])) for place in chosen]
        )

    def check(self, provenance: Path, sample_id: str, parts: Parts) -> list[str]:
        """Hold a frame's name, ids, depth, boxes and camera against the configuration and against each other."""
        config, told = _config(provenance), parts.get("json", {})
        if told.get("id") != sample_id:
            return [f"calls itself {told.get('id')}"]
        if strange := foreign_parts(parts):
            return strange
        here = frame_of(parts)
        camera, pose = here.camera
        if (camera.width, camera.height) != (config.width, config.height):
            return [f"its camera is of {camera.width}x{camera.height} pixels"]
        if not np.isfinite(camera.matrix).all() or min(camera.fx, camera.fy) <= 0:
            return ["its intrinsics are none"]
        if pose.shape != (4, 4) or not is_pose(pose):
            return ["its cam_to_world is no rotation and shift"]
        problems = faults_of(here, config, stem(config, int(told["sequence"]), int(told["frame"])))
        if problems or config.float_depth != ("npz" in parts):
            return problems or ["exact depth is there or not, other than the configuration says"]
        return _unlike_exact(here, parts["npz"]["depth_m"]) if config.float_depth else []

    def fingerprint(self, parts: Parts) -> bytes:
        """Return the picture: two renders are never equal to the byte."""
        return bytes(parts["image.png"])

    def recompute(self, provenance: Path, samples: Mapping[str, Parts]) -> list[str]:
        """Build the streets again and hold depth, ids, camera and objects against theirs; nothing is rendered."""
        from depthbench.generators.blender_check import require_blender
        from depthbench.generators.driving.rebuilt import differing_frames

        config = _config(provenance)
        with needed_to_recompute():
            require_blender()
        chosen: defaultdict[int, list[int]] = defaultdict(list)
        with tempfile.TemporaryDirectory(prefix="depthbench-") as scratch:
            for parts in samples.values():
                told = parts["json"]
                sequence, number = int(told["sequence"]), int(told["frame"])
                chosen[sequence].append(number)
                files = paths(Path(scratch), config, sequence, number)
                write_bytes(files.panoptic, parts["panoptic.png"])
                write_bytes(files.depth, parts["depth.png"])
                write_json(files.record, told)
                if config.float_depth:
                    write_pfm(files.float_depth, parts["npz"]["depth_m"])
            return differing_frames(Path(scratch), config, chosen)

    def tensors(self, parts: Parts, **options: Any) -> dict[str, Any]:
        """Return what :func:`frame_tensors` gives, with its options."""
        return frame_tensors(parts, **options)

    def needed(self, **options: Any) -> tuple[str, ...] | None:
        """Return None: all parts."""
        return None


def frame_of(parts: Parts) -> DrivenFrame:
    """Return the frame of its parts.

    Raises
    ------
    DepthbenchError
        If the parts are not those of a frame.
    """
    record = parts.get("json", {})
    name = str(record.get("id", "a frame"))
    with faults_named(name, "a frame of a drive"):
        return DrivenFrame(
            name,
            decode_rgb(parts["image.png"], f"{name}.image.png"),
            decode_grey(parts["panoptic.png"], 16, f"{name}.panoptic.png"),
            metres(decode_grey(parts["depth.png"], 16, f"{name}.depth.png")),
            record,
        )


def frame_tensors(parts: Parts, *, strides: Sequence[int] = (), fuzziness: float = 2.0) -> dict[str, Any]:
    """Return a frame as PyTorch's default collate takes it.

    Parameters
    ----------
    strides : sequence of int
        Also targets of membership at these strides, as ``depthbench prepare dvps`` makes them of the 16-bit depth: ``instance``, ``row_4``,
        ``value_4`` and so on, ``count``; see :class:`depthbench.generators.driving_shards.dataset.DrivingDataset`.
    fuzziness : float
        Of those targets.

    Returns
    -------
    dict
        ``id`` str; ``sequence``, ``frame`` int; ``image`` float32 (3, H, W), sRGB from 0 to 1; ``panoptic`` int64 (H, W); ``depth_m`` float32
        (H, W), exact where the set has that, NaN in the sky; ``intrinsics`` float32 (3, 3); ``cam_to_world`` float64 (4, 4).
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("torch", "torch", "reading a release as tensors") from error
    here = frame_of(parts)
    with faults_named(here.id, "a frame of a drive"):
        camera, pose = here.camera
        depth_m = here.depth_m
        if "npz" in parts:
            exact = parts["npz"]["depth_m"]
            depth_m = np.where(np.isfinite(exact), exact, np.float32(np.nan))
        sample: dict[str, Any] = {
            "id": here.id,
            "sequence": int(here.record["sequence"]),
            "frame": int(here.record["frame"]),
            "image": torch.from_numpy(np.ascontiguousarray(here.image.transpose(2, 0, 1))).float() / 255,
            "panoptic": torch.from_numpy(here.panoptic.astype(np.int64)),
            "depth_m": torch.from_numpy(depth_m),
            "intrinsics": torch.from_numpy(camera.matrix.astype(np.float32)),
            "cam_to_world": torch.from_numpy(pose),
        }
    if strides:
        from depthbench.generators.membership.instances import find_instances
        from depthbench.generators.membership.levels import membership_targets
        from depthbench.generators.membership.packing import MOST_INSTANCES, pack_map, unpack_map

        ids = _thing_ids(here.panoptic)
        made = membership_targets(ids, here.depth_m, strides, fuzziness, most=MOST_INSTANCES)
        _, row = find_instances(ids, here.depth_m, MOST_INSTANCES)
        sample |= {"instance": torch.from_numpy(row.astype(np.int64)), "count": len(made.instances)}
        for stride, level in made.levels.items():
            level = unpack_map(pack_map(level))
            sample[f"row_{stride}"] = torch.from_numpy(level.row.astype(np.int64))
            sample[f"value_{stride}"] = torch.from_numpy(level.value)
    return sample


def _thing_ids(panoptic: npt.NDArray[np.uint16]) -> npt.NDArray[np.int32]:
    """Return the ids of things, 0 elsewhere."""
    classes = panoptic // DIVISOR
    ids: npt.NDArray[np.int32] = np.where((classes >= FIRST_THING) & (classes < len(CLASSES)), panoptic, 0)
    return ids.astype(np.int32)


def _unlike_exact(here: DrivenFrame, exact: npt.NDArray[np.float32]) -> list[str]:
    """Hold exact depth against the rounded one."""
    if exact.shape != here.depth_m.shape or exact.dtype != np.float32:
        return [f"its exact depth is {exact.dtype} {exact.shape}"]
    rounded = np.nan_to_num(here.depth_m, nan=np.inf)
    with np.errstate(invalid="ignore"):
        wrong = ~((np.abs(exact - rounded) <= 0.51 * QUANTUM_M) | (exact == rounded))
    return [f"exact and rounded depth differ at {int(wrong.sum())} pixels"] if wrong.any() else []


def _statistics(listed: Sequence[Listed], looked_at: Sequence[DrivenFrame]) -> dict[str, Any]:
    depth_m = np.concatenate([one.depth_m[np.isfinite(one.depth_m)][::7] for one in looked_at])
    pixels: Counter[int] = Counter()
    things: Counter[str] = Counter()
    for one in looked_at:
        ids, counts = np.unique(one.panoptic, return_counts=True)
        for number, count in zip((ids // DIVISOR).tolist(), counts.tolist(), strict=True):
            pixels[number] += count
        things.update(CLASSES[number // DIVISOR] for number in ids.tolist() if number % DIVISOR)
    total = sum(pixels.values())
    quantiles = (0.01, 0.25, 0.5, 0.75, 0.99)
    return {
        "frames": len(listed),
        "sequences": len({one.group for one in listed}),
        "frames_by_weather": dict(Counter(one.environment for one in listed)),
        "frames_looked_at_for_the_rest": len(looked_at),
        "depth_m": dict(zip(map(str, quantiles), np.quantile(depth_m, quantiles).tolist(), strict=True))
        if len(depth_m)
        else {},
        "share_of_pixels": {
            CLASSES[k] if k < len(CLASSES) else "void": count / total for k, count in pixels.most_common()
        },
        "instances_in_sight": dict(things.most_common()),
    }


def _config(provenance: Path) -> DrivingConfig:
    return DrivingConfig.from_json(kept_config(provenance))
