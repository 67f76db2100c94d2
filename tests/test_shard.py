# SPDX-License-Identifier: Apache-2.0
"""Shards: what goes in comes out, the same records give the same bytes, and no damaged file passes in silence."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.camera import Intrinsics, StereoRig
from depthbench.errors import DepthbenchError
from depthbench.formats.shard import EYES, EyeRecord, LayeredRecord, ShardReader, round_px, write_shard
from depthbench.layers import MAX_LAYERS, Layers


@st.composite
def eye_records(draw: st.DrawFn, height: int, width: int) -> EyeRecord:
    """Anything that obeys the rules of Layers, all-empty pixels and images included."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    stored = draw(st.integers(1, MAX_LAYERS))
    count = rng.integers(0, draw(st.integers(0, stored)) + 1, (height, width))
    there = np.arange(stored)[:, None, None] < count
    scale = draw(st.sampled_from([1e-3, 1.0, 300.0, 1e5]))
    disp_px = np.where(there, -np.sort(-rng.uniform(0, scale, there.shape), axis=0), np.nan).astype(np.float32)
    return EyeRecord(
        image=rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
        layers=Layers(
            disp_px,
            np.where(there, rng.integers(1, 2**31 - 1, there.shape), 0).astype(np.int32),
            np.where(there, rng.integers(1, 4, there.shape), 0).astype(np.uint8),
            np.where(there, rng.integers(1, 4, there.shape), 0).astype(np.uint8),
        ),
        reflective=rng.random((height, width)) < 0.5,
        refraction_px=np.where(rng.random((height, width)) < 0.1, np.nan, rng.uniform(0, 9)).astype(np.float32),
        cam_to_world=rng.normal(size=(4, 4)),
    )


@st.composite
def records(draw: st.DrawFn) -> LayeredRecord:
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    number = st.floats(1e-3, 1e6, allow_nan=False)
    intrinsics = Intrinsics(width, height, draw(number), draw(number), draw(number), draw(number))
    return LayeredRecord(
        id=draw(st.from_regex(r"[a-z]{1,9}-[0-9]{6}-[0-9]{4}", fullmatch=True)),
        rig=StereoRig(intrinsics, draw(number), draw(st.floats(-9, 9))),
        left=draw(eye_records(height, width)),
        right=draw(eye_records(height, width)),
        meta=draw(st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=5), st.none()))),
    )


