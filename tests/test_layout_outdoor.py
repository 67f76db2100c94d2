# SPDX-License-Identifier: Apache-2.0
"""Outdoor places: the same from the same seed, nothing crosses, nothing floats, glass is solid, cameras stand in free air."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from truth_blender import run_blender

pytestmark = pytest.mark.render

KINDS = ("shop_fronts", "greenhouse", "bus_stop", "parked_cars")
SEED = 31

LOOK = """
import json
from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.layouts import outdoor
import scene_probe

GROUND = ("street", "shop floor", "shop wall", "house front", "ground", "garden wall")

def look(kind, seed):
    assembly.reset()
    info = outdoor.build(np.random.default_rng(seed), kind)
    things = scene_probe.meshes()
    probe = scene_probe.Probe(things)
    boxes = info.camera_boxes
    hit = ((probe.low[:, None] < boxes[None, :, 1]) & (probe.high[:, None] > boxes[None, :, 0])).all(axis=2)
    # Plants grow into each other.
    crossing = [pair for pair in probe.crossing(same_thing=False) if not all("leaves" in name for name in pair.split(" x "))]
    # What a level ray in each direction from the middle of a camera box meets.
    ray_from = boxes.mean(axis=1)
    reach = []
    for start in ray_from:
        for angle in np.arange(24) * np.pi / 12:
            found = bpy.context.scene.ray_cast(bpy.context.evaluated_depsgraph_get(), start.tolist(), (np.cos(angle), np.sin(angle), 0.0))
            reach.append(float(np.linalg.norm(np.array(found[1]) - start)) if found[0] else 1e6)
    return {
        "digest": scene_probe.digest(things),
        "names": sorted({thing.name.split(".")[0] for thing in things}),
        "crossing": crossing,
        "floating": probe.floating(GROUND),
        "unmarked": [thing.name for thing in things if scene_probe.surface_class(thing) < 0],
        "not_solid": scene_probe.not_solid(things, (2,)),
        "transmissive": sum(scene_probe.surface_class(thing) == 2 for thing in things), "things": len(things),
        "triangles": sum(len(face.vertices) - 2 for thing in things for face in thing.data.polygons),
        "shared": len(things) - len(bpy.data.meshes),
        "unused": scene_probe.unused(),
        "camera_boxes": boxes.tolist(), "in_camera_boxes": [things[k].name for k in np.flatnonzero(hit.any(axis=1))],
        "targets": info.see_through_targets.tolist(), "farthest": max(reach), "distance": info.view_distance_m_range[1],
    }
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """One place of each kind, and the greenhouse again with the same and with another seed."""
    asked = [(kind, SEED) for kind in KINDS] + [("greenhouse", SEED), ("greenhouse", SEED + 1)]
    body = LOOK + f"\nout['found'] = json.dumps([look(kind, seed) for kind, seed in {asked}])\n"
    found = json.loads(str(run_blender(body, tmp_path_factory.mktemp("outdoor"))["found"]))
    return dict(zip([*KINDS, "again", "other"], found, strict=True))


def test_same_seed_same_place_and_other_seed_other_place(places: dict[str, dict[str, Any]]) -> None:
    assert places["again"]["digest"] == places["greenhouse"]["digest"]
    assert places["other"]["digest"] != places["greenhouse"]["digest"]


@pytest.mark.parametrize("kind", KINDS)
class TestPlace:
    def test_nothing_crosses_another_thing(self, places: dict[str, dict[str, Any]], kind: str) -> None:
        # Of the greenhouse, the aisle is a place to stand although its frame is around it.
        assert places[kind]["crossing"] == []

    def test_all_stand_or_hang_on_something(self, places: dict[str, dict[str, Any]], kind: str) -> None:
        assert places[kind]["floating"] == []

    def test_truth_can_be_told(self, places: dict[str, dict[str, Any]], kind: str) -> None:
        assert places[kind]["unmarked"] == []
        assert places[kind]["not_solid"] == []

    def test_is_full_of_things_to_see_through(self, places: dict[str, dict[str, Any]], kind: str) -> None:
        assert places[kind]["transmissive"] >= 12
        assert places[kind]["things"] > 300
        assert places[kind]["triangles"] < 3_000_000

    def test_copies_share_their_mesh_and_nothing_is_left_over(
        self, places: dict[str, dict[str, Any]], kind: str
    ) -> None:
        assert places[kind]["shared"] > 80
        assert places[kind]["unused"] == []

    def test_cameras_stand_in_free_air_at_head_height(self, places: dict[str, dict[str, Any]], kind: str) -> None:
        boxes = np.array(places[kind]["camera_boxes"])
        around = ("greenhouse",) if kind == "greenhouse" else ()
        assert len(boxes) >= 2
        assert (boxes[:, 1] > boxes[:, 0]).all()
        assert 1.3 < boxes[:, :, 2].min() < boxes[:, :, 2].max() < 1.8
        inside = [name for name in places[kind]["in_camera_boxes"] if not name.startswith(around) or not around]
        assert inside == []

    def test_no_level_view_is_empty(self, places: dict[str, dict[str, Any]], kind: str) -> None:
        assert places[kind]["farthest"] < 60.0

    def test_most_targets_can_be_seen_from_within_reach(self, places: dict[str, dict[str, Any]], kind: str) -> None:
        boxes, targets = np.array(places[kind]["camera_boxes"]), np.array(places[kind]["targets"])
        nearest = np.clip(targets[:, None], boxes[None, :, 0], boxes[None, :, 1])
        distance_m = np.linalg.norm(nearest - targets[:, None], axis=-1).min(axis=1)
        assert (distance_m < places[kind]["distance"]).mean() > 0.8


@pytest.mark.parametrize(
    ("kind", "thing"),
    [("shop_fronts", "shop window pane 0"), ("greenhouse", "greenhouse roof pane"), ("bus_stop", "shelter pane"), ("parked_cars", "car pane")],
)  # fmt: skip
def test_each_kind_has_what_it_is_named_for(places: dict[str, dict[str, Any]], kind: str, thing: str) -> None:
    assert thing in places[kind]["names"]
