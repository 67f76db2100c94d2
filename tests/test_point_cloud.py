# SPDX-License-Identifier: Apache-2.0
"""Acc and Comp: thinning as the published loop does it, both programs' numbers, orders, masks, and clouds that are at fault."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cloud_twin
import hypothesis.extra.numpy as arrays
import hypothesis.strategies as st
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given

from depthbench.benchmarks.cloud_files import check_units, read_points
from depthbench.benchmarks.metrics import nearest, thinning
from depthbench.benchmarks.metrics.kernels import kernels
from depthbench.benchmarks.metrics.point_cloud import DTU_RULES, CloudRules, score_cloud
from depthbench.benchmarks.metrics.point_order import content_order, seeded_order, z_order
from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_observed import Observed, read_observed, write_observed
from depthbench.formats.ply import table_of, write_ply

clouds = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 40), st.just(3)),
    elements=st.integers(-6, 6).map(float) | st.floats(-6, 6, width=32),
)


@pytest.fixture(params=["numpy", "compiled"])
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Thin by rounds (in small batches, so that there are several) and by the hash grid."""
    if request.param == "compiled":
        pytest.importorskip("numba", reason='numba is not installed: pip install "depthbench[fast]"')
    else:
        monkeypatch.setitem(sys.modules, "depthbench.benchmarks.metrics.compiled_thinning", None)
        monkeypatch.setattr(thinning, "_FIRST_BATCH", 5)
    kernels.cache_clear()
    yield request.param
    kernels.cache_clear()


def cube(count: int, side: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, side, (count, 3))


def fixture_scan(seed: int = 0) -> tuple[np.ndarray, np.ndarray, Observed]:
    """Clouds that reach out of the box on every side, holes, outliers; a box that is no multiple of the cells; voxels of 2 mm."""
    rng = np.random.default_rng(seed)
    stl = rng.uniform(-70, 190, (1500, 3))
    data = np.vstack([stl[rng.random(len(stl)) < 0.8] + rng.normal(0, 1.0, 3), rng.uniform(-160, 300, (400, 3))])
    # on the edges between voxels, where halves are rounded
    data[:300] = np.round(data[:300])
    box = np.array([[0.0, 0.0, 0.0], [130.0, 110.0, 90.0]])
    return data, stl, Observed(rng.random((66, 56, 46)) < 0.7, box, 2.0, np.array([0.1, -0.2, 1.0, -20.0]))


@given(points=clouds, seed=st.integers(0, 5))
@pytest.mark.parametrize("compiled", [False, True])
def test_thinning_keeps_what_the_published_loop_keeps(compiled: bool, points: np.ndarray, seed: int) -> None:
    """Points on a lattice too: a distance of exactly the spacing deletes."""
    order = seeded_order(len(points), seed)
    wanted = np.zeros(len(points), dtype=bool)
    wanted[order] = cloud_twin.thin(points[order], 2.0)
    if compiled:
        pytest.importorskip("numba")
        got = thinning.thin(points, 2.0, order)
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(thinning, "_FIRST_BATCH", 16)
            patch.setattr(thinning, "_MOST_PAIRS", 6)
            got = thinning._in_rounds(points, 2.0, order)
    np.testing.assert_array_equal(got, wanted)


def test_thinning_of_a_dense_cloud(route: str) -> None:
    points = cube(3000, 10.0) - 5
    order = content_order(points)
    wanted = np.zeros(len(points), dtype=bool)
    wanted[order] = cloud_twin.thin(points[order], 0.9)
    np.testing.assert_array_equal(thinning.thin(points, 0.9, order), wanted)


@pytest.mark.parametrize("seed", [0, 7])
def test_a_seed_gives_the_order_of_the_published_shuffle(seed: int) -> None:
    points = cube(500, 1.0)
    shuffled = points.copy()
    np.random.default_rng(seed).shuffle(shuffled, axis=0)
    np.testing.assert_array_equal(points[seeded_order(len(points), seed)], shuffled)


@given(points=clouds, seed=st.integers(0, 3))
def test_the_order_by_content_is_that_of_any_permutation(points: np.ndarray, seed: int) -> None:
    other = points[np.random.default_rng(seed).permutation(len(points))]
    np.testing.assert_array_equal(points[content_order(points)], other[content_order(other)])
    negated = np.where(points == 0, -0.0, points)
    np.testing.assert_array_equal(content_order(negated), content_order(points))


def test_the_order_by_content_does_not_follow_space() -> None:
    """Like a random one: neighbours in it lie as far apart as any two points."""
    points = np.stack(np.meshgrid(*[np.arange(20.0)] * 3), axis=-1).reshape(-1, 3)
    steps = np.abs(np.diff(points[content_order(points)], axis=0)).mean(axis=0)
    np.testing.assert_allclose(steps, 20 / 3, rtol=0.05)


