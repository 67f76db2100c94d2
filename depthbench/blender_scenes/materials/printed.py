# SPDX-License-Identifier: Apache-2.0
"""Printed and painted matter: a generated picture on a sheet, a box, or round a bottle, packed into the material."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import mark, office_pictures, street_pictures
from depthbench.blender_scenes.materials.palette import matt, pick
from depthbench.blender_scenes.materials.pictures import PICTURES, draw
from depthbench.blender_scenes.nodes import Shader, Socket
from depthbench.layers import SurfaceClass

_ASPECTS = {"painting": 1.25, "poster": 0.7, "menu": 0.72, "label": 2.2, "book": 0.7}
_ASPECTS |= office_pictures.ASPECTS | street_pictures.PICTURES
_FIBRE = (0.4, 0.39, 0.37)
_LABEL_ANGLE = 3.8
"""Radians of a bottle that a label's picture covers."""


def make(rng: np.random.Generator, kind: str | None = None, aspect: float | None = None, glow: float = 0.0) -> Any:
    """Make a print.

    ``kind`` is one of ``pictures.PICTURES`` (drawn if None), ``office_pictures.DRAW`` or ``street_pictures.PICTURES``;
    ``aspect`` the width of the face over its height; ``glow`` the radiance of white in W/(sr m^2), for what a switched-on
    screen shows behind its glossy face.
    The picture fills the bounding box of the object: seen upright on faces to -y and +y, with its top towards +y on faces to
    +z; a label instead goes round the z axis, its middle towards -y.
    """
    kind = kind or pick(rng, PICTURES)
    drawer = street_pictures.draw if kind in street_pictures.PICTURES else draw
    picture = drawer(rng, kind, _ASPECTS[kind] if aspect is None else aspect)
    shader = Shader(f"print_{kind}")
    texture = shader.tree.nodes.new("ShaderNodeTexImage")
    texture.image, texture.extension = _packed(kind, picture), "EXTEND"
    shader.put(texture.inputs[0], _around(shader) if kind == "label" else _upright(shader))
    here = shader.position()
    fibre = shader.noise(here, 700.0, 2.0)
    mean = ((picture / 255.0) ** 2.2).mean(axis=(0, 1)).tolist()
    if glow > 0:
        shining = {"Emission_Color": texture.outputs["Color"], "Emission_Strength": glow}
        return mark(shader.finish(shader.principled((0.01, 0.01, 0.011), 0.25, **shining)), SurfaceClass.OPAQUE)
    colour = shader.mix(shader.remap(fibre, 0.35, 0.75, 0.0, 0.07), texture.outputs["Color"], _FIBRE)
    if kind == "painting":
        relief = shader.add("RGBToBW", {0: texture.outputs["Color"]})
        normal = shader.bump(fibre, 0.0004, shader.bump(relief, 0.002))
        surface = shader.principled(colour, rng.uniform(0.35, 0.6), normal)
    else:
        surface = shader.principled(colour, rng.uniform(0.3, 0.8), shader.bump(fibre, 0.0001))
    return mark(shader.finish(surface, matt(mean, 1.0, _FIBRE, 0.05)), SurfaceClass.OPAQUE)


def _packed(kind: str, picture: np.ndarray) -> bpy.types.Image:
    """Turn a uint8 sRGB picture (H, W, 3) into an image stored inside Blender."""
    height, width = picture.shape[:2]
    image = bpy.data.images.new(f"print_{kind}", width, height)
    pixels = np.ones((height, width, 4), dtype=np.float32)
    pixels[..., :3] = picture[::-1] / 255.0
    image.pixels.foreach_set(pixels.ravel())
    image.pack()
    return image


def _upright(shader: Shader) -> Socket:
    """Generated coordinates in the plane of the face; mirrored on +y faces so that writing reads on both sides."""
    coordinates = shader.tree.nodes.new("ShaderNodeTexCoord")
    x, y, z = shader.split(coordinates.outputs["Generated"])
    nx, ny, nz = shader.split(coordinates.outputs["Normal"])
    wide, deep, tall = (shader.math("ABSOLUTE", part) for part in (nx, ny, nz))
    flat = shader.math("GREATER_THAN", tall, shader.math("MAXIMUM", wide, deep))
    side = shader.math("MULTIPLY", shader.math("GREATER_THAN", wide, deep), shader.math("SUBTRACT", 1.0, flat))
    behind = shader.math("MULTIPLY", shader.math("GREATER_THAN", ny, 0.5), shader.math("SUBTRACT", 1.0, flat))
    across = shader.blend(behind, x, shader.math("SUBTRACT", 1.0, x))
    return shader.combine(shader.blend(side, across, y), shader.blend(flat, z, y), 0.0)


def _around(shader: Shader) -> Socket:
    """Angle about the z axis, growing to the right as seen from -y, and height."""
    x, y, _ = shader.split(shader.position(per_object=False))
    angle = shader.math("ARCTAN2", x, shader.math("MULTIPLY", y, -1.0))
    _, _, tall = shader.split(shader.add("TexCoord", {}, "Generated"))
    return shader.combine(shader.math("ADD", shader.math("DIVIDE", angle, _LABEL_ANGLE), 0.5), tall, 0.0)
