# SPDX-License-Identifier: Apache-2.0
"""``depthbench export``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write; made if absent."
)
@click.option(
    "--format",
    "layout",
    type=click.Choice(["folders"]),
    default="folders",
    show_default=True,
    help="folders: one folder per sample with PNG, PFM and camera.json.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many samples. Default: all.")
def export(folder: Path, out: Path, layout: str, limit: int | None) -> None:
    """Write generated samples in formats that other tools read.

    Each sample becomes OUT/<id>/ with left.png, right.png, disp_left_layer0.pfm and so on for every layer of both eyes, surface
    numbers, classes, visibility, masks, refraction, and camera.json, which says what each file means. Samples that are there
    already are skipped: an interrupted export continues with the same command.

    \b
      depthbench export data/tiny --out data/tiny-plain
    """
    from rich.console import Console
    from rich.progress import Progress

    from depthbench.generators.layered_export import export_folders, sample_count

    console = Console()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(f"export as {layout}", total=sample_count(folder, limit))
        written = export_folders(folder, out, limit, lambda sample_id: progress.advance(bar))
    click.echo(f"{out}: {written} samples written")
