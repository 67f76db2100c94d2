# SPDX-License-Identifier: Apache-2.0
"""Stacks from our own stereo pairs: depth behind glass, and what the right eye sees behind edges, on planes in closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from synthetic import Plane, _eye

from depthbench.camera import Intrinsics, StereoRig, right_from_left
from depthbench.formats.json_file import write_json
from depthbench.formats.shard import LayeredRecord, write_shard
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.film import light_of, shown
from depthbench.generators.focal.layered import render_layered
from depthbench.generators.focal.layered_source import SCREEN_COVER, LayeredSource
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.make import make_stack
from depthbench.generators.focal.planes import FocusPlanes
from depthbench.generators.focal.srgb import decode, linear
from depthbench.generators.focal.surfaces import Sheet, fill_holes
from depthbench.layers import SurfaceClass
from depthbench.truth.geometry import Surface

WIDTH, HEIGHT = 80, 40
RIG = StereoRig(Intrinsics.centred(WIDTH, HEIGHT, 100.0), 0.1)
WALL, CARD = 4.0, 12.0
WALL_PLANE = Plane(1, SurfaceClass.OPAQUE, 0, 0, WALL, (-200, -1, 300, 60), (0.9, 0.6, 0.3))
KINDS = (SurfaceClass.OPAQUE, SurfaceClass.OPAQUE, SurfaceClass.TRANSMISSIVE, SurfaceClass.SCREEN)


def layered_folder(root: Path) -> LayeredRecord:
    """A wall at 2.5 m, a card before its middle, a pane on the left, a screen above."""
    planes = [
        WALL_PLANE,
        Plane(2, KINDS[1], 0, 0, CARD, (35, 10, 55, 41), (0.2, 0.3, 0.8)),
        Plane(3, KINDS[2], 0, 0, 6.0, (2, 12, 20, 30), (0.5, 0.9, 0.9), 0.2),
        Plane(4, KINDS[3], 0, 0, 8.0, (30, 0, 60, 6), (0.1, 0.1, 0.1), 0.5),
    ]
    pose = np.eye(4)
    left, right = (
        _eye(planes, WIDTH, HEIGHT, eye == 1, pose if eye == 0 else right_from_left(pose, 0.1)) for eye in (0, 1)
    )
    record = LayeredRecord("cafe-000000-0000", RIG, left, right, {"environment": "cafe"})
    surfaces = [Surface(number + 1, f"plane {number + 1}", kind, planar=True) for number, kind in enumerate(KINDS)]
    write_json(root / "config.json", {"generator": "layered"})
    write_shard(root / "shards" / "scene-000000.h5", [record], surfaces=surfaces, attrs={})
    return record


def test_depth_is_what_ends_the_ray(tmp_path: Path) -> None:
    layered_folder(tmp_path)
    scene = LayeredSource(tmp_path).read(0)
    per_px = RIG.intrinsics.fx * RIG.baseline_m
    assert scene.frame.depth_m[20, 10] == np.float32(per_px / WALL)  # through the pane
    assert scene.frame.depth_m[20, 45] == np.float32(per_px / CARD)
    assert scene.frame.depth_m[3, 45] == np.float32(per_px / WALL)  # through the screen
    screen = scene.others[0]
    assert screen.cover == SCREEN_COVER
    np.testing.assert_allclose(screen.dioptre[3, 31:59], 8.0 / per_px, rtol=1e-6)
    assert np.isnan(screen.dioptre[20]).all()


def test_the_other_eye_tells_what_an_edge_hides(tmp_path: Path) -> None:
    """The right eye sees the wall behind the card's right part, as far as its parallax reaches: 12 - 4 pixels."""
    record = layered_folder(tmp_path)
    scene = LayeredSource(tmp_path).read(0)
    behind = scene.others[-1]
    row = 20
    told = np.flatnonzero(np.isfinite(behind.dioptre[row]))
    assert told.tolist() == list(range(47, 55))
    np.testing.assert_allclose(behind.dioptre[row, told], WALL / 10, rtol=1e-6)
    # the wall's own picture, which the right eye holds 4 pixels to the left
    np.testing.assert_array_equal(behind.light[row, told], light_of(decode(record.right.image))[row, told - 4])
    assert scene.about["environment"] == "cafe"


def test_a_stack_sees_round_the_edge(tmp_path: Path) -> None:
    """The blurred card's right rim shows the wall itself, as a render that is told the whole wall; its left rim only guesses."""
    layered_folder(tmp_path)
    scene = LayeredSource(tmp_path).read(0)
    lens, focus = ThinLens(0.03, 1.0, 5e-5), [2.5]
    light = light_of(decode(scene.frame.image))
    front = Sheet(fill_holes(scene.frame.depth_m), light)
    wall = light_of(decode(_eye([WALL_PLANE], WIDTH, HEIGHT, False, np.eye(4)).image))
    hidden = front.dioptre > 0.5
    whole = Sheet(np.where(hidden, np.float32(WALL / 10), np.float32(np.nan)), wall)
    exact = shown(render_layered([front, whole], lens, focus, guess_hidden=False)[0])
    config = FocalConfig(
        "layered", FocusPlanes("fixed", list_m=(2.0, 2.5)), focal_m=0.03, f_number=1.0, pitch_m=5e-5, bits=16
    )
    ours = linear(make_stack(config, scene, 0).stack[1] / 65535)
    error = np.abs(ours - exact)[16:34].max(axis=(0, 2))
    assert error[48:62].max() < 2e-4
    assert error[30:42].max() > 2e-2
    assert make_stack(config, scene, 0).depth_m[20, 10] == np.float32(2.5)
