# SPDX-License-Identifier: Apache-2.0
"""Checks that a pair's truth must pass before the pair counts: is what the maps say consistent with itself and the scene?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import StereoRig, right_from_left
from depthbench.layers import Layers, SurfaceClass, Visibility
from depthbench.truth.cast import RayCaster
from depthbench.truth.pair import PairTruth

Float = npt.NDArray[np.floating[Any]]

WARP_RELATIVE = 1e-5
"""A warped point and the surface met there agree to this fraction of the depth: disparities are float32."""

WARP_OUTLIERS = 2e-3
"""Fraction of warped points that may miss: a silhouette can fall between two float32 rays."""

PLANE_M = 1e-4
"""Largest distance of a planar surface's points from its plane."""


def check_pair(
    truth: PairTruth,
    caster: RayCaster,
    rig: StereoRig,
    left_cam_to_world: Float,
    rng: np.random.Generator,
    n_points: int = 2000,
) -> list[str]:
    """Look for contradictions in the truth of a pair.

    Parameters
    ----------
    truth : PairTruth
    caster : RayCaster
        Of the scene.
    rig : StereoRig
    left_cam_to_world : float64 (4, 4)
    rng : numpy.random.Generator
        Draws the points whose warp into the other eye is tested.
    n_points : int
        Points per eye that are warped.

    Returns
    -------
    list of str
        One sentence per problem, naming the eye; empty when all is well.
    """
    left_pose = np.asarray(left_cam_to_world, dtype=np.float64)
    poses = {"left": left_pose, "right": right_from_left(left_pose, rig.baseline_m)}
    problems = []
    for eye, other in (("left", "right"), ("right", "left")):
        layers: Layers = getattr(truth, eye).layers
        found = check_order(layers) + check_surfaces(layers, caster)
        if not found:
            # the geometric checks read the maps by the rules just verified
            found += check_planes(layers, caster, rig, poses[eye])
            found += check_warp(layers, caster, rig, poses[eye], poses[other], rng, n_points)
        problems += [f"{eye} eye: {text}" for text in found]
    return problems


def check_order(layers: Layers) -> list[str]:
    """Layers lie front to back, without a gap, with positive finite disparities, and all four maps agree on where they are."""
    disp_px = layers.disp_px
    there = ~np.isnan(disp_px)
    faults = {
        "a disparity is infinite or not positive": there & ~(np.isfinite(disp_px) & (disp_px > 0)),
        "a layer follows a gap": there[1:] & ~there[:-1],
        "a layer lies in front of the one before": disp_px[1:] > disp_px[:-1],
        "a surface id without a layer, or the reverse": (layers.surface_id > 0) != there,
        "a surface class without a layer, or the reverse": (layers.surface_class > 0) != there,
        "a visibility without a layer, or the reverse": (layers.visibility > 0) != there,
        "a layer behind an opaque one": (layers.surface_class[:-1] == SurfaceClass.OPAQUE) & there[1:],
    }
    return [f"{text} ({int(mask.sum())} times)" for text, mask in faults.items() if mask.any()]


def check_surfaces(layers: Layers, caster: RayCaster) -> list[str]:
    """Every surface id exists in the scene and has the class that the map says."""
    surfaces = caster.geometry.surfaces
    class_of = np.zeros(max(s.id for s in surfaces) + 1, dtype=np.uint8)
    class_of[[s.id for s in surfaces]] = [s.surface_class for s in surfaces]
    known = (layers.surface_id >= 0) & (layers.surface_id < len(class_of))
    wrong = ~known | (class_of[np.where(known, layers.surface_id, 0)] != layers.surface_class)
    return [f"{int(wrong.sum())} layers whose class is not that of their surface"] if wrong.any() else []


