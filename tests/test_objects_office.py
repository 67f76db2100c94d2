# SPDX-License-Identifier: Apache-2.0
"""Office objects, one by one, of two draws."""

from __future__ import annotations

from typing import ClassVar

import pytest
from thing_tests import Choices, Heights, ThingTests
from truth_blender import run_blender


class TestThings(ThingTests):
    objects: ClassVar[Choices] = {
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
    seeds = (3, 4)
    # A liquid reaches into the wall of what holds it.
    grown = ("liquid", "cooler water")
    sheets = ("film",)
    hanging = ("window_blind", "luminaire")
    on_walls = ("whiteboard", "wall_clock", "monitor wall")
    in_pieces = ()
    height_m: ClassVar[Heights] = {
        "desk": (0.7, 0.76), "office_chair": (0.9, 1.35), "monitor foot": (0.38, 0.6), "keyboard": (0.01, 0.03), "mouse": (0.03, 0.052),
        "desk_lamp": (0.35, 0.52), "mesh_cup pens": (0.1, 0.2), "mesh_cup bin": (0.25, 0.36), "shelf_books book": (0.19, 0.3),
        "filing_cabinet": (0.6, 1.4), "water_cooler": (1.25, 1.4), "coat_stand": (1.6, 1.9), "labware": (0.015, 0.3),
    }  # fmt: skip
    seen_through = (
        ("office_chair mesh", 3, 1), ("desk cantilever", 3, 1), ("mesh_cup pens", 3, 1), ("papers tray", 3, 1),
        ("window_blind roller", 3, 1), ("desk_divider acrylic", 2, 1), ("glass_partition bare", 2, 1),
        ("whiteboard glass", 2, 1), ("bookcase framed", 2, 1), ("bookcase sliding", 2, 1), ("water_cooler", 2, 1),
        ("wall_clock", 2, 1), ("labware rack", 2, 1),
    )  # fmt: skip


@pytest.mark.render
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
