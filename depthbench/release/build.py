# SPDX-License-Identifier: Apache-2.0
"""Makes a release of a generated folder; interrupted, the same call continues."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import depthbench
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.atomic import write_bytes
from depthbench.formats.json_file import read_json, write_json
from depthbench.formats.sample_parts import SAMPLE_ID
from depthbench.formats.sample_shard import SUFFIXES
from depthbench.generators.config_file import CONFIG_FILE, PLAN_FILE, differing_keys
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import RUN_FILE
from depthbench.generators.run_lock import only_run
from depthbench.release.card import CARD_FILE, card
from depthbench.release.croissant import COLUMNS, CROISSANT_FILE, croissant
from depthbench.release.kind import Listed, kind_of
from depthbench.release.manifest import PROVENANCE, SAMPLES_FILE, Manifest, Shard, Split, write_manifest
from depthbench.release.pack import PackedShard, pack, shuffled
from depthbench.release.registry import REGISTRY_FILE, file_sha256, write_registry
from depthbench.release.splits import assign
from depthbench.release.words import Words

BEGUN_FILE = ".begun.json"
PICTURES = "pictures"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
_VERSION = re.compile(r"\d+(\.\d+){0,3}([-+.][A-Za-z0-9.-]{1,30})?")
_KEPT = (CONFIG_FILE, RUN_FILE, PLAN_FILE, "source.json", "verify.json")
LEAST_SHARD_BYTES = 10_000


@dataclass(frozen=True)
class Asked:
    """What shall be made of a folder.

    Attributes
    ----------
    name, version : str
    container : str
        ``tar`` or ``hdf5``.
    shard_bytes : int
        Largest size of a shard.
    splits : mapping of str to Fraction
        Shares, which add up to 1.

    Raises
    ------
    DepthbenchError
        If a value is none of these.
    """

    name: str
    version: str
    container: str
    shard_bytes: int
    splits: Mapping[str, Fraction]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise DepthbenchError(f"--name {self.name}: letters, digits, '-' and '_', at most 61")
        if not _VERSION.fullmatch(self.version):
            raise DepthbenchError(f"--version {self.version}: numbers and dots, such as 1.0 or 1.0.2")
        if self.container not in SUFFIXES:
            raise unknown_name("format", self.container, SUFFIXES)
        if self.shard_bytes < LEAST_SHARD_BYTES:
            raise DepthbenchError(f"--shard-size: {self.shard_bytes} bytes; at least {LEAST_SHARD_BYTES}")


def parse_size(text: str) -> int:
    """Return bytes of ``1GB``, ``500MB``, ``1.5GB`` (powers of ten).

    Raises
    ------
    DepthbenchError
        If it is no size.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMG]?)B?\s*", text, re.IGNORECASE)
    if match is None:
        raise DepthbenchError(f"--shard-size: '{text}' is no size such as 1GB or 500MB")
    return int(float(match[1]) * {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}[match[2].upper()])


def build(folder: Path, out: Path, asked: Asked, words: Words) -> Manifest:
    """Write the release of a generated folder to ``out``.

    Raises
    ------
    DepthbenchError
        If the folder holds nothing to release, ``out`` holds something else, a scene cannot be split as asked, a sample is damaged, or
        the disk is full.
    """
    generator, kind = kind_of(folder)
    listed = kind.listing(folder)
    if not listed:
        raise DepthbenchError(f"{folder}: holds no finished sample; run the same `depthbench generate` again")
    _check_ids(listed)
    split_of = assign([one.group for one in listed], asked.splits)
    about = kind.about(folder, listed)
    out.mkdir(parents=True, exist_ok=True)
    with only_run(out):
        date = _begin(out, folder, asked, listed)
        packed: dict[str, list[PackedShard]] = {}
        with ProgressReport(0, len(listed), what="samples") as report:
            for split in asked.splits:
                chosen = shuffled([one for one in listed if split_of[one.group] == split])
                stem = f"{asked.name}-{split}"
                tell = report.advance
                packed[split] = pack(kind, chosen, out / split, stem, asked.container, asked.shard_bytes, tell)
        manifest = Manifest(
            name=asked.name,
            version=asked.version,
            license=words.license,
            date=date,
            generator=generator,
            container=asked.container,
            depthbench=depthbench.__version__,
            splits={split: _split(out, shards) for split, shards in packed.items()},
        )
        _describe(folder, out, manifest, words, packed)
        captions, statistics = kind.pictures(folder, _made(out / PICTURES))
        write_json(out / "statistics.json", statistics)
        write_json(out / "licences.json", {"release": words.license, "assets": [asdict(one) for one in about.assets]})
        hashes = {
            shard.file: file_sha256(out / shard.file) for part in manifest.splits.values() for shard in part.shards
        }
        hashes[SAMPLES_FILE] = file_sha256(out / SAMPLES_FILE)
        sizes = {name: (out / name).stat().st_size for name in hashes}
        parts = kind.read(listed[0])
        write_json(out / CROISSANT_FILE, croissant(manifest, about, words, hashes, sizes, list(parts)))
        commands, versions = _runs(folder)
        text = card(
            manifest,
            about,
            words,
            _by_environment(packed),
            {f"{PICTURES}/{name}": caption for name, caption in captions.items()},
            statistics,
            commands,
            versions,
        )
        write_bytes(out / CARD_FILE, text.encode())
        write_manifest(out, manifest)
        write_registry(out, hashes)
    return manifest


