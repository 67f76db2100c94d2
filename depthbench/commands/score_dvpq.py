# SPDX-License-Identifier: Apache-2.0
"""``depthbench score-dvpq``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from depthbench.commands._evaluation import FORMATS

SETS = ("cityscapes-dvps", "semkitti-dvps", "dvps-twin")


def _numbers(text: str, option: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise click.BadParameter(
            f"'{text}': write numbers with commas between, such as 1,2,3,4", param_hint=option
        ) from error
    if not numbers or min(numbers) <= 0 or len(set(numbers)) < len(numbers):
        raise click.BadParameter(f"'{text}': positive numbers, each once", param_hint=option)
    return numbers


@click.command("score-dvpq")
@click.option("--set", "set_name", type=click.Choice(SETS), required=True, help="Whose truth.")
@click.option(
    "--root", type=click.Path(path_type=Path), help="Folder of the set. Default: $DEPTHBENCH_DATA/<set>, or data/<set>."
)
@click.option("--split", default="val", show_default=True, help="train, val or test.")
@click.option(
    "--panoptic",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of predicted panoptic PNGs, found by the frames' names: colour (class, instance), 16 bits (class * 1000 + instance), or <frame>_cat.png and <frame>_ins.png.",
)
@click.option(
    "--depth",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of predicted depth: <frame>*depth*.png in 1/256 m, or what `eval` saved. Default: that of --panoptic.",
)
@click.option("--k", "lengths", help="Frames of a window. Default: 1,2,3,4; for semkitti-dvps 1,5,10,20.")
@click.option(
    "--lambda",
    "limits",
    default="0.5,0.25,0.1",
    show_default=True,
    help="Relative errors of depth that a pixel may have.",
)
@click.option(
    "--absent",
    type=click.Choice(["set", "skip", "zero", "nan"]),
    default="set",
    show_default=True,
    help="A class without any segment: left out of means, 0, or NaN. set: as the set's own script, nan for cityscapes-dvps, zero for semkitti-dvps, skip for dvps-twin.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Take the first N frames only.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How the table is printed on stdout.",
)
def score_dvpq(
    set_name: str,
    root: Path | None,
    split: str,
    panoptic: Path,
    depth: Path | None,
    lengths: str | None,
    limits: str,
    absent: str,
    limit: int | None,
    format_: str,
) -> None:
    """Score predicted panoptic ids with depth: DVPQ over windows of k frames, and depth quality.

    \b
      depthbench score-dvpq --set cityscapes-dvps --panoptic my_panoptic --depth my_depth

    Pixels whose depth is off by more than lambda lose their class; then segments over k successive frames are matched (IoU above 0.5).
    DVPQ is the mean over all k and lambda. Depth quality is the share of pixels with max(p / g, g / p) <= 1.25, 1.1.
    """
    from depthbench.benchmarks import dvpq
    from depthbench.benchmarks.progress import track
    from depthbench.benchmarks.sets.opening import open_set
    from depthbench.benchmarks.table_output import show
    from depthbench.benchmarks.tables import Column, Table

    semkitti = set_name == "semkitti-dvps"
    windows = _numbers(lengths, "--k") if lengths else list(dvpq.DEFAULT_K["semkitti" if semkitti else "cityscapes"])
    if any(number != int(number) for number in windows):
        raise click.BadParameter(f"'{lengths}': whole numbers of frames", param_hint="--k")
    usual = {"cityscapes-dvps": "nan", "semkitti-dvps": "zero", "dvps-twin": "skip"}[set_name]
    rule = usual if absent == "set" else absent
    found = dvpq.score_dvpq(
        open_set(set_name, root, {"split": split}),  # type: ignore[arg-type]
        panoptic,
        depth or panoptic,
        [int(number) for number in windows],
        _numbers(limits, "--lambda"),
        rule,  # type: ignore[arg-type]
        limit,
        lambda ids: track(ids, "frames"),
    )
    names = [f"k {k}, lambda {each:g}" for k, each in found.cells] + ["mean: DVPQ"]
    cells = [[None if value != value else value for value in row] for row in [*found.cells.values(), found.mean]]
    notes = [
        f"windows: {', '.join(f'{count} of {k} frames' for k, count in found.windows.items())}",
        f"classes without a segment: {rule}",
    ]
    notes += [f"depth quality, max ratio {ratio:g}: {share:.2f} %" for ratio, share in found.depth_quality.items()]
    columns = [Column(title, "%", less_is_better=False) for title in ("all", "things", "stuff")]
    made = Table(
        f"DVPQ of {panoptic.name} on {set_name} {split}",
        "windows",
        columns,
        names,
        cells,
        notes,
        bold_best=True,
        competing=0,
    )
    show(made, format_)
