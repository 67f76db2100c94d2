# SPDX-License-Identifier: Apache-2.0
"""Contact sheets of layered samples: both pictures, every layer in one colour range per sample, and the masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.formats.image import write_png
from depthbench.formats.layered_record import LayeredRecord
from depthbench.generators.layered_folder import samples
from depthbench.layers import SurfaceClass, Visibility
from depthbench.viz import Panel, Rgb, colour_disparity, colour_scale, finite_range, grid

MAX_LAYER_PANELS = 5
MAX_WIDTH = 2400
MIN_PANEL_WIDTH = 180

TRANSMISSIVE: Rgb = (40, 130, 255)
SCREEN: Rgb = (255, 160, 0)
REFLECTIVE: Rgb = (230, 40, 200)
VISIBILITY_COLOURS: dict[Visibility, tuple[str, Rgb]] = {
    Visibility.VISIBLE: ("seen", (90, 190, 90)),
    Visibility.OCCLUDED: ("hidden", (215, 60, 50)),
    Visibility.OUT_OF_FRAME: ("outside", (60, 90, 200)),
}


def _masks(record: LayeredRecord) -> Panel:
    """See-through and reflective pixels of the left eye, tinted over its grey picture."""
    grey = record.left.image.mean(axis=2, keepdims=True)
    picture = np.repeat(grey * 0.6 + 80.0, 3, axis=2)
    first = record.left.layers.surface_class[0]
    for mask, colour in (
        (first == SurfaceClass.TRANSMISSIVE, TRANSMISSIVE),
        (first == SurfaceClass.SCREEN, SCREEN),
        (record.left.reflective, REFLECTIVE),
    ):
        picture[mask] = 0.4 * picture[mask] + 0.6 * np.array(colour)
    legend = [("glass", TRANSMISSIVE), ("screen", SCREEN), ("mirror", REFLECTIVE)]
    return Panel(np.rint(picture).astype(np.uint8), "see-through, reflective", legend=legend)


def _visibility(record: LayeredRecord) -> Panel:
    """Whether the right eye sees what the left one sees first."""
    table = np.zeros((len(Visibility), 3), dtype=np.uint8)
    for kind, (_, colour) in VISIBILITY_COLOURS.items():
        table[kind] = colour
    picture: npt.NDArray[np.uint8] = table[record.left.layers.visibility[0]]
    return Panel(picture, "layer 1 in the right eye", legend=list(VISIBILITY_COLOURS.values()))


def _refraction(record: LayeredRecord) -> Panel:
    """By how much refraction moves what is seen; the range ends at 95 % of what moves, since edges of glass throw far.

    Black is unknown.
    """
    moved = record.left.refraction_px
    some = moved[np.isfinite(moved) & (moved > 0)]
    high = float(np.quantile(some, 0.95)) if some.size else 1.0
    title = f"refraction, at most {some.max():.3g} px" if some.size else "refraction: none"
    return Panel(colour_scale(moved, 0.0, high, "YlOrRd"), title, bar=("YlOrRd", 0.0, high, "px"))


def _panels(record: LayeredRecord, layer_panels: int) -> tuple[str, list[Panel | None]]:
    """Return a sample's title and its panels, as many places for layers as asked."""
    layers = record.left.layers
    low, high = finite_range(layers.disp_px)
    bar = ("turbo", low, high, "px")
    shown: list[Panel | None] = []
    for k in range(layer_panels):
        if k < len(layers.disp_px):
            share = 100 * np.isfinite(layers.disp_px[k]).mean()
            shown.append(
                Panel(
                    colour_disparity(layers.disp_px[k], low, high),
                    f"layer {k + 1}: {share:.{0 if share >= 10 else 1}f} %",
                    bar=bar,
                )
            )
        else:
            shown.append(None)
    rig = record.rig
    title = (
        f"{record.id}    baseline {rig.baseline_m:.3f} m    focal length {rig.intrinsics.fx:.0f} px    "
        f"disparity {low:.2f} to {high:.2f} px    up to {len(layers.disp_px)} layers"
    )
    return title, [
        Panel(record.left.image, "left"),
        Panel(record.right.image, "right"),
        *shown,
        Panel(colour_disparity(layers.last(), low, high), "last layer", bar=bar),
        _masks(record),
        _visibility(record),
        _refraction(record),
    ]


def contact_sheet(records: list[LayeredRecord]) -> npt.NDArray[np.uint8]:
    """Draw one row per sample: left, right, layers front to back, last layer, masks, visibility, refraction.

    Disparity is in turbo with one range per sample, printed under the panels; black = no such layer.

    Returns
    -------
    uint8 (H, W, 3), at most about 2,400 wide
    """
    layer_panels = min(MAX_LAYER_PANELS, max(len(record.left.layers.disp_px) for record in records))
    titles, rows = zip(*(_panels(record, layer_panels) for record in records), strict=True)
    columns = len(rows[0])
    panel_width = min(max(records[0].rig.intrinsics.width, MIN_PANEL_WIDTH), (MAX_WIDTH - 24) // columns - 8)
    return grid(rows, row_titles=titles, panel_width=panel_width)


def show(folder: str | Path, out: str | Path, limit: int = 6, ids: tuple[str, ...] = ()) -> Path:
    """Write the contact sheet of a generated folder, finished or under way, as PNG; return its path.

    Without ``ids``, ``limit`` samples are taken evenly from the whole folder.

    Raises
    ------
    DepthbenchError
        If there are no samples or an id is unknown.
    """
    if ids:
        chosen = [reader.read(index) for reader, index in samples(folder, staging=True, ids=ids)]
    else:
        total = sum(1 for _ in samples(folder, staging=True))
        places = set(np.linspace(0, total - 1, min(limit, total)).round().astype(int).tolist())
        chosen = [
            reader.read(index) for place, (reader, index) in enumerate(samples(folder, staging=True)) if place in places
        ]
    write_png(out, contact_sheet(chosen))
    return Path(out)
