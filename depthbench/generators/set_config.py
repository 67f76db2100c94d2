# SPDX-License-Identifier: Apache-2.0
"""What every kind of generated set tells the machinery that they share (plan, run, shards, verify, replay).

A set is made of scenes, a scene of views; samples are numbered through all views of scene 0, then those of scene 1. To add a
kind: a frozen dataclass that derives from :class:`SetConfig`, a builder of its scenes, and one line in :data:`KINDS`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.json_file import read_json
from depthbench.generators.config_file import CONFIG_FILE, recorded_values
from depthbench.generators.draws import scene_entropy
from depthbench.generators.presets import RenderSettings
from depthbench.registry import load_object

KINDS = {
    "layered": "depthbench.generators.layered_config:LayeredConfig",
    "twin": "depthbench.generators.twin_config:TwinConfig",
    "plates": "depthbench.generators.plates:PlatesConfig",
}
"""Generator, as ``config.json`` names it -> the class of its configuration."""


@dataclass(frozen=True)
class SetConfig(ABC):
    """The identity of a generated set: with a sample's number it decides every byte of that sample.

    Attributes
    ----------
    generator : str
        Name in :data:`KINDS`, and of the command that makes such sets.
    generator_version : int
        Raised whenever the same configuration would give other samples than before.
    builder : str
        ``package.module:function`` that builds a scene in Blender: called with the configuration, the scene's number, the
        worker's context and a clock, it returns a :class:`depthbench.blender_scenes.built_scene.SceneOfSet`.
    every_view : bool
        Whether a scene's shard must hold all views up to its last; False where they are chosen.
    seed : int
        0 <= seed < 2^32.
    width, height : int
        Of the images, pixels.
    preset : str
        Name of the preset that ``render`` came from.
    render : RenderSettings
        How pictures are traced, the asked number of samples included.
    gt_bits : int
        Binary digits of a pixel kept in disparities, see :mod:`depthbench.formats.shard`.
    """

    generator: ClassVar[str]
    generator_version: ClassVar[int]
    builder: ClassVar[str]
    every_view: ClassVar[bool] = True

    seed: int
    width: int
    height: int
    preset: str
    render: RenderSettings
    gt_bits: int = field(default=13, kw_only=True)

    @abstractmethod
    def environment(self, scene: int) -> str:
        """Return the short name of a scene's environment."""

    @abstractmethod
    def first_sample(self, scene: int) -> int:
        """Return the number of a scene's view 0."""

    def views(self, scene: int) -> range:
        """Return all views of a scene."""
        return range(self.first_sample(scene + 1) - self.first_sample(scene))

    def entropy(self, scene: int) -> list[int]:
        """Return the entropy of a scene's random numbers, of which those of its views are continuations."""
        return scene_entropy(self.seed, scene)

    @abstractmethod
    def see_through_views(self, n: int) -> int:
        """Return how many of the first ``n`` samples are to show something see-through, as far as is known beforehand."""

    def sample_id(self, scene: int, view: int) -> str:
        """Return a sample's name; its last part, after a ``-``, is the number of the view."""
        return f"{self.environment(scene)}-{scene:06d}-{view:04d}"

    def check_sources(self, folder: str | Path) -> None:  # noqa: B027
        """Raise DepthbenchError where something outside the configuration, on which ``folder`` depends, has changed."""

    @staticmethod
    def encoded(values: dict[str, Any]) -> dict[str, Any]:
        """Return the fields' values as JSON knows them."""
        return values

    @staticmethod
    def decoded(values: dict[str, Any]) -> dict[str, Any]:
        """Undo :meth:`encoded`; TypeError, ValueError or ZeroDivisionError where that cannot be."""
        return values

    def to_json(self) -> dict[str, Any]:
        """Return plain data; with the generator and its version it is the content of ``config.json``."""
        values = self.encoded(asdict(self))
        data = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
        return {"generator": self.generator, "generator_version": self.generator_version, **data}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo :meth:`to_json`.

        Raises
        ------
        DepthbenchError
            If a key is missing or unknown, or the version is another.
        """
        data = recorded_values(data, cls.generator, cls.generator_version, cls)
        try:
            data = cls.decoded(data | {"render": RenderSettings(**data["render"])})
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise DepthbenchError(f"the configuration has values that are not this version's: {error}") from error
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        return cls(**values)


def config_from_json(data: dict[str, Any]) -> SetConfig:
    """Return the configuration of whatever kind it is.

    Raises
    ------
    DepthbenchError
        If the kind is unknown, or the configuration is not of this version.
    """
    kind = str(data.get("generator"))
    if kind not in KINDS:
        raise unknown_name("generator", kind, KINDS)
    config: SetConfig = load_object(KINDS[kind]).from_json(data)
    return config


def load_config(folder: str | Path) -> SetConfig:
    """Read the configuration of a generated folder.

    Raises
    ------
    DepthbenchError
        If the folder holds none, or one of another version, or what it depends on has changed since.
    """
    path = Path(folder) / CONFIG_FILE
    if not path.is_file():
        raise DepthbenchError(
            f"{path}: no such file; is {folder} made by `depthbench generate layered --out {folder}`?"
        )
    data = read_json(path)
    if not isinstance(data, dict):
        raise DepthbenchError(f"{path}: not a configuration")
    try:
        config = config_from_json(data)
    except DepthbenchError as error:
        raise DepthbenchError(f"{path}: {error}") from error
    config.check_sources(folder)
    return config
