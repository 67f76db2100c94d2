# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate odms``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._engine_options import engine_choice, engine_options, out_option


@click.command()
@click.option(
    "--n",
    type=click.IntRange(1, 10**6),
    help="Examples of each part. Default: as the official split has, 2,000 (val) or 3,000.",
)
@out_option
@click.option(
    "--split",
    default="val",
    show_default=True,
    help="val, test or train: no example of one is among those of another, whatever the seeds. Training itself streams.",
)
@click.option(
    "--part",
    "parts",
    multiple=True,
    help="normal or perturb (each mask dilated or eroded); may be given twice. Default: both, of the same objects.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Another seed, other objects."
)
@click.option(
    "--observations",
    type=click.IntRange(2, 1000),
    default=10,
    show_default=True,
    help="Masks of an example, near to far.",
)
@click.option(
    "--rules",
    default="reference",
    show_default=True,
    help="reference: what the public generator does, and with it the published errors; paper: what its paper says.",
)
@click.option(
    "--augment",
    multiple=True,
    help="Faults beyond dilation and erosion: missing, background, wrong, jitter, rotation, moving; may be given several times.",
)
@click.option(
    "--layout",
    default="shards",
    show_default=True,
    help="shards: HDF5, 500 examples each; folders: data/SPLIT/PART/EXAMPLE/MICROMETRES.png, as the official sets.",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Slices made at once. Default: one, in this process.")
@engine_options
def odms(
    n: int | None,
    out: str | Path,
    split: str,
    parts: tuple[str, ...],
    seed: int,
    observations: int,
    rules: str,
    augment: tuple[str, ...],
    layout: str,
    workers: int | None,
    **engine: Any,
) -> None:
    """Draw masks of objects that a camera comes nearer to, and the depth at which each ends: object depth from motion.

    An object is a closed contour of Bezier curves; a mask is every pixel that it touches and all that they enclose, as in the
    public ODMS generator, bit for bit, at a thousand times its speed. Measure a model on them as the sets odms-normal and odms-perturb:

    \b
      depthbench generate odms --n 300 --split val --out data/masks
      depthbench show data/masks
      depthbench eval --model vos-de --set odms-normal --root data/masks --set-option split=val

    Interrupted, the same command continues; a larger --n adds to the folder. `depthbench verify` makes every example again and
    compares. Exit code: 0 when every example is there, 2 when the input is at fault, 130 after Ctrl-C.
    """
    from depthbench.generators.engines.stored import folder_for
    from depthbench.generators.odms.config import OdmsConfig
    from depthbench.generators.odms.fill import fill
    from depthbench.generators.odms.mask_set import PARTS, MaskSet

    stream = OdmsConfig(seed=seed, split=split, observations=observations, rules=rules, augment=augment)
    asked = MaskSet(stream, tuple(dict.fromkeys(parts)) or PARTS, layout)
    choice = engine_choice(**engine)
    n = n or (2000 if split == "val" else 3000)
    try:
        with folder_for(out, choice.share) as (folder, url):
            made = fill(asked, n, folder, replace(choice, url=url), workers)
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is made is in {out}, the same command continues", err=True)
        sys.exit(130)
    whole = f"{n} of each part are there ({', '.join(asked.parts)})"
    of_share = f"share {choice.share.index} of {choice.share.count} is there"
    click.echo(f"{out}: {made} examples made, {of_share if choice.share.count > 1 else whole}")
