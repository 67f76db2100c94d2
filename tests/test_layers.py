# SPDX-License-Identifier: Apache-2.0
"""The layered-depth type on small hand-made maps, and against a loop over pixels."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from depthbench.layers import MAX_LAYERS, Layers, SurfaceClass, Visibility

NAN = np.nan


def layers_of(columns: list[list[float]]) -> Layers:
    """One row of pixels from lists of disparities, the last of each opaque, the others glass."""
    disp_px = np.full((MAX_LAYERS, 1, len(columns)), NAN, dtype=np.float32)
    surface_class = np.zeros(disp_px.shape, dtype=np.uint8)
    for x, column in enumerate(columns):
        disp_px[: len(column), 0, x] = column
        surface_class[: len(column), 0, x] = [SurfaceClass.TRANSMISSIVE] * (len(column) - 1) + [
            SurfaceClass.OPAQUE
        ] * bool(column)
    there = np.isfinite(disp_px)
    visibility = np.where(there, np.arange(MAX_LAYERS)[:, None, None] % 3 + 1, Visibility.NONE).astype(np.uint8)
    return Layers(disp_px, np.cumsum(there, axis=0, dtype=np.int32) * there, surface_class, visibility)


def test_first_last_count_and_see_through() -> None:
    layers = layers_of([[9.0, 5.0, 2.0], [4.0], [], [7.0, 1.0]])
    np.testing.assert_array_equal(layers.count, [[3, 1, 0, 2]])
    np.testing.assert_array_equal(layers.first(), np.float32([[9, 4, NAN, 7]]))
    np.testing.assert_array_equal(layers.last(), np.float32([[2, 4, NAN, 1]]))
    np.testing.assert_array_equal(layers.see_through, [[True, False, False, True]])
    np.testing.assert_array_equal(layers.last_index(), [[2, 0, 0, 1]])


def test_select_takes_visibility_along() -> None:
    layers = layers_of([[9.0, 5.0, 2.0], [4.0], [], [7.0, 1.0]])
    disp_px, visibility = layers.select(np.array([[1, 0, 0, 1]]))
    np.testing.assert_array_equal(disp_px, np.float32([[5, 4, NAN, 1]]))
    np.testing.assert_array_equal(visibility, [[2, 1, 0, 2]])


columns = st.lists(
    st.lists(st.floats(0.5, 100.0, width=32), max_size=MAX_LAYERS).map(lambda c: sorted(c, reverse=True)),
    min_size=1,
    max_size=9,
)


@given(columns, st.floats(0.0, 120.0, width=32))
@settings(deadline=None)
def test_closest_is_what_a_loop_finds(columns: list[list[float]], reference: float) -> None:
    found = layers_of(columns).closest(reference)[0]
    for value, column in zip(found, columns, strict=True):
        if not column:
            assert np.isnan(value)
            continue
        distance = np.abs(np.float32(column) - np.float32(reference))
        assert value == np.float32(column)[int(distance.argmin())]


@given(columns)
@settings(deadline=None)
def test_the_full_list_has_no_layer_before_first_or_after_last(columns: list[list[float]]) -> None:
    layers = layers_of(columns)
    full = np.array([len(column) for column in columns])
    np.testing.assert_array_equal(layers.count[0], full)
    assert (layers.first() >= layers.last())[layers.count > 0].all()
    # a reference map per pixel: asking for the last layer's own disparity gives it back
    np.testing.assert_array_equal(layers.closest(layers.last()), layers.last())


def test_a_pane_before_the_sky_has_no_last_layer() -> None:
    """Columns: wall; pane before a wall; pane before the sky; sky."""
    disp_px = np.array([[[9, 20, 20, NAN]], [[NAN, 9, NAN, NAN]]], dtype=np.float32)
    classes = np.array([[[1, 2, 2, 0]], [[0, 1, 0, 0]]], dtype=np.uint8)
    layers = Layers(disp_px, (classes > 0).astype(np.int32), classes, classes)
    assert layers.sky.tolist() == [[False, False, True, True]]
    np.testing.assert_array_equal(layers.last(), np.float32([[9, 9, NAN, NAN]]))
    np.testing.assert_array_equal(layers.first(), np.float32([[9, 20, 20, NAN]]))
