# SPDX-License-Identifier: Apache-2.0
"""What decides the samples of the stream, and the numbers that the published generator fixes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.config_file import recorded_values
from depthbench.generators.odms.random_numbers import SPLITS

GENERATOR = "odms"
GENERATOR_VERSION = 1
"""Raised whenever the same configuration would give other samples than before."""

ROWS, COLUMNS = 480, 640
"""Size of a mask, pixels."""
REDUCED = 112
"""Rows and columns of a mask as a network sees it."""

NEAREST_M, FARTHEST_M, LEAST_MOVE_M = 0.1, 0.7, 0.1
"""Range of the camera's distances, and the least way from the first to the last of them."""
UNIT_DISTANCE_M = 0.1
"""Where an object appears in its drawn size; seen from z it is ``UNIT_DISTANCE_M / z`` times as large."""

SIZES_PX = (100, 200, 300, 400)
RADII = (0.01, 0.05, 0.2, 0.5)
ROTATIONS = (0.01, 0.05, 0.2)
FEWEST_POINTS, MOST_POINTS = 3, 10
SAMPLES_PER_CURVE = 2000

RULES = ("reference", "paper")
DIFFERENCES = {
    "points": (
        "drawn anew, 200 times at most, until all neighbours but the last pair are far enough apart",
        "uniform in the square, taken as they come",
    ),
    "control points": (
        "on a tangent that blends the directions of the two chords that meet, so that the contour is smooth",
        "on the chord turned by arctan(rho) about its end",
    ),
    "reduced masks": (
        "the share of each cell that is covered, 0 to 255",
        "0 or 255, whichever is nearer to that share",
    ),
}
"""Where the public generator (``reference``) does not do what its paper says (``paper``): what -> (reference, paper)."""

AUGMENTATIONS = {
    "missing": "a part of the object is missing, another one in each of some masks",
    "background": "something beside the object is taken for part of it in some masks",
    "wrong": "some masks show another object",
    "jitter": "the object does not stay in the middle, as after camera pan and tilt",
    "rotation": "the camera turns about its axis from mask to mask",
    "moving": "the object moves aside and along the axis while the camera comes; the truth is where it ends",
}
"""Name -> what it does; none is part of the published generator."""


@dataclass(frozen=True)
class OdmsConfig:
    """The identity of a stream or of a fixed set; with a sample's number it decides every byte of that sample.

    Attributes
    ----------
    seed : int
        0 <= seed < 2^63.
    split : str
        train, val or test; samples of one are never among those of another.
    observations : int
        Masks of a sample, at least 2.
    rules : str
        One of :data:`RULES`: what the public generator does, or what its paper says; see :data:`DIFFERENCES`.
    perturb : bool
        Dilate or erode each mask at random (equation 20). The objects and distances are those of the unperturbed set.
    augment : tuple of str
        Names in :data:`AUGMENTATIONS`.

    Raises
    ------
    DepthbenchError
        If a value is none of these.
    """

    seed: int = 0
    split: str = "train"
    observations: int = 10
    rules: str = "reference"
    perturb: bool = False
    augment: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for kind, name, known in (
            ("split", self.split, SPLITS),
            ("rules", self.rules, RULES),
            *(("augmentation", name, AUGMENTATIONS) for name in self.augment),
        ):
            if name not in known:
                raise unknown_name(kind, name, known)
        if not 0 <= self.seed < 2**63:
            raise DepthbenchError(f"the seed is {self.seed}, not from 0 to 2^63 - 1")
        if not 2 <= self.observations <= 1000:
            raise DepthbenchError(f"{self.observations} observations: 2 to 1000 make an example")
        if len(set(self.augment)) < len(self.augment):
            raise DepthbenchError(f"an augmentation stands twice in {', '.join(self.augment)}")

    def to_json(self) -> dict[str, Any]:
        """Return plain data: the content of ``config.json``."""
        values = asdict(self) | {"augment": list(self.augment)}
        return {"generator": GENERATOR, "generator_version": GENERATOR_VERSION, **values}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> OdmsConfig:
        """Undo :meth:`to_json`.

        Raises
        ------
        DepthbenchError
            If a key is missing or unknown, or the version is another.
        """
        data = recorded_values(data, GENERATOR, GENERATOR_VERSION, cls)
        try:
            return cls(**data | {"augment": tuple(data["augment"])})
        except TypeError as error:
            raise DepthbenchError(f"the configuration has values that are not this version's: {error}") from error
