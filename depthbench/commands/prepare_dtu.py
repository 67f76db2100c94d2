# SPDX-License-Identifier: Apache-2.0
"""``depthbench prepare dtu``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._engine_options import InType, engine_choice, engine_options, out_option
from depthbench.errors import DepthbenchError


@click.command()
@click.option(
    "--root",
    type=InType(),
    help="Holds Cameras, Rectified, Depths, Depths_raw; of the layout test: scan1, scan4, ... Default: $DEPTHBENCH_DATA/dtu, or data/dtu.",
)
@out_option
@click.option(
    "--layout",
    type=click.Choice(["train", "cascade", "raw", "test"]),
    default="train",
    show_default=True,
    help="train: pictures of 640x512, depth of 160x128. cascade: the same pictures, Depths_raw halved and cropped to them. raw: 1600x1200. test: no depth.",
)
@click.option(
    "--split",
    "splits",
    multiple=True,
    type=click.Choice(["train", "val", "test"]),
    help="DTU's 79, 18 or 22 scans, those that are there; repeatable. Default: every scan that is there.",
)
@click.option("--scan", "numbers", multiple=True, type=click.IntRange(min=1), help="A scan by number; repeatable.")
@click.option(
    "--light",
    "lights",
    multiple=True,
    type=click.IntRange(0, 7),
    help="A light setting; repeatable. Default: all that there are.",
)
@click.option(
    "--strict", is_flag=True, help="A scan with any fault gets no shard. Default: what is at fault is left out."
)
@click.option(
    "--dialect",
    type=click.Choice(["mvsnet", "patchmatchnet"]),
    help="What two numbers in the last line of a camera file mean: min and interval, or min and max.",
)
@click.option(
    "--interval-scale",
    type=click.FloatRange(min=0, min_open=True),
    default=1.06,
    show_default=True,
    help="Multiplies the cameras' depth interval, as published programs do (2.5 mm to 2.65).",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Scans done at once. Default: one, in this process.")
@engine_options
def dtu(
    root: Path | None,
    out: str | Path,
    layout: str,
    splits: tuple[str, ...],
    numbers: tuple[int, ...],
    lights: tuple[int, ...],
    strict: bool,
    dialect: str | None,
    interval_scale: float,
    workers: int | None,
    **engine: Any,
) -> None:
    """Check DTU file by file and put it into shards: pictures, cameras, depth, masks, pairs; one HDF5 file per scan.

    \b
      depthbench prepare dtu --root data/dtu --split train --split val --out data/dtu-shards
      depthbench prepare dtu --root data/dtu --layout test --split test --out data/dtu-test

    Every file that is absent or at fault is named. Interrupted, the same command continues with the next scan.

    Exit code: 0 when all is sound, 1 when something was left out, 2 when the input is at fault.
    """
    from depthbench.benchmarks.sets import default_root
    from depthbench.formats.dtu_folder import DtuFolder
    from depthbench.formats.dtu_splits import split_scans
    from depthbench.generators.engines.stored import folder_for
    from depthbench.generators.mvs.dtu_shards import prepare_dtu

    folder = DtuFolder(root or default_root("dtu") or Path(), layout, dialect, interval_scale)  # type: ignore[arg-type]
    there = folder.scans()
    wanted = [scan for split in splits for scan in split_scans(split)] + list(numbers)
    scans = [scan for scan in there if scan in wanted] if wanted else there
    absent = sorted(set(numbers) - set(there))
    if absent or not scans:
        missing = f"scan {absent[0]}" if absent else f"any scan of {' and '.join(splits)}"
        raise DepthbenchError(f"{folder.root}: has not {missing} in the layout '{layout}'; there are {_short(there)}")
    if len(scans) < len(set(wanted)):
        click.echo(f"{len(scans)} of {len(set(wanted))} scans are there: {_short(scans)}", err=True)
        if strict:
            raise DepthbenchError(
                f"{folder.root}: --strict, and lacks scans {_short(sorted(set(wanted) - set(there)))}"
            )
    choice = engine_choice(**engine)
    with folder_for(out, choice.share) as (books, url):
        report = prepare_dtu(folder, scans, books, lights or None, strict, replace(choice, url=url), workers)
    for problem in report.problems:
        click.echo(f"at fault: {problem}", err=True)
    if report.left_out:
        click.echo(f"without a shard: scans {_short(report.left_out)}", err=True)
    click.echo(
        f"{out}: {len(report.written)} shards written, {len(report.there)} were there, {len(report.problems)} faults"
    )
    sys.exit(1 if report.problems else 0)


def _short(scans: list[int]) -> str:
    return ", ".join(map(str, scans[:12])) + (f" and {len(scans) - 12} more" if len(scans) > 12 else "")
