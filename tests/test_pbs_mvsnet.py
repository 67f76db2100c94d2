# SPDX-License-Identifier: Apache-2.0
"""PBS-MVSNet piece by piece against closed forms: warps, weights, planes, confidence, the pyramid; any size, a batch of one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import fusion_scene
import mvs_scene
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from depthbench.baselines.pbs_mvsnet.aggregation import Aggregation, PixelWeight
from depthbench.baselines.pbs_mvsnet.bisenet3d import AttentionRefinement, BiSeNet3d, FeatureFusion
from depthbench.baselines.pbs_mvsnet.features import FeatureNet
from depthbench.baselines.pbs_mvsnet.inputs import map_camera, map_size, network_inputs, normalised, shown_size
from depthbench.baselines.pbs_mvsnet.network import PbsNet
from depthbench.baselines.pbs_mvsnet.regression import confidence, depth_planes, expected_depth
from depthbench.baselines.pbs_mvsnet.settings import PbsSettings
from depthbench.baselines.pbs_mvsnet.warping import plane_coordinates, warp
from depthbench.baselines.pbs_mvsnet.weights import load_network
from depthbench.baselines.weights_file import write_weights
from depthbench.benchmarks.depth_pyramid import PyramidRules, enlarged, merge_levels, replaced
from depthbench.errors import DepthbenchError
from depthbench.fusion.consistency import DepthView, carry
from depthbench.tasks import MvsView

SMALL = PbsSettings(channels=8, width=4, planes=8)


def matrix(view: DepthView, other: DepthView) -> torch.Tensor:
    return torch.from_numpy(carry(view, other))[None]


def test_the_warp_of_the_true_depth_shows_what_the_reference_sees() -> None:
    made = mvs_scene.views(3, 96, 72)
    (reference, depth), (source, other_depth) = made[1], made[2]
    pictures = [torch.from_numpy(view.rgb.astype(np.float64)).permute(2, 0, 1)[None] for view in (reference, source)]
    true = torch.from_numpy(depth.astype(np.float64))[None, None]
    carried = matrix(reference, source)  # type: ignore[arg-type]
    warped, seen = warp(pictures[1], carried, true, 72, 96)
    # what the other view does not see, since the ball is before it, is another surface
    given, _ = warp(torch.from_numpy(other_depth.astype(np.float64))[None, None], carried, true, 72, 96)
    places, _ = plane_coordinates(carried, true, 72, 96)
    rays = torch.einsum("ij,jhw->ihw", carried[0, :, :3], _pixels(72, 96)) * true[0] + carried[0, :, 3:, None]
    visible = seen[0, 0] & ((given[0, 0, 0] - rays[2]).abs() < 0.05)
    difference = (warped[0, :, 0] - pictures[0][0]).abs().mean(dim=0)[visible]
    assert visible.float().mean() > 0.7
    assert difference.median() < 1.5
    shuffled = (warped[0, :, 0] - pictures[0][0].flip(-1)).abs().mean(dim=0)[visible]
    assert difference.mean() < 0.15 * shuffled.mean()
    torch.testing.assert_close(places[0, 0, ..., 0], rays[0] / rays[2])


def _pixels(height: int, width: int) -> torch.Tensor:
    y, x = np.indices((height, width), dtype=np.float64)
    return torch.from_numpy(np.stack([x, y, np.ones_like(x)]))


def test_a_shift_of_whole_pixels_is_exact_up_to_the_border_and_outside_is_nothing() -> None:
    """Cameras side by side: disparity = focal * baseline / depth. With the other convention of corners every value would be off."""
    k = np.array([[20.0, 0, 7], [0, 20, 5], [0, 0, 1]])
    carried = torch.from_numpy(np.hstack([np.eye(3), (k @ [-0.5, 0, 0])[:, None]]))[None]
    features = torch.rand(1, 4, 11, 15, dtype=torch.float64)
    depths = torch.tensor([[10.0, 5.0, 2.5]], dtype=torch.float64)  # 1, 2 and 4 pixels
    warped, seen = warp(features, carried, depths, 11, 15)
    for plane, shift in enumerate((1, 2, 4)):
        torch.testing.assert_close(warped[0, :, plane, :, shift:], features[0, :, :, :-shift])
        assert seen[0, plane, :, shift:].all()
        assert not seen[0, plane, :, :shift].any()
        assert (warped[0, :, plane, :, :shift] == 0).all()


def test_points_behind_the_source_are_not_seen() -> None:
    forward = torch.tensor([[[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, -5]]])
    _, seen = warp(torch.rand(1, 2, 9, 9), forward, torch.tensor([[2.0, 20.0]]), 9, 9)
    assert not seen[0, 0].any()
    assert seen[0, 1].any()


def test_the_gradient_goes_through_the_warp() -> None:
    features = torch.rand(1, 2, 6, 6, dtype=torch.float64, requires_grad=True)
    shift = torch.tensor([[[1.0, 0, 0, 0.3], [0, 1, 0, 0.2], [0, 0, 1, 0]]], dtype=torch.float64)
    depths = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda values: warp(values, shift, depths, 5, 5)[0], (features,))


def test_a_fronto_parallel_plane_costs_least_at_its_depth() -> None:
    """Features that are the picture itself: the aggregated residual is nothing on the plane where the wall stands."""
    texture = torch.rand(1, 8, 16, 48)
    k = np.array([[40.0, 0, 20], [0, 40, 8], [0, 0, 1]])
    sources, depths = [], depth_planes(torch.tensor([2.0]), torch.tensor([8.0]), 13, "inverse")
    wall = int((depths[0] - 4).abs().argmin())
    assert depths[0, wall] == pytest.approx(4, rel=1e-6)
    for baseline in (0.5, -0.5):
        carried = torch.from_numpy(np.hstack([np.eye(3), (k @ [-baseline, 0, 0])[:, None]])).float()[None]
        shift = int(40 * baseline / 4)
        sources.append(warp(texture[..., 5 + shift : 43 + shift], carried, depths, 16, 38))
    for residual in ("square", "signed"):
        chosen = dataclasses.replace(SMALL, aggregation="none", residual=residual)
        cost = Aggregation(chosen)(texture[..., 5:43], iter(sources))
        size = cost.abs().mean(dim=1)[0, :, :, 12:-12]
        assert (size.argmin(dim=0) == wall).all()
        assert size[wall].max() < 1e-6


def test_a_view_that_does_not_see_a_cell_is_not_in_the_mean() -> None:
    torch.manual_seed(0)
    reference, warped = torch.rand(1, 8, 4, 5), torch.rand(1, 8, 3, 4, 5)
    seen = torch.ones(1, 3, 4, 5, dtype=torch.bool)
    half = seen.clone()
    half[..., 2:] = False
    mean = Aggregation(dataclasses.replace(SMALL, aggregation="none"))
    alone = mean(reference, [(warped, seen)])
    both = mean(reference, [(warped, seen), (warped + 1, half)])
    torch.testing.assert_close(both[..., 2:], alone[..., 2:])
    wanted = ((warped - reference[:, :, None]) ** 2 + (warped + 1 - reference[:, :, None]) ** 2) / 2
    torch.testing.assert_close(both[..., :2], wanted[..., :2])
    nothing = mean(reference, [(warped, seen & False)])
    assert (nothing == 0).all()


def test_weights_are_one_plus_what_the_small_networks_say() -> None:
    torch.manual_seed(0)
    reference, warped = torch.rand(1, 8, 6, 5), torch.rand(1, 8, 3, 6, 5)
    seen = torch.ones(1, 3, 6, 5, dtype=torch.bool)
    difference = (warped - reference[:, :, None]) ** 2
    for kind in ("voxel", "pixel", "product"):
        chosen = Aggregation(dataclasses.replace(SMALL, aggregation=kind))
        factors = [1 + part(difference) for part in (chosen.voxel, chosen.pixel) if part is not None]
        assert len(factors) == 1 + (kind == "product")
        wanted = difference * (factors[0] if len(factors) == 1 else factors[0] * factors[1])
        torch.testing.assert_close(chosen(reference, [(warped, seen)]), wanted)
    pixel = PixelWeight()(difference)
    assert pixel.shape == (1, 1, 1, 6, 5)
    assert 0 < pixel.min() < pixel.max() < 1


def test_a_feature_lies_in_the_middle_of_its_sixteen_pixels() -> None:
    """Features of a mirrored picture are the mirrored features where kernels are mirrored too: no half pixel is lost on one side."""
    torch.manual_seed(0)
    net = FeatureNet(8).eval()
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, torch.nn.Conv2d):
                module.weight.copy_((module.weight + module.weight.flip(-1)) / 2)
        picture = torch.rand(1, 3, 16, 24)
        torch.testing.assert_close(net(picture).flip(-1), net(picture.flip(-1)), rtol=1e-4, atol=1e-5)
        assert net(picture).shape == (1, 8, 4, 6)


def test_attention_pools_everything() -> None:
    """A volume that varies along the width alone: the channel weights must still be one number each."""
    fuse = FeatureFusion(8, 4)
    seen: list[torch.Tensor] = []
    fuse.weight.register_forward_hook(lambda module, inputs, output: seen.append(output))
    fuse(torch.rand(1, 4, 3, 4, 5), torch.rand(1, 4, 3, 4, 5))
    assert seen[0].shape == (1, 4, 1, 1, 1)
    pooled, table = (AttentionRefinement(8, 8, kind) for kind in ("pooled", "table"))
    volume = torch.rand(1, 8, 3, 4, 5)
    ratio = (pooled(volume) / pooled.conv(volume)).detach()
    known = pooled.conv(volume) > 1e-3
    first = [ratio[0, c][known[0, c]] for c in range(8)]
    assert max(float(values.max() - values.min()) for values in first if len(values)) < 1e-5
    ratio = (table(volume) / table.conv(volume)).detach()
    known = table.conv(volume) > 1e-3
    first = [ratio[0, c][known[0, c]] for c in range(8)]
    assert max(float(values.max() - values.min()) for values in first if len(values)) > 1e-3


@pytest.mark.parametrize("options", [{}, {"attention": "table", "skip": False}, {"convolution": "separable"}])
def test_any_size_trains_with_a_batch_of_one(options: dict[str, object]) -> None:
    settings = dataclasses.replace(SMALL, **options)  # type: ignore[arg-type]
    network = BiSeNet3d(settings).train()
    logits = network(torch.rand(1, 8, 9, 7, 11))
    assert logits.shape == (1, 9, 7, 11)
    logits.sum().backward()
    assert all(value.grad is not None for value in network.parameters())


def test_planes_are_as_many_as_asked_and_end_where_they_should() -> None:
    near, far = torch.tensor([425.0, 1.0]), torch.tensor([931.15, 4.0])
    linear, inverse = (depth_planes(near, far, 48, spacing) for spacing in ("linear", "inverse"))
    for planes in (linear, inverse):
        assert planes.shape == (2, 48)
        torch.testing.assert_close(planes[:, 0], near)
        torch.testing.assert_close(planes[:, -1], far)
    steps = (1 / inverse[1]).diff()
    torch.testing.assert_close(steps, steps[:1].expand(47), rtol=1e-3, atol=0)


def test_the_expected_depth_and_its_confidence() -> None:
    depths = depth_planes(torch.tensor([1.0]), torch.tensor([8.0]), 8, "linear")
    probability = torch.zeros(1, 8, 1, 2)
    probability[0, 3, 0, 0], probability[0, 4, 0, 0] = 0.25, 0.75
    probability[0, 0, 0, 1], probability[0, 7, 0, 1] = 0.5, 0.5
    torch.testing.assert_close(expected_depth(probability, depths, "linear")[0, 0], torch.tensor([4.75, 4.5]))
    torch.testing.assert_close(confidence(probability)[0, 0], torch.tensor([1.0, 0.0]))
    inverse = expected_depth(probability, depths, "inverse")[0, 0, 1]
    assert inverse == pytest.approx(1 / (0.5 * 1 + 0.5 / 8))


def test_the_four_planes_are_those_of_the_published_pooling() -> None:
    torch.manual_seed(0)
    probability = torch.softmax(3 * torch.randn(2, 12, 3, 4), dim=1)
    index = torch.einsum("bdhw,d->bhw", probability, torch.arange(12.0)).long()
    summed = 4 * F.avg_pool3d(F.pad(probability[:, None], (0, 0, 0, 0, 1, 2)), (4, 1, 1), stride=1)[:, 0]
    torch.testing.assert_close(confidence(probability), summed.gather(1, index[:, None])[:, 0])


def test_inputs_do_not_depend_on_the_size_of_what_is_seen() -> None:
    """A point of the world lands at the same place of the depth maps whether the picture was made smaller before or not."""
    sample, _ = mvs_scene.sample(width=96, height=72)
    size = map_size((96, 72), longest=48)
    assert size == (12, 9)
    assert map_size((1600, 1200), level=2) == (100, 75)
    assert map_size((640, 427)) == (160, 107)
    assert shown_size((200, 150)) == (200, 150)
    assert shown_size((1600, 1201), 800) == (800, 600)
    _, carried, limits = network_inputs(sample.reference, sample.sources[:2], size)
    camera, other = (map_camera(view, size) for view in (sample.reference, sample.sources[0]))
    point = np.array([0.3, 0.2, 6.0, 1.0])
    seen = [c.intrinsics @ (c.world_to_cam @ point)[:3] for c in (camera, other)]
    x, y, d = seen[0][0] / seen[0][2], seen[0][1] / seen[0][2], seen[0][2]
    np.testing.assert_allclose(carried[0].numpy() @ [x * d, y * d, d, 1], seen[1], rtol=1e-4)
    assert limits.tolist() == [mvs_scene.NEAREST, mvs_scene.FARTHEST]
    bright = normalised(np.clip(sample.reference.rgb.astype(int) // 2 + 40, 0, 255).astype(np.uint8), size)
    torch.testing.assert_close(bright, normalised(sample.reference.rgb, size), rtol=0.1, atol=0.05)


def test_the_network_tells_depth_within_its_planes() -> None:
    torch.manual_seed(0)
    sample, _ = mvs_scene.sample(width=48, height=36)
    network = PbsNet(SMALL).train()
    pictures, carried, limits = network_inputs(sample.reference, sample.sources[:3], map_size((48, 36)))
    answer = network(pictures[None], carried[None], limits[None])
    assert answer.depth.shape == answer.confidence.shape == (1, 9, 12)
    assert mvs_scene.NEAREST <= answer.depth.min() <= answer.depth.max() <= mvs_scene.FARTHEST
    assert 0 <= answer.confidence.min() <= answer.confidence.max() <= 1


def test_weights_tell_what_they_are_of(tmp_path: Path) -> None:
    settings = dataclasses.replace(SMALL, aggregation="pixel", skip=False)
    network, path = PbsNet(settings), tmp_path / "w.safetensors"
    write_weights(path, network.state_dict(), {"model": "pbs-mvsnet", **settings.to_text()})
    loaded, _ = load_network(path)
    assert loaded.settings == settings
    write_weights(path, network.state_dict(), {"model": "pbs-mvsnet"})
    with pytest.raises(DepthbenchError, match="does not tell its 'channels'"):
        load_network(path)
    write_weights(path, network.state_dict(), {"model": "odn-l"})
    with pytest.raises(DepthbenchError, match="of odn-l, not of pbs-mvsnet"):
        load_network(path)
    with pytest.raises(DepthbenchError, match="did you mean voxel"):
        PbsSettings(aggregation="voxels")


def test_coarse_depth_is_enlarged_without_blending_surfaces() -> None:
    y, x = np.indices((6, 8), dtype=np.float32)
    plane = (100 + 0.1 * x + 0.05 * y).astype(np.float32)
    fine_y, fine_x = np.indices((24, 32)) * 0.25 - 0.375
    inside = np.s_[2:-2, 2:-2]
    np.testing.assert_allclose(
        enlarged(plane, (24, 32))[inside], (100 + 0.1 * fine_x + 0.05 * fine_y)[inside], rtol=1e-6
    )
    step = np.where(x < 4, np.float32(100), np.float32(200))
    assert set(np.unique(enlarged(step, (24, 32)))) == {100, 200}
    step[2, 2] = np.nan
    assert np.isnan(enlarged(step, (24, 32))[8:12, 8:12]).all()
    assert np.isfinite(enlarged(step, (24, 32))[:6]).all()


def test_only_unsure_fine_depth_gives_way() -> None:
    fine = np.full((4, 4), 5, np.float32), np.full((4, 4), 0.8, np.float32)
    fine[1][0], fine[1][1, 0] = 0.3, 0.49
    fine[0][3, 3] = np.nan
    coarse = np.array([[7, np.nan], [7, 7]], np.float32), np.full((2, 2), 0.95, np.float32)
    depth, confidence_ = replaced(fine, coarse, unsure=0.5)
    assert depth.tolist() == [[7, 7, 5, 5], [7, 5, 5, 5], [5, 5, 5, 5], [5, 5, 5, 7]]
    assert confidence_[0, 0] == pytest.approx(0.95)
    assert confidence_[0, 3] == pytest.approx(0.3)


def test_a_pyramid_mends_what_the_coarse_level_knows() -> None:
    """Fine maps wrong and unsure in a corner; the coarse ones right, but in one view wrong and sure, which no other view confirms."""
    made = fusion_scene.views(5, 64, 48)
    coarse = fusion_scene.views(5, 32, 24)
    for number, (view, small) in enumerate(zip(made, coarse, strict=True)):
        k = map_camera(_view(view), (32, 24)).intrinsics
        coarse[number] = DepthView(
            fusion_scene.exact_depth(32, 24, k, view.world_to_cam).astype(np.float32), k, small.world_to_cam
        )
    fine_maps = {i: (view.depth.copy(), np.full(view.depth.shape, 0.9, np.float32)) for i, view in enumerate(made)}
    coarse_maps = {i: (view.depth.copy(), np.full(view.depth.shape, 0.95, np.float32)) for i, view in enumerate(coarse)}
    for depth, sure in fine_maps.values():
        depth[16:32, 20:44] += 2
        sure[16:32, 20:44] = 0.2
    coarse_maps[0][0][10:14, 14:18] += 3
    scene = _Scene(made)
    pairs = {i: [(j, 1.0) for j in range(5) if j != i] for i in range(5)}
    merged = merge_levels(scene, pairs, [fine_maps, coarse_maps], PyramidRules())  # type: ignore[arg-type]
    for number, (depth, _) in merged.items():
        wrong = np.abs(depth - made[number].depth) > 0.1
        before = np.abs(fine_maps[number][0] - made[number].depth) > 0.1
        assert before.sum() == 16 * 24
        assert wrong.sum() < (0.35 if number else 0.6) * before.sum()
        assert not wrong[~before].any()
    assert (np.abs(merged[0][0] - made[0].depth)[21:27, 29:35] < 2.5).all()


def _view(view: DepthView) -> MvsView:
    from depthbench.formats.mvsnet_cam import MvsCamera

    camera = MvsCamera(view.intrinsics, view.world_to_cam, 3.0, 9.0, 0.1, 61)
    return MvsView(np.zeros((*view.depth.shape, 3), np.uint8), camera)


class _Scene:
    def __init__(self, views: list[DepthView]) -> None:
        self._views = views

    def view(self, number: int) -> MvsView:
        return _view(self._views[number])
