# SPDX-License-Identifier: Apache-2.0
"""Saved predictions into the archive that an official board takes, checked before anything is written."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.boards import BOARDS
from depthbench.benchmarks.boards.board import Answer, Board, Part
from depthbench.benchmarks.predict import read_times
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.sets.stereo_set import StereoSet
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_aside
from depthbench.formats.disparity_files import find_prediction, read_disparity
from depthbench.formats.image import image_size
from depthbench.registry import lookup

METHOD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Date of every file in the archive, so that the same predictions give the same bytes."""


@dataclass(frozen=True)
class _Source:
    """Where one sample's answer comes from."""

    id: str
    opened: StereoSet
    path: Path
    seconds: float | None


@dataclass
class Submission:
    """What was written.

    Attributes
    ----------
    path : Path
    samples : int
    notes : list of str
        What was left out or changed, a sentence each.
    """

    path: Path
    samples: int
    notes: list[str] = field(default_factory=list)


def submit(
    set_name: str,
    folders: Sequence[Path],
    out: Path,
    root: Path | None = None,
    options: Mapping[str, Any] | None = None,
    method: str = "",
    seconds: float | None = None,
) -> Submission:
    """Pack predictions for a set's board.

    Parameters
    ----------
    set_name : str
        A set of :data:`.boards.BOARDS`.
    folders : sequence of Path
        Where predictions are looked for, by the set's ids; splits that lie in different folders are given together.
    out : Path
        The archive.
    root, options
        As for :func:`.sets.opening.open_set`; a board's own splits are opened one after the other.
    method : str
        Name of the method, where the board puts it into file names.
    seconds : float, optional
        Run time of every sample; else what ``eval`` noted beside the predictions.

    Raises
    ------
    DepthbenchError
        If the set has no board, a sample of a split that has predictions has none, a map is of another size, has holes that the
        board has no mark for, or a run time or the method's name is lacking. Nothing is written then.
    """
    board: Board = lookup("board", set_name, BOARDS)()
    if board.wants_method and not METHOD.fullmatch(method):
        raise DepthbenchError(
            f"the board of {set_name} puts the method's name into file names: give --method NAME, of letters, digits, - and _"
        )
    notes: list[str] = []
    sources = [
        source
        for part in board.parts
        for source in _sources(part, set_name, folders, root, options or {}, board.wants_seconds, seconds, notes)
    ]
    if not sources:
        told = ", ".join(map(str, folders))
        raise DepthbenchError(
            f"{told}: no prediction for any sample that the board of {set_name} takes; {'; '.join(notes)}"
        )
    dense = _check_maps(board, sources, set_name, notes)
    with write_aside(out) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sources:
            disp_px = np.clip(_read(source), None, np.float32(board.most_px))
            for name, data in board.files(Answer(source.id, source.opened, disp_px, source.seconds, dense), method):
                archive.writestr(zipfile.ZipInfo(name, LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return Submission(out, len(sources), notes)


def _sources(
    part: Part,
    set_name: str,
    folders: Sequence[Path],
    root: Path | None,
    options: Mapping[str, Any],
    wants_seconds: bool,
    seconds: float | None,
    notes: list[str],
) -> Iterator[_Source]:
    """Find every answer of a part; none of them, with a note, where the part or all of its answers are absent."""
    told = ", ".join(map(str, part.options.values()))
    try:
        opened: Any = open_set(set_name, root, {**options, **part.options})
    except DepthbenchError as error:
        notes.append(f"{told}: left out ({error})")
        return
    times = {folder: read_times(folder) for folder in folders}
    found, missing = [], []
    for sample_id in opened.ids():
        places = [(folder, path) for folder in folders if (path := _prediction(folder, sample_id))]
        if len(places) > 1:
            raise DepthbenchError(
                f"{sample_id}: a prediction in {places[0][0]} and one in {places[1][0]}; give one of them"
            )
        if not places:
            missing.append(sample_id)
            continue
        [(folder, path)] = places
        took = seconds if seconds is not None else times[folder].get(sample_id, {}).get("total_s")
        if wants_seconds and took is None:
            raise DepthbenchError(f"{path}: the board wants run times, and {folder} has none of it: give --seconds")
        found.append(_Source(sample_id, opened, path, took))
    if not found:
        notes.append(f"{told}: left out (no prediction of it)")
        return
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise DepthbenchError(
            f"{told}: {len(missing)} of {len(opened.ids())} samples have no prediction ({', '.join(missing[:3])}{more}); "
            "the board takes all of them or none"
        )
    if part.official and len(found) != part.official:
        raise DepthbenchError(
            f"{opened.root}: {len(found)} samples of {told}, where the board of {set_name} has {part.official}; "
            "complete the set's folder"
        )
    yield from found


def _prediction(folder: Path, sample_id: str) -> Path | None:
    """Return the file of a prediction, None where there is none."""
    try:
        return find_prediction(folder, sample_id)
    except DepthbenchError as error:
        if "more than one" in str(error):
            raise
        return None


def _read(source: _Source) -> npt.NDArray[np.float32]:
    """Read a map; what is not finite becomes NaN."""
    disp_px = read_disparity(source.path)
    return np.where(np.isfinite(disp_px), disp_px, np.float32(np.nan))


def _check_maps(board: Board, sources: Sequence[_Source], set_name: str, notes: list[str]) -> bool:
    """Read every map once; return whether none has a hole."""
    holes = held = negative = pixels = 0
    for source in sources:
        disp_px = _read(source)
        image = source.opened.files(source.id)[0]
        size = image_size(image)
        if disp_px.shape[::-1] != size:
            got = f"{disp_px.shape[1]}x{disp_px.shape[0]}"
            raise DepthbenchError(
                f"{source.path}: the map is {got}, but the left image {image.name} is {size[0]}x{size[1]}; predict at that size"
            )
        empty = int(np.count_nonzero(np.isnan(disp_px)))
        if empty and not board.takes_holes:
            share = 100 * empty / disp_px.size
            raise DepthbenchError(
                f"{source.path}: {share:.2f} % holes, and the files of the board of {set_name} have no mark for them; fill them"
            )
        holes, pixels = holes + empty, pixels + disp_px.size
        with np.errstate(invalid="ignore"):
            held += int(np.count_nonzero(disp_px > board.most_px))
            negative += int(np.count_nonzero(disp_px < 0))
    if holes:
        notes.append(f"{100 * holes / pixels:.3f} % of the pixels are holes")
    if held:
        notes.append(f"{held} pixels above {board.most_px:g} px are held at that value")
    if negative:
        notes.append(f"{negative} pixels are below 0 px")
    return not holes
