# SPDX-License-Identifier: Apache-2.0
"""``pair.txt`` of MVSNet: for every reference view its source views, best first, each with a score.

First line: how many references; then two lines each: the id, and ``N id score id score ...``. Ids are those of the camera files;
nothing uses the scores but their order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.limits import MOST_TEXT_BYTES, read_limited

Pairs = dict[int, list[tuple[int, float]]]
"""Reference -> (source, score), best first; may be empty."""


def read_pairs(path: str | Path, known: Collection[int] | None = None) -> Pairs:
    """Read a pair file.

    A view that stands among its own sources (some writers fill up with it) is left out.

    Parameters
    ----------
    path : path
    known : ids or None
        The views that there are; None: not checked.

    Raises
    ------
    DepthbenchError
        If the file is absent, cut short, a count does not fit, a reference comes twice, or a view is named that is not there.
    """
    text = read_limited(path, MOST_TEXT_BYTES, "pair file").decode("ascii", errors="replace")
    lines = iter([(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()])
    pairs: Pairs = {}
    try:
        number, words = next(lines, (1, [""]))
        (count,) = (int(word) for word in words)
        for _ in range(count):
            number, words = _next(lines, path, count, len(pairs))
            (reference,) = (int(word) for word in words)
            if reference in pairs:
                raise DepthbenchError(f"{path}: line {number}: view {reference} is a reference twice")
            number, words = _next(lines, path, count, len(pairs))
            sources = [(int(i), float(score)) for i, score in zip(words[1::2], words[2::2], strict=True)]
            if int(words[0]) != len(sources):
                raise DepthbenchError(f"{path}: line {number}: {len(sources)} sources where {words[0]} are announced")
            pairs[reference] = [(source, score) for source, score in sources if source != reference]
    except ValueError as error:
        raise DepthbenchError(f"{path}: line {number}: not what a pair file holds ({error})") from error
    rest = next(lines, None)
    if rest is not None:
        raise DepthbenchError(f"{path}: line {rest[0]}: more than the {count} references announced in its first line")
    if known is not None:
        named = set(pairs) | {source for sources in pairs.values() for source, _ in sources}
        absent = sorted(named - set(known))
        if absent:
            raise DepthbenchError(f"{path}: names view {absent[0]}, which is not there ({len(known)} views are)")
    return pairs


def _next(lines: Iterator[tuple[int, list[str]]], path: str | Path, count: int, there: int) -> tuple[int, list[str]]:
    for line in lines:
        return line
    raise DepthbenchError(f"{path}: cut short: {there} of {count} references are there")


def write_pairs(path: str | Path, pairs: Mapping[int, Sequence[tuple[int, float]]]) -> None:
    """Write a pair file, atomically."""
    lines = [str(len(pairs))]
    for reference, sources in pairs.items():
        lines += [str(reference), " ".join([str(len(sources)), *(f"{i} {score:.6f}" for i, score in sources)])]
    write_bytes(path, ("\n".join(lines) + "\n").encode("ascii"))
