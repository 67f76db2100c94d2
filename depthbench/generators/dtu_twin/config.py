# SPDX-License-Identifier: Apache-2.0
"""What a set of synthetic scans is: its seed, size, views, lights and quality. How many scans there are is no part of it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.dtu_splits import SPLITS
from depthbench.generators.config_file import recorded_values
from depthbench.generators.dtu_twin.arc import MOST_VIEWS, TRAINING_SIZE
from depthbench.generators.presets import RenderSettings
from depthbench.generators.presets import preset as preset_settings

GENERATOR, GENERATOR_VERSION = "dtu-twin", 1
SCALES = (0.25, 0.5, 1.0)
MOST_LIGHTS = 7
Parts = Literal["all", "train", "test"]


@dataclass(frozen=True)
class DtuTwinConfig:
    """With a scan's number it decides every byte of that scan.

    Attributes
    ----------
    seed : int
    scale : float
        Pixels per side, as a share of DTU's: one of :data:`SCALES`.
    views, lights : int
    parts : str
        ``train`` (Rectified, Depths), ``test`` (scan1/images, the evaluation's files) or ``all``.
    spacing_mm : float
        Of the reference cloud.
    preset, render
        How pictures are traced.
    """

    seed: int
    scale: float
    views: int
    lights: int
    parts: Parts
    spacing_mm: float
    preset: str
    render: RenderSettings

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise DepthbenchError(f"a scale of {self.scale}: DTU's pictures, a half or a quarter of them: {SCALES}")
        if not 2 <= self.views <= MOST_VIEWS or not 1 <= self.lights <= MOST_LIGHTS:
            raise DepthbenchError(f"--views goes from 2 to {MOST_VIEWS}, --lights from 1 to {MOST_LIGHTS}")
        if self.parts not in get_args(Parts):
            raise unknown_name("part", self.parts, get_args(Parts))
        if not 0.05 <= self.spacing_mm <= 10:
            raise DepthbenchError(f"--spacing {self.spacing_mm:g}: between 0.05 and 10 mm")

    @property
    def training(self) -> bool:
        """Whether the training layout is made."""
        return self.parts != "test"

    @property
    def testing(self) -> bool:
        """Whether the testing layout and the evaluation's files are made."""
        return self.parts != "train"

    def to_json(self) -> dict[str, Any]:
        """Return plain data: the content of ``config.json``."""
        return {"generator": GENERATOR, "generator_version": GENERATOR_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> DtuTwinConfig:
        """Undo :meth:`to_json`.

        Raises
        ------
        DepthbenchError
            If a key is missing or unknown, or the version is another.
        """
        values = recorded_values(data, GENERATOR, GENERATOR_VERSION, cls)
        try:
            return cls(**values | {"render": RenderSettings(**values["render"])})
        except TypeError as error:
            raise DepthbenchError(f"the configuration has values that are not this version's: {error}") from error


def make_config(
    *, seed: int, width: int, height: int, views: int, lights: int, parts: str, spacing_mm: float, preset: str, samples: int | None
) -> DtuTwinConfig:  # fmt: skip
    """Resolve what was asked for.

    Raises
    ------
    DepthbenchError
        If a name is unknown or a number out of range.
    """
    sizes = {tuple(round(side * scale) for side in TRAINING_SIZE): scale for scale in SCALES}
    if (width, height) not in sizes:
        known = ", ".join(f"{w}x{h}" for w, h in sizes)
        raise DepthbenchError(
            f"--resolution {width}x{height}: DTU's training pictures are 640x512, a twin's may be smaller: {known}"
        )
    return DtuTwinConfig(
        seed,
        sizes[width, height],
        views,
        lights,
        parts,  # type: ignore[arg-type]
        spacing_mm,
        preset,
        preset_settings(preset, samples),
    )


def parse_scans(text: str) -> list[int]:
    """Return the scans of ``8`` (the first eight), ``2,6,11-14`` (those) or ``train``, ``val``, ``test`` (DTU's splits).

    Raises
    ------
    DepthbenchError
        If the text is none of these.
    """
    if text in SPLITS:
        return list(SPLITS[text])
    if text.isdecimal() and 1 <= int(text) <= 9999:
        return list(range(1, int(text) + 1))
    scans: set[int] = set()
    for word in text.split(","):
        match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", word.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise DepthbenchError(
                f"--scans {text}: give how many (8), or numbers such as 2,6,11-14 (one alone: 6,6), or train, val, test"
            )
        scans |= set(range(first, last + 1))
    return sorted(scans)
