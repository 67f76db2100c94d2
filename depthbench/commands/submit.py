# SPDX-License-Identifier: Apache-2.0
"""``depthbench submit``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command()
@click.option(
    "--set",
    "set_name",
    required=True,
    metavar="S",
    help="Set whose board it is for: middlebury-v3, kitti-2015, eth3d, booster.",
)
@click.option(
    "--predictions",
    "folders",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of predictions; repeatable, one per split.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The archive, FILE.zip.")
@click.option(
    "--root", type=click.Path(path_type=Path), help="Folder of the set. Default: $DEPTHBENCH_DATA/<set>, or data/<set>."
)
@click.option(
    "--set-option",
    "set_options",
    multiple=True,
    metavar="KEY=VALUE",
    help="Option of the set, such as images=H for middlebury-v3; repeatable.",
)
@click.option(
    "--method", default="", help="Name of your method, where the board wants it in file names (middlebury-v3)."
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    help="Run time of every pair, where the board wants it (middlebury-v3, eth3d). Default: what eval noted.",
)
def submit(
    set_name: str,
    folders: tuple[Path, ...],
    out: Path,
    root: Path | None,
    set_options: tuple[str, ...],
    method: str,
    seconds: float | None,
) -> None:
    """Pack saved predictions as an official board takes them.

    Every sample of a split must be there, as large as its left picture; what a board's files cannot hold is told. Splits
    without any prediction are left out. Nothing is sent anywhere.

    \b
      depthbench eval --model s2m2 --weights CH128NTR1.pth --set kitti-2015 --set-option split=testing
      depthbench submit --set kitti-2015 --predictions runs/s2m2-weights=CH128NTR1/kitti-2015-testing/predictions --out kitti.zip
    """  # fmt: skip
    from depthbench.benchmarks.options import parse_options
    from depthbench.benchmarks.submission import submit as pack

    made = pack(set_name, folders, out, root, parse_options(set_options), method, seconds)
    for note in made.notes:
        click.echo(f"note      {note}", err=True)
    click.echo(f"{made.path}: {made.samples} samples")