@given(points=arrays.arrays(np.int64, (30, 3), elements=st.integers(0, 1023)))
def test_the_z_curve_interleaves_bits(points: np.ndarray) -> None:
    points[0], points[1] = 0, 1023

    def place(point: np.ndarray) -> int:
        return sum(((int(point[axis]) >> bit) & 1) << (3 * bit + axis) for axis in range(3) for bit in range(10))

    places = [place(points[number]) for number in z_order(points.astype(np.float64))]
    assert places == sorted(places)


@pytest.mark.parametrize("seed", range(3))
def test_both_programs_numbers(seed: int, route: str) -> None:
    data, stl, observed = fixture_scan(seed)
    for mode, twin in (("matlab", cloud_twin.evaluate_matlab), ("dtueval", cloud_twin.evaluate_dtueval)):
        shuffled = data.copy()
        np.random.default_rng(4).shuffle(shuffled, axis=0)
        wanted = twin(shuffled[cloud_twin.thin(shuffled, 3.0)], stl, observed)
        got = score_cloud(data, stl, CloudRules(mode, 3.0, 20.0, 1.0, seed=4), observed).values  # type: ignore[arg-type]
        for name, value in wanted.items():
            assert got[name] == pytest.approx(value, rel=1e-13), (mode, name)


def test_distances_are_those_of_brute_force_to_the_last_bit() -> None:
    data, stl = cube(400, 30.0, 1), cube(300, 30.0, 2)
    score = score_cloud(data, stl, CloudRules("plain", 0.0, np.inf, 1.0))
    wanted = cloud_twin.nearest(data, stl)
    assert score.accuracy.median == np.median(wanted)
    assert score.accuracy.mean == pytest.approx(wanted.mean(), rel=1e-14)


