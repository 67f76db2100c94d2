# SPDX-License-Identifier: Apache-2.0
"""Floating things: in free air, whole, at any turn, away from cameras, and of the seed alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from truth_blender import run_blender

from depthbench.blender_scenes.scene import cut_boxes

CORNERS = st.lists(st.integers(0, 6), min_size=3, max_size=3).map(np.array)
BOXES = st.tuples(CORNERS, st.lists(st.integers(1, 4), min_size=3, max_size=3).map(np.array)).map(
    lambda pair: np.stack([pair[0], pair[0] + pair[1]]).astype(np.float64)
)


@given(boxes=st.lists(BOXES, min_size=1, max_size=3), hole=BOXES, seed=st.integers(0, 99))
def test_boxes_keep_all_but_the_hole(boxes: list[np.ndarray], hole: np.ndarray, seed: int) -> None:
    """Point by point: in the result exactly where it was in a box and is not in the hole, and no box twice."""
    for box in boxes:
        left = cut_boxes(box[None], hole[0], hole[1])
        points = np.random.default_rng(seed).uniform(-1, 11, (400, 3))

        def count(among: np.ndarray, points: np.ndarray = points) -> np.ndarray:
            return ((points[:, None] > among[:, 0]) & (points[:, None] < among[:, 1])).all(axis=2).sum(axis=1)

        np.testing.assert_array_equal(count(left), count(box[None]) * (count(hole[None]) == 0))


LOOK = (
    f"""
import json, sys
sys.path.insert(0, {str(Path(__file__).parent / "layouts")!r})
"""
    + """
from depthbench.blender_scenes import assembly, floating
from depthbench.blender_scenes.layouts import gallery
import scene_probe
import small

def look(build, seed, count):
    assembly.reset()
    info = build(np.random.default_rng(seed))
    before = {thing.name for thing in scene_probe.meshes()}
    more, placed = floating.add(np.random.default_rng(seed + 1), info, count)
    things = scene_probe.meshes()
    probe = scene_probe.Probe(things)
    new = [k for k, thing in enumerate(things) if thing.name not in before]
    apart = []
    for k in new:
        others = [j for j in range(len(things)) if (np.abs(probe.origin[j] - probe.origin[k]).max() > 1e-6 or j not in new)]
        tree = probe.tree(k)
        for j in others:
            close = (probe.low[j] < probe.high[k] + 0.015).all() and (probe.high[j] > probe.low[k] - 0.015).all()
            near = close and any(tree.find_nearest(p, 0.015)[0] is not None for p in probe.points[j])
            if close and (near or tree.overlap(probe.tree(j))):
                apart.append(things[k].name + " at " + things[j].name)
    grown = [(probe.low[k] - info.clearance_m, probe.high[k] + info.clearance_m) for k in new]
    volume = lambda boxes: float((boxes[:, 1] - boxes[:, 0]).prod(axis=1).sum())
    return {
        "placed": placed, "parts": len(new), "too close": apart,
        "in the way": sum(bool(((box[0] < high - 1e-6) & (box[1] > low + 1e-6)).all()) for box in more.camera_boxes for low, high in grown),
        "volume": volume(more.camera_boxes) / volume(info.camera_boxes),
        "not solid": scene_probe.not_solid([things[k] for k in new], (2,)),
        "unmarked": [things[k].name for k in new if scene_probe.surface_class(things[k]) < 0],
        "tilted": float(np.mean([abs(things[k].matrix_world[2][2]) < 0.99 for k in new])),
        "rigid": max(float(np.abs(np.array(things[k].matrix_world.to_3x3()) @ np.array(things[k].matrix_world.to_3x3()).T - np.eye(3)).max()) for k in new),
        "digest": scene_probe.digest(things), "unused": scene_probe.unused(),
    }
"""
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    body = LOOK + (
        "\nsmalls = [look(small.build, seed, 9) for seed in (3, 3, 4)]"
        "\nout['found'] = json.dumps([*smalls, look(gallery.build, 5, 12)])\n"
    )
    made: list[dict[str, Any]] = json.loads(str(run_blender(body, tmp_path_factory.mktemp("floating"))["found"]))
    return made


@pytest.mark.render
def test_they_hang_in_free_air(found: list[dict[str, Any]]) -> None:
    for scene in found:
        assert scene["placed"] >= 6
        assert scene["too close"] == []
        assert scene["not solid"] == scene["unmarked"] == scene["unused"] == []


@pytest.mark.render
def test_cameras_draw_back(found: list[dict[str, Any]]) -> None:
    for scene in found:
        assert scene["in the way"] == 0
        assert 0.5 <= scene["volume"] <= 1


@pytest.mark.render
def test_they_are_turned_about_all_axes_and_stay_rigid(found: list[dict[str, Any]]) -> None:
    for scene in found:
        assert scene["tilted"] > 0.5
        assert scene["rigid"] < 1e-5


@pytest.mark.render
def test_they_follow_their_seed(found: list[dict[str, Any]]) -> None:
    assert found[0]["digest"] == found[1]["digest"] != found[2]["digest"]
