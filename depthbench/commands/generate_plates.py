# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate plates``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._layered_run import fill_or_plan, parse_resolution, run_options, sample_options


@click.command()
@sample_options("1280x800")
@run_options
def plates(
    out: str | Path, seed: int, resolution: str, preset: str, samples: int | None, gt_bits: int, **run: Any
) -> None:
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
    fill_or_plan(config, PAIRS, out, **run)
