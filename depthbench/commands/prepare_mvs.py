# SPDX-License-Identifier: Apache-2.0
"""``depthbench prepare mvs``."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._engine_options import InType, engine_choice, engine_options, out_option


@click.command()
@click.option(
    "--from",
    "source",
    required=True,
    type=(click.Choice(["colmap", "robustmvd"]), InType()),
    metavar="KIND DIR",
    help="colmap DIR: a folder with a sparse model (text or binary), in DIR, DIR/sparse or DIR/sparse/0. robustmvd DIR: key and source/0, source/1, ... with image.png, K.npy, to_ref_transform.npy.",
)
@click.option("--images", type=click.Path(path_type=Path), help="Folder of the photographs. Default: DIR/images.")
@out_option
@click.option(
    "--scale",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=1.0,
    show_default=True,
    help="Size of the pictures, as a share of the photographs'.",
)
@click.option(
    "--sources", type=click.IntRange(min=1), default=10, show_default=True, help="Source views per view, at most."
)
@click.option(
    "--planes",
    type=click.IntRange(min=0),
    default=192,
    show_default=True,
    help="Depth planes between 1 % and 99 % of a view's points; 0: as many as lie one pixel apart.",
)
@click.option(
    "--depth-range",
    type=(float, float),
    metavar="MIN MAX",
    help="Depths to look between, for robustmvd, which has no points to tell.",
)
@click.option(
    "--count-repeats",
    is_flag=True,
    help="Count a point as often as a view observes it, as MVSNet's own script does; the order of sources may differ by it.",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that make pictures. Default: this one.")
@engine_options
def mvs(
    source: tuple[str, Path],
    images: Path | None,
    out: str | Path,
    scale: float,
    sources: int,
    planes: int,
    depth_range: tuple[float, float] | None,
    count_repeats: bool,
    workers: int | None,
    **engine: Any,
) -> None:
    """Bring photographs with known cameras into MVSNet's layout.

    \b
      depthbench prepare mvs --from colmap DIR --out data/mine --scale 0.5

    Lens distortion is taken out; cameras have integer coordinates at pixel centres (COLMAP: at 0.5). Source views are chosen by MVSNet's
    score of the points that views share.

    Sixteen pictures are a unit of work. Interrupted, the same command makes those that are not there; to have one made anew, remove it.
    """
    from depthbench.errors import DepthbenchError
    from depthbench.generators.engines.stored import folder_for
    from depthbench.generators.mvs.from_colmap import Choices, prepare_from_colmap
    from depthbench.generators.mvs.from_robustmvd import prepare_from_robustmvd
    from depthbench.generators.mvs.pictures import make_all

    if planes == 1:
        raise click.UsageError("--planes 1: there must be two at least")
    kind, folder = source
    if kind == "colmap" and depth_range:
        raise click.UsageError("--depth-range: a model of COLMAP tells its own")
    if kind == "robustmvd" and (depth_range is None or not planes):
        raise DepthbenchError("robustmvd has no points: give --depth-range MIN MAX, and --planes")
    choices, choice = Choices(scale, sources, planes, count_repeats), engine_choice(**engine)
    asked = {"from": kind, **asdict(choices), "depth_range": depth_range and list(depth_range)}
    with folder_for(out, choice.share) as (made, url):
        make = partial(make_all, choice=replace(choice, url=url), workers=workers, asked=asked)
        if depth_range is None:
            views, pairs = prepare_from_colmap(folder, images, made, choices, make)
        else:
            views, pairs = prepare_from_robustmvd(folder, made, choices, depth_range, make)
    fewest = min(len(found) for found in pairs.values())
    click.echo(f"{out}: {len(views)} views, {fewest} to {max(len(found) for found in pairs.values())} sources each")
    alone = [views[i].name for i, found in pairs.items() if not found]
    if alone:
        click.echo(f"views that share no point with any other: {', '.join(alone)}", err=True)
