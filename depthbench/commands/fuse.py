# SPDX-License-Identifier: Apache-2.0
"""``depthbench fuse``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from depthbench.errors import DepthbenchError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The cloud: binary PLY with colours."
)
@click.option(
    "--depths",
    type=click.Path(path_type=Path),
    help="Folder of the depth maps: 00000000.pfm, .npy or .png, in the cameras' unit. Default: FOLDER/depth_est.",
)
@click.option(
    "--confidences",
    type=click.Path(path_type=Path),
    help="Folder of maps of confidence alike. Default: FOLDER/confidence where it is there; without any, nothing is left out for being unsure.",
)
@click.option(
    "--cams",
    type=click.Path(path_type=Path),
    help="Folder of cameras of the depth maps themselves. Default: FOLDER/cams, of the pictures, scaled to the depth maps.",
)
@click.option(
    "--preset", default="fixed", show_default=True, metavar="NAME", help="Thresholds by name; --list tells them."
)
@click.option(
    "--list",
    "list_presets",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, value: _list(ctx) if value else None,
    help="Tell the presets with their thresholds and sources, and leave.",
)
@click.option("--confidence", type=click.FloatRange(min=0), help="Keep what is surer than this. Default: the preset's.")
@click.option(
    "--views",
    type=click.IntRange(min=1),
    help="Keep what this many sources agree with, for presets with one threshold. Default: the preset's.",
)
@click.option("--remove-duplicates", is_flag=True, help="A surface that an earlier view has given is not given again.")
@click.option(
    "--dialect",
    type=click.Choice(["mvsnet", "patchmatchnet"]),
    help="What two numbers in the last line of a camera file mean: min and interval, or min and max.",
)
def fuse(
    folder: Path,
    out: Path,
    depths: Path | None,
    confidences: Path | None,
    cams: Path | None,
    preset: str,
    confidence: float | None,
    views: int | None,
    remove_duplicates: bool,
    dialect: str | None,
) -> None:
    """Fuse depth maps of several views, from whatever source, into one cloud of points.

    FOLDER has images, cams and pair.txt as MVSNet has them (`depthbench prepare mvs` makes them). A pixel is kept where enough source views
    agree with its depth; its depth is the mean of theirs and its own.

    \b
      depthbench fuse data/mine --depths my_depths --out mine.ply
      depthbench fuse data/mine --preset dynamic --remove-duplicates --out mine.ply
    """
    from dataclasses import replace

    from depthbench.benchmarks.progress import track
    from depthbench.errors import unknown_name
    from depthbench.fusion.fuse import FusionInput, fuse_folder
    from depthbench.fusion.rules import PRESETS

    if preset not in PRESETS:
        raise unknown_name("preset", preset, PRESETS)
    rules = PRESETS[preset]
    if confidence is not None:
        rules = replace(rules, confidence=confidence)
    if views is not None:
        if len(rules.levels) > 1:
            raise DepthbenchError(f"--views: the preset {preset} has a threshold for every number of views")
        rules = replace(rules, levels=(replace(rules.levels[0], views=views),))
    if confidences is None and (folder / "confidence").is_dir():
        confidences = folder / "confidence"
    given = FusionInput(folder, depths or folder / "depth_est", confidences, cams, dialect)  # type: ignore[arg-type]
    report = fuse_folder(given, rules, out, remove_duplicates, lambda ids: track(ids, "views"))
    click.echo(f"views      {report.views}, {report.known} pixels with depth")
    if confidences:
        click.echo(f"sure       {report.sure}, confidence above {rules.confidence:g}")
    click.echo(f"consistent {report.consistent} ({preset}: {rules.origin})")
    if remove_duplicates:
        click.echo(f"duplicates {report.duplicates}")
    click.echo(f"points     {report.points} in {out}")


def _list(context: click.Context) -> None:
    from depthbench.fusion.rules import PRESETS

    for name, rules in PRESETS.items():
        limits = ", ".join(f"{v.distance_px:g} px {100 * v.relative_depth:.3g} % {v.views}" for v in rules.levels)
        sources = f"first {rules.sources} sources" if rules.sources else "all sources"
        click.echo(
            f"{name}: confidence > {rules.confidence:g}; {sources}; distance, depth, views: {limits}; {rules.origin}"
        )
    context.exit()
