# SPDX-License-Identifier: Apache-2.0
"""Office objects one by one: solid where they must be, parts apart, nothing in the air, sizes of real things."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from truth_blender import run_blender

pytestmark = pytest.mark.render

OBJECTS: dict[str, list[list[Any]] | None] = {
    "desk": None,
    "office_chair": None,
    "monitor": None,
    "keyboard": [[]],
    "mouse": [[]],
    "telephone": [[]],
    "desk_lamp": None,
    "mesh_cup": None,
    "papers": None,
    "shelf_books": None,
    "bookcase": None,
    "filing_cabinet": [[]],
    "whiteboard": None,
    "glass_partition": None,
    "desk_divider": None,
    "water_cooler": [[]],
    "desk_cable": [[]],
    "window_blind": None,
    "wall_clock": [[]],
    "coat_stand": None,
    "luminaire": None,
    "labware": None,
}
HANGING = ("window_blind", "luminaire")
ON_WALLS = ("whiteboard", "wall_clock", "monitor wall")
HEIGHT_M = {
    "desk ": (0.7, 0.76), "office_chair": (0.9, 1.35), "monitor foot": (0.38, 0.6), "keyboard": (0.01, 0.03), "mouse": (0.03, 0.052),
    "desk_lamp": (0.35, 0.52), "mesh_cup pens": (0.1, 0.2), "mesh_cup bin": (0.25, 0.36), "shelf_books book": (0.19, 0.3),
    "filing_cabinet": (0.6, 1.4), "water_cooler": (1.25, 1.4), "coat_stand": (1.6, 1.9), "labware": (0.015, 0.3),
}  # fmt: skip

LOOK = """
import importlib, json
from depthbench.blender_scenes import assembly
import scene_probe

found = {}
for name, choices in json.loads(OBJECTS).items():
    module = importlib.import_module("depthbench.blender_scenes.objects." + name)
    for choice in choices if choices is not None else [[style] for style in module.STYLES]:
        for seed in (3, 4):
            assembly.reset()
            module.add(np.random.default_rng(seed), (0.3, -0.2, 0.5), 30.0, *choice)
            probe = scene_probe.Probe(scene_probe.meshes())
            found[" ".join(map(str, [name, *choice, seed]))] = {
                "low": probe.low.min(axis=0).tolist(), "high": probe.high.max(axis=0).tolist(),
                "crossing": probe.crossing(same_thing=True),
                "floating": probe.floating([max(probe.things, key=lambda t: len(t.data.polygons)).name]),
                "classes": [scene_probe.surface_class(thing) for thing in probe.things],
                "not_solid": scene_probe.not_solid(probe.things, (1, 2)),
            }
out["found"] = json.dumps(found)
"""


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every kind of thing alone, of two draws, turned by 30 degrees, at (0.3, -0.2, 0.5)."""
    body = f"OBJECTS = {json.dumps(OBJECTS)!r}\n" + LOOK
    found: dict[str, dict[str, Any]] = json.loads(str(run_blender(body, tmp_path_factory.mktemp("things"))["found"]))
    return found


def _bad(things: dict[str, dict[str, Any]], key: str) -> dict[str, list[str]]:
    return {name: thing[key] for name, thing in things.items() if thing[key]}


def test_parts_do_not_cross(things: dict[str, dict[str, Any]]) -> None:
    # A liquid reaches into the wall of what holds it.
    for thing in things.values():
        thing["crossing"] = [pair for pair in thing["crossing"] if "liquid" not in pair and "cooler water" not in pair]
    assert _bad(things, "crossing") == {}


def test_nothing_floats_in_the_air(things: dict[str, dict[str, Any]]) -> None:
    assert _bad(things, "floating") == {}


def test_all_but_screens_and_film_is_solid(things: dict[str, dict[str, Any]]) -> None:
    found = {name: [mesh for mesh in thing["not_solid"] if "film" not in mesh] for name, thing in things.items()}
    assert {name: meshes for name, meshes in found.items() if meshes} == {}


def test_every_part_says_what_it_is(things: dict[str, dict[str, Any]]) -> None:
    assert all(1 <= part <= 3 for thing in things.values() for part in thing["classes"])


@pytest.mark.parametrize(
    ("name", "surface_class"),
    [("office_chair mesh", 3), ("desk cantilever", 3), ("mesh_cup pens", 3), ("papers tray", 3), ("window_blind roller", 3),
     ("desk_divider acrylic", 2), ("glass_partition bare", 2), ("whiteboard glass", 2), ("bookcase framed", 2),
     ("bookcase sliding", 2), ("water_cooler", 2), ("wall_clock", 2), ("labware rack", 2)],
)  # fmt: skip
def test_what_can_be_seen_through(things: dict[str, dict[str, Any]], name: str, surface_class: int) -> None:
    assert surface_class in things[f"{name} 3"]["classes"]


def test_things_stand_just_above_where_they_are_put(things: dict[str, dict[str, Any]]) -> None:
    for name, thing in things.items():
        if name.startswith(HANGING):
            assert -0.003 < thing["high"][2] - 0.5 < 0.0, name
        elif not name.startswith(ON_WALLS):
            assert 0.0 < thing["low"][2] - 0.5 < 0.004, name


def test_sizes_are_those_of_real_things(things: dict[str, dict[str, Any]]) -> None:
    for name, thing in things.items():
        for start, (low, high) in HEIGHT_M.items():
            if name.startswith(start):
                assert low < np.subtract(thing["high"], thing["low"])[2] < high, name


def test_glass_of_a_partition_keeps_a_millimetre_from_its_film_and_frame(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    body = """
    from depthbench.blender_scenes.objects import glass_partition
    import scene_probe
    from mathutils import Vector
    near = []
    for style in glass_partition.STYLES:
        for film in ("band", "dots"):
            glass_partition.design(np.random.default_rng(7), 3.0, 2.6, style, glass_partition.Door(0.5, 0.9, 35.0), film).place((0, 0, 0), 20.0)
            probe = scene_probe.Probe(scene_probe.meshes())
            panes = [k for k, thing in enumerate(probe.things) if "glass" in thing.name]
            for k in range(len(probe.things)):
                for pane in panes:
                    if k != pane:
                        inside = ((probe.points[k] > probe.low[pane] - 0.01) & (probe.points[k] < probe.high[pane] + 0.01)).all(axis=1)
                        found = [probe.tree(pane).find_nearest(Vector(p), 0.01)[3] for p in probe.points[k][inside]]
                        near += [distance for distance in found if distance is not None]
            for thing in probe.things:
                bpy.data.objects.remove(thing)
    out["near"] = np.array(near)
    """
    near = run_blender(body, tmp_path_factory.mktemp("partition"))["near"]
    assert len(near) > 100
    assert near.min() > 0.00099
