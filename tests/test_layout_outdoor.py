# SPDX-License-Identifier: Apache-2.0
"""Outdoor places: what every place keeps, what each kind is named for, and no view into nothing."""

from __future__ import annotations

from place_tests import Facts, PlaceTests

MORE = """
def more(info):
    # What a level ray in each direction from the middle of a camera box meets.
    reach = []
    for start in info.camera_boxes.mean(axis=1):
        for angle in np.arange(24) * np.pi / 12:
            ray = start.tolist(), (np.cos(angle), np.sin(angle), 0.0)
            found = bpy.context.scene.ray_cast(bpy.context.evaluated_depsgraph_get(), *ray)
            reach.append(float(np.linalg.norm(np.array(found[1]) - start)) if found[0] else 1e6)
    return {"sight_m": max(reach)}
"""
KINDS = ("greenhouse", "shop_fronts", "bus_stop", "parked_cars")
NAMED_FOR = ("greenhouse roof pane", "shop window pane 0", "shelter pane", "car pane")


class TestOutdoor(PlaceTests):
    layout = "outdoor"
    calls = (*((31, kind) for kind in KINDS), (32, "greenhouse"))
    more = MORE
    least_boxes, heights_m = 2, (1.3, 1.8)
    most_triangles = 3_000_000
    around = ("greenhouse",)

    def test_is_full_of_things_to_see_through(self, places: list[Facts]) -> None:
        for place in places:
            assert place["classes"].count(2) >= 12
            assert place["things"] > 300

    def test_no_level_view_is_empty(self, places: list[Facts]) -> None:
        for place in places:
            assert place["sight_m"] < 60.0

    def test_each_kind_has_what_it_is_named_for(self, places: list[Facts]) -> None:
        for place, thing in zip(places, NAMED_FOR, strict=False):
            assert thing in {name.partition(".")[0] for name in place["names"]}
