# SPDX-License-Identifier: Apache-2.0
"""The complete truth of one stereo pair: layers, reflections and refraction of both eyes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import StereoRig, right_from_left
from depthbench.layers import Layers
from depthbench.truth.cast import Hits, RayCaster
from depthbench.truth.layers import build_layers
from depthbench.truth.refraction import SeenField, refraction_px, seen_field

Float = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class EyeTruth:
    """The truth of one eye.

    Attributes
    ----------
    layers : Layers
        Arrays (MAX_LAYERS, H, W).
    reflective : bool (H, W)
        Whether any surface that the pixel's straight ray crosses, up to and including the first opaque one, is marked
        reflective (a mirror seen through a pane counts).
    refraction_px : float32 (H, W)
        See :mod:`depthbench.truth.refraction`; 0 where nothing refracts, NaN where unknown.
    n_cut : int
        Pixels with more surfaces than MAX_LAYERS, whose middle ones are missing.
    """

    layers: Layers
    reflective: npt.NDArray[np.bool_]
    refraction_px: npt.NDArray[np.float32]
    n_cut: int


@dataclass(frozen=True)
class PairTruth:
    """The truth of both eyes."""

    left: EyeTruth
    right: EyeTruth

    @property
    def n_cut(self) -> int:
        """Pixels of both eyes with more surfaces than MAX_LAYERS."""
        return self.left.n_cut + self.right.n_cut


def pixel_hits(caster: RayCaster, rig: StereoRig, cam_to_world: Float) -> Hits:
    """Cast the rays through all pixel centres, numbered row by row; hit parameters are planar depth in metres."""
    directions = rig.intrinsics.pixel_directions().reshape(-1, 3) @ cam_to_world[:3, :3].T
    return caster.cast(np.asarray(cam_to_world[:3, 3], dtype=np.float64), directions)


def pair_truth(caster: RayCaster, rig: StereoRig, left_cam_to_world: Float) -> PairTruth:
    """Compute everything there is to know about one stereo pair.

    Parameters
    ----------
    caster : RayCaster
        Of the scene; built once for all its views.
    rig : StereoRig
        With ``doffs`` 0.
    left_cam_to_world : float64 (4, 4)
        Rigid, OpenCV frame; the right camera stands at +baseline_m along its x axis.
    """
    left_pose = np.asarray(left_cam_to_world, dtype=np.float64)
    right_pose = right_from_left(left_pose, rig.baseline_m)
    poses = (left_pose, right_pose)

    def look(eye: int) -> tuple[Layers, int, npt.NDArray[np.bool_], SeenField]:
        hits = pixel_hits(caster, rig, poses[eye])
        layers, n_cut = build_layers(caster, hits, rig, poses[eye], poses[1 - eye])
        field = seen_field(caster, hits, rig, poses[eye])
        return layers, n_cut, reflective_mask(caster, hits, rig), field

    # the caster lets go of the interpreter lock, so the eyes run side by side
    with ThreadPoolExecutor(2) as pool:
        looks = list(pool.map(look, (0, 1)))

        def refract(eye: int) -> npt.NDArray[np.float32]:
            layers, field, other_field = looks[eye][0], looks[eye][3], looks[1 - eye][3]
            return refraction_px(rig, layers.last(), field, other_field, poses[1 - eye], 1 - 2 * eye)

        maps = list(pool.map(refract, (0, 1)))
    left, right = (
        EyeTruth(layers, reflective, refraction, n_cut)
        for (layers, n_cut, reflective, _), refraction in zip(looks, maps, strict=True)
    )
    return PairTruth(left, right)


def reflective_mask(caster: RayCaster, hits: Hits, rig: StereoRig) -> npt.NDArray[np.bool_]:
    """Pixels whose straight ray crosses a reflective surface, bool (H, W)."""
    mirrors = np.array([s.reflective for s in caster.geometry.surfaces], dtype=np.bool_)
    mask = np.zeros((rig.intrinsics.height, rig.intrinsics.width), dtype=np.bool_)
    mask.ravel()[hits.ray[mirrors[hits.surface]]] = True
    return mask
