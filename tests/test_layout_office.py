# SPDX-License-Identifier: Apache-2.0
"""The office: what every place keeps; an open plan with its partitions, a laboratory with its glassware, a study."""

from __future__ import annotations

import pytest
from place_tests import Facts, PlaceTests
from truth_blender import run_blender


class TestOffice(PlaceTests):
    """An open plan, a laboratory, a study."""

    layout = "office"
    calls = ((1,), (7,), (4,))
    sheets = ("film",)
    least_boxes, heights_m, reach_m = 5, (1.0, 1.8), 3.0
    most_triangles = 1_200_000

    def test_is_furnished(self, places: list[Facts]) -> None:
        for place, least in zip(places, (600, 400, 200), strict=True):
            assert len(place["names"]) > least
            assert place["classes"].count(2) > 8
            assert place["classes"].count(3) > 0

    def test_partitions_cut_off_a_room_from_the_open_plan(self, places: list[Facts]) -> None:
        for part in ("partition glass", "door glass", "door handle", "post"):
            assert any(part in name for name in places[0]["names"]), part

    def test_a_laboratory_has_glassware(self, places: list[Facts]) -> None:
        assert sum("test tube" in name or " glass" in name for name in places[1]["names"]) > 40


@pytest.mark.render
def test_clamps_of_dividers_keep_clear_of_what_stands_on_desks(tmp_path_factory: pytest.TempPathFactory) -> None:
    body = """
    from depthbench.blender_scenes import assembly
    from depthbench.blender_scenes.layouts import office_groups, office_scheme, office_workplace
    import scene_probe
    assembly.reset()
    rng = np.random.default_rng(53)
    scheme = office_scheme.draw(rng)
    things = office_workplace.wares(rng, scheme, "cantilever", 1.5, 0.78)
    dividers, crossing = [], []
    for columns in (2, 3, 2, 3, 2, 3, 2, 3):
        group = office_groups.island(rng, scheme, things, columns, True)
        dividers.append(sum(item.name == "divider" for item in group))
        for item in group:
            for placed in item.kit.place(item.at, item.turn_deg):
                placed.name = f"{item.name}: {placed.name}"
        probe = scene_probe.Probe(scene_probe.meshes())
        crossing += probe.crossing(same_thing=False)
        for thing in probe.things:
            bpy.data.objects.remove(thing)
    out["dividers"], out["crossing"] = np.array(dividers), np.array(crossing, dtype=str)
    """
    found = run_blender(body, tmp_path_factory.mktemp("island"))
    assert found["dividers"].max() > 2
    assert found["crossing"].tolist() == []
