# SPDX-License-Identifier: Apache-2.0
"""A table on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from depthbench.benchmarks.tables import Table, render

if TYPE_CHECKING:
    from rich.table import Table as Drawn


def show(table: Table, format: str) -> None:
    """Print a table to stdout, drawn on a terminal (``text``) or as md, latex, csv or json."""
    if format != "text":
        sys.stdout.write(render(table, format))  # type: ignore[arg-type]
        return
    from rich.console import Console

    plain, turned = _drawn(table, turned=False), _drawn(table, turned=True)
    ruler = Console(width=10_000)
    widths = [ruler.measure(drawn).maximum for drawn in (plain, turned)]
    # Models are rows while they fit; regions and metrics of one record are many, and always turned round.
    turn = not table.bold_best or (widths[0] > Console().width and widths[1] < widths[0])
    # As wide as it needs: rich would cut numbers short to fit a narrow terminal, or the 80 columns it assumes without one.
    console = Console(width=max(Console().width, widths[turn]))
    console.print(turned if turn else plain)
    for note in table.notes:
        console.print(f"- {note}", markup=False, highlight=False, soft_wrap=True)


def _drawn(table: Table, turned: bool) -> Drawn:
    """Return the table to be drawn, with its columns as rows if ``turned``."""
    from rich.table import Table as Drawn

    drawn = Drawn(title=table.caption, title_justify="left", title_style="bold")
    headings = [column.heading("md") for column in table.columns]
    if turned:
        names, lines = headings, [list(column) for column in zip(*table.texts("md"), strict=True)]
        across = [name.replace("-", "-\n") for name in table.row_names]
    else:
        names, across, lines = table.row_names, headings, table.texts("md")
    drawn.add_column("" if turned else table.row_title, no_wrap=True)
    for heading in across:
        drawn.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)
    for name, texts in zip(names, lines, strict=True):
        drawn.add_row(name, *(f"[bold]{text.strip('*')}[/]" if text.startswith("**") else text for text in texts))
    return drawn
