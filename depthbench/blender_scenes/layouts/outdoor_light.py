# SPDX-License-Identifier: Apache-2.0
"""Light outdoors: a sky by weather and hour, and how bright the lamps of shops and streets are against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depthbench.blender_scenes import skies


@dataclass(frozen=True)
class Mood:
    """A sky; whether street lamps burn; what light shops give their floors and the share of lit windows; lamps' colour."""

    sky: skies.Sky
    lamps_on: bool
    shop_w_m2: float
    lit_windows: float
    lamp_k: float


def draw(rng: np.random.Generator, sun_from_deg: float | None = None) -> Mood:
    """Draw a sky and lamps to go with it; ``sun_from_deg`` is the azimuth about which the sun stands."""
    azimuth = None if sun_from_deg is None else sun_from_deg + float(rng.uniform(-75, 75))
    sky = skies.draw(rng, azimuth_deg=azimuth)
    kelvin = float(rng.uniform(2700, 4000))
    day = sky.sky_w_m2 + sky.sun_w_m2
    if sky.weather == "blue_hour":
        return Mood(sky, True, float(rng.uniform(2.0, 4.0)), float(rng.uniform(0.25, 0.5)), kelvin)
    dim = sky.weather in ("overcast", "low_sun")
    share = float(rng.uniform(0.3, 0.5)) if dim else float(rng.uniform(0.22, 0.36))
    return Mood(sky, False, share * day, float(rng.uniform(0.05, 0.15)) if dim else 0.0, kelvin)
