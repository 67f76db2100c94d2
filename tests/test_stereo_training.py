# SPDX-License-Identifier: Apache-2.0
"""Training data of the stereo networks keeps its truth; validation counts what the benchmark counts; recipes train and load."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from s2m2_fixture import with_fixture_weights
from synthetic import synthetic_record, synthetic_surfaces
from torch import Tensor

from depthbench.baselines.loading import load_model
from depthbench.baselines.s2m2.network import S2M2
from depthbench.baselines.s2m2_focus.condition import Mark
from depthbench.baselines.stereo_training import augment
from depthbench.baselines.stereo_training.config import StereoConfig
from depthbench.baselines.stereo_training.recipe import Steered, Unconditioned
from depthbench.baselines.stereo_training.source import (
    Folder,
    OneDisparity,
    Pair,
    Planes,
    open_source,
    split_reference,
)
from depthbench.baselines.stereo_training.stream import StereoStream
from depthbench.baselines.stereo_training.target import nearest_surface, steered, with_sky
from depthbench.baselines.stereo_training.validation import measure
from depthbench.baselines.training.recipe import Inputs
from depthbench.baselines.training.run import train
from depthbench.baselines.training.start import start
from depthbench.baselines.weights_file import read_metadata
from depthbench.benchmarks.predict import run_model
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.scoring import score_prediction
from depthbench.benchmarks.sets.stereo_set import StereoTruth
from depthbench.errors import DepthbenchError
from depthbench.formats.shard import write_shard
from depthbench.generators.planes_dataset import planes_sample
from depthbench.tasks import StereoSample

CONFIG = StereoConfig(channels=8, transformers=1, width=64, height=32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes of two views, 96 x 64."""
    folder = tmp_path_factory.mktemp("layered")
    for scene in (1, 2):
        records = (synthetic_record(1, view, panes=1 + view, scene=scene) for view in range(2))
        write_shard(folder / f"shards/scene-{scene:06d}.h5", records, surfaces=synthetic_surfaces(), attrs={})
    return folder


def warped(pair: Pair) -> Tensor:
    """The right picture fetched to where the first surface stands in the left one."""
    height, width = pair.left.shape[-2:]
    x = augment.partner_column(pair.layers_px[0]) / (width - 1) * 2 - 1
    y = (torch.arange(height)[:, None] / (height - 1) * 2 - 1).expand(height, width)
    grid = torch.stack([x.nan_to_num(-9), y], dim=-1)[None]
    return F.grid_sample(pair.right[None], grid, align_corners=True)[0]


def opaque_residual(pair: Pair) -> float:
    """Median difference of the eyes at opaque visible points; the truth of disparity and visibility in one number."""
    alone = pair.visible[0] & ~pair.masks[1]
    return float((warped(pair) - pair.left).abs().amax(dim=0)[alone].median())


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("number", range(4))
def test_changes_keep_the_truth(number: int, mirrored: bool) -> None:
    """Planes, whose truth is exact: the right eye shows what the truth says, before and after any change but colour."""
    source = Planes(3, (10.0, 20.0))
    config = replace(CONFIG, scale=(0.6, 1.4), flip=1.0, brightness=0.0, contrast=0.0, gamma=0.0, patches=1.0)
    pair = source.pair(number, 128, 96, mirrored)
    assert opaque_residual(pair) < 0.03
    rng = np.random.default_rng(number)
    changed = augment.augment(rng, pair, 96, 64, config)
    assert changed.left.shape[-2:] == (64, 96)
    # resampled pictures are smoother than the truth is exact
    assert opaque_residual(changed) < 0.06
    wrong = replace(changed, layers_px=changed.layers_px * 1.3)
    assert opaque_residual(wrong) > 1.5 * opaque_residual(changed)


