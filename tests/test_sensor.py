# SPDX-License-Identifier: Apache-2.0
"""What cameras do to light, against closed forms: noise by signal, gains, cos^4, a lens that is undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depthbench.blender_scenes.sensor import (
    CameraFaults,
    distorted_places,
    draw_pair,
    expose,
    sample,
    undistorted_places,
    vignette,
)
from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.shard import EYES, ShardReader
from depthbench.generators.draws import sensor_rngs
from depthbench.generators.sensors import SENSORS, SensorSettings, sensor

SMALL = f"{Path(__file__).parent / 'layouts' / 'small.py'}:build"
CAMERA = Intrinsics.centred(240, 160, 150.0)
PLAIN = CameraFaults((1.0, 1.0, 1.0), 0.0)
NOISY = SensorSettings("noisy", 1000.0, 8.0, 0.0, 0.0, 0.0, 0.0)
SILENT = replace(NOISY, electrons=np.inf, read_electrons=0.0)


def even(level: float) -> np.ndarray:
    return np.full((160, 240, 3), level, dtype=np.float32)


def smooth_pattern() -> np.ndarray:
    row, column = np.mgrid[:160, :240]
    waves = 0.5 + 0.2 * np.sin(column / 9.0) * np.cos(row / 7.0) + 0.001 * column
    return np.repeat(waves[..., None], 3, axis=2).astype(np.float32)


@pytest.mark.parametrize("level", [0.0, 0.02, 0.17, 1.0, 5.0])
def test_noise_has_the_variance_of_its_signal_and_no_bias(level: float) -> None:
    noise = expose(even(level), CAMERA, NOISY, PLAIN, np.random.default_rng(1)).astype(np.float64) - level
    expected = level / 1000.0 + 0.008**2
    assert noise.var() == pytest.approx(expected, rel=0.02)
    assert abs(noise.mean()) < 4 * np.sqrt(expected / noise.size)


def test_noise_is_white_before_rectification_and_apart_in_the_eyes() -> None:
    _, left_rng, right_rng = sensor_rngs(3, 1, 4, 0)
    left, right = (expose(even(0.5), CAMERA, NOISY, PLAIN, rng)[..., 0] - 0.5 for rng in (left_rng, right_rng))
    limit = 4 / np.sqrt(left.size)
    assert abs(np.corrcoef(left[:, 1:].ravel(), left[:, :-1].ravel())[0, 1]) < limit
    assert abs(np.corrcoef(left.ravel(), right.ravel())[0, 1]) < limit


def test_every_sample_has_streams_of_its_own() -> None:
    places = [(scene, view, attempt) for scene in (0, 1) for view in (0, 1) for attempt in (0, 1)]
    first = {float(rng.random()) for place in places for rng in sensor_rngs(0, *place)}
    assert len(first) == 3 * len(places)


@given(st.integers(0, 10_000))
def test_what_differs_between_the_eyes_is_shared_out_evenly_and_bounded(seed: int) -> None:
    strong = SENSORS["strong"]
    assert strong is not None
    left, right = draw_pair(strong, np.random.default_rng(seed))
    np.testing.assert_allclose(np.array(left.gains) * right.gains, 1.0, rtol=1e-12)
    stops = np.log2(np.array(left.gains) / right.gains)
    assert abs(stops.mean()) <= strong.exposure_stops
    assert np.abs(stops - stops.mean()).max() <= strong.colour_stops
    assert 0 <= min(left.barrel, right.barrel) <= max(left.barrel, right.barrel) <= strong.barrel


def test_gains_are_the_ratio_of_the_pictures() -> None:
    left, right = (
        expose(smooth_pattern(), CAMERA, SILENT, CameraFaults(gains, 0.0), np.random.default_rng(0))
        for gains in ((1.2, 1.0, 0.9), (1 / 1.2, 1.0, 1 / 0.9))
    )
    np.testing.assert_allclose(left / right, np.broadcast_to([1.44, 1.0, 0.81], left.shape), rtol=1e-5)


def test_light_falls_with_the_fourth_power_of_the_cosine() -> None:
    # A quarter turn's half to the side: at the rim of a 90 degree field cos = 1 / sqrt(2), so a quarter is left.
    wide = Intrinsics.centred(201, 3, 100.0)
    fall = vignette(wide, 1.0)
    assert fall[1, 100] == 1.0
    assert fall[1, 0] == pytest.approx(0.25, rel=1e-6)
    assert vignette(wide, 0.5)[1, 200] == pytest.approx(0.625, rel=1e-6)
    assert np.all(vignette(wide, 0.0) == 1.0)


@given(st.floats(0.0, 0.14))
def test_the_rectifying_map_undoes_the_lens(barrel: float) -> None:
    row, column = undistorted_places(CAMERA, barrel)
    # the lens applied to where the map says: back at the pixel
    y, x = row - CAMERA.cy, column - CAMERA.cx
    shrunk = 1 - barrel * (x**2 + y**2) / (CAMERA.cx**2 + CAMERA.cy**2)
    pixel_row, pixel_column = np.mgrid[:160, :240]
    np.testing.assert_allclose(CAMERA.cy + y * shrunk, pixel_row, atol=1e-6)
    np.testing.assert_allclose(CAMERA.cx + x * shrunk, pixel_column, atol=1e-6)


def test_corners_are_drawn_in_by_the_share_asked_for() -> None:
    row, column = distorted_places(CAMERA, 0.1)
    assert (row[0, 0], column[0, 0]) == pytest.approx((0.1 * CAMERA.cy, 0.1 * CAMERA.cx))
    assert (row[-1, -1], column[-1, -1]) == pytest.approx((1.9 * CAMERA.cy, 1.9 * CAMERA.cx))


@pytest.mark.parametrize("barrel", [0.0, 0.04, 0.12])
def test_a_rectified_picture_lies_where_the_pinhole_picture_lies(barrel: float) -> None:
    """The shift between both, by least squares against the picture's own slopes, is a hundredth of a pixel at most."""
    picture = smooth_pattern()
    seen = expose(picture, CAMERA, SILENT, CameraFaults((1.0, 1.0, 1.0), barrel), np.random.default_rng(0))
    for part in (np.s_[4:80, 4:120], np.s_[80:156, 120:236], np.s_[4:80, 120:236], np.s_[40:120, 60:180]):
        up, across = np.gradient(picture[..., 0].astype(np.float64))
        slopes = np.stack([up[part].ravel(), across[part].ravel(), np.ones(up[part].size)], axis=1)
        shift = np.linalg.lstsq(slopes, (seen - picture)[..., 0][part].ravel(), rcond=None)[0]
        assert np.abs(shift[:2]).max() < 0.01
    assert np.abs(seen - picture)[4:-4, 4:-4].max() < 0.01
    if barrel == 0:
        np.testing.assert_array_equal(seen, picture)


