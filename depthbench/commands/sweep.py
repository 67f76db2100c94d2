# SPDX-License-Identifier: Apache-2.0
"""``depthbench sweep``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from depthbench.errors import DepthbenchError


@click.command()
@click.option(
    "--model",
    "model_name",
    default="s2m2-focus",
    show_default=True,
    metavar="M",
    help="A model that is steered by c, by name, or path/to/file.py:Class with a method `sweep`.",
)
@click.option(
    "--model-option", "model_options", multiple=True, metavar="KEY=VALUE", help="Option of the model; repeatable."
)
@click.option("--weights", type=click.Path(path_type=Path), help="Checkpoint of the model.")
@click.option("--left", type=click.Path(path_type=Path), help="Left picture of a rectified pair.")
@click.option("--right", type=click.Path(path_type=Path), help="Right picture, of the same size.")
@click.option(
    "--sample",
    metavar="DIR:ID",
    help="Instead of a pair: a sample of a generated folder, which knows its camera and its true layers.",
)
@click.option("--calib", type=click.Path(path_type=Path), help="The pair's calib.txt, as Middlebury and ETH3D have it.")
@click.option("--focal-px", type=click.FloatRange(0, min_open=True), help="Focal length of the pair in pixels.")
@click.option("--baseline-m", type=click.FloatRange(0, min_open=True), help="Distance of its two cameras in metres.")
@click.option(
    "--out",
    "outs",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="File that ends in .gif, .png, .html or .ply, or a folder for all of them; repeatable.",
)
@click.option(
    "--n",
    "number",
    type=click.IntRange(2, 101),
    default=11,
    show_default=True,
    help="How many values of c, from 0 to 1.",
)
@click.option(
    "--merge-px",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Answers closer than this are one surface.",
)
def sweep(
    model_name: str,
    model_options: tuple[str, ...],
    weights: Path | None,
    left: Path | None,
    right: Path | None,
    sample: str | None,
    calib: Path | None,
    focal_px: float | None,
    baseline_m: float | None,
    outs: tuple[Path, ...],
    number: int,
    merge_px: float,
) -> None:
    """Depth of one pair as c goes from 0, the nearest surface along each ray, to 1, the farthest.

    \b
      depthbench sweep --weights FILE --left L.png --right R.png --out sweep.gif
      depthbench sweep --weights FILE --sample data/tiny:cafe-000000-0001 --out pictures/
      depthbench sweep --weights FILE --left L.png --right R.png --calib calib.txt --out a.html --out a.ply

    .gif moves there and back, .png shows all values at once, .html is one file with a slider and a curve for the pixel under
    the pointer, .ply holds the points of all surfaces found (metres, left camera; properties c and layer). Points need the
    camera: --calib, or --focal-px and --baseline-m, or --sample, which also shows the true layers beside the answers.
    """
    from depthbench.baselines.loading import load_model
    from depthbench.benchmarks.options import parse_options
    from depthbench.sweep.inputs import pair_of_files, sample_of_folder
    from depthbench.sweep.outputs import files_for, write
    from depthbench.sweep.run import sweep as ask

    if sample is not None:
        if left or right or calib or focal_px or baseline_m:
            raise DepthbenchError("--sample has its own pictures and camera: leave --left, --right and calibration out")
        pair = sample_of_folder(sample)
    else:
        if left is None or right is None:
            raise DepthbenchError("give --left L.png --right R.png, or --sample DIR:ID")
        if (focal_px is None) != (baseline_m is None) or (calib and focal_px):
            raise DepthbenchError("the camera is --focal-px with --baseline-m, or --calib alone")
        pair = pair_of_files(left, right, calib, focal_px, baseline_m)
    files = files_for(outs, pair.rig is not None)
    options = parse_options(model_options) | ({"weights": str(weights)} if weights else {})
    if "c" in options:
        raise DepthbenchError("--model-option c: the sweep goes through all of c; use `depthbench eval` for one value")
    answers = ask(load_model(model_name, options), pair, number)
    for line in write(answers, files, merge_px):
        click.echo(line)
