# SPDX-License-Identifier: Apache-2.0
"""Small generated folders of every kind that can be released, made without Blender."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
from synthetic import synthetic_record, synthetic_surfaces
from test_plan import config

from depthbench.formats.image import write_png
from depthbench.formats.json_file import write_json
from depthbench.formats.shard import write_shard
from depthbench.generators.plan import shard_path
from depthbench.release.build import Asked, build, parse_size
from depthbench.release.kind import kind_of
from depthbench.release.kinds.layered import LayeredKind
from depthbench.release.manifest import Manifest
from depthbench.release.splits import parse_splits
from depthbench.release.words import Words

WORDS = Words(
    "CC-BY-4.0", "Example Lab", "https://example.org/glass", "Example Lab: glass", known_issues=("Odd chairs.",)
)


def layered_folder(folder: Path, scenes: int = 6, views: int = 3, width: int = 48, height: int = 32) -> Path:
    """Layered pairs of slanted planes."""
    settings = config(views_per_scene=views, scenes=("cafe",), width=width, height=height)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", settings.to_json())
    write_json(
        folder / "run.json", {"runs": [{"command": "depthbench generate layered --n 18", "versions": {"bpy": "4.5"}}]}
    )
    for scene in range(scenes):
        records = [synthetic_record(3, view, width=width, height=height, scene=scene) for view in range(views)]
        attrs = {"without": {}, "environment": "cafe", "scene": scene, "seed": 1}
        path = write_shard(shard_path(folder, scene), records, surfaces=synthetic_surfaces(), attrs=attrs)
        assert path.is_file()
    return folder


def odms_folder(folder: Path, n: int = 6) -> Path:
    """Masks, as `generate odms` makes them."""
    from depthbench.generators.odms.config import OdmsConfig
    from depthbench.generators.odms.fill import fill
    from depthbench.generators.odms.mask_set import MaskSet

    fill(MaskSet(OdmsConfig(split="val", observations=3)), n, folder)
    return folder


def focal_folder(folder: Path, bits: int = 8) -> Path:
    """Stacks of a plain folder of RGB-D pictures with three scenes."""
    from click.testing import CliRunner

    from depthbench.cli import cli

    rng = np.random.default_rng(5)
    source = folder.with_name(f"{folder.name}-source")
    for scene in range(3):
        for frame in range(2):
            place = source / f"kitchen_{scene}"
            write_png(place / f"rgb_{frame:05d}.png", rng.integers(0, 255, (24, 32, 3), dtype=np.uint8))
            depth = np.full((24, 32), 1500 + 300 * scene, dtype=np.uint16)
            depth[:, 16:] = 3000
            write_png(place / f"sync_depth_{frame:05d}.png", depth)
    given = f"generate focal-stack --from nyu --root {source} --planes 3 --bits {bits} --workers 1 --out {folder}"
    told = CliRunner().invoke(cli, shlex.split(given), catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return folder


def driving_folder(folder: Path, sequences: int = 4, exact: bool = False) -> Path:
    """Drives past one box on a level road, two frames each."""
    from test_driving_check import CONFIG, frame

    settings = replace(CONFIG, frames=2, float_depth=exact)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", settings.to_json())
    for sequence in range(sequences):
        for number in range(2):
            frame(folder, number, 1.0 * number + 0.1 * sequence, sequence, settings)
    return folder


def scans_folder(folder: Path, scans: int = 3, parts: str = "all") -> Path:
    """Scans of a round plate over a table, each at a height of its own: depth and reference in closed form, three views, two lights."""
    from depthbench.formats.dtu_observed import write_observed
    from depthbench.formats.ply import table_of, write_ply
    from depthbench.generators.dtu_twin import arc
    from depthbench.generators.dtu_twin.config import make_config
    from depthbench.generators.dtu_twin.files import (
        layouts,
        reference_files,
        write_cameras,
        write_depth,
        write_test_cameras,
    )
    from depthbench.generators.dtu_twin.reference import observed_space
    from depthbench.generators.mvs.folder import as_jpeg

    settings = make_config(
        seed=0, width=160, height=128, views=3, lights=2, parts=parts, spacing_mm=5.0, preset="preview", samples=1
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", settings.to_json())
    numbers = list(range(1, scans + 1))
    write_cameras(settings, folder)
    train, raw, test = layouts(folder)
    camera, poses = arc.intrinsics(settings.scale, training=False), arc.poses(3, 0)
    for scan in numbers:
        if settings.testing:
            write_test_cameras(settings, folder, scan)
        rng, depths = np.random.default_rng(scan), []
        for view, pose in enumerate(poses):
            depth = plate_depth(camera.pixel_directions(), pose, 30.0 * scan)
            depths.append(depth)
            write_depth(raw, scan, view, depth)
            if settings.training:
                half = depth[::2, ::2][11:139, 20:180]
                write_depth(train, scan, view, np.ascontiguousarray(half[::4, ::4]))
                for light in range(2):
                    write_png(train.image_path(scan, view, light), blocks(rng, 160, 128))
            if settings.testing:
                test.image_path(scan, view).parent.mkdir(parents=True, exist_ok=True)
                test.image_path(scan, view).write_bytes(as_jpeg(blocks(rng, 400, 300)))
        if settings.testing:
            x, y = np.meshgrid(np.arange(-150.0, 150, 5), np.arange(-150.0, 150, 5))
            points = np.stack([x, y, np.where(np.hypot(x, y) < PLATE_MM, 30.0 * scan, 0)], axis=-1).reshape(-1, 3)
            # what lies under the plate is on no depth map
            points = points[(np.hypot(*points[:, :2].T) < PLATE_MM) | (np.hypot(*points[:, :2].T) > 140)]
            cloud, mask, plane = reference_files(folder, scan)
            columns = points.astype(np.float32).T
            write_ply(cloud, {"vertex": table_of(x=columns[0], y=columns[1], z=columns[2])})
            write_observed(mask, plane, observed_space(points, zip([camera] * 3, poses, depths, strict=True)))
    return folder


PLATE_MM = 60.0


def plate_depth(rays: np.ndarray, world_to_cam: np.ndarray, height_mm: float) -> np.ndarray:
    """Planar depth of a plate of radius PLATE_MM at a height over the plane z = 0; 0 outside 425 to 935 mm."""
    eye, directions = -world_to_cam[:3, :3].T @ world_to_cam[:3, 3], rays @ world_to_cam[:3, :3]
    table, plate = -eye[2] / directions[..., 2], (height_mm - eye[2]) / directions[..., 2]
    at = eye[:2] + plate[..., None] * directions[..., :2]
    depth = np.where(np.hypot(at[..., 0], at[..., 1]) < PLATE_MM, plate, table)
    return np.where((depth >= 425) & (depth <= 935), depth, 0).astype(np.float32)


def blocks(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A picture of coloured squares."""
    few = rng.integers(0, 255, (-(-height // 20), -(-width // 20), 3), dtype=np.uint8)
    return few.repeat(20, axis=0).repeat(20, axis=1)[:height, :width]


def released(
    folder: Path,
    out: Path,
    container: str = "tar",
    splits: str = "train=1,val=1,test=1",
    size: str = "60kB",
    drawn: bool = False,
) -> Manifest:
    """Release a folder; its pictures, which take longer than all else, only if ``drawn``."""
    asked = Asked("glass", "1.0", container, parse_size(size), parse_splits(splits))
    if drawn:
        return build(folder, out, asked, WORDS)
    kind = type(kind_of(folder)[1]) if (folder / "config.json").is_file() else LayeredKind
    with mock.patch.object(kind, "pictures", return_value=({}, {"samples": 1})):
        return build(folder, out, asked, WORDS)


def changed(words: Words, **changes: object) -> Words:
    """Words with some of them changed."""
    return replace(words, **changes)  # type: ignore[arg-type]
