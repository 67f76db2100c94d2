# SPDX-License-Identifier: Apache-2.0
"""Accuracy and completeness of a point cloud: distances from it to a reference, and from the reference to it.

DTU's evaluation exists twice, and the two differ in small ways; both are here, with the same distances bit for bit:

============  ============================================  ==================================================
              ``matlab`` (the benchmark's own code)         ``dtueval`` (DTUeval-python)
============  ============================================  ==================================================
voxel of p    rounds halves away from zero                  halves to even
box           in float64; beyond its cells of 60 mm every   in float32; predicted points count in the box
              distance is 60, so that it drops out          widened by 60 mm below and 120 mm above, others
                                                            are not even there for the reference to be near to
reference     above the table, inside the cells             above the table
============  ============================================  ==================================================

Common to both: the prediction is thinned to 0.2 mm, distances of 20 mm and more are *discarded, not clamped*: a hole deeper than
that stops hurting completeness, and a wild outlier accuracy. So counts, kept shares and clamped means are told as well.
``plain`` is the same without masks or box, of any two clouds.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.metrics.nearest import nearest_distances
from depthbench.benchmarks.metrics.point_order import Floats, content_order, seeded_order, z_order
from depthbench.benchmarks.metrics.thinning import Mask, thin
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_observed import Observed

PATCH_MM = 60
"""Edge of the cells in which DTU's Matlab code looks for neighbours."""


@dataclass(frozen=True)
class CloudRules:
    """How clouds are compared; lengths in the unit of the clouds (DTU: mm).

    Attributes
    ----------
    mode : str
        ``matlab``, ``dtueval`` or ``plain``, see above.
    spacing : float
        Predicted points nearer than this to one that is kept are dropped; 0 = none.
    max_distance : float
        Distances of this and above are discarded from means and medians (infinity: none are).
    threshold : float
        Of precision, recall and F-score.
    seed : int or None
        Of the random order of thinning; None = the order by content, which needs none.
    """

    mode: Literal["matlab", "dtueval", "plain"]
    spacing: float
    max_distance: float
    threshold: float
    seed: int | None = None


DTU_RULES = {mode: CloudRules(mode, 0.2, 20.0, 1.0) for mode in ("matlab", "dtueval")}  # type: ignore[arg-type]


@dataclass(frozen=True)
class Side:
    """Distances in one direction.

    Attributes
    ----------
    mean, median, variance : float
        Of distances below ``max_distance``.
    clamped_mean : float
        Of all that count, those above ``max_distance`` taken as that (infinite if that is).
    points : int
        That count (in the mask; above the table).
    kept : int
        Of these, nearer than ``max_distance``.
    within : float
        Share of ``points`` nearer than the threshold: precision or recall.
    """

    mean: float
    median: float
    variance: float
    clamped_mean: float
    points: int
    kept: int
    within: float


@dataclass(frozen=True)
class CloudScore:
    """Both directions: ``accuracy`` from the prediction to the reference, ``completeness`` back."""

    accuracy: Side
    completeness: Side
    predicted_points: int
    thinned_points: int

    @property
    def values(self) -> dict[str, float]:
        """Every number by its name in tables and records."""
        acc, comp = self.accuracy, self.completeness
        both = acc.within + comp.within
        return {
            "acc": acc.mean,
            "comp": comp.mean,
            "overall": (acc.mean + comp.mean) / 2,
            "acc_median": acc.median,
            "comp_median": comp.median,
            "overall_median": (acc.median + comp.median) / 2,
            "acc_clamped": acc.clamped_mean,
            "comp_clamped": comp.clamped_mean,
            "acc_kept": 100 * acc.kept / acc.points,
            "comp_kept": 100 * comp.kept / comp.points,
            "precision": 100 * acc.within,
            "recall": 100 * comp.within,
            "f_score": 200 * acc.within * comp.within / both if both else 0.0,
        }

    @property
    def details(self) -> dict[str, object]:
        """Counts and variances, for the record."""
        return asdict(self)


