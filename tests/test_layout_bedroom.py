# SPDX-License-Identifier: Apache-2.0
"""The bedroom: what every place keeps, and a made bed, glass, thin curtains and mesh."""

from __future__ import annotations

from place_tests import Facts, PlaceTests


class TestBedroom(PlaceTests):
    layout = "bedroom"
    calls = ((31,), (32,), (33,))
    least_boxes, heights_m, reach_m = 4, (0.9, 1.7), 2.5
    most_triangles = 800_000

    def test_is_a_bedroom(self, places: list[Facts]) -> None:
        for place in places:
            assert {"mattress", "pillow", "quilt"} <= {name.partition(".")[0] for name in place["names"]}
            assert len(place["names"]) > 120
            assert place["classes"].count(2) > 12
        assert any("sheer curtain" in place["names"] for place in places)
        assert sum(place["classes"].count(3) for place in places) > 0
