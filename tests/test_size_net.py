# SPDX-License-Identifier: Apache-2.0
"""size-net: sizes against closed forms, fits against VOS-DE, cleaned masks, and the shipped network on fresh masks of the stream."""

from __future__ import annotations

from pathlib import Path

import motion_layouts as layouts
import numpy as np
import numpy.typing as npt
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from depthbench.baselines.clean_masks import clean_mask, clean_masks
from depthbench.baselines.loading import load_model
from depthbench.baselines.motion_track import LiveModel
from depthbench.baselines.odn.model import OdnL
from depthbench.baselines.odn.reduce import reduce_masks
from depthbench.baselines.size_net.measures import LEAST, NAMES, WIDTH_SHARE, log_sizes
from depthbench.baselines.size_net.model import SizeNetModel
from depthbench.baselines.size_net.network import SizeNet, fitted_depths
from depthbench.baselines.size_net_training.config import SizeNetConfig
from depthbench.baselines.size_net_training.recipe import relative_error
from depthbench.baselines.size_net_training.stream import SizeStream
from depthbench.baselines.vos_de import fit_depth
from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.examples import make_examples

Shares = npt.NDArray[np.uint8]


def rectangle(rows: int, columns: int, top: int = 20, left: int = 30) -> Shares:
    shares = np.zeros((112, 112), np.uint8)
    shares[top : top + rows, left : left + columns] = 255
    return shares


@given(st.integers(1, 80), st.integers(1, 80), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=50, deadline=None)
def test_sizes_of_a_rectangle_are_its_closed_forms(rows: int, columns: int, top: int, left: int) -> None:
    def along(length: int, across: int) -> list[float]:
        return [length / 12**0.5, length / 80**0.25, 0.96 * length, 0.8 * length, 0.5 * length, across, length]

    wanted = [(rows * columns) ** 0.5, *along(rows, columns), *along(columns, rows), 2 * rows, 2 * columns]
    found = log_sizes(rectangle(rows, columns, 1 + top, 1 + left)).exp().tolist()
    assert dict(zip(NAMES, found, strict=True)) == pytest.approx(dict(zip(NAMES, wanted, strict=True)), rel=2e-4)


def test_a_stretch_changes_each_size_by_its_share_and_a_shift_none() -> None:
    rng = np.random.default_rng(0)
    blob = clean_mask((255 * (ndimage.gaussian_filter(rng.normal(size=(24, 24)), 3) > 0)).astype(np.uint8)) > 0
    small = np.zeros((112, 112), np.uint8)
    small[40:64, 20:44] = 255 * blob
    wide = np.zeros_like(small)
    wide[40:64, 20:92] = 255 * np.repeat(blob, 3, axis=1)
    change = log_sizes(wide) - log_sizes(small)
    assert torch.allclose(change, np.log(3) * WIDTH_SHARE, atol=0.02)
    assert torch.allclose(log_sizes(np.roll(small, (7, 3), (0, 1))), log_sizes(small), atol=2e-3)


def test_an_empty_mask_has_the_least_sizes() -> None:
    empty = np.zeros((2, 112, 112), np.uint8)
    sizes = log_sizes(empty)
    assert sizes.shape == (2, 17)
    assert torch.isfinite(sizes).all()
    assert sizes[:, [0, 6, 13, 15, 16]].exp().max().item() == pytest.approx(LEAST)


def test_clutter_goes_though_it_is_larger_and_holes_are_filled() -> None:
    shares = np.zeros((112, 112), np.uint8)
    shares[50:62, 50:62] = 255
    shares[54:58, 54:58] = 0
    shares[49, 52] = 90
    alone = shares.copy()
    alone[54:58, 54:58] = 255
    shares[80:110, 2:30] = 255
    assert (clean_mask(shares) == alone).all()
    assert clean_mask(alone) is alone
    # a gap to the outside over a corner only is no hole that 4-neighbours leave
    both = clean_masks(np.stack([shares, alone])[None])
    assert both.shape == (1, 2, 112, 112)
    assert (both == alone).all()
    far_large, far_small = np.zeros_like(alone), rectangle(4, 4, 2, 100)
    far_large[90:110, 2:30] = 255
    assert (clean_mask(far_large | far_small) == far_large).all()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_cleaning_leaves_one_part_without_holes_and_changes_it_no_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.normal(size=(112, 112)), rng.uniform(0.8, 6))
    shares = (255 * (noise > noise.std() * rng.uniform(-0.5, 1.5))).astype(np.uint8)
    cleaned = clean_mask(shares)
    assert ndimage.label(cleaned, np.ones((3, 3)))[1] == 1
    assert (ndimage.binary_fill_holes(cleaned) == (cleaned > 0)).all()
    assert (clean_mask(cleaned) == cleaned).all()
    kept = (cleaned > 0) & (shares > 0)
    labels, _ = ndimage.label(shares, np.ones((3, 3)))
    # a filled hole may hold an island; the part itself is one of those that were there, whole
    part = labels == np.bincount(labels[kept]).argmax()
    assert (cleaned[part] == 255).all()


