# SPDX-License-Identifier: Apache-2.0
"""The numbers of :func:`depthbench.generators.layered_stats.stats` as one picture of histograms."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from depthbench.formats.atomic import write_bytes

Draw = Callable[[Any, dict[str, Any], str, Any], None]


def draw(found: dict[str, Any], path: Path, title: str) -> Path:
    """Write the picture (PNG): one curve per environment in each histogram, and a table of materials by environment."""
    places = found["by_environment"]
    figure = Figure(figsize=(16, 15), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    looked = f"{found['read']:,} of {found['samples']:,} samples"
    figure.suptitle(f"{title}: {looked}, {', '.join(found['resolutions'])}", fontsize=15)
    halves: Any = figure.subfigures(1, 2, width_ratios=(3, 1))
    charts, table = halves
    axes = charts.subplots(4, 3)
    panels: tuple[tuple[str, str, Draw], ...] = (
        ("layers per pixel", "share of the pixels", _layers),
        ("disparity, all layers, px", "share of the layers per bin", _logarithmic("disparity_px")),
        (
            f"refraction displacement, px ({_still(found):.0%} at 0)",
            "share of the see-through pixels per bin",
            _logarithmic("refraction_px"),
        ),
        ("see-through area of a view", "share of the views", _linear("see_through_area")),
        ("luma of the left pictures", "share of the pixels", _luma),
        ("mean luma of a picture", "share of the views", _linear("luma_mean")),
        ("largest disparity / width", "share of the views", _linear("largest_disparity_share")),
        ("baseline, m", "share of the views", _linear("baseline_m")),
        ("horizontal field of view, degrees", "share of the views", _linear("hfov_deg")),
        ("camera height, m", "share of the views", _linear("height_m")),
        ("camera pitch, degrees", "share of the views", _linear("pitch_deg")),
        ("camera roll, degrees", "share of the views", _linear("roll_deg")),
    )
    colours = dict(zip(places, matplotlib.colormaps["tab10"](np.arange(10)), strict=False))
    for axis, (what, unit, panel) in zip(axes.flat, panels, strict=True):
        for number, (name, row) in enumerate(places.items()):
            panel(axis, row, name, (colours.get(name, "black"), number, len(places)))
        axis.set_title(what, fontsize=11)
        axis.set_ylabel(unit, fontsize=8)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    axes.flat[0].legend(fontsize=9, frameon=False)
    _materials(table.subplots(), places)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    write_bytes(path, buffer.getvalue())
    return path


def _still(found: dict[str, Any]) -> float:
    """Return the share of see-through pixels that refraction does not move."""
    return float(1 - np.sum(found["refraction_px"]["histogram"]["share"]))


def _layers(axis: Any, row: dict[str, Any], name: str, style: Any) -> None:
    colour, number, count = style
    shares = np.array(row["layers_per_pixel"])
    width = 0.8 / count
    axis.bar(np.arange(len(shares)) + (number - (count - 1) / 2) * width, shares, width, color=colour, label=name)
    axis.set_yscale("log")
    axis.set_ylim(1e-5, 1.5)
    axis.set_xticks(range(len(shares)))


def _logarithmic(key: str) -> Draw:
    def panel(axis: Any, row: dict[str, Any], name: str, style: Any) -> None:
        edges, share = (np.array(row[key]["histogram"][part]) for part in ("edges", "share"))
        axis.stairs(share, edges, color=style[0], linewidth=1.5)
        axis.set_xscale("log")
        seen = np.flatnonzero(share)
        if len(seen):
            low, high = edges[seen[0]], edges[seen[-1] + 1]
            past = axis.get_xlim() if style[1] else (low, high)
            axis.set_xlim(min(low, past[0]), max(high, past[1]))

    return panel


def _linear(key: str) -> Draw:
    def panel(axis: Any, row: dict[str, Any], name: str, style: Any) -> None:
        edges, share = (np.array(row[key]["histogram"][part]) for part in ("edges", "share"))
        if np.isfinite(row[key]["mean"]):
            axis.stairs(share, edges, color=style[0], linewidth=1.2, fill=True, alpha=0.15)
            axis.stairs(share, edges, color=style[0], linewidth=1.2)

    return panel


def _luma(axis: Any, row: dict[str, Any], name: str, style: Any) -> None:
    share = np.array(row["luma"]["share"]).reshape(64, 4).sum(axis=1)
    axis.stairs(share, np.arange(0, 257, 4), color=style[0], linewidth=1.5)
    axis.set_xlim(0, 256)


def _materials(axis: Any, places: dict[str, Any]) -> None:
    """Show the share of layer points of each material family, darker the more, with the number in per cent."""
    families = sorted({name for row in places.values() for name in row["materials"]})
    shares = np.array(
        [[row["materials"].get(family, {"share": np.nan})["share"] for row in places.values()] for family in families]
    )
    axis.imshow(np.log10(np.maximum(np.nan_to_num(shares), 1e-5)), cmap="Blues", aspect="auto", vmin=-5, vmax=0.3)
    for (y, x), share in np.ndenumerate(shares):
        text = "" if np.isnan(share) else "0" if share == 0 else "<0.01" if share < 1e-4 else f"{100 * share:.2f}"
        axis.text(x, y, text, ha="center", va="center", fontsize=8, color="white" if share > 0.05 else "black")
    axis.set_xticks(range(len(places)), list(places), fontsize=9, rotation=30, ha="right")
    axis.set_yticks(range(len(families)), families, fontsize=8)
    axis.set_title("materials, % of all layer points", fontsize=11)
