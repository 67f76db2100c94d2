# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate layered-test``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._engine_options import out_option
from depthbench.commands._layered_run import fill_or_plan, parse_resolution, run_options


@click.command("layered-test")
@out_option
@click.option(
    "--resolution",
    default="2448x2048",
    show_default=True,
    help="Width x height in pixels, or a share of the full size: 1/4 on a small machine. The same scenes and poses.",
)
@click.option(
    "--preset", default="paper", show_default=True, help="Quality of the pictures: preview, standard or paper."
)
@run_options
def layered_test(out: str | Path, resolution: str, preset: str, **run: Any) -> None:
    """Render the synthetic test set: five fixed scenes, one per environment, 535 stereo pairs.

    No --seed of `generate layered` gives any of its scenes, so it can be measured on whatever a model was trained with. Measure
    it as the set layered-test, by the protocol layered:

    \b
      depthbench generate layered-test --resolution 1/4 --preset standard --out data/layered-test
      depthbench eval --model sgbm --set layered-test --root data/layered-test

    Like `generate layered` it continues where it was interrupted. Exit code: 0 when every pair is there, 1 when some could not be
    made (they are named), 2 when the input is at fault, 130 after Ctrl-C.
    """
    from depthbench.generators.layered_test_set import HEIGHT, N_SAMPLES, WIDTH, layered_test_config

    share = re.fullmatch(r"1/([1-9]\d?)", resolution.strip())
    width, height = (
        (round(WIDTH / int(share[1])), round(HEIGHT / int(share[1]))) if share else parse_resolution(resolution)
    )
    fill_or_plan(layered_test_config(width, height, preset), N_SAMPLES, out, **run)
