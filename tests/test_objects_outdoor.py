# SPDX-License-Identifier: Apache-2.0
"""Street and garden objects one by one: solid where they must be, parts apart, standing on the ground."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from truth_blender import run_blender

pytestmark = pytest.mark.render

# choices to try: a module's STYLES, or these
OBJECTS: dict[str, list[list[Any]] | None] = {
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
# how large things are: least and greatest height in metres
HEIGHT_M = {
    "bollard": (0.45, 1.1), "bus_shelter": (2.2, 2.8), "car": (1.35, 1.95), "crate": (0.2, 0.5), "litter_bin": (0.7, 1.3), "park_bench": (0.75, 0.95),
    "street_lamp": (3.8, 6.5), "street_sign": (2.4, 3.1), "bicycle": (0.9, 1.15), "greenhouse": (2.4, 4.0), "watering_can": (0.2, 0.5),
}  # fmt: skip
WELDED = ("bicycle",)
GROWN = ("tree", "pot plant", "seedling", "hedge")

LOOK = """
import importlib, json
from depthbench.blender_scenes import assembly
import scene_probe

found = {}
for name, choices in json.loads(OBJECTS).items():
    module = importlib.import_module("depthbench.blender_scenes.objects." + name)
    for choice in choices if choices is not None else [[style] for style in module.STYLES]:
        assembly.reset()
        module.add(np.random.default_rng(5), (0.3, -0.2, 0.5), 30.0, *choice)
        probe = scene_probe.Probe(scene_probe.meshes())
        classes = [scene_probe.surface_class(thing) for thing in probe.things]
        see_through = {thing.name for thing, one in zip(probe.things, classes) if one == 2}
        crossing = probe.crossing(same_thing=True)
        found[" ".join(map(str, [name, *choice]))] = {
            "low": probe.low.min(axis=0).tolist(), "high": probe.high.max(axis=0).tolist(),
            "crossing": crossing,
            "through_glass": [pair for pair in crossing if see_through & set(pair.split(" x "))],
            "classes": classes,
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


def test_nothing_crosses_glass(things: dict[str, dict[str, Any]]) -> None:
    assert {name: thing["through_glass"] for name, thing in things.items() if thing["through_glass"]} == {}


def test_parts_do_not_cross(things: dict[str, dict[str, Any]]) -> None:
    found = {}
    for name, thing in things.items():
        # Leaves grow out of their stems; a car's trim is let into its body, a bicycle is welded.
        kept = [
            pair
            for pair in thing["crossing"]
            if not any(part.startswith(GROWN) for part in pair.split(" x ")) and not name.startswith(("car", *WELDED))
        ]
        if kept:
            found[name] = kept
    assert found == {}


def test_all_but_leaves_and_screens_is_solid(things: dict[str, dict[str, Any]]) -> None:
    found = {name: [mesh for mesh in thing["not_solid"] if "leaves" not in mesh] for name, thing in things.items()}
    assert {name: meshes for name, meshes in found.items() if meshes} == {}


def test_every_part_says_what_it_is(things: dict[str, dict[str, Any]]) -> None:
    assert all(1 <= part <= 3 for thing in things.values() for part in thing["classes"])


@pytest.mark.parametrize(
    ("name", "surface_class", "least"),
    [("car saloon", 2, 6), ("car van", 2, 6), ("bus_shelter flat", 2, 5), ("bus_shelter glass", 2, 7), ("greenhouse", 2, 20), ("wire_fence 4.8", 3, 2),
     ("street_lamp lantern", 2, 1), ("litter_bin bag", 2, 1)],
)  # fmt: skip
def test_what_can_be_seen_through(things: dict[str, dict[str, Any]], name: str, surface_class: int, least: int) -> None:
    assert things[name]["classes"].count(surface_class) >= least


def test_things_stand_just_above_where_they_are_put(things: dict[str, dict[str, Any]]) -> None:
    for name, thing in things.items():
        if not name.startswith(("awning", "wire_fence")):
            assert 0.0 < thing["low"][2] - 0.5 < 0.006, name


def test_sizes_are_those_of_real_things(things: dict[str, dict[str, Any]]) -> None:
    for name, thing in things.items():
        if name.split()[0] in HEIGHT_M:
            low, high = HEIGHT_M[name.split()[0]]
            assert low < np.subtract(thing["high"], thing["low"])[2] < high, name


def test_cars_are_symmetric_in_their_glass(things: dict[str, dict[str, Any]]) -> None:
    # Windscreen and rear window, and as many windows on the left as on the right.
    assert all(thing["classes"].count(2) % 2 == 0 for name, thing in things.items() if name.startswith("car"))
