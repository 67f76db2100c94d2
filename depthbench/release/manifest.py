# SPDX-License-Identifier: Apache-2.0
"""``release.json``: what a release is and which shards it has."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from depthbench.benchmarks.toml_config import from_table
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.json_file import read_json, write_json
from depthbench.release.registry import is_inside

MANIFEST_FILE = "release.json"
PROVENANCE = "provenance"
SAMPLES_FILE = "samples.csv"
FORMAT = "depthbench release"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Shard:
    """A file of samples: its path in the release, how many it holds, and its bytes."""

    file: str
    samples: int
    bytes: int


@dataclass(frozen=True)
class Split:
    """A part of a release.

    Attributes
    ----------
    groups, samples : int
        Scenes and samples in it.
    shards : tuple of Shard
        In order.
    """

    groups: int
    samples: int
    shards: tuple[Shard, ...]


@dataclass(frozen=True)
class Manifest:
    """What a release is.

    Attributes
    ----------
    name, version, license, date : str
        The date is that of publication, ISO 8601.
    generator : str
        Which made the samples, and so which kind they are.
    container : str
        ``tar`` or ``hdf5``.
    depthbench : str
        Version that wrote the release.
    splits : mapping of str to Split
    """

    name: str
    version: str
    license: str
    date: str
    generator: str
    container: str
    depthbench: str
    splits: dict[str, Split]

    @property
    def samples(self) -> int:
        """Samples of all splits."""
        return sum(split.samples for split in self.splits.values())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``release.json``, atomically."""
    write_json(folder / MANIFEST_FILE, {"format": FORMAT, "schema_version": SCHEMA_VERSION, **asdict(manifest)})


def is_release(folder: Path) -> bool:
    """Tell whether a folder is a release."""
    return (folder / MANIFEST_FILE).is_file()


def read_manifest(folder: str | Path) -> Manifest:
    """Read ``release.json``.

    Raises
    ------
    DepthbenchError
        If it is absent, of another version, lacks something, or names files outside the folder.
    """
    path = Path(folder) / MANIFEST_FILE
    data = read_json(path)
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
        raise DepthbenchError(f"{path}: not a release of `depthbench release`")
    version = data.pop("schema_version", None)
    if version != SCHEMA_VERSION:
        raise DepthbenchError(f"{path}: of version {version}, this depthbench reads {SCHEMA_VERSION}")
    splits = data.pop("splits", None)
    if not isinstance(splits, dict):
        raise DepthbenchError(f"{path}: names no splits")
    made = {name: from_table(Split, table, f"{path}: splits.{name}") for name, table in splits.items()}
    manifest = from_table(_Plain, data, str(path))
    for split in made.values():
        for shard in split.shards:
            if not is_inside(shard.file) or shard.samples < 0 or shard.bytes < 0:
                raise DepthbenchError(f"{path}: '{shard.file}' is no shard of this folder")
        if split.samples != sum(shard.samples for shard in split.shards):
            raise DepthbenchError(f"{path}: the samples of a split are not those of its shards")
    return Manifest(**asdict(manifest), splits=made)


@dataclass(frozen=True)
class _Plain:
    """All of :class:`Manifest` but its splits."""

    name: str
    version: str
    license: str
    date: str
    generator: str
    container: str
    depthbench: str


def split_named(manifest: Manifest, name: str) -> Split:
    """Return a split by its name; an unknown one is answered with "did you mean"."""
    if name not in manifest.splits:
        raise unknown_name(f"split of {manifest.name}", name, manifest.splits)
    return manifest.splits[name]
