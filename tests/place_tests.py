# SPDX-License-Identifier: Apache-2.0
"""What every place keeps: the same from the same seed, nothing crosses or floats, glass is solid, cameras stand in free air."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from truth_blender import run_blender

Facts = dict[str, Any]

LOOK = """
import json
from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.layouts import {layout}
import scene_probe
{more}
def look(seed, *choice):
    assembly.reset()
    info = {layout}.build(np.random.default_rng(seed), *choice)
    return scene_probe.facts(info) | more(info)

out["found"] = json.dumps([look(*call) for call in {calls}])
"""
NO_MORE = "def more(info):\n    return {}\n"


def may_cross(pair: str) -> bool:
    """Stems stand in the water of their vase, which they must cross to be in it; plants grow into each other."""
    return pair in ("vase stems x vase water", "vase water x vase stems") or pair.count("leaves") == 2


@pytest.mark.render
class PlaceTests:
    """Tests of one layout, built for every one of ``calls`` (seed and choices) and for the first of them again."""

    layout: str
    calls: tuple[tuple[Any, ...], ...]
    more = NO_MORE
    sheets: tuple[str, ...] = ()
    """See-through things that are no solids, by parts of their names."""
    around: tuple[str, ...] = ()
    """How the names begin of things whose bounds hold places for cameras, as of a greenhouse with an aisle."""
    least_boxes: int
    heights_m: tuple[float, float]
    from_walls_m = 0.0
    reach_m: float | None = None
    """Most see-through targets are nearer to a place for cameras; None for the greatest distance at which they are looked at."""
    most_triangles: int

    @pytest.fixture(scope="class")
    @classmethod
    def built(cls, tmp_path_factory: pytest.TempPathFactory) -> list[Facts]:
        """Facts of all that was built."""
        body = LOOK.format(layout=cls.layout, more=cls.more, calls=[*cls.calls, cls.calls[0]])
        found: list[Facts] = json.loads(str(run_blender(body, tmp_path_factory.mktemp(cls.layout))["found"]))
        return found

    @pytest.fixture(scope="class")
    @classmethod
    def places(cls, built: list[Facts]) -> list[Facts]:
        """Facts by call."""
        return built[:-1]

    def test_same_seed_same_place_and_other_seeds_other_places(self, built: list[Facts]) -> None:
        assert built[0]["digest"] == built[-1]["digest"]
        assert built[0]["camera_boxes"] == built[-1]["camera_boxes"]
        assert len({place["digest"] for place in built}) == len(self.calls)
        halves = {tuple(np.round(place["half"], 3)) for place in built if place["half"]}
        assert len(halves) in (0, len(self.calls))

    def test_nothing_crosses_another_thing(self, places: list[Facts]) -> None:
        for place in places:
            pairs = [" x ".join(name.partition(".")[0] for name in pair.split(" x ")) for pair in place["crossing"]]
            assert [pair for pair in pairs if not may_cross(pair)] == []

    def test_all_stand_or_hang_on_something(self, places: list[Facts]) -> None:
        for place in places:
            # Water bears the fish.
            assert [name for name in place["floating"] if not name.startswith("fish")] == []
            assert place["half"] is None or place["sunk"] == []

    def test_truth_can_be_told(self, places: list[Facts]) -> None:
        for place in places:
            assert place["unmarked"] == []
            assert [name for name in place["not_solid"] if not any(sheet in name for sheet in self.sheets)] == []

    def test_is_no_larger_than_it_must_be(self, places: list[Facts]) -> None:
        for place in places:
            assert place["triangles"] < self.most_triangles
            assert place["kept_twice"] < 0.15
            assert place["unused"] == []

    def test_cameras_stand_in_free_air(self, places: list[Facts]) -> None:
        for place in places:
            boxes = np.array(place["camera_boxes"])
            assert len(boxes) >= self.least_boxes
            assert (boxes[:, 1] > boxes[:, 0]).all()
            assert self.heights_m[0] <= boxes[:, :, 2].min() < boxes[:, :, 2].max() <= self.heights_m[1]
            if place["half"]:
                assert (np.abs(boxes[:, :, :2]) < np.array(place["half"]) - self.from_walls_m).all()
            assert [name for name in place["in_camera_boxes"] if not name.startswith(self.around)] == []

    def test_most_targets_are_within_reach(self, places: list[Facts]) -> None:
        for place in places:
            boxes, targets = np.array(place["camera_boxes"]), np.array(place["see_through_targets"])
            nearest = np.clip(targets[:, None], boxes[None, :, 0], boxes[None, :, 1])
            distance_m = np.linalg.norm(nearest - targets[:, None], axis=-1).min(axis=1)
            assert (distance_m < (self.reach_m or place["farthest_m"])).mean() > 0.8
