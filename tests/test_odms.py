# SPDX-License-Identifier: Apache-2.0
"""The stream of masks: pixels against the slow published algorithm, the analytic estimate against its published errors."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from odms_twin import grown, one_contour, pixel_centre_mask, reduced_share, touched_mask
from scipy import ndimage, stats

from depthbench.baselines.vos_de import fit_depth, side_px
from depthbench.errors import DepthbenchError
from depthbench.generators.odms import raster
from depthbench.generators.odms.config import AUGMENTATIONS, OdmsConfig
from depthbench.generators.odms.examples import make_examples, unpacked
from depthbench.generators.odms.objects import Contours, draw_contours, draw_distances
from depthbench.generators.odms.random_numbers import SampleNumbers
from depthbench.generators.odms.scene import Drawing, centred, draw_growth, draw_scene

NORMAL_PERCENT, NORMAL_TOLERANCE = 7.9, 0.4
PERTURBED_PERCENT, PERTURBED_TOLERANCE = 33.6, 2.0


@pytest.fixture(params=["plain", "compiled"])
def rasteriser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with the rasteriser in numpy, and again as machine code where numba is installed."""
    if request.param == "compiled":
        pytest.importorskip("numba", reason='numba is not installed: pip install "depthbench[fast]"')
    module = importlib.import_module(f"depthbench.generators.odms.{request.param}")
    monkeypatch.setattr(raster, "rasteriser", lambda: module)
    return request.param


def drawing_of(contours: Contours, contour: np.ndarray, scale: np.ndarray, growth: np.ndarray | int = 0) -> Drawing:
    """Masks of some contours in the middle of the image."""
    nothing = np.zeros(len(contour), dtype=np.int64)
    shift = centred(contours, contour, scale)
    return Drawing(
        contours,
        contour,
        scale,
        shift,
        patch=nothing - 1,
        patch_scale=scale,
        patch_shift_px=shift,
        patch_adds=nothing.astype(bool),
        growth=nothing + growth,
    )


def wild_contours(count: int) -> Contours:
    """Closed curves that cross themselves, turn back on themselves, and leave the image: ends and control points anywhere."""
    rng = np.random.default_rng(3)
    curves = rng.integers(1, 11, count)
    control = np.zeros((count, 10, 4, 2))
    for contour, number in enumerate(curves):
        ends = rng.uniform(-250, 550, (number, 2))
        ends[rng.random(number) < 0.2] = 77.0
        control[contour, :number] = rng.uniform(-300, 600, (number, 4, 2))
        control[contour, :number, 0], control[contour, :number, 3] = ends, np.roll(ends, -1, axis=0)
    return Contours(control, curves, rng.choice([100, 200, 300, 400], count))


