# SPDX-License-Identifier: Apache-2.0
"""Pictures of depth: colour maps with stated ranges, and grids of panels with readable text.

Disparity is drawn in turbo between two limits that the caller states, so that panels beside each other compare; invalid is
black. Errors are drawn in the ten logarithmic steps of the KITTI 2015 development kit (ColorBrewer RdYlBu): blue below 3 px
halving downwards, red above it doubling upwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Rgb = tuple[int, int, int]
FloatMap = npt.NDArray[Any]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

ERROR_STEPS_PX = (0.1875, 0.375, 0.75, 1.5, 3.0, 6.0, 12.0, 24.0, 48.0)
"""Upper ends of the error colours; the tenth colour is everything above."""

RELATIVE_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0)
"""The same for errors of depth relative to the truth."""

ERROR_COLOURS: tuple[Rgb, ...] = (
    (49, 54, 149),
    (69, 117, 180),
    (116, 173, 209),
    (171, 217, 233),
    (224, 243, 248),
    (254, 224, 144),
    (253, 174, 97),
    (244, 109, 67),
    (215, 48, 39),
    (165, 0, 38),
)
HOLE_COLOUR: Rgb = (128, 128, 128)

_GAP = 8
_MARGIN = 12


@dataclass(frozen=True)
class Panel:
    """One picture of a grid, with what is written about it.

    Attributes
    ----------
    image : uint8 (H, W, 3)
    title : str
        Above the picture.
    caption : str
        Below it.
    bar : tuple of (colour map name, low, high, unit) or None
        A colour bar with its two limits below the picture.
    legend : sequence of (word, colour)
        Coloured squares with words below the picture.
    """

    image: npt.NDArray[np.uint8]
    title: str = ""
    caption: str = ""
    bar: tuple[str, float, float, str] | None = None
    legend: Sequence[tuple[str, Rgb]] = ()


@cache
def _palette(name: str) -> npt.NDArray[np.uint8]:
    """256 colours of a matplotlib colour map, uint8 (256, 3)."""
    colours = matplotlib.colormaps[name](np.linspace(0.0, 1.0, 256))[:, :3]
    palette: npt.NDArray[np.uint8] = np.rint(255 * colours).astype(np.uint8)
    return palette


def colour_scale(values: FloatMap, low: float, high: float, name: str) -> npt.NDArray[np.uint8]:
    """Colour a map (H, W) between two limits with a matplotlib colour map; non-finite values are black.

    Values outside the limits take the end colours.

    Raises
    ------
    ValueError
        If the limits are not finite or ``low > high``.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low <= high):
        raise ValueError(f"not a range: {low} to {high}")
    known = np.isfinite(values)
    span = max(high - low, 1e-30)
    level = np.where(known, (np.clip(values, low, high) - low) / span, 0.0)
    picture: npt.NDArray[np.uint8] = _palette(name)[np.rint(255 * level).astype(np.uint8)]
    picture[~known] = 0
    return picture


def colour_disparity(disp_px: FloatMap, low: float, high: float) -> npt.NDArray[np.uint8]:
    """Colour disparity (H, W) in turbo, blue at ``low`` (far) to red at ``high`` (near); NaN and infinities are black."""
    return colour_scale(disp_px, low, high, "turbo")


def colour_error(error_px: FloatMap, steps: Sequence[float] = ERROR_STEPS_PX) -> npt.NDArray[np.uint8]:
    """Colour an absolute disparity error (H, W) in the steps of :data:`ERROR_STEPS_PX`, or another error in nine others.

    NaN (truth unknown) is black, +inf (no answer there) is grey; the sign is ignored.
    """
    error = np.abs(error_px)
    table = np.array([*ERROR_COLOURS, HOLE_COLOUR, (0, 0, 0)], dtype=np.uint8)
    step = np.searchsorted(steps, error, side="left")
    step = np.where(np.isposinf(error), len(ERROR_COLOURS), step)
    picture: npt.NDArray[np.uint8] = table[np.where(np.isnan(error), len(ERROR_COLOURS) + 1, step)]
    return picture


def error_legend(steps: Sequence[float] = ERROR_STEPS_PX, unit: str = " px") -> list[tuple[str, Rgb]]:
    """Return the legend of :func:`colour_error` for :class:`Panel`, every second step named."""
    named = [(f"{step:g}", colour) for step, colour in zip(steps, ERROR_COLOURS, strict=False)]
    return [*named[::2], (f">{steps[-1]:g}{unit}", ERROR_COLOURS[-1]), ("hole", HOLE_COLOUR)]


def finite_range(*maps: FloatMap) -> tuple[float, float]:
    """Return the least and largest finite value over all maps together; (0, 1) when there is none."""
    lows = [float(values[np.isfinite(values)].min()) for values in maps if np.isfinite(values).any()]
    highs = [float(values[np.isfinite(values)].max()) for values in maps if np.isfinite(values).any()]
    return (min(lows), max(highs)) if lows else (0.0, 1.0)


