# SPDX-License-Identifier: Apache-2.0
"""Numbers that others published: ``published/*.toml``, each with its source, what is doubtful and what could not be found.

They are printed by themselves, or below our own rows of the same set and protocol, always marked, never in bold.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from depthbench.benchmarks.depth_columns import depth_unit
from depthbench.benchmarks.metrics.depth import LADDER, PLAIN
from depthbench.benchmarks.protocol import METRIC, load_protocol, protocol_names
from depthbench.benchmarks.sets import SETS
from depthbench.benchmarks.tables import Column, Table, metric_column
from depthbench.benchmarks.toml_config import from_table
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.toml_file import read_toml

DECIMALS = 2
"""What sources print, but of depth metrics."""
FOLDER = Path(__file__).parent / "published"


@dataclass(frozen=True)
class PublishedRow:
    """One method's numbers.

    Attributes
    ----------
    method : str
        As the source prints it.
    weights : {"fine-tuned", "zero-shot", "unknown"}
        Whether the network was fine-tuned for this set, as far as the source says.
    values : mapping
        ``region/metric`` -> number, in our units (px, per cent).
    source : str
        Where in the table's source, if there is more to say.
    doubts : tuple of str
        What a reader must know before comparing, a sentence each.
    """

    method: str
    weights: Literal["fine-tuned", "zero-shot", "unknown"]
    values: Mapping[str, float]
    source: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublishedTable:
    """One table of a paper or board.

    Attributes
    ----------
    name : str
        The file's.
    source : str
        Where the numbers were read.
    columns : tuple of str
        ``region/metric``; regions are the protocol's, or the source's own words where no protocol of ours fits.
    set, set_label, protocol : str
        Which of our sets (with the label of its split and size) and protocols these numbers are of; empty = none.
    doubts, missing : tuple of str
        About all rows; what the source has and is not here.

    Raises
    ------
    DepthbenchError
        For names that do not exist, values that cannot be, or a method named twice.
    """

    name: str
    title: str
    source: str
    columns: tuple[str, ...]
    rows: tuple[PublishedRow, ...]
    set: str = ""
    set_label: str = ""
    protocol: str = ""
    doubts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"published table {self.name}"
        if bool(self.set) != bool(self.protocol):
            raise DepthbenchError(f"{where}: names a set or a protocol; both or neither are needed")
        if self.set and self.set not in SETS:
            raise unknown_name(f"set of {where}", self.set, SETS)
        known, unit = None, ""
        if self.protocol and self.protocol not in protocol_names():
            raise unknown_name(f"protocol of {where}", self.protocol, protocol_names())
        if self.protocol:
            protocol = load_protocol(self.protocol)
            known = {f"{region.name}/{metric}" for region in protocol.scored_regions for metric in protocol.metrics}
            unit = depth_unit(vars(protocol))
        for column in self.columns:
            if known is not None and column not in known:
                raise unknown_name(f"column of {where}", column, known)
            if known is None and not _is_metric(column.partition("/")[2]):
                raise DepthbenchError(f"{where}: the column '{column}' is not of the form region/metric")
        methods = [row.method for row in self.rows]
        if not methods or len(set(methods)) < len(methods):
            raise DepthbenchError(f"{where}: has no row, or a method twice")
        for row in self.rows:
            for column, value in row.values.items():
                if column not in self.columns:
                    raise unknown_name(f"column of {row.method} in {where}", column, self.columns)
                most = 100 if metric_column(column.partition("/")[2], unit=unit).unit == "%" else math.inf
                if not 0 <= value <= most:
                    raise DepthbenchError(f"{where}: {row.method}, {column}: {value:g} cannot be")


def _is_metric(name: str) -> bool:
    """Tell whether disparity or depth has a metric of this name."""
    return bool(METRIC.fullmatch(name) or name in PLAIN or LADDER.fullmatch(name))


@cache
def published_tables() -> tuple[PublishedTable, ...]:
    """Read every published table, by name.

    Raises
    ------
    DepthbenchError
        If a file is not TOML or not such a table; the message names it.
    """
    return tuple(read_published(path) for path in sorted(FOLDER.glob("*.toml")))


def read_published(path: Path) -> PublishedTable:
    """Read one published table.

    Raises
    ------
    DepthbenchError
        As :func:`published_tables`.
    """
    table = read_toml(path)
    made = from_table(PublishedTable, table, str(path))
    if made.name != path.stem:
        raise DepthbenchError(f"{path}: calls itself '{made.name}'")
    return made


def published_alone(published: PublishedTable, most_columns: int = 12) -> Table:
    """Return a published table to print, of its first columns where it has very many."""
    columns = published.columns[:most_columns]
    pairs = [column.split("/") for column in columns]
    unit = depth_unit(vars(load_protocol(published.protocol))) if published.protocol else ""
    names, notes = _marked([(published, row) for row in published.rows], tell_table=False)
    notes = [f"source: {published.source}", *notes, *published.doubts]
    notes += [f"missing here: {what}" for what in published.missing]
    if len(columns) < len(published.columns):
        notes.append(f"further columns: {', '.join(published.columns[most_columns:])}")
    caption = f"published: {published.title}"
    if published.protocol:
        of = f"{published.set} {published.set_label}".strip()
        caption += f" (set {of}, protocol {published.protocol})"
    return Table(
        caption,
        "method",
        [_as_printed(metric_column(metric, region, unit)) for region, metric in pairs],
        names,
        [[row.values.get(column) for column in columns] for row in published.rows],
        notes,
        bold_best=True,
        competing=0,
    )


def _as_printed(column: Column) -> Column:
    return dataclasses.replace(column, decimals=DECIMALS if column.decimals is None else column.decimals)


def with_published(
    table: Table, keys: Iterable[str], set_name: str, set_label: str, protocol: str, published: Iterable[PublishedTable]
) -> Table:
    """Return a comparison of ours with the published rows of its set and protocol below, marked, with their doubts as notes.

    Rows that have none of the columns are left out. Where they are of another split or size, their note says so.
    """
    keys = list(keys)
    chosen = [
        (source, row)
        for source in published
        if (source.set, source.protocol) == (set_name, protocol)
        for row in source.rows
        if any(key in row.values for key in keys)
    ]
    names, notes = _marked(chosen, tell_table=True)
    for number, (source, _) in enumerate(chosen):
        if source.set_label != set_label:
            notes[number] += f"; of {source.set_label or 'the whole set'}, not of {set_label or 'the whole set'}"
    return dataclasses.replace(
        table,
        row_names=[*table.row_names, *names],
        cells=[*table.cells, *([row.values.get(key) for key in keys] for _, row in chosen)],
        notes=[*table.notes, *notes],
        competing=len(table.row_names),
    )


def _marked(rows: Iterable[tuple[PublishedTable, PublishedRow]], tell_table: bool) -> tuple[list[str], list[str]]:
    """Return the rows' names with numbers of footnotes, and the footnotes."""
    names, notes = [], []
    for number, (table, row) in enumerate(rows, start=1):
        names.append(f"{row.method} [{number}]")
        told = [f"[{number}] published", f"weights {row.weights}"]
        told += [f"{table.title}: {table.source}"] if tell_table else []
        told += [row.source] if row.source else []
        told += row.doubts
        told += table.doubts if tell_table else []
        notes.append("; ".join(told))
    return names, notes
