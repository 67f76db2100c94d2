# SPDX-License-Identifier: Apache-2.0
"""The numbers of :func:`depthbench.generators.layered_stats.stats` as tables for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

CAMERA = {
    "baseline_m": "baseline m",
    "hfov_deg": "field of view deg",
    "height_m": "camera height m",
    "pitch_deg": "camera pitch deg",
}


def render_stats(found: dict[str, Any]) -> RenderableType:
    """Lay the numbers out: facts, one row per layer, one row per environment."""
    disparity, refraction, baseline = found["disparity_px"], found["refraction_px"], found["baseline_m"]
    environments = ", ".join(f"{name} {count}" for name, count in found["environments"].items())
    looked = "" if found["read"] == found["samples"] else f", of which {found['read']} were looked at"
    duplicates = found["duplicates"]
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("samples", f"{found['samples']}{looked} ({environments}), {found['redrawn']} re-drawn"),
        ("resolution", ", ".join(found["resolutions"])),
        ("baseline", f"{_number(baseline['low'], 3)} to {_number(baseline['high'], 3)} m"),
        ("disparity", f"{_number(disparity['low'])} to {_number(disparity['high'])} px, median {_number(disparity['q50'])}, "
                      f"1-99 % {_number(disparity['q01'])} to {_number(disparity['q99'])}"),
        ("see-through area", f"{found['see_through_share']:.1%}; mirrors {found['reflective_share']:.1%}"),
        ("refraction", f"mean {_number(refraction['mean'], 3)} px where see-through, at most {_number(refraction['high'])} px"),
        ("layers per pixel", f"mean {found['mean_layers_per_pixel']:.2f}: " + ", ".join(
            f"{k}: {share:.1%}" for k, share in enumerate(found["layers_per_pixel"]) if share)),
        ("duplicates", f"{duplicates['equal_pictures']} equal pictures, {duplicates['near_views']} pairs of nearly equal views"),
    ):  # fmt: skip
        facts.add_row(name, value)
    layers = Table("layer", "of pixels", "opaque", "glass", "screen", "visible", "hidden", "outside")
    for number, row in enumerate(found["layers"], start=1):
        layers.add_row(str(number), *(f"{value:.1%}" for value in row.values()))
    places = Table("", *found["environments"])
    places.add_row("samples", *map(str, found["environments"].values()))
    rows = [found["by_environment"][name] for name in found["environments"]]
    places.add_row("see-through area", *(f"{row['see_through_share']:.1%}" for row in rows))
    places.add_row("disparity px, median", *(_number(row["disparity_px"]["q50"]) for row in rows))
    places.add_row("luma, mean", *(_number(row["luma"]["mean"], 0) for row in rows))
    for key, name in CAMERA.items():
        places.add_row(name, *(f"{_number(row[key]['low'])} to {_number(row[key]['high'])}" for row in rows))
    places.add_row("material families", *(str(len(row["materials"])) for row in rows))
    for table in (layers, places):
        for column in table.columns[1:]:
            column.justify = "right"
    return Group(facts, layers, places)


def _number(value: float | None, digits: int = 2) -> str:
    """Write a number that may be unknown (NaN here, null in a file)."""
    return "-" if value is None or value != value else f"{value:.{digits}f}"