def grid(
    rows: Sequence[Sequence[Panel | None]],
    *,
    row_titles: Sequence[str] = (),
    column_titles: Sequence[str] = (),
    panel_width: int = 320,
    title: str = "",
) -> npt.NDArray[np.uint8]:
    """Set panels in rows on white, with white gaps, titles, captions, colour bars and legends.

    Parameters
    ----------
    rows : sequence of rows of Panel or None
        Pictures are scaled to ``panel_width``, their aspect kept; None leaves a place empty.
    row_titles, column_titles : sequence of str
        A line above each row; a line at the top above each column.
    panel_width : int
        Width of a picture in pixels.
    title : str
        A line over everything.

    Returns
    -------
    uint8 (H, W, 3)
    """
    size = int(np.clip(panel_width / 17, 11, 18))
    text, bold_text = ImageFont.load_default(size), ImageFont.load_default(size + 2)
    line = size + 6
    columns = max([1, *(len(row) for row in rows)])
    width = 2 * _MARGIN + columns * panel_width + (columns - 1) * _GAP

    blocks = [_row_heights(row, panel_width, line) for row in rows]
    height = 2 * _MARGIN + (line + _GAP) * bool(title) + line * bool(column_titles)
    height += sum(sum(block) + _GAP for block in blocks) + (line + 4) * min(len(row_titles), len(rows))
    canvas = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(canvas)

    y = _MARGIN
    if title:
        _write(draw, (_MARGIN, y), title, bold_text, width - 2 * _MARGIN)
        y += line + _GAP
    if column_titles:
        for column, words in enumerate(column_titles):
            _write(draw, (_MARGIN + column * (panel_width + _GAP), y), words, text, panel_width)
        y += line
    for number, row in enumerate(rows):
        if number < len(row_titles):
            _write(draw, (_MARGIN, y), row_titles[number], bold_text, width - 2 * _MARGIN)
            y += line + 4
        above, middle, below = blocks[number]
        for column, panel in enumerate(row):
            if panel is not None:
                x = _MARGIN + column * (panel_width + _GAP)
                _draw_panel(canvas, draw, panel, (x, y, above, middle), panel_width, text, line)
        y += above + middle + below + _GAP
    return np.asarray(canvas)


def _row_heights(row: Sequence[Panel | None], panel_width: int, line: int) -> tuple[int, int, int]:
    """Heights in pixels of a row's titles, pictures and captions."""
    panels = [panel for panel in row if panel is not None]
    pictures = [round(panel.image.shape[0] * panel_width / panel.image.shape[1]) for panel in panels]
    captions = [line * (bool(panel.caption) + bool(panel.bar) + bool(panel.legend)) for panel in panels]
    return line * any(panel.title for panel in panels), max(pictures, default=0), max(captions, default=0)


def _write(draw: ImageDraw.ImageDraw, at: tuple[float, float], words: str, font: Font, room: float) -> None:
    """Write one line, in a smaller size where it would not fit, cut short where even that is too long."""
    size, least = getattr(font, "size", 11), 9
    while draw.textlength(words, font) > room and size > least:
        size -= 1
        font = ImageFont.load_default(size)
    while words and draw.textlength(words, font) > room:
        words = words[:-2].rstrip() + "…" if len(words) > 2 else ""
    draw.text(at, words, fill="black", font=font)


def _draw_panel(
    canvas: Image.Image,
    draw: ImageDraw.ImageDraw,
    panel: Panel,
    place: tuple[int, int, int, int],
    width: int,
    font: Font,
    line: int,
) -> None:
    """Draw a panel's title, picture and what stands below it at ``place`` = (x, y, title height, picture height)."""
    x, y, above, middle = place
    _write(draw, (x, y), panel.title, font, width)
    y += above
    height = round(panel.image.shape[0] * width / panel.image.shape[1])
    # averaging over boxes when shrinking, whole pixels when growing: no colour appears that the map does not have nearby
    how = Image.Resampling.BOX if width <= panel.image.shape[1] else Image.Resampling.NEAREST
    canvas.paste(Image.fromarray(panel.image).resize((width, height), how), (x, y))
    y += middle + 2
    if panel.bar:
        _draw_bar(canvas, draw, panel.bar, (x, y, width, line), font)
        y += line
    if panel.legend:
        _draw_legend(draw, panel.legend, (x, y, width, line), font)
        y += line
    if panel.caption:
        _write(draw, (x, y), panel.caption, font, width)


def _draw_bar(
    canvas: Image.Image,
    draw: ImageDraw.ImageDraw,
    bar: tuple[str, float, float, str],
    place: tuple[int, int, int, int],
    font: Font,
) -> None:
    """Draw ``low [colours] high unit`` in ``place`` = (x, y, width, line height)."""
    (name, low, high, unit), (x, y, width, line) = bar, place
    left, right = f"{low:.3g}", f"{high:.3g} {unit}"
    start, end = x + draw.textlength(left, font) + 5, x + width - draw.textlength(right, font) - 5
    draw.text((x, y), left, fill="black", font=font)
    draw.text((end + 5, y), right, fill="black", font=font)
    if end > start + 1:
        canvas.paste(Image.fromarray(_palette(name)[None]).resize((int(end - start), line - 9)), (int(start), y + 3))


def _draw_legend(
    draw: ImageDraw.ImageDraw, legend: Sequence[tuple[str, Rgb]], place: tuple[int, int, int, int], font: Font
) -> None:
    """Draw coloured squares with their words in ``place`` = (x, y, width, line height), smaller where they would not fit."""
    x, y, width, line = place
    size = getattr(font, "size", 11)
    while True:
        side, gap = size * 0.6, size * 0.4
        lengths = [side + gap + draw.textlength(word, font) for word, _ in legend]
        needed = sum(lengths) + 1.5 * gap * (len(legend) - 1)
        if needed <= width or size <= 7:
            break
        size -= 1
        font = ImageFont.load_default(size)
    at = float(x)
    for (word, colour), length in zip(legend, lengths, strict=True):
        middle = y + line / 2 - 1
        draw.rectangle((at, middle - side / 2, at + side, middle + side / 2), fill=colour, outline=(90, 90, 90))
        draw.text((at + side + gap, middle), word, fill="black", font=font, anchor="lm")
        at += length + 1.5 * gap
