# SPDX-License-Identifier: Apache-2.0
"""Protocols of depth maps, for every task that predicts them: which pixels, which limits, which measures, which averages."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from depthbench.benchmarks.metrics.depth import LADDER, LOGARITHMIC, PLAIN, ROOTS
from depthbench.benchmarks.protocol_base import PROSE, BaseProtocol, BaseRegion, Reduction
from depthbench.errors import DepthbenchError
from depthbench.tasks import FocusPolicy, Task

TASKS: tuple[Task, ...] = ("focus", "mono")
"""Tasks whose predictions are depth maps; a protocol of depth serves them all."""

SHAPE_METRICS = ("bumpiness", "boundary_f1")
SHARE = "share"
"""Per cent of a picture's pixels that count which lie in the region; 0 where none does, which enters the mean."""
_REDUCED = re.compile(r"(?P<how>pooled|quadratic|batched)_(?P<metric>.+)")


def base_metric(metric: str) -> str:
    """Return what is computed per picture for a metric: ``rmse`` for ``pooled_rmse``, ``quadratic_rmse`` and ``batched_rmse``."""
    match = _REDUCED.fullmatch(metric)
    return match["metric"] if match else metric


def _without_defaults(value: Any) -> Any:
    """Return a dataclass as a dictionary of the fields that are not at their defaults; other values as they are."""
    if isinstance(value, tuple):
        return [_without_defaults(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return dict(value) if isinstance(value, Mapping) else value
    kept = {}
    for field_ in dataclasses.fields(value):
        here = getattr(value, field_.name)
        usual = field_.default_factory() if callable(field_.default_factory) else field_.default
        if here != usual:
            kept[field_.name] = _without_defaults(here)
    return kept


@dataclass(frozen=True)
class DepthRegion(BaseRegion):
    """One area of every picture.

    Attributes
    ----------
    mask : str
        A mask that the set has under this name; empty = everything.
    """

    mask: str = ""


@dataclass(frozen=True)
class DepthPixelRule:
    """Which pixels count: those of finite, positive truth within the limits (in the protocol's domain) and the crop.

    Attributes
    ----------
    truth : {"raw", "filled"}
        As measured, or with holes filled by the set's authors.
    crop : (top, bottom, left, right) or empty
        Rows and columns that count, ends excluded.
    crop_of : (height, width) or empty
        The size of truth that the crop is for; another size is refused.
    crop_share : (top, bottom, left, right) or empty
        The crop as shares of height and width, rounded down to whole rows and columns.
    crop_window : (height, width) or empty
        What ``crop_share`` is of: a window of this size at the bottom of the truth, in the middle of its width (rounded down to the left);
        smaller truth is refused. Empty: the whole truth.
    above, below : float or None
        Strict limits.
    at_least, at_most : float or None
        Limits that are themselves inside.
    beyond : {"exclude", "clamp"}
        What lies outside ``at_least`` and ``at_most``: does not count, or is held at the limit.
    """

    regions: tuple[DepthRegion, ...]
    truth: Literal["raw", "filled"] = "raw"
    crop: tuple[int, ...] = ()
    crop_of: tuple[int, ...] = ()
    crop_share: tuple[float, ...] = ()
    crop_window: tuple[int, ...] = ()
    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    beyond: Literal["exclude", "clamp"] = "exclude"


@dataclass(frozen=True)
class DepthPredictionRule:
    """How a predicted map is read before it is compared, in this order.

    Attributes
    ----------
    resize : {"refuse", "nearest", "bilinear", "bilinear-corners"}
        A map of another size than the truth: :mod:`.resizing`.
    low, high : float or None
        Clip, in the protocol's domain; infinities go to the ends. Without an end, an infinity there is a hole.
    nan : {"hole", "low"}
        ``low``: takes the lower end of the clip.
    holes : {"exclude", "refuse"}
        Holes have no error (coverage tells them); or fail the sample.
    """

    resize: Literal["refuse", "nearest", "bilinear", "bilinear-corners"] = "refuse"
    low: float | None = None
    high: float | None = None
    nan: Literal["hole", "low"] = "hole"
    holes: Literal["exclude", "refuse"] = "exclude"


@dataclass(frozen=True)
class AlignmentRule:
    """What of a prediction is taken from the truth before they are compared, picture by picture, over the pixels that count.

    Attributes
    ----------
    by : {"none", "median", "scale", "scale-shift"}
        Ratio of medians; least squares (:mod:`depthbench.scale_shift`).
    domain : {"depth", "disparity"}
        Where the fit is linear; disparity is one over depth. Aligned disparity that is not positive is infinite depth.
    """

    by: Literal["none", "median", "scale", "scale-shift"] = "none"
    domain: Literal["depth", "disparity"] = "depth"


@dataclass(frozen=True, kw_only=True)
class DepthProtocol(BaseProtocol):
    """A protocol of depth maps.

    Attributes
    ----------
    metrics : tuple of str
        Names of :mod:`.metrics.depth` and :mod:`.metrics.depth_shape`: means over pictures. With ``pooled_`` in front: over all
        pixels of the set together; with ``quadratic_``: the root of the mean square over pictures (of RMSE: sqrt of the mean MSE); with
        ``batched_``: over all pixels of ``average.batch`` successive pictures together, and the mean of that over batches by their pictures.
        ``share``: :data:`SHARE`.
    domain : {"depth", "disparity"}
        What is compared: metres, or the pixels of disparity that the set's authors measure in.
    focus_policy : FocusPolicy
        How focus distances were chosen in the numbers that this protocol reproduces; stacks of another policy are refused.
        Empty: any.
    log_divisor : {"positive", "estimated"}
        What sums of logarithms are divided by: the pixels with a positive prediction, or all that are estimated.
    """

    pixels: DepthPixelRule
    prediction: DepthPredictionRule = field(default_factory=DepthPredictionRule)
    alignment: AlignmentRule = field(default_factory=AlignmentRule)
    domain: Literal["depth", "disparity"] = "depth"
    focus_policy: FocusPolicy = ""
    log_divisor: Literal["positive", "estimated"] = "positive"

    def __post_init__(self) -> None:
        super().__post_init__()
        rule, told = self.pixels, f"protocol {self.name}"
        if (len(rule.crop), len(rule.crop_of)) not in ((0, 0), (4, 2)):
            raise DepthbenchError(f"{told}: a crop is four numbers, and crop_of the two of the size that it is for")
        if len(rule.crop_share) not in (0, 4) or (rule.crop and rule.crop_share):
            raise DepthbenchError(f"{told}: crop_share is four numbers, and takes the place of crop")
        if len(rule.crop_window) not in (0, 2) or (rule.crop_window and not rule.crop_share):
            raise DepthbenchError(f"{told}: crop_window is the two numbers of a size, and belongs to crop_share")
        if any(metric.startswith("batched_") for metric in self.metrics) != (self.average.batch > 0):
            raise DepthbenchError(
                f"{told}: metrics called batched_... and average.batch, pictures in a batch, belong together"
            )
        if self.average.pooled:
            raise DepthbenchError(f"{told}: name the metric pooled_... instead of average.pooled")
        if self.prediction.nan == "low" and self.prediction.low is None:
            raise DepthbenchError(f"{told}: nan = 'low' needs prediction.low")
        if rule.beyond == "clamp" and rule.at_least is None and rule.at_most is None:
            raise DepthbenchError(f"{told}: beyond = 'clamp' needs at_least or at_most")

    @property
    def scored_regions(self) -> tuple[DepthRegion, ...]:
        """The areas."""
        return self.pixels.regions

    def hashed(self) -> dict[str, Any]:
        """Return all that bears on a number, but what is as it is by default: fields that come to be leave old hashes alone."""
        content: dict[str, Any] = _without_defaults(self)
        for prose in PROSE:
            content.pop(prose, None)
        for region in content["pixels"]["regions"]:
            region.pop("title", None)
        return content

    def serves(self, task: Task) -> bool:
        """Tell whether a task's predictions are depth maps."""
        return task in TASKS

    def knows(self, metric: str) -> bool:
        """Tell whether there is such a metric, reduced so."""
        name, reduced = base_metric(metric), base_metric(metric) != metric
        over_pixels = metric.startswith(("pooled", "batched"))
        sums = name in PLAIN and not name.startswith("silog") and name != "coverage"
        if reduced:
            return (sums and (name in ROOTS or over_pixels)) or (
                (LADDER.fullmatch(name) is not None or name == SHARE) and over_pixels
            )
        return name in PLAIN or name in SHAPE_METRICS or name == SHARE or LADDER.fullmatch(name) is not None

    def denominator(self, metric: str) -> str:
        """Return which count of pixels a metric was divided by."""
        if base_metric(metric) == SHARE:
            return "in_picture"
        return "positive" if base_metric(metric) in LOGARITHMIC and self.log_divisor == "positive" else "estimated"

    def counts_without_pixels(self, metric: str) -> bool:
        """Tell whether the metric is a share, which is 0 in a picture without the region."""
        return base_metric(metric) == SHARE

    def reduction(self, metric: str) -> Reduction:
        """Return how values of pictures become one."""
        name = base_metric(metric)
        if metric == name:
            return "mean"
        if metric.startswith("quadratic"):
            return "quadratic"
        if metric.startswith("batched"):
            return "batched-squares" if name in ROOTS else "batched"
        return "pooled-squares" if name in ROOTS else "pooled"
