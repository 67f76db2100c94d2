# SPDX-License-Identifier: Apache-2.0
"""Pictures for prints, drawn with numpy and Pillow: paintings, posters, menus, labels, book covers."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from depthbench.blender_scenes.materials import office_pictures
from depthbench.blender_scenes.materials.palette import pick

Picture = npt.NDArray[np.uint8]
Ink = tuple[int, int, int]

_LONG_SIDE_PX = 640
_DISHES = (
    "Espresso", "Cortado", "Flat white", "Cappuccino", "Hot chocolate", "Filter coffee", "Green tea", "Fresh mint tea", "Lemonade",
    "Orange juice", "Sparkling water", "Croissant", "Apple tart", "Carrot cake", "Cheesecake", "Banana bread", "Cinnamon roll",
    "Almond biscuit", "Tomato soup", "Lentil salad", "Toasted rye", "Goat cheese", "Granola", "Poached eggs", "Brownie", "Scone",
)  # fmt: skip
_SKIES: tuple[tuple[Ink, Ink], ...] = (
    ((58, 112, 176), (206, 218, 222)), ((46, 58, 104), (232, 148, 92)), ((120, 132, 142), (196, 194, 184)), ((24, 28, 58), (96, 92, 128)),
    ((112, 160, 186), (240, 216, 168)),
)  # fmt: skip
_HILLS: tuple[Ink, ...] = (
    (62, 92, 58), (112, 128, 62), (158, 142, 78), (70, 84, 104), (96, 74, 62), (44, 62, 66), (172, 110, 68), (128, 148, 138), (196, 176, 110)
)  # fmt: skip
_TITLES = (
    "ORCHARD", "HARBOUR", "LINE & FORM", "NIGHT TRAIN", "SALT", "NORTH", "CIRCLES", "MERIDIAN", "STILL LIFE", "GLASSWORK", "TIDES",
    "SLOW HOURS", "CINDER", "QUARRY", "ATLAS", "LATE SUMMER", "PAPER MOON", "FIELD NOTES", "KILN", "VERDIGRIS",
)  # fmt: skip


def draw(rng: np.random.Generator, kind: str, aspect: float) -> Picture:
    """Draw a picture of ``kind`` (:data:`PICTURES`, or one of an office) with ``aspect`` = width / height: uint8 sRGB (H, W, 3)."""
    width = round(_LONG_SIDE_PX * min(1.0, aspect))
    height = round(_LONG_SIDE_PX * min(1.0, 1.0 / aspect))
    return np.asarray((_DRAW | office_pictures.DRAW)[kind](rng, width, height).convert("RGB"))


def ink_of(rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float]) -> Ink:
    """Return an ink of any hue with saturation and value in these ranges."""
    red, green, blue = colorsys.hsv_to_rgb(
        float(rng.uniform()), float(rng.uniform(*saturation)), float(rng.uniform(*value))
    )
    return round(255 * red), round(255 * green), round(255 * blue)


def scheme(rng: np.random.Generator, count: int) -> list[Ink]:
    """Colours that go together: neighbours of one hue and its opposite, from light to dark."""
    hue = rng.uniform()
    inks = []
    for number in range(count):
        turned = (hue + (0.5 if number % 3 == 2 else 0.0) + rng.normal(0, 0.05)) % 1.0
        red, green, blue = colorsys.hsv_to_rgb(
            float(turned), float(rng.uniform(0.25, 0.8)), float(rng.uniform(0.2, 0.92))
        )
        inks.append((round(255 * red), round(255 * green), round(255 * blue)))
    return inks


def _clouds(rng: np.random.Generator, width: int, height: int, octaves: int = 5) -> npt.NDArray[np.float32]:
    """Smooth noise (H, W) in [0, 1]: random grids, enlarged and summed."""
    total = np.zeros((height, width), dtype=np.float32)
    for octave in range(octaves):
        size = (3 * 2**octave, 2 * 2**octave)
        coarse = Image.fromarray(rng.uniform(0, 1, size[::-1]).astype(np.float32))
        total += np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)) / 2**octave
    low, high = total.min(), total.max()
    return (total - low) / (high - low)


def _font(size_px: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(float(size_px), 7.0))


def centred(
    canvas: ImageDraw.ImageDraw, middle: float, top: float, text: str, size_px: float, ink: Ink, room: float
) -> float:
    """Write one centred line no wider than ``room`` pixels; return the y below it."""
    font = _font(size_px)
    wide = canvas.textlength(text, font=font)
    if wide > room:
        font = _font(size_px * room / wide)
        wide = canvas.textlength(text, font=font)
    canvas.text((middle - wide / 2, top), text, fill=ink, font=font)
    return top + size_px * 1.25


def _landscape(rng: np.random.Generator, width: int, height: int) -> Picture:
    """Sky, sun and ranges of hills, as flat bands of colour with noise."""
    sky = pick(rng, _SKIES)
    hills = [pick(rng, _HILLS) for _ in range(4)] if rng.uniform() < 0.7 else scheme(rng, 4)
    inks = [np.array(ink, dtype=np.float32) for ink in (*sky, *hills)]
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    picture = inks[0] * (1 - rows) + inks[1] * rows + np.zeros((1, width, 1), np.float32)
    y, x = np.mgrid[:height, :width]
    sun = np.hypot(x - width * rng.uniform(0.15, 0.85), y - height * rng.uniform(0.15, 0.4)) < height * rng.uniform(
        0.04, 0.1
    )
    picture[sun] = (250, 225, 160)
    for number, level in enumerate(np.sort(rng.uniform(0.4, 0.95, 4))):
        ridge = height * (level - 0.25 * (_clouds(rng, width, 8)[4] - 0.5))
        picture[y > ridge[None, :]] = inks[2 + number] * (0.95 - 0.14 * number)
    picture = picture * (0.8 + 0.4 * _clouds(rng, width, height)[..., None])
    return np.clip(picture, 0, 255).astype(np.uint8)


def _strokes(rng: np.random.Generator, under: Picture) -> Image.Image:
    """Paint over a picture in brush strokes along a smooth flow, large ones first."""
    height, width = under.shape[:2]
    canvas = Image.fromarray(under).filter(ImageFilter.GaussianBlur(6))
    brush = ImageDraw.Draw(canvas)
    flow = _clouds(rng, width, height, 2) * 2 * np.pi
    for length, thick, count in ((40, 11, 900), (20, 6, 3000), (11, 3, 9000)):
        xs, ys = rng.integers(0, width, count), rng.integers(0, height, count)
        inks = np.clip(under[ys, xs] + rng.normal(0, 9, (count, 3)) + rng.normal(0, 9, (count, 1)), 0, 255).astype(int)
        angles = flow[ys, xs] + rng.normal(0, 0.25, count)
        dx, dy = np.cos(angles) * length / 2, np.sin(angles) * length / 2
        for x, y, across, down, ink in zip(xs, ys, dx, dy, inks, strict=True):
            brush.line((x - across, y - down, x + across, y + down), fill=tuple(int(part) for part in ink), width=thick)
    return canvas


def _abstract(rng: np.random.Generator, width: int, height: int) -> Picture:
    """Overlapping fields, discs and bars on a cloudy ground."""
    inks = scheme(rng, 7)
    canvas = Image.new("RGB", (width, height), inks[0])
    brush = ImageDraw.Draw(canvas)
    for _ in range(int(rng.integers(8, 20))):
        ink = inks[int(rng.integers(1, 7))]
        x, y = rng.uniform(-0.1, 1.0) * width, rng.uniform(-0.1, 1.0) * height
        w, h = rng.uniform(0.05, 0.5) * width, rng.uniform(0.05, 0.5) * height
        form = int(rng.integers(4))
        if form == 0:
            brush.rectangle((x, y, x + w, y + h), fill=ink)
        elif form == 1:
            brush.ellipse((x, y, x + w, y + w), fill=ink)
        elif form == 2:
            brush.polygon([(x, y), (x + w, y + h * rng.uniform()), (x + w * rng.uniform(), y + h)], fill=ink)
        else:
            brush.arc((x, y, x + w, y + w), 0, float(rng.uniform(120, 360)), fill=ink, width=int(rng.integers(4, 22)))
    shaded = np.asarray(canvas) * (0.75 + 0.5 * _clouds(rng, width, height)[..., None])
    return np.clip(shaded, 0, 255).astype(np.uint8)


def _painting(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    under = (_landscape if rng.uniform() < 0.55 else _abstract)(rng, width, height)
    return _strokes(rng, under) if rng.uniform() < 0.75 else Image.fromarray(under)


def _bokeh(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A photograph's out-of-focus lights over a gradient."""
    canvas = Image.fromarray(_landscape(rng, width, height)).filter(ImageFilter.GaussianBlur(18))
    brush = ImageDraw.Draw(canvas, "RGBA")
    for _ in range(60):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.01, 0.06) * width
        brush.ellipse(
            (x - r, y - r, x + r, y + r), fill=(*ink_of(rng, (0.1, 0.6), (0.8, 1.0)), int(rng.integers(30, 130)))
        )
    return canvas.filter(ImageFilter.GaussianBlur(2))


