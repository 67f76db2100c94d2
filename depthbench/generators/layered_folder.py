# SPDX-License-Identifier: Apache-2.0
"""Where the samples of a generated layered folder lie: finished shards, and the views of scenes under way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.shard import ShardReader
from depthbench.generators.focal.stack_set import holds_generated_stacks
from depthbench.generators.odms.mask_set import holds_masks


def shard_paths(folder: str | Path, staging: bool = False) -> list[Path]:
    """List ``shards/*.h5`` of a folder, sorted; with ``staging`` also the views of scenes whose shard is not there yet.

    Raises
    ------
    DepthbenchError
        If the folder is absent or holds no samples, or masks.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DepthbenchError(f"{folder}: no such folder; make one with `depthbench generate layered --out {folder}`")
    if holds_masks(folder):
        raise DepthbenchError(
            f"{folder}: holds masks (`depthbench generate odms`), not stereo pairs; `show` and `verify` know them, and "
            f"`depthbench eval --set odms-normal --root {folder}`"
        )
    if holds_generated_stacks(folder):
        raise DepthbenchError(
            f"{folder}: holds focal stacks (`depthbench generate focal-stack`), not stereo pairs; `show`, `stats`, `verify` and "
            "`eval` know them"
        )
    paths = sorted((folder / "shards").glob("[!.]*.h5"))
    if staging:
        done = {path.stem for path in paths}
        views = sorted((folder / "staging").glob("*/[!.]*.h5"))
        paths += [path for path in views if path.parent.name not in done]
    if not paths:
        raise DepthbenchError(
            f"{folder}: holds no layered samples (shards/*.h5); make some with "
            f"`depthbench generate layered --out {folder}`, or continue it if it was interrupted"
        )
    return paths


def samples(
    folder: str | Path, *, staging: bool = False, ids: tuple[str, ...] = (), limit: int | None = None
) -> Iterator[tuple[ShardReader, int]]:
    """Yield (reader, index) of each sample in order; ``ids`` chooses some, ``limit`` ends early. Each file is opened once.

    Raises
    ------
    DepthbenchError
        If the folder holds no samples, or an asked id is not among them.
    """
    wanted, seen, given = set(ids), [], 0
    for path in shard_paths(folder, staging):
        with ShardReader(path) as reader:
            for index, sample_id in enumerate(reader.ids):
                seen.append(sample_id)
                if ids and sample_id not in wanted:
                    continue
                if limit is not None and given >= limit:
                    return
                wanted.discard(sample_id)
                given += 1
                yield reader, index
    if ids and wanted:
        raise unknown_name(f"sample of {folder}", sorted(wanted)[0], seen)
