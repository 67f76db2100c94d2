# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate layered``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import rich_click as click

from depthbench.blender_scenes.layouts import LAYOUTS
from depthbench.errors import DepthbenchError


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


@click.command()
@click.option("--n", type=click.IntRange(1, 2**32), required=True, help="How many stereo pairs the folder shall hold.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to fill.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Another seed, other scenes and views.",
)
@click.option("--resolution", default="768x512", show_default=True, help="Width x height of the images in pixels.")
@click.option(
    "--preset",
    default="standard",
    show_default=True,
    help="Quality of the pictures: preview, standard or paper. The truth is the same in all. Without a GPU begin with preview: standard takes twenty times as long.",
)
@click.option("--samples", type=int, help="Paths per pixel, instead of the preset's.")
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
    "--gt-bits",
    type=click.IntRange(0, 23),
    default=13,
    show_default=True,
    help="Binary digits of a pixel kept in disparities: 13 errs by 6e-5 px at most, 23 is lossless.",
)
@click.option(
    "--device",
    default="auto",
    show_default=True,
    help="auto (every GPU, else the processor), CPU, OPTIX, CUDA, HIP, ONEAPI, METAL, or one of several: OPTIX:1.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Blender processes. Default: one per GPU, or one that uses the whole processor.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), help="Stop after so many new pairs; the same command makes the others."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=900.0,
    show_default=True,
    help="Seconds without a sign of life after which a Blender process is replaced.",
)
def layered(
    n: int,
    out: Path,
    seed: int,
    resolution: str,
    preset: str,
    samples: int | None,
    scenes: str,
    views_per_scene: int | None,
    see_through_share: float,
    gt_bits: int,
    device: str,
    workers: int | None,
    limit: int | None,
    timeout: float,
) -> None:
    """Render stereo pairs of see-through scenes with every surface along every pixel's ray as truth.

    \b
      depthbench generate layered --n 4 --preset preview --out data/tiny
      depthbench show data/tiny

    Whatever ends a run (Ctrl-C, a crash, a full disk), the same command continues it, and the folder ends up the same. A
    larger --n adds to the folder: set --views-per-scene from the start where you mean to. Each sample follows from the
    options and its number alone; --device, --workers and --limit change none (on a GPU, pictures may differ in noise).

    Exit code: 0 when every pair is there, 1 when some could not be made (they are named), 2 when the input is at fault,
    130 after Ctrl-C.
    """
    from rich.console import Console

    from depthbench.generators.layered import RunOptions, generate, make_config
    from depthbench.generators.layered_report import report

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
    )
    try:
        result = generate(config, n, out, RunOptions(device, workers, limit, timeout))
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is made is in {out}, the same command continues", err=True)
        sys.exit(130)
    sys.exit(report(result, out, Console()))
