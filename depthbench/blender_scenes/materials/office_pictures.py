# SPDX-License-Identifier: Apache-2.0
"""Pictures of an office, drawn with Pillow: what screens show, printed pages, a whiteboard's writing, a clock's dial."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from depthbench.blender_scenes.materials.palette import pick

Ink = tuple[int, int, int]
Brush = ImageDraw.ImageDraw

_WORDS = (
    "scene", "left", "right", "plane", "depth", "sample", "config", "point", "result", "index", "frame", "offset", "limit", "value",
    "total", "height", "light", "report", "layer", "budget", "plan", "review", "stock", "order", "delta", "margin", "quarter", "north",
)  # fmt: skip
_KEYWORDS = ("def", "return", "for", "if", "in", "import", "with", "class", "not")
_HEADS = ("Quarterly review", "Road map", "Results", "Site survey", "Next steps", "Cost and schedule", "Test report")
_ACCENTS: tuple[Ink, ...] = ((38, 92, 168), (196, 84, 40), (44, 128, 96), (120, 72, 150), (188, 48, 66), (28, 132, 150))
_MARKERS: tuple[Ink, ...] = ((26, 28, 34), (32, 70, 170), (190, 36, 40), (24, 120, 70))


def _font(size_px: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(size_px, 7.0))


def _words(rng: np.random.Generator, count: int) -> str:
    return " ".join(pick(rng, _WORDS) for _ in range(count))


def _code(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """An editor: file tree, numbered lines of coloured tokens, a status bar."""
    dark = bool(rng.random() < 0.7)
    paper: Ink = (30, 32, 38) if dark else (250, 249, 245)
    panel: Ink = (22, 24, 29) if dark else (232, 231, 228)
    plain: Ink = (205, 208, 214) if dark else (40, 42, 48)
    inks: list[Ink] = [(198, 120, 221), (97, 175, 239), (152, 195, 121), (229, 192, 123), (224, 108, 117)]
    canvas = Image.new("RGB", (width, height), paper)
    brush = ImageDraw.Draw(canvas)
    side, step = width * 0.17, height / 40
    font = _font(step * 0.78)
    brush.rectangle((0, 0, side, height), fill=panel)
    for row in range(36):
        if rng.random() < 0.8:
            brush.text(
                (6 + 10 * int(rng.integers(3)), (row + 1) * step), f"{pick(rng, _WORDS)}.py", fill=plain, font=font
            )
    indent = 0
    for row in range(38):
        y = (row + 0.6) * step
        brush.text((side + 6, y), str(row + 1), fill=(110, 114, 122), font=font)
        indent = int(np.clip(indent + rng.integers(-1, 2), 0, 5))
        x = side + 34 + indent * 16
        for token in range(0 if rng.random() < 0.12 else int(rng.integers(2, 9))):
            word = pick(rng, _KEYWORDS) if token == 0 and rng.random() < 0.6 else pick(rng, _WORDS)
            ink = inks[0] if word in _KEYWORDS else plain if rng.random() < 0.45 else inks[int(rng.integers(5))]
            brush.text((x, y), word + pick(rng, ("", "(", ",", " =", ")")), fill=ink, font=font)
            x += brush.textlength(word, font=font) + 11
    brush.rectangle((0, height - step, width, height), fill=pick(rng, _ACCENTS))
    return canvas


def _bars(rng: np.random.Generator, brush: Brush, box: tuple[float, float, float, float], ink: Ink) -> None:
    """A chart in a box: axes, and bars or lines."""
    left, top, right, bottom = box
    brush.line((left, top, left, bottom, right, bottom), fill=(90, 90, 94), width=2)
    count = int(rng.integers(5, 13))
    step = (right - left) / count
    tall = (bottom - top) * np.clip(np.cumsum(rng.normal(0.05, 0.18, count)) + 0.4, 0.08, 0.95)
    if rng.random() < 0.55:
        for index, high in enumerate(tall.tolist()):
            x = left + (index + 0.2) * step
            brush.rectangle((x, bottom - high, x + 0.6 * step, bottom - 2), fill=ink)
        return
    for part in range(3):
        line = [
            (left + (k + 0.5) * step, bottom - (0.5 + 0.25 * part) * float(t) * rng.uniform(0.85, 1.0))
            for k, t in enumerate(tall)
        ]
        brush.line(line, fill=_ACCENTS[(part + 2) % len(_ACCENTS)] if part else ink, width=3)


def _table(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A spreadsheet with a chart."""
    canvas = Image.new("RGB", (width, height), (252, 252, 251))
    brush = ImageDraw.Draw(canvas)
    accent = pick(rng, _ACCENTS)
    brush.rectangle((0, 0, width, height * 0.1), fill=accent)
    brush.text((10, height * 0.02), pick(rng, _HEADS), fill=(250, 250, 250), font=_font(height * 0.045))
    rows, columns = int(rng.integers(20, 30)), int(rng.integers(7, 12))
    step_y, step_x = height * 0.9 / rows, width / columns
    font = _font(step_y * 0.68)
    for row in range(rows):
        y = height * 0.1 + row * step_y
        if row == 0 or rng.random() < 0.08:
            brush.rectangle((0, y, width, y + step_y), fill=(222, 227, 232))
        brush.line((0, y, width, y), fill=(206, 208, 211))
        for column in range(columns):
            text = pick(rng, _WORDS) if row == 0 or column == 0 else f"{rng.normal(300, 220):.1f}"
            if rng.random() < 0.85:
                brush.text((column * step_x + 4, y + 1), text, fill=(44, 46, 52), font=font)
    for column in range(1, columns):
        brush.line((column * step_x, height * 0.1, column * step_x, height), fill=(206, 208, 211))
    if rng.random() < 0.7:
        x, y = width * rng.uniform(0.3, 0.5), height * rng.uniform(0.3, 0.45)
        brush.rectangle((x - 14, y - 14, x + width * 0.44, y + height * 0.42), fill=(255, 255, 255), outline=(150,) * 3)
        _bars(rng, brush, (x + 8, y + 8, x + width * 0.41, y + height * 0.38), accent)
    return canvas


