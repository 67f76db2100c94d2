# SPDX-License-Identifier: Apache-2.0
"""The renderers in PyTorch give the pictures of the others, in batches, and true gradients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage
from test_focal_generate import rgbd_folder
from torch.utils.data import DataLoader

from depthbench.generators.focal import torch_layered, torch_reference
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.dataset import RenderedStacks, StoredStacks
from depthbench.generators.focal.fill import fill
from depthbench.generators.focal.layered import render_layered
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.planes import FocusPlanes
from depthbench.generators.focal.reference import radius_px, render_reference
from depthbench.generators.focal.stack_set import StackSet
from depthbench.generators.focal.surfaces import Sheet

LENS = ThinLens(0.05, 8, 12e-6)


def scene(seed: int, height: int = 30, width: int = 41) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    light = ndimage.gaussian_filter(rng.uniform(-1, 2, (height, width, 3)), (1, 1, 0)).astype(np.float32)
    dioptre = np.full((height, width), 0.25, dtype=np.float32)
    dioptre[:, 25:] = 0.4
    dioptre[8:22, 10:20] = 0.8
    return light, dioptre


def tensors(light: Any, dioptre: Any, focus: tuple[float, ...]) -> tuple[Any, ...]:
    strength = [[LENS.diameter_per_dioptre(metres) for metres in focus]]
    return (
        torch.from_numpy(light.transpose(2, 0, 1).copy())[None],
        torch.from_numpy(dioptre)[None],
        torch.tensor(strength, dtype=torch.float32),
        torch.tensor([[1 / metres for metres in focus]], dtype=torch.float32),
    )


@pytest.mark.parametrize("psf", ["disk", "gauss"])
def test_layered_is_that_of_numpy(psf: str) -> None:
    light, dioptre = scene(1)
    focus = (1.25, 2.5, 4.0)
    expected = render_layered([Sheet(dioptre, light)], LENS, focus, psf=psf)
    found = torch_layered.render_layered(*tensors(light, dioptre, focus), psf=psf)[0].permute(0, 2, 3, 1).numpy()
    # radii are rounded there and shared between bins here
    assert np.sqrt(np.square(found - expected).mean()) < 1e-2


def test_a_batch_is_its_members() -> None:
    focus = (1.3, 3.0)
    one, two = (tensors(*scene(seed), focus) for seed in (1, 2))
    both = torch_layered.render_layered(*(torch.cat(pair) for pair in zip(one, two, strict=True)))
    for place, alone in enumerate((one, two)):
        np.testing.assert_allclose(both[place], torch_layered.render_layered(*alone)[0], atol=2e-5)


def test_reference_is_that_of_numpy() -> None:
    light, dioptre = scene(3)
    depth = 1 / dioptre
    depth[3:6, 3:9] = np.nan
    focus = (1.0, 2.0, 6.0)
    radii = torch.from_numpy(np.stack([radius_px(depth, LENS, metres) for metres in focus]))[None]
    found = torch_reference.render_reference(torch.from_numpy(light.transpose(2, 0, 1).copy())[None], radii)
    expected = render_reference(light, depth, LENS, focus)
    np.testing.assert_allclose(found[0].permute(0, 2, 3, 1).numpy(), expected, atol=1e-5)


def test_gradients_are_those_of_small_steps() -> None:
    torch.manual_seed(0)
    light = torch.rand(1, 3, 12, 14, dtype=torch.float64, requires_grad=True)
    dioptre = (0.3 + 0.2 * torch.rand(1, 12, 14, dtype=torch.float64)).requires_grad_()
    strength = torch.full((1, 2), 12.0, dtype=torch.float64)
    focus = torch.tensor([[0.2, 0.45]], dtype=torch.float64)

    def layered(light: Any, dioptre: Any) -> Any:
        return torch_layered.render_layered(light, dioptre, strength, focus).square().sum()

    layered(light, dioptre).backward()
    for at in ((0, 5, 6), (0, 8, 3), (0, 2, 11)):
        step = torch.zeros_like(dioptre)
        step[at] = 1e-6
        slope = (layered(light, dioptre + step) - layered(light, dioptre - step)).item() / 2e-6
        assert dioptre.grad[at].item() == pytest.approx(slope, rel=1e-3, abs=1e-5)
        assert abs(slope) > 1e-3
    assert light.grad.abs().min() > 0

    radii = (3 * torch.rand(1, 2, 9, 9, dtype=torch.float64)).requires_grad_()
    image = torch.rand(1, 3, 9, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(torch_reference.render_reference, (image, radii), eps=1e-7, atol=1e-4)


def test_depth_is_found_by_descent() -> None:
    """What self-supervised training does: from the stack and the sharp picture to the depth."""
    light, _ = scene(4, 24, 24)
    truth = torch.full((1, 24, 24), 0.7)
    focus = (1.0, 4.0)
    image, _, strength, focused = tensors(light, truth[0].numpy(), focus)
    stack = torch_layered.render_layered(image, truth, strength, focused)
    scale = torch.tensor(0.5, requires_grad=True)
    optimiser = torch.optim.Adam([scale], lr=0.01)
    for _ in range(60):
        optimiser.zero_grad()
        made = torch_layered.render_layered(image, scale.expand(1, 24, 24), strength, focused)
        (made - stack).square().mean().backward()
        optimiser.step()
    assert scale.item() == pytest.approx(0.7, abs=0.02)


def test_stored_and_rendered_stacks_are_the_same(tmp_path: Path) -> None:
    root = rgbd_folder(tmp_path / "rgbd", 3)
    config = FocalConfig("folder", FocusPlanes("fixed", list_m=(1.0, 2.0, 4.0)), noise="mild", seed=2)
    fill(StackSet(config), root, tmp_path / "out", workers=2)
    on_disk, live = StoredStacks(tmp_path / "out"), RenderedStacks(config, root, fresh=True)
    assert len(on_disk) == len(live) == 3
    for loaded, made in zip(DataLoader(on_disk, num_workers=1), DataLoader(live), strict=True):
        assert loaded["id"] == made["id"]
        for name in ("stack", "all_in_focus", "focus_m", "valid"):
            torch.testing.assert_close(loaded[name], made[name], rtol=0, atol=0)
        torch.testing.assert_close(loaded["depth_m"], made["depth_m"], rtol=0, atol=0, equal_nan=True)
    assert tuple(loaded["stack"].shape) == (1, 3, 3, 24, 36)
    assert int((~loaded["valid"]).sum()) == 15
    live.set_epoch(1)
    assert not torch.equal(live[2]["stack"], on_disk[2]["stack"])
