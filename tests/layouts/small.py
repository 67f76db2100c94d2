# SPDX-License-Identifier: Apache-2.0
"""The smallest place worth a view: a floor, a wall, a block on a table top, and a pane of glass before them."""

from __future__ import annotations

import bpy
import numpy as np

from depthbench.blender_scenes.assembly import add
from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.mesh import Mesh, box
from depthbench.blender_scenes.scene import SceneInfo
from depthbench.layers import SurfaceClass


def rectangle(a: tuple[float, float, float], b: tuple[float, float, float], c: tuple[float, float, float]) -> Mesh:
    """Return the open rectangle with the corner ``a`` and its neighbours ``b`` and ``c``."""
    corners = np.array([a, b, np.array(b) + np.array(c) - np.array(a), c], dtype=np.float64)
    return Mesh(corners, (np.array([[0, 1, 2, 3]]),))


def plain(name: str, colour: tuple[float, float, float]) -> bpy.types.Material:
    """Return a diffuse material in bands of two tones, slanted so that disparity shows."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    place, bands, tones = (tree.nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "TexWave", "MixRGB"))
    bands.bands_direction, bands.inputs["Scale"].default_value = "DIAGONAL", 1.0
    tones.inputs["Color1"].default_value = (*colour, 1.0)
    tones.inputs["Color2"].default_value = (*(0.3 * value for value in colour), 1.0)
    tree.links.new(place.outputs["Object"], bands.inputs["Vector"])
    tree.links.new(bands.outputs["Fac"], tones.inputs["Fac"])
    tree.links.new(tones.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    return mark(material, SurfaceClass.OPAQUE)


def pane() -> bpy.types.Material:
    """Return a sheet that lets nine tenths of the light through."""
    material = bpy.data.materials.new("pane")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    out = tree.nodes.new("ShaderNodeOutputMaterial")
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    clear.inputs["Color"].default_value = (0.9, 0.9, 0.9, 1.0)
    tree.links.new(clear.outputs[0], out.inputs["Surface"])
    return mark(material, SurfaceClass.TRANSMISSIVE)


def build(rng: np.random.Generator) -> SceneInfo:
    """Build it with a block of random size and colour."""
    height = float(rng.uniform(0.2, 0.6))
    add("floor", rectangle((-4, -4, 0), (4, -4, 0), (-4, 4, 0)), plain("floor", (0.4, 0.35, 0.3)))
    add("wall", rectangle((-4, 3, 0), (4, 3, 0), (-4, 3, 4)), plain("wall", (0.5, 0.5, 0.6)))
    add("block", box(0.5, 0.5, height), plain("block", tuple(rng.uniform(0.1, 0.8, size=3))), (0.2, 1.5, 0.7))
    add("top", box(1.6, 1.0, 0.05), plain("top", (0.5, 0.3, 0.2)), (0.0, 1.5, 0.65))
    add("pane", rectangle((-0.6, 0.6, 0.5), (0.6, 0.6, 0.5), (-0.6, 0.6, 1.7)), pane())
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    bpy.context.scene.world = world
    return SceneInfo(
        camera_boxes=np.array([[[-0.8, -2.0, 0.9], [0.8, -0.6, 1.6]]]),
        see_through_targets=np.array([[0.0, 0.6, 1.1]]),
        targets=np.array([[0.2, 1.5, 0.9], [-0.5, 2.9, 1.2]]),
        pitch_deg_range=(-3.0, 3.0),
    )