def test_fits_are_vos_de_of_each_measure() -> None:
    rng = np.random.default_rng(1)
    way = np.sort(np.concatenate([np.zeros((6, 1)), rng.uniform(0.1, 0.9, (6, 3)), np.ones((6, 1))], 1), axis=1)
    depth = rng.uniform(0.3, 5, (6, 1))
    log_sizes_ = np.log(rng.uniform(1, 30, (6, 1, 17)) / (depth + way)[..., None]) + rng.normal(0, 0.01, (6, 5, 17))
    found = fitted_depths(torch.from_numpy(log_sizes_), torch.from_numpy(way))
    for measure in range(17):
        wanted = fit_depth(np.exp(log_sizes_[..., measure]), way)
        assert found[:, measure].numpy() == pytest.approx(np.clip(wanted, 0.02, 20), rel=1e-9)


def test_the_answer_has_no_unit_and_no_order_between_first_and_last() -> None:
    torch.manual_seed(0)
    network = SizeNet().eval()
    sizes, behind = torch.rand(3, 6, 17) + 1, torch.cat([torch.zeros(3, 1), torch.rand(3, 5).cumsum(1) + 0.1], 1)
    with torch.inference_mode():
        found = network(sizes, behind)
        assert torch.allclose(network(sizes, 1000 * behind), found, atol=1e-5)
        order = [0, 3, 1, 4, 2, 5]
        assert torch.allclose(network(sizes[:, order], behind[:, order]), found, atol=1e-5)
        network.head[-1].weight.zero_()
        network.head[-1].bias.zero_()
        fits = fitted_depths(sizes, behind / behind[:, -1:]).log()
        assert torch.allclose(network(sizes, behind), fits.median(-1).values)


def test_the_loss_is_the_relative_error_of_depth() -> None:
    behind = torch.tensor([[0.0, 0.2, 0.5], [0.0, 0.1, 2.0]])
    truth, estimate = torch.tensor([0.5, 1.0]), torch.tensor([0.6, 0.25])
    error = relative_error((estimate / behind[:, -1]).log(), truth, behind)
    assert error.tolist() == pytest.approx([0.2, 0.75], rel=1e-5)


def test_the_shipped_network_errs_less_than_vos_de_on_fresh_masks() -> None:
    model = SizeNetModel()
    assert isinstance(model, LiveModel)
    for perturb, bound in ((False, 7.0), (True, 20.0)):
        # far behind what it learnt from
        made = make_examples(OdmsConfig(seed=77, observations=10, perturb=perturb), np.arange(300) + 2**41)
        sizes, behind = log_sizes(made.masks).numpy(), made.camera_move_m.astype(np.float64)
        error = np.abs(model.estimate(sizes, behind) / made.depth_m - 1)
        areas = fit_depth(np.sqrt(made.masks.sum((-1, -2), dtype=np.float64)), behind)
        assert 100 * error.mean() < bound
        assert error.mean() < np.abs(areas / made.depth_m - 1).mean()
        few = model.estimate(sizes[:, [0, 4, 9]], behind[:, [0, 4, 9]])
        assert 100 * np.abs(few / made.depth_m - 1).mean() < 1.6 * bound


def test_empty_masks_are_left_out_and_what_cannot_be_known_is_nan() -> None:
    model = SizeNetModel()
    made = make_examples(OdmsConfig(seed=3, observations=5), np.arange(4))
    sizes, behind = log_sizes(made.masks).numpy(), made.camera_move_m.astype(np.float64)
    empty = log_sizes(np.zeros((112, 112), np.uint8)).numpy()
    holed = sizes.copy()
    holed[:, 2] = empty
    rest = [0, 1, 3, 4]
    assert model.estimate(holed, behind) == pytest.approx(model.estimate(sizes[:, rest], behind[:, rest]))
    # the final pose itself unseen: the depth is still that of the final pose
    holed[:, 0] = empty
    rest = [1, 3, 4]
    wanted = model.estimate(sizes[:, rest], behind[:, rest] - behind[:, 1:2]) - behind[:, 1]
    assert model.estimate(holed, behind) == pytest.approx(wanted)
    holed[:, 1:4] = empty
    assert np.isnan(model.estimate(holed, behind)).all()
    assert np.isnan(model.estimate(sizes[:, :2], np.zeros((4, 2)))).all()
    mixed = np.concatenate([holed[:1], sizes[1:]])
    assert np.isnan(model.estimate(mixed, behind)).tolist() == [True, False, False, False]


