# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate dtu-twin``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._engine_options import engine_choice, engine_options, out_option
from depthbench.commands._layered_run import parse_resolution
from depthbench.commands._render_options import render_options


@click.command("dtu-twin")
@out_option
@click.option(
    "--scans",
    default="1",
    show_default=True,
    help="How many (8: the first eight), numbers (2,6,11-14; one alone: 6,6), or train, val or test: DTU's own splits, which hold for a twin too.",
)
@click.option(
    "--views", type=click.IntRange(2, 49), default=49, show_default=True, help="Those nearest to the middle of the arc."
)
@click.option("--lights", type=click.IntRange(1, 7), default=7, show_default=True, help="Of the training pictures.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Another seed, other tables."
)
@click.option(
    "--resolution",
    default="320x256",
    show_default=True,
    help="Of the training pictures: 640x512 (DTU's), 320x256 or 160x128. Testing pictures and raw depth have 2.5 times as many columns.",
)
@click.option(
    "--parts",
    type=click.Choice(["all", "train", "test"]),
    default="all",
    show_default=True,
    help="train: Rectified and Depths; test: scan1/images and the reference cloud with its masks.",
)
@click.option(
    "--spacing", type=float, default=0.2, show_default=True, help="Between points of the reference cloud, mm; DTU: 0.2."
)
@render_options
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=900.0,
    show_default=True,
    help="Seconds without a sign of life after which a Blender process is replaced.",
)
@engine_options
def dtu_twin(
    out: str | Path,
    scans: str,
    views: int,
    lights: int,
    seed: int,
    resolution: str,
    parts: str,
    spacing: float,
    preset: str,
    samples: int | None,
    device: str,
    workers: int | None,
    timeout: float,
    **engine: Any,
) -> None:
    """Render table tops as scans of DTU, in its own layout: for multi-view stereo from training to Acc and Comp, without a download.

    \b
      depthbench generate dtu-twin --scans 4 --views 9 --out data/dtu-twin
      depthbench prepare dtu --root data/dtu-twin --out data/shards
      depthbench score-cloud --pred mine.ply --set dtu --root data/dtu-twin --scan 1

    Exact depth maps, cameras on an arc, light settings, a reference cloud of the true surface (the parts that some view sees), ObsMask and
    Plane as MAT files. Objects are opaque. Interrupted, the same command continues; more --scans add to the folder.

    Exit code: 0 when every scan is whole, 1 when some are not (they are named), 2 when the input is at fault, 130 after Ctrl-C.
    """
    from depthbench.generators.dtu_twin.config import make_config, parse_scans
    from depthbench.generators.dtu_twin.fill import fill
    from depthbench.generators.engines.stored import folder_for
    from depthbench.generators.layered import RunOptions

    width, height = parse_resolution(resolution)
    config = make_config(
        seed=seed, width=width, height=height, views=views, lights=lights, parts=parts, spacing_mm=spacing, preset=preset, samples=samples
    )  # fmt: skip
    wanted = parse_scans(scans)
    choice = engine_choice(**engine)
    try:
        with folder_for(out, choice.share) as (folder, url):
            run = RunOptions(device, workers, None, timeout, replace(choice, url=url))
            result = fill(config, wanted, folder, run)
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is made is in {out}, the same command continues", err=True)
        sys.exit(130)
    for failure in result.failures:
        what = failure.unit if failure.item is None else f"{failure.unit}, {failure.item}"
        click.echo(f"{what}: left out ({failure.reason}); {failure.log} tells why", err=True)
    click.echo(
        f"{out}: {len(result.whole)} of {len(result.asked)} scans are whole, {result.made} views and references made"
    )
    sys.exit(0 if result.whole == result.asked else 1)
