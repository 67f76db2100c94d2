# SPDX-License-Identifier: Apache-2.0
"""What the commands that fill a folder share: options of what is made and of how a run goes about it, and the run itself."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from depthbench.commands._engine_options import engine_choice, engine_options, out_option
from depthbench.commands._render_options import BLENDER
from depthbench.errors import DepthbenchError

if TYPE_CHECKING:
    from depthbench.generators.set_config import SetConfig

_RUN = (
    *BLENDER,
    click.option(
        "--limit", type=click.IntRange(min=1), help="Stop after so many new pairs; the same command makes the others."
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=1),
        default=900.0,
        show_default=True,
        help="Seconds without a sign of life after which a Blender process is replaced.",
    ),
    click.option(
        "--plan-only",
        is_flag=True,
        help="Write the plan (plan.jsonl), tell what it comes to in scenes, hours and bytes, and make nothing.",
    ),
)
_SAMPLE = (
    out_option,
    click.option(
        "--seed",
        type=click.IntRange(0, 2**32 - 1),
        default=0,
        show_default=True,
        help="Another seed, other scenes and views.",
    ),
    click.option(
        "--preset",
        default="standard",
        show_default=True,
        help="Quality of the pictures: preview, standard or paper. The truth is the same in all. Without a GPU begin with "
        "preview: standard takes seven times as long.",
    ),
    click.option("--samples", type=int, help="Paths per pixel, instead of the preset's."),
    click.option(
        "--gt-bits",
        type=click.IntRange(0, 23),
        default=13,
        show_default=True,
        help="Binary digits of a pixel kept in disparities: 13 errs by 6e-5 px at most, 23 is lossless.",
    ),
)


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that change no sample; the command hands them on to :func:`fill_or_plan`."""
    command = engine_options(command)
    for option in reversed(_RUN):
        command = option(command)
    return command


def sample_options(resolution: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what adds the options that every kind of set has; ``resolution`` is the default of ``--resolution``."""
    size = click.option(
        "--resolution", default=resolution, show_default=True, help="Width x height of the images in pixels."
    )

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed((*_SAMPLE[:2], size, *_SAMPLE[2:])):
            command = option(command)
        return command

    return add


def parse_resolution(text: str) -> tuple[int, int]:
    """Return (width, height) of ``768x512``.

    Raises
    ------
    DepthbenchError
        If the text is not of that form.
    """
    match = re.fullmatch(r"(\d{1,6})[xX](\d{1,6})", text.strip())
    if match is None:
        raise DepthbenchError(f"--resolution {text}: write width x height in pixels, such as 768x512")
    return int(match[1]), int(match[2])


def fill_or_plan(config: SetConfig, n: int, out: str | Path, *, plan_only: bool, **options: Any) -> None:
    """Make what a folder lacks and leave with the exit code, or only plan it."""
    from rich.console import Console

    from depthbench.generators import layered
    from depthbench.generators.engines.stored import folder_for
    from depthbench.generators.layered_estimate import render_estimate
    from depthbench.generators.layered_report import report
    from depthbench.generators.store import is_url

    console = Console()
    if plan_only:
        if is_url(out):
            raise DepthbenchError(f"--plan-only writes plan.jsonl into a folder: give one as --out, not {out}")
        console.print(render_estimate(layered.plan_only(config, n, Path(out))), highlight=False)
        return
    choice = engine_choice(**options)
    try:
        with folder_for(out, choice.share) as (folder, url):
            run = layered.RunOptions(
                options["device"], options["workers"], options["limit"], options["timeout"], replace(choice, url=url)
            )
            result = layered.generate(config, n, folder, run)
            code = report(result, folder, console, choice.share)
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is made is in {out}, the same command continues", err=True)
        sys.exit(130)
    sys.exit(code)
