# SPDX-License-Identifier: Apache-2.0
"""Render every material on a sphere and a slab, several draws of each, into one picture.

python scripts/swatches.py docs/pictures/materials.jpg
python scripts/swatches.py /tmp/glass.png --only glass acrylic --draws 4 --size 240
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import OpenEXR
from mathutils import Vector
from PIL import Image, ImageDraw, ImageFont

from depthbench.blender_scenes import assembly, lights, tone
from depthbench.blender_scenes.materials import MATERIALS, make
from depthbench.blender_scenes.mesh import box, sheet, sphere

ROOM_SIZED = {"brick", "tiles", "concrete", "ground", "plaster", "planks", "marble", "wallpaper"}
PANES = {"dirty_glass", "frosted_glass", "patterned_glass", "tinted_glass"}
FLAT = {"screen", "print", "thin_fabric"}
CHOICES: dict[str, tuple[dict[str, Any], ...]] = {
    "wood": ({"tone": "light"}, {"tone": "dark"}, {"tone": None}),
    "planks": ({"tone": "light", "planks": True}, {"tone": "dark", "planks": True}, {"planks": True}),
    "metal": ({"finish": "brushed"}, {"finish": "polished"}, {"finish": "painted"}),
    "print": ({"kind": "painting", "aspect": 0.9}, {"kind": "poster", "aspect": 0.9}, {"kind": "menu", "aspect": 0.9}),
    "food": ({"kind": "pastry"}, {"kind": "cake"}, {"kind": "chocolate"}),
    "ground": ({"kind": "asphalt"}, {"kind": "slabs"}, {"kind": "setts"}),
    "fabric": ({"pattern": "plaid"}, {"pattern": "melange"}, {"pattern": "stripe"}),
    "ceramic": ({"pattern": "motif"}, {"pattern": "speckled"}, {"pattern": "bands"}),
    "glass": ({"tint": (0.985, 0.995, 0.99)}, {"tint": (0.94, 0.985, 0.95)}, {"tint": (0.985, 0.95, 0.88)}),
    "acrylic": ({"finish": "clear"}, {"finish": "tinted"}, {"finish": "frosted"}),
    "dirty_glass": tuple({"kinds": [kind]} for kind in ("dust", "smears", "fingerprints", "scratches", "drops")),
    "frosted_glass": ({"style": "whole"}, {"style": "band"}, {"style": "stripes"}),
    "patterned_glass": tuple({"style": style} for style in ("fluted", "hammered", "frit", "leaded")),
    "liquid": tuple({"kind": kind} for kind in ("water", "tea", "red_wine", "latte", "beer", "coffee")),
    "wallpaper": tuple({"style": style} for style in ("stripes", "diamonds", "leaves", "medallions")),
    "screen": ({"pattern": "round"}, {"pattern": "wire"}, {"pattern": "slot"}),
    "thin_fabric": ({"weave": "voile"}, {"weave": "net"}, {"pattern": "sprig"}),
}


def build(name: str, draw: int) -> None:
    """Fill an empty Blender with one swatch; things are a metre high for what rooms are made of, else 15 cm."""
    rng = np.random.default_rng([draw, sorted([*MATERIALS, "planks"]).index(name)])
    size = 1.0 if name in ROOM_SIZED else 0.35 if name in PANES else 0.15
    choices = CHOICES.get(name, ({},))
    material = make("wood" if name == "planks" else name, rng, **choices[draw % len(choices)])
    setting = np.random.default_rng(5)
    scale = size / 0.15
    floor = make("concrete" if name == "wood" else "wood", setting, **({} if name == "wood" else {"tone": "light"}))
    assembly.add("floor", box(6 * size, 6 * size, 0.02), floor, (0, size, -0.0202))
    behind = make("concrete", setting) if size == 1.0 else make("fabric", setting, pattern="plaid")
    assembly.add("wall", box(6 * size, 0.02, 3 * size), behind, (0, 2.2 * size, 0.0))
    if name in FLAT:
        assembly.add("front", sheet(0.9 * size, size), material, (-0.52 * size, 0, 0.0005))
        assembly.add("side", sheet(0.9 * size, size), material, (0.52 * size, 0.2 * size, 0.0005), 28.0)
    elif name in PANES:
        ball = sphere(0.25 * size, 32, 16).moved(z=0.2505 * size)
        assembly.add("ball", ball, make("ceramic", setting, pattern="bands"), (-0.2 * size, 0.7 * size, 0), smooth=True)
        assembly.add("pane", box(1.7 * size, 0.006, size), material, (0.1 * size, 0, 0.001), -6.0)
    else:
        assembly.add(
            "ball", sphere(0.4 * size, 48, 24).moved(z=0.4005 * size), material, (-0.5 * size, 0, 0), smooth=True
        )
        slab = box(0.9 * size, 0.06 * size, size) if name != "planks" else box(0.9 * size, size, 0.06 * size)
        assembly.add("slab", slab, material, (0.5 * size, 0.1 * size, 0.0005), -14.0)
    lights.sun_and_sky(setting, irradiance_w_m2=3.0, sun_share=0.02, elevation_deg=40, azimuth_deg=200)
    lights.area_light(
        (-1.6 * size, -1.4 * size, 2.2 * size), (1, 1, -1.3), (0.7 * size, 0.7 * size), 2.2 * scale**2, 4600
    )
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    camera.location = (0.0, -2.9 * size, 1.15 * size)
    camera.rotation_mode = "QUATERNION"
    camera.rotation_quaternion = Vector((0.0, -2.9, 0.66)).to_track_quat("Z", "Y")
    camera.data.angle = float(np.deg2rad(35))
    camera.data.clip_start = 0.01


def render(size_px: int, samples: int, path: Path) -> np.ndarray:
    """Render the current scene: float32 linear (H, W, 3)."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = samples, True
    scene.cycles.max_bounces = scene.cycles.transmission_bounces = scene.cycles.transparent_max_bounces = 24
    scene.cycles.sample_clamp_indirect = 8.0
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = (
        size_px,
        size_px * 3 // 4,
        100,
    )
    scene.render.image_settings.file_format, scene.render.image_settings.color_depth = "OPEN_EXR", "32"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    with OpenEXR.File(str(path)) as file:
        return np.asarray(next(iter(file.channels().values())).pixels)[..., :3]


