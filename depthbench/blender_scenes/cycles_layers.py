# SPDX-License-Identifier: Apache-2.0
"""The second opinion on the truth: every crossing of a pixel's ray as Cycles itself meets it, from a one-sample render.

While this goes on, every material is a Transparent BSDF, or a Diffuse one that ends the path (no bounces) where the surface
is opaque. Cycles writes AOVs at every surface that a camera ray passes straight through and at the one that ends it, so
``View Z Depth x [Transparent Depth == k]`` in AOV k is the depth of crossing k; object index and side come along in the other
colour channels. The stock Z pass cannot do this: behind glass it depends on how the shader is built.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt
import OpenEXR

from depthbench.blender_scenes.rig_camera import set_camera
from depthbench.camera import Intrinsics
from depthbench.layers import SurfaceClass
from depthbench.truth.cast import Hits

CROSSINGS = 16
"""Crossings per pixel that are recorded; later ones are lost."""

_CYCLES_SETTINGS = {
    "samples": 1,
    "use_adaptive_sampling": False,
    "use_denoising": False,
    "max_bounces": 0,
    # a box filter would ignore its width and spread the sample over the whole pixel
    "pixel_filter_type": "GAUSSIAN",
    "filter_width": 0.01,
    "use_animated_seed": False,
    "seed": 0,
}


@dataclass(frozen=True)
class CyclesCrossings:
    """What Cycles met along every pixel's ray, front to back.

    Attributes
    ----------
    depth_m : float32 (K, H, W)
        Planar depth of crossing k; NaN after the last.
    object_index : int32 (K, H, W)
        Index into ``objects``; -1 after the last.
    back : bool (K, H, W)
        True where the face is met from behind.
    objects : tuple of str
        Names of the scene's objects.
    """

    depth_m: npt.NDArray[np.float32]
    object_index: npt.NDArray[np.int32]
    back: npt.NDArray[np.bool_]
    objects: tuple[str, ...]


@dataclass(frozen=True)
class RouteAgreement:
    """How two lists of crossings per pixel compare; fractions are of all pixels.

    Attributes
    ----------
    within_1e5, within_1e4 : float
        Fraction of pixels with equally many crossings, all of whose depths agree to 1e-5 (1e-4) relative.
    same_count : float
        Fraction of pixels with equally many crossings.
    worst : float
        Largest relative difference of a depth among the pixels with equally many crossings.
    """

    within_1e5: float
    within_1e4: float
    same_count: float
    worst: float


def cycles_crossings(
    intrinsics: Intrinsics, poses: Sequence[npt.NDArray[np.float64]], crossings: int = CROSSINGS
) -> list[CyclesCrossings]:
    """Render the crossings of the current scene from several poses; everything is put back as it was afterwards.

    Parameters
    ----------
    intrinsics : Intrinsics
    poses : sequence of float64 (4, 4)
        ``cam_to_world``, OpenCV frame. One swap of the materials serves them all: the swap makes Cycles read the scene anew.
    crossings : int
        Crossings per pixel that are recorded.
    """
    with _peeling(crossings) as objects, tempfile.TemporaryDirectory(prefix="depthbench-") as folder:
        results = []
        for pose in poses:
            set_camera(intrinsics, pose)
            path = Path(folder) / "crossings.exr"
            bpy.context.scene.render.filepath = str(path)
            bpy.ops.render.render(write_still=True)
            results.append(_read(path, crossings, objects))
        return results


def compare_routes(hits: Hits, depth_m: npt.NDArray[np.float32]) -> RouteAgreement:
    """Compare ray-cast crossings with Cycles'.

    Parameters
    ----------
    hits : Hits
        Raw crossings of all pixel rays, row by row, exits included.
    depth_m : float32 (K, H, W)
        :attr:`CyclesCrossings.depth_m`.
    """
    crossings, height, width = depth_m.shape
    start = np.flatnonzero(np.diff(hits.ray, prepend=-1))
    count = np.diff(np.append(start, len(hits.ray)))
    index = np.arange(len(hits.ray)) - np.repeat(start, count)
    cast_m = np.full((crossings, height * width), np.nan)
    kept = index < crossings
    cast_m[index[kept], hits.ray[kept]] = hits.t[kept]
    other_m = depth_m.reshape(crossings, -1).astype(np.float64)
    same = (np.isnan(cast_m) == np.isnan(other_m)).all(axis=0)
    relative = np.nan_to_num(np.abs(other_m - cast_m) / cast_m).max(axis=0)
    return RouteAgreement(
        float((same & (relative <= 1e-5)).mean()),
        float((same & (relative <= 1e-4)).mean()),
        float(same.mean()),
        float(relative[same].max(initial=0.0)),
    )


@contextmanager
def _peeling(crossings: int) -> Iterator[tuple[str, ...]]:
    """Swap materials, render settings, AOVs and object numbers for the peeling render, and put them back."""
    scene = bpy.context.scene
    layer = scene.view_layers[0]
    render, image = scene.render, scene.render.image_settings
    names = [f"crossing{k:02d}" for k in range(crossings)]
    wanted: list[tuple[Any, dict[str, Any]]] = [
        (render, {"engine": "CYCLES", "use_compositing": False, "use_sequencer": False, "filepath": ""}),
        (render, {"use_motion_blur": False, "film_transparent": False, "use_single_layer": False}),
        (image, {"file_format": "OPEN_EXR_MULTILAYER", "color_depth": "32", "exr_codec": "ZIP"}),
        (scene.cycles, {**_CYCLES_SETTINGS, "transparent_max_bounces": max(64, 2 * crossings)}),
        (layer, {"pass_alpha_threshold": 0.5, "material_override": None}),
    ]
    before = [(owner, {name: getattr(owner, name) for name in values}) for owner, values in wanted]
    camera = scene.camera
    pose = camera.matrix_world.copy() if camera is not None else None
    objects = tuple(sorted(thing.name for thing in bpy.data.objects))
    numbers = {name: bpy.data.objects[name].pass_index for name in objects}
    outputs = []
    for owner, values in wanted:
        for name, value in values.items():
            setattr(owner, name, value)
    try:
        for number, name in enumerate(objects):
            bpy.data.objects[name].pass_index = number
        for name in names:
            aov = layer.aovs.add()
            aov.name, aov.type = name, "COLOR"
        for material in bpy.data.materials:
            if not material.is_grease_pencil:
                outputs.append(_peel(material, names))
        yield objects
    finally:
        for put_back in outputs:
            put_back.restore()
        for aov in [aov for aov in layer.aovs if aov.name in names]:
            layer.aovs.remove(aov)
        for name, number in numbers.items():
            bpy.data.objects[name].pass_index = number
        for owner, values in reversed(before):
            for name, value in values.items():
                setattr(owner, name, value)
        if pose is not None:
            scene.camera.matrix_world = pose


@dataclass(frozen=True)
class _Peeled:
    """A material with extra nodes, and what it takes to remove them."""

    material: Any
    used_nodes: bool
    added: tuple[Any, ...]
    active: Any

    def restore(self) -> None:
        """Take the extra nodes out again."""
        tree = self.material.node_tree
        for node in self.added:
            tree.nodes.remove(node)
        if self.active is not None:
            self.active.is_active_output = True
        self.material.use_nodes = self.used_nodes


def _peel(material: Any, names: Sequence[str]) -> _Peeled:
    """Give a material a second output: see-through or path-ending, with one AOV per crossing."""
    used_nodes = material.use_nodes
    material.use_nodes = True
    tree = material.node_tree
    active = tree.get_output_node("CYCLES")
    opaque = material.get("depthbench_class", int(SurfaceClass.OPAQUE)) == SurfaceClass.OPAQUE
    added = []

    def add(kind: str) -> Any:
        node = tree.nodes.new(kind)
        added.append(node)
        return node

    output, surface = (
        add("ShaderNodeOutputMaterial"),
        add("ShaderNodeBsdfDiffuse" if opaque else "ShaderNodeBsdfTransparent"),
    )
    tree.links.new(surface.outputs[0], output.inputs["Surface"])
    output.is_active_output = True
    depth, path, thing, side = (
        add(f"ShaderNode{kind}") for kind in ("CameraData", "LightPath", "ObjectInfo", "NewGeometry")
    )
    record = add("ShaderNodeCombineXYZ")
    tree.links.new(depth.outputs["View Z Depth"], record.inputs["X"])
    tree.links.new(thing.outputs["Object Index"], record.inputs["Y"])
    tree.links.new(side.outputs["Backfacing"], record.inputs["Z"])
    for number, name in enumerate(names):
        here, scale, aov = add("ShaderNodeMath"), add("ShaderNodeVectorMath"), add("ShaderNodeOutputAOV")
        here.operation, here.inputs[1].default_value, here.inputs[2].default_value = "COMPARE", number, 0.5
        scale.operation, aov.aov_name = "SCALE", name
        tree.links.new(path.outputs["Transparent Depth"], here.inputs[0])
        tree.links.new(record.outputs[0], scale.inputs[0])
        tree.links.new(here.outputs[0], scale.inputs["Scale"])
        tree.links.new(scale.outputs[0], aov.inputs["Color"])
    return _Peeled(material, used_nodes, tuple(added), active)


def _read(path: Path, crossings: int, objects: tuple[str, ...]) -> CyclesCrossings:
    with OpenEXR.File(str(path), separate_channels=True) as file:
        channels = file.channels()
        stack = np.stack(
            [[_channel(channels, f"crossing{k:02d}.{axis}") for axis in ("R", "G", "B")] for k in range(crossings)]
        )
    there = stack[:, 0] > 0
    return CyclesCrossings(
        np.where(there, stack[:, 0], np.float32(np.nan)),
        np.where(there, np.rint(stack[:, 1]), -1).astype(np.int32),
        there & (stack[:, 2] > 0.5),
        objects,
    )


def _channel(channels: Any, ending: str) -> npt.NDArray[np.float32]:
    """Find the channel whose name ends so, whatever the view layer before it is called."""
    (name,) = [name for name in channels if name.endswith(ending)]
    return np.array(channels[name].pixels, dtype=np.float32)
