# SPDX-License-Identifier: Apache-2.0
"""Instance clusters: what attention over clusters does where the answer is known, and the network about it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from depthbench.baselines.icm_depth.attention import ClusterUpdate, PixelUpdate, gathered, membership  # noqa: E402
from depthbench.baselines.icm_depth.encoder import STRIDES, TimmEncoder  # noqa: E402
from depthbench.baselines.icm_depth.network import IcmDepth, activated, to_rows  # noqa: E402
from depthbench.baselines.icm_depth.settings import Settings  # noqa: E402
from depthbench.errors import DepthbenchError, MissingExtraError  # noqa: E402

TINY = {"encoder": "tiny", "encoder_width": 8, "channels": 16, "clusters": 5}


def network(**changes: object) -> IcmDepth:
    torch.manual_seed(0)
    return IcmDepth(Settings(**{**TINY, **changes})).eval()  # type: ignore[arg-type]


def picture(batch: int = 1) -> torch.Tensor:
    return torch.rand(batch, 3, 64, 96, generator=torch.Generator().manual_seed(1)) * 255


class TestMembership:
    def test_orthogonal_features_give_the_masks_back(self) -> None:
        labels = torch.randint(0, 4, (30,), generator=torch.Generator().manual_seed(2))
        masks = torch.eye(4)[labels]
        belongs = membership(200 * torch.eye(4)[None], masks[None])
        torch.testing.assert_close(belongs[0], masks.T, atol=1e-6, rtol=0)
        values = torch.randn(1, 30, 3, generator=torch.Generator().manual_seed(3))
        means = torch.stack([values[0, labels == number].mean(dim=0) for number in range(4)])
        torch.testing.assert_close(gathered(belongs, values)[0], means, atol=1e-4, rtol=0)
        sums = torch.stack([values[0, labels == number].sum(dim=0) for number in range(4)])
        torch.testing.assert_close(gathered(belongs, values, renormalise=False)[0], sums, atol=1e-4, rtol=0)

    @settings(deadline=None, max_examples=30)
    @given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 12), st.floats(0.01, 30))
    def test_pixels_belong_once_and_renormalised_rows_sum_to_one(self, seed: int, n: int, p: int, scale: float) -> None:
        draw = torch.Generator().manual_seed(seed)
        belongs = membership(scale * torch.randn(2, n, 8, generator=draw), torch.randn(2, p, 8, generator=draw))
        torch.testing.assert_close(belongs.sum(dim=1), torch.ones(2, p))
        torch.testing.assert_close(gathered(belongs, torch.ones(2, p, 1)), torch.ones(2, n, 1))

    def test_against_loops(self) -> None:
        rng = np.random.default_rng(5)
        queries, keys, values = rng.normal(size=(3, 4)), rng.normal(size=(7, 4)), rng.normal(size=(7, 2))
        slow = np.zeros((3, 2))
        weights = np.zeros((3, 7))
        for pixel in range(7):
            scores = np.array([queries[cluster] @ keys[pixel] / 2.0 for cluster in range(3)])
            weights[:, pixel] = np.exp(scores) / np.exp(scores).sum()
        for cluster in range(3):
            slow[cluster] = sum(weights[cluster, pixel] * values[pixel] for pixel in range(7)) / weights[cluster].sum()
        q, k, v = (torch.from_numpy(part)[None] for part in (queries, keys, values))
        belongs = membership(q, k)
        np.testing.assert_allclose(belongs[0], weights, rtol=1e-12)
        np.testing.assert_allclose(gathered(belongs, v)[0], slow, rtol=1e-4)

    def test_a_cluster_without_members_gathers_the_mean(self) -> None:
        belongs = torch.zeros(1, 2, 5)
        belongs[0, 0] = 1
        values = torch.arange(5.0)[None, :, None]
        torch.testing.assert_close(gathered(belongs, values)[0, :, 0], torch.tensor([2.0, 2.0]))


class TestUpdates:
    @pytest.mark.parametrize("renormalise", [True, False])
    def test_order_of_clusters_and_of_pixels_does_not_matter(self, renormalise: bool) -> None:
        torch.manual_seed(4)
        update, back = ClusterUpdate(8, renormalise), PixelUpdate(8)
        clusters, pixels = torch.randn(2, 5, 8), torch.randn(2, 11, 8)
        n, p = torch.randperm(5), torch.randperm(11)
        after, belongs = update(clusters, pixels)
        mixed, mixed_belongs = update(clusters[:, n], pixels[:, p])
        torch.testing.assert_close(mixed, after[:, n])
        torch.testing.assert_close(mixed_belongs, belongs[:, n][:, :, p])
        torch.testing.assert_close(back(pixels[:, p], mixed)[0], back(pixels, after)[0][:, p])

    def test_updates_without_values_change_nothing(self) -> None:
        update, back = ClusterUpdate(8), PixelUpdate(8)
        for part in (update, back):
            torch.nn.init.zeros_(part.value.weight)
        clusters, pixels = torch.randn(1, 5, 8), torch.randn(1, 11, 8)
        assert torch.equal(update(clusters, pixels)[0], clusters)
        assert torch.equal(back(pixels, clusters)[0], pixels)


class TestNetwork:
    def test_answers(self) -> None:
        for changes in ({}, {"matrix": "separate"}, {"activation": "softplus"}, {"renormalise": False}):
            stages = network(**changes)(picture(2))
            assert stages.depth_m.shape == (2, 1, 64, 96)
            assert (stages.depth_m > 0).all()
            assert {stride: tuple(maps.shape) for stride, maps in stages.memberships.items()} == {
                16: (2, 5, 4, 6), 8: (2, 5, 8, 12), 4: (2, 5, 16, 24)
            }  # fmt: skip

    def test_names_of_clusters_do_not_matter(self) -> None:
        net, order = network(), torch.tensor([3, 1, 4, 0, 2])
        before = net(picture())
        with torch.no_grad():
            net.clusters[0].copy_(net.clusters[0][order].clone())
        after = net(picture())
        torch.testing.assert_close(after.depth_m, before.depth_m)
        torch.testing.assert_close(after.memberships[4], before.memberships[4][:, order])

    def test_one_matrix_carries_what_coarse_strides_found(self) -> None:
        for matrix, carries in (("one", True), ("separate", False)):
            net = network(matrix=matrix)
            before = net(picture()).memberships[4]
            with torch.no_grad():
                net.updates[0].value.weight.normal_()
            assert torch.equal(net(picture()).memberships[4], before) != carries

    def test_separate_depths_are_averaged(self) -> None:
        net = network(matrix="separate")
        with torch.no_grad():
            for head, number in zip(net.heads, (0.0, np.log(2), np.log(3)), strict=True):
                head.weight.zero_()
                head.bias.fill_(float(number))
        torch.testing.assert_close(net(picture()).depth_m, torch.full((1, 1, 64, 96), 12.0 * 2))

    def test_it_begins_near_the_usual_depth(self) -> None:
        found = network(usual_depth_m=7.0)(picture()).depth_m
        assert ((found / 7).log().abs() < 0.3).all()

    def test_every_parameter_learns(self) -> None:
        net = network()
        stages = net(picture())
        target = torch.rand_like(stages.depth_m) + sum(maps.square().mean() for maps in stages.memberships.values())
        (stages.depth_m - target).square().mean().backward()
        assert [name for name, value in net.named_parameters() if value.grad is None] == []

    @given(st.floats(-20, 20))
    def test_activations(self, number: float) -> None:
        for kind in ("exp", "softplus"):
            zero, here, further = activated(torch.tensor([0.0, number, number + 1], dtype=torch.float64), kind)
            assert float(zero) == pytest.approx(1)
            assert 0 < here <= further

    def test_rows_are_in_the_order_of_the_picture(self) -> None:
        maps = torch.arange(24.0).reshape(1, 2, 3, 4)
        assert torch.equal(to_rows(maps)[0, 5], maps[0, :, 1, 1])


class TestSettings:
    def test_told_and_read(self) -> None:
        one = Settings(encoder="tiny", renormalise=False, usual_depth_m=9.5, matrix="separate", clusters=7)
        assert Settings.from_text({**one.to_text(), "model": "icm-depth"}) == one

    def test_what_cannot_be(self) -> None:
        for changes, told in (
            ({"matrix": "ones"}, "did you mean one"),
            ({"activation": "relu"}, "activation"),
            ({"clusters": 0}, "clusters=0"),
            ({"channels": 20}, "multiples of 8"),
        ):
            with pytest.raises(DepthbenchError, match=told):
                Settings(**changes)  # type: ignore[arg-type]


class TestTimm:
    def test_it_is_asked_for_by_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "timm", None)
        with pytest.raises(MissingExtraError, match="timm"):
            TimmEncoder("resnet50")

    def test_builds_that_do_not_fit_are_told(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "timm.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
        monkeypatch.delitem(sys.modules, "timm", raising=False)
        monkeypatch.syspath_prepend(str(tmp_path))
        with pytest.raises(DepthbenchError, match="of different builds"):
            TimmEncoder("resnet50")

    def test_weights_that_may_hold_code_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "timm", SimpleNamespace())
        with pytest.raises(DepthbenchError, match=r"no \.safetensors file"):
            TimmEncoder("resnet50", "weights.pth")

    def test_channels_come_first_whatever_timm_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        channels = [3, 5, 8, 13]

        def create_model(name: str, **options: object) -> torch.nn.Module:
            class Body(torch.nn.Module):
                feature_info = SimpleNamespace(reduction=lambda: list(STRIDES), channels=lambda: channels)

                def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
                    maps = [
                        torch.arange(float(count))[None, :, None, None].expand(1, -1, 64 // s, 96 // s)
                        for count, s in zip(channels, STRIDES, strict=True)
                    ]
                    return [part.permute(0, 2, 3, 1) for part in maps] if name == "swin" else maps

            assert not options.pop("strict_img_size", False)
            assert options == {"pretrained": False, "features_only": True}
            return Body()

        monkeypatch.setitem(sys.modules, "timm", SimpleNamespace(create_model=create_model))
        for name in ("resnet", "swin"):
            encoder = TimmEncoder(name)
            for maps, count in zip(encoder(picture()), channels, strict=True):
                assert torch.equal(maps[0, :, 1, 2], torch.arange(float(count)))
