# SPDX-License-Identifier: Apache-2.0
"""Tables say the record's numbers, dashes for what is missing, and refuse to mix what does not compare."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import stereo_layouts as layouts

from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.records import build_record
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.tables import comparison_tables, record_table, render
from depthbench.errors import DepthbenchError


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layouts.eth3d(tmp_path_factory.mktemp("eth3d"))


def record(
    root: Path, label: str, values: list[float | None], name: str = "eth3d", ids: str = "abcdef"
) -> dict[str, Any]:
    """A record whose every metric of sample i is values[i]; None = failed."""
    protocol = load_protocol(name)
    results = []
    for sample_id, value in zip(ids, values, strict=False):
        if value is None:
            results.append(SampleResult(sample_id, f"{sample_id}.pfm: gone"))
            continue
        cell = {"pixels": 4, "estimated": 4, **dict.fromkeys(protocol.metrics, value)}
        results.append(SampleResult(sample_id, values={r.name: dict(cell) for r in protocol.pixels.regions}))
    model = {"label": label, "model": label, "reference": label, "options": {}, "weights_sha256": None}
    return build_record(model, open_set("eth3d", root), protocol, results)


def test_markdown_has_arrows_and_the_best_in_bold(root: Path) -> None:
    [table] = comparison_tables([record(root, "good", [1.0, 2.0]), record(root, "worse", [3.0, 4.0])])
    text = render(table, "md")
    assert "protocol eth3d v1 (" + load_protocol("eth3d").hash[:12] in text
    assert "nocc Bad-0.5 % ↓" in text
    assert "nocc Cover % ↑" in text
    good = next(line for line in text.splitlines() if line.startswith("| good"))
    worse = next(line for line in text.splitlines() if line.startswith("| worse"))
    assert "**1.50**" in good
    # Coverage is the one column where more is better.
    assert worse.count("**") == 2
    assert worse.rstrip(" |").endswith("**3.50**")


def test_a_missing_mean_is_a_dash_in_every_format(root: Path) -> None:
    [table] = comparison_tables([record(root, "whole", [1.0, 2.0]), record(root, "gappy", [1.0, None])])
    cells = [
        cell.strip() for cell in next(x for x in render(table, "md").splitlines() if x.startswith("| gappy")).split("|")
    ]
    assert set(cells[2:-1]) == {"–"}
    assert "1 of them failed" in render(table, "md")
    assert "b.pfm: gone" in render(table, "md")
    rows = list(csv.reader(io.StringIO(render(table, "csv"))))
    assert set(rows[2][1:]) == {""}
    assert set(json.loads(render(table, "json"))["rows"][1].values()) == {"gappy", None}
    assert re.search(r"gappy( & --)+ ", render(table, "latex"))


def test_latex_has_as_many_cells_as_columns_and_escapes(root: Path) -> None:
    [table] = comparison_tables([record(root, "my_model", [1.0, 2.0]), record(root, "b", [3.0, 4.0])])
    text = render(table, "latex")
    body = [line for line in text.splitlines() if line.endswith(r"\\")]
    columns = re.search(r"begin\{tabular\}\{(l r*|lr*)\}", text)
    assert columns
    assert {line.count(" & ") for line in body} == {len(columns[1]) - 1}
    assert r"my\_model" in text
    assert r"\textbf{1.50}" in text
    assert "%" not in body[0].replace(r"\%", "")


def test_csv_and_json_carry_full_precision(root: Path) -> None:
    [table] = comparison_tables([record(root, "m", [1.23456789, 1.23456789])], ["nocc/epe"])
    assert render(table, "csv").splitlines()[1] == "m,1.23456789"
    assert json.loads(render(table, "json"))["rows"][0]["nocc EPE [px]"] == pytest.approx(1.23456789)


def test_record_table_has_regions_as_rows_with_an_interval(root: Path) -> None:
    table = record_table(record(root, "m", [1.0, 2.0, 6.0]))
    assert table.row_names == ["nocc", "all"]
    assert [column.title for column in table.columns[:3]] == ["Cover", "Cover low", "Cover high"]
    low, mean, high = table.cells[0][1], table.cells[0][0], table.cells[0][2]
    assert low is not None
    assert mean == 3.0
    assert high is not None
    assert low < mean < high


def test_protocols_of_one_name_and_other_content_are_refused(root: Path) -> None:
    first, second = record(root, "a", [1.0]), record(root, "b", [2.0])
    second["protocol"] = {**second["protocol"], "version": 2, "hash": "f" * 64}
    with pytest.raises(DepthbenchError, match=r"different protocols.*eth3d v1 .*eth3d v2"):
        comparison_tables([first, second])


def test_other_samples_or_other_data_are_refused(root: Path) -> None:
    with pytest.raises(DepthbenchError, match=r"2 and 1; was one made with --limit"):
        comparison_tables([record(root, "a", [1.0, 2.0]), record(root, "b", [1.0])])
    first, second = record(root, "a", [1.0]), record(root, "b", [2.0])
    second["set"] = {**second["set"], "manifest_sha256": "0" * 64}
    with pytest.raises(DepthbenchError, match="manifests differ"):
        comparison_tables([first, second])


def test_protocols_of_different_names_get_a_table_each(root: Path) -> None:
    tables = comparison_tables([record(root, "a", [1.0]), record(root, "a", [1.0], "raft-eth3d")])
    assert len(tables) == 2


def test_an_unknown_column_gets_a_hint(root: Path) -> None:
    with pytest.raises(DepthbenchError, match="did you mean nocc/epe"):
        comparison_tables([record(root, "a", [1.0])], ["noc/epe"])


def test_titles_of_regions_head_the_columns_and_are_safe_in_latex(root: Path) -> None:
    made = record(root, "m", [1.0, 2.0])
    made["protocol"]["content"]["pixels"]["regions"][0]["title"] = "60 % first"
    [table] = comparison_tables([made], ["nocc/bad_2", "all/bad_2"])
    assert [column.title for column in table.columns] == ["60 % first Bad-2", "all Bad-2"]
    assert r"60 \% first Bad-2 \% $\downarrow$" in render(table, "latex")
