# SPDX-License-Identifier: Apache-2.0
"""``depthbench score``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._evaluation import shared_options


@click.command()
@click.option(
    "--predictions",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder with <id>.pfm, <id>.png (16 bits, disparity * 256, 0 = hole) or <id>.npy per sample; or depths.csv (id,depth_m) for odms*. "
    "Of depth: metres in .pfm or .npy, 16-bit .png in mm. Of views (dtu): scan1/00000000.pfm in the cameras' unit, and scan1/confidence/ alike.",
)
@shared_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for record, table and pictures. Default: runs/<folder's name>/<set>.",
)
@click.option("--label", default="", help="How tables call these predictions. Default: the folder's name.")
def score(
    predictions: Path, out: Path | None, label: str, limit: int | None, strict: bool, format_: str, **choice: Any
) -> None:
    """Score a folder of predictions that anyone made.

    The files are named by the set's ids; a missing one, or one of the wrong size, is named and counted as failed.

    \b
      depthbench score --predictions my_results --set middlebury-v3 --root ~/MiddEval3
      depthbench score --predictions disp_0 --set kitti-2015 --protocol kitti-d1
    """
    from depthbench.benchmarks.evaluate import score_only, set_folder_name
    from depthbench.benchmarks.progress import track
    from depthbench.commands._evaluation import open_set_and_protocol, print_header, report

    opened, protocol = open_set_and_protocol(**choice)
    label = label or predictions.resolve().name
    print_header(f"{label}, saved predictions", opened, protocol)
    out = out or Path("runs") / label / set_folder_name(opened)
    report(score_only(predictions, opened, protocol, out, limit, strict, track, label), format_)
