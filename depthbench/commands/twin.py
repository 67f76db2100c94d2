# SPDX-License-Identifier: Apache-2.0
"""``depthbench twin``."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from depthbench.errors import DepthbenchError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every sample of the folder, instead of naming some.")
@click.option(
    "--change",
    "changes",
    multiple=True,
    required=True,
    help="remove (the panes), remove-all (everything see-through), frost, tint, dirty (the panes), or baseline=0.12 "
    "(metres). May be given several times: each makes its own twins.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Each change fills its own folder in here: OUT/remove, OUT/baseline=0.12.",
)
@click.option("--device", help="Where to render: CPU, OPTIX, ... Default: the kind that made the originals.")
@click.option("--workers", type=click.IntRange(1, 256), help="Blender processes. Default: as for `generate`.")
def twin(
    folder: Path,
    ids: tuple[str, ...],
    every: bool,
    changes: tuple[str, ...],
    out: Path,
    device: str | None,
    workers: int | None,
) -> None:
    """Render samples again after one change to their scene: counterfactual pairs.

    \b
      depthbench twin data/tiny --all --change remove --change frost --out data/twins
      depthbench twin data/tiny cafe-000000-0001 --change baseline=0.12 --out data/twins
      depthbench show data/twins/remove

    A twin has its original's id, camera, random numbers and exposure: only the change tells the two apart. Panes are what can
    be seen through and is thin (windows, cases, partitions, picture glass); another glass changes the pictures and no truth,
    panes removed take their layers with them and leave all others as they were. The scene is built anew, and no twin is made
    unless it gives the original's truth. What an OUT folder holds already is kept; the same command continues.

    Exit code: 0 when every twin is there, 1 when some could not be made (they are named), 130 after Ctrl-C.
    """
    from rich.console import Console

    from depthbench.generators.layered import RunOptions
    from depthbench.generators.layered_folder import samples
    from depthbench.generators.layered_report import report
    from depthbench.generators.twin_config import parse_change
    from depthbench.generators.twins import make_twins

    if every == bool(ids):
        raise DepthbenchError(f"name some samples of {folder}, or give --all")
    for change in changes:
        parse_change(change)
    if device is None:
        reader, index = next(samples(folder))
        device = str(reader.meta(index)["device"])
    console = Console()
    code = 0
    try:
        for change in changes:
            console.rule(change)
            result = make_twins(folder, ids, change, out / change, RunOptions(device, workers))
            code = max(code, report(result, out / change, console))
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is made is in {out}, the same command continues", err=True)
        sys.exit(130)
    sys.exit(code)
