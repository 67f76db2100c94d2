# SPDX-License-Identifier: Apache-2.0
"""What a scene does with a user's assets: an HDRI for a sky, textures for prints and the floor, models that stand about.

Drawn from a stream of their own, so a scene with assets is the scene without, dressed otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes import asset_kits
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.nodes import Shader
from depthbench.blender_scenes.objects.kit import Kit
from depthbench.blender_scenes.scene import SceneInfo, cut_boxes
from depthbench.errors import DepthbenchError
from depthbench.generators.assets import Asset
from depthbench.layers import SurfaceClass
from depthbench.truth.cast import RayCaster
from depthbench.truth.geometry import SceneGeometry

Float = npt.NDArray[np.floating[Any]]

HDRI_SHARE, PRINT_SHARE, FLOOR_SHARE = 0.5, 0.5, 0.3
IRRADIANCE_W_M2 = (12.0, 30.0)
"""What an HDRI is scaled to give on open level ground; the sun is then its own."""
MOST_MODELS, TRIES = 6, 80
AIR_M = 0.03
"""Kept free round a model that stands."""


def dress(
    rng: np.random.Generator, info: SceneInfo, folder: Path, assets: Sequence[Asset]
) -> tuple[SceneInfo, list[dict[str, Any]]]:
    """Use some assets in the current scene; return where cameras now may stand, and what was used.

    Raises
    ------
    DepthbenchError
        If Blender cannot read one of them.
    """
    used: list[Asset] = []
    of_kind = {kind: [asset for asset in assets if asset.kind == kind] for kind in ("hdri", "texture", "model")}
    if of_kind["hdri"] and rng.random() < HDRI_SHARE:
        sky = _pick(rng, of_kind["hdri"])
        _light_with(rng, _image(folder, sky, data=True))
        used.append(sky)
    if of_kind["texture"]:
        used += _hang_textures(rng, folder, of_kind["texture"])
    if of_kind["model"]:
        info, stood = _stand_models(rng, info, folder, of_kind["model"])
        used += stood
    told = {asset.file: asdict(asset) for asset in used}
    return info, [told[file] for file in sorted(told)]


def _pick(rng: np.random.Generator, assets: Sequence[Asset]) -> Asset:
    return assets[int(rng.integers(len(assets)))]


def _image(folder: Path, asset: Asset, data: bool = False) -> Any:
    """Load a picture; ``data`` for linear light."""
    path = folder / asset.file
    try:
        image = bpy.data.images.load(str(path.resolve()), check_existing=True)
        if not image.size[0] * image.size[1]:
            raise RuntimeError("it has no pixels")
    except RuntimeError as error:
        raise DepthbenchError(f"{path}: Blender cannot read it ({str(error).strip()})") from error
    image.colorspace_settings.name = "Linear Rec.709" if data else "sRGB"
    return image


def irradiance_w_m2(panorama: Float) -> float:
    """Return what an equirectangular panorama of luminance (H, W), its top row first, gives on open level ground."""
    height, width = panorama.shape
    elevation = np.pi / 2 - (np.arange(height) + 0.5) * np.pi / height
    weight = np.maximum(np.sin(elevation), 0) * np.cos(elevation) * (np.pi / height) * (2 * np.pi / width)
    return float((np.asarray(panorama, dtype=np.float64) * weight[:, None]).sum())


def _light_with(rng: np.random.Generator, image: Any) -> None:
    """Make a panorama the world, turned at random about the vertical, and put the layout's sun out."""
    width, height = image.size
    pixels = np.empty(width * height * image.channels, dtype=np.float32)
    image.pixels.foreach_get(pixels)
    rgb = pixels.reshape(height, width, -1)[::-1, :, :3]
    given = irradiance_w_m2(np.nan_to_num(rgb, posinf=0.0) @ np.array([0.2126, 0.7152, 0.0722]))
    if given <= 0:
        raise DepthbenchError(f"{image.filepath}: gives no light")
    shader = Shader("asset sky", world=True)
    mapping = shader.tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Rotation"].default_value[2] = float(rng.uniform(0, 2 * np.pi))
    shader.put(mapping.inputs["Vector"], shader.add("TexCoord", {}, "Generated"))
    texture = shader.tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image = image
    shader.put(texture.inputs[0], mapping.outputs[0])
    strength = float(rng.uniform(*IRRADIANCE_W_M2)) / given
    bpy.context.scene.world = shader.finish(
        shader.add("Background", {"Color": texture.outputs["Color"], "Strength": strength})
    )
    for lamp in bpy.context.scene.objects:
        if lamp.type == "LIGHT" and lamp.data.type == "SUN":
            lamp.hide_render = True


