# SPDX-License-Identifier: Apache-2.0
"""The scene's camera from pinhole intrinsics and an OpenCV pose."""

from __future__ import annotations

import bpy
import numpy as np
import numpy.typing as npt
from mathutils import Matrix

from depthbench.camera import OPENCV_TO_BLENDER_CAMERA, Intrinsics
from depthbench.errors import DepthbenchError

SENSOR_WIDTH_MM = 36.0


def set_camera(intrinsics: Intrinsics, cam_to_world: npt.NDArray[np.float64]) -> bpy.types.Object:
    """Point the current scene's camera (made if there is none) and set the resolution; return the camera object.

    Parameters
    ----------
    intrinsics : Intrinsics
        Square pixels; the principal point may lie anywhere.
    cam_to_world : float64 (4, 4)
        Rigid, OpenCV frame (x right, y down, z forward).

    Raises
    ------
    DepthbenchError
        If the pixels are not square.
    """
    if not np.isclose(intrinsics.fy, intrinsics.fx, rtol=1e-9):
        raise DepthbenchError(f"{intrinsics}: rendering needs square pixels")
    centred = Intrinsics.centred(intrinsics.width, intrinsics.height, intrinsics.fx)
    scene = bpy.context.scene
    if scene.camera is None:
        scene.camera = bpy.data.objects.new("depthbench camera", bpy.data.cameras.new("depthbench camera"))
        scene.collection.objects.link(scene.camera)
    lens = scene.camera.data
    lens.type, lens.sensor_fit, lens.sensor_width = "PERSP", "HORIZONTAL", SENSOR_WIDTH_MM
    lens.lens = intrinsics.fx * SENSOR_WIDTH_MM / intrinsics.width
    # in widths of the picture, to the right and up
    lens.shift_x = (centred.cx - intrinsics.cx) / intrinsics.width
    lens.shift_y = (intrinsics.cy - centred.cy) / intrinsics.width
    lens.clip_start, lens.clip_end = 1e-3, 1e4
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = intrinsics.width, intrinsics.height, 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.use_border = False
    scene.camera.matrix_world = Matrix((np.asarray(cam_to_world) @ OPENCV_TO_BLENDER_CAMERA).tolist())
    return scene.camera
