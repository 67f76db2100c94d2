# SPDX-License-Identifier: Apache-2.0
"""A split of a release of tars as a stream, through the library webdataset: whole shards one after the other, no index."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.formats.sample_parts import PART_NAME, decode_part
from depthbench.release.kind import ReleaseKind, kind_named
from depthbench.release.manifest import read_manifest, split_named


def stream(
    folder: str | Path,
    split: str,
    *,
    shuffle: int = 0,
    seed: int = 0,
    transform: Callable[[dict[str, Any]], Any] | None = None,
    **options: Any,
) -> Any:
    """Return a ``webdataset.WebDataset`` of a split's samples, an iterable that PyTorch's loader takes.

    Shards are divided among processes and workers. What comes out is what
    :class:`depthbench.release.dataset.ReleaseDataset` gives; webdataset's own decoders, which know pickle, are not used.

    Parameters
    ----------
    shuffle : int
        Samples that are kept back to be mixed, and shards are mixed too; 0: as they lie, which is an order as good as random.
    seed : int
        Of the mixing.
    transform : callable or None
    **options
        Of the kind of data, as for ReleaseDataset.

    Raises
    ------
    DepthbenchError
        If it is no release, the split is unknown, or its shards are no tars; when read, if one is damaged.
    MissingExtraError
        If webdataset is not installed.
    """
    try:
        import webdataset
    except ImportError as error:
        raise MissingExtraError("webdataset", "stream", "streaming a release") from error
    folder = Path(folder).resolve()
    manifest = read_manifest(folder)
    if manifest.container != "tar":
        raise DepthbenchError(
            f"{folder}: a release in {manifest.container}; only tars can be streamed, read it with ReleaseDataset"
        )
    paths = [str(folder / shard.file) for shard in split_named(manifest, split).shards]
    kind = kind_named(manifest.generator)
    wanted = kind.needed(**options)
    pipeline = webdataset.WebDataset(
        paths,
        shardshuffle=len(paths) if shuffle else False,
        nodesplitter=webdataset.split_by_node,
        empty_check=False,
        select_files=functools.partial(_is_wanted, wanted),
        seed=seed if shuffle else None,
    )
    if shuffle:
        pipeline = pipeline.shuffle(shuffle, seed=seed)
    return pipeline.compose(functools.partial(_decoded, kind, transform, options))


def _is_wanted(wanted: tuple[str, ...] | None, name: str) -> bool:
    part = name.partition(".")[2]
    return PART_NAME.fullmatch(part) is not None and (wanted is None or part in wanted)


def _decoded(
    kind: ReleaseKind,
    transform: Callable[[dict[str, Any]], Any] | None,
    options: Mapping[str, Any],
    samples: Iterable[Mapping[str, Any]],
) -> Iterator[Any]:
    """Turn what webdataset gathered of each sample into tensors."""
    for sample in samples:
        where = f"{sample.get('__url__')}: {sample['__key__']}"
        parts = {name: decode_part(name, data, where) for name, data in sample.items() if PART_NAME.fullmatch(name)}
        made = kind.tensors(parts, **options)
        yield transform(made) if transform else made
