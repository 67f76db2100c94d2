# SPDX-License-Identifier: Apache-2.0
"""``depthbench status``."""

from __future__ import annotations

import sys
import time

import rich_click as click

SECONDS_BETWEEN_LOOKS = 5.0


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--watch", is_flag=True, help="Look again every five seconds until everything is made; Ctrl-C leaves.")
@click.option(
    "--price", type=click.FloatRange(min=0), help="Price of an hour of one worker (a GPU, say), in any currency."
)
def status(folder: str, watch: bool, price: float | None) -> None:
    """Tell how far a folder is that `generate` or `prepare` fills, whoever does the work: this machine, Ray, Slurm, shares.

    DIR is a folder, or where --out sent it: s3://bucket/x. Told from the sidecars in DIR/units: samples made, units done, running,
    stopped and left out, samples per hour, time left, hours of work, cost, and why attempts failed.

    \b
      depthbench status data/layered
      depthbench status /shared/large --watch --price 2.50

    Exit code: 0, or 1 when units or views were left out because they crash.
    """
    from rich.console import Console

    from depthbench.generators.folder_status import look
    from depthbench.generators.survey import lines

    console = Console()
    while True:
        found, what = look(folder)
        if watch and console.is_terminal:
            console.clear()
        console.print("\n".join(lines(found, what, price)), highlight=False, markup=False, soft_wrap=True)
        whole = found.asked is not None and found.made >= found.asked
        if not watch or whole:
            sys.exit(1 if found.quarantined else 0)
        try:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        except KeyboardInterrupt:
            sys.exit(130)
