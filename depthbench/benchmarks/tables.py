# SPDX-License-Identifier: Apache-2.0
"""Tables of records as Markdown, LaTeX, CSV or JSON; a value that does not exist is a dash, never a number."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from depthbench.benchmarks.depth_columns import depth_column, depth_unit
from depthbench.benchmarks.mvs_columns import mvs_column
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.json_file import to_json

Format = Literal["md", "latex", "csv", "json"]
DASH = "–"
WHOLES = ("cloud",)
"""Groups of results that are of several samples together."""
_TITLES = {
    "epe": ("EPE", "px"),
    "rmse": ("RMSE", "px"),
    "d1": ("D1", "%"),
    "coverage": ("Cover", "%"),
    "holes": ("Holes", "%"),
    "percent_error": ("Error", "%"),
    "median_percent_error": ("Median error", "%"),
    "failures": ("Failed", "%"),
}
_MORE_IS_BETTER = ("coverage", "precision", "recall", "f_score", "acc_kept", "comp_kept")


@dataclass(frozen=True)
class Column:
    """A column of numbers: title, unit, whether less is better, and decimals where not those of its unit."""

    title: str
    unit: str
    less_is_better: bool = True
    decimals: int | None = None

    @property
    def digits(self) -> int:
        """Decimals to print: hundredths of a per cent, thousandths of the rest."""
        return self.decimals if self.decimals is not None else 2 if self.unit == "%" else 3

    def heading(self, format: Format) -> str:
        """Return title, unit and arrow."""
        down, up = ("$\\downarrow$", "$\\uparrow$") if format == "latex" else ("↓", "↑")
        title, unit = (_escape(word) if format == "latex" else word for word in (self.title, self.unit))
        return " ".join(word for word in (title, unit, down if self.less_is_better else up) if word)

    @property
    def key(self) -> str:
        """Title and unit, as CSV and JSON have it."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title


@dataclass(frozen=True)
class Table:
    """Rows of numbers under columns, with a caption above and notes below.

    Attributes
    ----------
    row_title : str
        Heading of the rows' names.
    cells : list of list of float or None
        None = no value.
    bold_best : bool
        Whether the best of a column is set in bold (where rows compete).
    competing : int or None
        How many of the first rows compete; None = all.
    """

    caption: str
    row_title: str
    columns: list[Column]
    row_names: list[str]
    cells: list[list[float | None]]
    notes: list[str]
    bold_best: bool = False
    competing: int | None = None

    def texts(self, format: Format) -> list[list[str]]:
        """Return the cells as printed."""
        return [
            [self._text(value, number, format, row) for number, value in enumerate(values)]
            for row, values in enumerate(self.cells)
        ]

    def _text(self, value: float | None, number: int, format: Format, row: int) -> str:
        if value is None:
            return "--" if format == "latex" else DASH
        column = self.columns[number]
        text = f"{value:.{column.digits}f}"
        rivals = [values[number] for values in self.cells[: self.competing]]
        known = [rival for rival in rivals if rival is not None]
        best = (min if column.less_is_better else max)(known, default=math.nan)
        competes = self.bold_best and len(known) > 1 and row < len(rivals)
        if competes and text == f"{best:.{column.digits}f}":
            return rf"\textbf{{{text}}}" if format == "latex" else f"**{text}**"
        return text


def metric_column(metric: str, region: str = "", unit: str = "") -> Column:
    """Return the column of a metric, with its region's title in front where columns are of several regions.

    ``unit`` is that of a depth protocol (:func:`.depth_columns.depth_unit`); empty for metrics of other quantities.
    """
    if unit:
        title, its_unit, less_is_better, decimals = depth_column(metric, unit)
        return Column(f"{region} {title}".strip(), its_unit, less_is_better, decimals)
    named = mvs_column(metric)
    if named:
        title, unit = named
    elif metric in _TITLES:
        title, unit = _TITLES[metric]
    elif metric.startswith("totbad_"):
        title, unit = f"Bad-{metric[7:]}+holes", "%"
    elif metric.startswith("bad_"):
        title, unit = f"Bad-{metric[4:]}", "%"
    else:
        title, unit = metric.upper(), "px"
    more_is_better = metric in _MORE_IS_BETTER or metric.startswith("within_")
    return Column(f"{region} {title}".strip(), unit, not more_is_better, 3 if unit in ("mm", "s") else None)


