# SPDX-License-Identifier: Apache-2.0
"""``depthbench train``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import rich_click as click

_NUMBERS = [
    click.option("--steps", type=click.IntRange(min=1), help="Updates of the weights."),
    click.option("--batch", type=click.IntRange(min=1), help="Samples per update, over all processes and accumulated parts."),
    click.option("--accumulate", type=click.IntRange(min=1), help="Work through a batch in this many parts, to save memory."),
    click.option("--lr", type=float, help="Highest learning rate of the schedule."),
    click.option("--seed", type=click.IntRange(min=0), help="Of the weights, the data and every draw."),
    click.option("--workers", type=click.IntRange(min=0), help="Processes that make samples; 0: none beside the one that trains."),
    click.option("--threads", type=click.IntRange(min=0), help="Threads of the processor's arithmetic; 0: torch's choice."),
    click.option("--device", help="auto, cpu, cuda, cuda:1, ..."),
    click.option("--dtype", type=click.Choice(["float32", "bfloat16"]), help="bfloat16: by autocast."),
]  # fmt: skip


def _numbers(command: Any) -> Any:
    for option in reversed(_NUMBERS):
        command = option(command)
    return command


@click.command("train")
@click.option(
    "--model",
    "name",
    required=True,
    metavar="M",
    help="Model that has a recipe: s2m2-focus, s2m2, hybriddepth, pbs-mvsnet, icm-depth, or odn-l and its kin.",
)
@click.option(
    "--preset",
    required=True,
    metavar="P",
    help="Settings: tiny (what processor cores train in hours), paper, or a TOML file.",
)
@click.option(
    "--data",
    multiple=True,
    required=True,
    metavar="D[:WEIGHT]",
    help="Training data: planes, opaque-planes, a folder that `generate layered` made, or SET:ROOT with one disparity per pixel "
    "(then @near or @background: what it measured behind glass). Repeatable; a weight says how often. For odn-*: odms, the stream of masks. "
    "For hybriddepth: KIND:ROOT of pictures with depth (kinds of `generate focal-stack --from`), or a folder of focal stacks. "
    "For icm-depth: folders that `prepare dvps` made.",
)
@click.option(
    "--masks",
    multiple=True,
    metavar="DIR",
    help="Pictures with masks of glass, or mirror:DIR, for the segmentation loss. Repeatable.",
)
@click.option(
    "--val",
    multiple=True,
    metavar="D",
    help="Held-out data that picks the checkpoint, named as --data (odn-*: SET:ROOT).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the run: weights.safetensors, checkpoint.pt, record.json. One with a checkpoint is continued.",
)
@click.option("--init", type=click.Path(path_type=Path, dir_okay=False), help="Weights to start from.")
@_numbers
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="KEY=VALUE",
    help="Any other setting of the preset, such as channels=32; repeatable.",
)
def train(
    name: str,
    preset: str,
    data: tuple[str, ...],
    masks: tuple[str, ...],
    val: tuple[str, ...],
    out: Path,
    init: Path | None,
    options: tuple[str, ...],
    **numbers: Any,
) -> None:
    """Train a model; the same command again continues a run that was stopped, exactly where it was.

    Weights to use are OUT/weights.safetensors: the moving average that was best on --val, or the last without it. Several
    GPUs: torchrun --nproc-per-node 4 -m depthbench train ...

    \b
      depthbench train --model s2m2-focus --preset tiny --data planes --out runs/planes
      depthbench train --model s2m2-focus --preset tiny --data planes --data data/train:3 --val data/val --out runs/tiny
      depthbench train --model s2m2-focus --preset tiny --data data/train --option inject=false --out runs/no-dci
      depthbench train --model odn-l --preset tiny --data odms --val odms:data/odms --out runs/odn-l
      depthbench train --model hybriddepth --preset tiny --data layered:data/train --val layered:data/val --out runs/hybrid
      depthbench train --model pbs-mvsnet --preset tiny --data data/twin@1-6 --val data/twin@7-8 --out runs/pbs
      depthbench train --model icm-depth --preset tiny --data data/twin-train --val data/twin-val --out runs/icm
      depthbench eval --model s2m2-focus --weights runs/tiny/weights.safetensors --set data/val
    """
    from depthbench.baselines.training.start import start
    from depthbench.benchmarks.options import parse_options

    chosen = parse_options(options) | {key: value for key, value in numbers.items() if value is not None}
    if not start(name, preset, chosen, data, masks, val, out, init):
        sys.exit(130)
