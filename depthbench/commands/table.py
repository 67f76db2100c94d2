# SPDX-License-Identifier: Apache-2.0
"""``depthbench table``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from depthbench.commands._evaluation import FORMATS


@click.command()
@click.argument("records", nargs=-1, required=True, type=click.Path(path_type=Path))
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
def table(records: tuple[Path, ...], format_: str, columns: tuple[str, ...]) -> None:
    """Put records beside each other: one table per set and protocol, models as rows, the best in bold.

    Records of one set by different versions of a protocol, or of different samples, are refused. A mean over samples that
    failed is a dash.

    \b
      depthbench table runs/*/middlebury-v3-Q/middlebury-sdk/record.json --format md
    """
    from depthbench.benchmarks.records import read_record
    from depthbench.benchmarks.table_output import show
    from depthbench.benchmarks.tables import comparison_tables

    for made in comparison_tables([read_record(path) for path in records], columns):
        show(made, format_)
