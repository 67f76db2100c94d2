# SPDX-License-Identifier: Apache-2.0
"""Bedroom objects, one by one; cloth hangs as it should."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from thing_tests import Choices, Heights, ThingTests

from depthbench.blender_scenes.objects import soft
from depthbench.blender_scenes.objects.solids import signed_volume_m3


class TestThings(ThingTests):
    objects: ClassVar[Choices] = dict.fromkeys(
        ("bed", "dresser", "wardrobe", "curtain", "shower", "mirror", "eyewear", "perfume", "toy", "toy_blocks", "plush", "rug",
         "garment", "clothes_rail", "wire_basket", "cable", "washbasin")
    )  # fmt: skip
    # What a bottle holds reaches a little into its wall.
    grown = ("perfume x perfume bottle",)
    sheets = ("curtain",)
    on_walls = ("curtain", "garment", "clothes_rail hooks", "mirror")
    height_m: ClassVar[Heights] = {
        "bed": (0.8, 1.2), "dresser dresser": (0.6, 1.05), "dresser nightstand": (0.25, 0.9), "wardrobe": (1.9, 2.3),
        "shower": (2.0, 2.4), "eyewear": (0.03, 0.06), "perfume": (0.06, 0.16), "rug": (0.005, 0.02), "cable": (0.003, 0.02), "washbasin": (0.22, 0.32),
    }  # fmt: skip
    seen_through = (
        ("curtain sheer", 3, 1), ("curtain both", 3, 1), ("wardrobe glass", 2, 1), ("shower walk_in", 2, 1),
        ("shower frosted", 2, 1), ("washbasin glass", 2, 1), ("eyewear open", 2, 1), ("eyewear folded", 2, 1),
        ("perfume block", 2, 1), ("wire_basket basket", 3, 1), ("wire_basket rack", 3, 1),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_a_cushion_keeps_its_size_and_is_filled(seed: int) -> None:
    mesh = soft.cushion(np.random.default_rng(seed), 0.6, 0.4, 0.16)
    size = np.ptp(mesh.vertices, axis=0)
    assert size[:2] == pytest.approx([0.6, 0.4], rel=0.02)
    assert 0.1 < size[2] < 0.22
    # Less than the box about it, more than a pyramid to either side of the seam.
    assert 1 / 3 < signed_volume_m3(mesh) / np.prod(size) < 0.9


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("gathered", [0.0, 0.6, -0.6])
def test_a_hanging_sheet_ends_where_it_is_told_to(seed: int, gathered: float) -> None:
    points = soft.hanging(np.random.default_rng(seed), -0.7, 0.5, 2.1, 0.1, 0.03, gathered).vertices
    assert points[:, 2].max() == 0.0
    assert points[:, 2].min() == pytest.approx(-2.1)
    assert points[:, 0].min() >= -0.7 - 1e-9
    assert points[:, 0].max() <= 0.5 + 1e-9
    assert np.abs(points[:, 1]).max() < 1.2 * 0.03
    # At its top it is as wide as the rod; a tie-back draws one side in.
    top = points[points[:, 2] == 0.0, 0]
    assert np.ptp(top) == pytest.approx(1.2)
    tied = points[np.abs(points[:, 2] + 1.15) < 0.07, 0]
    assert (np.ptp(tied) < 1.2 * 0.7) == (gathered != 0.0)
    if gathered:
        anchor = -0.7 if gathered > 0 else 0.5
        assert np.abs(tied - anchor).min() == pytest.approx(0.0, abs=1e-9)
