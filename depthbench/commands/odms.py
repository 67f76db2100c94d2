# SPDX-License-Identifier: Apache-2.0
"""``depthbench odms``: depth from masks and camera motion, outside of benchmarks."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import rich_click as click


@click.group()
def odms() -> None:
    """Depth of an object from its masks while the camera moves along its optical axis.

    \b
      depthbench odms track --masks masks --positions positions.txt
    """


@odms.command()
@click.option(
    "--masks",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of mask PNGs: one channel of 8 bits, not 0 where the object is.",
)
@click.option(
    "--positions",
    required=True,
    type=click.Path(path_type=Path),
    help="Text file, a line per mask in order of time: 'name z' or 'name x y z', z along the optical axis, forward positive.",
)
@click.option(
    "--model",
    "model_name",
    default="vos-de",
    show_default=True,
    metavar="M",
    help="Model by name, or path/to/file.py:Class with methods `observe` and `estimate`.",
)
@click.option(
    "--n",
    type=click.IntRange(min=2),
    default=10,
    show_default=True,
    help="Observations in each subset whose estimates the median is of.",
)
@click.option(
    "--subsets",
    type=click.IntRange(min=1),
    default=64,
    show_default=True,
    help="Most subsets that are asked; a network takes some milliseconds for each.",
)
@click.option("--weights", default="", metavar="FILE", help="Checkpoint of the model.")
@click.option("--follow", is_flag=True, help="Wait for further lines until Ctrl-C, as they come from a robot.")  # fmt: skip
def track(masks: Path, positions: Path, model_name: str, n: int, subsets: int, weights: str, follow: bool) -> None:
    """Estimate the depth of an object from the pose of now, mask by mask.

    Each line of the output is the median over subsets of all masks so far, with its quartiles, in the unit of the positions, and
    how long it took. Positions may come in any order and from any origin; only z counts. An empty mask carries the estimate on.
    The exit code is 1 where nothing was found, with the reason.

    \b
      depthbench odms track --masks masks --positions positions.txt > depths.csv
      robot | depthbench odms track --masks /dev/shm/masks --positions /dev/stdin --follow
      depthbench odms track --model odn-l --subsets 8 --masks masks --positions positions.txt
    """
    from depthbench.baselines.loading import load_model
    from depthbench.baselines.motion_live import HEADING, sideways, track_masks, untold
    from depthbench.baselines.motion_track import DepthTracker, LiveModel
    from depthbench.errors import DepthbenchError
    from depthbench.formats.camera_positions import read_positions

    model = load_model(model_name, {"weights": weights} if weights else {}).model
    if not isinstance(model, LiveModel):
        raise DepthbenchError(f"model {model_name}: is for '{model.task}' and has no methods `observe` and `estimate`")
    if not masks.is_dir():
        raise DepthbenchError(f"{masks}: no such folder of masks")
    lines = []
    click.echo(HEADING)
    try:
        for line in track_masks(masks, read_positions(positions, follow), DepthTracker(model, n, subsets)):
            click.echo(line.csv())
            lines.append(line)
    except KeyboardInterrupt:
        if not follow:
            raise
    seen = [line.position for line in lines]
    if forgotten := untold(masks, seen):
        click.echo(f"{len(forgotten)} masks have no line in {positions}: {', '.join(forgotten[:5])}", err=True)
    if len(seen) > 1 and sideways(seen):
        click.echo("the camera went farther across its optical axis than along it; only z was used", err=True)
    if all(math.isnan(line.estimate.depth) for line in lines):
        click.echo(f"no depth: {lines[-1].estimate.note if lines else f'{positions} has no line'}", err=True)
        sys.exit(1)
