# SPDX-License-Identifier: Apache-2.0
"""What a folder of generated stacks is, and where its stacks lie: in shards, or in folders of plain files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.focal_shard import FocalShard
from depthbench.generators.config_file import generator_of, read_config
from depthbench.generators.focal.config import GENERATOR, FocalConfig

SOURCE_FILE = "source.json"
LAYOUTS = ("shards", "folders-pfm", "folders-png")
"""``folders-pfm``: plain files, depth in metres; ``folders-png``: depth in 16-bit millimetres."""
STAGING = "staging"
"""Folder of stacks that Blender has traced and that are not stored yet."""
STACKS_PER_SLICE = 16


@dataclass(frozen=True)
class StackSet:
    """The identity of a set, and how it is stored.

    Attributes
    ----------
    config : FocalConfig
    layout : str
        Of :data:`LAYOUTS`.

    Raises
    ------
    DepthbenchError
        If the layout is unknown.
    """

    config: FocalConfig
    layout: str = "shards"

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise unknown_name("layout", self.layout, LAYOUTS)

    def to_json(self) -> dict[str, Any]:
        """Return the content of ``config.json``."""
        return {**self.config.to_json(), "layout": self.layout}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StackSet:
        """Undo :meth:`to_json`."""
        data = dict(data)
        return cls(layout=data.pop("layout", ""), config=FocalConfig.from_json(data))


@dataclass(frozen=True)
class Slice:
    """Some consecutive scenes, whose stacks lie together."""

    number: int
    first: int
    names: tuple[str, ...]

    def to_json(self) -> str:
        """Return a line of ``plan.jsonl``."""
        return json.dumps({"slice": self.number, "first": self.first, "names": list(self.names)}, ensure_ascii=False)


def slices(names: Sequence[str]) -> list[Slice]:
    """Cut a list of scenes."""
    size = STACKS_PER_SLICE
    return [Slice(k // size, k, tuple(names[k : k + size])) for k in range(0, len(names), size)]


def shard_path(folder: Path, number: int) -> Path:
    """Return where a slice lies."""
    return folder / "shards" / f"stacks-{number:06d}.h5"


def stack_folder(folder: Path, name: str) -> Path:
    """Return where a stack lies as a folder."""
    return folder / "stacks" / name.replace("/", "-")


def holds_generated_stacks(folder: Path) -> bool:
    """Tell whether ``depthbench generate focal-stack`` began this folder."""
    return generator_of(folder) == GENERATOR


def load_set(folder: Path) -> StackSet:
    """Read what a generated folder is.

    Raises
    ------
    DepthbenchError
        If it is no folder of stacks, or of another version.
    """
    return read_config(folder, GENERATOR, StackSet.from_json)


def shards(folder: Path) -> list[Path]:
    """List the shards that are there.

    Raises
    ------
    DepthbenchError
        If the stacks lie in folders.
    """
    asked = load_set(folder)
    if asked.layout != "shards":
        raise DepthbenchError(
            f"{folder}: its stacks lie in folders of plain files; take {folder / 'stacks'} (a set of the kind focus-folder)"
        )
    return sorted((folder / "shards").glob("stacks-[0-9]*.h5"))


def stored(folder: Path) -> Iterator[tuple[FocalShard, int]]:
    """Yield (shard, index) of every stack that is there, in order."""
    for path in shards(folder):
        shard = FocalShard(path)
        for index in range(len(shard.ids)):
            yield shard, index
