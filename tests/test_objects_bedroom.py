# SPDX-License-Identifier: Apache-2.0
"""Bedroom objects one by one: solid where they must be, parts apart, of the size of real things; cloth hangs as it should."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from truth_blender import run_blender

from depthbench.blender_scenes.objects import soft
from depthbench.blender_scenes.objects.solids import signed_volume_m3

NAMES = ("bed", "dresser", "wardrobe", "curtain", "shower", "mirror", "eyewear", "perfume", "toy", "toy_blocks", "plush", "rug",
         "garment", "clothes_rail", "wire_basket", "cable", "washbasin")  # fmt: skip
HANGING = ("curtain", "garment", "clothes_rail hooks")
# how large things are: least and greatest height in metres
HEIGHT_M = {
    "bed": (0.8, 1.2), "dresser dresser": (0.6, 1.05), "dresser nightstand": (0.25, 0.9), "wardrobe": (1.9, 2.3),
    "shower": (2.0, 2.4), "eyewear": (0.03, 0.06), "perfume": (0.06, 0.16), "rug": (0.005, 0.02), "cable": (0.003, 0.02), "washbasin": (0.22, 0.32),
}  # fmt: skip

LOOK = """
import importlib, json
from depthbench.blender_scenes import assembly
import scene_probe

found = {}
for name in NAMES:
    module = importlib.import_module("depthbench.blender_scenes.objects." + name)
    for style in module.STYLES:
        assembly.reset()
        module.add(np.random.default_rng(3), (0.3, -0.2, 0.5), 30.0, style)
        probe = scene_probe.Probe(scene_probe.meshes())
        found[name + " " + style] = {
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
    found: dict[str, dict[str, Any]] = json.loads(
        str(run_blender(f"NAMES = {NAMES!r}\n" + LOOK, tmp_path_factory.mktemp("things"))["found"])
    )
    return found


@pytest.mark.render
def test_parts_do_not_cross(things: dict[str, dict[str, Any]]) -> None:
    # What a bottle holds reaches a little into its wall.
    found = {
        name: [pair for pair in thing["crossing"] if pair != "perfume x perfume bottle"]
        for name, thing in things.items()
    }
    assert {name: pairs for name, pairs in found.items() if pairs} == {}


@pytest.mark.render
def test_all_but_curtains_and_mesh_is_solid(things: dict[str, dict[str, Any]]) -> None:
    found = {name: [mesh for mesh in thing["not_solid"] if "curtain" not in mesh] for name, thing in things.items()}
    assert {name: meshes for name, meshes in found.items() if meshes} == {}


@pytest.mark.render
@pytest.mark.parametrize(
    ("name", "surface_class"),
    [("curtain sheer", 3), ("curtain both", 3), ("wardrobe glass", 2), ("shower walk_in", 2), ("shower frosted", 2),
     ("washbasin glass", 2), ("eyewear open", 2), ("eyewear folded", 2), ("perfume block", 2), ("wire_basket basket", 3), ("wire_basket rack", 3)],
)  # fmt: skip
def test_what_can_be_seen_through(things: dict[str, dict[str, Any]], name: str, surface_class: int) -> None:
    assert surface_class in things[name]["classes"]


@pytest.mark.render
def test_things_stand_just_above_where_they_are_put(things: dict[str, dict[str, Any]]) -> None:
    for name, thing in things.items():
        if not name.startswith((*HANGING, "mirror")):
            assert 0.0 < thing["low"][2] - 0.5 < 0.004, name


@pytest.mark.render
def test_sizes_are_those_of_real_things(things: dict[str, dict[str, Any]]) -> None:
    for name, thing in things.items():
        for key, (low, high) in HEIGHT_M.items():
            if name.startswith(key):
                assert low < np.subtract(thing["high"], thing["low"])[2] < high, name


@pytest.mark.parametrize("seed", range(4))
def test_a_cushion_keeps_its_size_and_is_filled(seed: int) -> None:
    mesh = soft.cushion(np.random.default_rng(seed), 0.6, 0.4, 0.16)
    size = np.ptp(mesh.vertices, axis=0)
    assert size[:2] == pytest.approx([0.6, 0.4], rel=0.02)
    assert 0.1 < size[2] < 0.22
    # Less than the box about it, more than a pyramid to either side of the seam.
    assert 1 / 3 < signed_volume_m3(mesh) / np.prod(size) < 0.9


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("gathered", [0.0, 0.6, -0.6])
def test_a_hanging_sheet_ends_where_it_is_told_to(seed: int, gathered: float) -> None:
    points = soft.hanging(np.random.default_rng(seed), -0.7, 0.5, 2.1, 0.1, 0.03, gathered).vertices
    assert points[:, 2].max() == 0.0
    assert points[:, 2].min() == pytest.approx(-2.1)
    assert points[:, 0].min() >= -0.7 - 1e-9
    assert points[:, 0].max() <= 0.5 + 1e-9
    assert np.abs(points[:, 1]).max() < 1.2 * 0.03
    # At its top it is as wide as the rod; a tie-back draws one side in.
    top = points[points[:, 2] == 0.0, 0]
    assert np.ptp(top) == pytest.approx(1.2)
    tied = points[np.abs(points[:, 2] + 1.15) < 0.07, 0]
    assert (np.ptp(tied) < 1.2 * 0.7) == (gathered != 0.0)
    if gathered:
        anchor = -0.7 if gathered > 0 else 0.5
        assert np.abs(tied - anchor).min() == pytest.approx(0.0, abs=1e-9)