def _slide(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A slide or a page of the web: a heading, points, a chart, a picture of gradients."""
    dark = bool(rng.random() < 0.3)
    accent = pick(rng, _ACCENTS)
    canvas = Image.new("RGB", (width, height), (28, 34, 44) if dark else (248, 248, 246))
    ink: Ink = (236, 238, 240) if dark else (36, 38, 44)
    brush = ImageDraw.Draw(canvas)
    brush.rectangle((0, 0, width * 0.015, height), fill=accent)
    brush.text((width * 0.05, height * 0.06), pick(rng, _HEADS), fill=ink, font=_font(height * 0.09))
    brush.line((width * 0.05, height * 0.2, width * 0.95, height * 0.2), fill=accent, width=3)
    for line in range(int(rng.integers(4, 8))):
        y = height * (0.26 + 0.085 * line)
        brush.ellipse((width * 0.055, y + 6, width * 0.055 + 7, y + 13), fill=accent)
        brush.text((width * 0.08, y), _words(rng, int(rng.integers(3, 6))), fill=ink, font=_font(height * 0.04))
    _bars(rng, brush, (width * 0.56, height * 0.28, width * 0.94, height * 0.62), accent)
    for column in range(3):
        x = width * (0.56 + 0.13 * column)
        brush.rectangle((x, height * 0.7, x + width * 0.11, height * 0.9), fill=pick(rng, _ACCENTS))
        r = height * rng.uniform(0.02, 0.07)
        brush.ellipse((x + 20 - r, height * 0.8 - r, x + 20 + r, height * 0.8 + r), fill=(240, 226, 190))
    return canvas


def _document(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A printed page: heading, paragraphs in one or two columns, perhaps a chart."""
    canvas = Image.new("RGB", (width, height), (246, 245, 241))
    brush = ImageDraw.Draw(canvas)
    ink: Ink = (48, 48, 52)
    brush.text((width * 0.1, height * 0.06), pick(rng, _HEADS), fill=ink, font=_font(height * 0.038))
    columns = 2 if rng.random() < 0.4 else 1
    step = height * 0.0175
    font = _font(step * 0.8)
    for column in range(columns):
        left, wide = width * (0.1 + 0.42 * column), width * (0.8 if columns == 1 else 0.37)
        y = height * 0.14
        while y < height * 0.9:
            if rng.random() < 0.05 and y < height * 0.66:
                _bars(rng, brush, (left, y + step, left + wide, y + height * 0.18), pick(rng, _ACCENTS))
                y += height * 0.21
            elif rng.random() < 0.12:
                y += step
            text = _words(rng, 16)
            while brush.textlength(text, font=font) > wide * rng.uniform(0.9, 1.0):
                text = text[: text.rindex(" ")]
            brush.text((left, y), text, fill=ink, font=font)
            y += step
    return canvas


def _scribble(rng: np.random.Generator, brush: Brush, x: float, y: float, wide: float, tall: float, ink: Ink) -> None:
    """A word in a hand that nobody can read."""
    t = np.linspace(0, 1, max(6, int(wide / 3)))
    swing = np.sin(t * wide / tall * 5.5 + rng.uniform(0, 6)) * rng.uniform(0.2, 0.5, len(t)) * tall
    brush.line(list(zip((x + t * wide).tolist(), (y + swing).tolist(), strict=True)), fill=ink, width=3, joint="curve")


def _whiteboard(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Boxes and arrows, lists in an unreadable hand, a curve; smears of what was wiped off."""
    canvas = Image.new("RGB", (width, height), (238, 240, 240))
    brush = ImageDraw.Draw(canvas)
    for _ in range(40):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        brush.line(
            (x, y, x + rng.uniform(30, 140), y + rng.uniform(-14, 14)),
            fill=(228, 231, 233),
            width=int(rng.integers(4, 16)),
        )
    spots = [(c, r) for c in range(3) for r in range(2)]
    for column, row in spots:
        ink = pick(rng, _MARKERS)
        left, top = width * (0.05 + 0.31 * column), height * (0.08 + 0.45 * row)
        form = int(rng.integers(4))
        if form == 0:
            for line in range(int(rng.integers(4, 7))):
                _scribble(
                    rng, brush, left, top + line * height * 0.06, width * rng.uniform(0.1, 0.26), height * 0.018, ink
                )
        elif form == 1:
            boxes = [(left + width * rng.uniform(0, 0.16), top + k * height * 0.13) for k in range(3)]
            for x, y in boxes:
                brush.rounded_rectangle((x, y, x + width * 0.1, y + height * 0.08), 6, outline=ink, width=3)
                _scribble(rng, brush, x + 8, y + height * 0.04, width * 0.075, height * 0.014, pick(rng, _MARKERS))
            for (xa, ya), (xb, yb) in itertools.pairwise(boxes):
                brush.line((xa + width * 0.05, ya + height * 0.08, xb + width * 0.05, yb), fill=ink, width=3)
        elif form == 2:
            _bars(rng, brush, (left, top, left + width * 0.25, top + height * 0.34), ink)
        elif rng.random() < 0.7:
            r = height * rng.uniform(0.08, 0.15)
            brush.ellipse((left, top, left + 2 * r, top + 2 * r), outline=ink, width=3)
            for angle in rng.uniform(0, 2 * np.pi, 4):
                x, y = left + r + np.cos(angle) * r, top + r + np.sin(angle) * r
                brush.line((left + r, top + r, x, y), fill=ink, width=3)
    return canvas


def _clock(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A dial: minute marks and numbers; the hands are things of their own."""
    dark = bool(rng.random() < 0.25)
    paper: Ink = (30, 31, 34) if dark else (244, 243, 238)
    ink: Ink = (232, 230, 222) if dark else (28, 28, 30)
    canvas = Image.new("RGB", (width, height), paper)
    brush = ImageDraw.Draw(canvas)
    numbers = bool(rng.random() < 0.7)
    for minute in range(60):
        way = np.array([np.sin(minute * np.pi / 30), -np.cos(minute * np.pi / 30)])
        inner, thick = (0.8, 9) if minute % 5 == 0 else (0.87, 3)
        ends = np.concatenate([way * inner, way * 0.92]) * width / 2 + width / 2
        brush.line([float(v) for v in ends], fill=ink, width=thick)
        if numbers and minute % 5 == 0:
            x, y = way * 0.68 * width / 2 + width / 2
            brush.text((x, y), str(minute // 5 or 12), fill=ink, font=_font(width * 0.1), anchor="mm")
    return canvas


DRAW: dict[str, Callable[[np.random.Generator, int, int], Image.Image]] = {
    "code": _code, "table": _table, "slide": _slide, "document": _document, "whiteboard": _whiteboard, "clock": _clock
}  # fmt: skip
ON_SCREENS = ("code", "table", "slide")
ASPECTS = {"code": 1.78, "table": 1.78, "slide": 1.78, "document": 0.707, "whiteboard": 1.6, "clock": 1.0}
