# SPDX-License-Identifier: Apache-2.0
"""Pictures for what is printed in a street: shop signs, timetables, number plates, traffic signs, price cards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from depthbench.blender_scenes.materials.palette import pick
from depthbench.blender_scenes.materials.pictures import Ink, Picture, centred, ink_of, scheme

_LONG_SIDE_PX = 512
_FIRST = (
    "Aldous", "Bramble", "Corner", "Daphne", "Elm", "Foxglove", "Garnet", "Hollis", "Ivy", "Juniper", "Kestrel", "Linden", "Marlow",
    "Nettle", "Orchard", "Pinfold", "Quill", "Rowan", "Sable", "Thistle", "Umber", "Vesper", "Wren", "Yarrow",
)  # fmt: skip
_TRADE: dict[str, tuple[str, ...]] = {
    "ceramics": ("Pottery", "Ceramics", "Glass & Clay", "Homeware"),
    "books": ("Books", "Bookshop", "Paper Co."),
    "wine": ("Wines", "Cellar", "Bottle Shop", "Delicatessen"),
    "florist": ("Flowers", "Florist", "Plants & Pots"),
    "bakery": ("Bakery", "Bread & Cake", "Patisserie"),
    "grocer": ("Grocer", "Fruit & Veg", "Provisions"),
    "antiques": ("Antiques", "Curios", "Gallery", "& Sons"),
}
_STOPS = (
    "Mill Lane", "Station", "Town Hall", "Park Gates", "Harbour", "Museum", "Hill Road", "Old Market", "College", "Bridge St", "Hospital",
    "East Quay", "Library", "Green End", "Depot",
)  # fmt: skip


def _dark(ink: Ink) -> bool:
    return 0.3 * ink[0] + 0.59 * ink[1] + 0.11 * ink[2] < 120


def _shop_sign(rng: np.random.Generator, width: int, height: int, trade: str) -> Image.Image:
    ground = pick(
        rng, (ink_of(rng, (0.3, 0.8), (0.12, 0.5)), (24, 25, 27), (232, 226, 212), ink_of(rng, (0.3, 0.7), (0.5, 0.8)))
    )
    letters: Ink = (
        pick(rng, ((242, 236, 220), (214, 178, 96))) if _dark(ground) else pick(rng, ((28, 28, 30), (96, 34, 30)))
    )
    canvas = Image.new("RGB", (width, height), ground)
    brush = ImageDraw.Draw(canvas)
    if rng.random() < 0.6:
        edge = max(2, round(height * 0.05))
        inset = round(height * 0.09)
        brush.rectangle((inset, inset, width - inset, height - inset), outline=letters, width=edge)
    first = pick(rng, _FIRST)
    name = f"{first} {pick(rng, _TRADE[trade])}" if rng.random() < 0.75 else pick(rng, _TRADE[trade])
    name = name.upper() if rng.random() < 0.55 else name
    size = height * float(rng.uniform(0.44, 0.58))
    centred(brush, width / 2, (height - size * 1.2) / 2, name, size, letters, width * 0.7)
    if rng.random() < 0.5:
        small = height * 0.16
        centred(brush, width * 0.9, height * 0.42, f"No. {int(rng.integers(1, 180))}", small, letters, width * 0.12)
        centred(
            brush, width * 0.1, height * 0.42, f"est. {int(rng.integers(1890, 2021))}", small, letters, width * 0.13
        )
    return canvas


def _timetable(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    head = pick(rng, ((178, 30, 36), (22, 74, 140), (26, 110, 84), (34, 34, 38)))
    canvas = Image.new("RGB", (width, height), (244, 243, 238))
    brush = ImageDraw.Draw(canvas)
    brush.rectangle((0, 0, width, height * 0.1), fill=head)
    line = f"{int(rng.integers(1, 99))}  {pick(rng, _STOPS)} - {pick(rng, _STOPS)}"
    centred(brush, width / 2, height * 0.02, line, height * 0.05, (255, 255, 255), width * 0.9)
    half = height * 0.12
    if rng.random() < 0.6:
        # A map of the lines.
        points = rng.uniform([0.1, 0.14], [0.9, 0.42], (3, 6, 2)) * [width, height]
        for route, ink in zip(points, scheme(rng, 4), strict=False):
            ordered = route[np.argsort(route[:, 0])]
            brush.line([tuple(point) for point in ordered.tolist()], fill=ink, width=5)
            for x, y in ordered.tolist():
                brush.ellipse((x - 5, y - 5, x + 5, y + 5), fill=(255, 255, 255), outline=(20, 20, 20), width=2)
        half = height * 0.45
    rows = int((height * 0.96 - half) / (height * 0.026))
    for row in range(rows):
        y = half + row * height * 0.026
        if row % 2:
            brush.rectangle((width * 0.04, y, width * 0.96, y + height * 0.026), fill=(226, 229, 232))
        if row % 12 == 0:
            centred(brush, width * 0.2, y, pick(rng, _STOPS), height * 0.021, head, width * 0.3)
            continue
        minute = int(rng.integers(0, 12))
        for column in range(8):
            text = f"{5 + (row + column) % 19:02d}{(minute + 7 * column) % 60:02d}"
            centred(brush, width * (0.38 + 0.075 * column), y, text, height * 0.018, (30, 30, 32), width * 0.07)
        centred(brush, width * 0.18, y, pick(rng, _STOPS), height * 0.018, (30, 30, 32), width * 0.25)
    return canvas


def _plate(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    canvas = Image.new("RGB", (width, height), pick(rng, ((240, 240, 236), (240, 240, 236), (236, 190, 44))))
    brush = ImageDraw.Draw(canvas)
    brush.rectangle((0, 0, width - 1, height - 1), outline=(20, 20, 20), width=max(2, height // 24))
    brush.rectangle((3, 3, width * 0.09, height - 4), fill=(18, 60, 150))
    letters = "".join(pick(rng, tuple("ABCDEFGHJKLMNPRSTUVWXYZ")) for _ in range(5))
    text = f"{letters[:2]} {int(rng.integers(10, 99))} {letters[2:]}"
    centred(brush, width * 0.54, height * 0.12, text, height * 0.7, (16, 16, 18), width * 0.82)
    return canvas


def _traffic(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A round sign: no parking, no entry, a limit, a way to go."""
    canvas = Image.new("RGB", (width, height), (236, 236, 232))
    brush = ImageDraw.Draw(canvas)
    kind, red, blue = int(rng.integers(4)), (188, 24, 30), (20, 70, 158)
    edge, middle = round(width * 0.11), width / 2
    if kind == 0:
        brush.ellipse((0, 0, width, height), fill=blue, outline=red, width=edge)
        brush.line((width * 0.2, height * 0.2, width * 0.8, height * 0.8), fill=red, width=edge)
    elif kind == 1:
        brush.ellipse((0, 0, width, height), fill=red)
        brush.rectangle((width * 0.16, height * 0.42, width * 0.84, height * 0.58), fill=(240, 240, 238))
    elif kind == 2:
        brush.ellipse((0, 0, width, height), fill=(240, 240, 238), outline=red, width=edge)
        centred(brush, middle, height * 0.24, pick(rng, ("20", "30", "50")), height * 0.46, (20, 20, 20), width * 0.7)
    else:
        brush.ellipse((0, 0, width, height), fill=blue)
        arrow = np.array(
            [(0.5, 0.15), (0.75, 0.45), (0.58, 0.45), (0.58, 0.82), (0.42, 0.82), (0.42, 0.45), (0.25, 0.45)]
        )
        brush.polygon([(x * width, y * height) for x, y in arrow.tolist()], fill=(240, 240, 238))
    return canvas


