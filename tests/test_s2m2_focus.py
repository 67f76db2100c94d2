# SPDX-License-Identifier: Apache-2.0
"""The steered network: what it is before training, how a condition enters, what a sweep shares."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from s2m2_fixture import textured_pair, with_fixture_weights

from depthbench.baselines.loading import load_model
from depthbench.baselines.s2m2.network import S2M2
from depthbench.baselines.s2m2.strips import peak_bytes
from depthbench.baselines.s2m2_focus.conditional import ConditionalFeedForward, Injection
from depthbench.baselines.s2m2_focus.network import NEW_PREFIXES, S2M2Focus
from depthbench.baselines.s2m2_focus.prior import MatchPrior, with_prior
from depthbench.benchmarks.predict import run_model
from depthbench.errors import DepthbenchError
from depthbench.generators.planes_dataset import planes_sample
from depthbench.generators.planes_scene import PlanesConfig
from depthbench.layers import SurfaceClass, Visibility
from depthbench.tasks import StereoSample

VARIANTS: list[dict[str, Any]] = [
    {},
    {"prior": True},
    {"experts": 1},
    {"inject": False},
    {"experts": 1, "inject": False},
]


def unsteered(channels: int = 8, transformers: int = 1, **options: Any) -> tuple[S2M2, S2M2Focus]:
    """An S2M2 with fixture weights and the steered network made from it."""
    plain = with_fixture_weights(S2M2(channels, transformers, refine_steps=options.get("refine_steps", 1)))
    focus = S2M2Focus(channels, transformers, **options).eval()
    focus.load_state_dict(focus.state_dict() | plain.state_dict())
    focus.start_from_s2m2()
    return plain, focus  # type: ignore[return-value]


@torch.no_grad()
@pytest.mark.parametrize("options", [*VARIANTS, {"refine_steps": 3}], ids=str)
def test_before_training_it_is_s2m2_for_every_c(options: dict[str, Any]) -> None:
    """To the last bit: experts are copies, everything else starts at zero."""
    plain, focus = unsteered(transformers=2, **options)
    left, right = (torch.cat([eye, eye]) for eye in textured_pair(32, 64, 4))
    wanted = plain(left, right)
    for c in (0.0, 0.3, 1.0):
        for got, reference in zip(focus(left, right, torch.tensor([c, 1 - c])), wanted, strict=True):
            torch.testing.assert_close(got, reference, rtol=0, atol=0)


def test_s2m2_keeps_its_names_and_the_new_ones_are_set_apart() -> None:
    plain, focus = S2M2(8, 1).state_dict(), S2M2Focus(8, 1, prior=True).state_dict()
    new = {key for key in focus if key.startswith(NEW_PREFIXES)}
    assert focus.keys() - new == plain.keys()
    for prefix in NEW_PREFIXES:
        assert any(key.startswith(prefix) for key in new), prefix


def random_condition_weights(focus: S2M2Focus) -> S2M2Focus:
    """Stand-in for training: the new parameters become random."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, value in focus.named_parameters():
            if name.startswith(NEW_PREFIXES):
                value.copy_(torch.randn(value.shape, generator=generator) * 0.2)
    return focus


def test_the_prior_flips_two_matches_of_one_row_by_its_closed_form() -> None:
    """Matches 5 cells apart: the nearer one has e^(s tanh(5/2)) times what it had; rows keep their sums."""
    plan = torch.zeros(1, 1, 12, 12)
    plan[0, 0, 9, 7], plan[0, 0, 9, 2], plan[0, 0, 5, 5] = 0.5, 0.3, 0.8
    gain = math.exp(2 * math.tanh(2.5))
    for strength, factor in ((2.0, gain), (-2.0, 1 / gain)):
        got = with_prior(plan, torch.full((1, 1, 12), strength))
        far, near = 0.5, 0.3 * factor
        assert float(got[0, 0, 9, 7]) == pytest.approx(0.8 * far / (far + near), rel=1e-5)
        assert float(got[0, 0, 9, 2]) == pytest.approx(0.8 * near / (far + near), rel=1e-5)
        assert float(got[0, 0, 5, 5]) == pytest.approx(0.8, rel=1e-6)
        assert torch.equal(got[0, 0, 0], torch.zeros(12))
    none = torch.zeros(1, 1, 12, requires_grad=True)
    assert torch.equal(with_prior(plan, none), plan)
    with_prior(plan, none)[0, 0, 9, 2].backward()
    assert none.grad is not None
    # d/ds of 0.8 n / (f + n) at s = 0, n the nearer and f the farther mass, n growing by e^(s tanh 2.5)
    assert float(none.grad[0, 0, 9]) == pytest.approx(0.8 * 0.5 * 0.3 / 0.64 * math.tanh(2.5), rel=1e-5)


