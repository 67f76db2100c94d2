# SPDX-License-Identifier: Apache-2.0
"""Checks a release: files and their sums, counts, every sample by itself and against the others, some truth computed anew."""

from __future__ import annotations

import csv
import hashlib
import io
import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import write_json
from depthbench.formats.limits import MOST_TEXT_BYTES, read_limited
from depthbench.formats.sample_parts import SAMPLE_ID, Parts
from depthbench.formats.sample_shard import open_sample_shard
from depthbench.formats.tar_shard import TarShard
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import now
from depthbench.processors import usable_cores
from depthbench.release.croissant import COLUMNS
from depthbench.release.kind import FAULTS, CannotRecomputeError, kind_named
from depthbench.release.manifest import PROVENANCE, SAMPLES_FILE, Manifest, Shard, read_manifest
from depthbench.release.registry import file_sha256, files_of, read_registry

VERIFY_FILE = "verify.json"
FEW = 200
"""So many samples are read faster by this process than others are started."""


@dataclass
class ReleaseCheck:
    """What was checked and what was wrong.

    Attributes
    ----------
    files, samples, recomputed : int
        How many were read, or computed anew.
    problems, notes : list of str
        One line each; a note says what could not be checked.
    """

    files: int = 0
    samples: int = 0
    recomputed: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _ShardCheck:
    """What one shard holds: (id, digest of its fingerprint) of every sample, and what is wrong."""

    file: str
    samples: list[tuple[str, bytes]]
    problems: list[str]


def check_release(folder: Path, recompute: int | None, seed: int = 0) -> ReleaseCheck:
    """Check a release and write ``verify.json`` into it.

    Parameters
    ----------
    recompute : int or None
        Of how many samples, chosen at random by ``seed``, the truth is computed anew; None is all.

    Raises
    ------
    DepthbenchError
        If it is no release, or its manifest or registry cannot be read.
    """
    manifest, result = read_manifest(folder), ReleaseCheck()
    present = _check_files(folder, manifest, result)
    found: dict[str, tuple[str, int]] = {}
    alike: defaultdict[bytes, list[str]] = defaultdict(list)
    with ProgressReport(0, len(present), what="shards") as report:
        for shard in _shard_checks(folder, manifest, present):
            report.advance()
            result.problems += shard.problems
            for place, (sample_id, digest) in enumerate(shard.samples):
                result.samples += 1
                if sample_id in found:
                    result.problems.append(
                        f"{shard.file}: {sample_id} is duplicated: it is in {found[sample_id][0]} too"
                    )
                else:
                    found[sample_id] = (shard.file, place)
                    alike[digest].append(sample_id)
    for first, *others in alike.values():
        result.problems += [f"{other}: is duplicated: the same data as {first}" for other in others]
    result.problems += _table_problems(folder, manifest, found, {shard.file for shard in present})
    _recompute(folder, manifest, found, recompute, seed, result)
    told = {"time": now(), "ok": not result.problems, "files": result.files, "samples": result.samples}
    write_json(
        folder / VERIFY_FILE,
        told | {"recomputed": result.recomputed, "problems": result.problems, "notes": result.notes},
    )
    return result


def _check_files(folder: Path, manifest: Manifest, result: ReleaseCheck) -> list[Shard]:
    """Hold every file against the registry; return the shards that are there."""
    registry = read_registry(folder)
    shards = {shard.file: shard for split in manifest.splits.values() for shard in split.shards}
    there = set(files_of(folder))
    result.problems += [f"{name}: is not named in registry.txt" for name in sorted({*shards} - {*registry})]
    result.problems += [
        f"{name}: is no part of the release (not in registry.txt)" for name in sorted(there - {*registry})
    ]
    with ProgressReport(0, len(registry), what="files") as report:
        for name, expected in registry.items():
            report.advance()
            path = folder / name
            if path.is_symlink():
                result.problems.append(f"{name}: is a link, which is not followed")
                there.discard(name)
                continue
            if name not in there:
                result.problems.append(f"{name}: is missing; fetch it again")
                continue
            result.files += 1
            size = path.stat().st_size
            if name in shards and size != shards[name].bytes:
                fault = "is cut short" if size < shards[name].bytes else "is too long"
                result.problems.append(f"{name}: {fault}: {size} of {shards[name].bytes} bytes; fetch it again")
            elif file_sha256(path) != expected:
                result.problems.append(f"{name}: is damaged: its sha256 is not that of registry.txt; fetch it again")
    return [shard for name, shard in shards.items() if name in there]


def _shard_checks(folder: Path, manifest: Manifest, shards: Sequence[Shard]) -> Iterator[_ShardCheck]:
    """Check shards, in as many processes as there are processors, or in this one where that would only cost time."""
    jobs = [(folder, manifest.generator, shard) for shard in shards]
    cores = usable_cores()
    if cores == 1 or manifest.samples < FEW or len(jobs) < 2:
        yield from map(_check_shard, jobs)
        return
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_check_shard, jobs)


