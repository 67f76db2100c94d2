# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate dvps-twin``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._engine_options import engine_choice, engine_options, out_option
from depthbench.commands._layered_run import parse_resolution
from depthbench.commands._render_options import render_options


@click.command()
@out_option
@click.option(
    "--sequences",
    type=click.IntRange(1, 10**5),
    default=10,
    show_default=True,
    help="How many streets are driven through; every fifth is one of val.",
)
@click.option(
    "--frames", type=int, default=6, show_default=True, help="Frames of a sequence, 0.29 s apart as in Cityscapes-DVPS."
)
@click.option(
    "--resolution",
    default="2048x1024",
    show_default=True,
    help="Width x height of the pictures in pixels; 512x256 renders thirteen times as fast.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Another seed, other streets."
)
@render_options
@click.option(
    "--float-depth", is_flag=True, help="Write exact depth (PFM, metres, +inf in the sky) beside the 16-bit one."
)
@click.option(
    "--limit", type=click.IntRange(min=1), help="Stop after so many new frames; the same command makes the others."
)
@engine_options
def dvps_twin(
    out: str | Path,
    sequences: int,
    frames: int,
    resolution: str,
    seed: int,
    preset: str,
    samples: int | None,
    float_depth: bool,
    device: str,
    workers: int | None,
    limit: int | None,
    **engine: Any,
) -> None:
    """Render drives through streets: pictures, panoptic ids and exact depth in the layout of Cityscapes-DVPS.

    Cars, lorries, buses, cyclists and people, parked, standing and moving, between houses, trees, signs and traffic lights; ids
    keep to their objects through a sequence. Beside the files of that set, frames/ holds a JSON record of each frame: camera,
    pose, exposure, and every countable object with the box about it.

    \b
      depthbench generate dvps-twin --sequences 5 --resolution 512x256 --out data/dvps-twin

    Whatever ends a run, the same command continues it; more --sequences add to the folder. Each frame follows from the options
    and its number alone. Exit code: 0 when every frame is there, 1 when some could not be made (they are named), 2 when the input is at
    fault, 130 after Ctrl-C.
    """
    from depthbench.generators.driving.config import DrivingConfig
    from depthbench.generators.driving.run import generate
    from depthbench.generators.engines.stored import folder_for
    from depthbench.generators.layered import RunOptions
    from depthbench.generators.presets import preset as preset_settings

    width, height = parse_resolution(resolution)
    config = DrivingConfig(seed, width, height, frames, preset, preset_settings(preset, samples), float_depth)
    choice = engine_choice(**engine)
    try:
        with folder_for(out, choice.share) as (folder, url):
            options = RunOptions(device, workers, limit, choice=replace(choice, url=url))
            result = generate(config, sequences, folder, options)
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is made is in {out}, the same command continues", err=True)
        sys.exit(130)
    for failure in result.failures:
        what = failure.unit if failure.item is None else f"{failure.unit} frame {failure.item}"
        click.echo(f"not made: {what}: {failure.reason}; the log is {failure.log}")
    left = f", {result.missing} are missing" if result.missing else ", all are there"
    click.echo(f"{out}: {result.made} frames made{left}")
    sys.exit(1 if result.failures else 0)
