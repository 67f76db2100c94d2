# SPDX-License-Identifier: Apache-2.0
"""Gallery objects one by one: volumes by Pappus, hollow vases, glass before pictures, ropes that hang as chains do."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import numpy as np
import pytest
from thing_tests import Choices, Heights, ThingTests
from truth_blender import run_blender

from depthbench.blender_scenes.mesh import box
from depthbench.blender_scenes.objects import solids

SEED = 5
VASES = ("amphora", "baluster", "ovoid", "globe", "gourd", "bottle", "teardrop", "trumpet", "beaker", "cylinder", "shoulder",
         "tulip", "bowl", "footed")  # fmt: skip
SCULPTURES = ("twist", "knot", "ring", "stones", "bust", "bird", "column", "form", "cubes", "lens")

DETAILS = """
import json
from mathutils import Vector
from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.objects import display_case, picture_frame, rope_barrier, vase
import scene_probe

def crossings(data, start, way):
    # every face along a ray, with a Blender call of its own
    tree = scene_probe.BVHTree.FromPolygons([v.co for v in data.vertices], [tuple(p.vertices) for p in data.polygons])
    hits, at = [], Vector(start)
    while True:
        place, _, _, distance = tree.ray_cast(at, Vector(way))
        if place is None:
            return hits
        hits.append(float((place - Vector(start)).dot(Vector(way))))
        at = place + 1e-6 * Vector(way)

rng = np.random.default_rng(SEED)
assembly.reset()
walls = {}
for style in vase.STYLES:
    for relief in vase.RELIEFS:
        body = vase.design(rng, style, 0.4, True, relief).parts[0].data
        height = max(v.co.z for v in body.vertices)
        walls[f"{style} {relief}"] = crossings(body, (-2.0, 0.0003, 0.72 * height), (1, 0, 0))
pictures = {}
for style in ("thin", "box", "gilt", "wood"):
    for mat in (0.0, 0.06):
        kit = picture_frame.design(rng, 0.7, 0.9, style, True, "painting", mat)
        pictures[f"{style} {mat}"] = [
            [part.name, part.corners[:, 1].min(), part.corners[:, 1].max(), np.ptp(part.corners[:, 0])] for part in kit.parts]
posts = rope_barrier.design(rng, [[0, 0], [1.5, 0]])
rope = next(part for part in posts.parts if "rope" in part.name).data
out["rope"] = np.array([v.co for v in rope.vertices])
cases = {}
for style in display_case.STYLES:
    for framed in (False, True):
        case = display_case.design(rng, style, framed=framed)
        cases[f"{style} {framed}"] = {
            "panes": [(np.stack([moved.corners.min(axis=0), moved.corners.max(axis=0)]) + part.offset).tolist()
                      for part in case.kit.parts if part.name in ("case front", "case side", "case top", "case shelf")
                      for moved in [part]],
            "decks": [[deck.z_m, deck.half_x_m, deck.half_y_m, deck.air_m] for deck in case.decks],
            "half": [case.half_x_m, case.half_y_m],
        }
out["details"] = json.dumps({"walls": walls, "pictures": pictures, "cases": cases})
"""


@pytest.fixture(scope="module")
def details(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What single tests measure."""
    found = run_blender(f"SEED = {SEED}\n{DETAILS}", tmp_path_factory.mktemp("details"))
    return {**json.loads(str(found["details"])), "rope": found["rope"]}


def test_signed_volume_of_a_box_and_of_one_turned_inside_out() -> None:
    assert solids.signed_volume_m3(box(0.2, 0.3, 0.5)) == pytest.approx(0.03)
    assert solids.signed_volume_m3(box(0.2, 0.3, 0.5).flipped()) == pytest.approx(-0.03)
    assert solids.signed_volume_m3(solids.outward(box(0.2, 0.3, 0.5).flipped())) == pytest.approx(0.03)


def test_a_revolved_section_has_the_volume_that_pappus_gives() -> None:
    # area times the way of the centroid; a polygon of n corners instead of a circle scales it by sin(2 pi / n) n / 2 pi
    section = [(1.0, 0.0), (1.4, 0.0), (1.4, 0.3), (1.0, 0.3)]
    n = 48
    exact = 0.4 * 0.3 * 2 * np.pi * 1.2 * np.sin(2 * np.pi / n) * n / (2 * np.pi)
    assert solids.signed_volume_m3(solids.revolved(section, n)) == pytest.approx(exact)
    assert solids.signed_volume_m3(solids.revolved(section[::-1], n)) == pytest.approx(exact)


