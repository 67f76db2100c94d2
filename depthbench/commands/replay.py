# SPDX-License-Identifier: Apache-2.0
"""``depthbench replay``."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("sample_id", metavar="ID")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Keep the new sample and the log there.")
@click.option("--device", help="Where to render: CPU, OPTIX, ... Default: the kind that made the stored sample.")
def replay(folder: Path, sample_id: str, out: Path | None, device: str | None) -> None:
    """Make one sample once more, alone, and compare every value with the stored one.

    \b
      depthbench replay data/tiny cafe-000000-0001

    On a processor all values are equal, pictures included. A GPU gives the same truth, and pictures that may differ in
    noise. Exit code: 0 when all is equal, 1 when something differs.
    """
    from rich.console import Console

    from depthbench.generators.replay import replay as replay_sample

    differences = replay_sample(folder, sample_id, out, device.upper() if device else None)
    console = Console()
    for found in differences:
        told = f"{sample_id}: {found.name}: {found.share:.4%} of the values differ, by up to {found.largest:.4g}"
        console.print(told, highlight=False, markup=False)
    if not differences:
        console.print(f"{sample_id}: equal in every value of truth and pictures", highlight=False)
    sys.exit(1 if differences else 0)
