# SPDX-License-Identifier: Apache-2.0
"""HybridDepth as a model: checkpoints under the public names, padding, quantities, stages, and what is told when something lacks."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage

from depthbench.baselines.hybriddepth.inputs import focus_values
from depthbench.baselines.hybriddepth.network import HybridDepth
from depthbench.baselines.hybriddepth.picture import picture_of
from depthbench.baselines.hybriddepth.settings import Settings
from depthbench.baselines.loading import load_model
from depthbench.baselines.weights_file import write_weights
from depthbench.errors import DepthbenchError
from depthbench.formats.rgbd import RgbdFrame
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.make import make_stack
from depthbench.generators.focal.planes import FocusPlanes
from depthbench.generators.focal.sources import Scene
from depthbench.tasks import FocusSample

TINY = Settings("disparity", 1.0, "disparity", "small", 3, 2, True, 8, 4, 0.1, 0.3)


def network(settings: Settings = TINY, seed: int = 0) -> HybridDepth:
    """A network of random weights that refines, so that its stages differ."""
    torch.manual_seed(seed)
    made = HybridDepth(settings).eval()
    last = made.ScaleMapLearner.scratch.output_conv.output_conv[-1]
    torch.nn.init.normal_(last.weight, std=0.3)
    return made


def saved(path: Path, settings: Settings = TINY, seed: int = 0) -> Path:
    state = network(settings, seed).state_dict()
    write_weights(path, state, {"model": "hybriddepth", "licence": "Apache-2.0", **settings.to_text()})
    return path


def sample(height: int = 40, width: int = 70, planes: int = 3, seed: int = 0) -> FocusSample:
    rng = np.random.default_rng(seed)
    stack = rng.integers(0, 256, (planes, height, width, 3), dtype=np.uint8)
    focus_m = 1 / np.linspace(2, 0.2, planes)
    return FocusSample("desk", stack, focus_m, rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def answer(model: Any, sample: FocusSample) -> Any:
    return model.finish(model.forward(model.prepare(sample)), sample).depth_m


def load(path: Path, **options: Any) -> Any:
    return load_model("hybriddepth", {"weights": str(path), "device": "cpu", **options}).model


def test_it_answers_as_the_network_does_in_metres_at_the_pictures_size(tmp_path: Path) -> None:
    shown = sample(64, 96)
    model = load(saved(tmp_path / "w.safetensors"))
    pictures = [
        torch.from_numpy(np.moveaxis(v, -1, -3) / np.float32(255))[None] for v in (shown.all_in_focus, shown.stack)
    ]
    with torch.no_grad():
        stages = network()(*pictures, torch.from_numpy(1 / shown.focus_m).float()[None])
    np.testing.assert_allclose(answer(model, shown), 1 / stages.refined[0, 0], rtol=1e-4)
    for stage in ("aligned", "focus"):
        other = load(tmp_path / "w.safetensors", stage=stage)
        np.testing.assert_allclose(answer(other, shown), 1 / getattr(stages, stage)[0, 0], rtol=1e-4)
    focus = answer(other, shown)
    assert focus.min() >= 0.5 - 1e-5
    assert focus.max() <= 5 + 1e-4


def test_a_picture_of_any_size_is_padded_and_the_border_does_not_count(tmp_path: Path) -> None:
    model = load(saved(tmp_path / "w.safetensors"))
    shown = sample()
    picture, stack, focus, valid = model.prepare(shown)
    assert picture.shape == (1, 3, 64, 96)
    assert stack.shape == (1, 3, 3, 64, 96)
    assert int(valid.sum()) == 40 * 70
    torch.testing.assert_close(picture[..., 40, :70], picture[..., 38, :70])
    assert focus[0].tolist() == pytest.approx([2, 1.1, 0.2])
    assert answer(model, shown).shape == (40, 70)
    assert answer(model, sample(9, 11)).shape == (9, 11)


@pytest.mark.parametrize("prefix", ["", "model.", "module.", "model.module."])
def test_public_checkpoints_load_by_their_names_and_must_be_told_their_quantity(tmp_path: Path, prefix: str) -> None:
    """The public files hold the published relative network; here one of ours stands in its place."""
    settings = dataclasses.replace(TINY, relative="small", inputs=2)
    state = {prefix + key: value for key, value in network(settings).state_dict().items()}
    path = tmp_path / "nyu.ckpt"
    torch.save({"state_dict": state, "epoch": 3}, path)
    with pytest.raises(DepthbenchError, match="quantity=depth"):
        load(path)
    # all sizes but that of the relative branch and the refinement are read from the file
    with pytest.raises(DepthbenchError, match=r"missing.*depth_anything"):
        load(path, quantity="depth")


def test_a_branch_may_come_from_a_file_of_its_own(tmp_path: Path) -> None:
    whole, other = saved(tmp_path / "w.safetensors"), network(seed=5)
    dfv = {f"module.{key}": value for key, value in other.DFF_model.state_dict().items()}
    torch.save(
        {
            "epoch": 7,
            "best": np.float64(0.1),
            "iters": np.int64(3),
            "state_dict": {**dfv, "module.disp_reg.disp": torch.ones(1)},
        },
        tmp_path / "DFF-DFV.tar",
    )
    model = load(whole, focus_weights=str(tmp_path / "DFF-DFV.tar"), stage="focus")
    shown = sample(32, 32)
    theirs = load(saved(tmp_path / "other.safetensors", seed=5), stage="focus")
    np.testing.assert_array_equal(answer(model, shown), answer(theirs, shown))
    before = load(whole, stage="focus")
    assert not np.allclose(answer(model, shown), answer(before, shown))
    with pytest.raises(DepthbenchError, match="nothing of the branch 'relative'"):
        load(whole, relative_weights=str(tmp_path / "DFF-DFV.tar"))
    # a file of the whole gives its branch too
    again = load(whole, focus_weights=str(tmp_path / "other.safetensors"), stage="focus")
    np.testing.assert_array_equal(answer(again, shown), answer(theirs, shown))


def test_settings_of_a_file_and_what_may_be_said_beside(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.safetensors")
    assert load(path).network.settings == TINY
    assert load(path, fit="depth").network.settings.fit == "depth"
    assert load(path, diff=False).network.DFF_model.diff is False
    with pytest.raises(DepthbenchError, match="leave quantity out"):
        load(path, quantity="depth")
    with pytest.raises(DepthbenchError, match="unknown stage 'fused'"):
        load(path, stage="fused")
    with pytest.raises(DepthbenchError, match="unknown picture"):
        load(path, picture="last")


def test_weights_that_are_not_its_own_are_named(tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match=r"none.safetensors: no such file.*depthbench train --model hybriddepth"):
        load_model("hybriddepth", {"weights": str(tmp_path / "none.safetensors")})
    torch.save({"state_dict": {"a": torch.ones(1)}}, tmp_path / "a.pth")
    with pytest.raises(DepthbenchError, match="not a whole HybridDepth"):
        load(tmp_path / "a.pth")
    write_weights(tmp_path / "odn.safetensors", {"a": torch.ones(1)}, {"model": "odn-l"})
    with pytest.raises(DepthbenchError, match="of odn-l, not of hybriddepth"):
        load(tmp_path / "odn.safetensors")


def test_infinity_can_be_averaged_as_disparity_only(tmp_path: Path) -> None:
    focus_m = np.array([0.5, 2.0, np.inf])
    assert focus_values(focus_m, TINY).tolist() == [2, 0.5, 0]
    depth = dataclasses.replace(TINY, quantity="depth")
    with pytest.raises(DepthbenchError, match="desk: focused at infinity"):
        focus_values(focus_m, depth, "desk: ")
    assert focus_values(focus_m[:2], depth).tolist() == [0.5, 2]
    pixels = dataclasses.replace(TINY, per=0.1412376)
    np.testing.assert_allclose(focus_values(np.array([0.5, 7.0]), pixels), [0.28248, 0.02018], atol=5e-6)


def test_the_picture_shown_to_the_relative_branch() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (24, 48, 3), dtype=np.uint8)
    dull = np.full_like(noise, 128)
    left = (np.arange(48) < 24)[None, :, None]
    stack = np.stack([np.where(left, noise, dull), np.where(left, dull, noise)])
    shown = FocusSample("a", stack, np.array([1.0, 2.0]), dull)
    np.testing.assert_array_equal(picture_of(shown, "first"), stack[0] / np.float32(255))
    np.testing.assert_array_equal(picture_of(shown, "given"), dull / np.float32(255))
    composed = picture_of(shown, "composed")
    inner = np.abs(np.arange(48) - 24) > 10
    assert np.abs(composed - noise / 255)[:, inner].max() < 0.02
    np.testing.assert_array_equal(picture_of(FocusSample("a", stack, shown.focus_m), "given"), composed)


def test_the_shipped_checkpoint_finds_a_wall_that_recedes() -> None:
    rng = np.random.default_rng(0)
    shape = 160, 256
    texture = ndimage.gaussian_filter(rng.random((*shape, 3)), (1, 1, 0))
    picture = (255 * (texture - texture.min()) / np.ptp(texture)).astype(np.uint8)
    depth_m = np.broadcast_to(1 / np.linspace(1 / 0.8, 1 / 4, shape[1]), shape).astype(np.float32)
    planes = FocusPlanes("dioptre-uniform", 6, 0.5, 10)
    config = FocalConfig("folder", planes, camera="hybriddepth-nyu")
    made = make_stack(config, Scene(RgbdFrame("wall", picture, depth_m)), 0)
    model = load_model("hybriddepth", {"device": "cpu"}).model
    sample = FocusSample("wall", made.stack, made.focus_m, picture)
    with torch.inference_mode():
        found = model.finish(model.forward(model.prepare(sample)), sample).depth_m
    error, constant = (float(np.mean(np.abs(answer / depth_m - 1))) for answer in (found, np.median(depth_m)))
    assert error < 0.5 * constant
