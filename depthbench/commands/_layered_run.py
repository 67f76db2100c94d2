# SPDX-License-Identifier: Apache-2.0
"""What the commands that fill a layered folder share: how a run goes about it, and the run itself."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from depthbench.errors import DepthbenchError

if TYPE_CHECKING:
    from depthbench.generators.layered_config import LayeredConfig
    from depthbench.generators.set_config import SetConfig

_OPTIONS = (
    click.option(
        "--device",
        default="auto",
        show_default=True,
        help="auto (every GPU, else the processor), CPU, OPTIX, CUDA, HIP, ONEAPI, METAL, or one of several: OPTIX:1.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 256),
        help="Blender processes. Default: one per GPU, or one that uses the whole processor.",
    ),
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
)


plan_option = click.option(
    "--plan-only",
    is_flag=True,
    help="Write the plan (plan.jsonl), tell what it comes to in scenes, hours and bytes, and make nothing.",
)


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that change no sample; the command hands them on to :func:`fill`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


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


def fill_or_plan(config: LayeredConfig, n: int, out: Path, *, plan_only: bool, **options: Any) -> None:
    """Make what a folder lacks and leave with the exit code, or only plan it."""
    from rich.console import Console

    from depthbench.generators import layered
    from depthbench.generators.layered_estimate import render_estimate

    if plan_only:
        Console().print(render_estimate(layered.plan_only(config, n, out)), highlight=False)
        return
    fill(config, n, out, **options)


def fill(config: SetConfig, n: int, out: Path, **options: Any) -> None:
    """Make what a folder lacks, and leave with the exit code."""
    from rich.console import Console

    from depthbench.generators import layered
    from depthbench.generators.layered_report import report

    console = Console()
    run = layered.RunOptions(options["device"], options["workers"], options["limit"], options["timeout"])
    try:
        result = layered.generate(config, n, out, run)
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is made is in {out}, the same command continues", err=True)
        sys.exit(130)
    sys.exit(report(result, out, console))
