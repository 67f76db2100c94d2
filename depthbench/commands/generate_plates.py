# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate plates``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._layered_run import fill, parse_resolution, run_options


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to fill.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Another seed, other tables and plates.",
)
@click.option("--resolution", default="1280x800", show_default=True, help="Width x height of the images in pixels.")
@click.option(
    "--preset",
    default="standard",
    show_default=True,
    help="Quality of the pictures: preview, standard or paper. The truth is the same in all.",
)
@click.option("--samples", type=int, help="Paths per pixel, instead of the preset's.")
@click.option(
    "--gt-bits",
    type=click.IntRange(0, 23),
    default=13,
    show_default=True,
    help="Binary digits of a pixel kept in disparities: 13 errs by 6e-5 px at most, 23 is lossless.",
)
@run_options
def plates(out: Path, seed: int, resolution: str, preset: str, samples: int | None, gt_bits: int, **run: Any) -> None:
    """Render table tops behind acrylic plates held by a robot arm: 5 scenes x 12 configurations x 3 conditions, 180 pairs.

    The conditions are no plate, and plates that let 80 and 60 % of the light through: the same scene, view, noise and exposure,
    and exactly the same truth of what lies behind the plate. Measure it as the set sim-plates, by the protocol plates:

    \b
      depthbench generate plates --resolution 384x240 --preset preview --out data/plates
      depthbench eval --model sgbm --set sim-plates --root data/plates

    Like `generate layered` it continues where it was interrupted. Exit code: 0 when every pair is there, 1 when some could not be
    made (they are named), 2 when the input is at fault, 130 after Ctrl-C.
    """
    from depthbench.generators.plates import PAIRS, make_config

    width, height = parse_resolution(resolution)
    config = make_config(seed=seed, width=width, height=height, preset=preset, samples=samples, gt_bits=gt_bits)
    fill(config, PAIRS, out, **run)
