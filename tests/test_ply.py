# SPDX-License-Identifier: Apache-2.0
"""PLY: what is written comes back, another library reads it alike, files as other programs write them are understood."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as arrays
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from depthbench.errors import DepthbenchError
from depthbench.formats.ply import columns_of, read_ply, table_of, write_ply

CODES = ["i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"]
NAMES = ["x", "y", "z", "red", "confidence"]

tables = st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from([(), (1,), (3,)])), min_size=1, max_size=5).flatmap(
    lambda columns: arrays.arrays(
        np.dtype([(name, code, shape) for name, (code, shape) in zip(NAMES, columns, strict=False)]), st.integers(0, 6)
    )
)


@given(table=tables, text=st.booleans())
def test_what_is_written_comes_back(table: np.ndarray, text: bool, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every type, infinities, NaN and denormals too, a list among numbers, no rows at all; a second table after it."""
    path = tmp_path_factory.mktemp("ply") / "a.ply"
    last = table_of(vertex_indices=np.arange(6, dtype=np.int32).reshape(2, 3))
    write_ply(path, {"vertex": table, "face": last}, text=text, comments=["made by a test"])
    got = read_ply(path)
    assert list(got) == ["vertex", "face"]
    for wanted, back in ((table, got["vertex"]), (last, got["face"])):
        assert back.dtype.names == wanted.dtype.names
        for name in wanted.dtype.names or ():
            if len(wanted):
                assert back.dtype[name] == wanted.dtype[name]
                np.testing.assert_array_equal(back[name], wanted[name])