def check_planes(layers: Layers, caster: RayCaster, rig: StereoRig, cam_to_world: Float) -> list[str]:
    """Points of surfaces marked planar lie on their plane to PLANE_M."""
    geometry, planes = caster.geometry, caster.planes
    planar = np.array([s.planar for s in geometry.surfaces])
    mine = np.flatnonzero(planar[geometry.triangle_surface])
    mine = mine[np.argsort(planes.area2[mine], kind="stable")]
    # of several triangles the last one written, the largest, tells the plane best
    triangle_of = np.full(max(s.id for s in geometry.surfaces) + 1, -1)
    ids = np.array([s.id for s in geometry.surfaces])
    triangle_of[ids[geometry.triangle_surface[mine]]] = mine
    layer, row, column = np.nonzero(triangle_of[layers.surface_id] >= 0)
    if not len(layer):
        return []
    surface_id = layers.surface_id[layer, row, column]
    triangle = triangle_of[surface_id]
    points = _world_points(rig, layers.disp_px[layer, row, column], row, column, cam_to_world)
    off_m = np.abs(np.einsum("ij,ij->i", points, planes.normals[triangle]) - planes.offsets[triangle])
    bad = np.unique(surface_id[off_m > PLANE_M])
    names = {s.id: s.name for s in geometry.surfaces}
    return [
        f"points of '{names[int(number)]}' are up to {off_m[surface_id == number].max():.2g} m off its plane"
        for number in bad
    ]


def check_warp(
    layers: Layers,
    caster: RayCaster,
    rig: StereoRig,
    cam_to_world: Float,
    other_cam_to_world: Float,
    rng: np.random.Generator,
    n_points: int,
) -> list[str]:
    """Warp random layer points into the other eye and cast its ray there, at the exact place between its pixels.

    A point marked visible must be found: the same surface at the same depth. One marked occluded must not be.
    """
    at = np.flatnonzero((layers.visibility == Visibility.VISIBLE) | (layers.visibility == Visibility.OCCLUDED))
    if not len(at):
        return []
    at = np.sort(rng.choice(at, min(n_points, len(at)), replace=False))
    found = warp_errors(layers, caster, rig, cam_to_world, other_cam_to_world, at) <= WARP_RELATIVE
    visible = layers.visibility.ravel()[at] == Visibility.VISIBLE
    problems = []
    for text, wrong in (
        ("points marked visible are not met by the other eye's ray", visible & ~found),
        ("points marked occluded are met by the other eye's ray", ~visible & found),
    ):
        if wrong.sum() > max(1.0, WARP_OUTLIERS * len(at)):
            problems.append(f"{int(wrong.sum())} of {len(at)} {text}")
    return problems


def warp_errors(
    layers: Layers,
    caster: RayCaster,
    rig: StereoRig,
    cam_to_world: Float,
    other_cam_to_world: Float,
    at: npt.NDArray[np.intp],
) -> npt.NDArray[np.float64]:
    """Warp layer points into the other eye, cast its ray there, and say how far from the point it meets the same surface.

    Parameters
    ----------
    at : int (N,)
        Points, as indices into the flattened layers.

    Returns
    -------
    float64 (N,)
        Least difference as a fraction of the point's depth; inf where the ray does not meet that surface, or an opaque one only
        from the side that the first eye cannot see.
    """
    layer, row, column = np.unravel_index(at, layers.disp_px.shape)
    points = _world_points(rig, layers.disp_px[layer, row, column], row, column, cam_to_world)
    centre, rotation = other_cam_to_world[:3, 3], other_cam_to_world[:3, :3]
    points_cam = (points - centre) @ rotation
    depth_m = points_cam[:, 2]
    hits = caster.cast(centre, (points_cam / depth_m[:, None]) @ rotation.T)
    ids = np.array([s.id for s in caster.geometry.surfaces])
    same = ids[hits.surface] == layers.surface_id[layer, row, column][hits.ray]
    # an opaque sheet between the eyes is met at the same place from its other side, where the point cannot be seen
    normals = caster.planes.normals[hits.triangle]
    from_here = np.einsum("ij,ij->i", normals, (points - cam_to_world[:3, 3])[hits.ray])
    from_there = np.einsum("ij,ij->i", normals, (points - centre)[hits.ray])
    same &= ~caster.is_opaque[hits.surface] | (from_here * from_there > 0)
    errors = np.full(len(at), np.inf)
    np.minimum.at(errors, hits.ray[same], (np.abs(hits.t - depth_m[hits.ray]) / depth_m[hits.ray])[same])
    return errors


def _world_points(rig: StereoRig, disp_px: Float, row: Any, column: Any, cam_to_world: Float) -> Float:
    depth_m = rig.intrinsics.fx * rig.baseline_m / disp_px.astype(np.float64)
    points_cam = rig.intrinsics.pixel_directions()[row, column] * depth_m[:, None]
    points: Float = points_cam @ cam_to_world[:3, :3].T + cam_to_world[:3, 3]
    return points