def score_cloud(
    predicted: Floats, reference: Floats, rules: CloudRules, observed: Observed | None = None
) -> CloudScore:
    """Compare a predicted cloud with a reference.

    Parameters
    ----------
    predicted, reference : float64 (N, 3), (M, 3)
        Finite, in one unit and one frame; not empty.
    rules : CloudRules
    observed : Observed
        Masks of the scan; needed unless the mode is ``plain``.

    Raises
    ------
    DepthbenchError
        If no point counts, or none lies near enough: another frame, another unit.
    """
    kept = predicted
    if rules.spacing > 0:
        order = content_order(predicted) if rules.seed is None else seeded_order(len(predicted), rules.seed)
        kept = predicted[thin(predicted, rules.spacing, order)]
    # trees are built and asked in an order that follows space, and only now: thinning must not see it
    kept = kept[z_order(kept)]
    thinned = len(kept)
    reference = reference[z_order(reference)]
    if rules.mode == "plain" or observed is None:
        accuracy = nearest_distances(kept, reference, rules.max_distance)
        completeness = nearest_distances(reference, kept, rules.max_distance)
    elif rules.mode == "matlab":
        accuracy = _within_cells(kept[_in_mask_matlab(kept, observed)], reference, rules, observed)
        completeness = _within_cells(reference[_above_table(reference, observed)], kept, rules, observed)
    else:
        kept = kept[_in_widened_box(kept, observed)]
        accuracy = nearest_distances(kept[_in_mask_dtueval(kept, observed)], reference, rules.max_distance)
        completeness = nearest_distances(reference[_above_table(reference, observed)], kept, rules.max_distance)
    return CloudScore(
        _side(accuracy, rules, "predicted", "where the scan was observed"),
        _side(completeness, rules, "reference", "above the table"),
        len(predicted),
        thinned,
    )


def _within_cells(points: Floats, others: Floats, rules: CloudRules, observed: Observed) -> Floats:
    """The same, with infinity for points beyond the cells of DTU's Matlab code."""
    low, high = observed.box_mm
    end = low + PATCH_MM * (np.floor((high - low) / PATCH_MM) + 1)
    inside = _in_box(points, low, end)
    distances = np.full(len(points), np.inf)
    distances[inside] = nearest_distances(points[inside], others, rules.max_distance)
    return distances


def _in_mask_matlab(points: Floats, observed: Observed) -> Mask:
    place = (points - observed.box_mm[0]) / observed.resolution_mm + 1
    return _voxels(np.trunc(place + np.copysign(0.5, place)) - 1, observed)


def _in_mask_dtueval(points: Floats, observed: Observed) -> Mask:
    low = observed.box_mm.astype(np.float32)[0]
    return _voxels(np.around((points - low) / observed.resolution_mm), observed)


def _voxels(place: Floats, observed: Observed) -> Mask:
    """Look voxels up; False outside."""
    inside = _in_box(place, np.zeros(3), np.array(observed.mask.shape))
    found = np.zeros(len(place), dtype=bool)
    x, y, z = place[inside].astype(np.int64).T
    found[inside] = observed.mask[x, y, z]
    return found


def _in_box(points: Floats, low: npt.NDArray[Any], end: npt.NDArray[Any]) -> Mask:
    """Whether low <= point < end; axis by axis, since numpy reduces short rows slowly."""
    inside: Mask = (points[:, 0] >= low[0]) & (points[:, 0] < end[0])
    for axis in (1, 2):
        inside &= (points[:, axis] >= low[axis]) & (points[:, axis] < end[axis])
    return inside


def _in_widened_box(points: Floats, observed: Observed) -> Mask:
    low, high = observed.box_mm.astype(np.float32)
    return _in_box(points, low - np.float32(PATCH_MM), high + np.float32(2 * PATCH_MM))


def _above_table(points: Floats, observed: Observed) -> Mask:
    a, b, c, d = observed.plane
    above: Mask = points[:, 0] * a + points[:, 1] * b + points[:, 2] * c + d > 0
    return above


def _side(distances: npt.NDArray[np.float64], rules: CloudRules, whose: str, where: str) -> Side:
    if not len(distances):
        raise DepthbenchError(f"none of the {whose} points lies {where}: is the prediction in the frame of this scan?")
    near = distances[distances < rules.max_distance]
    if not len(near):
        raise DepthbenchError(
            f"none of the {len(distances)} {whose} points that count is nearer than {rules.max_distance:g} to the other cloud: "
            "is the prediction in the frame of this scan?"
        )
    return Side(
        float(near.mean()),
        float(np.median(near)),
        float(near.var(ddof=1)) if len(near) > 1 else 0.0,
        float(np.minimum(distances, rules.max_distance).mean()),
        len(distances),
        len(near),
        float((distances < rules.threshold).mean()),
    )
