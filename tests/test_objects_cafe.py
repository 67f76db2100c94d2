# SPDX-License-Identifier: Apache-2.0
"""Cafe objects one by one: solid where they must be, parts apart, standing on the floor or hanging from their origin."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from truth_blender import run_blender

pytestmark = pytest.mark.render

# choices to try: a module's STYLES, or these
OBJECTS: dict[str, list[list[Any]] | None] = {
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
HANGING = ("ceiling_light", "hung_panel", "pendant_lamp")
# how large things are: least and greatest height in metres
HEIGHT_M = {
    "bottle": (0.2, 0.36), "chair": (0.75, 0.95), "cup": (0.05, 0.12), "drinking_glass": (0.06, 0.22), "jar": (0.1, 0.3),
    "pastry": (0.008, 0.12), "plate": (0.005, 0.03), "table": (0.7, 0.78), "counter": (1.3, 1.7), "pastry_case": (1.3, 1.35),
}  # fmt: skip

LOOK = """
import importlib, json
from depthbench.blender_scenes import assembly
import scene_probe

found = {}
for name, choices in json.loads(OBJECTS).items():
    module = importlib.import_module("depthbench.blender_scenes.objects." + name)
    for choice in choices if choices is not None else [[style] for style in module.STYLES]:
        assembly.reset()
        module.add(np.random.default_rng(3), (0.3, -0.2, 0.5), 30.0, *choice)
        probe = scene_probe.Probe(scene_probe.meshes())
        found[" ".join(map(str, [name, *choice]))] = {
            "low": probe.low.min(axis=0).tolist(), "high": probe.high.max(axis=0).tolist(),
            "crossing": probe.crossing(same_thing=True),
            "classes": [scene_probe.surface_class(thing) for thing in probe.things],
            "not_solid": scene_probe.not_solid(probe.things, (1, 2)),
        }
out["found"] = json.dumps(found)
"""


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every kind of thing alone, turned by 30 degrees, at (0.3, -0.2, 0.5)."""
    body = f"OBJECTS = {json.dumps(OBJECTS)!r}\n" + LOOK
    found: dict[str, dict[str, Any]] = json.loads(str(run_blender(body, tmp_path_factory.mktemp("things"))["found"]))
    return found


def test_parts_do_not_cross(things: dict[str, dict[str, Any]]) -> None:
    # Leaves grow out of their stems; a liquid reaches into the wall of the one thing that holds it.
    allowed = ("plant leaves", "drink x ", " x drink", "bottle content", "aquarium x aquarium water")
    crossing = {
        name: [pair for pair in thing["crossing"] if not any(text in pair for text in allowed)]
        for name, thing in things.items()
    }
    assert {name: pairs for name, pairs in crossing.items() if pairs} == {}


def test_all_but_leaves_and_screens_is_solid(things: dict[str, dict[str, Any]]) -> None:
    found = {
        name: [mesh for mesh in thing["not_solid"] if "leaves" not in mesh and "weed" not in mesh]
        for name, thing in things.items()
    }
    assert {name: meshes for name, meshes in found.items() if meshes} == {}


def test_every_part_says_what_it_is(things: dict[str, dict[str, Any]]) -> None:
    assert all(1 <= part <= 3 for thing in things.values() for part in thing["classes"])


@pytest.mark.parametrize(
    ("name", "surface_class"),
    [("bottle wine", 2), ("drinking_glass wine", 2), ("jar sugar", 2), ("cake_stand", 2), ("menu_card", 2), ("chair mesh", 3),
     ("hung_panel screen", 3), ("hung_panel acrylic", 2), ("pastry_case 1.3", 2), ("pendant_lamp globe", 2)],
)  # fmt: skip
def test_what_can_be_seen_through(things: dict[str, dict[str, Any]], name: str, surface_class: int) -> None:
    assert surface_class in things[name]["classes"]


def test_things_stand_just_above_where_they_are_put(things: dict[str, dict[str, Any]]) -> None:
    for name, thing in things.items():
        if name.startswith(HANGING):
            assert -0.003 < thing["high"][2] - 0.5 < 0.0, name
        elif not name.startswith(("shelf", "menu_board wall")):
            assert 0.0 < thing["low"][2] - 0.5 < 0.004, name


def test_sizes_are_those_of_real_things(things: dict[str, dict[str, Any]]) -> None:
    for name, thing in things.items():
        if name.split()[0] in HEIGHT_M and name != "chair stool":
            low, high = HEIGHT_M[name.split()[0]]
            assert low < np.subtract(thing["high"], thing["low"])[2] < high, name