def test_a_resize_scales_disparities_by_the_width(folder: Path) -> None:
    pair = Folder(folder).pair(0, 0, 0)
    half = augment.resize_and_crop(np.random.default_rng(0), pair, 48, 32, (0.5, 0.5))
    torch.testing.assert_close(half.layers_px, pair.layers_px[:, 1::2, 1::2] / 2, equal_nan=True)
    whole = augment.resize_and_crop(np.random.default_rng(0), pair, 96, 64, (0.1, 1.0))
    for name in ("left", "right", "layers_px", "visible", "sky", "masks", "known"):
        torch.testing.assert_close(getattr(whole, name), getattr(pair, name), equal_nan=True)


def test_what_leaves_the_picture_or_is_covered_is_not_visible(folder: Path) -> None:
    """Against a loop over pixels."""
    pair = Folder(folder).pair(1, 0, 0)
    cut = augment.resize_and_crop(np.random.default_rng(2), pair, 64, 32, (1.0, 1.0))
    assert bool((cut.visible & (torch.arange(64) - cut.layers_px < -0.5)).sum() == 0)
    covered = augment.cover_right(np.random.default_rng(1), pair)
    patch = (covered.right != pair.right).any(dim=0)
    hidden = 0
    for k, y, x in np.argwhere(pair.visible.numpy()):
        column = min(95, max(0, int(torch.round(x - pair.layers_px[k, y, x]))))
        assert bool(covered.visible[k, y, x]) == (not patch[y, column])
        hidden += int(patch[y, column])
    assert hidden > 0
    torch.testing.assert_close(covered.left, pair.left)


def test_colours_change_alike_unless_apart(folder: Path) -> None:
    pair = Folder(folder).pair(0, 0, 0)
    same = replace(pair, right=pair.left)
    rng = np.random.default_rng(0)
    together = augment.change_colours(rng, same, replace(CONFIG, jitter_apart=0.0))
    torch.testing.assert_close(together.left, together.right)
    assert (together.left - pair.left).abs().max() > 0.01
    apart = augment.change_colours(rng, same, replace(CONFIG, jitter_apart=1.0))
    assert (apart.left - apart.right).abs().max() > 0.01


def test_a_mirrored_pair_is_the_other_eye(folder: Path) -> None:
    """Its pictures and truth are the right eye's, left for right; twice over a symmetric scene gives the first again."""
    source = Folder(folder)
    record = synthetic_record(1, 1, panes=2, scene=2)
    pair = source.pair(3, 0, 0, mirrored=True)
    got = (pair.left.numpy() * 255).round().astype(np.uint8).transpose(1, 2, 0)
    np.testing.assert_array_equal(got, record.right.image[:, ::-1])
    np.testing.assert_allclose(pair.layers_px[0], record.right.layers.disp_px[0][:, ::-1], rtol=1e-4)


def make_pair(layers: list[list[float]], sky: list[bool], **changes: Any) -> Pair:
    """One row of pixels with these disparities."""
    px = torch.tensor(layers)[:, None, :]
    width = px.shape[-1]
    picture = torch.zeros(3, 1, width)
    nothing = torch.zeros(2, 1, width, dtype=torch.bool)
    several = px[1:].isfinite().any(dim=0) | torch.tensor(sky)[None] if len(px) > 1 else nothing[0]
    masks = torch.stack([nothing[0], several])
    made = Pair(picture, picture, px, px.isfinite(), torch.tensor(sky)[None], masks, ~nothing)
    return replace(made, **changes)


NAN = float("nan")


