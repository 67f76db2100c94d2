# SPDX-License-Identifier: Apache-2.0
"""``depthbench doctor``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    help="Where output would go; its free disk is told. Default: here.",
)
def doctor(folder: Path) -> None:
    """Say what is available here and how to get what is missing.

    Looks at Blender and its system libraries, the devices Cycles can use, ray casting, GPU, disk, optional packages and
    the folders of downloaded sets. The exit code is 0 whatever is missing: nothing here is required for everything.
    """
    from rich.console import Console
    from rich.table import Table

    from depthbench.doctor import examine

    colours = {"ok": "green", "warning": "yellow", "missing": "red"}
    table = Table("", "what", "found", "to get it", title="depthbench doctor", title_justify="left")
    for check in examine(folder):
        mark = f"[{colours[check.status]}]{check.status}[/]"
        table.add_row(mark, check.name, check.found, check.remedy)
    Console().print(table)
