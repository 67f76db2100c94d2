# SPDX-License-Identifier: Apache-2.0
"""Clouds of several scans: where DTU's files lie, one score per scan, means over scans, record and table."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from depthbench.benchmarks.cloud_files import check_units, read_points
from depthbench.benchmarks.metrics.point_cloud import CloudRules, CloudScore, score_cloud
from depthbench.benchmarks.records import circumstances
from depthbench.benchmarks.tables import Column, Table
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_observed import read_observed

SCHEMA = "depthbench-clouds/1"

_COLUMNS = (
    ("acc", "Acc", "", True),
    ("comp", "Comp", "", True),
    ("overall", "Overall", "", True),
    ("acc_median", "Acc median", "", True),
    ("comp_median", "Comp median", "", True),
    ("acc_clamped", "Acc clamped", "", True),
    ("comp_clamped", "Comp clamped", "", True),
    ("acc_kept", "Acc kept", "%", False),
    ("comp_kept", "Comp kept", "%", False),
    ("precision", "Precision", "%", False),
    ("recall", "Recall", "%", False),
    ("f_score", "F", "%", False),
)


@dataclass(frozen=True)
class CloudCase:
    """One prediction with what it is compared to; ``observed_paths`` are those of mask and plane, or None."""

    name: str
    predicted_path: Path
    reference_path: Path
    observed_paths: tuple[Path, Path] | None = None


@dataclass(frozen=True)
class CloudResult:
    """Score of a case, or the reason why there is none."""

    case: CloudCase
    score: CloudScore | None
    reason: str = ""


def dtu_cases(predicted: str, scans: Sequence[int], root: Path) -> list[CloudCase]:
    """Return the cases of DTU's scans; ``predicted`` is a path in which ``{scan}`` or ``{scan:03d}`` stands for the number.

    Raises
    ------
    DepthbenchError
        If ``root`` holds no evaluation data, or several scans are to be found under one path.
    """
    if not (root / "Points" / "stl").is_dir() or not (root / "ObsMask").is_dir():
        raise DepthbenchError(
            f"{root}: no Points/stl and ObsMask in it; unpack SampleSet.zip and Points.zip of roboimagedata.compute.dtu.dk "
            "and give the folder that holds both (MVS Data) as --root"
        )
    cases = []
    for scan in scans:
        try:
            path = Path(predicted.format(scan=scan))
        except (KeyError, IndexError, ValueError) as error:
            raise DepthbenchError(
                f"--pred {predicted}: write {{scan}} or {{scan:03d}} where the number stands"
            ) from error
        masks = root / "ObsMask"
        stl = root / "Points" / "stl" / f"stl{scan:03d}_total.ply"
        cases.append(CloudCase(f"scan{scan}", path, stl, (masks / f"ObsMask{scan}_10.mat", masks / f"Plane{scan}.mat")))
    if len({case.predicted_path for case in cases}) < len(cases):
        raise DepthbenchError(
            f"--pred {predicted}: one path for {len(cases)} scans; write {{scan}} or {{scan:03d}} in it"
        )
    return cases


def score_case(case: CloudCase, rules: CloudRules, scale: float = 1.0) -> CloudScore:
    """Read the files of a case and compare; coordinates of the prediction are multiplied by ``scale``."""
    predicted = read_points(case.predicted_path)
    predicted *= scale
    reference = read_points(case.reference_path)
    observed = read_observed(*case.observed_paths) if case.observed_paths else None
    check_units(predicted, reference, str(case.predicted_path), str(case.reference_path))
    try:
        return score_cloud(predicted, reference, rules, observed)
    except DepthbenchError as error:
        raise DepthbenchError(f"{case.predicted_path}: {error}") from error


def score_cases(
    cases: Iterable[CloudCase], rules: CloudRules, scale: float, tell: Callable[[CloudResult], None]
) -> list[CloudResult]:
    """Score one case after the other (one holds memory enough); a case at fault is told and does not stop the others."""
    results = []
    for case in cases:
        try:
            result = CloudResult(case, score_case(case, rules, scale))
        except DepthbenchError as error:
            result = CloudResult(case, None, str(error))
        tell(result)
        results.append(result)
    return results


def mean_values(results: Sequence[CloudResult]) -> dict[str, float] | None:
    """Return means over scans of each number (of medians too, as DTU's medians are averaged); None where a scan failed."""
    scores = [result.score.values for result in results if result.score]
    if not results or len(scores) < len(results):
        return None
    return {key: math.fsum(values[key] for values in scores) / len(scores) for key in scores[0]}


def clouds_record(results: Sequence[CloudResult], rules: CloudRules, set_name: str, scale: float) -> dict[str, Any]:
    """Put the record together: ``schema``, ``set``, ``rules``, ``mean`` over scans (or null), ``scans`` with values and details."""
    return {
        "schema": SCHEMA,
        "created_utc": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "set": set_name,
        "rules": asdict(rules),
        "order": "content" if rules.seed is None else "random",
        "scale": scale,
        "mean": mean_values(results),
        "scans": [
            {
                "name": result.case.name,
                "predicted": str(result.case.predicted_path.resolve()),
                "reference": str(result.case.reference_path.resolve()),
                "reason": result.reason,
                "values": result.score.values if result.score else {},
                "details": result.score.details if result.score else {},
            }
            for result in results
        ],
        "run": circumstances(),
    }


def clouds_table(results: Sequence[CloudResult], rules: CloudRules, set_name: str) -> Table:
    """Scans as rows, their mean below."""
    unit, decimals = ("mm", None) if rules.mode != "plain" else ("", _decimals(rules.threshold))
    columns = [Column(title, theirs or unit, less, None if theirs else decimals) for _, title, theirs, less in _COLUMNS]
    rows: list[tuple[str, Mapping[str, float]]] = [
        (result.case.name, result.score.values if result.score else {}) for result in results
    ]
    if len(results) > 1:
        rows.append((f"mean of {len(results)}", mean_values(results) or {}))
    cells = [[_finite(values.get(key)) for key, *_ in _COLUMNS] for _, values in rows]
    return Table(
        f"{set_name}, {rules.mode}", "scan", columns, [name for name, _ in rows], cells, _notes(results, rules), competing=0, bold_best=True
    )  # fmt: skip


def _decimals(threshold: float) -> int:
    """Return how many decimals show a thousandth of a threshold, in whatever unit it is given; three at least."""
    return max(3, 3 - math.floor(math.log10(threshold)))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _notes(results: Sequence[CloudResult], rules: CloudRules) -> list[str]:
    order = "by content" if rules.seed is None else f"random, seed {rules.seed}"
    notes = [
        f"thinned to {rules.spacing:g}, visited {order}" if rules.spacing else "not thinned",
        f"precision, recall, F: nearer than {rules.threshold:g}",
    ]
    if math.isfinite(rules.max_distance):
        notes.append(
            f"means and medians leave out distances of {rules.max_distance:g} and more (kept: share of the others); "
            "clamped ones count them as that"
        )
    failed = sum(result.score is None for result in results)
    if failed:
        notes.append(f"{failed} scans failed, so no mean is given")
    return notes
