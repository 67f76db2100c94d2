# SPDX-License-Identifier: Apache-2.0
"""One predicted depth map against one truth by one protocol: every special case is a field of the protocol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.depth_protocol import SHARE, AlignmentRule, DepthPixelRule, DepthProtocol, base_metric
from depthbench.benchmarks.metrics.depth import DepthErrors, measure
from depthbench.benchmarks.metrics.depth_shape import boundary_f1, bumpiness
from depthbench.benchmarks.resizing import resize_map
from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.task import Values
from depthbench.errors import DepthbenchError
from depthbench.scale_shift import fit_scale, fit_scale_shift
from depthbench.tasks import DepthPrediction

Floats = npt.NDArray[np.float64]
BoolMap = npt.NDArray[np.bool_]
NAN = float("nan")


@dataclass(frozen=True)
class Comparison:
    """Prediction and truth as a protocol compares them: one size, one domain, clipped, aligned.

    Attributes
    ----------
    predicted, truth : float64 (H, W)
        In ``unit``; NaN = hole; truth means something only where it counts.
    counts : bool (H, W)
        Pixels within the crop and the limits.
    unit : {"m", "px"}
    disparity_px_m : float
        Disparity = this / depth, where the unit is px.
    """

    predicted: Floats
    truth: Floats
    counts: BoolMap
    unit: str
    disparity_px_m: float

    @property
    def depths_m(self) -> tuple[Floats, Floats]:
        """Prediction and truth as depth."""
        if self.unit == "m":
            return self.predicted, self.truth
        return _inverse(self.predicted, self.disparity_px_m), _inverse(self.truth, self.disparity_px_m)


def _inverse(values: Floats, factor: float = 1.0) -> Floats:
    with np.errstate(divide="ignore"):
        return factor / values


def _crop(rule: DepthPixelRule, truth: Floats, told: str) -> BoolMap:
    inside = np.ones(truth.shape, dtype=np.bool_)
    if rule.crop:
        if truth.shape != rule.crop_of:
            height, width = rule.crop_of
            raise DepthbenchError(
                f"{told}: the protocol's crop is for truth of {width}x{height}, not {truth.shape[1]}x{truth.shape[0]}"
            )
        top, bottom, left, right = rule.crop
        inside[:] = False
        inside[top:bottom, left:right] = True
    if rule.crop_share:
        inside[:] = False
        inside[crop_by_share(rule, truth.shape, told)] = True
    return inside


def crop_by_share(rule: DepthPixelRule, shape: tuple[int, ...], told: str) -> tuple[slice, slice]:
    """Return rows and columns of a crop that is given in shares, for truth of ``shape`` (H, W).

    Raises
    ------
    DepthbenchError
        If the truth is smaller than the window that the shares are of.
    """
    height, width = rule.crop_window or shape
    if height > shape[0] or width > shape[1]:
        raise DepthbenchError(
            f"{told}: the crop is of a window of {width}x{height}, and the truth is {shape[1]}x{shape[0]}; "
            "take a protocol whose crop is of the whole picture"
        )
    down, right = shape[0] - height, (shape[1] - width) // 2
    top, bottom, first, last = rule.crop_share
    rows = slice(down + int(top * height), down + int(bottom * height))
    return rows, slice(right + int(first * width), right + int(last * width))


def _limited(rule: DepthPixelRule, truth: Floats) -> tuple[Floats, BoolMap]:
    """Return the truth, held at its limits where the rule clamps, and where it counts.

    Limits are compared in float32, as public code does: a truth of 1 mm is not above 0.001.
    """
    single = truth.astype(np.float32)
    with np.errstate(invalid="ignore"):
        counts = np.isfinite(single) & (single > 0)
        if rule.above is not None:
            counts &= single > np.float32(rule.above)
        if rule.below is not None:
            counts &= single < np.float32(rule.below)
        low, high = rule.at_least, rule.at_most
        if rule.beyond == "clamp":
            return np.clip(truth, low, high), counts
        if low is not None:
            counts &= single >= np.float32(low)
        if high is not None:
            counts &= single <= np.float32(high)
    return truth, counts


def _aligned_depth(
    rule: AlignmentRule, prediction: DepthPrediction, predicted: Floats, truth_m: Floats, counts: BoolMap, told: str
) -> Floats:
    """Return the prediction as depth, fitted to the truth as the rule says."""
    kind = prediction.kind
    if kind != "metric" and (rule.by != "scale-shift" or rule.domain != kind.removeprefix("affine-")):
        raise DepthbenchError(
            f"{told}: the prediction is {kind}, and the protocol takes "
            + (f"alignment by {rule.by} in {rule.domain}" if rule.by != "none" else "metric depth")
        )
    if rule.by == "none":
        return predicted
    source, target = predicted, truth_m
    if rule.domain == "disparity":
        source, target = (_inverse(predicted) if kind == "metric" else predicted), _inverse(truth_m)
    fitted = counts & np.isfinite(source)
    x, y = source[fitted], target[fitted]
    if rule.by == "median":
        middle = float(np.median(x)) if x.size else 0.0
        scale, shift = (float(np.median(y)) / middle if middle else 1.0), 0.0
    elif rule.by == "scale":
        scale, shift = float(fit_scale(x, y)), 0.0
    else:
        scale, shift = (float(value) for value in fit_scale_shift(x, y))
    aligned = scale * source + shift
    if rule.domain == "disparity":
        return _inverse(np.where(aligned < 0, 0.0, aligned))
    return aligned


def compare(protocol: DepthProtocol, truth: DepthTruth, prediction: DepthPrediction) -> Comparison:
    """Bring prediction and truth into the form in which the protocol compares them.

    Raises
    ------
    DepthbenchError
        If the protocol needs what the set lacks, sizes do not fit, the prediction is of another kind, or has holes that the
        protocol refuses.
    """
    told, rule = f"{truth.id}: protocol {protocol.name}", protocol.prediction
    measured = truth.depth_m if protocol.pixels.truth == "raw" else truth.filled_m
    if measured is None:
        raise DepthbenchError(f"{told} scores against filled depth, and the set has none")
    truth_m = measured.astype(np.float64)
    factor = truth.disparity_px_m or 1.0
    if protocol.domain == "disparity" and truth.disparity_px_m is None:
        raise DepthbenchError(f"{told} compares disparities, and the set states no focal length and baseline")
    predicted = prediction.depth_m.astype(np.float64)
    if predicted.shape != truth_m.shape:
        if rule.resize == "refuse":
            sizes = " and the truth ".join(f"{shape[1]}x{shape[0]}" for shape in (predicted.shape, truth_m.shape))
            raise DepthbenchError(f"{told} takes maps of the truth's size: the prediction is {sizes}")
        height, width = truth_m.shape
        predicted = resize_map(predicted, (height, width), rule.resize)
    in_domain = truth_m if protocol.domain == "depth" else _inverse(truth_m, factor)
    in_domain, counts = _limited(protocol.pixels, in_domain)
    counts &= _crop(protocol.pixels, in_domain, told)
    predicted = _aligned_depth(protocol.alignment, prediction, predicted, truth_m, counts, told)
    if protocol.domain == "disparity":
        predicted = _inverse(predicted, factor)
    if rule.nan == "low" and rule.low is not None:
        predicted = np.where(np.isnan(predicted), rule.low, predicted)
    if rule.low is not None or rule.high is not None:
        predicted = np.clip(predicted, rule.low, rule.high)
    predicted = np.where(np.isfinite(predicted), predicted, NAN)
    if rule.holes == "refuse" and (lacking := np.count_nonzero(counts & np.isnan(predicted))):
        share = 100 * lacking / np.count_nonzero(counts)
        raise DepthbenchError(
            f"{told} takes dense predictions only, and {share:.2f} % of the pixels that count are holes"
        )
    return Comparison(predicted, in_domain, counts, "m" if protocol.domain == "depth" else "px", factor)


def score_depth(protocol: DepthProtocol, truth: DepthTruth, prediction: DepthPrediction, group: str = "") -> Values:
    """Score one prediction.

    Parameters
    ----------
    group : str
        The sample's; regions of other groups are absent.

    Returns
    -------
    dict
        Region -> metric -> value, with the counts ``pixels``, ``estimated`` and ``positive``; optional regions whose mask the set
        does not have are absent.

    Raises
    ------
    DepthbenchError
        As :func:`compare`; or if the set lacks a mask that the protocol needs.
    """
    compared = compare(protocol, truth, prediction)
    values: Values = {}
    for region in protocol.pixels.regions:
        if region.group not in ("", group):
            continue
        counts = compared.counts
        if region.mask:
            if region.mask not in truth.masks:
                if region.optional:
                    continue
                raise DepthbenchError(
                    f"{truth.id}: the protocol {protocol.name} scores '{region.name}', and the set has no mask '{region.mask}'"
                )
            counts = counts & truth.masks[region.mask]
        values[region.name] = _measure(protocol, compared, counts)
    return values


def _measure(protocol: DepthProtocol, compared: Comparison, counts: BoolMap) -> dict[str, float]:
    used = counts & np.isfinite(compared.predicted)
    estimated = int(np.count_nonzero(used))
    errors = DepthErrors(
        compared.predicted[used],
        compared.truth[used],
        int(np.count_nonzero(counts)),
        estimated if protocol.log_divisor == "estimated" else None,
    )
    values: dict[str, float] = {"pixels": errors.truth_count, "estimated": estimated, "positive": errors.logs.size}
    if any(base_metric(metric) == SHARE for metric in protocol.metrics):
        values["in_picture"] = int(np.count_nonzero(compared.counts))
    for metric in protocol.metrics:
        name = base_metric(metric)
        if name == "bumpiness":
            values[metric] = bumpiness(compared.predicted, compared.truth, counts)
        elif name == SHARE:
            values[metric] = 100 * errors.truth_count / values["in_picture"] if values["in_picture"] else NAN
        elif name == "boundary_f1":
            values[metric] = boundary_f1(*compared.depths_m, counts)
        else:
            values[metric] = measure(name, errors)
    return values
