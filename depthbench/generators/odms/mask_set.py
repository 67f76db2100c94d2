# SPDX-License-Identifier: Apache-2.0
"""What a fixed set of masks is, and where its examples lie: in shards, or in the folders of the official sets.

Example k of a part is sample k of the stream: objects and distances of the part ``perturb`` are those of ``normal``. How many
examples there are is no part of the identity: a set can always be continued.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from depthbench.errors import unknown_name
from depthbench.formats.mask_shard import read_mask_shard
from depthbench.formats.odms_folder import Clip, read_clip
from depthbench.generators.config_file import generator_of, read_config
from depthbench.generators.odms.config import GENERATOR, OdmsConfig

PARTS = ("normal", "perturb")
LAYOUTS = ("shards", "folders")
EXAMPLES_PER_SLICE = 500


@dataclass(frozen=True)
class MaskSet:
    """The identity of a fixed set.

    Attributes
    ----------
    stream : OdmsConfig
        Its ``perturb`` does not count: parts say which masks are perturbed.
    parts : tuple of str
        Of :data:`PARTS`.
    layout : str
        ``shards`` (``shards/val-normal-000000.h5``) or ``folders`` (``data/val/normal/000000/364112.png``).

    Raises
    ------
    DepthbenchError
        If a name is unknown.
    """

    stream: OdmsConfig
    parts: tuple[str, ...] = PARTS
    layout: str = "shards"

    def __post_init__(self) -> None:
        for part in self.parts:
            if part not in PARTS:
                raise unknown_name("part", part, PARTS)
        if self.layout not in LAYOUTS:
            raise unknown_name("layout", self.layout, LAYOUTS)

    def config(self, part: str) -> OdmsConfig:
        """Return the stream that a part's examples are of."""
        return replace(self.stream, perturb=part == "perturb")

    def to_json(self) -> dict[str, Any]:
        """Return plain data: the content of ``config.json``."""
        data = self.stream.to_json()
        del data["perturb"]
        return data | {"parts": list(self.parts), "layout": self.layout}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> MaskSet:
        """Undo :meth:`to_json`.

        Raises
        ------
        DepthbenchError
            If a key is missing or unknown, or the version is another.
        """
        data = dict(data)
        parts, layout = data.pop("parts", ()), data.pop("layout", "")
        return cls(OdmsConfig.from_json(data | {"perturb": False}), tuple(parts), layout)


@dataclass(frozen=True)
class Slice:
    """Some consecutive examples of a part, made and written together."""

    part: str
    first: int
    count: int

    @property
    def numbers(self) -> range:
        """The numbers of its examples."""
        return range(self.first, self.first + self.count)


def slices(asked: MaskSet, n: int) -> Iterator[Slice]:
    """Yield the slices of the first ``n`` examples of each part."""
    for part in asked.parts:
        for first in range(0, n, EXAMPLES_PER_SLICE):
            yield Slice(part, first, min(EXAMPLES_PER_SLICE, n - first))


def example_name(number: int) -> str:
    """Return the name of an example, which is also that of its folder."""
    return f"{number:06d}"


def shard_path(folder: Path, split: str, part: Slice) -> Path:
    """Return where a slice lies as a shard."""
    return folder / "shards" / f"{split}-{part.part}-{part.first // EXAMPLES_PER_SLICE:06d}.h5"


def example_folder(folder: Path, split: str, part: str, number: int) -> Path:
    """Return where an example lies as a folder."""
    return folder / "data" / split / part / example_name(number)


def holds_masks(folder: Path) -> bool:
    """Tell whether ``depthbench generate odms`` began this folder."""
    return generator_of(folder) == GENERATOR


def load_set(folder: Path) -> MaskSet:
    """Read what a generated folder is.

    Raises
    ------
    DepthbenchError
        If it is no folder of masks, or of another version.
    """
    return read_config(folder, GENERATOR, MaskSet.from_json)


def stored_clips(folder: Path, asked: MaskSet, part: str) -> Iterator[Clip]:
    """Yield the examples of a part that a folder holds, in order.

    Raises
    ------
    DepthbenchError
        If a file is damaged.
    """
    split = asked.stream.split
    if asked.layout == "shards":
        for path in sorted((folder / "shards").glob(f"{split}-{part}-[0-9]*.h5")):
            yield from read_mask_shard(path).clips(path)
        return
    for path in sorted((folder / "data" / split / part).glob("[0-9]*")):
        yield read_clip(path)
