# SPDX-License-Identifier: Apache-2.0
"""Packing against pixel-by-pixel lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depthbench.formats.layer_packing import LAYER_ARRAYS, pack, unpack
from depthbench.layers import MAX_LAYERS, Layers


@st.composite
def layer_stacks(draw: st.DrawFn) -> Layers:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    stored, height, width = draw(st.integers(1, MAX_LAYERS)), draw(st.integers(1, 6)), draw(st.integers(1, 6))
    count = rng.integers(draw(st.sampled_from([0, 1])), stored + 1, (height, width))
    there = np.arange(stored)[:, None, None] < count
    return Layers(
        np.where(there, rng.uniform(0, 99, there.shape), np.nan).astype(np.float32),
        np.where(there, rng.integers(1, 99, there.shape), 0).astype(np.int32),
        np.where(there, rng.integers(1, 4, there.shape), 0).astype(np.uint8),
        np.where(there, rng.integers(1, 4, there.shape), 0).astype(np.uint8),
    )


@settings(deadline=None)
@given(layers=layer_stacks())
def test_packed_values_are_those_of_all_first_layers_then_all_second_ones(layers: Layers) -> None:
    packed = pack(layers)
    stored, height, width = layers.disp_px.shape
    for name, dtype in LAYER_ARRAYS.items():
        expected = [
            getattr(layers, name)[k, y, x]
            for k in range(stored)
            for y in range(height)
            for x in range(width)
            if not np.isnan(layers.disp_px[k, y, x])
        ]
        assert packed[name].dtype == np.dtype(dtype)
        assert packed[name].tolist() == expected
    np.testing.assert_array_equal(packed["count"], layers.count)

    back = Layers(**unpack(packed))
    depth = len(back.disp_px)
    alone = unpack({"count": packed["count"], "visibility": packed["visibility"]})
    assert alone.keys() == {"visibility"}
    np.testing.assert_array_equal(alone["visibility"], back.visibility)
    assert depth == max(1, layers.count.max())
    for name in LAYER_ARRAYS:
        assert getattr(back, name).dtype == getattr(layers, name).dtype
        np.testing.assert_array_equal(getattr(back, name), getattr(layers, name)[:depth])
    assert not np.isfinite(layers.disp_px[depth:]).any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"disp_px": np.array([[[np.nan]], [[1.0]]], np.float32)}, "gap"),
        ({"surface_id": np.ones((2, 1, 1), np.int32)}, "surface_id is not 0"),
        ({"visibility": np.ones((1, 1, 1), np.uint8)}, "visibility has shape"),
        ({"disp_px": np.ones((9, 1, 1), np.float32)}, "1 to 8"),
        ({"disp_px": np.ones((0, 1, 1), np.float32)}, "1 to 8"),
    ],
)
def test_contradictions_are_refused(change: dict[str, np.ndarray], words: str) -> None:
    arrays = {
        "disp_px": np.array([[[1.0]], [[np.nan]]], np.float32),
        "surface_id": np.array([[[1]], [[0]]], np.int32),
        "surface_class": np.array([[[1]], [[0]]], np.uint8),
        "visibility": np.array([[[1]], [[0]]], np.uint8),
    }
    assert unpack(pack(Layers(**arrays)))["disp_px"].tolist() == [[[1.0]]]
    with pytest.raises(ValueError, match=words):
        pack(Layers(**(arrays | change)))
