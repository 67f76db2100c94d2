# SPDX-License-Identifier: Apache-2.0
"""``depthbench twin``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._engine_options import InType, OutType, engine_choice, engine_options
from depthbench.errors import DepthbenchError


@click.command()
@click.argument("folder", type=InType())
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
    type=OutType(),
    required=True,
    help="Each change fills its own folder in here: OUT/remove, OUT/baseline=0.12; or object storage, such as s3://bucket/twins.",
)
@click.option("--device", help="Where to render: CPU, OPTIX, ... Default: the kind that made the originals.")
@click.option("--workers", type=click.IntRange(1, 256), help="Blender processes. Default: as for `generate`.")
@engine_options
def twin(
    folder: Path,
    ids: tuple[str, ...],
    every: bool,
    changes: tuple[str, ...],
    out: str | Path,
    device: str | None,
    workers: int | None,
    **engine: Any,
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

    from depthbench.generators.engines.stored import folder_for
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
    console, choice = Console(), engine_choice(**engine)
    code = 0
    try:
        for change in changes:
            console.rule(change)
            place = out / change if isinstance(out, Path) else f"{out}/{change}"
            with folder_for(place, choice.share) as (books, url):
                result = make_twins(
                    folder, ids, change, books, RunOptions(device, workers, choice=replace(choice, url=url))
                )
                code = max(code, report(result, books, console, choice.share))
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is made is in {out}, the same command continues", err=True)
        sys.exit(130)
    sys.exit(code)
