# SPDX-License-Identifier: Apache-2.0
"""Counterfactual changes to a built scene: its panes taken away, or of another glass.

A pane is what can be seen through (class transmissive) and lets light straight on (index 1: windows, doors, cases, partitions,
picture glass, acrylic), or is a flat plate though it refracts (frosted and patterned panes). Vessels, lenses, liquids and figures
of glass are none, nor are screens, meshes and thin fabric. Another glass is given only to panes of index 1, and they keep class
and index: no truth changes. Frosted ones scatter about the straight ray, shifted in 6 mm of glass by 2 mm at most.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.layouts.free_air import see_through_objects
from depthbench.blender_scenes.materials import make, mark
from depthbench.errors import DepthbenchError
from depthbench.layers import SurfaceClass
from depthbench.truth.geometry import SceneGeometry

THICKEST_M, FLATTEST = 0.025, 0.1
"""A flat plate is no thicker than this, and than this share of its next larger side."""


def object_name(surface_name: str) -> str:
    """Return the object's part of a surface's name."""
    return surface_name.rpartition(" / ")[0]


def panes() -> list[bpy.types.Object]:
    """Return the current scene's panes."""
    return [
        thing
        for thing in see_through_objects()
        if _mark(thing, "class") == SurfaceClass.TRANSMISSIVE and _is_pane(thing)
    ]


def _mark(thing: bpy.types.Object, name: str) -> float:
    return float(thing.material_slots[0].material[f"depthbench_{name}"])


def _is_pane(thing: bpy.types.Object) -> bool:
    return _mark(thing, "ior") == 1.0 or _is_flat(thing)


def _is_flat(thing: bpy.types.Object) -> bool:
    corners = np.array(thing.bound_box)
    thin, middle, _ = np.sort(
        (corners.max(axis=0) - corners.min(axis=0)) * np.abs(np.array(thing.matrix_world.to_scale()))
    )
    return bool(thin <= THICKEST_M and thin <= FLATTEST * middle)


def apply(change: str, geometry: SceneGeometry, rng: np.random.Generator) -> frozenset[str]:
    """Change the current scene; return the names of the objects that are gone.

    Parameters
    ----------
    change : str
        remove, remove-all, frost, tint or dirty.
    geometry : SceneGeometry
        Exported before the change.
    rng : numpy.random.Generator
        Chooses the glass.
    """
    if change in ("remove", "remove-all"):
        gone = panes() if change == "remove" else see_through_objects()
        for thing in gone:
            thing.hide_render = True
        return frozenset(thing.name for thing in gone)
    closed = {object_name(surface.name): surface.closed for surface in geometry.surfaces}
    glass: dict[tuple[str, bool], Any] = {}
    for thing in sorted(panes(), key=lambda pane: pane.name):
        old = thing.material_slots[0].material
        if old["depthbench_ior"] != 1.0:
            continue
        key = old.name, closed.get(thing.name, True)
        if key not in glass:
            new = _glass(change, key[1], rng)
            glass[key] = mark(new, SurfaceClass.TRANSMISSIVE, 1.0, bool(old["depthbench_reflective"]))
        thing.material_slots[0].link = "OBJECT"
        thing.material_slots[0].material = glass[key]
    return frozenset()


def _glass(change: str, is_plate: bool, rng: np.random.Generator) -> Any:
    """Make another glass; sheets without thickness cannot refract, so they frost as acrylic does."""
    if change == "frost":
        if not is_plate:
            return make("acrylic", rng, transmissivity=0.4, finish="frosted", sheet=True)
        return make("frosted_glass", rng, style="whole", roughness=float(rng.uniform(0.12, 0.3)))
    if change == "tint":
        return make("tinted_glass", rng, transmissivity=float(rng.uniform(0.45, 0.75)))
    if change == "dirty":
        return make("dirty_glass", rng)
    raise DepthbenchError(f"there is no change '{change}'")
