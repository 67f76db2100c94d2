# SPDX-License-Identifier: Apache-2.0
"""One prediction against one truth by one protocol: every special case is a field of the protocol, none a branch on a set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.holes import interpolate_background
from depthbench.benchmarks.metrics import disparity
from depthbench.benchmarks.metrics.disparity import PixelErrors, pixel_errors
from depthbench.benchmarks.metrics.kernels import kernels
from depthbench.benchmarks.protocol import METRIC, PixelRule, PredictionRule, Protocol, Region
from depthbench.benchmarks.sets.stereo_set import StereoTruth
from depthbench.benchmarks.task import Values
from depthbench.errors import DepthbenchError
from depthbench.layers import SurfaceClass, Visibility

FloatMap = npt.NDArray[np.float32]
BoolMap = npt.NDArray[np.bool_]
KITTI_WRITER_PX = (1 / 256, 65535 / 256)


def match_resolution(predicted_px: FloatMap, shape: tuple[int, int], scales: tuple[int, ...]) -> FloatMap:
    """Bring a prediction to the truth's size: pixels repeat (nearest), values are multiplied by the same whole factor.

    Raises
    ------
    DepthbenchError
        If the truth is not exactly one of ``scales`` times as large, in both axes.
    """
    height, width = predicted_px.shape
    for scale in scales:
        if (height * scale, width * scale) == shape:
            if scale == 1:
                return predicted_px
            return predicted_px.repeat(scale, axis=0).repeat(scale, axis=1) * np.float32(scale)
    allowed = " or ".join(f"1/{scale}" if scale > 1 else "the same" for scale in scales)
    raise DepthbenchError(
        f"the prediction is {width}x{height}, the truth {shape[1]}x{shape[0]}; the protocol takes {allowed} size"
    )


def _holes(predicted_px: FloatMap, rule: PredictionRule, width: int) -> BoolMap | None:
    """Return where the prediction has no estimate, or None where it has one everywhere."""
    if rule.nan == "hole" and rule.minus_inf == "hole":
        hole = ~np.isfinite(predicted_px)
    else:
        hole = predicted_px == np.float32(np.inf)
        if rule.nan == "hole":
            hole |= np.isnan(predicted_px)
        if rule.minus_inf == "hole":
            hole |= np.isneginf(predicted_px)
    if rule.beyond_width == "hole":
        hole |= np.abs(predicted_px) > width
    return hole if hole.any() else None


def _limits(rule: PredictionRule, truth: StereoTruth) -> tuple[float, float] | None:
    if rule.clip == "none":
        return None
    if rule.clip == "kitti-writer":
        return KITTI_WRITER_PX
    if truth.max_disp_px is None:
        raise DepthbenchError(
            f"{truth.id}: the protocol clips to the search range, and the set states none (ndisp in calib.txt)"
        )
    return 0.0, truth.max_disp_px


def _round_half_away(values_px: FloatMap) -> FloatMap:
    """Round like C's ``round``; float64 inside, since float32(0.49999997 + 0.5) is 1."""
    wide = values_px.astype(np.float64)
    rounded: FloatMap = (np.sign(wide) * np.floor(np.abs(wide) + 0.5)).astype(np.float32)
    return rounded


def _surface_mask(region: Region, truth: StereoTruth) -> BoolMap | None:
    """Return the pixels of the region's surface; None = all of them."""
    if region.surface == "any":
        return None
    if region.surface in ("opaque", "see-through") and region.surface not in truth.masks:
        if truth.layers is None:
            raise KeyError("which pixels are see-through")
        first = truth.layers.surface_class[0]
        return first == np.uint8(SurfaceClass.OPAQUE) if region.surface == "opaque" else truth.layers.see_through
    if region.surface not in truth.masks:
        raise KeyError(f"which pixels are {region.surface}")
    return truth.masks[region.surface]


def _layer_truth(layer: str, truth: StereoTruth) -> tuple[FloatMap, BoolMap | None]:
    """Return a layer's disparity, and where the other eye sees it (None = the set does not say).

    Raises
    ------
    KeyError
        If the truth has no such layer; the argument says what is lacking.
    """
    if truth.layers is None:
        if layer != truth.surface:
            raise KeyError(f"the {layer} layer")
        return truth.disp_px, truth.nocc
    if layer == "first":
        disp_px, visibility = truth.layers.disp_px[0], truth.layers.visibility[0]
    else:
        disp_px, visibility = truth.layers.select(truth.layers.last_index())
        disp_px = np.where(truth.layers.sky, np.float32(np.nan), disp_px)
    untold = not visibility.any() and np.isfinite(disp_px).any()
    return disp_px, None if untold else visibility == np.uint8(Visibility.VISIBLE)


def _region_masks(region: Region, truth: StereoTruth, nocc: BoolMap | None) -> list[BoolMap]:
    """Return the masks that must all hold in a region.

    Raises
    ------
    KeyError
        If the truth cannot tell these pixels; the argument says what is lacking.
    """
    surface = _surface_mask(region, truth)
    masks = [] if surface is None else [surface]
    if region.visibility == "nocc":
        if nocc is None:
            raise KeyError("which pixels are occluded")
        masks.append(nocc)
    return masks


