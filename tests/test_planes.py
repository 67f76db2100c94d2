# SPDX-License-Identifier: Apache-2.0
"""Slanted planes: layers against a ray by ray search, the eyes against each other, the stream against single samples."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from depthbench.generators.planes_dataset import PlanesDataset, planes_sample
from depthbench.generators.planes_scene import PlanesConfig, PlanesScene, draw_scene
from depthbench.generators.planes_view import view
from depthbench.layers import SurfaceClass, Visibility

SMALL = PlanesConfig(width=48, height=32, max_disp_px=16.0)


def scene_of(seed: int, config: PlanesConfig = SMALL) -> PlanesScene:
    return draw_scene(np.random.default_rng(seed), config)


def flat_scene(*surfaces: tuple[float, float, SurfaceClass, float, float]) -> PlanesScene:
    """Upright planes without texture: (disparity, half width around column 24 or inf, class, alpha, grey)."""
    disp, half, classes, alpha, grey = zip(*surfaces, strict=True)
    count = len(surfaces)
    plane = torch.zeros(count, 3)
    plane[:, 0] = torch.tensor(disp)
    return PlanesScene(
        plane=plane,
        centre=torch.tensor([24.0, 16.0]).expand(count, 2),
        half=torch.stack([torch.tensor(half), torch.full((count,), torch.inf)], dim=1),
        turn=torch.zeros(count),
        power=torch.full((count,), 2.0),
        surface_class=torch.tensor(classes),
        alpha=torch.tensor(alpha),
        texture=torch.tensor(grey)[:, None, None, None].expand(count, 3, 16, 16),
        cell_px=torch.full((count,), 4.0),
        texture_turn=torch.zeros(count),
    )


def test_a_sample_follows_from_seed_and_index() -> None:
    one, again, other, elsewhere = (
        planes_sample(seed, index, SMALL) for seed, index in ((1, 2), (1, 2), (1, 3), (2, 2))
    )
    assert one.keys() == again.keys()
    for key, value in one.items():
        assert value == again[key] if key == "id" else torch.equal(value.nan_to_num(-1), again[key].nan_to_num(-1))
    assert not torch.equal(one["left"], other["left"])
    assert not torch.equal(one["left"], elsewhere["left"])


@pytest.mark.parametrize("seed", range(8))
def test_layers_are_what_a_ray_meets(seed: int) -> None:
    """Twin: the left eye's ray, surface by surface, in Python numbers; nothing after the first opaque one."""
    scene = scene_of(seed)
    seen = view(scene, "left", 32, 48)
    for row, column in ((0, 0), (5, 40), (16, 24), (31, 47), (20, 9)):
        hits = []
        for number, (a, b, c) in enumerate(scene.plane.double().tolist()):
            dx, dy = column - float(scene.centre[number, 0]), row - float(scene.centre[number, 1])
            turn = complex(dx, dy) * complex(np.cos(float(scene.turn[number])), -np.sin(float(scene.turn[number])))
            u, v = turn.real / float(scene.half[number, 0]), turn.imag / float(scene.half[number, 1])
            if abs(u) ** float(scene.power[number]) + abs(v) ** float(scene.power[number]) <= 1:
                hits.append((a + b * column + c * row, number + 1, int(scene.surface_class[number])))
        hits.sort(reverse=True)
        opaque = next(place for place, hit in enumerate(hits) if hit[2] == SurfaceClass.OPAQUE)
        hits = hits[: opaque + 1]
        got = seen.disp_px[:, row, column]
        np.testing.assert_allclose(got[~got.isnan()].numpy(), [hit[0] for hit in hits], atol=1e-4)
        assert seen.surface_id[: len(hits), row, column].tolist() == [hit[1] for hit in hits]
        assert seen.surface_class[:, row, column].tolist() == [hit[2] for hit in hits] + [0] * (len(got) - len(hits))


def test_disparities_stay_in_range_and_every_ray_ends() -> None:
    for seed in range(40):
        scene = scene_of(seed)
        for eye in ("left", "right"):
            seen = view(scene, eye, 32, 48)  # type: ignore[arg-type]
            known = seen.disp_px[~seen.disp_px.isnan()]
            assert 0 < float(known.min()) <= float(known.max()) <= SMALL.max_disp_px
            assert ((seen.surface_class == SurfaceClass.OPAQUE).sum(dim=0) == 1).all()


