# SPDX-License-Identifier: Apache-2.0
"""Our own files of weights: safetensors, with what must be known of them inside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.formats.atomic import write_bytes

SUFFIX = ".safetensors"
_KEY = "depthbench"


def write_weights(path: str | Path, state: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write weights and metadata, whole or not at all; the same ones give the same bytes.

    Raises
    ------
    MissingExtraError
        If safetensors is not installed.
    """
    try:
        from safetensors.torch import save
    except ImportError as error:
        raise MissingExtraError("safetensors", "torch", "writing weights") from error
    plain = {key: value.detach().cpu().contiguous() for key, value in state.items()}
    # one key of metadata, since the format writes several in any order
    write_bytes(path, save(plain, {_KEY: json.dumps(dict(metadata), sort_keys=True)}))


def read_weights(path: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return weights by name, and the metadata.

    Raises
    ------
    DepthbenchError
        As :func:`read_metadata`.
    """
    metadata = read_metadata(path)
    from safetensors.torch import load_file

    return load_file(path), metadata


def read_metadata(path: str | Path) -> dict[str, str]:
    """Return what a file tells of its weights; nothing for files of other kinds.

    Raises
    ------
    DepthbenchError
        If the file is damaged, or safetensors is not installed.
    """
    path = Path(path)
    if path.suffix != SUFFIX:
        return {}
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise MissingExtraError("safetensors", "torch", f"reading {path.name}") from error
    try:
        with safe_open(path, "pt") as handle:
            told = (handle.metadata() or {}).get(_KEY, "{}")
    except SafetensorError as error:
        raise DepthbenchError(f"{path}: not a whole safetensors file ({error})") from error
    try:
        content = json.loads(told)
    except (ValueError, RecursionError) as error:
        raise DepthbenchError(f"{path}: what it tells of itself is no JSON ({error})") from error
    if not isinstance(content, dict):
        raise DepthbenchError(f"{path}: what it tells of itself is no JSON object")
    return {str(key): str(value) for key, value in content.items()}


def find_weights(weights: str, model: str, shipped: Path, origin: str) -> Path:
    """Return the file to load: the one asked for, else the one that comes with depthbench.

    Parameters
    ----------
    weights : str
        A path, or nothing.
    model : str
        Its name, for the message.
    shipped : Path
    origin : str
        Where another comes from, for the message.

    Raises
    ------
    DepthbenchError
        If it is not there.
    """
    path = Path(weights).expanduser() if weights else shipped
    if not path.is_file():
        what = (
            f"{path}: no such file" if weights else f"model {model}: needs --weights FILE, none comes with depthbench"
        )
        raise DepthbenchError(f"{what}; {origin}")
    return path


def file_sha256(path: str | Path) -> str:
    """Return the sha256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
