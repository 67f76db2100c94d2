# SPDX-License-Identifier: Apache-2.0
"""What a protocol is: which pixels count, what a prediction's odd values mean, which metrics, and how they are averaged.

Each ``protocols/*.toml`` is one protocol. Its hash is the sha256 of everything in it that bears on a number (prose and
the choice of headline columns do not), and stands in every record.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from depthbench.benchmarks.toml_config import from_table
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.tasks import Task

FOLDER = Path(__file__).parent / "protocols"
FAMILIES = ("igev", "raft")
"""Names that stand for one protocol per set, such as ``raft-eth3d``."""
METRIC = re.compile(r"epe|rmse|d1|coverage|holes|(?P<bad>bad|totbad)_(?P<px>\d+(\.\d+)?)|a(?P<quantile>\d\d)")

Surface = Literal[
    "any", "opaque", "see-through", "foreground", "background", "plate", "class-0", "class-1", "class-2", "class-3",
    "first", "first-diffuse", "first-transparent", "first-reflective", "second", "third",
    "last", "last-diffuse", "last-reflective", "last-behind",
]  # fmt: skip
"""Names of pixel sets, see :class:`Region`."""


@dataclass(frozen=True)
class Region:
    """One pixel set, scored and reported on its own.

    Attributes
    ----------
    name : str
        How reports call it.
    visibility : {"all", "nocc"}
        Whether the other eye must see the point of the layer that is scored.
    layer : {"first", "last"}
        Which surface is the truth; only layered sets have more than the first.
    surface : Surface
        A mask that the set has under this name: KITTI's object map, what an acrylic plate covers, Booster's classes,
        LayeredFlow's subsets of points; ``opaque`` (the pixel's only layer) and ``see-through`` follow from layers where
        there is no such mask.
    group : str
        The samples it holds for, where a set has groups (see :func:`.sets.stereo_set.group_of`); empty = all. Means of the
        region are over these alone.
    optional : bool
        Left out, instead of an error, where a set cannot tell these pixels.
    title : str
        How tables that compare models call it, where not by its name.
    """

    name: str
    visibility: Literal["all", "nocc"] = "all"
    layer: Literal["first", "last"] = "first"
    surface: Surface = "any"
    group: str = ""
    optional: bool = False
    title: str = ""


@dataclass(frozen=True)
class PixelRule:
    """Which pixels count, beyond their region: those of finite true disparity strictly within (above_px, below_px)."""

    regions: tuple[Region, ...]
    above_px: float | None = None
    below_px: float | None = None


@dataclass(frozen=True)
class PredictionRule:
    """How a predicted map is read before it is compared. +inf is a hole everywhere.

    Attributes
    ----------
    scales : tuple of int
        The truth may be this many times larger than the prediction in both axes; pixels repeat, values are multiplied.
    truth_scale : int
        Truth, and a prediction of its size, are taken at every n-th pixel and divided by n.
    nan : {"hole", "estimated"}
        ``estimated``: passes as an estimate that no threshold calls bad, and leaves no mean (the Middlebury SDK's quirk).
    minus_inf : {"hole", "kept"}
        ``kept``: a number like others, that a clip moves to its lower end.
    beyond_width : {"hole", "kept"}
        Whether \\|d\\| > image width is a hole.
    clip : {"none", "search-range", "kitti-writer"}
        To [0, ndisp]; or to [1/256, 65535/256], what a 16-bit PNG can hold.
    rounding : {"never", "integer-truth"}
        To whole pixels (half away from zero), after clipping, where the set's truth is whole.
    holes : {"exclude", "refuse", "interpolate-background"}
        Holes have no error; or fail the sample; or are filled in their row by the smaller neighbour, as KITTI's devkit does
        (coverage still tells what was estimated).
    """

    scales: tuple[int, ...] = (1,)
    truth_scale: int = 1
    nan: Literal["hole", "estimated"] = "hole"
    minus_inf: Literal["hole", "kept"] = "hole"
    beyond_width: Literal["hole", "kept"] = "kept"
    clip: Literal["none", "search-range", "kitti-writer"] = "none"
    rounding: Literal["never", "integer-truth"] = "never"
    holes: Literal["exclude", "refuse", "interpolate-background"] = "exclude"


@dataclass(frozen=True)
class AverageRule:
    """How values of samples become one.

    Attributes
    ----------
    pooled : tuple of str
        Metrics averaged over all pixels of the set (each sample weighs as many as its denominator has); others over samples.
    weights : mapping
        Weight of a sample by its id, 1 where it is not named; the plain mean is reported as well.
    empty : {"skip", "zero"}
        A sample in whose region no pixel counts: left out and counted, or a 0.
    """

    pooled: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    empty: Literal["skip", "zero"] = "skip"


@dataclass(frozen=True)
class Protocol:
    """A named, versioned way to turn predictions into numbers.

    Attributes
    ----------
    metrics : tuple of str
        ``epe``, ``rmse``, ``bad_X``, ``totbad_X``, ``d1``, ``aQQ``, ``coverage``, ``holes``.
    bad_denominator : {"truth", "estimated"}
        What bad_X and d1 are divided by: all pixels that count, or those estimated.
    headline : tuple of str
        ``region/metric`` columns of a table that compares models.
    quirks : tuple of str
        What differs from what one would expect, in a sentence each.
    """

    name: str
    version: int
    task: Task
    title: str
    source: str
    pixels: PixelRule
    prediction: PredictionRule
    metrics: tuple[str, ...]
    average: AverageRule
    headline: tuple[str, ...]
    bad_denominator: Literal["truth", "estimated"] = "truth"
    quirks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for metric in (*self.metrics, *self.average.pooled):
            if not METRIC.fullmatch(metric):
                raise DepthbenchError(f"protocol {self.name}: unknown metric '{metric}'")
        for metric in self.average.pooled:
            if metric not in self.metrics or metric.startswith("a"):
                raise DepthbenchError(f"protocol {self.name}: '{metric}' cannot be pooled")
        columns = {f"{region.name}/{metric}" for region in self.pixels.regions for metric in self.metrics}
        for column in self.headline:
            if column not in columns:
                raise unknown_name(f"headline column of protocol {self.name}", column, columns)

    @property
    def hash(self) -> str:
        """The sha256 (hex) of the canonical content."""
        content = dataclasses.asdict(self)
        for prose in ("title", "source", "headline", "quirks"):
            del content[prose]
        for region in content["pixels"]["regions"]:
            del region["title"]
            if not region["group"]:  # so that protocols without groups keep the hash that they always had
                del region["group"]
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def both_ends(self) -> bool:
        """Whether some regions ask for the first surface and others for the last."""
        last = [region.layer == "last" or region.surface.startswith("last") for region in self.pixels.regions]
        return any(last) and not all(last)

    def at_truth_scale(self, scale: int) -> Protocol:
        """Return the protocol that scores at every ``scale``-th pixel of the truth; its name says so."""
        if scale == 1:
            return self
        rule = dataclasses.replace(self.prediction, truth_scale=scale)
        return dataclasses.replace(self, name=f"{self.name}@1/{scale}", prediction=rule)


def protocol_names() -> list[str]:
    """Return the names of the protocols that come with depthbench."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_protocol(path: Path) -> Protocol:
    """Read a protocol file.

    Raises
    ------
    DepthbenchError
        If it is absent, not TOML, has an unknown key or a value out of place; the message names the file.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DepthbenchError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DepthbenchError(f"{path}: not valid TOML ({error})") from error
    return from_table(Protocol, table, str(path))


def load_protocol(name: str, set_name: str | None = None) -> Protocol:
    """Return a protocol by name, or from a TOML file of one's own.

    Where no protocol has that very name, ``<name>-<set>`` is tried: ``raft`` on ``eth3d`` is ``raft-eth3d``.

    Raises
    ------
    DepthbenchError
        If there is none; the message suggests near names.
    """
    if name.endswith(".toml"):
        return read_protocol(Path(name))
    known = protocol_names()
    for candidate in (name, f"{name}-{set_name}"):
        if candidate in known:
            return read_protocol(FOLDER / f"{candidate}.toml")
    if name in FAMILIES:
        served = [other.removeprefix(f"{name}-") for other in known if other.startswith(f"{name}-")]
        raise DepthbenchError(f"the protocol {name} is there for {', '.join(served)}, not for {set_name or 'this set'}")
    raise unknown_name("protocol", name, known)
