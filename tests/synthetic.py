# SPDX-License-Identifier: Apache-2.0
"""Layered stereo records made of slanted planes: no renderer needed, the truth is a closed form.

Disparity is linear in the pixel on a plane, d = a x + b y + c in the left image, so the same plane is
d = (a x + b y + c) / (1 + a) in the right one (x_right = x_left - d). Panes are see-through planes with bounds in the
plane's own left-image coordinates; the background is opaque. A pixel's layers are the planes that cover it, sorted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics, StereoRig, right_from_left
from depthbench.formats.shard import EyeRecord, LayeredRecord
from depthbench.layers import Layers, SurfaceClass, Visibility
from depthbench.truth.geometry import Surface


@dataclass(frozen=True)
class Plane:
    """A plane d = a x + b y + c (left image, pixels), covering ``box`` = (x0, y0, x1, y1) of the left image."""

    id: int
    surface_class: SurfaceClass
    a: float
    b: float
    c: float
    box: tuple[float, float, float, float]
    colour: tuple[float, float, float]
    alpha: float = 1.0
    reflective: bool = False

    def in_left(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.broadcast_to(self.a * x + self.b * y + self.c, np.broadcast(x, y).shape)

    def in_right(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.broadcast_to((self.a * x + self.b * y + self.c) / (1 + self.a), np.broadcast(x, y).shape)

    def covers(self, x_left: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        x0, y0, x1, y1 = self.box
        return (x_left >= x0) & (x_left < x1) & (y >= y0) & (y < y1)


def _disparities(
    planes: list[Plane], x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], right: bool
) -> npt.NDArray[np.float64]:
    """Disparity (P, ...) of every plane at positions of one eye's image, NaN where it does not cover."""
    found = []
    for plane in planes:
        disp = plane.in_right(x, y) if right else plane.in_left(x, y)
        found.append(np.where(plane.covers(x + disp if right else x, y), disp, np.nan))
    return np.stack(found)


def _eye(planes: list[Plane], width: int, height: int, right: bool, pose: npt.NDArray[np.float64]) -> EyeRecord:
    x, y = np.meshgrid(np.arange(width, dtype=float), np.arange(height, dtype=float))
    disp = _disparities(planes, x, y, right)
    order = np.argsort(np.where(np.isnan(disp), np.inf, -disp), axis=0, kind="stable")
    disp = np.take_along_axis(disp, order, axis=0)
    opaque_before = np.cumsum(
        np.array([p.surface_class == SurfaceClass.OPAQUE for p in planes])[order] & ~np.isnan(disp), axis=0
    )
    opaque_before = np.concatenate([np.zeros_like(opaque_before[:1]), opaque_before[:-1]])
    disp[opaque_before > 0] = np.nan

    there = ~np.isnan(disp)
    ids = np.where(there, np.array([p.id for p in planes])[order], 0)
    classes = np.where(there, np.array([int(p.surface_class) for p in planes])[order], 0)

    other_x = x + disp if right else x - disp
    visibility = np.where(there, int(Visibility.VISIBLE), 0)
    for k in range(len(planes)):
        others = _disparities(planes, np.nan_to_num(other_x[k]), y, not right)
        blocked = np.zeros((height, width), dtype=bool)
        for plane, other in zip(planes, others, strict=True):
            if plane.surface_class == SurfaceClass.OPAQUE:
                blocked |= (other > disp[k] + 1e-6) & (ids[k] != plane.id)
        visibility[k][there[k] & blocked] = int(Visibility.OCCLUDED)
        outside = (other_x[k] < -0.5) | (other_x[k] >= width - 0.5)
        visibility[k][there[k] & outside] = int(Visibility.OUT_OF_FRAME)

    image = np.full((height, width, 3), (0.55, 0.7, 0.9))
    reflective = np.zeros((height, width), dtype=bool)
    for k in reversed(range(len(planes))):
        for plane in planes:
            here = ids[k] == plane.id
            left_x = x + disp[k] if right else x
            texture = 0.75 + 0.25 * np.sign(np.sin(left_x * 0.35) * np.sin(y * 0.35))
            shade = np.asarray(plane.colour) * texture[..., None]
            image[here] = (plane.alpha * shade + (1 - plane.alpha) * image)[here]
            if k == 0 and plane.reflective:
                reflective |= here
    refraction = np.where(classes[0] == SurfaceClass.TRANSMISSIVE, disp[0] * 0.01, 0.0)
    return EyeRecord(
        image=np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8),
        layers=Layers(
            disp.astype(np.float32), ids.astype(np.int32), classes.astype(np.uint8), visibility.astype(np.uint8)
        ),
        reflective=reflective,
        refraction_px=np.where(np.isnan(refraction), 0, refraction).astype(np.float32),
        cam_to_world=pose,
    )


