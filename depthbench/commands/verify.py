# SPDX-License-Identifier: Apache-2.0
"""``depthbench verify``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import rich_click as click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--cycles",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    help="How many samples, chosen at random, are checked by rebuilding their scene.",
)
@click.option("--all", "every", is_flag=True, help="Rebuild the scene of every sample.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Chooses the samples to rebuild."
)
def verify(folder: Path, cycles: int, every: bool, seed: int) -> None:
    """Check that a generated folder, or a release, is whole and that its truth is true.

    Every shard is read: checksums, ids, order of the layers, agreement of the two eyes. For some samples the scene is built
    again; its truth is computed anew by ray casting, which must give the stored arrays, and by a render of Blender's Cycles,
    an independent route, which must meet every surface at the same depth. Examples of `generate odms` are all made again and
    must come out bit for bit; of the stacks of `generate focal-stack`, --cycles many are (--all: every one). Targets of `prepare dvps`
    are all made again of the stored depth and instances. Frames of `generate dvps-twin` are all read:
    ids, boxes of things, and that the road is met again from each next pose. Of `prepare dtu` and `generate dtu-twin` every file is
    read; a twin's depth maps and reference clouds must agree.

    Of a release (`depthbench release`): every file's sum, every sample's names, parts and truth against itself, duplicates, left and
    right exchanged, scenes that lie in two splits; the truth of --cycles many samples is computed anew.

    \b
      depthbench verify data/tiny --cycles 4
      depthbench verify release/glass

    The answer also goes to FOLDER/verify.json. Exit code: 0 when all is well, 1 when something is wrong.
    """
    from rich.console import Console
    from rich.table import Table

    from depthbench.generators.driving.check import holds_drives
    from depthbench.generators.driving_shards.folder import holds_driving_frames
    from depthbench.generators.dtu_twin.fill import holds_twin
    from depthbench.generators.focal.stack_set import holds_generated_stacks
    from depthbench.generators.mvs.picture import holds_scans
    from depthbench.generators.odms.mask_set import holds_masks
    from depthbench.release.manifest import is_release

    if is_release(folder):
        from depthbench.release.check import check_release

        checked = check_release(folder, None if every else cycles, seed)
        what = f"{checked.files} files, {checked.samples} samples read, {checked.recomputed} computed anew"
        _end(what, checked.problems, checked.notes)
    if holds_generated_stacks(folder):
        from depthbench.generators.focal.check import verify_stacks

        count, again, problems = verify_stacks(folder, None if every else cycles, seed)
        _end(f"{count} stacks read, {again} made again", problems)
    if holds_driving_frames(folder):
        from depthbench.generators.driving_shards.check import verify_frames

        count, problems = verify_frames(folder)
        _end(f"{count} frames read, targets made again", problems)
    if holds_drives(folder):
        from depthbench.generators.driving.check import verify_drives

        count, problems = verify_drives(folder)
        _end(f"{count} frames read", problems)
    if holds_scans(folder):
        from depthbench.generators.mvs.check import verify_shards, verify_twin

        count, problems = (verify_twin if holds_twin(folder) else verify_shards)(folder)
        _end(f"{count} views read", problems)
    if holds_masks(folder):
        from depthbench.generators.odms.check import verify_masks

        count, problems = verify_masks(folder)
        _end(f"{count} examples made again and compared", problems)

    from depthbench.generators.verify import verify as verify_folder

    result = verify_folder(folder, None if every else cycles, seed)
    console = Console()
    if result.rebuilt:
        table = Table("rebuilt sample", "unlike ray casting anew", "like Cycles, left", "like Cycles, right")
        table.columns[0].min_width = max(map(len, result.rebuilt))  # an id cut short names no sample
        for sample_id, found in result.rebuilt.items():
            worst = max(found["recast"].values())
            agreement = [f"{found['cycles'][eye]['within_1e4']:.3%}" for eye in ("left", "right")]
            table.add_row(sample_id, f"{worst:.4%}" if worst else "nowhere", *agreement)
        console.print(table, "shares of the pixels", highlight=False)
    for problem in result.problems:
        console.print(f"wrong: {problem}", highlight=False, markup=False, soft_wrap=True)
    verdict = f"{len(result.problems)} problems" if result.problems else "all is well"
    told = f"{result.samples} samples in {result.shards} shards read, {len(result.rebuilt)} rebuilt: {verdict}"
    console.print(told, highlight=False)
    sys.exit(1 if result.problems else 0)


def _end(what: str, problems: Sequence[str], notes: Sequence[str] = ()) -> NoReturn:
    """Tell what is wrong and what was done, and leave."""
    for problem in problems:
        click.echo(f"wrong: {problem}")
    for note in notes:
        click.echo(f"note: {note}")
    click.echo(f"{what}: " + (f"{len(problems)} problems" if problems else "all is well"))
    sys.exit(1 if problems else 0)
