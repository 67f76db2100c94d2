# SPDX-License-Identifier: Apache-2.0
"""Blender measures materials for test_materials.py: prints one line of JSON. Run as a script, in its own process.

All measurements are of an otherwise black world, by a small orthographic camera that looks along +y from y = -1.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import OpenEXR
from mathutils import Vector

from depthbench.blender_scenes import assembly, lights
from depthbench.blender_scenes.materials import MATERIALS, make
from depthbench.blender_scenes.materials.dirty_glass import KINDS
from depthbench.blender_scenes.mesh import box, sheet

FOLDER = Path(tempfile.mkdtemp())


def seed(number: int = 0) -> np.random.Generator:
    return np.random.default_rng(number)


def shine(strength: float = 1.0) -> Any:
    material = bpy.data.materials.new("unit emitter")
    material.use_nodes = True
    material.node_tree.nodes.clear()
    emission = material.node_tree.nodes.new("ShaderNodeEmission")
    emission.inputs["Strength"].default_value = strength
    output = material.node_tree.nodes.new("ShaderNodeOutputMaterial")
    material.node_tree.links.new(emission.outputs[0], output.inputs["Surface"])
    return material


def white() -> Any:
    material = bpy.data.materials.new("white")
    material.use_nodes = True
    material.node_tree.nodes.clear()
    diffuse = material.node_tree.nodes.new("ShaderNodeBsdfDiffuse")
    diffuse.inputs["Color"].default_value = (1, 1, 1, 1)
    output = material.node_tree.nodes.new("ShaderNodeOutputMaterial")
    material.node_tree.links.new(diffuse.outputs[0], output.inputs["Surface"])
    return material


def look(
    width_m: float = 0.1,
    location: tuple[float, float, float] = (0.0, -1.0, 0.0),
    towards: tuple[float, float, float] = (0.0, 1.0, 0.0),
    pixels: int = 24,
    samples: int = 64,
) -> list[float]:
    """Render and return the mean colour of the picture."""
    scene = bpy.context.scene
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    camera.data.type, camera.data.ortho_scale = "ORTHO", width_m
    camera.location = location
    camera.rotation_mode = "QUATERNION"
    camera.rotation_quaternion = (-Vector(towards)).to_track_quat("Z", "Y")
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_adaptive_sampling, scene.cycles.use_denoising = samples, False, False
    scene.cycles.max_bounces = scene.cycles.transmission_bounces = scene.cycles.transparent_max_bounces = 24
    scene.cycles.glossy_bounces = 24
    scene.render.threads_mode, scene.render.threads = "FIXED", 2
    scene.render.resolution_x = scene.render.resolution_y = pixels
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format, scene.render.image_settings.color_depth = "OPEN_EXR", "32"
    scene.render.filepath = str(FOLDER / "look.exr")
    bpy.ops.render.render(write_still=True)
    with OpenEXR.File(scene.render.filepath) as file:
        picture = np.asarray(next(iter(file.channels().values())).pixels)[..., :3]
    return [float(part) for part in picture.astype(np.float64).mean(axis=(0, 1))]


def through(
    material: Callable[[], Any], count: int = 1, closed: bool = True, turn_deg: float = 0.0, lamp_m: float = 6.0
) -> list[float]:
    """Radiance of a unit emitter at y = 1 seen through ``count`` plates (5 mm) or open sheets."""
    assembly.reset()
    assembly.add("lamp", sheet(lamp_m, lamp_m), shine(), (0, 1.0, -lamp_m / 2))
    made = material()
    for number in range(count):
        mesh = box(1.0, 0.005, 1.0) if closed else sheet(1.0, 1.0)
        assembly.add("plate", mesh, made, (0, 0.1 * number, -0.5), turn_deg)
    return look()


def shadow(material: Callable[[], Any] | None) -> float:
    """Light of a small lamp on a white wall, with a plate between; the camera sees the wall past the plate."""
    assembly.reset()
    assembly.add("wall", sheet(4, 4), white(), (0, 1, -2))
    lamp = lights.pendant_light((0, -0.5, 0), 10.0, 6500.0, 0.001)
    lamp.data.use_temperature = False
    if material is not None:
        assembly.add("plate", box(0.4, 0.005, 0.4), material(), (0, 0.25, -0.2))
    return look(0.02, (0.6, 0.4, 0.0), (-0.6, 0.6, 0.0))[1]


def holes(pattern: str, open_fraction: float) -> float:
    """Mean radiance of a unit emitter behind a screen that covers the view."""
    assembly.reset()
    assembly.add("lamp", sheet(6, 6), shine(), (0, 1.0, -3))
    assembly.add(
        "screen",
        sheet(1, 1),
        make("screen", seed(), pattern=pattern, open_fraction=open_fraction, pitch_m=0.01),
        (0, 0, -0.5),
    )
    return look(0.6, pixels=64, samples=32)[1]


def overhead() -> dict[str, Any]:
    """Irradiance (times white / pi) on open ground under the sky, and under a bulb."""
    found = {}
    for number in range(3):
        assembly.reset()
        assembly.add("ground", box(50, 50, 0.1), white(), (0, 0, -0.1))
        lights.sun_and_sky(seed(number), irradiance_w_m2=20.0, sun_share=0.5 * number / 2, elevation_deg=40)
        found[f"sky {number}"] = look(1.0, (0, 0, 3), (0, 0, -1))
    assembly.reset()
    assembly.add("ground", box(50, 50, 0.1), white(), (0, 0, -0.1))
    lamp = lights.pendant_light((0, 0, 2), 30.0)
    lamp.data.use_temperature = False
    found["bulb"] = look(0.05, (0, 0, 3), (0, 0, -1))
    return found


def whiteness(name: str, number: int) -> dict[str, list[float]]:
    """Reflectance of a material to the camera in an evenly white world, and to scattered rays (the stand-in)."""
    assembly.reset()
    made = make(name, seed(number))
    world = bpy.data.worlds.new("white")
    bpy.context.scene.world = world
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (1, 1, 1, 1)
    assembly.add("plate", box(3, 0.05, 3), made, (0, 0, -1.5))
    mixer = made.node_tree.nodes["Material Output"].inputs["Surface"].links[0].from_node
    stand_in = mixer.inputs[2].links[0].from_node.inputs["Color"].default_value
    return {"seen": look(2.9, pixels=48, samples=16), "stand_in": [float(part) for part in stand_in[:3]]}


def digest(material: Any) -> str:
    """A hash of a node tree: nodes, settings, constants, links and pictures."""
    parts: list[str] = []
    tree = material.node_tree
    for node in tree.nodes:
        parts.append(node.bl_idname + node.name)
        parts += [
            f"{p.identifier}={getattr(node, p.identifier)!r}"
            for p in node.bl_rna.properties
            if p.type in ("ENUM", "FLOAT", "INT", "BOOLEAN")
            and not p.is_readonly
            and "location" not in p.identifier
            and p.identifier not in ("width", "height")
        ]
        parts += [
            repr(list(s.default_value) if hasattr(s.default_value, "__len__") else s.default_value)
            for s in node.inputs
            if hasattr(s, "default_value")
        ]
        if node.bl_idname == "ShaderNodeValToRGB":
            parts += [f"{e.position}{list(e.color)}" for e in node.color_ramp.elements]
        if node.bl_idname == "ShaderNodeTexImage":
            parts.append(hashlib.sha256(np.array(node.image.pixels[:]).tobytes()).hexdigest())
    parts += [
        f"{link.from_node.name}.{link.from_socket.identifier}>{link.to_node.name}.{link.to_socket.identifier}"
        for link in tree.links
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def main() -> None:
    found: dict[str, Any] = {}
    found["architectural"] = [through(lambda: make("architectural_glass", seed(), tint=0.0), n)[1] for n in (1, 2, 3)]
    found["architectural_tilted"] = through(lambda: make("architectural_glass", seed(), tint=0.0), 1, True, 60.0, 2.0)[
        1
    ]
    found["refracting"] = [through(lambda: make("glass", seed(), ior=1.5, tint=(1, 1, 1)), n)[1] for n in (1, 2, 3)]
    found["absorbing"] = through(lambda: make("glass", seed(), ior=1.5, tint=(0.9, 0.5, 0.2)))
    found["acrylic"] = {}
    for share in (0.25, 0.7, 0.92, 1.0):
        for closed in (True, False):
            for finish in ("clear", "tinted", "frosted"):
                material = partial(make, "acrylic", transmissivity=share, finish=finish, sheet=not closed)
                lamp = 0.12 if finish == "frosted" else 6.0
                found["acrylic"][f"{share} {finish} {'plate' if closed else 'sheet'}"] = through(
                    lambda made=material: made(seed(3)), 1, closed, lamp_m=lamp
                )
    found["tinted"] = {
        str(share): through(lambda share=share: make("tinted_glass", seed(4), transmissivity=share))
        for share in (0.3, 0.7)
    }
    found["dirty"] = {
        kind: through(lambda kind=kind: make("dirty_glass", seed(), kinds=[kind]), lamp_m=0.12)[1] for kind in KINDS
    }
    found["water"] = through(lambda: make("liquid", seed(), kind="water"))
    found["shadow"] = {
        "nothing": shadow(None),
        "architectural": shadow(lambda: make("architectural_glass", seed(), tint=0.0)),
        "refracting": shadow(lambda: make("glass", seed(), ior=1.5, tint=(1, 1, 1))),
        "acrylic 0.5": shadow(lambda: make("acrylic", seed(), transmissivity=0.5, finish="clear")),
        "wood": shadow(lambda: make("wood", seed())),
    }
    found["holes"] = {f"{p} {f}": holes(p, f) for p in ("round", "wire", "slot") for f in (0.3, 0.6)}
    found["thin"] = {
        f"{share} {weave} {turn}": through(
            partial(make, "thin_fabric", seed(4), openness=share, weave=weave, pattern="plain"), 1, False, turn, 0.2
        )
        for share in (0.4, 0.7)
        for weave in ("voile", "net")
        for turn in (0.0, 50.0)
    }
    found.update(overhead())
    sheer = ("liquid", "acrylic", "screen", "thin_fabric", "emitter")
    plain = [n for n in MATERIALS if "glass" not in n and n not in sheer]
    found["whiteness"] = {f"{name} {number}": whiteness(name, number) for name in plain for number in (1, 2)}
    assembly.reset()
    found["digests"] = {n: [digest(make(n, seed(k))) for k in (1, 1, 2)] for n in MATERIALS}
    keys = ("depthbench_class", "depthbench_ior", "depthbench_reflective")
    found["marks"] = {n: [[made[k] for k in keys] for made in (make(n, seed(k)) for k in range(12))] for n in MATERIALS}
    print("MEASURED " + json.dumps(found), flush=True)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