@pytest.mark.parametrize("text", [False, True])
def test_another_library_reads_the_same(text: bool, tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    rng = np.random.default_rng(0)
    points = rng.normal(size=(50, 3)).astype(np.float32)
    rgb = rng.integers(0, 256, (50, 3), dtype=np.uint8)
    faces = rng.integers(0, 50, (20, 3), dtype=np.int32)
    vertex = table_of(
        **dict(zip("xyz", points.T, strict=True)), red=rgb[:, 0], green=rgb[:, 1], blue=rgb[:, 2], c=points[:, 0]
    )
    write_ply(tmp_path / "mesh.ply", {"vertex": vertex, "face": table_of(vertex_indices=faces)}, text=text)
    mesh = trimesh.load(tmp_path / "mesh.ply", process=False)
    np.testing.assert_array_equal(mesh.vertices.astype(np.float32), points)
    np.testing.assert_array_equal(mesh.faces, faces)
    np.testing.assert_array_equal(mesh.visual.vertex_colors[:, :3], rgb)
    write_ply(tmp_path / "points.ply", {"vertex": vertex}, text=text)
    cloud = trimesh.load(tmp_path / "points.ply")
    np.testing.assert_array_equal(cloud.vertices.astype(np.float32), points)
    np.testing.assert_array_equal(cloud.colors[:, :3], rgb)


@pytest.mark.parametrize("encoding", ["ascii", "binary"])
def test_what_another_library_writes_is_read(encoding: str, tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    box = trimesh.creation.box((1.0, 2.0, 3.0))
    (tmp_path / "box.ply").write_bytes(trimesh.exchange.ply.export_ply(box, encoding=encoding))
    got = read_ply(tmp_path / "box.ply")
    np.testing.assert_allclose(columns_of(got["vertex"], "x", "y", "z"), box.vertices, atol=1e-6)
    np.testing.assert_array_equal(got["face"]["vertex_indices"], box.faces)


def test_big_endian_and_the_old_names_of_types(tmp_path: Path) -> None:
    """Laid out by hand: a point, a number before and after a list, lines ending in CR LF."""
    header = (
        "ply\r\nformat binary_big_endian 1.0\r\ncomment any\r\nobj_info more\r\nelement vertex 2\r\nproperty float32 x\r\n"
        "property uint8 red\r\nelement face 2\r\nproperty short flags\r\nproperty list uchar int vertex_indices\r\n"
        "property double area\r\nend_header\r\n"
    )
    body = struct.pack(">fBfB", 1.5, 7, -2.25, 255)
    body += struct.pack(">hB3id", -3, 3, 0, 1, 2, 0.5) + struct.pack(">hB3id", 4, 3, 2, 1, 0, 1e300)
    path = tmp_path / "big.ply"
    path.write_bytes(header.encode() + body)
    got = read_ply(path)
    assert got["vertex"].tolist() == [(1.5, 7), (-2.25, 255)]
    assert got["face"]["vertex_indices"].tolist() == [[0, 1, 2], [2, 1, 0]]
    assert (got["face"]["flags"].tolist(), got["face"]["area"].tolist()) == ([-3, 4], [0.5, 1e300])
    assert got["vertex"].dtype.isnative
    assert list(read_ply(path, ["vertex"])) == ["vertex"]


@pytest.mark.parametrize("binary", [False, True])
def test_lists_of_several_lengths(binary: bool, tmp_path: Path) -> None:
    """Triangles and quadrilaterals mixed, then a table after them."""
    kind = "binary_little_endian" if binary else "ascii"
    header = (
        f"ply\nformat {kind} 1.0\nelement face 3\nproperty list uchar int vertex_indices\nproperty uchar material\n"
        "element vertex 1\nproperty float x\nend_header\n"
    )
    faces: list[tuple[list[int], int]] = [([0, 1, 2], 9), ([3, 4, 5, 6], 8), ([], 7)]
    if binary:
        body = b"".join(struct.pack(f"<B{len(f)}iB", len(f), *f, m) for f, m in faces) + struct.pack("<f", 2.5)
    else:
        body = "".join(" ".join(map(str, [len(f), *f, m])) + "\n" for f, m in faces).encode() + b"2.5\n"
    path = tmp_path / "mixed.ply"
    path.write_bytes(header.encode() + body)
    got = read_ply(path)
    assert [row.tolist() for row in got["face"]["vertex_indices"]] == [face for face, _ in faces]
    assert got["face"]["material"].tolist() == [9, 8, 7]
    assert got["vertex"]["x"].tolist() == [2.5]


HEAD = "ply\nformat {kind} 1.0\nelement vertex 2\nproperty float x\nproperty uchar red\n"
LISTS = "ply\nformat {kind} 1.0\nelement face 2\nproperty list uchar int vertex_indices\nend_header\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"solid stl\n", "not a PLY file"),
        (b"", "not a PLY file"),
        (b"ply\nelement vertex 0\nend_header\n", "names no format"),
        (b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\n", "cut short in its header"),
        (b"ply\nformat ascii 1.0\nelement vertex many\nend_header\n", "line 3 of the PLY header"),
        (b"ply\nformat ascii 1.0\nelement vertex 1\nproperty half x\nend_header\n", "property half x"),
        (b"ply\nformat packed 1.0\nend_header\n", "format packed"),
        ((HEAD + "property uchar red\nend_header\n").format(kind="ascii").encode(), "one name"),
        ((HEAD + "end_header\n1 2\n3\n").format(kind="ascii").encode(), "1 of 2 rows of 'vertex'"),
        ((HEAD + "end_header\n1 2\n3 x\n").format(kind="ascii").encode(), "no number"),
        ((HEAD + "end_header\n1 2\n3 256\n").format(kind="ascii").encode(), "'red' is no uchar"),
        ((HEAD + "end_header\n").format(kind="binary_little_endian").encode() + b"\0" * 9, "1 of 2 rows of 'vertex'"),
        (LISTS.format(kind="binary_little_endian").encode() + b"\1\0\0\0\0\4\0\0", "cut short"),
        (LISTS.format(kind="ascii").encode() + b"1 5 3 1 2", "cut short"),
    ],
)
def test_damaged_files_are_refused_by_name(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.ply"
    path.write_bytes(content)
    with pytest.raises(DepthbenchError, match=told) as caught:
        read_ply(path)
    assert "bad.ply" in str(caught.value)


def test_what_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match=r"none\.ply: cannot be read"):
        read_ply(tmp_path / "none.ply")
    write_ply(tmp_path / "a.ply", {"vertex": table_of(x=np.zeros(2, np.float32))})
    with pytest.raises(DepthbenchError, match="no table 'face'; it has: vertex"):
        read_ply(tmp_path / "a.ply", ["face"])
    with pytest.raises(DepthbenchError, match="no property 'y'; it has: x"):
        columns_of(read_ply(tmp_path / "a.ply")["vertex"], "x", "y")


@pytest.mark.parametrize("values", [np.zeros(2, np.int64), np.zeros(2, bool), np.zeros((2, 3, 3), np.float32)])
def test_what_ply_cannot_hold_is_not_written(values: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PLY has no type"):
        write_ply(tmp_path / "a.ply", {"vertex": table_of(x=values)})
    assert not list(tmp_path.iterdir())
