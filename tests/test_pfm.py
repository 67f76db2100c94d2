# SPDX-License-Identifier: Apache-2.0
"""PFM against a slow reader that follows the format's words, against imageio's, and against real files."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from depthbench.errors import DepthbenchError
from depthbench.formats.pfm import read_pfm, write_pfm


def slow_read(data: bytes) -> list[list[float]]:
    """One-channel PFM with plain header lines, value by value."""
    kind, size, scale, samples = data.split(b"\n", 3)
    assert kind.strip() == b"Pf"
    width, height = map(int, size.split())
    order = "<" if float(scale) < 0 else ">"
    values = [struct.unpack_from(order + "f", samples, 4 * i)[0] for i in range(width * height)]
    return [values[row * width : (row + 1) * width] for row in reversed(range(height))]


@settings(max_examples=50, deadline=None)
@given(
    array=hnp.arrays(
        np.float32,
        st.one_of(
            hnp.array_shapes(min_dims=2, max_dims=2, max_side=7),
            st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(3)),
        ),
        elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
    )
)
def test_round_trip_keeps_every_bit_pattern_class(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("pfm") / "a.pfm"
    write_pfm(path, array)
    back = read_pfm(path)
    assert back.dtype == np.float32
    assert back.flags.writeable
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("vectored", [True, False])
@pytest.mark.parametrize("shape", [(1, 1), (999, 3), (1000, 2), (2300, 2), (1100, 2, 3)])
def test_tall_maps_come_back_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vectored: bool, shape: tuple[int, ...]
) -> None:
    """Rows are read many at a time, on systems that can do so."""
    if not vectored:
        monkeypatch.delattr(os, "preadv", raising=False)
    array = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    write_pfm(tmp_path / "a.pfm", array)
    np.testing.assert_array_equal(read_pfm(tmp_path / "a.pfm"), array)


def test_what_is_written_is_the_format(tmp_path: Path) -> None:
    array = np.array([[1.5, np.inf], [np.nan, -2.0], [0.0, 4.0]])
    write_pfm(tmp_path / "a.pfm", array)
    np.testing.assert_array_equal(slow_read((tmp_path / "a.pfm").read_bytes()), array)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "header",
    [
        "Pf\n3 2\n{}\n",
        "Pf 3 2 {} ",
        "Pf\r\n3 2\r\n{}\r\n",
        "Pf\r3\t2\r{}\r",
        "Pf \n3   2 \n{}\n",
        "Pf\n# made by hand\n3 # columns\n# and rows\n2\n{}\n",
        "Pf\n3\n2\n{}\n",
    ],
)
@pytest.mark.parametrize("first", [1.0, 3.1e-33, 1.4e-44])
def test_header_spellings_and_byte_orders(tmp_path: Path, header: str, order: str, first: float) -> None:
    # 1.4e-44 is 10 in its bits, so its first or last byte looks like a line feed; 4.5e-44 like a blank
    bottom_up = [4.0, 5.0, 6.0, first, 2.0, 3.0]
    if order == "<":
        bottom_up = [first, 5.0, 6.0, 1.0, 2.0, 3.0]
    expected = [bottom_up[3:], bottom_up[:3]]
    scale = {"<": "-0.003922", ">": "+1e0"}[order]
    (tmp_path / "a.pfm").write_bytes(header.format(scale).encode() + struct.pack(order + "6f", *bottom_up))
    np.testing.assert_array_equal(read_pfm(tmp_path / "a.pfm"), np.array(expected, dtype=np.float32))


def test_colour_agrees_with_opencv(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    array = np.random.default_rng(0).normal(size=(5, 4, 3)).astype(np.float32)
    write_pfm(tmp_path / "a.pfm", array)
    theirs = cv2.imread(str(tmp_path / "a.pfm"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(theirs[..., ::-1], array)
    assert cv2.imwrite(str(tmp_path / "b.pfm"), array[..., ::-1])
    np.testing.assert_array_equal(read_pfm(tmp_path / "b.pfm"), array)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a PFM"),
        (b"P6\n2 2\n255\n....", "not a PFM"),
        (b"Pf\n2 2", "not a PFM"),
        (b"Pf\n-2 2\n-1\n" + bytes(16), "not a PFM"),
        (b"Pf\n0 2\n-1\n", "holds nothing"),
        (b"Pf\n2 2\n0\n" + bytes(16), "holds nothing"),
        (b"Pf\n2 2\n1.2.3\n" + bytes(16), "not a number"),
        (b"Pf\n2 2\n-1\n" + bytes(17), "17 bytes"),
        (b"Pf\n999999999 999999999\n-1\n" + bytes(16), "16 bytes"),
    ],
)
def test_foreign_files_are_named(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "a.pfm").write_bytes(data)
    with pytest.raises(DepthbenchError, match=words) as caught:
        read_pfm(tmp_path / "a.pfm")
    assert "a.pfm" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_truncation_is_told(tmp_path: Path) -> None:
    write_pfm(tmp_path / "a.pfm", np.arange(6.0).reshape(2, 3))
    whole = (tmp_path / "a.pfm").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "cut.pfm").write_bytes(whole[:length])
        with pytest.raises(DepthbenchError, match=r"cut\.pfm"):
            read_pfm(tmp_path / "cut.pfm")


def test_absent_file_and_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match=r"none\.pfm"):
        read_pfm(tmp_path / "none.pfm")
    with pytest.raises(DepthbenchError, match="directory"):
        read_pfm(tmp_path)


@pytest.mark.shared
def test_real_middlebury_files_agree_with_the_slow_reader(shared_data: Path) -> None:
    path = shared_data / "stereo/MiddEval3/trainingQ/Teddy/disp0GT.pfm"
    data = path.read_bytes()
    assert b"-0.003922" in data[:30]
    ours = read_pfm(path)
    assert ours.shape == (375, 450)
    np.testing.assert_array_equal(ours, np.array(slow_read(data), dtype=np.float32))
    assert ours[np.isfinite(ours)].max() < 64  # ndisp of Teddy at quarter resolution: the scale is not applied