def _check_shard(job: tuple[Path, str, Shard]) -> _ShardCheck:
    """Read every sample of a shard."""
    folder, generator, shard = job
    kind, problems = kind_named(generator), list[str]()
    samples: list[tuple[str, bytes]] = []
    try:
        reader = open_sample_shard(folder / shard.file)
        ids = reader.ids
        if len(ids) != shard.samples:
            problems.append(f"{shard.file}: holds {len(ids)} samples, release.json says {shard.samples}")
        if isinstance(reader, TarShard):
            problems += [f"{shard.file}: {text}" for text in _unlike_index(reader)]
        for place, sample_id in enumerate(ids):
            if not SAMPLE_ID.fullmatch(sample_id):
                problems.append(f"{shard.file}: '{sample_id}' is no name of a sample")
                continue
            try:
                parts = reader.read(place)
                problems += [
                    f"{shard.file}: {sample_id}: {text}" for text in kind.check(folder / PROVENANCE, sample_id, parts)
                ]
                digest = hashlib.sha256(kind.fingerprint(parts)).digest()
            except (DepthbenchError, *FAULTS) as error:
                problems.append(f"{shard.file}: {sample_id}: cannot be read ({error})")
                digest = sample_id.encode()
            samples.append((sample_id, digest))
    except DepthbenchError as error:
        problems.append(f"{shard.file}: {error}")
    return _ShardCheck(shard.file, samples, problems)


def _unlike_index(reader: TarShard) -> Iterator[str]:
    """Yield in what a tar and its index differ."""
    told = {}
    for row in reader.index:
        for part in reader.parts:
            start, size = (int(number) for number in row[part])
            if start:
                told[f"{row['id'].decode(errors='replace')}.{part}"] = (start, size)
    members = list(reader.members())
    counts = Counter(name for name, _, _ in members)
    if twice := sorted(name for name, count in counts.items() if count > 1):
        yield f"{twice[0]} is duplicated in the tar"
    held = {name: (start, size) for name, start, size in members}
    for name in sorted({*held} | {*told}):
        if held.get(name) != told.get(name):
            yield f"{name} lies elsewhere than its index says"
            return


def _table_problems(
    folder: Path, manifest: Manifest, found: dict[str, tuple[str, int]], present: set[str]
) -> Iterator[str]:
    """Yield in what samples.csv differs from the shards, and which scenes lie in two splits."""
    try:
        text = read_limited(folder / SAMPLES_FILE, MOST_TEXT_BYTES, "table of samples").decode("utf-8", "replace")
    except DepthbenchError as error:
        yield str(error)
        return
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or set(rows[0]) != set(COLUMNS):
        yield f"{SAMPLES_FILE}: is no table of {', '.join(COLUMNS)}"
        return
    splits_of: defaultdict[str, set[str]] = defaultdict(set)
    listed = set()
    for row in rows:
        splits_of[str(row["group"])].add(str(row["split"]))
        listed.add(row["id"])
        place = found.get(str(row["id"]))
        if place is None and row["shard"] in present:
            yield f"{row['shard']}: {row['id']} is missing"
        elif place is not None and place != (row["shard"], _whole(row["place"])):
            yield f"{SAMPLES_FILE}: {row['id']} lies in {place[0]}, place {place[1]}, not where the table says"
    for sample_id in sorted(set(found) - listed):
        yield f"{found[sample_id][0]}: {sample_id} is not in {SAMPLES_FILE}"
    for group, splits in splits_of.items():
        if len(splits) > 1:
            yield f"{SAMPLES_FILE}: scene {group} lies in {' and in '.join(sorted(splits))}"
    if len(rows) != manifest.samples:
        yield f"{SAMPLES_FILE}: lists {len(rows)} samples, release.json says {manifest.samples}"


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else -1


def _recompute(
    folder: Path,
    manifest: Manifest,
    found: dict[str, tuple[str, int]],
    asked: int | None,
    seed: int,
    result: ReleaseCheck,
) -> None:
    """Compute the truth of some samples anew and add what differs."""
    chosen = sorted(found)
    if asked is not None:
        rng = np.random.default_rng(seed)
        chosen = sorted(rng.choice(chosen, min(asked, len(chosen)), replace=False).tolist()) if chosen else []
    samples: dict[str, Parts] = {}
    for sample_id in chosen:
        file, place = found[sample_id]
        try:
            samples[sample_id] = open_sample_shard(folder / file).read(place)
        except DepthbenchError:
            continue  # told already
    if not samples:
        return
    try:
        result.problems += kind_named(manifest.generator).recompute(folder / PROVENANCE, samples)
        result.recomputed = len(samples)
    except CannotRecomputeError as error:
        result.notes.append(f"truth was not computed anew: {error}")
    except (DepthbenchError, *FAULTS) as error:
        result.problems.append(f"truth cannot be computed anew: {error}")
