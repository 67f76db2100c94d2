# SPDX-License-Identifier: Apache-2.0
"""Surfaces as coloured points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.camera import StereoRig
from depthbench.formats.ply import Table, table_of
from depthbench.sweep.surfaces import Surfaces

LEAST_DISP_PX = 0.5
"""Disparities below this are as good as infinitely far, and make no points."""


def points(surfaces: Surfaces, rgb: npt.NDArray[np.uint8], rig: StereoRig) -> Table:
    """Back-project every surface of every pixel.

    Parameters
    ----------
    surfaces : Surfaces
    rgb : uint8 (H, W, 3)
        The left picture, which gives the colours; of surfaces that share a pixel, each takes its colour.
    rig : StereoRig

    Returns
    -------
    Table
        (N,), for :func:`depthbench.formats.ply.write_ply`: ``x y z`` float32 metres in the left camera's frame (x right, y down,
        z forward), ``red green blue`` uint8, ``c`` float32, ``layer`` uint8 from 1, front to back.
    """
    layers = []
    for number, (disp_px, c) in enumerate(zip(surfaces.disp_px, surfaces.c, strict=True), start=1):
        near = disp_px + rig.doffs >= LEAST_DISP_PX
        xyz = rig.intrinsics.back_project(rig.depth_from_disparity(disp_px))[near].astype(np.float32)
        layers.append((xyz, rgb[near], c[near], np.full(len(xyz), min(number, 255), dtype=np.uint8)))
    none = (np.empty((0, 3), np.float32), np.empty((0, 3), np.uint8), np.empty(0, np.float32), np.empty(0, np.uint8))
    xyz, colour, c, layer = (np.concatenate(parts) for parts in zip(none, *layers, strict=True))
    return table_of(
        x=xyz[:, 0],
        y=xyz[:, 1],
        z=xyz[:, 2],
        red=colour[:, 0],
        green=colour[:, 1],
        blue=colour[:, 2],
        c=c,
        layer=layer,
    )
