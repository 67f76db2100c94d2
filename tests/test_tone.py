# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from depthbench.blender_scenes.tone import KEY, KNEE, exposure, exposure_problems, tone_map

PICTURES = hnp.arrays(np.float32, (6, 5, 3), elements=st.floats(0.0009765625, 1024.0, width=32))


def grey(value: float, shape: tuple[int, int] = (8, 8)) -> np.ndarray:
    return np.full((*shape, 3), value, dtype=np.float32)


@pytest.mark.parametrize("level", [1e-4, 0.02, 1.0, 300.0])
def test_an_even_picture_is_brought_to_the_key(level: float) -> None:
    assert exposure(grey(level)) == pytest.approx(KEY / level, rel=1e-5)
    # sRGB of 0.17 by the published table: 115.
    assert np.all(tone_map(grey(level), exposure(grey(level))) == 115)


@given(PICTURES, st.floats(0.01, 100.0))
def test_brighter_light_asks_for_inversely_less_exposure(picture: np.ndarray, factor: float) -> None:
    scaled = (picture.astype(np.float64) * factor).astype(np.float32)
    assert exposure(scaled) == pytest.approx(exposure(picture) / factor, rel=1e-4)


def test_the_curve_below_the_knee_is_plain_srgb() -> None:
    # Linear values of the 8-bit sRGB codes 1, 12, 64, 128, 136, from the standard's decoding formula by hand.
    linear = np.array([0.000303527, 0.003676507, 0.051269458, 0.215860501, 0.246201327], dtype=np.float32)
    shown = tone_map(np.repeat(linear[None, :, None], 3, axis=2), 1.0)
    np.testing.assert_array_equal(shown[0, :, 0], [1, 12, 64, 128, 136])


def test_the_shoulder_follows_its_closed_form_and_joins_smoothly() -> None:
    # At one scale length over the knee the exponential has come within 1/e of white.
    value = KNEE + (1 - KNEE) * (1 - np.exp(-1))
    expected = round(255 * (1.055 * value ** (1 / 2.4) - 0.055))
    assert tone_map(grey(1.0), 1.0)[0, 0, 0] == expected
    around = tone_map(np.repeat(np.linspace(0.2, 0.3, 101, dtype=np.float32)[None, :, None], 3, axis=2), 1.0)[0, :, 0]
    assert np.abs(np.diff(around.astype(int), n=2)).max() <= 1


def test_the_curve_never_falls_and_ends_at_white() -> None:
    light = np.concatenate([[0.0], np.geomspace(1e-6, 1e6, 4000)]).astype(np.float32)
    shown = tone_map(np.repeat(light[None, :, None], 3, axis=2), 1.0)[0, :, 0].astype(int)
    assert np.all(np.diff(shown) >= 0)
    assert (shown[0], shown[-1]) == (0, 255)


@given(PICTURES, st.floats(0.01, 10.0))
def test_grey_stays_grey_and_the_order_of_channels_stays(picture: np.ndarray, factor: float) -> None:
    level = picture[..., :1]
    assert np.ptp(tone_map(np.repeat(level, 3, axis=2), factor), axis=2).max() == 0
    shown = np.take_along_axis(tone_map(picture, factor), picture.argsort(axis=2), axis=2).astype(int)
    assert np.all(np.diff(shown, axis=2) >= 0)


def test_what_is_not_a_number_is_black_and_what_is_infinite_is_white() -> None:
    picture = np.array([[[np.nan, np.inf, -1.0]]], dtype=np.float32)
    assert tone_map(picture, 1.0).tolist() == [[[0, 255, 0]]]
    lit = grey(0.5)
    lit[0, 0] = np.nan
    lit[1, 1] = np.inf
    assert exposure(lit) == pytest.approx(KEY / 0.5, rel=1e-5)


def test_a_bright_window_keeps_its_detail_and_the_room_stays_visible() -> None:
    rng = np.random.default_rng(0)
    room = grey(0.1, (100, 100)) * rng.uniform(0.5, 1.5, (100, 100, 1)).astype(np.float32)
    room[20:60, 30:70] *= 15.0
    shown = tone_map(room, exposure(room))
    assert exposure_problems(shown) == []
    assert np.ptp(shown[20:60, 30:70].astype(int)) > 20
    assert shown[80:].mean() > 60


def test_a_small_lamp_in_view_does_not_turn_the_room_black() -> None:
    room = grey(0.1, (100, 100))
    room[:20, :10] = 400.0
    assert tone_map(room, exposure(room))[50:].mean() > 40


def test_no_light_at_all_is_reported() -> None:
    dark = tone_map(grey(0.0), exposure(grey(0.0)))
    problems = exposure_problems(dark)
    assert len(problems) == 2
    assert "100.0% of the picture is black" in problems[0]


def test_overexposed_pictures_are_reported() -> None:
    problems = exposure_problems(tone_map(grey(1.0), 100.0))
    assert "100.0% of the picture is clipped to white" in problems[0]
    assert "mean value is 255" in problems[1]
