# SPDX-License-Identifier: Apache-2.0
"""The wall with a ball of :mod:`fusion_scene`, painted: every point of space has a colour, so pictures are exact at any place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import fusion_scene
import numpy as np

from depthbench.formats.image import write_png
from depthbench.formats.mvs_pairs import write_pairs
from depthbench.formats.mvsnet_cam import MvsCamera, write_mvsnet_camera
from depthbench.formats.pfm import write_pfm
from depthbench.fusion.consistency import DepthView
from depthbench.tasks import MvsSample, MvsView

NEAREST, FARTHEST = 3.0, 9.0


def paint(points: np.ndarray) -> np.ndarray:
    """Colour of points (..., 3): waves in many directions, uint8."""
    rng = np.random.default_rng(5)
    value = np.zeros((*points.shape[:-1], 3))
    for strength in rng.uniform(0.4, 1.0, 24):
        wave = rng.normal(0, 7, 3)
        value += strength * np.sin(points @ wave + rng.uniform(0, 6))[..., None] * rng.uniform(0.5, 1, 3)
    return np.clip(128 + 30 * value, 0, 255).astype(np.uint8)


def picture(view: DepthView) -> np.ndarray:
    """What the view sees."""
    whole = np.ones(view.depth.shape, bool)
    return paint(view.points(whole, view.depth).astype(np.float64)).reshape(*view.depth.shape, 3)


def views(count: int = 5, width: int = 64, height: int = 48) -> list[tuple[MvsView, np.ndarray]]:
    """Views with their exact depth."""
    made = []
    for view in fusion_scene.views(count, width, height):
        interval = (FARTHEST - NEAREST) / 47
        camera = MvsCamera(view.intrinsics, view.world_to_cam, NEAREST, FARTHEST, interval, 48)
        made.append((MvsView(picture(view), camera), view.depth))
    return made


def sample(reference: int = 2, **options: int) -> tuple[MvsSample, np.ndarray]:
    """A view with all others as sources, and its depth."""
    made = views(**options)
    sources = tuple(view for number, (view, _) in enumerate(made) if number != reference)
    return MvsSample("x", made[reference][0], sources), made[reference][1]


def folder(path: Path, truth: bool = False, **options: int) -> Path:
    """Write MVSNet's layout; with ``truth`` also ``depth_est``, exact."""
    made = views(**options)
    for number, (view, depth) in enumerate(made):
        write_png(path / "images" / f"{number:08d}.png", view.rgb)
        write_mvsnet_camera(path / "cams" / f"{number:08d}_cam.txt", replace(view.camera))
        if truth:
            write_pfm(path / "depth_est" / f"{number:08d}.pfm", depth)
    near = {i: sorted((j for j in range(len(made)) if j != i), key=lambda j: abs(j - i)) for i in range(len(made))}
    write_pairs(path / "pair.txt", {i: [(j, 1.0) for j in others] for i, others in near.items()})
    return path
