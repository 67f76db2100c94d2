# SPDX-License-Identifier: Apache-2.0
"""A user's own assets: a folder with ``assets.toml`` that names every file, its licence and where it came from.

::

    [[asset]]
    file = "skies/harbour.exr"      # in the folder
    kind = "hdri"                   # hdri (.hdr, .exr), texture (.png, .jpg, ...), model (.glb, .gltf, .obj)
    licence = "CC0-1.0"
    source = "https://example.org/harbour"
    scale_m = 0.3                   # a model's largest side, needed; the width of a texture that repeats (default 1)

A ``.obj`` or ``.gltf`` model reads other files (materials, buffers, pictures): give it a folder of its own. Its checksum covers
that folder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.image import read_rgb
from depthbench.formats.toml_file import read_toml

ASSETS_FILE = "assets.toml"
SUFFIXES = {
    "hdri": (".hdr", ".exr"),
    "texture": (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"),
    "model": (".glb", ".gltf", ".obj"),
}
_MAGIC = {".hdr": b"#?", ".exr": b"\x76\x2f\x31\x01", ".glb": b"glTF"}
_READ_OTHERS = (".obj", ".gltf")
_KEYS = ("file", "kind", "licence", "source", "scale_m")


@dataclass(frozen=True)
class Asset:
    """One file and what is known of it.

    Attributes
    ----------
    file : str
        Path in the folder, with ``/``.
    kind : str
        One of :data:`SUFFIXES`.
    licence, source : str
    scale_m : float
        Largest side of a model, width of one repeat of a texture; 1.0 for an HDRI.
    sha256 : str
        Of the file; of a model that reads others, of all files beside it too.
    """

    file: str
    kind: str
    licence: str
    source: str
    scale_m: float
    sha256: str


def load_assets(folder: str | Path) -> tuple[Asset, ...]:
    """Read and check ``assets.toml``; every file is opened.

    Raises
    ------
    DepthbenchError
        Naming the asset: no licence, no source, no scale, no such file, not of its kind, named twice, unknown keys.
    """
    path = Path(folder) / ASSETS_FILE
    if not path.is_file():
        raise DepthbenchError(
            f"{path}: no such file; it names the assets with their licences (docs: generating, assets)"
        )
    data = read_toml(path)
    entries = data.get("asset")
    if set(data) != {"asset"} or not isinstance(entries, list) or not entries:
        raise DepthbenchError(f"{path}: holds one [[asset]] table per file and nothing else")
    found = tuple(_asset(path, number, entry) for number, entry in enumerate(entries, start=1))
    names = [asset.file for asset in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DepthbenchError(f"{path}: asset '{twice[0]}' is named more than once")
    return found


def assets_digest(assets: tuple[Asset, ...]) -> str:
    """Return one sha256 of all that is known of the assets, their bytes included; "" for none."""
    text = json.dumps([asdict(asset) for asset in assets], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest() if assets else ""


def _asset(path: Path, number: int, entry: Any) -> Asset:
    """Check one entry."""
    entry = entry if isinstance(entry, dict) else {}
    name = str(entry.get("file", f"number {number}"))

    def fault(text: str) -> DepthbenchError:
        return DepthbenchError(f"{path}: asset '{name}' {text}")

    for key in entry:
        if key not in _KEYS:
            raise unknown_name(f"key of asset '{name}' in {path}", key, _KEYS)
    for key in ("file", "kind", "licence", "source"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise fault(f"states no {key}: every asset needs file, kind, licence and source")
    kind, file = entry["kind"], path.parent / name
    if kind not in SUFFIXES:
        raise unknown_name(f"kind of asset '{name}' in {path}", kind, SUFFIXES)
    if file.suffix.lower() not in SUFFIXES[kind]:
        raise fault(f"is no {kind}: those are {', '.join(SUFFIXES[kind])}")
    if not file.resolve().is_relative_to(path.parent.resolve()) or not file.is_file():
        raise fault(f"is not in {path.parent}")
    if kind == "model" and "scale_m" not in entry:
        raise fault("states no scale_m: the length of a model's largest side in metres")
    scale_m = entry.get("scale_m", 1.0)
    if isinstance(scale_m, bool) or not isinstance(scale_m, int | float) or not 0.001 <= scale_m <= 100:
        raise fault(f"has scale_m {scale_m!r}, not a length in metres from 0.001 to 100")
    data = file.read_bytes()
    if not data.startswith(_MAGIC.get(file.suffix.lower(), b"")) or not data:
        raise fault(f"is not a readable {file.suffix} file")
    if kind == "texture":
        read_rgb(file)
    digest = hashlib.sha256(data)
    if file.suffix.lower() in _READ_OTHERS:
        for beside in sorted(file.parent.rglob("*")):
            if beside.is_file() and beside.name != ASSETS_FILE and beside != file:
                digest.update(beside.relative_to(file.parent).as_posix().encode() + b"\0" + beside.read_bytes())
    return Asset(name, kind, entry["licence"], entry["source"], float(scale_m), digest.hexdigest())
