# SPDX-License-Identifier: Apache-2.0
"""The cafe: what every place keeps, and tables, glass, a street outside."""

from __future__ import annotations

from place_tests import Facts, PlaceTests


class TestCafe(PlaceTests):
    layout = "cafe"
    calls = ((11,), (12,), (13,))
    least_boxes, heights_m, reach_m = 8, (0.9, 1.8), 3.0
    most_triangles = 800_000

    def test_is_a_cafe(self, places: list[Facts]) -> None:
        for place in places:
            assert 4 <= len(place["targets"]) <= 16
            assert place["classes"].count(2) > 40
            assert place["things"] - len(place["names"]) > 20
        assert sum(place["classes"].count(3) for place in places) > 0