def test_interpolation_is_that_of_straight_lines() -> None:
    row, column = np.mgrid[:6, :8].astype(np.float64)
    plane = np.repeat((2 * row - 3 * column)[..., None], 3, axis=2).astype(np.float32)
    places = np.array([[0.25, 3.5]]), np.array([[6.75, 0.125]])
    np.testing.assert_allclose(sample(plane, places)[0, :, 0], [0.5 - 20.25, 7 - 0.375], rtol=1e-6)


def test_what_is_no_number_stays_where_it_is() -> None:
    picture = even(0.2)
    picture[80, 120] = [np.nan, np.inf, -np.inf]
    seen = expose(picture, CAMERA, SILENT, CameraFaults((1.0, 1.0, 1.0), 0.1), np.random.default_rng(0))
    assert np.isfinite(seen).all()
    np.testing.assert_allclose(seen[:70], 0.2, rtol=1e-5)


def test_an_unknown_sensor_is_answered() -> None:
    assert sensor("off") is None
    with pytest.raises(DepthbenchError, match="did you mean strong"):
        sensor("stong")


@pytest.mark.render
def test_truth_and_light_are_the_same_with_and_without(tmp_path: Path) -> None:
    """Every truth array of a run with strong cameras equals the one without; the pictures differ; the values are told."""
    from test_generate_layered import command, run

    for name in ("off", "strong"):
        done = run(command(tmp_path / name, "--sensor", name, n=2))
        assert done.returncode == 0, done.stderr
    plain, faulty = (ShardReader(tmp_path / name / "shards/scene-000000.h5") for name in ("off", "strong"))
    assert plain.ids == faulty.ids
    for index in range(2):
        one, other = plain.meta(index), faulty.meta(index)
        assert one.pop("sensor") is None
        told = other.pop("sensor")
        assert told["name"] == "strong"
        assert told["left"]["gains"] != told["right"]["gains"]
        assert one == other
        assert plain.rig(index) == faulty.rig(index)
        for eye in EYES:
            before, after = dict_of(plain, index, eye), dict_of(faulty, index, eye)
            assert before.pop("image") != after.pop("image")
            assert before == after


def dict_of(reader: ShardReader, index: int, eye: str) -> dict[str, bytes]:
    """Name -> stored bytes of every array of one eye."""
    return {data.name.rpartition("/")[2]: packed for data, _, packed in reader.encoded(index, eye)}  # type: ignore[arg-type]
