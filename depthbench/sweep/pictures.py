# SPDX-License-Identifier: Apache-2.0
"""A sweep as a still picture and as a moving one, in one colour range that is printed on it."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from depthbench.sweep.run import Sweep
from depthbench.sweep.surfaces import Surfaces
from depthbench.viz import Panel, Rgb, colour_disparity, grid

COLUMNS = 6
STILL_PANEL_PX, MOVING_PANEL_PX = 320, 400
STEP_MS, END_MS = 250, 1200

COUNT_COLOURS: tuple[tuple[str, Rgb], ...] = (
    ("none", (0, 0, 0)),
    ("1", (150, 160, 170)),
    ("2", (60, 130, 230)),
    ("3", (250, 170, 40)),
    ("more", (210, 40, 60)),
)


def headline(sweep: Sweep) -> str:
    """Say which pair, which model, and what the colours span, in metres too where the calibration is known."""
    low, high = sweep.limits_px
    told = f"{sweep.sample.id}    {sweep.model}    disparity {low:.1f} to {high:.1f} px"
    if sweep.sample.rig is not None:
        near, far = sweep.sample.rig.depth_from_disparity(np.array([high, low]))
        told += f" = {near:.2f} to {far:.2f} m"
    return told


def answer_panel(sweep: Sweep, number: int) -> Panel:
    """Draw the answer for one value of c, with its error where the truth is known."""
    low, high = sweep.limits_px
    target, caption = sweep.target(number), ""
    if target is not None:
        error = np.abs(sweep.disp_px[number] - target)
        known, layers = np.isfinite(error), sweep.sample.layers
        caption = f"mean error {error[known].mean():.2f} px" if known.any() else ""
        if layers is not None and (known & layers.see_through).any():
            caption += f", see-through {error[known & layers.see_through].mean():.2f}"
    picture = colour_disparity(sweep.disp_px[number], low, high)
    return Panel(picture, f"c = {sweep.values[number]:.2f}", caption, bar=("turbo", low, high, "px"))


def target_panel(sweep: Sweep, number: int) -> Panel | None:
    """Draw the true layer that a value of c asks for."""
    target = sweep.target(number)
    if target is None:
        return None
    low, high = sweep.limits_px
    title = f"true layer {'closest to' if sweep.rule == 'closest' else 'behind'} {sweep.reference_px(number):.1f} px"
    return Panel(colour_disparity(target, low, high), title, bar=("turbo", low, high, "px"))


def surfaces_panel(surfaces: Surfaces, shape: tuple[int, ...], tolerance_px: float) -> Panel:
    """Draw how many surfaces each ray was found to have."""
    count = np.minimum(surfaces.count if len(surfaces.disp_px) else np.zeros(shape, int), len(COUNT_COLOURS) - 1)
    table = np.array([colour for _, colour in COUNT_COLOURS], dtype=np.uint8)
    return Panel(table[count], f"surfaces, merged within {tolerance_px:g} px", legend=COUNT_COLOURS)


def still(sweep: Sweep, surfaces: Surfaces, tolerance_px: float) -> npt.NDArray[np.uint8]:
    """Draw everything at once: the pair, surfaces found, true layers if known, and the answers, each over its true layer.

    Returns
    -------
    uint8 (H, W, 3)
    """
    sample = sweep.sample
    low, high = sweep.limits_px
    first: list[Panel | None] = [
        Panel(sample.left, "left"),
        Panel(sample.right, "right"),
        surfaces_panel(surfaces, sample.left.shape[:2], tolerance_px),
    ]
    rows, titles = [first], ["pair, and what was found"]
    if sweep.layers_px is not None:
        layers: list[Panel | None] = [
            Panel(colour_disparity(disp_px, low, high), f"layer {number}", bar=("turbo", low, high, "px"))
            for number, disp_px in enumerate(sweep.layers_px, start=1)
        ]
        rows += _wrapped(layers)
        titles += ["truth, every layer", *[""] * (len(rows) - 2)]
    for start in range(0, len(sweep.values), COLUMNS):
        numbers = range(start, min(start + COLUMNS, len(sweep.values)))
        rows.append([answer_panel(sweep, number) for number in numbers])
        titles.append("answers, from the nearest surface (c = 0) to the farthest (c = 1)" if start == 0 else "")
        if sample.layers is not None:
            rows.append([target_panel(sweep, number) for number in numbers])
            titles.append("")
    return grid(rows, row_titles=titles, panel_width=STILL_PANEL_PX, title=headline(sweep))


def _wrapped(panels: list[Panel | None]) -> list[list[Panel | None]]:
    return [panels[start : start + COLUMNS] for start in range(0, len(panels), COLUMNS)]


def frame(sweep: Sweep, number: int) -> npt.NDArray[np.uint8]:
    """Draw one picture of the moving one: the left picture, the answer, its true layer if known, and where c stands."""
    width = sweep.sample.left.shape[1]
    panels = [Panel(sweep.sample.left, "left"), answer_panel(sweep, number), target_panel(sweep, number)]
    ruler = np.full((max(8, width // 40), width, 3), 225, dtype=np.uint8)
    at = round(sweep.values[number] * (width - 1))
    half = max(2, width // 100)
    ruler[:, max(0, at - half) : at + half + 1] = (40, 40, 40)
    below = Panel(ruler, caption="nearest surface  <  c  >  farthest")
    shown = panels if panels[-1] is not None else panels[:2]
    width_px = min(max(width, 200), MOVING_PANEL_PX)
    return grid([shown, [None, below]], panel_width=width_px, title=headline(sweep))


def moving(sweep: Sweep) -> bytes:
    """Encode the sweep from c = 0 to 1 and back as an animated GIF, in one palette."""
    pictures = [Image.fromarray(frame(sweep, number)) for number in range(len(sweep.values))]
    palette = _palette(sweep.sample.left)
    # no dithering: flat colours stay flat, and the file small
    flat = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    there_and_back = [*flat, *flat[-2:0:-1]]
    durations = [STEP_MS] * len(there_and_back)
    durations[0] = durations[len(flat) - 1] = END_MS
    buffer = io.BytesIO()
    there_and_back[0].save(
        buffer, format="GIF", save_all=True, append_images=there_and_back[1:], duration=durations, loop=0
    )
    return buffer.getvalue()


def _palette(picture: npt.NDArray[np.uint8]) -> Image.Image:
    """Choose 256 colours: half of them turbo's, some greys for text, the rest the photograph's."""
    turbo = colour_disparity(np.linspace(0, 1, 128)[None], 0, 1)
    greys = np.repeat(np.linspace(0, 255, 16).round().astype(np.uint8)[None, :, None], 3, axis=2)
    photograph = Image.fromarray(picture).quantize(112, Image.Quantize.MEDIANCUT).convert("RGB").getcolors(112) or []
    colours = np.concatenate([turbo[0], greys[0], np.array([colour for _, colour in photograph], dtype=np.uint8)])
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours.tobytes())
    return palette
