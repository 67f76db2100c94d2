# SPDX-License-Identifier: Apache-2.0
"""A worker's task: views of a built scene through a lens with an aperture, focused at one distance after another."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.built_scene import Clock
from depthbench.blender_scenes.layered_scene import open_scene
from depthbench.blender_scenes.render import render_linear
from depthbench.blender_scenes.rig_camera import set_camera
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.camera import Intrinsics
from depthbench.formats.atomic import write_aside
from depthbench.generators.set_config import config_from_json

FARTHEST_FOCUS_M = 1e6
"""Infinity, as far as Cycles goes."""


def render_stacks(job: dict[str, Any], context: WorkerContext) -> None:
    """Trace the stacks of views ``items`` of a scene.

    The job has ``config`` and ``scene``, and in ``views`` for each item: ``view``, ``intrinsics`` (six numbers), ``cam_to_world``,
    ``focus_m``, ``aperture_m`` and ``seeds`` (one for each picture), ``gain`` and ``out``. Each stack is written as float32 (N, H, W, 3),
    radiance times gain, before its ``end`` is told.
    """
    config = config_from_json(job["config"])
    built = open_scene(config, int(job["scene"]), context, Clock())
    for item in job["items"]:
        context.send("begin", item=item)
        asked = job["views"][item]
        built.show(int(asked["view"]))
        width, height, *numbers = asked["intrinsics"]
        set_camera(Intrinsics(int(width), int(height), *numbers), np.array(asked["cam_to_world"]))
        planes = []
        for focus_m, aperture_m, seed in zip(asked["focus_m"], asked["aperture_m"], asked["seeds"], strict=True):
            open_aperture(float(focus_m), float(aperture_m))
            planes.append(render_linear(int(seed)).linear * np.float32(asked["gain"]))
        bpy.context.scene.camera.data.dof.use_dof = False
        write_planes(Path(asked["out"]), np.stack(planes))
        context.send("end", item=item, made=True)


def open_aperture(focus_m: float, aperture_m: float) -> None:
    """Give the scene's camera a round aperture of this width, focused on the plane at ``focus_m``."""
    lens = bpy.context.scene.camera.data
    lens.dof.use_dof = True
    lens.dof.focus_object = None
    lens.dof.focus_distance = min(focus_m, FARTHEST_FOCUS_M)
    # Blender's aperture is its own focal length, in millimetres of a metre, over the f-number
    lens.dof.aperture_fstop = lens.lens / 1000 / aperture_m
    lens.dof.aperture_blades, lens.dof.aperture_rotation, lens.dof.aperture_ratio = 0, 0.0, 1.0


def write_planes(path: Path, planes: Any) -> None:
    """Write an array as ``.npy`` that appears whole or not at all."""
    os.makedirs(path.parent, exist_ok=True)
    with write_aside(path) as temporary, open(temporary, "wb") as handle:
        np.save(handle, planes, allow_pickle=False)