def test_the_prior_acts_where_the_features_ask_for_it() -> None:
    """Query and key as unit matrices: the strength is the mean of normalised features times the embedding, over sqrt(C) channels."""
    prior = MatchPrior(4)
    with torch.no_grad():
        prior.query.weight.copy_(torch.eye(4))
        prior.query.bias.zero_()
        prior.key.weight.copy_(torch.eye(4))
    features = torch.zeros(1, 4, 1, 2)
    features[0, :, 0, 0] = torch.tensor([3.0, 1.0, 1.0, 3.0])
    found = prior(features, torch.tensor([[1.0, 0.0, 0.0, 3.0]]))
    assert found[0, 0].tolist() == pytest.approx([(1 + 3) / 2, 0.0], abs=1e-4)
    assert prior(features, torch.tensor([[0.0, -2.0, 0.0, 0.0]]))[0, 0, 0].item() == pytest.approx(1.0, abs=1e-4)
    prior.start_without()
    assert not prior(features, torch.ones(1, 4)).any()


@torch.no_grad()
def test_once_trained_the_answer_follows_c_and_a_sweep_gives_the_same_answers() -> None:
    _, focus = unsteered()
    focus = random_condition_weights(focus)
    left, right = textured_pair(32, 64, 4)
    values = (0.0, 0.5, 1.0)
    confs = []
    for value, estimate in zip(values, focus.sweep(left, right, values), strict=True):
        disp, _, conf = focus(left, right, torch.tensor([value]))
        torch.testing.assert_close(estimate.disp, disp, rtol=0, atol=0)
        confs.append(conf)
    assert (confs[0] - confs[1]).abs().max() > 1e-3
    assert (confs[1] - confs[2]).abs().max() > 1e-3


