# SPDX-License-Identifier: Apache-2.0
"""Which samples a layered folder holds, which are missing, and how they fall into scenes.

The finished files are the only state: ``shards/scene-000012.h5`` and, for a scene under way,
``staging/scene-000012/view-0003.h5`` (or ``.json`` for a view of which no attempt was good).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from depthbench.formats.atomic import sweep
from depthbench.formats.shard import ShardReader
from depthbench.generators.engines.share import WHOLE, Share
from depthbench.generators.engines.stored import stored, stored_items
from depthbench.generators.set_config import SetConfig


@dataclass(frozen=True)
class ScenePlan:
    """What is left to do in one scene.

    Attributes
    ----------
    scene : int
    views : tuple of int
        Views to make now; none where staged views have only to go into the shard.
    """

    scene: int
    views: tuple[int, ...]


def scene_name(scene: int) -> str:
    """Return the name of a scene's files."""
    return f"scene-{scene:06d}"


def shard_path(folder: Path, scene: int) -> Path:
    """Return where a scene's shard lies."""
    return folder / "shards" / f"{scene_name(scene)}.h5"


def staging_folder(folder: Path, scene: int) -> Path:
    """Return where a scene's single views lie until its shard is written."""
    return folder / "staging" / scene_name(scene)


def staged_path(folder: Path, scene: int, view: int) -> Path:
    """Return where a finished view lies; the same with ``.json`` tells that none of its attempts was good."""
    return staging_folder(folder, scene) / f"view-{view:04d}.h5"


def asked_views(config: SetConfig, n: int, share: Share = WHOLE) -> Iterator[tuple[int, range]]:
    """Yield (scene, its views) for the first ``n`` samples, of the scenes of a share."""
    for scene in count():
        left = n - config.first_sample(scene)
        if left <= 0:
            return
        if share.takes(scene):
            yield scene, config.views(scene)[:left]


def shard_views(path: Path) -> set[int]:
    """Return the views that a shard, here or in the storage, settles: those it holds, and those it says cannot be made."""
    if not path.is_file():
        return stored_items(path.parent.parent, path.stem)
    with ShardReader(path) as reader:
        views = {int(sample_id.rpartition("-")[2]) for sample_id in reader.ids}
        return views | {int(view) for view in reader.attrs["without"]}


def shard_without(folder: Path, scene: int) -> dict[str, Any]:
    """Return the views that a scene's shard, here or in the storage, says cannot be made, and why; none where there is no shard."""
    path = shard_path(folder, scene)
    if not path.is_file():
        return dict((stored(folder, scene_name(scene)) or {"without": {}})["without"])
    with ShardReader(path) as reader:
        return dict(reader.attrs["without"])


def staged_views(folder: Path, scene: int) -> set[int]:
    """Return the views that lie in a scene's staging folder, made or found impossible."""
    return {int(path.stem.removeprefix("view-")) for path in staging_folder(folder, scene).glob("view-*.*")}


def plan(config: SetConfig, n: int, folder: Path, limit: int | None = None, share: Share = WHOLE) -> list[ScenePlan]:
    """List the scenes that lack something, and what.

    Parameters
    ----------
    config : SetConfig
    n : int
        Samples that the folder shall hold in the end.
    folder : Path
    limit : int or None
        Make at most so many views now.
    share : Share
        The scenes to look at.
    """
    plans = []
    room = n if limit is None else limit
    for scene, asked in asked_views(config, n, share):
        settled, staged = shard_views(shard_path(folder, scene)), staged_views(folder, scene)
        missing = [view for view in asked if view not in settled and view not in staged][:room]
        room -= len(missing)
        if missing or not staged <= settled:
            plans.append(ScenePlan(scene, tuple(missing)))
    return plans


def count_settled(config: SetConfig, n: int, folder: Path, share: Share = WHOLE) -> int:
    """Count the first ``n`` samples, of a share, that are made or known to be impossible."""
    return sum(
        len({*shard_views(shard_path(folder, scene)), *staged_views(folder, scene)} & set(asked))
        for scene, asked in asked_views(config, n, share)
    )


def tidy(folder: Path, share: Share = WHOLE) -> None:
    """Remove what killed processes left: half-written files, and staged views that are in their shard already.

    Where other runs work on other shares, what may be theirs is left alone.
    """
    if share == WHOLE:
        sweep(folder)
        sweep(folder / "shards")
    for staging in sorted((folder / "staging").glob("scene-*")):
        scene = int(staging.name.removeprefix("scene-"))
        if not share.takes(scene):
            continue
        sweep(staging)
        if staged_views(folder, scene) <= shard_views(shard_path(folder, scene)):
            shutil.rmtree(staging)