def test_a_mitred_frame_has_the_volume_of_the_board_less_its_hole() -> None:
    frame = solids.moulding(0.8, 0.6, [[0, 0.02], [0.05, 0.02], [0.05, 0], [0, 0]])
    assert solids.signed_volume_m3(frame) == pytest.approx((0.8 * 0.6 - 0.7 * 0.5) * 0.02)
    assert frame.vertices[:, 1].min() == pytest.approx(-0.02)
    np.testing.assert_allclose([frame.vertices[:, 2].min(), frame.vertices[:, 2].max()], [0, 0.6], atol=1e-12)


def test_a_straight_horn_is_a_pyramid_stump() -> None:
    sides, low, high, length = 16, 0.3, 0.1, 2.0
    path = np.stack([np.zeros(5), np.zeros(5), np.linspace(0, length, 5)], axis=1)
    horn = solids.horn(path, np.linspace(low, high, 5), sides)
    area = sides / 2 * np.sin(2 * np.pi / sides)
    exact = area * length / 3 * (low**2 + low * high + high**2)
    assert solids.signed_volume_m3(horn) == pytest.approx(exact)


class TestThings(ThingTests):
    objects: ClassVar[Choices] = {
        "vase": [[style, glass] for style in VASES for glass in (False, True)],
        "sculpture": [[style, glass] for style in SCULPTURES for glass in (False, True)],
        **dict.fromkeys(
            ("stems", "plinth", "display_case", "picture_frame", "lamp", "bench", "partition", "shell", "jewellery")
        ),
        "rope_barrier": [[3]],
        "open_book": [[]],
        "exhibit": [[8]],
    }
    seeds = (SEED,)
    # Leaves and blooms grow out of stems, prisms out of rock.
    grown = ("leaves", "blooms", "crystals")
    sheets = ("leaves", "blooms")
    on_walls = ("stems", "picture_frame")
    # Things of an exhibit and pages of a book lie side by side, on what is not there.
    in_pieces = ("exhibit", "open_book")
    up_m = 0.0031
    height_m: ClassVar[Heights] = {}
    seen_through = (
        ("vase globe True", 2, 1), ("sculpture knot True", 2, 1), ("display_case tower", 2, 1), ("picture_frame gilt", 2, 1),
        ("partition glass", 2, 1), ("partition acrylic", 2, 1), ("partition screen", 3, 1), ("jewellery ring", 2, 1),
    )  # fmt: skip


@pytest.mark.render
def test_vases_are_hollow_with_a_thin_wall(details: dict[str, Any]) -> None:
    for name, hits in details["walls"].items():
        assert len(hits) == 4, name
        near, far = hits[1] - hits[0], hits[3] - hits[2]
        assert 0.001 < near < 0.02, name
        assert 0.001 < far < 0.02, name
        assert hits[2] - hits[1] > 0.01, name


@pytest.mark.render
def test_glass_hangs_3_to_10_mm_before_the_picture_and_behind_the_lip(details: dict[str, Any]) -> None:
    for name, parts in details["pictures"].items():
        by_name = {part: (front, back, wide) for part, front, back, wide in parts}
        glass, picture, frame = by_name["picture glass"], by_name["picture"], by_name["frame"]
        front = by_name.get("mat", picture)
        assert glass[1] - glass[0] == pytest.approx(0.004, abs=1e-6), name
        assert 0.003 <= front[0] - glass[1] <= 0.0105, name
        assert frame[0] < glass[0] < glass[1] < front[0] < picture[1] < 0, name
        assert glass[2] < frame[2], name


@pytest.mark.render
def test_rope_hangs_as_a_catenary(details: dict[str, Any]) -> None:
    rings = details["rope"].reshape(-1, 10, 3).mean(axis=1)[2:-2]
    x, z = rings[:, 0] - 0.75, rings[:, 2]
    # z = a cosh(x / a) + c has z'' = sqrt(1 + z'^2) / a: one a fits all inner points
    slope = np.gradient(z, x)
    bend = np.gradient(slope, x)[3:-3]
    a = np.sqrt(1 + slope[3:-3] ** 2) / bend
    assert a.std() < 0.03 * a.mean()
    assert abs(x[z.argmin()]) < 0.05


@pytest.mark.render
def test_panes_of_a_case_keep_apart_and_decks_lie_inside(details: dict[str, Any]) -> None:
    for name, case in details["cases"].items():
        panes = np.array(case["panes"])
        assert len(panes) >= 4, name
        for a in range(len(panes)):
            for b in range(a):
                gap = np.maximum(panes[a, 0] - panes[b, 1], panes[b, 0] - panes[a, 1]).max()
                assert gap > 0.00099, name
            assert np.ptp(panes[a], axis=0).min() >= 0.004, name
        for _, half_x, half_y, air in case["decks"]:
            assert half_x < case["half"][0] - 0.015, name
            assert half_y < case["half"][1] - 0.015, name
            assert air > 0.08, name