def synthetic_planes(rng: np.random.Generator, width: int, height: int, panes: int, sky: bool = False) -> list[Plane]:
    """A slanted opaque background (absent with ``sky``), an opaque box, and see-through panes in front."""
    planes = []
    if not sky:
        far = (-2.0 * width, -1.0, 3.0 * width, height + 1.0)
        planes.append(
            Plane(
                1, SurfaceClass.OPAQUE, *rng.uniform(-0.01, 0.01, 2), width / 40, far, tuple(rng.uniform(0.2, 0.9, 3))
            )
        )
    x, y = rng.uniform(0.1, 0.5) * width, rng.uniform(0.1, 0.5) * height
    box = (x, y, x + width / 4, y + height / 2)
    planes.append(
        Plane(2, SurfaceClass.OPAQUE, 0.0, *rng.uniform(0, 0.01, 1), width / 20, box, (0.8, 0.3, 0.2), reflective=True)
    )
    for k in range(panes):
        kind = SurfaceClass.SCREEN if k % 3 == 2 else SurfaceClass.TRANSMISSIVE
        x, y = rng.uniform(-0.1, 0.5) * width, rng.uniform(-0.1, 0.4) * height
        box = (x, y, x + rng.uniform(0.2, 0.7) * width, y + rng.uniform(0.3, 0.8) * height)
        planes.append(
            Plane(
                3 + k,
                kind,
                *rng.uniform(-0.01, 0.01, 2),
                width / 18 + (k + 1) * width / 60,
                box,
                tuple(rng.uniform(0.2, 1.0, 3)),
                0.35,
            )
        )
    return planes


def synthetic_record(
    seed: int, view: int = 0, *, width: int = 96, height: int = 64, panes: int = 3, sky: bool = False, scene: int = 12
) -> LayeredRecord:
    """One record; a pure function of its arguments."""
    rng = np.random.default_rng([seed, scene, view])
    planes = synthetic_planes(rng, width, height, panes, sky)
    rig = StereoRig(Intrinsics.centred(width, height, 0.9 * width), float(rng.uniform(0.03, 0.4)))
    pose = np.eye(4)
    pose[:3, 3] = rng.uniform(-1, 1, 3)
    return LayeredRecord(
        id=f"cafe-{scene:06d}-{view:04d}",
        rig=rig,
        left=_eye(planes, width, height, False, pose),
        right=_eye(planes, width, height, True, right_from_left(pose, rig.baseline_m)),
        meta={
            "environment": "cafe",
            "seed": seed,
            "scene": scene,
            "view": view,
            "attempt": 0,
            "generator_version": "1",
        },
    )


def synthetic_surfaces(panes: int = 3) -> tuple[Surface, ...]:
    """The surfaces of :func:`synthetic_record`."""
    kinds = [SurfaceClass.SCREEN if k % 3 == 2 else SurfaceClass.TRANSMISSIVE for k in range(panes)]
    return (
        Surface(1, "background / plaster", SurfaceClass.OPAQUE, planar=True),
        Surface(2, "box / brass é", SurfaceClass.OPAQUE, reflective=True, planar=True),
        *(Surface(3 + k, f"pane {k} / glass", kind, ior=1.5, planar=True) for k, kind in enumerate(kinds)),
    )