def main() -> None:
    """Render the swatches named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="PNG to write")
    names = sorted([*MATERIALS, "planks"])
    parser.add_argument("--only", nargs="+", default=names, choices=names, help="materials to show")
    parser.add_argument("--draws", type=int, default=3, help="draws of each")
    parser.add_argument("--first", type=int, default=0, help="number of the first draw")
    parser.add_argument("--size", type=int, default=176, help="width of a swatch in pixels")
    parser.add_argument("--samples", type=int, default=16, help="samples per pixel")
    arguments = parser.parse_args()
    wide, tall, label = arguments.size, arguments.size * 3 // 4, 15
    across = max(1, min(len(arguments.only), 1500 // (wide * arguments.draws))) * arguments.draws
    rows = -(-len(arguments.only) * arguments.draws // across)
    canvas = Image.new("RGB", (across * (wide + 4) + 4, rows * (tall + label + 4) + 4), "white")
    brush = ImageDraw.Draw(canvas)
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(arguments.only):
            for draw in range(arguments.draws):
                assembly.reset()
                build(name, arguments.first + draw)
                light = render(arguments.size, arguments.samples, Path(folder) / "swatch.exr")
                picture = Image.fromarray(tone.tone_map(light, tone.exposure(light)))
                row, column = divmod(number * arguments.draws + draw, across)
                x, y = 4 + column * (wide + 4), 4 + row * (tall + label + 4)
                canvas.paste(picture, (x, y + label))
                if draw == 0:
                    brush.text((x + 2, y), name, fill="black", font=ImageFont.load_default(12))
    canvas.save(arguments.out)
    print(arguments.out, flush=True)
    os._exit(0)  # Blender can crash while it is taken down


if __name__ == "__main__":
    main()
