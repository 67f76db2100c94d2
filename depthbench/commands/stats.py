# SPDX-License-Identifier: Apache-2.0
"""``depthbench stats``."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where stats.json and stats.png go. Default: FOLDER.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="Look at so many samples, taken evenly from the folder. Default: all of them.",
)
def stats(folder: Path, out: Path | None, limit: int | None) -> None:
    """Tell what a generated folder covers: histograms as a picture and as JSON.

    Layers per pixel, disparity, see-through area, refraction, materials by environment, light, cameras (baseline, field of view,
    height, pitch), equal pictures and nearly equal views. Shards are read one by one, on every processor; one that is damaged is
    named and left out. Of focal stacks: depth, holes, and how far points are blurred.

    \b
      depthbench stats data/layered
      depthbench stats data/large --limit 5000 --out report

    Exit code: 0, or 1 when a shard is damaged.
    """
    from depthbench.generators.focal.stack_set import holds_generated_stacks

    if holds_generated_stacks(folder):
        _stacks(folder, out or folder, limit)
        return

    from rich.console import Console

    from depthbench.formats.json_file import write_json
    from depthbench.generators.layered_stats import stats as count
    from depthbench.generators.layered_stats_picture import draw
    from depthbench.generators.layered_stats_table import render_stats

    found = count(folder, limit)
    out = out or folder
    write_json(out / "stats.json", found)
    draw(found, out / "stats.png", folder.resolve().name)
    console = Console()
    console.print(render_stats(found), highlight=False)
    for first, *others in found["duplicates"]["equal_groups"]:
        console.print(f"equal pictures: {first} and {', '.join(others)}", highlight=False, soft_wrap=True)
    for one, other in found["duplicates"]["near_pairs"]:
        console.print(f"nearly equal views: {one} and {other}", highlight=False, soft_wrap=True)
    for reason in found["damaged"].values():
        console.print(f"left out: {reason}", highlight=False, markup=False, soft_wrap=True)
    console.print(f"{out / 'stats.json'}, {out / 'stats.png'}", highlight=False, soft_wrap=True)
    sys.exit(1 if found["damaged"] else 0)


def _stacks(folder: Path, out: Path, limit: int | None) -> None:
    """Count over a folder of focal stacks, and leave."""
    from depthbench.formats.json_file import write_json
    from depthbench.generators.focal.stats import draw, stats

    found = stats(folder, limit)
    write_json(out / "stats.json", found)
    draw(found, out / "stats.png", folder.resolve().name)
    depth, radius = found["depth_m"], found["radius_px"]
    click.echo(
        f"{found['stacks']} stacks of {', '.join(found['sizes'])}, {', '.join(map(str, found['planes']))} planes ({', '.join(found['focus_policies'])})"
    )
    click.echo(
        f"depth {depth['nearest']:.3g} to {depth['farthest']:.3g} m, median {depth['50%']:.3g} m; holes {found['hole_share']['mean']:.1%}"
    )
    click.echo(
        f"radius of blur: median {radius['50%']:.3g} px, 95 % below {radius['95%']:.3g} px; {found['blurred_share']:.0%} at 1 px or more"
    )
    for line in (*found["camera_doubts"], *found["damaged"].values()):
        click.echo(f"note: {line}")
    click.echo(f"{out / 'stats.json'}, {out / 'stats.png'}")
    sys.exit(1 if found["damaged"] else 0)
