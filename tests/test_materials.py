# SPDX-License-Identifier: Apache-2.0
"""What materials do to light, measured by Blender (render_materials.py) against closed forms of optics."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depthbench.layers import SurfaceClass

pytestmark = pytest.mark.render

REFLECTANCE = 0.04  # of a boundary of index 1.5 at right angles


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    script = Path(__file__).parent / "render_materials.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=1200, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("MEASURED ")]
    assert lines, done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, Any] = json.loads(lines[0].removeprefix("MEASURED "))
    return found


def luminance(colour: list[float]) -> float:
    return float(np.dot(colour, [0.2126, 0.7152, 0.0722]))


def fresnel(cos_in: float, ior: float) -> float:
    """Unpolarised reflectance of a boundary met from outside."""
    cos_out = np.sqrt(1 - (1 - cos_in**2) / ior**2)
    across = (cos_in - ior * cos_out) / (cos_in + ior * cos_out)
    along = (ior * cos_in - cos_out) / (ior * cos_in + cos_out)
    return float((across**2 + along**2) / 2)


@pytest.mark.parametrize("kind", ["architectural", "refracting"])
@pytest.mark.parametrize("panes", [1, 2, 3])
def test_panes_let_through_what_a_pile_of_plates_does(measured: dict[str, Any], kind: str, panes: int) -> None:
    # Stokes' pile of plates: m boundaries with all reflections between them pass (1 - R) / (1 + (m - 1) R).
    expected = (1 - REFLECTANCE) / (1 + (2 * panes - 1) * REFLECTANCE)
    assert measured[kind][panes - 1] == pytest.approx(expected, abs=0.005)
    assert measured[kind][panes - 1] > 0.9**panes


def test_a_tilted_pane_is_not_black(measured: dict[str, Any]) -> None:
    # A straight ray meets the back face at 60 degrees, beyond the critical angle of glass.
    reflected = fresnel(0.5, 1.5)
    assert measured["architectural_tilted"] == pytest.approx((1 - reflected) / (1 + reflected), abs=0.01)


def test_coloured_glass_absorbs_by_the_length_of_the_way(measured: dict[str, Any]) -> None:
    # 5 mm of a glass named by its colour after 5 mm; light that turns back inside is absorbed on each way.
    inside = np.array([0.9, 0.5, 0.2])
    expected = (1 - REFLECTANCE) ** 2 * inside / (1 - (REFLECTANCE * inside) ** 2)
    np.testing.assert_allclose(measured["absorbing"], expected, atol=0.005)


def test_acrylic_has_its_transmissivity_as_plate_and_as_sheet(measured: dict[str, Any]) -> None:
    for name, colour in measured["acrylic"].items():
        assert luminance(colour) == pytest.approx(float(name.split()[0]), abs=0.01), name
    tinted, clear = measured["acrylic"]["0.7 tinted plate"], measured["acrylic"]["0.7 clear plate"]
    assert np.ptp(tinted) > 0.2
    assert np.ptp(clear) < 0.001


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("architectural", (1 - REFLECTANCE) ** 2),
        ("refracting", (1 - REFLECTANCE) ** 2),
        ("acrylic 0.5", 0.5),
        ("wood", 0),
    ],
)
def test_light_passes_what_can_be_seen_through(measured: dict[str, Any], kind: str, expected: float) -> None:
    shadow = measured["shadow"]
    assert shadow[kind] / shadow["nothing"] == pytest.approx(expected, abs=0.01)


def test_screens_are_open_by_the_fraction_asked_for(measured: dict[str, Any]) -> None:
    for name, radiance in measured["holes"].items():
        assert radiance == pytest.approx(float(name.split()[1]), abs=0.01), name


def test_thin_fabric_is_open_by_the_fraction_asked_for(measured: dict[str, Any]) -> None:
    for name, colour in measured["thin"].items():
        share, weave, turn_deg = name.split()
        # Holes foreshorten, threads do not: Beer and Lambert's law for a weave, T^(1/cos). A net's holes are flat.
        power = 1 / np.cos(np.deg2rad(float(turn_deg))) if weave == "voile" else 1.0
        assert luminance(colour) == pytest.approx(float(share) ** power, abs=0.03), name


def test_sun_and_sky_give_the_irradiance_asked_for(measured: dict[str, Any]) -> None:
    for number in range(3):
        assert luminance(measured[f"sky {number}"]) * np.pi == pytest.approx(20.0, rel=0.06)


def test_a_bulb_gives_its_watts_in_all_directions(measured: dict[str, Any]) -> None:
    assert luminance(measured["bulb"]) * np.pi == pytest.approx(30.0 / (4 * np.pi * 2.0**2), rel=0.01)


def test_what_scattered_rays_meet_is_as_bright_as_what_the_camera_sees(measured: dict[str, Any]) -> None:
    ratios = {
        name: luminance(found["stand_in"]) / luminance(found["seen"]) for name, found in measured["whiteness"].items()
    }
    assert {name: ratio for name, ratio in ratios.items() if not 0.75 < ratio < 1.3} == {}
    assert np.median(list(ratios.values())) == pytest.approx(1.0, abs=0.05)


def test_opaque_things_reflect_less_than_they_get(measured: dict[str, Any]) -> None:
    assert max(max(found["seen"]) for found in measured["whiteness"].values()) < 0.97


def test_materials_follow_their_seed(measured: dict[str, Any]) -> None:
    for name, (one, same, other) in measured["digests"].items():
        assert one == same, name
        assert one != other, name


def test_materials_carry_what_the_truth_must_know(measured: dict[str, Any]) -> None:
    panes = ("architectural", "tinted", "dirty", "frosted", "patterned")
    clear = ("glass", "acrylic", *(f"{kind}_glass" for kind in panes))
    classes = dict.fromkeys(clear, SurfaceClass.TRANSMISSIVE) | dict.fromkeys(
        ("screen", "thin_fabric"), SurfaceClass.SCREEN
    )
    refracting = {
        "glass": (1.45, 1.55),
        "frosted_glass": (1.5, 1.5),
        "patterned_glass": (1.0, 1.5),
        "liquid": (1.0, 1.48),
    }
    for name, draws in measured["marks"].items():
        for surface_class, ior, reflective in draws:
            if name == "liquid":  # cloudy ones are opaque
                assert (surface_class == SurfaceClass.TRANSMISSIVE) == (ior > 1.3), name
            else:
                assert surface_class == classes.get(name, SurfaceClass.OPAQUE), name
            low, high = refracting.get(name, (1.0, 1.0))
            assert low <= ior <= high, name
            assert reflective or name != "mirror"
            assert not reflective or name in ("mirror", "metal")
    assert {surface_class for surface_class, _, _ in measured["marks"]["liquid"]} == {1, 2}


def test_tinted_glass_has_its_transmissivity(measured: dict[str, Any]) -> None:
    for share, colour in measured["tinted"].items():
        inside = float(share)
        both_faces = (1 - REFLECTANCE) ** 2 * inside / (1 - (REFLECTANCE * inside) ** 2)
        assert luminance(colour) == pytest.approx(both_faces, abs=0.01)


def test_dirt_takes_some_light_and_leaves_most(measured: dict[str, Any]) -> None:
    clean = (1 - REFLECTANCE) / (1 + REFLECTANCE)
    assert all(0.45 < passed < clean + 0.005 for passed in measured["dirty"].values()), measured["dirty"]


def test_water_reflects_as_fresnel_says_and_absorbs_next_to_nothing(measured: dict[str, Any]) -> None:
    reflected = fresnel(1.0, 1.333)
    assert luminance(measured["water"]) == pytest.approx((1 - reflected) / (1 + reflected), abs=0.01)
