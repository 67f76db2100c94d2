# SPDX-License-Identifier: Apache-2.0
"""``depthbench score-cloud``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from depthbench.commands._evaluation import FORMATS
from depthbench.errors import DepthbenchError

if TYPE_CHECKING:
    from depthbench.benchmarks.cloud_scans import CloudResult


@click.command("score-cloud")
@click.option(
    "--pred",
    required=True,
    metavar="PLY",
    help="The predicted cloud. For several scans a path with {scan} or {scan:03d} where the number stands.",
)
@click.option("--set", "set_name", type=click.Choice(["dtu"]), help="Score by this benchmark's rules, with its masks.")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="Folder that holds DTU's Points/stl and ObsMask. Default: $DEPTHBENCH_DATA/dtu, or data/dtu.",
)
@click.option(
    "--scan",
    "scans",
    multiple=True,
    metavar="N",
    help="Scan by number, repeatable; test: the 22 that tables of multi-view stereo have.",
)
@click.option(
    "--mode",
    type=click.Choice(["matlab", "dtueval"]),
    default="matlab",
    show_default=True,
    help="Which of DTU's two evaluation programs is followed to the letter.",
)
@click.option(
    "--gt",
    "reference",
    type=click.Path(path_type=Path),
    help="Instead of a set: a reference cloud, compared without masks.",
)
@click.option(
    "--spacing",
    type=click.FloatRange(min=0),
    help="Thin the prediction so that no two points are this near. Default: 0.2 for dtu, with --gt none.",
)
@click.option(
    "--max-distance",
    type=click.FloatRange(min=0, min_open=True),
    help="Means leave out distances of this and more. Default: 20 for dtu, with --gt none are left out.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(min=0, min_open=True),
    help="Distance below which a point counts for precision, recall and F. Default: 1 for dtu; needed with --gt.",
)
@click.option(
    "--scale",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Multiply the prediction's coordinates: 1000 for metres where the set has millimetres.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Thin in the random order of this seed, as the published programs do. Default: an order by content, the same for any order of the file.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the record (JSON) here.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How the table is printed on stdout.",
)
def score_cloud(
    pred: str,
    set_name: str | None,
    root: Path | None,
    scans: tuple[str, ...],
    mode: str,
    reference: Path | None,
    spacing: float | None,
    max_distance: float | None,
    threshold: float | None,
    scale: float,
    seed: int | None,
    out: Path | None,
    format_: str,
) -> None:
    """Accuracy, completeness and F-score of point clouds (PLY).

    \b
      depthbench score-cloud --pred mine.ply --set dtu --root "MVS Data" --scan 1
      depthbench score-cloud --pred "out/mine{scan:03d}_l3.ply" --set dtu --root "MVS Data" --scan test --out record.json
      depthbench score-cloud --pred mine.ply --gt scanned.ply --threshold 0.01

    Exit code: 0 when every scan has a score, 1 when some have none (they are named, and no mean is given).
    """  # fmt: skip
    from dataclasses import replace

    from depthbench.benchmarks.cloud_scans import CloudCase, clouds_record, clouds_table, dtu_cases, score_cases
    from depthbench.benchmarks.metrics.point_cloud import DTU_RULES, CloudRules
    from depthbench.benchmarks.sets import default_root
    from depthbench.benchmarks.table_output import show
    from depthbench.formats.json_file import write_json

    if (set_name is None) == (reference is None):
        raise DepthbenchError("give either --set dtu with --scan, or --gt with a reference cloud")
    if set_name:
        rules = DTU_RULES[mode]
        cases = dtu_cases(pred, _numbers(scans), root or default_root(set_name) or Path())
    else:
        assert reference is not None
        if threshold is None or scans:
            raise DepthbenchError("--gt needs --threshold, in the unit of the clouds, and has no --scan")
        rules = CloudRules("plain", 0.0, float("inf"), threshold)
        cases = [CloudCase(Path(pred).stem, Path(pred), reference)]
    given = {"spacing": spacing, "max_distance": max_distance, "threshold": threshold, "seed": seed}
    rules = replace(rules, **{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]
    if rules.threshold > rules.max_distance:
        raise DepthbenchError(f"--threshold {rules.threshold:g} lies above --max-distance {rules.max_distance:g}")
    name = set_name or str(reference)
    results = score_cases(cases, rules, scale, _tell)
    show(clouds_table(results, rules, name), format_)
    if out:
        write_json(out, clouds_record(results, rules, name, scale))
        click.echo(f"record    {out}", err=True)
    if any(result.score is None for result in results):
        sys.exit(1)


def _tell(result: CloudResult) -> None:
    if result.score is None:
        click.echo(f"failed: {result.case.name}: {result.reason}", err=True)
    else:
        points, thinned = result.score.predicted_points, result.score.thinned_points
        click.echo(f"{result.case.name}: {points} points, {thinned} after thinning", err=True)


def _numbers(scans: tuple[str, ...]) -> list[int]:
    from depthbench.formats.dtu_splits import TEST_SCANS

    if not scans:
        raise DepthbenchError("--set dtu needs --scan: a number, several, or test")
    numbers: list[int] = []
    for scan in scans:
        if scan == "test":
            numbers += TEST_SCANS
        elif scan.isdecimal():
            numbers.append(int(scan))
        else:
            raise DepthbenchError(f"--scan {scan}: give a number, or test for the 22 test scans")
    return list(dict.fromkeys(numbers))
