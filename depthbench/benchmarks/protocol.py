# SPDX-License-Identifier: Apache-2.0
"""What a protocol is: which pixels count, what a prediction's odd values mean, which metrics, and how they are averaged.

Each ``protocols/*.toml`` is one protocol. Its hash is the sha256 of everything in it that bears on a number (prose and
the choice of headline columns do not), and stands in every record.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from depthbench.benchmarks.protocol_base import BaseProtocol, BaseRegion
from depthbench.benchmarks.toml_config import from_table
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.toml_file import read_toml
from depthbench.registry import lookup

FOLDER = Path(__file__).parent / "protocols"
KINDS = {
    "stereo": "depthbench.benchmarks.protocol:Protocol",
    "motion": "depthbench.benchmarks.motion_protocol:MotionProtocol",
    "focus": "depthbench.benchmarks.depth_protocol:DepthProtocol",
    "mvs": "depthbench.benchmarks.mvs_protocol:MvsProtocol",
    "mono": "depthbench.benchmarks.depth_protocol:DepthProtocol",
}
"""Task -> class of its protocols."""

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
class Region(BaseRegion):
    """One pixel set.

    Attributes
    ----------
    visibility : {"all", "nocc"}
        Whether the other eye must see the point of the layer that is scored.
    layer : {"first", "last"}
        Which surface is the truth; only layered sets have more than the first.
    surface : Surface
        A mask that the set has under this name: KITTI's object map, what an acrylic plate covers, Booster's classes,
        LayeredFlow's subsets of points; ``opaque`` (the pixel's only layer) and ``see-through`` follow from layers where
        there is no such mask.
    """

    visibility: Literal["all", "nocc"] = "all"
    layer: Literal["first", "last"] = "first"
    surface: Surface = "any"


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


@dataclass(frozen=True, kw_only=True)
class Protocol(BaseProtocol):
    """A protocol of the task ``stereo``.

    Attributes
    ----------
    metrics : tuple of str
        ``epe``, ``rmse``, ``bad_X``, ``totbad_X``, ``d1``, ``aQQ``, ``coverage``, ``holes``.
    bad_denominator : {"truth", "estimated"}
        What bad_X and d1 are divided by: all pixels that count, or those estimated.
    """

    pixels: PixelRule
    prediction: PredictionRule
    bad_denominator: Literal["truth", "estimated"] = "truth"

    def __post_init__(self) -> None:
        super().__post_init__()
        for metric in self.average.pooled:
            if metric not in self.metrics or metric.startswith("a"):
                raise DepthbenchError(f"protocol {self.name}: '{metric}' cannot be pooled")

    @property
    def scored_regions(self) -> tuple[Region, ...]:
        """The pixel sets."""
        return self.pixels.regions

    def knows(self, metric: str) -> bool:
        """Tell whether :data:`METRIC` has it."""
        return METRIC.fullmatch(metric) is not None

    def denominator(self, metric: str) -> str:
        """Return which count of pixels a metric was divided by."""
        if metric in ("epe", "rmse"):
            return "pixels" if self.prediction.holes == "interpolate-background" else "estimated"
        if metric == "d1" or metric.startswith("bad"):
            return "pixels" if self.bad_denominator == "truth" else "estimated"
        return "pixels"

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


def read_protocol(path: Path) -> BaseProtocol:
    """Read a protocol file.

    Raises
    ------
    DepthbenchError
        If it is absent, not TOML, has an unknown key or a value out of place; the message names the file.
    """
    table = read_toml(path)
    kind: type[BaseProtocol] = lookup(f"task in {path}", str(table.get("task")), KINDS)
    return from_table(kind, table, str(path))


def load_protocol(name: str, set_name: str | None = None) -> BaseProtocol:
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
