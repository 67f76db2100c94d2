# SPDX-License-Identifier: Apache-2.0
"""DFV: its size and names are those of the published network, and its parts are what they are said to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from depthbench.baselines.hybriddepth.decoder import DecoderBlock, Projection
from depthbench.baselines.hybriddepth.dfv import DFV
from depthbench.baselines.hybriddepth.features import PyramidPooling, pool_sizes
from depthbench.baselines.hybriddepth.resnet import ResNet18
from depthbench.baselines.hybriddepth.volume import differential, expectation
from depthbench.errors import DepthbenchError


@pytest.mark.parametrize(("level", "count"), [(1, 15_963_225), (2, 16_220_778), (3, 16_878_123), (4, 19_501_484)])
def test_as_many_parameters_as_the_published_network(level: int, count: int) -> None:
    with torch.device("meta"):
        network = DFV(level)
    assert sum(value.numel() for value in network.parameters()) == count
    if level == 4:
        assert len(network.state_dict()) == 412


def test_names_are_the_published_ones() -> None:
    with torch.device("meta"):
        names = set(DFV(4).state_dict())
    parts = {name.split(".")[0] for name in names}
    assert parts == {"feature_extraction", "decoder3", "decoder4", "decoder5", "decoder6"}
    encoder = {name.removeprefix("feature_extraction.encoder.") for name in names if ".encoder." in name}
    # torchvision's ResNet-18: 20 batch norms of 5, 20 convolutions, the classifier's 2
    assert len(encoder) == 122
    assert {"conv1.weight", "layer4.1.bn2.running_var", "layer2.0.downsample.1.bias", "fc.bias"} <= encoder
    assert "layer1.0.downsample.0.weight" not in encoder
    assert {"decoder6.pool_convs.3.1.weight", "decoder3.classify.2.0.bias", "decoder4.up.1.0.weight"} <= names


@pytest.mark.parametrize("level", [1, 2, 4])
def test_all_that_trains_is_used_and_the_rest_does_not_train(level: int) -> None:
    network = DFV(level, width=8)
    found, _ = network(torch.rand(2, 2, 3, 32, 32), torch.tensor([[1.0, 2.0]] * 2))
    torch.stack([one.sum() for one in found]).sum().backward()
    for name, value in network.named_parameters():
        assert value.requires_grad == (value.grad is not None), name
    still = {name.split(".")[1] for name, value in network.named_parameters() if not value.requires_grad}
    assert still == {"encoder", *(f"proj{number}" for number in range(3 + level, 7))}


def test_the_differential_volume_by_hand() -> None:
    volume = torch.tensor([1.0, 4.0, 2.0, 7.0]).view(1, 1, 4, 1, 1)
    assert differential(volume).flatten().tolist() == [-3, 2, -5, 7]


def test_the_mean_over_planes_by_hand() -> None:
    """Softmax of (0, ln 3) is (1/4, 3/4): mean 1.75, variance 3/16."""
    scores = torch.tensor([0.0, float(np.log(3))]).view(1, 2, 1, 1)
    mean, spread = expectation(scores, torch.tensor([[1.0, 2.0]]))
    assert mean.item() == pytest.approx(1.75)
    assert spread.item() == pytest.approx(np.sqrt(3) / 4)
    scores.requires_grad_()
    mean, spread = expectation(scores, torch.tensor([[1.0, 2.0]]))
    mean.sum().backward()
    # d mean / d score = share * (value - mean)
    assert scores.grad is not None
    np.testing.assert_allclose(scores.grad.flatten(), [-0.75 / 4, 0.75 * 0.25], rtol=1e-6)
    assert not spread.requires_grad


def test_pooling_divides_as_published() -> None:
    """np.linspace(1, least // 2, 4) of whole numbers; where there is nothing to divide, one part."""
    assert pool_sizes(16) == [1, 3, 5, 8]
    assert pool_sizes(5) == [1, 1, 1, 2]
    assert pool_sizes(1) == [1, 1, 1, 1]


def test_pyramid_pooling_keeps_what_is_even() -> None:
    """All paths doing nothing, a constant stays: (x + 4 x / 4) / 2."""
    pooling = PyramidPooling(3).eval()
    for path in pooling.path_module_list:
        nn.init.dirac_(path.cbr_unit[0].weight)
        path.cbr_unit[1].eps = 0
    even = torch.full((1, 3, 12, 16), 0.7)
    torch.testing.assert_close(pooling(even), even)


def test_a_projection_sees_one_place_of_one_plane() -> None:
    projection = Projection(2, 3).eval()
    volume = torch.randn(1, 2, 3, 4, 5)
    found = projection(volume)
    weight = projection.conv1.weight[:, :, 0, 0] / np.sqrt(1 + projection.bn.eps)
    np.testing.assert_allclose(
        found.detach(), np.einsum("oc,bcnhw->bonhw", weight.detach(), volume), rtol=1e-4, atol=1e-6
    )


def test_the_encoder_is_the_sum_of_its_parts() -> None:
    """Written down again with plain operations on the names of its parameters."""
    torch.manual_seed(0)
    net = ResNet18(8).eval()
    state: dict[str, Any] = net.state_dict()
    pictures = torch.rand(1, 3, 64, 64)

    def layer(x: Any, conv: str, norm: str, stride: int, pad: int) -> Any:
        convolved = nn.functional.conv2d(x, state[f"{conv}.weight"], None, stride, pad)
        return nn.functional.batch_norm(
            convolved, *(state[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        )

    x = nn.functional.max_pool2d(layer(pictures, "conv1", "bn1", 2, 3).relu(), 3, 2, 1)
    with torch.no_grad():
        found = net(pictures)
    for stage in (1, 2, 3, 4):
        for block in (0, 1):
            at = f"layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            beside = layer(x, f"{at}.downsample.0", f"{at}.downsample.1", 2, 0) if stride == 2 else x
            inner = layer(x, f"{at}.conv1", f"{at}.bn1", stride, 1).relu()
            x = (layer(inner, f"{at}.conv2", f"{at}.bn2", 1, 1) + beside).relu()
        torch.testing.assert_close(found[stage - 1], x)


@pytest.mark.parametrize("level", [1, 4])
def test_predictions_stay_between_the_planes_and_come_finest_first(level: int) -> None:
    torch.manual_seed(1)
    network = DFV(level, width=8)
    stack, focus = torch.rand(2, 3, 3, 32, 64), torch.tensor([[0.5, 1.0, 4.0], [0.2, 0.3, 0.4]])
    found, spread = network(stack, focus)
    assert [tuple(one.shape) for one in found] == [(2, 1, 32, 64)] * level
    for one in found:
        assert bool((one.amin((1, 2, 3)) >= focus[:, 0]).all())
        assert bool((one.amax((1, 2, 3)) <= focus[:, -1]).all())
    assert bool((spread <= (focus[:, -1] - focus[:, 0]).view(2, 1, 1, 1) / 2 + 1e-6).all())
    network.eval()
    with torch.no_grad():
        alone, _ = network(stack[:1], focus[:1])
        both, _ = network(stack, focus)
    assert len(alone) == 1
    torch.testing.assert_close(alone[0][0], both[0][0])


def test_differential_volumes_are_another_network() -> None:
    torch.manual_seed(2)
    with_, without = DFV(1, width=8).eval(), DFV(1, diff=False, width=8).eval()
    without.load_state_dict(with_.state_dict())
    stack, focus = torch.rand(1, 3, 3, 32, 32), torch.tensor([[1.0, 2.0, 3.0]])
    assert not torch.allclose(with_(stack, focus)[0][0], without(stack, focus)[0][0])


def test_it_learns_which_picture_is_sharp() -> None:
    """Left half sharp in the first picture, right half in the second; it has the answer by heart after some steps."""
    torch.manual_seed(0)
    network = DFV(1, width=8)
    noise = torch.rand(1, 3, 32, 64)
    dull = nn.functional.avg_pool2d(noise, 7, 1, 3)
    left = torch.arange(64) < 32
    stack = torch.stack([torch.where(left, noise, dull), torch.where(left, dull, noise)], 1)
    truth = torch.where(left, 1.0, 2.0).expand(1, 1, 32, 64)
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(25):
        loss = (network(stack, torch.tensor([[1.0, 2.0]]))[0][0] - truth).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1


def test_scores_are_asked_of_a_coarse_size_only_in_training() -> None:
    block = DecoderBlock(4, 4, up=True, pool=True).eval()
    handed, scores = block(torch.rand(1, 4, 2, 4, 4), scored=False)
    assert scores is None
    assert handed is not None
    assert handed.shape == (1, 2, 2, 8, 8)


@pytest.mark.parametrize(("level", "width"), [(0, 64), (5, 64), (4, 12), (4, 0)])
def test_what_is_no_size_is_told(level: int, width: int) -> None:
    with pytest.raises(DepthbenchError, match="levels are 1 to 4"):
        DFV(level, width=width)


@pytest.mark.parametrize(("planes", "height"), [(1, 32), (2, 40)])
def test_what_is_no_stack_is_refused(planes: int, height: int) -> None:
    with pytest.raises(ValueError, match="see the docstring"):
        DFV(1, width=8)(torch.rand(1, planes, 3, height, 32), torch.ones(1, planes))
