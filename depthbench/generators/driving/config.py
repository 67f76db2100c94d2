# SPDX-License-Identifier: Apache-2.0
"""What decides every byte of a folder of driven sequences, and where each of its files lies."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError
from depthbench.generators.config_file import recorded_values
from depthbench.generators.presets import RenderSettings

GENERATOR = "dvps-twin"
GENERATOR_VERSION = 1
"""Raised whenever the same configuration would give other sequences than before."""

CITY = "twin"
VIDEO_FRAMES_APART, FIRST_VIDEO_FRAME = 5, 4
"""As in Cityscapes-DVPS, where a sequence is frames 4, 9, 14, ... of a video."""
VAL_EVERY = 5
"""Every fifth sequence is one of ``val``."""
FOCAL_SHARE = 2262.5 / 2048
"""Focal length over width, that of the cameras of Cityscapes; each sequence is up to 4 % off."""
MOST_FRAMES = 30
IMAGE, PANOPTIC, DEPTH = "leftImg8bit", "gtFine_instanceTrainIds", "depth"


@dataclass(frozen=True)
class DrivingConfig:
    """The identity of a set; with a sequence's and a frame's number it decides every byte of that frame.

    Attributes
    ----------
    seed : int
        0 <= seed < 2^32.
    width, height : int
        Pixels.
    frames : int
        Of a sequence.
    preset : str
        Name of the preset that ``render`` came from.
    render : RenderSettings
    float_depth : bool
        Whether exact depth is written beside the 16-bit one.
    """

    seed: int
    width: int
    height: int
    frames: int
    preset: str
    render: RenderSettings
    float_depth: bool = False

    def __post_init__(self) -> None:
        if not (32 <= self.width <= 8192 and 32 <= self.height <= 8192):
            raise DepthbenchError(f"--resolution {self.width}x{self.height}: each side must be 32 to 8192 pixels")
        if not 1 <= self.frames <= MOST_FRAMES:
            raise DepthbenchError(f"--frames {self.frames}: a sequence has 1 to {MOST_FRAMES} frames")

    def to_json(self) -> dict[str, Any]:
        """Return plain data: the content of ``config.json``."""
        return {"generator": GENERATOR, "generator_version": GENERATOR_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> DrivingConfig:
        """Undo :meth:`to_json`.

        Raises
        ------
        DepthbenchError
            If a key is missing or unknown, or the version is another.
        """
        data = recorded_values(data, GENERATOR, GENERATOR_VERSION, cls)
        try:
            return cls(**data | {"render": RenderSettings(**data["render"])})
        except TypeError as error:
            raise DepthbenchError(f"the configuration has values that are not this version's: {error}") from error

    def entropy(self, sequence: int) -> list[int]:
        """Return the entropy of a sequence's random numbers, apart from those of other generators of the same seed."""
        return [self.seed, sequence, 0x64727665]


def split_of(sequence: int) -> str:
    """Return ``train`` or ``val``; no sequence changes its split when others are added."""
    return "val" if sequence % VAL_EVERY == VAL_EVERY - 1 else "train"


def stem(config: DrivingConfig, sequence: int, frame: int) -> str:
    """Return the beginning of a frame's file names: sequence, image, city, sequence in the city, frame of the video."""
    image = sequence * config.frames + frame
    video = FIRST_VIDEO_FRAME + VIDEO_FRAMES_APART * frame
    return f"{sequence:06d}_{image:06d}_{CITY}_{sequence:06d}_{video:06d}"


@dataclass(frozen=True)
class FramePaths:
    """Where the files of a frame lie; the record is written last, so that a frame is there when it is."""

    image: Path
    panoptic: Path
    depth: Path
    record: Path
    float_depth: Path


def paths(folder: Path, config: DrivingConfig, sequence: int, frame: int) -> FramePaths:
    """Return where the files of a frame lie in a folder."""
    name, split = stem(config, sequence, frame), split_of(sequence)
    video, extra = folder / "video_sequence" / split, folder / "frames" / split
    return FramePaths(
        video / f"{name}_{IMAGE}.png",
        video / f"{name}_{PANOPTIC}.png",
        video / f"{name}_{DEPTH}.png",
        extra / f"{name}.json",
        extra / f"{name}_{DEPTH}.pfm",
    )


def missing_frames(folder: Path, config: DrivingConfig, sequence: int) -> tuple[int, ...]:
    """Return the frames of a sequence that the folder lacks."""
    return tuple(frame for frame in range(config.frames) if not paths(folder, config, sequence, frame).record.is_file())
