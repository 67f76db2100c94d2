# SPDX-License-Identifier: Apache-2.0
"""What decides the stacks of a set: with a frame of the source, every byte of its stack."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.config_file import recorded_values
from depthbench.generators.focal.cameras import CameraPreset, camera_preset, with_numbers
from depthbench.generators.focal.planes import FocusPlanes
from depthbench.generators.focal.spread import PSFS
from depthbench.generators.sensors import sensor

GENERATOR = "focal-stack"
GENERATOR_VERSION = 1
"""Raised whenever the same configuration would give other stacks than before."""

RENDERERS = ("layered", "reference", "cycles")


@dataclass(frozen=True)
class FocalConfig:
    """The identity of a set of stacks.

    Attributes
    ----------
    source : str
        Kind of the source of pictures and depth.
    planes : FocusPlanes
    camera : str
        Name of a preset.
    focal_m, f_number, pitch_m : float or None
        Instead of the preset's.
    fov_deg : float or None
        Horizontal field of view of pictures that come without intrinsics.
    depth_unit_m : float or None
        Metres per unit of the source's depth files; None: what the source's kind says.
    split : str
        Part of the source, where it has parts.
    renderer : str
        ``layered``, ``reference`` or ``cycles``.
    psf : str
        ``disk`` or ``gauss``, for ``layered``.
    breathing : float
        Share of the change of magnification that focusing this lens brings; 0 none, 1 all of it.
    misalign_px : float
        Standard deviation of each picture's shift, and of what its rotation moves the corners by.
    noise : str
        Name in :data:`depthbench.generators.sensors.SENSORS`.
    bits : int
        8 or 16.
    samples : int or None
        Paths per pixel of ``cycles``; None: those of the layered set.
    seed : int
        Of noise and misalignment.

    Raises
    ------
    DepthbenchError
        If a value is none of these.
    """

    source: str
    planes: FocusPlanes = field(default_factory=FocusPlanes)
    camera: str = "hybriddepth-nyu"
    focal_m: float | None = None
    f_number: float | None = None
    pitch_m: float | None = None
    fov_deg: float | None = None
    depth_unit_m: float | None = None
    split: str = "all"
    renderer: str = "layered"
    psf: str = "disk"
    breathing: float = 0.0
    misalign_px: float = 0.0
    noise: str = "off"
    bits: int = 8
    samples: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for kind, name, known in (("renderer", self.renderer, RENDERERS), ("psf", self.psf, PSFS)):
            if name not in known:
                raise unknown_name(kind, name, known)
        if self.renderer != "layered" and self.psf != "disk":
            raise DepthbenchError(f"the renderer {self.renderer} has one psf, its own; --psf is for layered")
        if self.renderer == "cycles" and self.source != "layered":
            raise DepthbenchError("--renderer cycles renders the scenes of a layered set again: give --from layered")
        if self.samples is not None and (self.renderer != "cycles" or self.samples < 1):
            raise DepthbenchError(f"--samples {self.samples}: paths per pixel of --renderer cycles, at least 1")
        sensor(self.noise)
        camera_preset(self.camera)
        if self.bits not in (8, 16):
            raise DepthbenchError(f"{self.bits} bits: pictures have 8 or 16")
        if self.fov_deg is not None and not 1 <= self.fov_deg <= 170:
            raise DepthbenchError(f"a field of view of {self.fov_deg:g} degrees: 1 to 170")
        for name, value, most in (("breathing", self.breathing, 10), ("misalignment", self.misalign_px, 100)):
            if not 0 <= value <= most:
                raise DepthbenchError(f"{name} of {value:g}: 0 to {most}")
        if not 0 <= self.seed < 2**32:
            raise DepthbenchError(f"the seed is {self.seed}, not from 0 to 2^32 - 1")

    @property
    def preset(self) -> CameraPreset:
        """The camera, with numbers of one's own."""
        return with_numbers(camera_preset(self.camera), self.focal_m, self.f_number, self.pitch_m)

    def to_json(self) -> dict[str, Any]:
        """Return plain data: the content of ``config.json``."""
        values = asdict(self)
        far = values["planes"]["far_m"]
        values["planes"] |= {"far_m": "inf" if far == float("inf") else far, "list_m": list(self.planes.list_m)}
        return {"generator": GENERATOR, "generator_version": GENERATOR_VERSION, **values}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FocalConfig:
        """Undo :meth:`to_json`.

        Raises
        ------
        DepthbenchError
            If a key is missing or unknown, or the version is another.
        """
        data = recorded_values(data, GENERATOR, GENERATOR_VERSION, cls)
        try:
            planes = dict(data["planes"])
            planes |= {"far_m": float(planes["far_m"]), "list_m": tuple(planes["list_m"])}
            return cls(**data | {"planes": FocusPlanes(**planes)})
        except (TypeError, ValueError, KeyError) as error:
            raise DepthbenchError(f"the configuration has values that are not this version's: {error}") from error