@pytest.mark.parametrize("kind", ["reference", "paper", "wild"])
def test_masks_are_those_of_the_published_algorithm_bit_for_bit(kind: str, rasteriser: str) -> None:
    """At sizes from the largest to the least, with dilation and erosion; wild curves cross themselves and leave the image."""
    count = 40
    rng = np.random.default_rng(1)
    contours = wild_contours(count) if kind == "wild" else draw_contours(SampleNumbers(4, "val", range(count)), kind)
    scale = np.concatenate([np.ones(count // 4), 0.1 / rng.uniform(0.1, 0.7, count - count // 4)])
    growth = rng.integers(-3, 4, count)
    drawing = drawing_of(contours, np.arange(count), scale, growth)
    masks, reduced = raster.draw_masks(drawing), raster.draw_reduced(drawing)
    touches_border = 0
    for number in range(count):
        points, size = one_contour(contours, number)
        touched = touched_mask(points, scale[number], size)
        touches_border += touched[[0, -1]].any() or touched[:, [0, -1]].any()
        expected = grown(touched, int(growth[number]))
        np.testing.assert_array_equal(masks[number], expected, err_msg=f"mask {number}")
        assert np.abs(reduced[number] - 255 * reduced_share(expected)).max() <= 0.5 + 1e-9
    assert kind != "wild" or touches_border > 5


def test_patches_are_added_and_taken_away(rasteriser: str) -> None:
    """A patch is itself a mask by the rule; dilation and erosion come after it."""
    count = 24
    rng = np.random.default_rng(2)
    contours = draw_contours(SampleNumbers(5, "val", range(2 * count)), "reference")
    drawing = drawing_of(contours, np.arange(count), rng.uniform(0.3, 1, count), rng.integers(-1, 2, count))
    drawing.patch_scale = rng.uniform(0.1, 0.5, count)
    drawing.patch_shift_px = drawing.shift_px + rng.integers(-30, 90, (count, 2))
    drawing.patch_adds = np.arange(count) % 2 == 0
    patches = drawing_of(contours, np.arange(count, 2 * count), drawing.patch_scale)
    patches.shift_px = drawing.patch_shift_px
    patch_masks = raster.draw_masks(patches)
    drawing.patch = np.where(np.arange(count) % 4 == 3, -1, patches.contour)
    for number, mask in enumerate(raster.draw_masks(drawing)):
        points, size = one_contour(contours, number)
        expected = touched_mask(points, drawing.scale[number], size)
        if drawing.patch[number] >= 0:
            patch = patch_masks[number]
            expected = expected | patch if drawing.patch_adds[number] else expected & ~patch
        np.testing.assert_array_equal(mask, grown(expected, int(drawing.growth[number])))


@pytest.mark.parametrize("density", [0.05, 0.35, 0.6, 0.9])
def test_words_are_filled_grown_and_reduced_like_pixels(density: float) -> None:
    """Noise in boxes anywhere: runs that cross words, winding ways, pockets; against scipy and averages."""
    pytest.importorskip("numba")
    compiled = importlib.import_module("depthbench.generators.odms.compiled")
    rng = np.random.default_rng(int(100 * density))
    scratch = np.zeros((480, 10), dtype=np.uint64)
    seeds, span = np.zeros(10, dtype=np.uint64), np.zeros(10, dtype=np.uint64)
    sums, reduced = np.zeros((113, 112), dtype=np.int32), np.zeros((112, 112), dtype=np.uint8)
    for turn in range(12):
        top, left = rng.integers(0, [440, 500])
        bottom, right = rng.integers([top, left], [min(top + 90, 480), min(left + 260, 640)])
        if turn == 0:
            top, bottom, left, right = 0, 479, 0, 639
        pixels = np.zeros((480, 640), dtype=bool)
        pixels[top : bottom + 1, left : right + 1] = rng.random((bottom - top + 1, right - left + 1)) < density
        words = np.packbits(pixels, axis=1, bitorder="little").view(np.uint64).copy()
        box = np.array([top, bottom, left, right])
        compiled._fill(words, box, scratch, seeds, span)
        expected = ndimage.binary_fill_holes(pixels)
        growth = int(rng.integers(-2, 3))
        compiled._grow(words, box, growth, scratch)
        expected = grown(expected, growth)
        np.testing.assert_array_equal(np.unpackbits(words.view(np.uint8), axis=1, bitorder="little"), expected)
        reduced[:] = 0
        compiled._reduce(words, box, sums, compiled._BIT_NUMBER, False, reduced)
        assert np.abs(reduced - 255 * reduced_share(expected)).max() <= 0.5 + 1e-9
        assert not sums.any()


def test_both_rasterisers_give_the_same_reduced_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    """With everything on, and with binary masks."""
    pytest.importorskip("numba")
    for rules in ("reference", "paper"):
        config = OdmsConfig(seed=9, perturb=True, rules=rules, augment=tuple(AUGMENTATIONS))
        made = []
        for name in ("plain", "compiled"):
            module = importlib.import_module(f"depthbench.generators.odms.{name}")
            monkeypatch.setattr(raster, "rasteriser", lambda module=module: module)
            made.append(make_examples(config, range(12)).masks)
        np.testing.assert_array_equal(*made)
        assert (set(np.unique(made[0])) == {0, 255}) == (rules == "paper")


def percent_errors(side_px: list[float], distance_m: np.ndarray) -> np.ndarray:
    """Errors of the analytic estimate."""
    distance_m = distance_m.astype(float)
    estimate_m = fit_depth(np.reshape(side_px, distance_m.shape), distance_m - distance_m[:, :1])
    return 100 * np.abs(estimate_m - distance_m[:, 0]) / distance_m[:, 0]


def packed_side_px(bits: np.ndarray) -> float:
    """Square root of the area of a mask as bits; most of it is empty and is not unpacked."""
    rows, columns = np.flatnonzero(bits.any(axis=1)), np.flatnonzero(bits.any(axis=0))
    if not len(rows):
        return 0.0
    return side_px(unpacked(bits[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]))


def stream_errors(config: OdmsConfig, count: int) -> np.ndarray:
    """Errors of the estimate on the first samples of a stream."""
    errors = []
    for first in range(0, count, 100):
        made = make_examples(config, range(first, first + 100), packed=True)
        errors.append(
            percent_errors([packed_side_px(bits) for bits in made.masks.reshape(-1, 480, 80)], made.distance_m)
        )
    return np.concatenate(errors)


def passes(mean_percent: float, perturbed: bool) -> bool:
    """The check that tells the published data from others."""
    if perturbed:
        return abs(mean_percent - PERTURBED_PERCENT) <= PERTURBED_TOLERANCE
    return abs(mean_percent - NORMAL_PERCENT) <= NORMAL_TOLERANCE


@pytest.mark.parametrize("perturbed", [False, True])
def test_the_analytic_estimate_errs_as_published(perturbed: bool) -> None:
    pytest.importorskip("numba")
    errors = stream_errors(OdmsConfig(seed=11, perturb=perturbed), 3000)
    assert passes(float(errors.mean()), perturbed), errors.mean()


def test_pixel_centres_are_other_data() -> None:
    """The same contours filled where a pixel's centre lies inside fail the check by far."""
    distance_m, drawing = draw_scene(OdmsConfig(seed=11), range(60))
    contours = [one_contour(drawing.contours, number) for number in range(60)]
    sides_px = [
        side_px(pixel_centre_mask(contours[number][0], scale, contours[number][1]))
        for number, scale in zip(drawing.contour, drawing.scale, strict=True)
    ]
    errors = percent_errors(sides_px, distance_m)
    assert not passes(float(errors.mean()), False)
    assert errors.mean() < 2.5


@pytest.mark.shared
@pytest.mark.parametrize(("name", "perturbed"), [("val_normal", False), ("val_perturb", True)])
def test_areas_and_distances_are_distributed_as_in_the_official_set(
    name: str, perturbed: bool, shared_data: Path
) -> None:
    """Kolmogorov-Smirnov on the nearest and farthest mask's area, and on the distances."""
    pytest.importorskip("numba")
    official = dict(np.load(shared_data / "odms" / f"{name}.npz"))
    start = official["start"]
    ends = np.stack([start[:-1], start[1:] - 1])
    popcount = np.array([number.bit_count() for number in range(256)])
    counts = np.concatenate([[0], np.cumsum(popcount[official["bits"]])])[official["bit_offset"]]
    bits = np.diff(counts)
    distances_m, areas_px = [], []
    for first in range(0, 1000, 50):
        made = make_examples(OdmsConfig(seed=21, perturb=perturbed), range(first, first + 50), packed=True)
        distances_m.append(made.distance_m[:, [0, -1]])
        areas_px.append(popcount[made.masks[:, [0, -1]]].sum(axis=(2, 3)))
    distance_m, areas = np.concatenate(distances_m), np.concatenate(areas_px)
    for which in range(2):
        metres = official["file_number"][ends[which]] * 1e-6
        assert stats.ks_2samp(metres, distance_m[:, which]).pvalue > 1e-3
        assert stats.ks_2samp(bits[ends[which]], areas[:, which]).pvalue > 1e-3


def test_a_sample_follows_from_the_configuration_and_its_number() -> None:
    """Alone, in another order, in a longer set: the same bytes. Another seed, split or number: another sample."""
    config = OdmsConfig(seed=3, perturb=True, augment=("missing", "wrong", "rotation"))
    together = make_examples(config, range(40, 60))
    alone = make_examples(config, [57])
    backwards = make_examples(config, [58, 57, 2**40])
    for made, row in ((alone, 0), (backwards, 1)):
        np.testing.assert_array_equal(made.masks[row], together.masks[17])
        np.testing.assert_array_equal(made.distance_m[row], together.distance_m[17])
    others = [replace(config, seed=4), replace(config, split="test"), replace(config, split="val")]
    assert len({make_examples(other, [57]).distance_m.tobytes() for other in (config, *others)}) == 4
    assert len({row.tobytes() for row in together.distance_m}) == 20


def test_perturbed_and_augmented_streams_show_the_same_objects_from_the_same_distances() -> None:
    plain = draw_scene(OdmsConfig(seed=3), range(8))
    for change in ({"perturb": True}, {"augment": ("missing", "jitter", "moving")}):
        distance_m, drawing = draw_scene(replace(OdmsConfig(seed=3), **change), range(8))
        np.testing.assert_array_equal(distance_m, plain[0])
        np.testing.assert_array_equal(drawing.contours.control_px[:8], plain[1].contours.control_px)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_an_augmentation_changes_what_it_says(name: str) -> None:
    """Areas of the masks over those without it, and where their middles are."""
    plain, other = (
        unpacked(make_examples(OdmsConfig(seed=6, augment=chosen), range(60), packed=True).masks)
        for chosen in ((), (name,))
    )
    areas, others = plain.sum(axis=(2, 3)), other.sum(axis=(2, 3))
    ratio = others / areas
    same = (plain == other).all(axis=(2, 3))
    if name in ("missing", "background"):
        assert 0.15 < 1 - same.mean() < 0.35
        assert (ratio <= 1).all() if name == "missing" else (ratio >= 1).all()
        assert ((other & ~plain).any(), (plain & ~other).any()) == (name == "background", name == "missing")
    elif name == "wrong":
        assert 0.05 < 1 - same.mean() < 0.16
    elif name in ("jitter", "rotation"):
        assert abs(np.log(ratio).mean()) < 0.03
        assert same.mean() < 0.2
    else:
        assert same[:, 0].all()
        assert np.abs(np.log(ratio[:, -1])).mean() > np.abs(np.log(ratio[:, 2])).mean() > 0


def test_numbers_are_uniform_and_independent() -> None:
    """Moments, and correlations between neighbouring numbers, samples, seeds and purposes, of 40,000 numbers each."""
    numbers = SampleNumbers(0, "train", range(2000))
    drawn = numbers.uniform("object", 20)
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > 1e-3
    pairs = {
        "next number": (drawn[:, :-1], drawn[:, 1:]),
        "next sample": (drawn[:-1], drawn[1:]),
        "next seed": (drawn, SampleNumbers(1, "train", range(2000)).uniform("object", 20)),
        "other split": (drawn, SampleNumbers(0, "val", range(2000)).uniform("object", 20)),
        "other purpose": (drawn, numbers.uniform("points", 20)),
    }
    for what, (one, other) in pairs.items():
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4.5 / np.sqrt(one.size), what
    np.testing.assert_array_equal(numbers.uniform("object", 5, 3), drawn[:, 3:8])


def test_distances_and_growth_are_those_of_the_equations() -> None:
    """Equations 15 to 17 by their bounds and means, 20 by the normal distribution's own probabilities."""
    distance_m = draw_distances(SampleNumbers(0, "train", range(20_000)), 10).astype(float)
    assert (np.diff(distance_m, axis=1) >= 0).all()
    move = distance_m[:, -1] - distance_m[:, 0]
    assert distance_m.min() >= 0.1 - 1e-7
    assert distance_m.max() <= 0.7 + 1e-7
    assert move.min() >= 0.1 - 1e-6
    assert distance_m[:, 0].mean() == pytest.approx(0.35, abs=0.004)
    assert move.mean() == pytest.approx(0.1 + 0.125, abs=0.004)
    between = (distance_m[:, 1:-1] - distance_m[:, :1]) / move[:, None]
    assert between.mean() == pytest.approx(0.5, abs=0.003)
    growth = draw_growth(SampleNumbers(0, "train", range(20_000)), 10)
    edges = stats.norm.cdf([0.5, 1.5, 2.5, 3.5])
    for size, probability in enumerate(2 * np.diff(np.concatenate([[0.5], edges]))):
        assert (np.abs(growth) == size).mean() == pytest.approx(probability, abs=0.005)
    assert (growth > 0).sum() == pytest.approx((growth < 0).sum(), rel=0.02)


def test_neighbouring_points_lie_apart_where_the_public_generator_has_it_so() -> None:
    """All consecutive pairs but the closing one differ by 0.7 / n in the sum of their coordinates; by the paper they need not."""
    shares = {}
    for rules in ("reference", "paper"):
        contours = draw_contours(SampleNumbers(8, "train", range(500)), rules)
        good = []
        for control, count, size in zip(contours.control_px, contours.curves, contours.size_px, strict=True):
            points = control[:count, 0] / size
            assert ((points >= 0) & (points < 1)).all()
            np.testing.assert_array_equal(control[:count, 3] / size, np.roll(points, -1, axis=0))
            good.append((np.abs(np.diff(points, axis=0).sum(axis=1)) >= 0.7 / count).all())
        shares[rules] = np.mean(good)
    assert shares["reference"] == 1
    assert shares["paper"] < 0.6


def test_contours_are_smooth_by_the_public_rules_only() -> None:
    """Where two curves meet their tangents agree, unless the blend flips on a chord that turns back."""
    angles = {}
    for rules in ("reference", "paper"):
        contours = draw_contours(SampleNumbers(8, "train", range(300)), rules)
        found = []
        for control, count in zip(contours.control_px, contours.curves, strict=True):
            control = control[:count]
            leaving, arriving = control[:, 1] - control[:, 0], np.roll(control[:, 3] - control[:, 2], 1, axis=0)
            cosine = (
                (leaving * arriving).sum(axis=1) / np.linalg.norm(leaving, axis=1) / np.linalg.norm(arriving, axis=1)
            )
            found.append(cosine)
        angles[rules] = np.concatenate(found)
    assert (angles["reference"] > 1 - 1e-9).all()
    assert np.median(angles["paper"]) < 0.9


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rules": "papers"}, "did you mean paper"),
        ({"split": "vale"}, "did you mean val"),
        ({"augment": ("jiter",)}, "did you mean jitter"),
        ({"observations": 1}, "1 observations"),
        ({"seed": -1}, "the seed is -1"),
        ({"augment": ("jitter", "jitter")}, "twice"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], words: str) -> None:
    with pytest.raises(DepthbenchError, match=words):
        OdmsConfig(**values)  # type: ignore[arg-type]
