# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate layered``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.blender_scenes.layouts import LAYOUTS
from depthbench.commands._layered_run import fill_or_plan, parse_resolution, run_options, sample_options


@click.command()
@click.option("--n", type=click.IntRange(1, 2**32), required=True, help="How many stereo pairs the folder shall hold.")
@sample_options("768x512")
@click.option(
    "--scenes",
    default=",".join(LAYOUTS),
    show_default=True,
    help="Environments in turn, with commas between; your own as path/to/file.py:build.",
)
@click.option(
    "--views-per-scene",
    type=click.IntRange(1, 9999),
    help="Pairs per built scene. Default: 139 or 140 (500,000 pairs are 3,577 scenes), less for a small --n so that every "
    "environment appears; what the folder has when you continue it.",
)
@click.option(
    "--see-through-share",
    type=click.FloatRange(0, 1),
    default=0.75,
    show_default=True,
    help="Share of views that must show something see-through.",
)
@click.option(
    "--sensor",
    default="off",
    show_default=True,
    help="What cameras add to the pictures: off, mild or strong (noise, darker rims, eyes that differ, rectified lenses).",
)
@click.option(
    "--floating",
    type=click.IntRange(0, 1000),
    default=0,
    show_default=True,
    help="Things hung in the air of each scene at random poses, see-through and opaque; fewer where there is no room.",
)
@click.option(
    "--assets",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of your own HDRIs, textures and models with an assets.toml; check it with `depthbench assets`.",
)
@run_options
def layered(
    n: int,
    out: str | Path,
    seed: int,
    resolution: str,
    preset: str,
    samples: int | None,
    scenes: str,
    views_per_scene: int | None,
    see_through_share: float,
    gt_bits: int,
    sensor: str,
    floating: int,
    assets: Path | None,
    **run: Any,
) -> None:
    """Render stereo pairs of see-through scenes with every surface along every pixel's ray as truth.

    \b
      depthbench generate layered --n 4 --preset preview --out data/tiny
      depthbench show data/tiny
      depthbench generate layered --n 500000 --out data/large --plan-only

    Whatever ends a run (Ctrl-C, a crash, a full disk), the same command continues it, and the folder ends up the same. A
    larger --n adds to the folder: set --views-per-scene from the start where you mean to. Each sample follows from the
    options and its number alone; --device, --workers and --limit change none (on a GPU, pictures may differ in noise).

    Exit code: 0 when every pair is there, 1 when some could not be made (they are named), 2 when the input is at fault,
    130 after Ctrl-C.
    """
    from depthbench.generators.layered import make_config

    width, height = parse_resolution(resolution)
    config = make_config(
        n,
        out,
        seed=seed,
        width=width,
        height=height,
        preset=preset,
        samples=samples,
        scenes=[name.strip() for name in scenes.split(",") if name.strip()],
        views_per_scene=views_per_scene,
        gt_bits=gt_bits,
        see_through_share=see_through_share,
        sensor=sensor,
        floating=floating,
        assets=assets,
    )
    fill_or_plan(config, n, out, **run)