def _poster(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    style = int(rng.integers(3))
    inks = scheme(rng, 5)
    paper = pick(rng, ((236, 228, 210), (245, 243, 238), inks[0], (24, 24, 28)))
    ink: Ink = (24, 24, 26) if sum(paper) > 360 else (238, 232, 218)
    canvas = Image.new("RGB", (width, height), paper)
    brush = ImageDraw.Draw(canvas)
    if style == 0:
        middle, reach = (width * rng.uniform(0.3, 0.7), height * rng.uniform(0.3, 0.4)), width * rng.uniform(0.3, 0.45)
        for number in range(int(rng.integers(5, 12))):
            r = reach * (1 - number / 12)
            brush.ellipse((middle[0] - r, middle[1] - r, middle[0] + r, middle[1] + r), fill=inks[number % 5])
    elif style == 1:
        across, down = int(rng.integers(3, 7)), int(rng.integers(4, 8))
        side = width * 0.86 / across
        for row, column in np.ndindex(down, across):
            x, y = width * 0.07 + column * side, height * 0.06 + row * side
            if y + side > height * 0.78:
                break
            ink_here, form, turn = inks[int(rng.integers(5))], int(rng.integers(3)), int(rng.integers(4)) * 90
            if form == 0:
                brush.rectangle((x, y, x + side - 2, y + side - 2), fill=ink_here)
            elif form == 1:
                brush.pieslice(
                    (x - side, y - side, x + side, y + side) if turn < 180 else (x, y, x + side, y + side),
                    0,
                    90 if turn < 180 else 180,
                    fill=ink_here,
                )
            else:
                brush.ellipse((x, y, x + side - 2, y + side - 2), fill=ink_here)
    else:
        photo = (_bokeh if rng.uniform() < 0.5 else _painting)(rng, round(width * 0.86), round(height * 0.66))
        canvas.paste(photo, (round(width * 0.07), round(height * 0.06)))
    y = centred(brush, width / 2, height * 0.79, pick(rng, _TITLES), height * 0.085, ink, width * 0.86)
    centred(
        brush,
        width / 2,
        y + 4,
        f"{int(rng.integers(1, 29))} May - {int(rng.integers(1, 29))} September",
        height * 0.03,
        ink,
        width * 0.8,
    )
    return canvas


def _menu(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    board = bool(rng.uniform() < 0.6)
    paper: Ink = (34, 38, 38) if board else pick(rng, ((240, 233, 216), (228, 214, 186), (246, 245, 241)))
    ink: Ink = (226, 226, 218) if board else (44, 36, 32)
    accent = ink_of(rng, (0.3, 0.7), (0.8, 0.95)) if board else ink_of(rng, (0.5, 0.8), (0.3, 0.6))
    canvas = Image.new("RGB", (width, height), paper)
    brush = ImageDraw.Draw(canvas)
    y = centred(
        brush,
        width / 2,
        height * 0.05,
        pick(rng, ("CAFE", "MENU", "TODAY", "KITCHEN", "COFFEE & CAKE")),
        height * 0.085,
        accent,
        width * 0.8,
    )
    brush.line((width * 0.2, y + 3, width * 0.8, y + 3), fill=ink, width=3)
    columns = 2 if width > height else 1
    lines = int(rng.integers(9, 14))
    step = (height * 0.93 - y - 14) / lines
    dishes = rng.permutation(_DISHES)
    for column in range(columns):
        left = width * (0.07 + column * 0.48)
        right = left + width * (0.86 if columns == 1 else 0.40)
        for line in range(lines):
            top = y + 14 + line * step
            if line % 6 == 5:
                brush.line((left, top + step / 2, right, top + step / 2), fill=accent, width=2)
                continue
            font = _font(step * 0.62)
            brush.text((left, top), str(dishes[(column * lines + line) % len(dishes)]), fill=ink, font=font)
            price = f"{int(rng.integers(2, 14))}.{int(rng.integers(0, 10))}0"
            brush.text((right - brush.textlength(price, font=font), top), price, fill=accent, font=font)
    if board:
        smeared = np.asarray(canvas.filter(ImageFilter.GaussianBlur(9)), dtype=np.float32)
        chalk = np.asarray(canvas, dtype=np.float32) * (0.82 + 0.18 * rng.uniform(size=(height, width, 1)))
        dust = 26 * _clouds(rng, width, height, 6)[..., None]
        canvas = Image.fromarray(np.clip(chalk + 0.35 * (smeared - 34) + dust, 0, 255).astype(np.uint8))
    return canvas


def _label(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    inks = scheme(rng, 4)
    paper: Ink = pick(rng, ((240, 234, 218), (250, 249, 245), (28, 28, 30), inks[0]))
    ink: Ink = (30, 28, 26) if sum(paper) > 360 else (235, 222, 180)
    canvas = Image.new("RGB", (width, height), paper)
    brush = ImageDraw.Draw(canvas)
    edge = height * 0.05
    brush.rectangle((0, 0, width, edge * 1.6), fill=inks[1])
    brush.rectangle((0, height - edge * 1.6, width, height), fill=inks[1])
    middle = width / 2
    r = height * 0.13
    brush.ellipse((middle - r, height * 0.13, middle + r, height * 0.13 + 2 * r), fill=inks[2], outline=ink, width=3)
    brush.polygon(
        [(middle, height * 0.16), (middle + r * 0.7, height * 0.34), (middle - r * 0.7, height * 0.34)], fill=inks[3]
    )
    y = centred(brush, middle, height * 0.43, pick(rng, _TITLES), height * 0.17, ink, width * 0.42)
    y = centred(
        brush,
        middle,
        y,
        pick(rng, ("small batch", "estate bottled", "cold pressed", "reserve")),
        height * 0.07,
        ink,
        width * 0.4,
    )
    centred(
        brush,
        middle,
        y + 4,
        f"No. {int(rng.integers(1, 99))}   {int(rng.integers(20, 100))} cl",
        height * 0.06,
        ink,
        width * 0.4,
    )
    for side in (0.04, 0.74):
        for line in range(9):
            top = height * (0.2 + 0.065 * line)
            brush.line((width * side, top, width * (side + rng.uniform(0.1, 0.22)), top), fill=ink, width=2)
    return canvas


def _book(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    cloth = ink_of(rng, (0.2, 0.8), (0.15, 0.85))
    ink: Ink = (245, 238, 220) if sum(cloth) < 400 else (30, 26, 30)
    canvas = Image.new("RGB", (width, height), cloth)
    brush = ImageDraw.Draw(canvas)
    art = (_abstract if rng.uniform() < 0.5 else _landscape)(rng, round(width * 0.8), round(height * 0.45))
    canvas.paste(Image.fromarray(art), (round(width * 0.1), round(height * rng.uniform(0.3, 0.42))))
    y = centred(brush, width / 2, height * 0.07, pick(rng, _TITLES), height * 0.1, ink, width * 0.84)
    brush.line((width * 0.3, y + 4, width * 0.7, y + 4), fill=ink, width=3)
    centred(
        brush,
        width / 2,
        height * 0.9,
        pick(rng, ("A. Marrow", "J. Lindqvist", "R. Okafor", "M. Sato", "E. Calder")),
        height * 0.045,
        ink,
        width * 0.8,
    )
    return canvas


_DRAW: dict[str, Callable[[np.random.Generator, int, int], Image.Image]] = {
    "painting": _painting, "poster": _poster, "menu": _menu, "label": _label, "book": _book
}  # fmt: skip
PICTURES: tuple[str, ...] = tuple(_DRAW)
