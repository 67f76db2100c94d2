# SPDX-License-Identifier: Apache-2.0
"""What every object keeps, one by one: solid where it must be, parts apart, standing or hanging where it is put, of real size."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import numpy as np
import pytest
from truth_blender import run_blender

Things = dict[str, dict[str, Any]]
Choices = dict[str, list[list[Any]] | None]
Heights = dict[str, tuple[float, float]]

LOOK = """
import importlib, json
from depthbench.blender_scenes import assembly
import scene_probe

found = {}
for name, choices in json.loads(OBJECTS).items():
    module = importlib.import_module("depthbench.blender_scenes.objects." + name)
    for choice in choices if choices is not None else [[style] for style in module.STYLES]:
        for seed in SEEDS:
            assembly.reset()
            module.add(np.random.default_rng(seed), (0.3, -0.2, 0.5), 30.0, *choice)
            probe = scene_probe.Probe(scene_probe.meshes())
            classes = [scene_probe.surface_class(thing) for thing in probe.things]
            found[" ".join(map(str, [name, *choice, *[seed] * (len(SEEDS) > 1)]))] = {
                "low": probe.low.min(axis=0).tolist(), "high": probe.high.max(axis=0).tolist(),
                "crossing": probe.crossing(same_thing=True),
                "floating": probe.floating([probe.things[int(probe.low[:, 2].argmin())].name]),
                "classes": classes,
                "glass": [thing.name for thing, one in zip(probe.things, classes) if one == 2],
                "not_solid": scene_probe.not_solid(probe.things, (1, 2)),
            }
out["found"] = json.dumps(found)
"""


@pytest.mark.render
class ThingTests:
    """Tests of ``objects``: name of the file -> choices to try, None for its styles; each is made of every one of ``seeds``.

    The other names begin, or are part of, the names of things: ``grown`` parts may cross others, ``sheets`` need not be solid,
    what is ``hanging`` hangs from where it is put, what is ``on_walls`` does neither, ``in_pieces`` is not all of one piece.
    """

    objects: ClassVar[Choices]
    seeds: tuple[int, ...] = (3,)
    grown: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    hanging: tuple[str, ...] = ()
    on_walls: tuple[str, ...] = ()
    in_pieces: tuple[str, ...] = ("",)
    up_m = 0.004
    height_m: ClassVar[Heights]
    """Least and greatest height, by how the name begins."""
    seen_through: tuple[tuple[str, int, int], ...]
    """(name, class, how many parts of it at least)."""

    @pytest.fixture(scope="class")
    @classmethod
    def things(cls, tmp_path_factory: pytest.TempPathFactory) -> Things:
        """Every kind of thing alone, turned by 30 degrees, at (0.3, -0.2, 0.5)."""
        body = f"OBJECTS, SEEDS = {json.dumps(cls.objects)!r}, {cls.seeds}\n{LOOK}"
        found: Things = json.loads(str(run_blender(body, tmp_path_factory.mktemp("things"))["found"]))
        return found

    def test_parts_do_not_cross(self, things: Things) -> None:
        found = {
            name: [pair for pair in thing["crossing"] if not any(word in pair for word in self.grown)]
            for name, thing in things.items()
        }
        assert {name: pairs for name, pairs in found.items() if pairs} == {}

    def test_nothing_floats_in_the_air(self, things: Things) -> None:
        floating = {name: thing["floating"] for name, thing in things.items() if not name.startswith(self.in_pieces)}
        assert {name: parts for name, parts in floating.items() if parts} == {}

    def test_all_but_sheets_is_solid(self, things: Things) -> None:
        found = {
            name: [mesh for mesh in thing["not_solid"] if not any(word in mesh for word in self.sheets)]
            for name, thing in things.items()
        }
        assert {name: meshes for name, meshes in found.items() if meshes} == {}

    def test_every_part_says_what_it_is(self, things: Things) -> None:
        assert all(1 <= part <= 3 for thing in things.values() for part in thing["classes"])

    def test_what_can_be_seen_through(self, things: Things) -> None:
        for start, surface_class, least in self.seen_through:
            among = [thing for name, thing in things.items() if f"{name} ".startswith(f"{start} ")]
            assert sum(thing["classes"].count(surface_class) for thing in among[:1]) >= least, start

    def test_things_stand_just_above_where_they_are_put(self, things: Things) -> None:
        for name, thing in things.items():
            if name.startswith(self.hanging):
                assert -0.003 < thing["high"][2] - 0.5 < 0.0, name
            elif not name.startswith(self.on_walls):
                assert 0.0 < thing["low"][2] - 0.5 < self.up_m, name

    def test_sizes_are_those_of_real_things(self, things: Things) -> None:
        for name, thing in things.items():
            for start, (low, high) in self.height_m.items():
                if f"{name} ".startswith(f"{start} "):
                    assert low < np.subtract(thing["high"], thing["low"])[2] < high, name
