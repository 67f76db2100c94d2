# SPDX-License-Identifier: Apache-2.0
"""Options and output that ``eval`` and ``score`` share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from depthbench.benchmarks.evaluate import Outcome
    from depthbench.benchmarks.protocol_base import BaseProtocol
    from depthbench.benchmarks.sets.evaluation_set import EvaluationSet

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("text", "md", "latex", "csv", "json")

_SHARED = [
    click.option("--set", "set_name", required=True, metavar="S", help="Set by name (depthbench list sets), or a folder that `generate layered`, `generate focal-stack` or `generate dvps-twin` made, of focal stacks of your own, or of views with cameras (`prepare mvs`)."),
    click.option("--root", type=click.Path(path_type=Path), help="Folder of a downloaded set. Default: $DEPTHBENCH_DATA/<set>, or data/<set>."),
    click.option("--set-option", "set_options", multiple=True, metavar="KEY=VALUE", help="Option of the set, such as images=H or truth=F for middlebury-v3; repeatable."),
    click.option("--n", metavar="N", help="Observations of each example, for sets that have a choice (odms*: 2 to 10, or all; planes of focal stacks); short for --set-option n=N."),
    click.option("--protocol", metavar="P", help="Protocol by name (depthbench list protocols) or a TOML file. Default: the set's own."),
    click.option("--truth-scale", type=click.IntRange(1, 8), default=1, show_default=True, help="Score at every n-th pixel of the truth, disparities divided by n; named in the record."),
    click.option("--limit", type=click.IntRange(min=1), help="Take the first N samples only; the record says so."),
    click.option("--strict", is_flag=True, help="Stop at the first sample that fails, instead of naming it and going on."),
    click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="How the table is printed on stdout."),
]  # fmt: skip


def shared_options(command: F) -> F:
    """Add the options that choose a set, a protocol and the output."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def open_set_and_protocol(
    set_name: str,
    root: Path | None,
    set_options: tuple[str, ...],
    n: str | None,
    protocol: str | None,
    truth_scale: int,
) -> tuple[EvaluationSet, BaseProtocol]:
    """Open what the shared options name."""
    from depthbench.benchmarks.options import parse_options
    from depthbench.benchmarks.protocol import load_protocol
    from depthbench.benchmarks.sets.opening import open_set

    opened = open_set(set_name, root, parse_options((*set_options, *([f"n={n}"] if n else ()))))
    chosen = load_protocol(protocol or opened.default_protocol, opened.name)
    return opened, chosen.at_truth_scale(truth_scale)


def print_header(model: str, opened: EvaluationSet, protocol: BaseProtocol) -> None:
    """Say on stderr, in three lines, what is measured on what by which rule."""
    click.echo(f"model     {model}", err=True)
    click.echo(f"set       {opened.name} {opened.label}  {len(opened.ids())} samples in {opened.root}", err=True)
    click.echo(f"protocol  {protocol.name} v{protocol.version} {protocol.hash[:12]}  {protocol.title}", err=True)


def tell_predictions(opened: EvaluationSet, folder: Path, failed: Mapping[str, str]) -> None:
    """Say where predictions without scores lie; leave with 1 where a sample failed."""
    for sample_id, reason in failed.items():
        click.echo(f"failed: {sample_id}: {reason}", err=True)
    click.echo(f"no truth is public for {opened.name} {opened.label}: predictions alone, in {folder}", err=True)
    if opened.task == "mvs":
        click.echo(f"clouds    {folder.parent / 'clouds'}", err=True)
    if failed:
        sys.exit(1)


def report_several(outcomes: Sequence[Outcome], format_: str) -> None:
    """Print one table of several runs on a set, and each record's path; leave with 1 where a sample failed."""
    from depthbench.benchmarks.table_output import show
    from depthbench.benchmarks.tables import comparison_tables

    for made in comparison_tables([outcome.record for outcome in outcomes]):
        show(made, format_)
    _tell_the_rest(outcomes)


def report(outcome: Outcome, format_: str) -> None:
    """Print the table and the record's path; leave with 1 where a sample failed."""
    from depthbench.benchmarks.table_output import show
    from depthbench.benchmarks.tables import record_table

    show(record_table(outcome.record), format_)
    _tell_the_rest([outcome])


def _tell_the_rest(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        for result in outcome.failed:
            click.echo(f"failed: {result.id}: {result.reason}", err=True)
        click.echo(f"record    {outcome.path}", err=True)
    if any(outcome.failed for outcome in outcomes):
        sys.exit(1)