def test_the_sky_is_a_choice_but_no_lesson() -> None:
    """A pane before a wall, a wall, a pane before the sky, the sky; asked for the farthest."""
    pair = make_pair([[8, 3, 8, NAN], [3, NAN, NAN, NAN]], [False, False, True, True])
    sky = with_sky(pair.layers_px, pair.sky)
    torch.testing.assert_close(sky[:, 0], torch.tensor([[8, 3, 8, 0], [3, NAN, 0, NAN], [NAN] * 4]), equal_nan=True)
    drawn = [steered(np.random.default_rng(k), pair, "closest", 0, True) for k in range(40)]
    near, far = (pick(drawn, key=lambda sample: float(sample["c"])) for pick in (min, max))
    assert far["valid"][0, 0, 0].tolist() == [True, True, False, False]
    assert far["truth_px"][0, 0, 0, :2].tolist() == [3, 3]
    assert near["truth_px"][0, 0, 0, :3].tolist() == [8, 3, 8]
    assert near["valid"][0, 0, 0].tolist() == [True, True, True, False]
    both = steered(np.random.default_rng(0), pair, "closest", 0, True, conditions=2)
    assert both["c"].sum() == 1
    one = steered(np.random.default_rng(0), pair, "closest", 0, True)
    for name in ("c", "truth_px", "valid", "visible"):
        torch.testing.assert_close(both[name][:1], one[name], equal_nan=True)
    assert not torch.equal(both["truth_px"][0].nan_to_num(-1), both["truth_px"][1].nan_to_num(-1))
    ends = [steered(np.random.default_rng(k), pair, "behind", 0, True, ends=1.0) for k in range(20)]
    assert {(float(sample["c"]), *sample["truth_px"][0, 0, 0, :2].tolist()) for sample in ends} == {
        (0, 8, 3),
        (1, 3, 3),
    }
    first = nearest_surface(pair)
    assert first["truth_px"][0, 0, :3].tolist() == [8, 3, 8]
    assert first["valid"][0, 0].tolist() == [True, True, True, False]


def test_marks_decide_what_is_asked_of_one_disparity() -> None:
    one = make_pair([[8, 3, NAN]], [False] * 3, layered=False)
    for mark, c in ((Mark.NEAR_SURFACE, 0.0), (Mark.BACKGROUND, 1.0)):
        marked = replace(one, mark=mark)
        asked = [float(steered(np.random.default_rng(k), marked, "behind", 9, True)["c"]) for k in range(8)]
        assert asked == [c] * 8
        free = {float(steered(np.random.default_rng(k), marked, "behind", 9, False)["c"]) for k in range(8)}
        assert len(free) == 8
    sample = steered(np.random.default_rng(0), one, "behind", 9, True)
    assert sample["valid"][0, 0, 0].tolist() == [True, True, False]
    marked = replace(one, mark=Mark.BACKGROUND)
    assert steered(np.random.default_rng(0), marked, "behind", 9, True, conditions=2)["c"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("planes", ("", "planes", 1, "")),
        ("planes:0.5", ("", "planes", 0.5, "")),
        ("data/train:3", ("", "data/train", 3, "")),
        ("kitti-2015:data/k", ("kitti-2015", "data/k", 1, "")),
        ("kitti-2015:data/k@background:2", ("kitti-2015", "data/k", 2, "background")),
    ],
)
def test_words_of_data(word: str, parts: tuple[Any, ...]) -> None:
    assert split_reference(word) == parts


def test_mistakes_in_data_are_named(tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match="did you mean near"):
        open_source("kitti-2015:x@nera", 0, (1, 2))
    with pytest.raises(DepthbenchError, match="did you mean kitti-2015"):
        open_source("kitti-2012:x", 0, (1, 2))
    with pytest.raises(DepthbenchError, match="a weight is above 0"):
        open_source("planes:0", 0, (1, 2))
    with pytest.raises(DepthbenchError, match="no such folder"):
        open_source(str(tmp_path / "none"), 0, (1, 2))
    with pytest.raises(DepthbenchError, match="plains: no such folder; data are `planes`"):
        open_source("plains", 0, (1, 2))


