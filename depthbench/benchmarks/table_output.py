# SPDX-License-Identifier: Apache-2.0
"""A table on the terminal."""

from __future__ import annotations

import sys

from depthbench.benchmarks.tables import Table, render


def show(table: Table, format: str) -> None:
    """Print a table to stdout, drawn on a terminal (``text``) or as md, latex, csv or json."""
    if format != "text":
        sys.stdout.write(render(table, format))  # type: ignore[arg-type]
        return
    from rich.console import Console
    from rich.table import Table as Drawn

    drawn = Drawn(title=table.caption, title_justify="left", title_style="bold")
    headings = [column.heading("md") for column in table.columns]
    if table.bold_best:
        names, across, lines = table.row_names, headings, table.texts("md")
    else:
        # Few rows of many metrics: turned round, so that it fits a terminal.
        names, lines = headings, [list(column) for column in zip(*table.texts("md"), strict=True)]
        across = [name.replace("-", "-\n") for name in table.row_names]
    drawn.add_column(table.row_title if table.bold_best else "", no_wrap=True)
    for heading in across:
        drawn.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)
    for name, texts in zip(names, lines, strict=True):
        drawn.add_row(name, *(f"[bold]{text.strip('*')}[/]" if text.startswith("**") else text for text in texts))
    # As wide as it needs: rich would cut numbers short to fit a narrow terminal, or the 80 columns it assumes without one.
    needed = Console(width=10_000).measure(drawn).maximum
    console = Console(width=max(Console().width, needed))
    console.print(drawn)
    for note in table.notes:
        console.print(f"- {note}", markup=False, highlight=False, soft_wrap=True)
