# SPDX-License-Identifier: Apache-2.0
"""What a kind of data tells the release, and nothing more: its samples, their parts, what they mean, and how they are checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json
from depthbench.formats.sample_parts import Parts
from depthbench.generators.config_file import CONFIG_FILE, generator_of
from depthbench.registry import lookup
from depthbench.release.kinds import KINDS


@dataclass(frozen=True)
class Listed:
    """A sample of a folder.

    Attributes
    ----------
    id : str
        Unique in the folder; letters, digits, ``-`` and ``_``.
    group : int
        Its scene: samples of one group always lie in the same split.
    environment : str
        What is counted beside each other in the description.
    place : object
        Where the kind finds it.
    """

    id: str
    group: int
    environment: str
    place: Any = field(compare=False)


@dataclass(frozen=True)
class Asset:
    """Something in the pictures that has a maker and terms of its own."""

    name: str
    licence: str
    source: str
    sha256: str = ""


@dataclass(frozen=True)
class About:
    """What a folder is, for people and for catalogues.

    Attributes
    ----------
    title, text : str
        A line; a paragraph.
    tasks : tuple of str
        Task categories as Hugging Face names them.
    parts : mapping
        Part, as ``left.png``, or a pattern such as ``NN.png`` -> what it holds.
    limits : tuple of str
        What must be known before it is used; a sentence each.
    assets : tuple of Asset
    seeds : str
        Seed and the range of what was drawn by it.
    """

    title: str
    text: str
    tasks: tuple[str, ...]
    parts: Mapping[str, str]
    limits: tuple[str, ...]
    seeds: str
    assets: tuple[Asset, ...] = ()


class ReleaseKind(Protocol):
    """A kind of data; it has no state."""

    name: ClassVar[str]

    def listing(self, folder: Path) -> list[Listed]:
        """Return every finished sample of a generated folder."""

    def read(self, listed: Listed) -> Parts:
        """Return a sample's parts; ``json`` is one of them."""

    def about(self, folder: Path, listed: list[Listed]) -> About:
        """Return what the folder is."""

    def pictures(self, folder: Path, out: Path) -> tuple[dict[str, str], dict[str, Any]]:
        """Draw into ``out``; return file name -> caption, and statistics."""

    def check(self, provenance: Path, sample_id: str, parts: Parts) -> list[str]:
        """Return what is wrong with a sample by itself, a line each."""

    def fingerprint(self, parts: Parts) -> bytes:
        """Return bytes that two different samples never share."""

    def recompute(self, provenance: Path, samples: Mapping[str, Parts]) -> list[str]:
        """Compute the truth of some samples anew; return how it differs, a line each.

        Raises
        ------
        CannotRecomputeError
            If what that needs is not here.
        """

    def tensors(self, parts: Parts, **options: Any) -> dict[str, Any]:
        """Return a sample as PyTorch's default collate takes it."""

    def needed(self, **options: Any) -> tuple[str, ...] | None:
        """Return the parts that :meth:`tensors` reads with these options; None is all."""


class CannotRecomputeError(DepthbenchError):
    """Truth cannot be computed anew here: the source, or a program, is absent. Nothing is known to be wrong."""


@contextmanager
def needed_to_recompute() -> Iterator[None]:
    """Tell an error of what runs within as :class:`CannotRecomputeError`."""
    try:
        yield
    except DepthbenchError as error:
        raise CannotRecomputeError(str(error)) from error


FAULTS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What comes of parts that strangers made, where a key, a type, a shape or a number is none that belongs there."""


@contextmanager
def faults_named(name: str, what: str) -> Iterator[None]:
    """Turn :data:`FAULTS` of the block into a DepthbenchError that says that ``name`` is not ``what``."""
    try:
        yield
    except FAULTS as error:
        raise DepthbenchError(f"{name}: not {what} ({type(error).__name__}: {error})") from error


def kept_config(provenance: Path) -> dict[str, Any]:
    """Return the configuration that a release keeps, as it stands in its JSON; whether what it depends on is unchanged here is not asked.

    Raises
    ------
    DepthbenchError
        If it is absent or none.
    """
    data = read_json(provenance / CONFIG_FILE)
    if not isinstance(data, dict):
        raise DepthbenchError(f"{provenance / CONFIG_FILE}: not a configuration")
    return data


def kind_named(generator: str) -> ReleaseKind:
    """Return a kind by the name of the generator.

    Raises
    ------
    DepthbenchError
        If there is none.
    """
    kind: ReleaseKind = lookup("kind of data to release", generator, KINDS)()
    return kind


def kind_of(folder: Path) -> tuple[str, ReleaseKind]:
    """Return the generator of a folder and its kind.

    Raises
    ------
    DepthbenchError
        If no generator began the folder, or its kind cannot be released.
    """
    if not folder.is_dir():
        raise DepthbenchError(f"{folder}: no such folder; make one with `depthbench generate`")
    generator = generator_of(folder)
    if not generator:
        raise DepthbenchError(
            f"{folder}: holds no config.json of `depthbench generate`, so it cannot be told what it is"
        )
    return generator, kind_named(generator)
