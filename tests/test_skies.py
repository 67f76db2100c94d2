# SPDX-License-Identifier: Apache-2.0
"""Skies give the irradiance that they promise, measured by rendering a white plane under them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from truth_blender import run_blender

pytestmark = pytest.mark.render

WEATHERS = ("clear", "hazy", "low_sun", "blue_hour", "overcast")

LOOK = """
import json
from depthbench.blender_scenes import assembly, mesh, skies
from depthbench.blender_scenes.nodes import Shader
from depthbench.blender_scenes.render import render_linear, configure, use_device
from depthbench.blender_scenes.rig_camera import set_camera
from depthbench.camera import Intrinsics
from depthbench.generators.presets import preset

found = {}
for weather in WEATHERS:
    measured = []
    for seed in (1, 2):
        assembly.reset()
        shader = Shader("white")
        white = shader.finish(shader.add("BsdfDiffuse", {"Color": (1.0, 1.0, 1.0)}))
        assembly.add("plane", mesh.box(30.0, 30.0, 0.1), white, (0.0, 0.0, -0.1))
        rng = np.random.default_rng(seed)
        sky = skies.draw(rng, weather)
        skies.add(rng, sky)
        use_device("CPU", 2)
        configure(preset("preview", 32), lambda: None)
        down = np.diag([1.0, -1.0, -1.0, 1.0])
        down[2, 3] = 3.0
        set_camera(Intrinsics.centred(16, 16, 16.0), down)
        light = render_linear(1).linear.reshape(-1, 3).mean(axis=0)
        asked = sky.sky_w_m2 + sky.sun_w_m2
        measured.append((float(np.pi * light @ [0.2126, 0.7152, 0.0722]) / asked, (light / light[1]).tolist()))
    found[weather] = measured
out["found"] = json.dumps(found)
"""


def test_irradiance_of_open_ground_is_what_was_asked_for(tmp_path: Path) -> None:
    found = json.loads(str(run_blender(f"WEATHERS = {WEATHERS!r}\n" + LOOK, tmp_path)["found"]))
    for weather, measured in found.items():
        for ratio, colour in measured:
            # Clouds brighten or darken a sky; a blue hour's table is coarse.
            assert 0.7 < ratio < 1.45, (weather, ratio)
            warm = colour[0] / colour[2]
            assert warm < 0.8 if weather == "blue_hour" else 0.6 < warm < 2.5, (weather, colour)
    assert np.ptp([ratio for ratio, _ in found["overcast"]]) < 0.15
