# SPDX-License-Identifier: Apache-2.0
"""What making pairs has been measured to cost, on machines that are named, and what that says of other settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean

from depthbench.formats.toml_file import read_toml
from depthbench.generators.presets import RenderSettings
from depthbench.generators.set_config import SetConfig

FILE = Path(__file__).with_name("measured.toml")


@dataclass(frozen=True)
class Run:
    """Seconds of one pair with these settings, see ``measured.toml``."""

    environment: str
    width: int
    height: int
    samples: int
    adaptive_threshold: float
    tracer_s: float
    other_s: float


@dataclass(frozen=True)
class Machine:
    """A machine on which it was measured; ``source`` says where that is told."""

    name: str
    source: str
    cores: int
    scene_s: float
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Size:
    """Bytes of one pair in a shard."""

    environment: str
    width: int
    height: int
    bytes_per_pair: int
    source: str


@dataclass(frozen=True)
class Measured:
    """All that was measured."""

    machines: tuple[Machine, ...]
    sizes: tuple[Size, ...]


@cache
def measured() -> Measured:
    """Read ``measured.toml``."""
    data = read_toml(FILE)
    machines = (Machine(**(table | {"runs": tuple(Run(**run) for run in table["runs"])})) for table in data["machines"])
    return Measured(tuple(machines), tuple(Size(**size) for size in data["sizes"]))


def pair_s(machine: Machine, render: RenderSettings, width: int, height: int) -> tuple[float, str]:
    """Return the seconds of a pair with one worker on all cores, and which runs that rests on.

    Runs with the same samples and threshold are taken as they are, but for the number of pixels. Where there is none, runs that
    take every path are scaled by their number too; adaptive sampling then needs no more than that.
    """
    settings = render.samples, render.adaptive_threshold
    runs = [run for run in machine.runs if (run.samples, run.adaptive_threshold) == settings]
    scaled = not runs
    if scaled:
        runs = [run for run in machine.runs if run.adaptive_threshold == 0]
    seconds = []
    for run in runs:
        pixels = width * height / (run.width * run.height)
        paths = render.samples / run.samples
        seconds.append(pixels * (run.tracer_s * paths + run.other_s))
    names = ", ".join(f"{run.environment} {run.width}x{run.height} {run.samples} samples" for run in runs)
    bound = (
        "at most; scaled by pixels and samples from"
        if render.adaptive_threshold
        else "scaled by pixels and samples from"
    )
    return fmean(seconds), f"{bound if scaled else 'scaled by pixels from'} {names}"


def pair_bytes(config: SetConfig) -> tuple[float, str]:
    """Return the bytes of a pair on the disk, scaled by pixels, and what that rests on."""
    sizes = measured().sizes
    per_pixel = fmean(size.bytes_per_pair / (size.width * size.height) for size in sizes)
    names = ", ".join(f"{size.environment} {size.width}x{size.height}" for size in sizes)
    return per_pixel * config.width * config.height, f"scaled by pixels from {names}"