def _known(disp_px: FloatMap, rule: PixelRule) -> BoolMap:
    known = np.isfinite(disp_px)
    if rule.above_px is not None:
        known &= disp_px > np.float32(rule.above_px)
    if rule.below_px is not None:
        known &= disp_px < np.float32(rule.below_px)
    return known


def measure(errors: PixelErrors, protocol: Protocol) -> dict[str, float]:
    """Compute a protocol's metrics of one pixel set; NaN where a metric has no value."""
    values: dict[str, float] = {"pixels": errors.truth_count, "estimated": errors.estimated_count}
    plain: Mapping[str, Callable[[], float]] = {
        "epe": lambda: disparity.end_point_error(errors),
        "rmse": lambda: disparity.rmse(errors),
        "d1": lambda: disparity.d1(errors, protocol.bad_denominator),
        "coverage": lambda: disparity.coverage(errors),
        "holes": lambda: disparity.holes(errors),
    }
    quantiles = [metric for metric in protocol.metrics if metric[0] == "a"]
    ranked = dict(zip(quantiles, disparity.error_quantiles(errors, [int(m[1:]) for m in quantiles]), strict=True))
    for metric in protocol.metrics:
        match = METRIC.fullmatch(metric)
        if match and match["bad"] == "bad":
            values[metric] = disparity.bad(errors, float(match["px"]), protocol.bad_denominator)
        elif match and match["bad"]:
            values[metric] = disparity.total_bad(errors, float(match["px"]))
        else:
            values[metric] = ranked[metric] if metric in ranked else plain[metric]()
    return values


def score_prediction(protocol: Protocol, truth: StereoTruth, predicted_px: FloatMap, group: str = "") -> Values:
    """Score one prediction.

    Parameters
    ----------
    protocol : Protocol
    truth : StereoTruth
        At its own resolution.
    predicted_px : float32 (H, W)
        As read from a file: NaN, infinities and negative values mean what the protocol says.
    group : str
        The sample's; regions of other groups are absent.

    Returns
    -------
    dict
        Region -> metric -> value, with the counts ``pixels`` and ``estimated``; regions that the set cannot tell are
        absent where the protocol calls them optional.

    Raises
    ------
    DepthbenchError
        If the sizes do not match, the protocol needs what the set lacks, or it refuses holes and there are some.
    """
    rule, step = protocol.prediction, protocol.prediction.truth_scale
    predicted_px = match_resolution(predicted_px, truth.shape, rule.scales)
    if truth.points is not None:
        if step != 1 or rule.holes == "interpolate-background" or rule.beyond_width == "hole":
            raise DepthbenchError(
                f"{truth.id}: the protocol {protocol.name} needs a map of truth, and the set has points"
            )
        predicted_px = truth.points.sample(predicted_px)
    prepare = _FusedPrediction if _FusedPrediction.serves(protocol, truth) else _Prediction
    prediction = prepare(predicted_px, protocol, truth)
    every = np.s_[:] if step == 1 else np.s_[::step, ::step]
    maps: dict[str, tuple[_Comparison, BoolMap | None]] = {}
    values: Values = {}
    for region in protocol.pixels.regions:
        if region.group not in ("", group):
            continue
        try:
            if region.layer not in maps:
                disp_px, nocc = _layer_truth(region.layer, truth)
                disp_px = disp_px[every] if step == 1 else np.ascontiguousarray(disp_px[every]) / np.float32(step)
                maps[region.layer] = prediction.against(disp_px), nocc
            compared, nocc = maps[region.layer]
            masks = _region_masks(region, truth, nocc)
        except KeyError as lack:
            if region.optional:
                continue
            raise DepthbenchError(
                f"{truth.id}: the protocol {protocol.name} scores '{region.name}', and the set does not say {lack.args[0]}"
            ) from None
        counts = compared.chosen.counts
        for mask in masks:
            counts = counts & compared.chosen.of(mask[every])
        errors = pixel_errors(compared.abs_px, compared.truth_px, counts, compared.scored)
        values[region.name] = measure(errors, protocol)
        if prediction.filled and prediction.estimated is not None:
            values[region.name] |= _own_coverage(counts, compared.chosen.of(prediction.estimated), protocol)
    return values


@dataclass(frozen=True)
class _Comparison:
    """A prediction held against one layer's truth: the selected pixels, and there the errors, the truth, and what is scored."""

    chosen: _Selection
    abs_px: FloatMap
    truth_px: FloatMap
    scored: BoolMap | None


