# SPDX-License-Identifier: Apache-2.0
"""One prediction against one truth by one protocol: every special case is a field of the protocol, none a branch on a set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.holes import interpolate_background
from depthbench.benchmarks.metrics import disparity
from depthbench.benchmarks.metrics.disparity import PixelErrors
from depthbench.benchmarks.metrics.error_map import UNKNOWN, Rules, error_map, estimated
from depthbench.benchmarks.protocol import METRIC, PredictionRule, Protocol, Region
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
    prediction = _Prediction(predicted_px, protocol, truth)
    every = np.s_[:] if step == 1 else np.s_[::step, ::step]
    maps: dict[str, tuple[FloatMap, FloatMap, BoolMap | None]] = {}
    values: Values = {}
    for region in protocol.pixels.regions:
        if region.group not in ("", group):
            continue
        try:
            if region.layer not in maps:
                disp_px, nocc = _layer_truth(region.layer, truth)
                disp_px = disp_px[every] if step == 1 else np.ascontiguousarray(disp_px[every]) / np.float32(step)
                maps[region.layer] = error_map(prediction.disp_px, disp_px, prediction.rules), disp_px, nocc
            error_px, disp_px, nocc = maps[region.layer]
            masks = _region_masks(region, truth, nocc)
        except KeyError as lack:
            if region.optional:
                continue
            raise DepthbenchError(
                f"{truth.id}: the protocol {protocol.name} scores '{region.name}', and the set does not say {lack.args[0]}"
            ) from None
        among = reduce(np.logical_and, [mask[every] for mask in masks]) if masks else None
        values[region.name] = measure(PixelErrors(error_px, disp_px, among), protocol)
        if prediction.own is not None:
            values[region.name] |= _own_coverage(error_px, among, prediction.own, protocol)
    return values


class _Prediction:
    """A prediction as its protocol takes it, at the truth's step, and what is left for the comparison to decide.

    Attributes
    ----------
    disp_px : float32 (H, W)
    rules : Rules
    own : bool (H, W) or None
        Where the model itself answered, if holes were filled.
    """

    own: BoolMap | None = None

    def __init__(self, predicted_px: FloatMap, protocol: Protocol, truth: StereoTruth) -> None:
        rule, pixels, step = protocol.prediction, protocol.pixels, protocol.prediction.truth_scale
        lowest, highest = _limits(rule, truth) or (-np.inf, np.inf)
        widest = predicted_px.shape[1] if rule.beyond_width == "hole" else np.inf
        above, below = (
            (-np.inf if pixels.above_px is None else pixels.above_px),
            (np.inf if pixels.below_px is None else pixels.below_px),
        )
        self.disp_px = predicted_px
        self.rules = Rules(lowest, highest, widest, rule.nan == "hole", rule.minus_inf == "hole", above, below)
        rounds = rule.rounding == "integer-truth" and truth.integer
        if rule.holes == "exclude" and step == 1 and not rounds:
            return
        answered = estimated(predicted_px, self.rules)
        with np.errstate(invalid="ignore"):
            self.disp_px = np.clip(predicted_px, np.float32(lowest), np.float32(highest))
            if rounds:
                self.disp_px = _round_half_away(self.disp_px)
        if not answered.all():
            self.disp_px = self._without_holes(answered, protocol)
        if step != 1:
            self.disp_px = np.ascontiguousarray(self.disp_px[::step, ::step]) / np.float32(step)
            self.own = None if self.own is None else self.own[::step, ::step]
        self.rules = Rules(nan_is_hole=False, minus_inf_is_hole=False, above_px=above, below_px=below)

    def _without_holes(self, answered: BoolMap, protocol: Protocol) -> FloatMap:
        """Fill holes, refuse them, or mark them (+inf), as the protocol has it."""
        if protocol.prediction.holes == "refuse":
            raise DepthbenchError(
                f"the prediction has {100 * (1 - answered.mean()):.2f} % holes, and the protocol {protocol.name} takes dense "
                "ones only: fill them (sgbm: --model-option fill=true)"
            )
        if protocol.prediction.holes == "interpolate-background":
            self.own = answered
            filled = interpolate_background(self.disp_px, answered)
            # A row with nothing to fill from keeps the devkit's -1, which is wrong by all it can be.
            filled[np.isnan(filled)] = -1.0
            return filled
        return np.where(answered, self.disp_px, np.float32(np.inf))


def _own_coverage(error_px: FloatMap, among: BoolMap | None, own: BoolMap, protocol: Protocol) -> dict[str, float]:
    """Return how much the model itself answered, where holes were filled before scoring."""
    counts = error_px != UNKNOWN if among is None else (error_px != UNKNOWN) & among
    pixels, answered = int(np.count_nonzero(counts)), int(np.count_nonzero(counts & own))
    shares = {
        "coverage": 100 * answered / pixels if pixels else np.nan,
        "holes": 100 * (pixels - answered) / pixels if pixels else np.nan,
    }
    return {"estimated": answered} | {key: value for key, value in shares.items() if key in protocol.metrics}