def render(table: Table, format: Format) -> str:
    """Render a table as text that ends in a newline."""
    return {"md": _markdown, "latex": _latex, "csv": _csv, "json": _json}[format](table)


def _markdown(table: Table) -> str:
    heading = [table.row_title, *(column.heading("md") for column in table.columns)]
    lines = [f"**{table.caption}**", "", "| " + " | ".join(heading) + " |", "|---" + "|---:" * len(table.columns) + "|"]
    for name, texts in zip(table.row_names, table.texts("md"), strict=True):
        lines.append("| " + " | ".join([name, *texts]) + " |")
    lines += [""] + [f"- {note}" for note in table.notes]
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    for sign in "&%_#":
        text = text.replace(sign, "\\" + sign)
    return text.replace("±", r"$\pm$")


def _latex(table: Table) -> str:
    heading = [_escape(table.row_title), *(column.heading("latex") for column in table.columns)]
    lines = [rf"% {table.caption}", r"\begin{tabular}{l" + "r" * len(table.columns) + "}", r"\toprule"]
    lines += [" & ".join(heading) + r" \\", r"\midrule"]
    for name, texts in zip(table.row_names, table.texts("latex"), strict=True):
        lines.append(" & ".join([_escape(name), *texts]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"] + [f"% {note}" for note in table.notes]
    return "\n".join(lines) + "\n"


def _csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([table.row_title, *(column.key for column in table.columns)])
    for name, row in zip(table.row_names, table.cells, strict=True):
        writer.writerow([name, *("" if value is None else f"{value:.9g}" for value in row)])
    return out.getvalue()


def _json(table: Table) -> str:
    titles = [column.key for column in table.columns]
    rows = [
        {table.row_title: name, **dict(zip(titles, row, strict=True))}
        for name, row in zip(table.row_names, table.cells, strict=True)
    ]
    return to_json({"caption": table.caption, "rows": rows, "notes": table.notes}) + "\n"


def _caption(record: Mapping[str, Any]) -> str:
    told, protocol = record["set"], record["protocol"]
    name = f"{told['name']} {told['label']}".strip()
    return f"{name}, protocol {protocol['name']} v{protocol['version']} ({protocol['hash'][:12]})"


def _notes(record: Mapping[str, Any]) -> list[str]:
    """Return what must stand under every table of this record: failed samples, weights, the set's own notes."""
    samples = record["samples"]
    failed = [sample for sample in samples if sample["reason"]]
    total, own = record["set"]["samples"], sum(sample.get("group", "") not in WHOLES for sample in samples)
    count = f"{own} samples" if own == total else f"only the first {own} of {total} samples"
    notes = [count + (f", {len(failed)} of them failed, so no mean is given" if failed else "")]
    notes += [f"failed: {sample['id']}: {sample['reason']}" for sample in failed[:5]]
    if len(failed) > 5:
        notes.append(f"and {len(failed) - 5} more, see samples.csv")
    for region, metrics in record["aggregate"].items():
        empty = max((cell["empty"] for cell in metrics.values()), default=0)
        if empty:
            notes.append(f"{region}: {empty} samples have no such pixel; they are not in the mean")
    return [*notes, *record["set"]["notes"]]


def record_table(record: Mapping[str, Any]) -> Table:
    """One record: regions as rows, metrics as columns; the 95 % interval of the first metric, and plain means where weighted."""
    aggregate = record["aggregate"]
    metrics = list(record["protocol"]["content"]["metrics"])
    first = metrics[0]
    columns = [metric_column(metric, unit=depth_unit(record["protocol"]["content"])) for metric in metrics]
    interval = columns[0]
    columns[1:1] = [dataclasses.replace(interval, title=f"{interval.title} {end}") for end in ("low", "high")]
    names, cells = [], []
    weighted = bool(record["protocol"]["content"]["average"]["weights"])
    for region, values in aggregate.items():
        for key, suffix in (("mean", ", weighted"), ("plain_mean", ", plain")) if weighted else (("mean", ""),):
            names.append(region + suffix)
            row = [values[metric].get(key) for metric in metrics]
            ends = [values[first].get(end) if key == "mean" else None for end in ("low", "high")]
            cells.append([row[0], *ends, *row[1:]])
    notes = ["low, high: 95 % bootstrap interval over samples", *_notes(record)]
    return Table(_caption(record), "region", columns, names, cells, notes)


def comparison_tables(
    records: Sequence[Mapping[str, Any]], columns: Sequence[str] = (), published: bool = False
) -> list[Table]:
    """Several records: one table per set and protocol, models as rows, headline columns (or ``region/metric`` as asked).

    With ``published``, rows that others published for the same set and protocol stand below, marked (:mod:`.published_tables`).

    Raises
    ------
    DepthbenchError
        If two records of one set carry the same protocol name with different content, or were made of different samples;
        or a column exists in none of the records.
    """
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for record in records:
        told = record["set"]
        groups.setdefault((told["name"], told["label"], record["protocol"]["name"]), []).append(record)
    return [_comparison(group, columns, published) for group in groups.values()]


def _check_alike(records: Sequence[Mapping[str, Any]]) -> None:
    first = records[0]
    told = _caption(first)
    for other in records[1:]:
        if other["protocol"]["hash"] != first["protocol"]["hash"]:
            raise DepthbenchError(
                f"records of different protocols in one table: {told} and {_caption(other)}; score again by one"
            )
        if [s["id"] for s in other["samples"]] != [s["id"] for s in first["samples"]]:
            raise DepthbenchError(
                f"{told}: records of different samples in one table "
                f"({len(first['samples'])} and {len(other['samples'])}; was one made with --limit?)"
            )
        if other["set"]["manifest_sha256"] != first["set"]["manifest_sha256"]:
            raise DepthbenchError(f"{told}: records of different data in one table (the sets' manifests differ)")


def _comparison(records: Sequence[Mapping[str, Any]], wanted: Sequence[str], published: bool) -> Table:
    _check_alike(records)
    content = records[0]["protocol"]["content"]
    regions = content.get("pixels", content)["regions"]
    known = [f"{region['name']}/{metric}" for region in regions for metric in content["metrics"]]
    there = {region for record in records for region in record["aggregate"]}
    absent = {region["name"] for region in regions if region["optional"]} - there
    keys = list(wanted) or [key for key in content["headline"] if key.split("/")[0] not in absent]
    for key in keys:
        if key not in known:
            raise unknown_name("column", key, known)
    pairs = [key.split("/") for key in keys]
    titles = {region["name"]: region.get("title") or region["name"] for region in regions}
    columns = [metric_column(metric, titles[region], depth_unit(content)) for region, metric in pairs]
    cells = [[r["aggregate"].get(region, {}).get(metric, {}).get("mean") for region, metric in pairs] for r in records]
    names = [str(record["model"]["label"] or record["model"]["model"]) for record in records]
    notes = list(dict.fromkeys(note for record in records for note in _notes(record)))
    table = Table(_caption(records[0]), "model", columns, names, cells, notes, bold_best=True)
    if not published:
        return table
    from depthbench.benchmarks.published_tables import published_tables, with_published

    told, protocol = records[0]["set"], records[0]["protocol"]["name"]
    return with_published(table, keys, told["name"], told["label"], protocol, published_tables())