def _hang_textures(rng: np.random.Generator, folder: Path, textures: Sequence[Asset]) -> list[Asset]:
    """Show textures in the place of some prints, and perhaps on the floor."""
    used = []
    for material in sorted(bpy.data.materials, key=lambda material: material.name):
        if material.name.startswith(("print_painting", "print_poster")) and rng.random() < PRINT_SHARE:
            used.append(_pick(rng, textures))
            for node in material.node_tree.nodes:
                if node.type == "TEX_IMAGE":
                    node.image = _image(folder, used[-1])
    floor = bpy.context.scene.objects.get("floor")
    if floor is not None and rng.random() < FLOOR_SHARE:
        used.append(_pick(rng, textures))
        shader = Shader("asset floor")
        texture = shader.tree.nodes.new("ShaderNodeTexImage")
        texture.image = _image(folder, used[-1])
        wide, high = texture.image.size
        size_m = used[-1].scale_m
        place = shader.scaled(shader.face_plane(), 1 / size_m, wide / (high * size_m), 1.0)
        shader.put(texture.inputs[0], place)
        surface = shader.principled(texture.outputs["Color"], float(rng.uniform(0.25, 0.8)))
        floor.material_slots[0].link = "OBJECT"
        floor.material_slots[0].material = mark(shader.finish(surface), SurfaceClass.OPAQUE)
    bpy.data.orphans_purge(do_recursive=True)
    return used


def _stand_models(
    rng: np.random.Generator, info: SceneInfo, folder: Path, models: Sequence[Asset]
) -> tuple[SceneInfo, list[Asset]]:
    """Stand models on whatever is level and free under places for cameras, upright, turned at random."""
    geometry = export_scene()
    caster = RayCaster(geometry)
    corners = geometry.vertices[geometry.triangles]
    low, high = corners.min(axis=1), corners.max(axis=1)
    kits: dict[str, Kit] = {}
    used: list[Asset] = []
    targets = []
    for _ in range(int(rng.integers(1, MOST_MODELS + 1))):
        asset = _pick(rng, models)
        if asset.file not in kits:
            kits[asset.file] = asset_kits.load(folder, asset, rng)
        for _ in range(TRIES):
            turn_deg = float(rng.uniform(0, 360))
            box = info.camera_boxes[int(rng.integers(len(info.camera_boxes)))]
            place = box[0] + (box[1] - box[0]) * rng.random(3)
            turned = kits[asset.file].moved([0.0, 0.0, 0.0], turn_deg)
            ground_m = _support_m(caster, geometry, place, turned)
            if ground_m is None:
                continue
            at = np.array([place[0], place[1], ground_m])
            bottom, top = turned.low + at - [AIR_M, AIR_M, -1e-4], turned.high + at + AIR_M
            inside = ((low < top) & (high > bottom)).all(axis=1)
            boxes = cut_boxes(info.camera_boxes, bottom - info.clearance_m, top + info.clearance_m)
            if inside.any() or not len(boxes):
                continue
            turned.place(at)
            low, high = np.concatenate([low, [bottom]]), np.concatenate([high, [top]])
            info = replace(info, camera_boxes=boxes)
            targets.append((bottom + top) / 2)
            used.append(asset)
            break
    bpy.data.orphans_purge(do_recursive=True)
    return replace(info, targets=np.concatenate([info.targets, np.reshape(targets, (-1, 3))])), used


def _support_m(caster: RayCaster, geometry: SceneGeometry, place: Float, kit: Kit) -> float | None:
    """Return the height of the level opaque surface under all of a kit at a place (x, y, from this z down), or None."""
    x, y = np.meshgrid(*(np.linspace(low, high, 3) for low, high in zip(kit.low[:2], kit.high[:2], strict=True)))
    feet = np.stack([x.ravel() + place[0], y.ravel() + place[1], np.full(x.size, place[2])], axis=1)
    down = np.broadcast_to([0.0, 0.0, -1.0], feet.shape)
    hits = caster.cast(feet, down)
    rays, first = np.unique(hits.ray, return_index=True)
    classes = [geometry.surfaces[surface].surface_class for surface in hits.surface[first]]
    heights = place[2] - hits.t[first]
    if len(rays) < len(feet) or set(classes) != {SurfaceClass.OPAQUE} or np.ptp(heights) > 1e-4:
        return None
    return float(heights.max())