@torch.no_grad()
def test_each_pair_of_a_batch_has_its_own_condition() -> None:
    _, focus = unsteered()
    focus = random_condition_weights(focus)
    left, right = (torch.cat([eye, eye]) for eye in textured_pair(32, 64, 4))
    together = focus(left, right, torch.tensor([0.1, 0.9]))
    for index, c in enumerate((0.1, 0.9)):
        alone = focus(left[:1], right[:1], torch.tensor([c]))
        for got, wanted in zip(together, alone, strict=True):
            torch.testing.assert_close(got[index : index + 1], wanted, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("options", VARIANTS[:3], ids=str)
def test_every_parameter_that_trains_gets_a_gradient(options: dict[str, Any]) -> None:
    """Once experts differ, that is; what is replaced does not train, and nothing else is left out."""
    _, focus = unsteered(**options)
    random_condition_weights(focus)
    left, right = textured_pair(32, 64, 4)
    estimate = focus.steer(focus.view(left, right), torch.tensor([0.4]))
    total = sum(disp.mean() + occ.mean() + conf.mean() for disp, occ, conf in estimate.steps)
    total = (
        total + estimate.disp.mean() + estimate.conf.mean() + estimate.occ.mean() + estimate.match.plan.square().mean()
    )
    (total + focus.segment(left).mean()).backward()
    without = {name for name, value in focus.named_parameters() if value.grad is None}
    frozen = {name for name, value in focus.named_parameters() if not value.requires_grad}
    assert without == frozen
    assert {name.rsplit(".ffn.ffn", 1)[0] for name in frozen} == {
        "transformer.uformer_list.0.dec_attn0",
        "refiner.refine_unet.enc3s.0",
        "refiner.refine_unet.dec3s.0",
    }


@torch.no_grad()
def test_a_fresh_start_answers_by_c_at_once_and_leaves_s2m2s_part_alone() -> None:
    plain, focus = unsteered()
    torch.manual_seed(0)
    focus.start_fresh()
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(focus.state_dict()[name], value, rtol=0, atol=0)
    left, right = textured_pair(32, 64, 4)
    near, far = (focus.steer(focus.view(left, right), torch.tensor([c])).match.plan for c in (0.0, 1.0))
    # exactly alike before
    assert (near - far).abs().max() > 1e-4


def test_the_first_gradients_part_the_experts() -> None:
    """Equal experts, weighted by c: asked for the near, the near one learns most."""
    layer = ConditionalFeedForward(8, 8, 2)
    generator = torch.Generator().manual_seed(1)
    layer.experts[1].load_state_dict(layer.experts[0].state_dict())
    tokens = torch.randn(1, 2, 3, 8, generator=generator)
    layer(tokens, torch.randn(1, 8, generator=generator), torch.tensor([0.0])).square().sum().backward()
    near, far = (expert[0].weight.grad.abs().sum() for expert in layer.experts)  # type: ignore[union-attr, index]
    # weights are softmax(1, -1) at c = 0
    assert float(near / far) == pytest.approx(np.exp(2), rel=1e-4)


@torch.no_grad()
def test_experts_mix_by_soft_weights() -> None:
    """Twin: the sum over experts, each times its weight."""
    layer = ConditionalFeedForward(8, 8, 2, experts=3, inject=False)
    generator = torch.Generator().manual_seed(2)
    torch.nn.init.normal_(layer.router.out.weight, generator=generator)  # type: ignore[union-attr]
    tokens, embedding = torch.randn(2, 2, 3, 8, generator=generator), torch.randn(2, 8, generator=generator)
    c = torch.tensor([0.2, 0.7])
    normal = torch.nn.functional.layer_norm(tokens, (8,))
    weights = layer.router(normal, embedding, c)  # type: ignore[misc]
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 3))
    assert weights.flatten(0, 2).std(dim=0).min() > 1e-3
    wanted = tokens + sum(weights[..., k : k + 1] * expert(normal) for k, expert in enumerate(layer.experts))
    torch.testing.assert_close(layer(tokens, embedding, c), wanted, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_injection_is_a_gated_value() -> None:
    """Twin, token by token and head by head: sigmoid(q . k / sqrt(d)) v."""
    layer = Injection(8, 5, heads=2)
    layer.proj.weight.copy_(torch.eye(8))
    generator = torch.Generator().manual_seed(3)
    tokens, embedding = torch.randn(1, 1, 2, 8, generator=generator), torch.randn(1, 5, generator=generator)
    got = layer(tokens, embedding)
    for token in range(2):
        for head in range(2):
            part = slice(4 * head, 4 * head + 4)
            q, k, v = layer.q(tokens[0, 0, token])[part], layer.k(embedding[0])[part], layer.v(embedding[0])[part]
            torch.testing.assert_close(got[0, 0, token, part], torch.sigmoid(q @ k / 2) * v)


def test_checkpoints_of_both_kinds_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """S2M2's answers like S2M2 and says so; its own is followed; a mixture of both is refused; c stays in its range."""
    plain, focus = unsteered()
    torch.save({"state_dict": plain.state_dict()}, tmp_path / "plain.pth")
    left, right = textured_pair(32, 64, 4)
    as_image = lambda x: x[0].permute(1, 2, 0).numpy().astype(np.uint8)  # noqa: E731
    sample = StereoSample("x", as_image(left), as_image(right))

    def answer(name: str, **options: Any) -> Any:
        model = load_model("s2m2-focus", {"weights": str(tmp_path / name), "device": "cpu", **options}).model
        return run_model(model, sample)[0].disp_px

    s2m2 = load_model("s2m2", {"weights": str(tmp_path / "plain.pth"), "device": "cpu", "refine_steps": 1}).model
    np.testing.assert_array_equal(answer("plain.pth", c=0.7), run_model(s2m2, sample)[0].disp_px)
    assert "not steered yet" in capsys.readouterr().err
    for options in VARIANTS:
        _, focus = unsteered(**options)
        focus = random_condition_weights(focus)
        state = focus.state_dict()
        torch.save({"state_dict": state, "licence": "Apache-2.0"}, tmp_path / "own.pth")
        with torch.no_grad():
            wanted = focus(left, right, torch.tensor([0.25]))[0]
        np.testing.assert_array_equal(answer("own.pth", c=0.25), wanted[0, 0].numpy())
    assert "Apache-2.0" in capsys.readouterr().err
    state.pop("seg_head.out.0.bias")
    torch.save({"state_dict": state}, tmp_path / "cut.pth")
    with pytest.raises(DepthbenchError, match=r"1 missing \(seg_head\.out\.0\.bias\)"):
        answer("cut.pth")
    with pytest.raises(DepthbenchError, match=r"c=1\.5 is not between 0"):
        answer("own.pth", c=1.5)


@torch.no_grad()
def test_segmentation_needs_one_eye() -> None:
    """Logits at full resolution; the pyramid of a pair gives each eye what the eye alone gets."""
    _, focus = unsteered()
    left, right = textured_pair(32, 64, 4)
    both = focus.segment_pyramid(focus.look(left, right).pyramid)
    assert both.shape == (2, 2, 32, 64)
    for index, eye in enumerate((left, right)):
        torch.testing.assert_close(focus.segment(eye), both[index : index + 1], rtol=1e-4, atol=1e-4)


def test_the_model_s_sweep_gives_what_single_values_give(tmp_path: Path) -> None:
    """Of an odd size, and in strips (256 of 384 rows)."""
    focus = random_condition_weights(unsteered()[1])
    torch.save({"state_dict": focus.state_dict()}, tmp_path / "own.pth")
    for size, rows in (((45, 70), 0), ((384, 32), 300)):
        left, right = (eye[0].permute(1, 2, 0).numpy().astype(np.uint8) for eye in textured_pair(*size, 4))
        # a sweep keeps more between values, so it is given more memory for the same strips
        several, one = (
            {"weights": str(tmp_path / "own.pth"), "device": "cpu", "memory_gb": peak_bytes(rows, 32, 8, kept) / 1e9}
            for kept in (True, False)
        )
        sample = StereoSample("x", left, right)
        values = (0.0, 0.4, 1.0)
        answers = load_model("s2m2-focus", several).model.sweep(sample, values)  # type: ignore[attr-defined]
        assert np.abs(answers[0].disp_px - answers[2].disp_px).max() > 1e-3
        for c, answer in zip(values, answers, strict=True):
            single = run_model(load_model("s2m2-focus", one | {"c": c}).model, sample)[0]
            np.testing.assert_array_equal(answer.disp_px, single.disp_px)


def test_the_shipped_checkpoint_brings_what_c_asks_for() -> None:
    """On planes that it has not seen: nearer to the first surface at c = 0, to the last at c = 1."""
    model: Any = load_model("s2m2-focus").model
    error = np.zeros((2, 2))
    for number in range(4):
        made = planes_sample(990_001, number, PlanesConfig(max_disp_px=40.0))
        layers, classes = made["disp_px"].numpy(), made["surface_class"].numpy()
        seen = made["visibility"].numpy() == Visibility.VISIBLE
        left, right = (
            np.rint(made[eye].numpy().transpose(1, 2, 0) * 255).astype(np.uint8) for eye in ("left", "right")
        )
        answers = model.sweep(StereoSample(str(number), left, right), (0.0, 1.0))
        last = np.isfinite(layers).sum(axis=0)[None] - 1
        several = (last[0] > 0) & (classes[0] != SurfaceClass.OPAQUE) & seen[0] & np.take_along_axis(seen, last, 0)[0]
        for row, answer in enumerate(answers):
            for column, truth in enumerate((layers[0], np.take_along_axis(layers, last, 0)[0])):
                error[row, column] += np.abs(answer.disp_px - truth)[several].sum()
    assert error[0, 0] < 0.95 * error[1, 0]
    assert error[1, 1] < 0.95 * error[0, 1]
