# SPDX-License-Identifier: Apache-2.0
"""The gallery: what every place keeps, works that differ, cases and pictures, glass clear of the rest."""

from __future__ import annotations

import numpy as np
from place_tests import Facts, PlaceTests

MORE = """
def nearest_to_glass(probe, classes):
    # least distance from any vertex of one to the surface of the other, over close pairs with glass
    least = {}
    for a, b in probe.near(0.004):
        if 2 not in (classes[a], classes[b]):
            continue
        for one, other in ((a, b), (b, a)):
            inside = ((probe.points[one] > probe.low[other] - 0.004) & (probe.points[one] < probe.high[other] + 0.004)).all(axis=1)
            for point in probe.points[one][inside][:400]:
                found = probe.tree(other).find_nearest(point, 0.004)[3]
                if found is not None and found < least.get("distance", 1.0):
                    least = {"distance": found, "names": [probe.things[one].name, probe.things[other].name]}
    return least

def more(info):
    probe = scene_probe.Probe([thing for thing in scene_probe.meshes() if not thing.name.startswith("street")])
    return {"glass_gap": nearest_to_glass(probe, [scene_probe.surface_class(thing) for thing in probe.things])}
"""


class TestGallery(PlaceTests):
    layout = "gallery"
    calls = ((21,), (22,), (23,), (24,))
    more = MORE
    least_boxes, heights_m, from_walls_m, reach_m = 8, (1.1, 1.75), 0.35, 2.0
    most_triangles = 600_000

    def test_no_work_stands_where_it_stands_in_another_gallery(self, places: list[Facts]) -> None:
        works = [{tuple(work) for work in np.round(place["targets"], 3)} for place in places]
        assert all(not works[a] & works[b] for a in range(len(works)) for b in range(a))

    def test_glass_keeps_a_millimetre_from_everything(self, places: list[Facts]) -> None:
        for place in places:
            assert place["glass_gap"]["distance"] > 0.00095, place["glass_gap"]

    def test_is_a_gallery(self, places: list[Facts]) -> None:
        counts = []
        for place in places:
            named = {name.split(":")[0] for name in place["names"] if ":" in name}
            kinds = [name.rsplit(" ", 1)[0] for name in named]
            counts.append(kinds)
            assert 3 <= kinds.count("case") <= 11
            assert 8 <= kinds.count("picture") <= 31
            assert kinds.count("work") >= 1
            assert place["classes"].count(2) > 40
        assert sum(kinds.count("partition") for kinds in counts) >= len(places)
        assert sum(place["classes"].count(3) for place in places) > 0
