# SPDX-License-Identifier: Apache-2.0
"""``depthbench prepare dvps``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from depthbench.commands._engine_options import InType, engine_choice, engine_options, out_option

if TYPE_CHECKING:
    from depthbench.generators.membership.instances import WithoutDepth

KINDS = {"cityscapes": "cityscapes-dvps", "semkitti": "semkitti-dvps", "kitti": "kitti"}


@click.command()
@click.option(
    "--root",
    required=True,
    type=InType(),
    help="Folder of the set: video_sequence below it, or for kitti the raw data, annotated depth and the list of the split.",
)
@out_option
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="cityscapes",
    show_default=True,
    help="Layout. cityscapes is that of `generate dvps-twin` too.",
)
@click.option("--split", default="train", show_default=True, help="train, val or test.")
@click.option(
    "--masks",
    default="",
    help="kitti: masks of instances, a JSON file in COCO's form or a folder of PNGs with ids. Default: instances.json or instances below the root.",
)
@click.option("--split-file", default="", help="kitti: another list than kitti_eigen_SPLIT.txt of the root.")
@click.option(
    "--fuzziness",
    type=float,
    default=2.0,
    show_default=True,
    help="m of the fuzzy C-means membership, above 1; towards 1 it becomes all or nothing.",
)
@click.option(
    "--depth",
    "density",
    type=click.Choice(["auto", "dense", "sparse"]),
    default="auto",
    show_default=True,
    help="How targets at strides are made: of the centre pixel, or of the mean over the commonest instance of a cell (lidar). auto: dense for cityscapes.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    help="Keep only so many instances of a frame, the largest; the others become background.",
)
@click.option(
    "--without-depth",
    type=click.Choice(["drop", "binary"]),
    default="drop",
    show_default=True,
    help="Instances without a single valid depth: left out, or 1 on their mask.",
)
@click.option("--per-shard", type=click.IntRange(1, 10_000), default=32, show_default=True, help="Frames in a file.")
@click.option("--limit", type=click.IntRange(min=1), help="Take the first N frames only.")
@click.option(
    "--strict",
    is_flag=True,
    help="Stop at the first file that is not as it should be, instead of naming it and going on.",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Shards made at once. Default: one, in this process.")
@engine_options
def dvps(
    root: Path,
    out: str | Path,
    kind: str,
    split: str,
    masks: str,
    split_file: str,
    fuzziness: float,
    density: str,
    most: int | None,
    without_depth: str,
    per_shard: int,
    limit: int | None,
    strict: bool,
    workers: int | None,
    **engine: Any,
) -> None:
    """Check driving frames, and pack them with depth, instances and membership targets into shards for training.

    \b
      depthbench prepare dvps --root data/cityscapes-dvps --out data/prepared --split train
      depthbench prepare dvps --root data/semkitti-dvps --kind semkitti --out data/semkitti
      depthbench prepare dvps --root data/kitti --kind kitti --split train --masks instances.json --out data/eigen

    A target tells how much each pixel belongs to its instance by depth (fuzzy C-means about the instances' medians), at strides 4, 8
    and 16. File names, bit depth, sizes, ids and focal lengths are checked; what is wrong is named, with what to do, and left out.
    The same command continues what was interrupted. Exit code: 0 when every frame is there, 1 when some were left out, 2 when the
    input is at fault.
    """
    from depthbench.benchmarks.sets.opening import open_set
    from depthbench.generators.config_file import generator_of
    from depthbench.generators.driving_shards.prepare import PROBLEMS, Reopen, TargetConfig, prepare
    from depthbench.generators.engines.stored import folder_for
    from depthbench.generators.run_files import marked

    options = {"split": split}
    if kind != "kitti" and (masks or split_file):
        raise click.UsageError(f"--masks and --split-file are for --kind kitti; --kind {kind} has its own")
    if kind == "kitti":
        options |= {name: value for name, value in (("masks", masks), ("split_file", split_file)) if value}
    name = "dvps-twin" if kind == "cityscapes" and generator_of(root) == "dvps-twin" else KINDS[kind]
    sparse = density == "sparse" or (density == "auto" and kind != "cityscapes")
    blank: WithoutDepth = "binary" if without_depth == "binary" else "drop"
    config = TargetConfig(name, split, fuzziness, sparse, most, blank, per_shard=per_shard)
    source = open_set(name, root, options)
    reopen = Reopen("depthbench.benchmarks.sets.opening:open_set", name, str(root.resolve()), options)
    choice = engine_choice(**engine)
    with folder_for(out, choice.share, PROBLEMS) as (folder, url):
        done = prepare(source, folder, config, strict, limit, reopen, replace(choice, url=url), workers)  # type: ignore[arg-type]
    for problem in done.problems:
        click.echo(f"left out: {problem}", err=True)
    told = f", {done.there} were there" if done.there else ""
    none = f", {done.dropped} more without a target" if done.dropped else ""
    click.echo(f"{out}: {done.made} frames made{told}; {done.instances} instances{none}")
    if done.problems:
        click.echo(f"{len(done.problems)} problems, also in {out}/{marked(Path(PROBLEMS), choice.share)}", err=True)
        sys.exit(1)