@pytest.mark.parametrize("seed", range(4))
def test_what_both_eyes_see_looks_the_same(seed: int) -> None:
    """Opaque scenes: the right picture at x - d is the left picture, up to its interpolation between pixels."""
    config = PlanesConfig(width=192, height=48, max_disp_px=24.0, see_through=0)
    scene = scene_of(seed, config)
    left, right = view(scene, "left", 48, 192), view(scene, "right", 48, 192)
    x = torch.arange(192) - left.disp_px[0]
    grid = torch.stack([2 * x / 191 - 1, (2 * torch.arange(48) / 47 - 1)[:, None].expand_as(x)], dim=-1)
    warped = F.grid_sample(right.image[None], grid[None], align_corners=True)[0]
    error = (warped - left.image).abs().amax(dim=0)
    visible = left.visibility[0] == Visibility.VISIBLE
    assert visible.float().mean() > 0.5
    assert float(error[visible].median()) < 0.01
    # beside an edge the interpolation mixes two surfaces
    assert float((error[visible] > 0.15).float().mean()) < 0.05
    occluded = left.visibility[0] == Visibility.OCCLUDED
    if occluded.any():
        assert float(error[occluded].mean()) > 3 * float(error[visible].mean())


def test_visibility_at_whole_disparities_is_being_met_by_the_other_eye() -> None:
    """Whole disparities bring pixels onto pixels: visible is what the other eye's layers list there."""
    opaque, pane = SurfaceClass.OPAQUE, SurfaceClass.TRANSMISSIVE
    scene = flat_scene((2, torch.inf, opaque, 1, 0.2), (9, 6.5, opaque, 1, 0.5), (14, 9.5, pane, 0.4, 0.8))
    eyes: dict[str, Any] = {eye: view(scene, eye, 4, 48) for eye in ("left", "right")}  # type: ignore[arg-type]
    for eye, other, sign in (("left", "right", -1), ("right", "left", 1)):
        here, there = eyes[eye], eyes[other]
        for layer, column in itertools.product(range(3), range(48)):
            number = int(here.surface_id[layer, 0, column])
            if number == 0:
                continue
            place = column + sign * round(float(here.disp_px[layer, 0, column]))
            state = int(here.visibility[layer, 0, column])
            if not 0 <= place < 48:
                assert state == Visibility.OUT_OF_FRAME
            else:
                assert (state == Visibility.VISIBLE) == (number in there.surface_id[:, 0, place].tolist())


def test_panes_mix_by_their_alpha_and_screens_by_their_stripes() -> None:
    """0.3 of a pane at 0.9 before 0.2 and 0.5: alpha over; a screen of alpha 0.5 hides half, in stripes."""
    opaque, pane, screen = SurfaceClass.OPAQUE, SurfaceClass.TRANSMISSIVE, SurfaceClass.SCREEN
    scene = flat_scene((2, torch.inf, opaque, 1, 0.2), (5, 4.5, opaque, 1, 0.5), (9, 12.5, pane, 0.3, 0.9))
    row = view(scene, "left", 4, 48).image[0, 0]
    for column, grey in ((2, 0.2), (14, 0.3 * 0.9 + 0.7 * 0.2), (24, 0.3 * 0.9 + 0.7 * 0.5)):
        assert float(row[column]) == pytest.approx(grey, abs=1e-5)
    striped = view(flat_scene((2, torch.inf, opaque, 1, 0.0), (9, torch.inf, screen, 0.5, 1.0)), "left", 4, 48)
    assert float(striped.image.mean()) == pytest.approx(0.5, abs=0.03)
    assert float(striped.image.max()) > 0.9
    assert float(striped.image.min()) < 0.1
    assert (striped.surface_class[0] == screen).all()


def test_workers_share_the_stream_and_a_start_goes_on() -> None:
    """Two workers give together what one gives; starting later gives the same later samples; ranks do not overlap."""
    config = PlanesConfig(width=32, height=32, max_disp_px=8.0)
    first = [sample["id"] for sample in itertools.islice(PlanesDataset(7, config), 6)]
    assert first == [f"planes-7-{index}" for index in range(6)]
    loader = torch.utils.data.DataLoader(PlanesDataset(7, config), batch_size=None, num_workers=2)
    assert {sample["id"] for sample in itertools.islice(loader, 6)} == set(first)
    assert [sample["id"] for sample in itertools.islice(PlanesDataset(7, config, start=4), 2)] == first[4:]
    ranks = [itertools.islice(PlanesDataset(7, config, start=rank, step=2), 3) for rank in range(2)]
    assert sorted(sample["id"] for stream in ranks for sample in stream) == first


def test_samples_stack_whatever_they_hold() -> None:
    loader = torch.utils.data.DataLoader(PlanesDataset(3, SMALL, layers=4), batch_size=6)
    batch = next(iter(loader))
    assert batch["disp_px"].shape == (6, 4, 32, 48)
    counts = (~batch["disp_px"].isnan()).sum(dim=1)
    assert int(counts.min()) >= 1
    assert bool(batch["see_through"].any())
    assert torch.equal(batch["see_through"], counts > 1)


def test_more_surfaces_than_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 7 surfaces"):
        PlanesConfig(objects=6, see_through=2)
