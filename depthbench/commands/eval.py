# SPDX-License-Identifier: Apache-2.0
"""``depthbench eval``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._evaluation import shared_options


@click.command("eval")
@click.option(
    "--model",
    "model_name",
    required=True,
    metavar="M",
    help="Model by name (depthbench list models), or path/to/file.py:Class.",
)
@click.option(
    "--model-option",
    "model_options",
    multiple=True,
    metavar="KEY=VALUE",
    help="Option of the model, such as fill=true for sgbm; repeatable.",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path),
    help="Checkpoint of the model; short for --model-option weights=FILE.",
)
@click.option(
    "--sweep",
    metavar="KEY=V,V",
    help="Measure once per value of a model option, such as c=0,1, and print one table. "
    "Default for a steered model (s2m2-focus) on a set with first and last surfaces: c=0,1.",
)
@shared_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for predictions, record, table and pictures. Default: runs/<model>/<set>.",
)
@click.option(
    "--overwrite",
    type=click.Choice(["never", "all"]),
    default="never",
    show_default=True,
    help="Whether predictions that are there are made again.",
)
def eval_command(
    model_name: str,
    model_options: tuple[str, ...],
    weights: Path | None,
    sweep: str | None,
    out: Path | None,
    overwrite: Any,
    limit: int | None,
    strict: bool,
    format_: str,
    **choice: Any,
) -> None:
    """Measure a model on a set by a named protocol.

    Predictions are saved first, then scored; run the same command again and it continues where it stopped. The exit code
    is 1 where a sample failed: it is named, and no mean is given over the gap. Of a test split without public truth
    (--set-option split=test) only predictions are made, for `depthbench submit`.

    \b
      depthbench eval --model sgbm --set data/tiny
      depthbench eval --model sgbm --model-option fill=true --set middlebury-v3 --root ~/MiddEval3
      depthbench eval --model s2m2 --weights CH128NTR1.pth --set eth3d
      depthbench eval --model s2m2-focus --weights FILE --set sim-plates --root data/plates --sweep c=0,0.5,1
      depthbench eval --model vos-de --set odms --n 10
      depthbench eval --model plane-sweep --set data/mine        # photographs with cameras: depth maps and a cloud
      depthbench eval --model mine.py:MyModel --set kitti-2015 --protocol raft
    """
    from depthbench.baselines.loading import load_model, model_class
    from depthbench.benchmarks.evaluate import ends_or_sweep, evaluate, predict_only, set_folder_name
    from depthbench.benchmarks.options import parse_options
    from depthbench.benchmarks.progress import track
    from depthbench.benchmarks.sets.evaluation_set import is_blind
    from depthbench.commands._evaluation import (
        open_set_and_protocol,
        print_header,
        report,
        report_several,
        tell_predictions,
    )

    options = parse_options(model_options) | ({"weights": str(weights)} if weights else {})
    cls, _ = model_class(model_name)
    opened, protocol = open_set_and_protocol(**choice)
    outcomes = []
    variants = ends_or_sweep(cls, options, sweep, protocol)
    for variant in variants:
        loaded = load_model(model_name, options | variant)
        print_header(loaded.label, opened, protocol)
        told = [f"{key}={value}" for key, value in variant.items()]
        place = out.joinpath(*told) if out else Path("runs") / loaded.label / set_folder_name(opened)
        if is_blind(opened):
            tell_predictions(opened, *predict_only(loaded, opened, protocol, place, limit, overwrite, strict, track))
            continue
        outcomes.append(evaluate(loaded, opened, protocol, place, limit, overwrite, strict, track))
    if len(outcomes) == 1:
        report(outcomes[0], format_)
    elif outcomes:
        report_several(outcomes, format_)