class _Prediction:
    """A prediction as its protocol takes it: holes found, values clipped, rounded and filled, brought to the truth's step.

    ``estimated`` is where the model itself answered (None = everywhere); with ``filled`` every pixel has a value to score.
    """

    def __init__(self, predicted_px: FloatMap, protocol: Protocol, truth: StereoTruth) -> None:
        rule, step = protocol.prediction, protocol.prediction.truth_scale
        self.pixels = protocol.pixels
        hole = _holes(predicted_px, rule, predicted_px.shape[1])
        limits = _limits(rule, truth)
        with np.errstate(invalid="ignore"):
            if limits is not None:
                predicted_px = np.clip(predicted_px, np.float32(limits[0]), np.float32(limits[1]))
            if rule.rounding == "integer-truth" and truth.integer:
                predicted_px = _round_half_away(predicted_px)
        estimated = None if hole is None else ~hole
        if estimated is not None and rule.holes == "refuse":
            share = 100 * (1 - np.count_nonzero(estimated) / estimated.size)
            raise DepthbenchError(
                f"the prediction has {share:.2f} % holes, and the protocol {protocol.name} takes dense ones only: "
                "fill them (sgbm: --model-option fill=true)"
            )
        self.filled = estimated is not None and rule.holes == "interpolate-background"
        if estimated is not None and self.filled:
            predicted_px = interpolate_background(predicted_px, estimated)
            # A row with nothing to fill from keeps the devkit's -1, which is wrong by all it can be.
            predicted_px[np.isnan(predicted_px)] = -1.0
        if step != 1:
            predicted_px = np.ascontiguousarray(predicted_px[::step, ::step]) / np.float32(step)
            estimated = None if estimated is None else estimated[::step, ::step]
        self.predicted_px, self.estimated = predicted_px, estimated

    def against(self, disp_px: FloatMap) -> _Comparison:
        """Compare with a layer's true disparity."""
        chosen = _Selection(_known(disp_px, self.pixels))
        disp_px = chosen.of(disp_px)
        with np.errstate(invalid="ignore"):
            abs_px = chosen.of(self.predicted_px) - disp_px
        scored = None if self.filled or self.estimated is None else chosen.of(self.estimated)
        return _Comparison(chosen, np.abs(abs_px, out=abs_px), disp_px, scored)


class _FusedPrediction:
    """The same in one compiled pass per layer, for protocols that neither fill, refuse, round nor skip pixels."""

    filled, estimated = False, None

    @staticmethod
    def serves(protocol: Protocol, truth: StereoTruth) -> bool:
        """Tell whether this is for a protocol and a truth."""
        rule = protocol.prediction
        rounds = rule.rounding == "integer-truth" and truth.integer
        return kernels() is not None and rule.holes == "exclude" and rule.truth_scale == 1 and not rounds

    def __init__(self, predicted_px: FloatMap, protocol: Protocol, truth: StereoTruth) -> None:
        rule, pixels = protocol.prediction, protocol.pixels
        self.predicted_px = predicted_px
        limits = _limits(rule, truth) or (-np.inf, np.inf)
        widest = predicted_px.shape[1] if rule.beyond_width == "hole" else np.inf
        self.limits = tuple(np.float32(limit) for limit in (*limits, widest))
        self.hole_rules = rule.nan == "hole", rule.minus_inf == "hole"
        self.range = (
            np.float32(-np.inf if pixels.above_px is None else pixels.above_px),
            np.float32(np.inf if pixels.below_px is None else pixels.below_px),
        )

    def against(self, disp_px: FloatMap) -> _Comparison:
        """Compare with a layer's true disparity."""
        shape = disp_px.shape
        predicted, truth = (np.ascontiguousarray(a, dtype=np.float32).reshape(-1) for a in (self.predicted_px, disp_px))
        abs_px = np.empty_like(truth)
        estimated, known = (np.empty(truth.size, dtype=np.bool_) for _ in range(2))
        kernels().compare(predicted, truth, *self.limits, *self.hole_rules, *self.range, abs_px, estimated, known)
        return _Comparison(
            _Selection(known.reshape(shape), pick=False), abs_px.reshape(shape), disp_px, estimated.reshape(shape)
        )


class _Selection:
    """The pixels of known truth: picked out where they are few (LiDAR truth), as a mask over the whole map otherwise."""

    def __init__(self, known: BoolMap, pick: bool = True) -> None:
        few = pick and 2 * np.count_nonzero(known) < known.size
        self._picked = np.flatnonzero(known) if few else None
        self.counts: BoolMap = known if self._picked is None else np.ones(self._picked.size, dtype=np.bool_)

    def of(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return a map's values at the selected pixels, or the map itself."""
        return array if self._picked is None else array.reshape(-1)[self._picked]


def _own_coverage(counts: BoolMap, estimated: BoolMap, protocol: Protocol) -> dict[str, float]:
    """Return how much the model itself answered, where holes were filled before scoring."""
    pixels, own = int(np.count_nonzero(counts)), int(np.count_nonzero(counts & estimated))
    shares = {
        "coverage": 100 * own / pixels if pixels else np.nan,
        "holes": 100 * (pixels - own) / pixels if pixels else np.nan,
    }
    return {"estimated": own} | {key: value for key, value in shares.items() if key in protocol.metrics}