def padded(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Repeat the first array's emptiness up to the second one's number of layers."""
    empty = np.nan if values.dtype == np.float32 else 0
    return np.concatenate([values, np.full((len(like) - len(values), *values.shape[1:]), empty, values.dtype)])


def assert_same(back: LayeredRecord, record: LayeredRecord, error_px: float = 0.0) -> None:
    assert (back.id, back.rig, back.meta) == (record.id, record.rig, record.meta)
    for eye in EYES:
        ours, theirs = getattr(back, eye), getattr(record, eye)
        np.testing.assert_array_equal(ours.image, theirs.image)
        np.testing.assert_array_equal(ours.reflective, theirs.reflective)
        np.testing.assert_array_equal(ours.cam_to_world, theirs.cam_to_world)
        np.testing.assert_allclose(ours.refraction_px, theirs.refraction_px, rtol=0, atol=error_px)
        for field in dataclasses.fields(Layers):
            expected = getattr(theirs.layers, field.name)
            got = getattr(ours.layers, field.name)
            assert got.dtype == expected.dtype
            atol = error_px if field.name == "disp_px" else 0.0
            np.testing.assert_allclose(padded(got, expected), expected, rtol=0, atol=atol)


@settings(max_examples=60, deadline=None)
@given(record=records())
def test_lossless_round_trip(tmp_path_factory: pytest.TempPathFactory, record: LayeredRecord) -> None:
    path = tmp_path_factory.mktemp("shard") / "a.h5"
    write_shard(path, [record], surfaces=(), attrs={}, gt_bits=23)
    with ShardReader(path) as reader:
        assert_same(reader.read(0), record)
        for eye in EYES:
            count = getattr(record, eye).layers.count.max()
            assert len(reader.layers(0, eye).disp_px) == max(1, count)


@settings(max_examples=40, deadline=None)
@given(record=records(), gt_bits=st.integers(4, 22))
def test_rounded_round_trip_is_within_the_stated_error(
    tmp_path_factory: pytest.TempPathFactory, record: LayeredRecord, gt_bits: int
) -> None:
    path = tmp_path_factory.mktemp("shard") / "a.h5"
    write_shard(path, [record], surfaces=(), attrs={}, gt_bits=gt_bits)
    with ShardReader(path) as reader:
        assert reader.gt_bits == gt_bits
        assert_same(reader.read(0), record, 2.0 ** -(gt_bits + 1))


@given(
    values=st.lists(st.floats(width=32, allow_nan=True, allow_infinity=True), min_size=1, max_size=20),
    gt_bits=st.integers(0, 24),
)
def test_rounding_bound_order_and_grid(values: list[float], gt_bits: int) -> None:
    before = np.array(values, dtype=np.float32)
    after = round_px(before, gt_bits)
    wide_before, wide_after = before.astype(np.float64), after.astype(np.float64)
    finite = np.isfinite(before)
    np.testing.assert_array_equal(after[~finite], before[~finite])
    bound = 0.0 if gt_bits >= 23 else 2.0 ** -(gt_bits + 1)
    assert (np.abs(wide_after[finite] - wide_before[finite]) <= bound).all()
    on_grid = wide_after[finite] * 2.0**gt_bits
    small = np.abs(on_grid) < 2**23
    if gt_bits < 23:
        assert (on_grid[small] == np.round(on_grid[small])).all()
    order = np.argsort(before[finite], kind="stable")
    assert (np.diff(wide_after[finite][order]) >= 0).all()


def test_default_keeps_a_ten_thousandth_of_a_pixel(tmp_path: Path) -> None:
    record = synthetic_record(3)
    path = write_shard(tmp_path / "a.h5", [record], surfaces=(), attrs={})
    with ShardReader(path) as reader:
        assert_same(reader.read(0), record, 1e-4)


def three(path: Path, **options: Any) -> Path:
    return write_shard(
        path,
        (synthetic_record(1, view, width=40, height=24) for view in range(3)),
        surfaces=synthetic_surfaces(),
        attrs={"seed": 1, "config": {"samples": 16}},
        **options,
    )


def test_everything_of_a_shard_comes_back_in_order(tmp_path: Path) -> None:
    with ShardReader(three(tmp_path / "a.h5", gt_bits=23)) as reader:
        assert reader.ids == tuple(f"cafe-000012-{view:04d}" for view in range(3))
        assert len(reader) == 3
        assert reader.attrs == {"seed": 1, "config": {"samples": 16}}
        assert reader.surfaces == synthetic_surfaces()
        for view in range(3):
            assert_same(reader.read(view), synthetic_record(1, view, width=40, height=24))
        with pytest.raises(IndexError):
            reader.meta(3)


def test_equal_records_give_equal_bytes_in_another_process(tmp_path: Path) -> None:
    first = three(tmp_path / "a.h5").read_bytes()
    reordered = write_shard(
        tmp_path / "b.h5",
        [
            dataclasses.replace(record, meta=dict(reversed(record.meta.items())))
            for record in (synthetic_record(1, view, width=40, height=24) for view in range(3))
        ],
        surfaces=synthetic_surfaces(),
        attrs={"config": {"samples": 16}, "seed": 1},
    )
    assert reordered.read_bytes() == first
    script = (
        "import sys, pathlib, time; time.sleep(1.1); from test_shard import three; three(pathlib.Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "c.h5")], check=True, cwd=Path(__file__).parent)
    assert (tmp_path / "c.h5").read_bytes() == first


def test_bit_patterns_of_nan_do_not_reach_the_file(tmp_path: Path) -> None:
    record = synthetic_record(1, width=40, height=24)
    odd = record.left.layers.disp_px.copy()
    odd.view(np.uint32)[np.isnan(odd)] = 0xFFC00001
    layers = dataclasses.replace(record.left.layers, disp_px=odd)
    other = dataclasses.replace(record, left=dataclasses.replace(record.left, layers=layers))
    paths = [write_shard(tmp_path / f"{k}.h5", [r], surfaces=(), attrs={}) for k, r in enumerate((record, other))]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_h5py_alone_reads_what_the_docstring_says(tmp_path: Path) -> None:
    record = synthetic_record(1, 2, width=40, height=24)
    with h5py.File(three(tmp_path / "a.h5", gt_bits=23)) as file:
        group = file["samples/cafe-000012-0002"]
        assert file["ids"][2] == b"cafe-000012-0002"
        assert group.attrs["baseline_m"] == record.rig.baseline_m
        assert group.attrs["cx"] == 19.5
        left = group["left"]
        count, disp_px = left["count"][()], left["disp_px"][()]
        layers = np.full((count.max(), *count.shape), np.nan, np.float32)
        layers[np.arange(count.max())[:, None, None] < count] = disp_px
        np.testing.assert_array_equal(layers, record.left.layers.disp_px[: count.max()])
        np.testing.assert_array_equal(left["see_through"][()], record.left.layers.see_through)
        np.testing.assert_array_equal(left["reflective"][()], record.left.reflective)
        for name, dataset in left.items():
            assert dataset.chunks == dataset.shape
            assert dataset.fletcher32 == (name == "image")


def test_stored_samples_copied_from_several_shards_give_the_same_bytes(tmp_path: Path) -> None:
    whole = three(tmp_path / "a.h5").read_bytes()
    parts = []
    for view in range(3):
        path = tmp_path / f"staging/view-{view}.h5"
        write_shard(path, [synthetic_record(1, view, width=40, height=24)], surfaces=synthetic_surfaces(), attrs={})
        parts.append(ShardReader(path))
    attrs = {"seed": 1, "config": {"samples": 16}}
    copy = write_shard(tmp_path / "b.h5", (part.stored(0) for part in parts), surfaces=parts[0].surfaces, attrs=attrs)
    assert copy.read_bytes() == whole
    earlier = ShardReader(tmp_path / "a.h5")
    mixed = [earlier.stored(0), synthetic_record(1, 1, width=40, height=24), earlier.stored(2)]
    again = write_shard(tmp_path / "a.h5", mixed, surfaces=synthetic_surfaces(), attrs=attrs)
    assert again.read_bytes() == whole
    with pytest.raises(ValueError, match="13 bits, not 23"):
        write_shard(tmp_path / "c.h5", [parts[0].stored(0)], surfaces=(), attrs={}, gt_bits=23)


def test_reader_travels_to_other_processes(tmp_path: Path) -> None:
    reader = ShardReader(three(tmp_path / "a.h5"))
    expected = reader.read(1)
    assert_same(pickle.loads(pickle.dumps(reader)).read(1), expected)
    if hasattr(os, "fork"):
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for back in pool.map(reader.read, [1, 1, 1]):
                assert_same(back, expected)
    assert_same(reader.read(1), expected)


def test_partial_reads_do_not_touch_the_rest(tmp_path: Path) -> None:
    path = three(tmp_path / "a.h5")
    expected = ShardReader(path).read(1)
    with h5py.File(path, "r+") as file:
        del file["samples/cafe-000012-0001/right"]
        del file["samples/cafe-000012-0001/left/image"]
        del file["samples/cafe-000012-0002/left/surface_id"]
    with ShardReader(path) as reader:
        np.testing.assert_array_equal(reader.layers(1, "left").disp_px, expected.left.layers.disp_px)
        np.testing.assert_array_equal(reader.refraction_px(1, "left"), expected.left.refraction_px)
        assert reader.layer_arrays(2, "left", ["disp_px"]).keys() == {"disp_px"}
        with pytest.raises(DepthbenchError, match=r"a\.h5.*surface_id is missing"):
            reader.layers(2, "left")
        with pytest.raises(DepthbenchError, match=r"a\.h5.*image is missing.*generate"):
            reader.image(1, "left")


def read_everything(path: Path) -> list[LayeredRecord]:
    with ShardReader(path) as reader:
        assert reader.attrs == {"seed": 1, "config": {"samples": 16}}
        assert reader.surfaces == synthetic_surfaces()
        return [reader.read(index) for index in range(len(reader))]


def test_every_truncation_is_told(tmp_path: Path) -> None:
    whole = three(tmp_path / "a.h5").read_bytes()
    lengths = {0, 1, 7, 8, 47, 48, 96, len(whole) - 1, *np.linspace(0, len(whole) - 1, 150).astype(int).tolist()}
    cut = tmp_path / "cut.h5"
    for length in sorted(lengths):
        cut.write_bytes(whole[:length])
        with pytest.raises(DepthbenchError, match=r"cut\.h5.*generate") as caught:
            read_everything(cut)
        assert "\n" not in str(caught.value)


def test_flipped_bytes_are_told_or_harmless(tmp_path: Path) -> None:
    whole = three(tmp_path / "a.h5").read_bytes()
    expected = read_everything(tmp_path / "a.h5")
    rng = np.random.default_rng(0)
    told = 0
    tables = [whole.index(b"background / plaster"), whole.rindex(b"cafe-000012-0001")]
    for place in [*tables, *rng.integers(0, len(whole), 400).tolist()]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(0, 8))
        (tmp_path / "bad.h5").write_bytes(damaged)
        try:
            found = read_everything(tmp_path / "bad.h5")
        except DepthbenchError:
            told += 1
        else:  # padding between objects, or the mask that follows from the classes and is not read
            for back, record in zip(found, expected, strict=True):
                assert_same(back, record)
    assert told > 300


def test_foreign_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("hello")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["a"] = 1
    for name in ("text.h5", "other.h5", "none.h5"):
        with pytest.raises(DepthbenchError, match=name):
            _ = ShardReader(tmp_path / name).ids
    with pytest.raises(DepthbenchError, match="cannot be read"):
        _ = ShardReader(tmp_path).ids


def test_another_version_is_told_with_both_numbers(tmp_path: Path) -> None:
    path = three(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file.attrs["schema_version"] = 7
    with pytest.raises(DepthbenchError, match=r"a\.h5: a shard of version 7.*version 1"):
        _ = ShardReader(path).ids


def _external_link(left: h5py.Group, other: Path) -> None:
    del left["disp_px"]
    left["disp_px"] = h5py.ExternalLink(str(other), "/samples/cafe-000012-0000/left/disp_px")


def _soft_link(left: h5py.Group, other: Path) -> None:
    del left["disp_px"]
    left["disp_px"] = h5py.SoftLink("/samples/cafe-000012-0000/left/disp_px")


def _virtual(left: h5py.Group, other: Path) -> None:
    source = left["disp_px"]
    shape, name = source.shape, source.name
    del left["disp_px"]
    layout = h5py.VirtualLayout(shape, dtype="f4")
    layout[:] = h5py.VirtualSource(str(other), name, shape)
    left.create_virtual_dataset("disp_px", layout)


def _external_data(left: h5py.Group, other: Path) -> None:
    shape = left["disp_px"].shape
    del left["disp_px"]
    left.create_dataset("disp_px", shape, "f4", external=[(str(other), 0, h5py.h5f.UNLIMITED)])


def _huge(left: h5py.Group, other: Path) -> None:
    del left["disp_px"]
    left.create_dataset("disp_px", (8, 1 << 20, 1 << 20), "f4", chunks=(1, 1024, 1024))


def _other_type(left: h5py.Group, other: Path) -> None:
    values = left["disp_px"][()]
    del left["disp_px"]
    left["disp_px"] = values.astype("f8")


def _group(left: h5py.Group, other: Path) -> None:
    del left["disp_px"]
    left.create_group("disp_px")


@pytest.mark.parametrize("change", [_external_link, _soft_link, _virtual, _external_data, _huge, _other_type, _group])
def test_data_from_elsewhere_and_wrong_arrays_are_refused(tmp_path: Path, change: Any) -> None:
    path, other = three(tmp_path / "a.h5"), three(tmp_path / "other.h5")
    with h5py.File(path, "r+") as file:
        change(file["samples/cafe-000012-0000/left"], other)
    with ShardReader(path) as reader, pytest.raises(DepthbenchError, match=r"a\.h5: not a readable shard.*disp_px"):
        reader.layers(0, "left")


def test_contradictory_records_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    record = synthetic_record(1, width=40, height=24)
    disp_px = record.left.layers.disp_px
    gap = disp_px.copy()
    gap[0, 3, 3] = np.nan
    bad = [
        {"disp_px": gap},
        {"surface_class": np.ones_like(record.left.layers.surface_class)},
        {"visibility": record.left.layers.visibility[:, 1:]},
        {"disp_px": disp_px[:0]},
    ]
    for change in bad:
        left = dataclasses.replace(record.left, layers=dataclasses.replace(record.left.layers, **change))
        with pytest.raises(ValueError):
            write_shard(tmp_path / "a.h5", [dataclasses.replace(record, left=left)], surfaces=(), attrs={})
        assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import resource, signal, sys
from test_shard import three
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
size = three(path).stat().st_size
for limit in (0, 5, 100, 3000, size // 3, size // 2, size - 1):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        three(path)
    except OSError as error:
        assert [p.name for p in path.parent.iterdir()] == [path.name], limit
    else:
        raise SystemExit(f"no error at {limit}")
    assert path.stat().st_size == size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
three(path)
"""


def test_refused_writes_neither_crash_nor_harm_the_old_file(tmp_path: Path) -> None:
    # a full disk and a file-size limit refuse writes alike; the library itself would end the process
    before = three(tmp_path / "twin.h5").read_bytes()
    (tmp_path / "full").mkdir()
    subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "full/a.h5")],
        check=True,
        cwd=Path(__file__).parent,
        capture_output=True,
    )
    assert (tmp_path / "full/a.h5").read_bytes() == before


def test_a_failing_source_of_records_leaves_the_old_file(tmp_path: Path) -> None:
    path = three(tmp_path / "a.h5")
    before = path.read_bytes()

    def broken() -> Any:
        yield synthetic_record(2, width=40, height=24)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shard(path, broken(), surfaces=(), attrs={})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