@pytest.mark.parametrize("below", [np.inf, 1.5])
def test_a_grid_and_a_tree_give_the_same_distances(below: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit: points near by, which the grid answers, and far off, which it leaves to the tree; negative coordinates too."""
    pytest.importorskip("numba")
    monkeypatch.setattr(nearest, "_SAMPLES", 200)
    monkeypatch.setattr(nearest, "_AT_A_TIME", 1000)
    others = cube(1500, 15.0, 1) - 7.5
    others[:, 2] *= 0.02
    points = np.vstack([others[:1000] + 0.1 * cube(1000, 1.0, 2), cube(3000, 16.0, 3) * [1, 1, 0.02] - [8, 8, 0.2]])
    points[::47, 2] += 3
    asked = []
    through = nearest._ask_grid
    monkeypatch.setattr(nearest, "_ask_grid", lambda *given: asked.append(through(*given)) or asked[0].copy())
    got = nearest.nearest_distances(points, others, below)
    assert 0.8 < (asked[0] >= 0).mean() < 1
    wanted = np.concatenate([cloud_twin.nearest(part, others) for part in np.array_split(points, 4)])
    np.testing.assert_array_equal(got, np.where(wanted < below, wanted, np.inf))


def test_planes_apart_in_closed_form() -> None:
    """A grid 3 mm above half of another: every predicted point is at 3, half of the reference too, the rest farther the farther off."""
    x, y = np.meshgrid(np.arange(0.0, 100, 2), np.arange(0.0, 40, 2), indexing="ij")
    reference = np.stack([x, y, 0 * x], axis=-1).reshape(-1, 3)
    predicted = reference[reference[:, 0] < 50] + [0, 0, 3]
    score = score_cloud(predicted, reference, CloudRules("plain", 0.5, 20.0, 3.5)).values
    off = np.hypot(np.maximum(np.arange(0, 100, 2) - 48.0, 0), 3)
    assert score["acc"] == score["acc_median"] == 3
    assert score["comp"] == pytest.approx(off[off < 20].mean())
    assert score["comp_clamped"] == pytest.approx(np.minimum(off, 20).mean())
    assert (score["precision"], score["recall"]) == (100, pytest.approx(100 * (off < 3.5).mean()))
    assert score["f_score"] == pytest.approx(2 / (1 / 100 + 1 / score["recall"]))


def test_a_distance_of_exactly_the_limit_is_discarded() -> None:
    score = score_cloud(
        np.array([[0.0, 0, 0], [0, 0, 1]]), np.array([[0.0, 0, 20]]), CloudRules("plain", 0.0, 20.0, 1.0)
    )
    assert (score.accuracy.points, score.accuracy.kept, score.accuracy.mean) == (2, 1, 19)


def test_masks_come_back_from_mat_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, observed = fixture_scan()
    paths = tmp_path / "ObsMask1_10.mat", tmp_path / "Plane1.mat"
    write_observed(*paths, observed)
    written = [path.read_bytes() for path in paths]
    monkeypatch.setattr(time, "asctime", lambda: "Mon Jan  1 00:00:00 2001")  # the same values give the same bytes
    write_observed(*paths, observed)
    assert [path.read_bytes() for path in paths] == written
    back = read_observed(*paths)
    np.testing.assert_array_equal(back.mask, observed.mask)
    np.testing.assert_array_equal(back.box_mm, observed.box_mm)
    np.testing.assert_array_equal(back.plane, observed.plane)
    assert back.resolution_mm == 2.0
    with pytest.raises(DepthbenchError, match="no variable 'P'"):
        read_observed(paths[0], paths[0])
    paths[1].write_bytes(b"not at all")
    with pytest.raises(DepthbenchError, match=r"Plane1\.mat: not a MAT file"):
        read_observed(*paths)


def write_cloud(path: Path, points: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_ply(path, {"vertex": table_of(**dict(zip("xyz", points.T.astype(np.float32), strict=True)))})


def dtu_folder(root: Path, scans: tuple[int, ...]) -> None:
    for scan in scans:
        data, stl, observed = fixture_scan(scan)
        write_cloud(root / f"mine{scan:03d}_l3.ply", data)
        write_cloud(root / "Points" / "stl" / f"stl{scan:03d}_total.ply", stl)
        (root / "ObsMask").mkdir(exist_ok=True)
        write_observed(root / "ObsMask" / f"ObsMask{scan}_10.mat", root / "ObsMask" / f"Plane{scan}.mat", observed)


def test_the_command_scores_scans_and_names_the_missing_one(tmp_path: Path) -> None:
    dtu_folder(tmp_path, (1, 4))
    words = ["score-cloud", "--pred", str(tmp_path / "mine{scan:03d}_l3.ply"), "--set", "dtu", "--root", str(tmp_path)]
    record = tmp_path / "record.json"
    done = CliRunner().invoke(cli, [*words, "--scan", "1", "--scan", "4", "--out", str(record), "--format", "json"])
    assert done.exit_code == 0, done.output
    told = json.loads(record.read_text())
    data, stl, observed = fixture_scan(4)
    wanted = score_cloud(
        data.astype(np.float32).astype(float), stl.astype(np.float32).astype(float), DTU_RULES["matlab"], observed
    )
    assert told["scans"][1]["values"] == wanted.values
    assert told["mean"]["acc"] == pytest.approx(np.mean([scan["values"]["acc"] for scan in told["scans"]]))
    done = CliRunner().invoke(cli, [*words, "--scan", "1", "--scan", "9", "--out", str(record)])
    assert done.exit_code == 1
    assert "mine009_l3.ply: cannot be read" in done.output
    assert json.loads(record.read_text())["mean"] is None


def test_clouds_in_metres_have_as_many_digits_as_their_threshold_asks(tmp_path: Path) -> None:
    plane = np.column_stack([cube(500, 0.4)[:, :2], np.zeros(500)])
    write_cloud(tmp_path / "mine.ply", plane + np.array([0, 0, 0.00025]))
    write_cloud(tmp_path / "scanned.ply", plane)
    words = ["score-cloud", "--pred", str(tmp_path / "mine.ply"), "--gt", str(tmp_path / "scanned.ply")]
    done = CliRunner().invoke(cli, [*words, "--threshold", "0.001", "--format", "md"])
    assert done.exit_code == 0, done.output
    assert "0.000250 | 0.000250 | 0.000250" in done.output


def test_clouds_at_fault_are_named(tmp_path: Path) -> None:
    good = cube(2000, 400.0)
    write_cloud(tmp_path / "empty.ply", good[:0])
    with pytest.raises(DepthbenchError, match=r"empty\.ply: holds no points"):
        read_points(tmp_path / "empty.ply")
    broken = good.copy()
    broken[7, 1] = np.nan
    write_cloud(tmp_path / "broken.ply", broken)
    with pytest.raises(DepthbenchError, match="1 of 2000 points are not finite, the first is number 7"):
        read_points(tmp_path / "broken.ply")
    with pytest.raises(DepthbenchError, match="metres against millimetres; give --scale 1000"):
        check_units(good / 1000, good, "a.ply", "b.ply")
    with pytest.raises(DepthbenchError, match=r"millimetres against metres; give --scale 0\.001"):
        check_units(good, good / 1000, "a.ply", "b.ply")
    with pytest.raises(DepthbenchError, match="is the prediction in the frame of this scan"):
        score_cloud(good + 5000, good, CloudRules("plain", 0.0, 20.0, 1.0))
    check_units(good * 0.5, good, "a.ply", "b.ply")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--set", "dtu", "--scan", "1"], "no Points/stl and ObsMask"),
        (["--gt", "g.ply"], "--threshold"),
        ([], "either --set dtu"),
        (["--set", "dtu", "--scan", "one"], "give a number"),
        (["--gt", "g.ply", "--threshold", "3", "--max-distance", "2"], "lies above"),
    ],
)
def test_options_that_do_not_fit_are_refused(words: list[str], told: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["score-cloud", "--pred", "p.ply", "--root", str(tmp_path), *words])
    assert isinstance(done.exception, DepthbenchError)
    assert told in str(done.exception)