def test_samples_do_not_depend_on_what_is_made_with_them() -> None:
    stream = SizeStream(SizeNetConfig(observations=6), 4)
    for step in range(6):
        numbers = [5, 2, 9, 16]
        together = stream.samples([(step, number) for number in numbers])
        for place, number in enumerate(numbers):
            alone = stream.sample(step, number)
            for name, values in together.items():
                assert torch.equal(alone[name], values[place])
        assert torch.equal(together["behind_m"][:, 0], torch.zeros(4))
    counts = {stream.sample(step, 0)["behind_m"].numel() for step in range(60)}
    assert counts == {2, 3, 4, 5, 6}


def test_a_turn_changes_widths_and_leaves_heights() -> None:
    quiet = SizeStream(SizeNetConfig(turning=0, noise=0), 4)
    turning = SizeStream(SizeNetConfig(turning=0.4, noise=0), 4)
    step = next(k for k in range(99) if len(quiet.sample(k, 0)["behind_m"]) == 10)
    part = [(step, number) for number in range(12)]
    change = turning.samples(part)["sizes"] - quiet.samples(part)["sizes"]
    assert torch.allclose(change, change[..., 6:7] * WIDTH_SHARE, atol=1e-5)
    assert change[..., 6].abs().max() > 0.05
    made = make_examples(quiet.kinds[1], np.array([4]))
    assert torch.equal(quiet.sample(step, 4)["sizes"], log_sizes(made.masks)[0])


@pytest.mark.parametrize(
    ("options", "told"),
    [({"observations": 1}, "at least 2"), ({"noise": -1.0}, "none may be negative")],
)
def test_wrong_settings_are_told(options: dict[str, float], told: str) -> None:
    with pytest.raises(DepthbenchError, match=told):
        SizeNetConfig(**options)  # type: ignore[arg-type]


def test_train_then_evaluate_and_refuse_another_models_weights(tmp_path: Path) -> None:
    layouts.simulated(tmp_path / "sets")
    run = CliRunner().invoke
    words = ["train", "--model", "size-net", "--preset", "tiny", "--steps", "2", "--batch", "4", "--threads", "1"]
    val = f"odms-normal:{tmp_path / 'sets'}"
    done = run(cli, [*words, "--data", "odms", "--val", val, "--out", str(tmp_path / "run")])
    assert done.exit_code == 0, done.output
    with pytest.raises(DepthbenchError, match="--data planes: size-net learns from the stream of masks alone"):
        run(cli, [*words, "--data", "planes", "--out", str(tmp_path / "no")], catch_exceptions=False)
    weights = tmp_path / "run" / "weights.safetensors"
    told = [
        "eval",
        "--model",
        "size-net",
        "--weights",
        str(weights),
        "--set",
        "odms-normal",
        "--set-option",
        "split=val",
    ]
    done = run(cli, [*told, "--root", str(tmp_path / "sets"), "--out", str(tmp_path / "ev")])
    assert done.exit_code == 0, done.output
    assert "size-net" in done.output
    with pytest.raises(DepthbenchError, match="of size-net, not of odn-l"):
        load_model("odn-l", {"weights": str(weights)})
    odn = Path(layouts.__file__).parents[1] / "depthbench/baselines/odn/checkpoints/odn-l.safetensors"
    with pytest.raises(DepthbenchError, match="of odn-l, not of size-net"):
        SizeNetModel(str(odn))


def test_odn_may_be_shown_the_object_alone() -> None:
    made = make_examples(OdmsConfig(seed=3, observations=10), np.arange(1))
    masks = np.repeat(np.repeat(made.masks[0] > 127, 4, axis=1), 4, axis=2)
    cluttered = masks.copy()
    cluttered[:, :60, :60] = True
    plain, clean = OdnL(), OdnL(clean=True)
    for one, other in zip(masks, cluttered, strict=True):
        assert (clean.observe(one) == clean.observe(other)).all()
        assert (plain.observe(other) == reduce_masks(other[None])[0]).all()


@pytest.mark.parametrize("name", ["absent.safetensors", "other.pth"])
def test_files_to_start_from_are_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "other.pth").write_bytes(b"x")
    words = [
        "train",
        "--model",
        "size-net",
        "--preset",
        "tiny",
        "--steps",
        "1",
        "--data",
        "odms",
        "--out",
        str(tmp_path / "run"),
    ]
    with pytest.raises(DepthbenchError, match=rf"{name}: (no such file to start from|not a .safetensors file)"):
        CliRunner().invoke(cli, [*words, "--init", str(tmp_path / name)], catch_exceptions=False)
    with pytest.raises(DepthbenchError, match=f"{name}: .*depthbench train --model size-net"):
        SizeNetModel(str(tmp_path / name))
