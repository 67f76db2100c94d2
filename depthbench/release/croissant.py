# SPDX-License-Identifier: Apache-2.0
"""``croissant.json``: the release for catalogues and loaders, by Croissant 1.1 with the vocabulary for responsible AI 1.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from depthbench.formats.sample_parts import PICTURES
from depthbench.release.kind import About
from depthbench.release.manifest import SAMPLES_FILE, Manifest
from depthbench.release.words import Words

CROISSANT_FILE = "croissant.json"
_TAR = "application/x-tar"

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
COLUMNS = {
    "id": ("sc:Text", "the sample's name, unique in the release"),
    "split": ("sc:Text", "the split it lies in"),
    "group": ("sc:Integer", "its scene; a scene lies in one split"),
    "environment": ("sc:Text", "what the scene shows"),
    "shard": ("sc:Text", "the file that holds it"),
    "place": ("sc:Integer", "its place in that file, from 0"),
}
"""Columns of samples.csv: type, meaning."""


def croissant(
    manifest: Manifest,
    about: About,
    words: Words,
    hashes: Mapping[str, str],
    sizes: Mapping[str, int],
    parts: Sequence[str],
) -> dict[str, Any]:
    """Return the JSON-LD of a release.

    Parameters
    ----------
    hashes, sizes : mapping
        sha256 and bytes of samples.csv and of every shard, by path.
    parts : sequence of str
        Parts that samples have.
    """
    shards = [shard.file for split in manifest.splits.values() for shard in split.shards]
    kind = _TAR if manifest.container == "tar" else "application/x-hdf5"
    files = [_file(SAMPLES_FILE, "text/csv", hashes, sizes), *(_file(name, kind, hashes, sizes) for name in shards)]
    sets, records = _pictures(shards, parts) if manifest.container == "tar" else ([], [])
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": manifest.name,
        "description": about.text,
        "version": manifest.version,
        "datePublished": manifest.date,
        "license": words.license_url,
        "url": words.url,
        "creator": {"@type": "Organization" if words.by_organisation else "Person", "name": words.creator},
        "citeAs": words.citation,
        "keywords": ["depth estimation", "synthetic data", *manifest.splits],
        "isLiveDataset": False,
        **_responsible(about, words),
        "distribution": [*files, *sets],
        "recordSet": [_samples(), *records],
    }


def _file(name: str, kind: str, hashes: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{sizes[name]} B",
        "encodingFormat": kind,
        "sha256": hashes[name],
    }


def _samples() -> dict[str, Any]:
    """The table of samples."""
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"samples/{name}",
            "name": name,
            "description": meaning,
            "dataType": kind,
            "source": {"fileObject": {"@id": SAMPLES_FILE}, "extract": {"column": name}},
        }
        for name, (kind, meaning) in COLUMNS.items()
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": "samples",
        "name": "samples",
        "description": "Every sample, its split and where it lies.",
        "key": {"@id": "samples/id"},
        "field": fields,
    }


def _pictures(shards: Sequence[str], parts: Sequence[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A set of files per picture part in the tars, and records of file name and picture of each."""
    sets, records = [], []
    for part in sorted(part for part in parts if part.endswith(PICTURES)):
        name = f"files-{Path(part).stem}"
        sets.append(
            {
                "@type": "cr:FileSet",
                "@id": name,
                "name": name,
                "containedIn": [{"@id": shard} for shard in shards],
                "encodingFormat": "image/png" if part.endswith("png") else "image/jpeg",
                "includes": f"*.{part}",
            }
        )
        stem = f"pictures-{Path(part).stem}"
        kinds = {"id": ("sc:Text", "filename"), "picture": ("sc:ImageObject", "content")}
        fields: list[dict[str, Any]] = []
        for field, (kind, held) in kinds.items():
            source: dict[str, Any] = {"fileSet": {"@id": name}, "extract": {"fileProperty": held}}
            if field == "id":
                source["transform"] = {"regex": r"^([A-Za-z0-9_-]+)\..*$"}
            fields.append(
                {"@type": "cr:Field", "@id": f"{stem}/{field}", "name": field, "dataType": kind, "source": source}
            )
        records.append(
            {
                "@type": "cr:RecordSet",
                "@id": stem,
                "name": stem,
                "description": f"The part {part} of every sample that has it.",
                "key": {"@id": f"{stem}/id"},
                "field": fields,
            }
        )
    return sets, records


def _responsible(about: About, words: Words) -> dict[str, Any]:
    """What must be said of how the data came about and what it is good for."""
    return {
        "rai:dataCollection": "Computed by a program (depthbench); nothing was collected from people or from the web. "
        + about.seeds
        + ".",
        "rai:dataCollectionType": ["Software Collection"],
        "rai:dataPreprocessingProtocol": ["None: samples are packed as the generator wrote them."],
        "rai:dataAnnotationProtocol": "Truth is computed from the scene's geometry, not annotated by people.",
        "rai:dataLimitations": [*about.limits, *words.known_issues],
        "rai:dataBiases": [
            "What is shown, how often and in what light is decided by the generator's layouts and draws; see the statistics in the card."
        ],
        "rai:dataUseCases": ["Training, validation and testing of depth estimation."],
        "rai:dataSocialImpact": "None is expected of the data itself; models trained on it measure distances.",
        "rai:personalSensitiveInformation": ["None: no people, no places that exist."]
        if not about.assets
        else ["None of the generator's own; the assets named in the card are their makers'."],
        "rai:dataReleaseMaintenancePlan": "Data found wrong is put right in a later version; the card's changelog says what was wrong.",
    }
