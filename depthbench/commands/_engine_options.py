# SPDX-License-Identifier: Apache-2.0
"""The options of every command that makes data: where the work is done. None of them changes a sample."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

if TYPE_CHECKING:
    from depthbench.generators.engines.choice import Choice


class OutType(click.ParamType):  # type: ignore[type-arg]
    """A folder, as a Path, or a place in object storage, as a URL."""

    name = "DIR|URL"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str | Path:
        """Tell the two apart; a file is refused."""
        if "://" in str(value):
            return str(value)
        if Path(value).is_file():
            self.fail(f"'{value}' is a file.", param, ctx)
        return Path(value)


class InType(click.Path):
    """What a command reads, as a Path; a URL is refused with what to do."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Refuse object storage."""
        if "://" in str(value):
            self.fail(f"'{value}' is no folder: fetch it first, such as by `aws s3 sync {value} DIR`.", param, ctx)
        return super().convert(value, param, ctx)


out_option = click.option(
    "--out", type=OutType(), required=True, help="The folder to fill; or object storage, such as s3://bucket/set."
)
_OPTIONS = (
    click.option(
        "--engine",
        default="local",
        show_default=True,
        help="Where the work is done: local (this machine, a process per device), ray (a Ray cluster, or one of this machine's "
        "own), slurm (an array of Slurm jobs). The output folder must be one that all machines see.",
    ),
    click.option(
        "--address",
        help="Of a Ray cluster: auto, HOST:PORT or ray://HOST:10001. Default: RAY_ADDRESS, else a Ray that is started here for the run.",
    ),
    click.option(
        "--slurm",
        multiple=True,
        metavar="KEY=VALUE",
        help="What Slurm is to know of the jobs: partition=gpu, timeout_min=240, mem_gb=32, account=...; may be given several "
        "times. cluster=local runs them on this machine, to try.",
    ),
    click.option(
        "--cores", type=click.IntRange(1, 1024), help="Processor cores of each worker. Default: what suits the engine."
    ),
    click.option(
        "--shard-index",
        type=click.IntRange(0),
        help="Make only this share of the work, counted from 0, for schedulers that start many runs: each takes its own, in "
        "one and the same folder, in any order, at once or one by one.",
    ),
    click.option("--num-shards", type=click.IntRange(1), help="How many shares there are, with --shard-index."),
    click.option(
        "--tries",
        type=click.IntRange(1, 100),
        default=3,
        show_default=True,
        help="Crashes after which a unit of work, or a view, is left out and named; its log is kept.",
    ),
    click.option(
        "--unit-timeout",
        type=click.FloatRange(min=1),
        help="Seconds that one attempt at a unit of work (a scene, a slice) may take. Default: no limit.",
    ),
)


def engine_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options; the command hands all of them to :func:`engine_choice`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def engine_choice(
    *,
    engine: str,
    address: str | None,
    slurm: tuple[str, ...],
    cores: int | None,
    shard_index: int | None,
    num_shards: int | None,
    tries: int,
    unit_timeout: float | None,
    **_: Any,
) -> Choice:
    """Return what was chosen.

    Raises
    ------
    DepthbenchError
        If an engine is unknown, or options do not go together.
    """
    from depthbench.errors import DepthbenchError
    from depthbench.generators.engines.choice import Choice
    from depthbench.generators.engines.share import Share

    if (shard_index is None) != (num_shards is None):
        raise DepthbenchError(
            "--shard-index and --num-shards go together: give both, such as --shard-index 0 --num-shards 16"
        )
    for told in slurm:
        if not all(told.partition("=")):
            raise DepthbenchError(f"--slurm {told}: write KEY=VALUE, such as partition=gpu")
    parameters = tuple((key, value) for key, _, value in (told.partition("=") for told in slurm))
    share = Share(shard_index or 0, num_shards or 1)
    return Choice(engine, share, address, parameters, cores, tries, unit_timeout or float("inf"))
