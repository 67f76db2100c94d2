# SPDX-License-Identifier: Apache-2.0
"""What cameras add to the traced light: the presets `off`, `mild` and `strong` as plain data, without Blender."""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.errors import unknown_name


@dataclass(frozen=True)
class SensorSettings:
    """A pair of cameras; part of a sample's identity. :mod:`depthbench.blender_scenes.sensor` applies it.

    Attributes
    ----------
    name : str
        Of the preset.
    electrons : float
        Gathered by a pixel for light 1.0 after exposure; the fewer, the more shot noise.
    read_electrons : float
        Standard deviation of the noise that is there without light.
    vignette : float
        0 none to 1: the whole fall of light with the fourth power of the cosine of the field angle.
    exposure_stops : float
        Largest difference of exposure between the eyes, in powers of two.
    colour_stops : float
        Largest difference between the eyes of any channel against the mean of the three, in powers of two.
    barrel : float
        Largest share by which a lens draws the picture's corners towards its middle before they are rectified; below 4/27.
    """

    name: str
    electrons: float
    read_electrons: float
    vignette: float
    exposure_stops: float
    colour_stops: float
    barrel: float


SENSORS: dict[str, SensorSettings | None] = {
    "off": None,
    "mild": SensorSettings("mild", 9000.0, 6.0, 0.4, 0.1, 0.03, 0.04),
    "strong": SensorSettings("strong", 1200.0, 6.0, 1.0, 0.4, 0.1, 0.12),
}
"""`mild` is a good camera by day (2.6 % noise on middle grey), `strong` a small one indoors (7.6 %)."""


def sensor(name: str) -> SensorSettings | None:
    """Return a preset; None is a camera without faults.

    Raises
    ------
    DepthbenchError
        If the preset is unknown.
    """
    if name not in SENSORS:
        raise unknown_name("sensor", name, SENSORS)
    return SENSORS[name]
