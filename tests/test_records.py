# SPDX-License-Identifier: Apache-2.0
"""Aggregates worked out by hand, bootstrap intervals against resampling in a loop, and records that are strict JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stereo_layouts as layouts

from depthbench.benchmarks.aggregate import RESAMPLES, aggregate
from depthbench.benchmarks.protocol import Protocol, load_protocol
from depthbench.benchmarks.records import build_record, read_record, samples_csv, write_record
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError


def result(
    protocol: Protocol, sample_id: str, pixels: int = 10, estimated: int | None = None, **values: float
) -> SampleResult:
    """One sample with the same values in every region; metrics that are not given are 1."""
    known = dict.fromkeys(protocol.metrics, 1.0) | values
    counts = {"pixels": pixels, "estimated": pixels if estimated is None else estimated}
    regions = [region.name for region in protocol.pixels.regions]
    return SampleResult(sample_id, values={region: {**counts, **known} for region in regions})


def test_middlebury_weights_and_the_plain_mean() -> None:
    """PianoL weighs half: (3 * 0.5 + 1 + 2) / 2.5 = 1.8; plain 2."""
    protocol = load_protocol("middlebury-sdk")
    results = [result(protocol, name, epe=value) for name, value in (("PianoL", 3.0), ("Piano", 1.0), ("Teddy", 2.0))]
    cell = aggregate(protocol, results)["nocc"]["epe"]
    assert cell["mean"] == pytest.approx(1.8)
    assert cell["plain_mean"] == pytest.approx(2.0)
    assert (cell["samples"], cell["missing"], cell["empty"]) == (3, 0, 0)
    assert sum(protocol.average.weights.values()) + 10 == 12.5


def test_kitti_totals_are_pooled_over_pixels() -> None:
    """1 of 10 and 80 of 100 outliers: 81 of 110, not the mean of 10 % and 80 %."""
    protocol = load_protocol("kitti-d1")
    results = [result(protocol, "a", 10, d1=10.0, epe=1.0), result(protocol, "b", 100, 50, d1=80.0, epe=4.0)]
    cells = aggregate(protocol, results)["all"]
    assert cells["d1"]["mean"] == pytest.approx(100 * 81 / 110)
    # Holes were filled, so the error is over all pixels, however many the model estimated itself.
    assert cells["epe"]["mean"] == pytest.approx((10 * 1 + 100 * 4) / 110)
    estimated = load_protocol("kitti-d1-est")
    results = [result(estimated, "a", 10, d1=10.0, epe=1.0), result(estimated, "b", 100, 50, d1=80.0, epe=4.0)]
    assert aggregate(estimated, results)["all"]["epe"]["mean"] == pytest.approx((10 * 1 + 50 * 4) / 60)


def test_raft_pools_outliers_and_averages_errors_over_images() -> None:
    protocol = load_protocol("raft-kitti-2015")
    results = [result(protocol, "a", 10, epe=1.0, bad_3=10.0), result(protocol, "b", 90, epe=3.0, bad_3=20.0)]
    results = [SampleResult(r.id, values={"all": {**r.values["all"]}}) for r in results]
    cells = aggregate(protocol, results)["all"]
    assert cells["epe"]["mean"] == 2.0
    assert cells["bad_3"]["mean"] == pytest.approx(19.0)


def test_a_failed_or_undefined_sample_leaves_no_mean() -> None:
    protocol = load_protocol("eth3d")
    good = [result(protocol, "a"), result(protocol, "b")]
    cell = aggregate(protocol, [*good, SampleResult("c", "no file")])["all"]["epe"]
    assert cell == {"mean": None, "samples": 2, "missing": 1, "empty": 0}
    cells = aggregate(protocol, [*good, result(protocol, "c", epe=math.nan)])["all"]
    assert cells["epe"]["mean"] is None
    assert cells["bad_1"]["mean"] == 1.0


def test_a_sample_without_such_pixels_is_left_out_and_counted() -> None:
    protocol = load_protocol("layered")
    results = [result(protocol, "a", epe=2.0), result(protocol, "b", 0, epe=math.nan), result(protocol, "c", epe=4.0)]
    cell = aggregate(protocol, results)["see-through-last"]["epe"]
    assert (cell["mean"], cell["samples"], cell["missing"], cell["empty"]) == (3.0, 2, 0, 1)


def test_interval_equals_resampling_in_a_loop() -> None:
    """An own bootstrap with another generator: the ends agree as far as 1000 resamples can tell."""
    protocol = load_protocol("eth3d")
    values = np.random.default_rng(1).gamma(2, 1, 40)
    cell = aggregate(protocol, [result(protocol, str(i), epe=float(v)) for i, v in enumerate(values)])["nocc"]["epe"]
    rng = np.random.default_rng(99)
    means = [values[rng.integers(0, 40, 40)].mean() for _ in range(20 * RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    width = high - low
    assert cell["low"] == pytest.approx(low, abs=0.08 * width)
    assert cell["high"] == pytest.approx(high, abs=0.08 * width)
    assert cell["low"] < cell["mean"] < cell["high"]


def test_the_interval_is_the_same_every_time_and_none_for_one_sample() -> None:
    protocol = load_protocol("eth3d")
    several = [result(protocol, str(i), epe=float(i)) for i in range(5)]
    assert aggregate(protocol, several) == aggregate(protocol, several)
    assert "low" not in aggregate(protocol, several[:1])["all"]["epe"]


def record_of(tmp_path: Path, results: list[SampleResult], protocol: Protocol) -> dict[str, Any]:
    opened = open_set("middlebury-v3", layouts.middlebury(tmp_path))
    model = {"label": "m", "model": "m", "reference": "m", "options": {"k": 1}, "weights_sha256": None}
    return build_record(model, opened, protocol, results, {"Teddy": {"forward_s": 0.2, "total_s": 0.3}})


def test_record_is_strict_json_and_says_what_made_it(tmp_path: Path) -> None:
    protocol = load_protocol("middlebury-sdk")
    results = [
        result(protocol, "Piano", epe=math.nan),
        SampleResult("PianoL", "x.pfm: gone"),
        result(protocol, "Teddy"),
    ]
    write_record(tmp_path / "run" / "record.json", record_of(tmp_path, results, protocol))

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    text = (tmp_path / "run" / "record.json").read_text()
    record = json.loads(text, parse_constant=refuse)
    assert record["samples"][0]["values"]["nocc"]["epe"] is None
    assert record["protocol"]["hash"] == protocol.hash
    assert record["protocol"]["content"]["prediction"]["nan"] == "estimated"
    assert len(record["set"]["manifest_sha256"]) == 64
    assert record["run"]["forward_s_median"] == 0.2
    assert record["run"]["timed_samples"] == 1
    for key in ("python", "depthbench", "numpy"):
        assert record["run"]["versions"][key]
    assert read_record(tmp_path / "run" / "record.json")["model"]["options"] == {"k": 1}
    rows = list(csv.DictReader(io.StringIO((tmp_path / "run" / "samples.csv").read_text())))
    assert [row["id"] for row in rows] == ["Piano", "PianoL", "Teddy"]
    assert rows[0]["nocc/epe"] == ""
    assert rows[1]["reason"] == "x.pfm: gone"
    assert float(rows[2]["all/bad_2"]) == 1.0


def test_csv_holds_the_numbers_of_the_record(tmp_path: Path) -> None:
    protocol = load_protocol("middlebury-sdk")
    record = record_of(tmp_path, [result(protocol, "Teddy", epe=0.123456789)], protocol)
    row = next(csv.DictReader(io.StringIO(samples_csv(record))))
    assert float(row["nocc/epe"]) == pytest.approx(0.123456789, rel=1e-8)
    assert int(row["nocc/pixels"]) == 10


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not valid JSON"),
        ("[]", "not a record"),
        ('{"schema": "depthbench-record/99"}', "depthbench-record/99"),
        ('{"schema": "depthbench-record/1", "model": {"label": "m"}}', r"damaged record \(no model: model\)"),
        ('{"schema": "depthbench-record/1"}', "damaged record"),
    ],
)
def test_what_is_no_record_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text)
    with pytest.raises(DepthbenchError, match=told) as caught:
        read_record(path)
    assert str(path) in str(caught.value)