class OneRow:
    """A set with one disparity: truth at twice the pictures' size."""

    root = Path("somewhere")

    def ids(self) -> list[str]:
        return ["a"]

    def pair(self, sample_id: str) -> StereoSample:
        image = np.arange(2 * 4 * 3, dtype=np.uint8).reshape(2, 4, 3)
        return StereoSample("a", image, image + 1)

    def truth(self, sample_id: str) -> StereoTruth:
        disp = np.arange(32, dtype=np.float32).reshape(4, 8)
        disp[3, 7] = np.nan
        return StereoTruth("a", disp, nocc=disp < 20)


def test_truth_of_another_size_is_brought_to_the_pictures() -> None:
    pair = OneDisparity(OneRow(), None).pair(0, 0, 0)  # type: ignore[arg-type]
    wanted = torch.tensor([[9, 11, 13, 15], [25, 27, 29, NAN]]) / 2
    torch.testing.assert_close(pair.layers_px[0], wanted, equal_nan=True)
    assert pair.visible[0].tolist() == [[True] * 4, [False] * 4]
    assert not pair.known.any()
    assert pair.right[0, 0, 0] == 1 / 255


def test_a_sample_follows_from_seed_and_number(folder: Path) -> None:
    """In any order, from a fresh stream; other seeds and numbers give others; weights decide how often."""

    def stream(seed: int = 0) -> StereoStream:
        sources: Any = [(Planes(seed, (5.0, 20.0)), 1.0), (Folder(folder), 3.0)]
        return StereoStream(sources, (), CONFIG, seed, conditioned=True)

    one, other = stream(), stream()
    forth = {k: one.sample(0, k) for k in range(4)}
    for k in (2, 0, 3, 1):
        again = other.sample(0, k)
        for name, value in forth[k].items():
            torch.testing.assert_close(again[name], value, rtol=0, atol=0, equal_nan=True)
    assert (forth[0]["left"] - forth[1]["left"]).abs().max() > 1
    assert (forth[0]["left"] - stream(1).sample(0, 0)["left"]).abs().max() > 1


def test_steps_have_sizes_of_their_own() -> None:
    config = replace(CONFIG, sizes=((64, 32), (96, 64)), sizes_from=5)
    assert {config.size_at(step, 0) for step in range(5)} == {(64, 32)}
    assert {config.size_at(step, 0) for step in range(5, 40)} == {(64, 32), (96, 64)}
    stream = StereoStream([(Planes(0, (5.0, 9.0)), 1.0)], (), config, 0, conditioned=False)
    step = next(step for step in range(5, 40) if config.size_at(step, 0) == (96, 64))
    assert stream.sample(step, 7)["left"].shape == (3, 64, 96)
    with pytest.raises(DepthbenchError, match="multiples of 32"):
        replace(CONFIG, sizes=((100, 64),))


def test_validation_agrees_with_the_benchmark() -> None:
    """One rendered-like sample, a noisy answer: EPE and bad pixels as the layered protocol counts them."""
    record = synthetic_record(5, 0, panes=3)
    layers = record.left.layers
    answer = (layers.disp_px[0] + np.random.default_rng(0).normal(0, 2, (64, 96))).astype(np.float32)
    protocol = load_protocol("layered", "layered")
    truth = StereoTruth("x", layers.first(), layers=layers)
    values = score_prediction(protocol, truth, answer)
    parts = {
        "disp_px": torch.from_numpy(layers.disp_px),
        "surface_class": torch.from_numpy(layers.surface_class),
        "visibility": torch.from_numpy(layers.visibility),
        "see_through": torch.from_numpy(layers.see_through),
        "reflective": torch.from_numpy(record.left.reflective),
        "left": torch.zeros(3, 64, 96),
        "right": torch.zeros(3, 64, 96),
    }
    from depthbench.baselines.stereo_training.source import _layered_pair

    pair = _layered_pair(parts, mirrored=False)
    found = measure([pair], lambda left, right: [("@0", torch.from_numpy(answer)[None, None])], torch.device("cpu"))
    for region, name in (
        ("see-through-first-nocc", "first"),
        ("see-through-last-nocc", "last"),
        ("opaque-nocc", "opaque"),
    ):
        assert values[region]["pixels"] > 20
        for key in ("epe", "bad_1", "bad_4"):
            assert found[f"{name}@0/{key}"] == pytest.approx(values[region][key], rel=1e-4), (region, key)


