# SPDX-License-Identifier: Apache-2.0
"""Cafe objects, one by one."""

from __future__ import annotations

from typing import ClassVar

from thing_tests import Choices, Heights, ThingTests


class TestThings(ThingTests):
    objects: ClassVar[Choices] = {
        "aquarium": [[]],
        "banquette": [[2.0]],
        "book": [["book"], ["menu"]],
        "bottle": None,
        "cake_stand": [[]],
        "ceiling_light": [[]],
        "chair": None,
        "coffee_machine": [[]],
        "counter": [[]],
        "cup": None,
        "dish": None,
        "drinking_glass": None,
        "hung_panel": None,
        "jar": None,
        "laptop": [[]],
        "menu_board": [["wall"], ["floor"]],
        "menu_card": [[]],
        "napkin_holder": [[]],
        "pastry": None,
        "pastry_case": [[1.3]],
        "pendant_lamp": None,
        "plant": None,
        "plate": None,
        "shaker": [[]],
        "shelf": [[1.2]],
        "table": None,
    }
    # Leaves grow out of their stems; a liquid reaches into the wall of the one thing that holds it.
    grown = ("plant leaves", "drink x ", " x drink", "bottle content", "aquarium x aquarium water", "weed", "stone")
    sheets = ("leaves", "weed")
    hanging = ("ceiling_light", "hung_panel", "pendant_lamp")
    on_walls = ("shelf", "menu_board wall")
    height_m: ClassVar[Heights] = {
        "bottle": (0.2, 0.36), **dict.fromkeys(("chair bentwood", "chair slatted", "chair sheet_metal", "chair mesh", "chair shell", "chair padded"), (0.75, 0.95)), "cup": (0.05, 0.12), "drinking_glass": (0.06, 0.22), "jar": (0.1, 0.3),
        "pastry": (0.008, 0.12), "plate": (0.005, 0.03), "table": (0.7, 0.78), "counter": (1.3, 1.7), "pastry_case": (1.3, 1.35),
    }  # fmt: skip
    seen_through = (
        ("bottle wine", 2, 1), ("drinking_glass wine", 2, 1), ("jar sugar", 2, 1), ("cake_stand", 2, 1), ("menu_card", 2, 1),
        ("chair mesh", 3, 1), ("hung_panel screen", 3, 1), ("hung_panel acrylic", 2, 1), ("pastry_case 1.3", 2, 1),
        ("pendant_lamp globe", 2, 1),
    )  # fmt: skip