def _check_ids(listed: list[Listed]) -> None:
    counts = Counter(one.id for one in listed)
    for name, times in counts.items():
        if times > 1:
            raise DepthbenchError(f"sample {name} is there {times} times; a release holds each once")
        if not SAMPLE_ID.fullmatch(name):
            raise DepthbenchError(f"sample '{name}' cannot be called so in a release: letters, digits, '-', '_'")


def _begin(out: Path, folder: Path, asked: Asked, listed: list[Listed]) -> str:
    """Hold what is asked against what the folder was begun with; return the date of its beginning."""
    digest = hashlib.sha256((folder / CONFIG_FILE).read_bytes())
    for one in listed:
        digest.update(f"{one.id}\n".encode())
    told = {
        "name": asked.name,
        "version": asked.version,
        "format": asked.container,
        "shard_bytes": asked.shard_bytes,
        "splits": {name: str(share) for name, share in asked.splits.items()},
        "samples": len(listed),
        "digest": digest.hexdigest(),
    }
    path = out / BEGUN_FILE
    if not path.is_file():
        if any(not child.name.startswith(".") for child in out.iterdir()):
            raise DepthbenchError(f"{out}: holds other files; give an empty or a new folder")
        told["date"] = datetime.now(UTC).date().isoformat()
        write_json(path, told)
        return str(told["date"])
    before = read_json(path)
    date = str(before.pop("date", ""))
    if differing := differing_keys(before, told):
        raise DepthbenchError(
            f"{out}: this release was begun with other samples or options ({'; '.join(differing)}); give the same, or another --out"
        )
    for stale in (REGISTRY_FILE,):
        (out / stale).unlink(missing_ok=True)
    return date


def _made(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _split(out: Path, packed: list[PackedShard]) -> Split:
    shards = tuple(
        Shard(one.path.relative_to(out).as_posix(), len(one.samples), one.path.stat().st_size) for one in packed
    )
    groups = {sample.group for one in packed for sample in one.samples}
    return Split(len(groups), sum(shard.samples for shard in shards), shards)


def _describe(
    folder: Path, out: Path, manifest: Manifest, words: Words, packed: Mapping[str, list[PackedShard]]
) -> None:
    """Write the table of samples and keep the records of how they were made."""
    buffer = io.StringIO()
    table = csv.writer(buffer, lineterminator="\n")
    table.writerow(COLUMNS)
    for split, shards in packed.items():
        for shard in shards:
            name = shard.path.relative_to(out).as_posix()
            for place, one in enumerate(shard.samples):
                table.writerow([one.id, split, one.group, one.environment, name, place])
    write_bytes(out / SAMPLES_FILE, buffer.getvalue().encode())
    for name in _KEPT:
        if (folder / name).is_file():
            write_bytes(out / PROVENANCE / name, (folder / name).read_bytes())


def _by_environment(packed: Mapping[str, list[PackedShard]]) -> dict[str, dict[str, int]]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for split, shards in packed.items():
        for shard in shards:
            for one in shard.samples:
                counts[one.environment][split] += 1
    return {name: dict(counts[name]) for name in sorted(counts)}


def _runs(folder: Path) -> tuple[list[str], dict[str, Any]]:
    """Return the commands that filled the folder, each once, and the versions of the last run."""
    path = folder / RUN_FILE
    runs = read_json(path).get("runs", []) if path.is_file() else []
    commands = list(dict.fromkeys(str(run["command"]) for run in runs))
    last = runs[-1] if runs else {}
    return commands, {**last.get("versions", {}), "commit": last.get("commit")}
