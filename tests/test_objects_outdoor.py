# SPDX-License-Identifier: Apache-2.0
"""Street and garden objects, one by one."""

from __future__ import annotations

from typing import ClassVar

from thing_tests import Choices, Heights, Things, ThingTests


class TestThings(ThingTests):
    objects: ClassVar[Choices] = {
        "awning": [[2.4]],
        "bicycle": [[]],
        "bollard": None,
        "bus_shelter": None,
        "car": None,
        "crate": [[]],
        "flower_pot": None,
        "greenhouse": [[]],
        "litter_bin": None,
        "park_bench": [[1.6]],
        "planter": None,
        "street_lamp": None,
        "street_sign": None,
        "tree": None,
        "watering_can": [[]],
        "wire_fence": [[4.8]],
    }
    seeds = (5,)
    # Leaves grow out of their stems; a car's trim is let into its body, a bicycle is welded.
    grown = ("tree", "pot plant", "seedling", "hedge", "car", "bicycle")
    sheets = ("leaves",)
    on_walls = ("awning", "wire_fence")
    up_m = 0.006
    height_m: ClassVar[Heights] = {
        "bollard": (0.45, 1.1), "bus_shelter": (2.2, 2.8), "car": (1.35, 1.95), "crate": (0.2, 0.5), "litter_bin": (0.7, 1.3), "park_bench": (0.75, 0.95),
        "street_lamp": (3.8, 6.5), "street_sign": (2.4, 3.1), "bicycle": (0.9, 1.15), "greenhouse": (2.4, 4.0), "watering_can": (0.2, 0.5),
    }  # fmt: skip
    seen_through = (
        ("car saloon", 2, 6), ("car van", 2, 6), ("bus_shelter flat", 2, 5), ("bus_shelter glass", 2, 7), ("greenhouse", 2, 20),
        ("wire_fence 4.8", 3, 2), ("street_lamp lantern", 2, 1), ("litter_bin bag", 2, 1),
    )  # fmt: skip

    def test_nothing_crosses_glass(self, things: Things) -> None:
        for name, thing in things.items():
            assert not [pair for pair in thing["crossing"] if set(thing["glass"]) & set(pair.split(" x "))], name

    def test_cars_are_symmetric_in_their_glass(self, things: Things) -> None:
        # Windscreen and rear window, and as many windows on the left as on the right.
        assert all(thing["classes"].count(2) % 2 == 0 for name, thing in things.items() if name.startswith("car"))