def _parking(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    canvas = Image.new("RGB", (width, height), (20, 70, 158))
    brush = ImageDraw.Draw(canvas)
    brush.rectangle((width * 0.04, height * 0.03, width * 0.96, height * 0.97), outline=(240, 240, 238), width=4)
    centred(brush, width / 2, height * 0.06, "P", height * 0.52, (240, 240, 238), width * 0.8)
    hours = f"Mon - Sat  {int(rng.integers(7, 10))} - {int(rng.integers(17, 21))}"
    centred(brush, width / 2, height * 0.74, hours, height * 0.085, (240, 240, 238), width * 0.86)
    centred(
        brush,
        width / 2,
        height * 0.85,
        f"Max. {int(rng.integers(1, 5))} h",
        height * 0.085,
        (240, 240, 238),
        width * 0.86,
    )
    return canvas


def _price(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    chalk = rng.random() < 0.4
    canvas = Image.new("RGB", (width, height), (34, 36, 38) if chalk else (246, 238, 190))
    brush, ink = ImageDraw.Draw(canvas), ((235, 234, 226) if chalk else (24, 24, 26))
    what = pick(rng, ("Plums", "Apples", "Pears", "Lemons", "Tomatoes", "Oranges", "Peaches", "Potatoes", "Squash"))
    centred(brush, width / 2, height * 0.08, what, height * 0.3, ink, width * 0.86)
    centred(brush, width / 2, height * 0.46, f"{rng.uniform(0.8, 6):.2f} kg", height * 0.36, ink, width * 0.86)
    return canvas


_DRAW: dict[str, Callable[[np.random.Generator, int, int], Image.Image]] = {
    "timetable": _timetable, "plate": _plate, "traffic": _traffic, "parking": _parking, "price": _price
}  # fmt: skip
TRADES = tuple(_TRADE)
PICTURES: dict[str, float] = {
    "timetable": 0.62, "plate": 4.6, "traffic": 1.0, "parking": 0.7, "price": 1.4, **{f"shop_sign {trade}": 8.0 for trade in TRADES}
}  # fmt: skip
"""Kinds and their usual width over height."""


def draw(rng: np.random.Generator, kind: str, aspect: float) -> Picture:
    """Draw a picture of ``kind`` (see :data:`PICTURES`) with ``aspect`` = width / height: uint8 sRGB (H, W, 3)."""
    long_px = 2 * _LONG_SIDE_PX if kind.startswith("shop_sign") else _LONG_SIDE_PX
    width, height = round(long_px * min(1.0, aspect)), round(long_px * min(1.0, 1.0 / aspect))
    if kind.startswith("shop_sign"):
        return np.asarray(_shop_sign(rng, width, height, kind.removeprefix("shop_sign ")))
    return np.asarray(_DRAW[kind](rng, width, height))
