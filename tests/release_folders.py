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
