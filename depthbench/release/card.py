# SPDX-License-Identifier: Apache-2.0
"""``README.md`` of a release: the dataset card, with pictures, statistics, licences, provenance, known issues and changelog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from depthbench.formats.json_file import to_json
from depthbench.release.kind import About
from depthbench.release.manifest import SAMPLES_FILE, Manifest
from depthbench.release.words import LICENSE_URLS, Words

CARD_FILE = "README.md"
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))


def card(
    manifest: Manifest,
    about: About,
    words: Words,
    environments: Mapping[str, Mapping[str, int]],
    captions: Mapping[str, str],
    statistics: Mapping[str, Any],
    commands: Sequence[str],
    made_by: Mapping[str, Any],
) -> str:
    """Return the card as Markdown with the front matter that Hugging Face reads.

    Parameters
    ----------
    environments : mapping
        Environment -> split -> samples.
    captions : mapping
        Picture, relative to the release, -> what it shows.
    statistics : mapping
        As written to ``statistics.json``; its plain numbers are told.
    commands : sequence of str
        That made the samples, in order.
    made_by : mapping
        Versions of programs.
    """
    sections = [
        _front_matter(manifest, about),
        f"# {manifest.name} {manifest.version}",
        f"{about.title}. {about.text}",
        *(f"![{caption}]({name})\n\n*{caption}.*" for name, caption in captions.items()),
        "## What is in it",
        _splits(manifest),
        "No scene lies in two splits. Samples of a split lie in random order, so that reading in order mixes scenes.",
        _environments(environments, list(manifest.splits)),
        _parts(manifest, about),
        "## Reading it",
        _reading(manifest),
        "## Statistics",
        _statistics(statistics),
        "## Terms",
        f"{manifest.name} is published under [{words.license}]({words.license_url}) by {words.creator}. Cite: {words.citation}",
        _assets(about),
        "## How it was made",
        _provenance(manifest, about, commands, made_by),
        "## Known issues",
        "\n".join(f"- {line}" for line in (*about.limits, *words.known_issues)),
        "## Changelog",
        words.changelog.strip()
        or f"- {manifest.version} ({manifest.date}): first version. No data was found wrong yet.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _front_matter(manifest: Manifest, about: About) -> str:
    known = manifest.license.lower() in LICENSE_URLS
    size = next((name for most, name in _SIZES if manifest.samples < most), "n>10M")
    lines = ["---", f"license: {manifest.license.lower() if known else 'other'}"]
    if not known:
        lines += [f"license_name: {to_json(manifest.license)}"]
    lines += [f"pretty_name: {to_json(manifest.name)}", "task_categories:", *(f"- {task}" for task in about.tasks)]
    lines += ["size_categories:", f"- {size}", "tags:", "- depth", "- synthetic"]
    if manifest.container == "tar":
        lines += ["- webdataset", "configs:", "- config_name: default", "  data_files:"]
        for name in manifest.splits:
            lines += [f"  - split: {name}", f"    path: {name}/*.tar"]
    return "\n".join([*lines, "---"])


def _splits(manifest: Manifest) -> str:
    rows = ["| split | scenes | samples | shards | bytes |", "|---|---:|---:|---:|---:|"]
    for name, split in manifest.splits.items():
        total = sum(shard.bytes for shard in split.shards)
        rows.append(f"| {name} | {split.groups:,} | {split.samples:,} | {len(split.shards):,} | {total:,} |")
    return "\n".join(rows)


def _environments(environments: Mapping[str, Mapping[str, int]], splits: Sequence[str]) -> str:
    if not 1 < len(environments) <= 40:
        return ""
    rows = [f"| samples of | {' | '.join(splits)} |", "|---|" + "---:|" * len(splits)]
    rows += [
        f"| {name} | {' | '.join(str(counts.get(split, 0)) for split in splits)} |"
        for name, counts in environments.items()
    ]
    return "\n".join(rows)


def _parts(manifest: Manifest, about: About) -> str:
    where = {
        "tar": "A shard is a plain tar file; the parts of a sample are the files `<id>.<part>`. Beside it, `*.index.npy` tells where in the tar "
        "each part lies: a structured array with `id` and, for each part, its offset and size.",
        "hdf5": "A shard is an HDF5 file; the parts of a sample lie in `/samples/<id>/`, in the order of `/ids`.",
    }[manifest.container]
    rows = [f"| `{part}` | {meaning} |" for part, meaning in about.parts.items()]
    planes = (
        "In `.npz` files, arrays of more than one byte per element are stored by byte planes, which deflate better: `disp_px:f4` is uint8 "
        "(4, ...); `np.moveaxis(planes, 0, -1).copy().view('<f4')[..., 0]` gives float32 (...)."
        if manifest.container == "tar"
        else ""
    )
    end = f"`{SAMPLES_FILE}` lists every sample with its split, scene, environment and place; `registry.txt` holds every file's sha256."
    return "\n".join([where, "", "| part | what it holds |", "|---|---|", *rows, "", planes, "", end])


def _reading(manifest: Manifest) -> str:
    split = next(iter(manifest.splits))
    lines = [
        "```python",
        "from depthbench.release.dataset import ReleaseDataset",
        "",
        f'samples = ReleaseDataset("path/to/{manifest.name}", "{split}")  # a map-style torch Dataset',
    ]
    if manifest.container == "tar":
        lines += [
            "",
            "from depthbench.release.streaming import stream",
            "",
            f'for sample in stream("path/to/{manifest.name}", "{split}"):  # the same tars through webdataset',
            "    ...",
        ]
    return "\n".join([*lines, "```", "", "`depthbench verify path/to/the/release` checks all of it."])


def _statistics(statistics: Mapping[str, Any]) -> str:
    rows = ["| | |", "|---|---|"]
    for key, value in statistics.items():
        told = _told(value)
        if told:
            rows.append(f"| {key.replace('_', ' ')} | {told} |")
    return "\n".join([*rows, "", "All of it: `statistics.json`."])


def _told(value: Any) -> str:
    """A number, a text, or a small table of numbers as one line; "" for anything larger."""
    if isinstance(value, bool | int | str):
        return str(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict) and value:
        words = [f"{name} {_told(item)}" for name, item in value.items() if isinstance(item, int | float)]
        return ", ".join(words[:10])
    return ""


def _assets(about: About) -> str:
    if not about.assets:
        return "Shapes, textures and light are computed by the generator; nothing in the data has another maker."
    rows = ["| asset | terms | source | sha256 |", "|---|---|---|---|"]
    rows += [f"| {one.name} | {one.licence} | {one.source} | {one.sha256[:16]} |" for one in about.assets]
    return "\n".join(["What has makers of its own, under their terms (`licences.json`):", "", *rows])


def _provenance(manifest: Manifest, about: About, commands: Sequence[str], made_by: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {value}" for name, value in made_by.items() if value)
    return "\n".join(
        [
            f"By `depthbench generate {manifest.generator}`: {about.seeds}. Versions: {versions}.",
            "",
            "```sh",
            *(commands or ["# the folder tells of no run"]),
            "```",
            "",
            f"The configuration and the records of all runs lie in `provenance/`; packed by depthbench {manifest.depthbench}.",
        ]
    )
