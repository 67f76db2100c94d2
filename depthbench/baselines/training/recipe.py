# SPDX-License-Identifier: Apache-2.0
"""What a model brings to be trained: a network, an endless stream of samples, a loss, and a measure on held-out data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn

Batch = Mapping[str, Any]


@dataclass(frozen=True)
class Inputs:
    """What the user named on the command line, unread.

    Attributes
    ----------
    data, masks, val : tuple of str
        Words of ``--data``, ``--masks`` and ``--val``.
    """

    data: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    val: tuple[str, ...] = ()


class Stream(Protocol):
    """Samples without end; picklable, since the workers of a loader each hold one."""

    def sample(self, step: int, number: int) -> dict[str, Any]:
        """Return sample ``number`` of the stream, which is used in step ``step``.

        A pure function of both and of the seed: that is what makes a run independent of the number of workers and
        processes, and lets it continue exactly. The samples of a step are stacked, so their sizes agree.

        A stream that makes many at once faster than one by one may also have ``samples(part)``: a list of (step, number) to the
        same samples, stacked.
        """


class Recipe(Protocol):
    """What is trained, on what, to what end; made as ``Class(config, inputs, seed)``.

    Attributes
    ----------
    Config : type
        Frozen dataclass of the recipe's settings, the table ``[recipe]`` of a preset.
    presets : Path
        Folder of ``NAME.toml``.
    config : Config

    Notes
    -----
    A recipe may name further measures of :meth:`validate` in an attribute ``best_of``: the weights that were best by each (lower is
    better) are kept beside those that were best by ``score``. An attribute ``rates`` maps beginnings of parameters' names to shares of
    the learning rate.
    """

    Config: type[Any]
    presets: Path
    config: Any

    def network(self) -> nn.Module:
        """Return a fresh network; parameters that do not train have ``requires_grad`` off. Called after seeding torch."""

    def initialise(self, network: nn.Module, path: Path) -> str:
        """Fill a network from a checkpoint and return the licence that its descendants inherit."""

    def stream(self) -> Stream:
        """Return the training samples."""

    def losses(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Return the weighted terms of a batch's loss, each a mean; their sum is minimised."""

    def validate(self, network: nn.Module, device: Any) -> dict[str, float]:
        """Return measures on held-out data; ``score``, lower is better, picks the checkpoint. Empty: there is no such data."""

    def manifest(self) -> list[dict[str, Any]]:
        """Return what the data is, with fingerprints: a run continues on the same data only."""

    def metadata(self) -> dict[str, str]:
        """Return what whoever loads the weights must know."""
