# SPDX-License-Identifier: Apache-2.0
"""Membership targets against the formula written out, in closed form, and in every case that the formula leaves open."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from membership_twin import commonest_by_hand, literal_membership

from depthbench.errors import DepthbenchError
from depthbench.generators.membership.instances import find_instances
from depthbench.generators.membership.levels import membership_targets
from depthbench.generators.membership.packing import pack_map, unpack_map
from depthbench.generators.membership.values import LEAST_M, own_membership

NAN = float("nan")


def picture(seed: int, shape: tuple[int, int], count: int, steps: bool, known: float = 0.9) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, count + 1, shape) * 7
    depth_m = rng.uniform(2, 60, shape) + ids
    if steps:
        depth_m = np.rint(depth_m * 256) / 256
    depth_m[rng.random(shape) >= known] = NAN
    return ids, depth_m.astype(np.float32)


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(0, 6),
    fuzziness=st.sampled_from([1.2, 1.5, 2.0, 3.0, 5.0]),
    steps=st.booleans(),
    height=st.integers(1, 12),
)
def test_equals_the_formula_away_from_centroids(
    seed: int, count: int, fuzziness: float, steps: bool, height: int
) -> None:
    ids, depth_m = picture(seed, (height, 9), count, steps)
    names, centroids, literal = literal_membership(ids, depth_m, fuzziness)
    made = membership_targets(ids, depth_m, strides=(1,), fuzziness=fuzziness)
    assert made.instances.ids.tolist() == names
    assert made.instances.centroid_m.tolist() == centroids
    matrix = made.levels[1].expanded(len(names))
    if names:
        away = np.min([np.abs(depth_m - c) for c in centroids], axis=0) >= LEAST_M
        np.testing.assert_allclose(matrix[:, away], literal[:, away], rtol=1e-5, atol=1e-30)
    assert np.isfinite(matrix).all()
    assert ((matrix >= 0) & (matrix <= 1)).all()
    assert ((matrix > 0).sum(axis=0) <= 1).all()
    assert (np.isnan(made.levels[1].value) == np.isnan(depth_m)).all()


def test_looked_up_and_computed_memberships_are_the_same() -> None:
    ids, depth_m = picture(1, (120, 90), 5, steps=True)
    found, row = find_instances(ids, depth_m)
    inside = (row >= 0) & np.isfinite(depth_m)
    assert np.count_nonzero(inside) > 8000
    x, rows = depth_m[inside], row[inside]
    at_once = own_membership(x, rows, found.centroid_m)
    pieces = [own_membership(x[k : k + 1000], rows[k : k + 1000], found.centroid_m) for k in range(0, len(x), 1000)]
    np.testing.assert_allclose(at_once, np.concatenate(pieces), rtol=1e-6)


def test_two_instances_in_closed_form() -> None:
    ids = np.array([[5, 5, 5, 9, 9, 9]])
    depth_m = np.array([[10, 11, 13, 17, 20, 26]], dtype=np.float32)
    made = membership_targets(ids, depth_m, strides=(1,))
    assert made.instances.centroid_m.tolist() == [11, 20]
    value = made.levels[1].value[0]
    # |13 - 11|^-2 / (|13 - 11|^-2 + |13 - 20|^-2) = 49 / 53; 17 lies 3 from its own centroid, 6 from the other
    assert value[[0, 2, 3]] == pytest.approx([100 / 101, 49 / 53, 36 / 45], rel=1e-6)
    # at a centroid the formula is inf / inf; the distance is held at half a step
    assert value[1] == pytest.approx(1 / (1 + (LEAST_M / 9) ** 2), rel=1e-6)
    softer = membership_targets(ids, depth_m, strides=(1,), fuzziness=3).levels[1].value[0]
    assert softer[2] == pytest.approx((1 / 2) / (1 / 2 + 1 / 7), rel=1e-6)


def test_equal_medians_share_equally() -> None:
    ids = np.array([[1, 1, 1, 2, 2, 2]])
    depth_m = np.array([[4, 5, 6, 3, 5, 8]], dtype=np.float32)
    value = membership_targets(ids, depth_m, strides=(1,)).levels[1].value
    np.testing.assert_allclose(value, 0.5)


def test_the_median_of_an_even_number_is_the_lower_one() -> None:
    made, _ = find_instances(np.array([[3, 3, 3, 3]]), np.array([[9, 1, 4, 2]], dtype=np.float32))
    assert made.centroid_m.tolist() == [2]


def test_depths_that_are_none() -> None:
    ids = np.array([[1, 1, 1, 0, 0, 1]])
    depth_m = np.array([[2, 0, np.inf, NAN, 7, -1]], dtype=np.float32)
    made = membership_targets(ids, depth_m, strides=(1,))
    level = made.levels[1]
    np.testing.assert_array_equal(level.valid, [[True, False, False, False, True, False]])
    np.testing.assert_array_equal(level.expanded(1), [[[1, 0, 0, 0, 0, 0]]])
    assert made.instances.area.tolist() == [4]


def test_an_instance_without_depth_is_dropped_or_binary() -> None:
    ids = np.array([[1, 2, 2, 1], [0, 2, 3, 3]])
    depth_m = np.array([[5, NAN, NAN, 6], [9, 0, 8, 8]], dtype=np.float32)
    dropped = membership_targets(ids, depth_m, strides=(1,))
    assert dropped.instances.ids.tolist() == [1, 3]
    assert dropped.instances.dropped == (2,)
    assert not dropped.levels[1].valid[ids == 2].any()
    binary = membership_targets(ids, depth_m, strides=(1,), without_depth="binary")
    assert binary.instances.ids.tolist() == [1, 2, 3]
    kept = binary.levels[1].expanded(3)
    np.testing.assert_array_equal(kept[1], ids == 2)
    # it takes no share from others
    np.testing.assert_array_equal(kept[[0, 2]], dropped.levels[1].expanded(2))


def test_no_instance_and_one() -> None:
    depth_m = np.array([[5, NAN], [9, 3]], dtype=np.float32)
    nobody = membership_targets(np.zeros((2, 2), int), depth_m, strides=(1,))
    assert len(nobody.instances) == 0
    assert nobody.levels[1].expanded(0).shape == (0, 2, 2)
    np.testing.assert_array_equal(nobody.levels[1].value, [[0, NAN], [0, 0]])
    one = membership_targets(np.array([[4, 4], [4, 0]]), depth_m, strides=(1,))
    np.testing.assert_array_equal(one.levels[1].expanded(1), [[[1, 0], [1, 0]]])


def test_the_largest_are_kept_and_the_rest_is_background() -> None:
    ids = np.array([[1, 2, 2, 3, 3, 3, 4, 4, 4]])
    depth_m = np.full((1, 9), 5, dtype=np.float32)
    made = membership_targets(ids, depth_m, strides=(1,), most=2)
    assert made.instances.ids.tolist() == [3, 4]
    assert made.instances.dropped == (1, 2)
    np.testing.assert_array_equal(made.levels[1].value[0], [0, 0, 0] + [0.5] * 6)


@given(seed=st.integers(0, 10_000), stride=st.sampled_from([2, 3, 4, 8]), known=st.sampled_from([0.0, 0.05, 0.5, 1.0]))
def test_sparse_levels_take_the_commonest_and_its_mean(seed: int, stride: int, known: float) -> None:
    ids, depth_m = picture(seed, (17, 13), 4, True, known)
    found, row = find_instances(ids, depth_m)
    rows, depths = commonest_by_hand(row, depth_m, stride)
    level = membership_targets(ids, depth_m, strides=(stride,), sparse=True).levels[stride]
    np.testing.assert_array_equal(level.valid, np.isfinite(depths))
    np.testing.assert_array_equal(level.row[level.valid], rows[level.valid])
    inside = level.valid & (rows >= 0)
    alone = own_membership(depths[inside].astype(np.float32), rows[inside], found.centroid_m)
    np.testing.assert_allclose(level.value[inside], alone, rtol=1e-4)


def test_centroids_agree_over_levels_and_dense_ones_take_the_centre() -> None:
    ids, depth_m = picture(3, (32, 48), 5, True, known=1.0)
    made = membership_targets(ids, depth_m, strides=(1, 4, 16))
    for stride in (4, 16):
        centres = np.s_[stride // 2 :: stride, stride // 2 :: stride]
        np.testing.assert_array_equal(made.levels[stride].row, made.levels[1].row[centres])
        np.testing.assert_array_equal(made.levels[stride].value, made.levels[1].value[centres])
    odd = membership_targets(ids[:30, :45], depth_m[:30, :45], strides=(16,)).levels[16]
    assert odd.row.shape == (2, 3)


def test_lidar_fills_more_cells_when_it_is_averaged() -> None:
    rng = np.random.default_rng(0)
    depth_m = np.where(rng.random((256, 256)) < 0.05, 10, NAN).astype(np.float32)
    ids = np.ones((256, 256), int)
    # of s x s cells with a share q of known pixels, 1 - (1 - q)^(s s) hold one at least
    for stride in (4, 8):
        centre, mean = (
            membership_targets(ids, depth_m, strides=(stride,), sparse=sparse).levels[stride].valid.mean()
            for sparse in (False, True)
        )
        assert centre == pytest.approx(0.05, abs=0.02)
        assert mean == pytest.approx(1 - 0.95 ** (stride * stride), abs=0.03)


@given(seed=st.integers(0, 1000))
def test_packed_maps_come_back(seed: int) -> None:
    ids, depth_m = picture(seed, (8, 9), 3, True)
    level = membership_targets(ids, depth_m, strides=(1,)).levels[1]
    packed = pack_map(level)
    back = unpack_map(packed)
    assert packed.dtype == np.uint16
    assert packed.nbytes == 4 * ids.size
    np.testing.assert_array_equal(back.valid, level.valid)
    np.testing.assert_array_equal(back.row[level.valid], level.row[level.valid])
    np.testing.assert_allclose(back.value, level.value, atol=0.51 / 65534, rtol=0)


def test_ids_of_any_size_are_the_same_instances() -> None:
    ids, depth_m = picture(5, (20, 20), 4, False)
    small, large = find_instances(ids, depth_m), find_instances(ids * (1 << 30), depth_m)
    np.testing.assert_array_equal(small[1], large[1])
    np.testing.assert_array_equal(small[0].ids * (1 << 30), large[0].ids)


def test_bad_input_is_named() -> None:
    depth_m = np.ones((2, 2), dtype=np.float32)
    with pytest.raises(DepthbenchError, match=r"\(2, 3\) and depth \(2, 2\)"):
        find_instances(np.ones((2, 3), int), depth_m)
    with pytest.raises(DepthbenchError, match="not be negative"):
        find_instances(np.full((2, 2), -1), depth_m)
    with pytest.raises(DepthbenchError, match="above 1"):
        membership_targets(np.ones((2, 2), int), depth_m, fuzziness=1.0)
