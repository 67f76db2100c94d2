# SPDX-License-Identifier: Apache-2.0
"""``depthbench table``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from depthbench.commands._evaluation import FORMATS


@click.command()
@click.argument("records", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="How it is printed."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="REGION/METRIC",
    help="A column, such as nocc/epe; repeatable. Default: the protocol's headline.",
)
@click.option(
    "--published",
    is_flag=True,
    help="Add what others published for the same set and protocol, marked, with sources and doubts; without records: all of it.",
)
def table(records: tuple[Path, ...], format_: str, columns: tuple[str, ...], published: bool) -> None:
    """Put records beside each other: one table per set and protocol, models as rows, the best in bold.

    Records of one set by different versions of a protocol, or of different samples, are refused. A mean over samples that
    failed is a dash.

    \b
      depthbench table runs/*/middlebury-v3-Q/middlebury-sdk/record.json --format md
      depthbench table runs/*/booster-train-balanced-full/booster-board/record.json --published
      depthbench table --published
    """
    if not records and not published:
        raise click.UsageError("name records (runs/*/*/*/record.json), or --published")
    from depthbench.benchmarks.published_tables import published_alone, published_tables
    from depthbench.benchmarks.records import read_record
    from depthbench.benchmarks.table_output import show
    from depthbench.benchmarks.tables import comparison_tables

    if records:
        made = comparison_tables([read_record(path) for path in records], columns, published)
    else:
        made = [published_alone(entry) for entry in published_tables()]
    for one in made:
        show(one, format_)