def masks(tmp_path: Path) -> Path:
    for name in ("image", "mask"):
        (tmp_path / name).mkdir(parents=True)
        Image.fromarray(np.full((40, 50), 255, np.uint8)).save(tmp_path / name / "a.png")
    return tmp_path


TINY = {"channels": 8, "width": 64, "height": 32, "steps": 3, "batch": 2, "val_every": 3, "log_every": 1, "lr": 0.01}
TINY |= {"warmup": 0, "val_samples": 4, "device": "cpu", "threads": 1}


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("s2m2-focus", {}),
        ("s2m2-focus", {"conditions": 1, "experts": 1, "segmentation": False, "curation": False, "accumulate": 2}),
        ("s2m2-focus", {"inject": False, "dtype": "bfloat16", "refine_steps": 2}),
        ("s2m2", {}),
    ],
    ids=str,
)
def test_what_was_trained_is_loaded_and_answers(
    model: str, options: dict[str, Any], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every parameter that trains moves; ``eval`` gets the average, with the corrections it was trained with."""
    steered_here = model == "s2m2-focus" and options.get("segmentation", True)
    words = (str(masks(tmp_path / "m")),) if steered_here else ()
    val = ("planes",)
    out = tmp_path / "run"
    assert start(model, "tiny", TINY | options, ("planes", f"{folder}:2"), words, val, out, None)
    capsys.readouterr()
    loaded: Any = load_model(model, {"weights": str(out / "weights.safetensors"), "device": "cpu"}).model
    told = capsys.readouterr().err
    assert "Apache-2.0" in told
    assert "not steered" not in told
    content = torch.load(out / "checkpoint.pt", weights_only=True)
    average = content["average"]
    for name, value in loaded.network.state_dict().items():
        torch.testing.assert_close(value, average[name], rtol=0, atol=0)
    assert loaded.network.refine_steps == options.get("refine_steps", 1)
    assert read_metadata(out / "weights.safetensors")["model"] == model
    curves = content["curves"]
    wanted = {"score", "first@0/bad_1", "last@1/bad_1"} if model == "s2m2-focus" else {"score", "first/bad_1"}
    assert wanted <= curves["validation"][0].keys()
    record = synthetic_record(1, 0)
    prediction = run_model(loaded, StereoSample("x", record.left.image, record.right.image))[0]
    assert np.isfinite(prediction.disp_px).all()


@pytest.mark.parametrize("recipe", [Steered, Unconditioned])
def test_every_parameter_that_trains_moves(recipe: Any, folder: Path, tmp_path: Path) -> None:
    """At most one factor of zero stands before any part at the start."""
    from depthbench.baselines.training.config import configure

    train_config, config = configure("tiny", recipe.presets, recipe.Config, TINY | {"steps": 3})
    made = recipe(config, Inputs((str(folder), "planes")), 0)
    torch.manual_seed(train_config.seed)
    before = made.network()
    start_values = {name: value.clone() for name, value in before.named_parameters() if value.requires_grad}
    train("x", made, replace(train_config, weight_decay=0.0), tmp_path)
    after = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["network"]
    still = [name for name, value in start_values.items() if torch.equal(after[name], value)]
    assert not still


@pytest.mark.parametrize("recipe", [Steered, Unconditioned])
def test_a_batch_is_the_mean_of_its_parts(recipe: Any, folder: Path) -> None:
    """Whatever share of their pixels counts: so accumulating and several processes are the larger batch."""
    config = replace(CONFIG, scale=(1.0, 1.0))
    made = recipe(config, Inputs((str(folder), "planes")), 0)
    network = made.network()
    samples = [made.stream().sample(0, k) for k in range(4)]
    samples[1]["valid"][..., 20:] = False
    samples[2]["valid"][:] = False
    collate = torch.utils.data.default_collate
    with torch.no_grad():
        whole = made.losses(network, collate(samples))
        parts = [made.losses(network, collate(samples[k : k + 2])) for k in (0, 2)]
    for name, value in whole.items():
        assert float(value) == pytest.approx(float(parts[0][name] + parts[1][name]) / 2, rel=1e-4), name


def test_two_processes_train_the_network(tmp_path: Path) -> None:
    """All parameters that train take part in every step, or torchrun would refuse; the losses are those of one process."""
    options = [
        f"--option={key}={value}" for key, value in TINY.items() if key not in ("steps", "batch", "device", "threads")
    ]
    words = ["-m", "depthbench", "train", "--model", "s2m2-focus", "--preset", "tiny", "--data", "planes", *options]
    words += ["--steps", "2", "--batch", "2", "--device", "cpu", "--threads", "1", "--out"]
    two = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *words, str(tmp_path / "2")]
    losses = []
    for name, command in (("2", two), ("1", [*words, str(tmp_path / "1")])):
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        content = torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
        losses.append([row["loss"] for row in content["curves"]["train"]])
    assert losses[0][0] == pytest.approx(losses[1][0], rel=1e-4)
    assert losses[0][1] == pytest.approx(losses[1][1], rel=2e-2)


def test_starting_from_s2m2_inherits_its_licence(folder: Path, tmp_path: Path) -> None:
    plain = with_fixture_weights(S2M2(8, 1))
    torch.save({"state_dict": plain.state_dict()}, tmp_path / "plain.pth")
    options = TINY | {"steps": 1, "lr": 1e-9}
    start("s2m2-focus", "tiny", options, (str(folder),), (), (), tmp_path / "run", tmp_path / "plain.pth")
    assert "CC BY-NC" in read_metadata(tmp_path / "run" / "weights.safetensors")["licence"]
    own = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)["network"]
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(own[name], value, rtol=0, atol=1e-6)


def test_mistakes_get_one_line(folder: Path, tmp_path: Path) -> None:
    def tried(*words: str) -> str:
        command = [sys.executable, "-m", "depthbench", "train", "--out", str(tmp_path / "x"), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "did you mean s2m2-focus" in tried("--model", "s2m2-fokus", "--preset", "tiny", "--data", "planes")
    twice = tried("--model", "s2m2", "--preset", "tiny", "--data", f"{folder}:2", "--val", str(folder))
    assert f"--val {folder}: is among --data too" in twice
    wrong = tried("--model", "s2m2", "--preset", "tiny", "--data", "planes", "--masks", str(folder))
    assert "nothing learns from masks" in wrong


def test_planes_are_those_of_the_generator() -> None:
    """The source adds nothing but a largest disparity."""
    pair = Planes(3, (10.0, 10.0)).pair(5, 64, 32)
    from depthbench.generators.planes_scene import PlanesConfig

    sample = planes_sample(3, 5, PlanesConfig(64, 32, max_disp_px=10.0))
    torch.testing.assert_close(pair.left, sample["left"])
    torch.testing.assert_close(pair.layers_px, sample["disp_px"][: len(pair.layers_px)], equal_nan=True)
    assert sample["disp_px"][len(pair.layers_px) :].isnan().all()


def test_opaque_planes_hide_nothing() -> None:
    source, _ = open_source("opaque-planes:2", 3, (10.0, 10.0))
    assert source.manifest()["kind"] == "opaque-planes"
    pairs = [source.pair(number, 64, 32) for number in range(4)]
    assert not any(pair.masks.any() for pair in pairs)
    assert all((pair.layers_px.isfinite().sum(dim=0) == 1).all() for pair in pairs)
