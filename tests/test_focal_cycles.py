# SPDX-License-Identifier: Apache-2.0
"""Stacks through Cycles' aperture: a point becomes the disc that the lens says, and the other renderers' pictures agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_generate_layered import SMALL, command, depthbench, run
from truth_blender import run_blender

from depthbench.generators.focal import srgb
from depthbench.generators.focal.check import verify_stacks
from depthbench.generators.focal.film import light_of, shown
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.stack_set import stored

pytestmark = pytest.mark.render

POINT = """
import bpy
from depthbench.blender_scenes import assembly, mesh
from depthbench.blender_scenes.focal_scene import open_aperture
from depthbench.blender_scenes.render import configure, render_linear, use_device
from depthbench.blender_scenes.rig_camera import set_camera
from depthbench.camera import Intrinsics
from depthbench.generators.presets import preset
from dataclasses import replace

assembly.reset()
glow = bpy.data.materials.new("glow")
glow.use_nodes = True
tree = glow.node_tree
tree.nodes.clear()
light, end = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
tree.links.new(light.outputs[0], end.inputs[0])
bpy.ops.mesh.primitive_uv_sphere_add(radius=0.08, location=(0, 0, 2.0))
bpy.context.object.data.materials.append(glow)
if bpy.context.scene.world:
    bpy.context.scene.world.use_nodes = False
    bpy.context.scene.world.color = (0, 0, 0)
use_device("CPU", 1)
configure(replace(preset("preview", 256), denoiser_quality="OFF"), lambda: None)
set_camera(Intrinsics.centred(48, 48, 60.0), np.eye(4))
for name, focus_m, aperture_m in (("sharp", 2.0, 0.3), ("near", 1.0, 0.3), ("far", 1e6, 0.2)):
    open_aperture(focus_m, aperture_m)
    out[name] = render_linear(1).linear[..., 0]
"""


def test_a_point_becomes_the_disc_of_the_thin_lens(tmp_path: Path) -> None:
    """Second moments of the blurred glow, less those of the sharp one: a quarter of the squared radius along each axis."""
    out = run_blender(POINT, tmp_path)

    def moments(image: np.ndarray) -> np.ndarray:
        at = np.arange(48) - 23.5
        weight = image / image.sum()
        return np.array([(weight.sum(axis) * at**2).sum() for axis in (0, 1)])

    for name, focus_m, aperture_m in (("near", 1.0, 0.3), ("far", np.inf, 0.2)):
        f = 1e-5  # so short that the field of view does not depend on the focus
        radius = ThinLens(f, f / aperture_m, f / 60.0).diameter_px(2.0, focus_m) / 2
        np.testing.assert_allclose(moments(out[name]) - moments(out["sharp"]), radius**2 / 4, rtol=0.06)


def test_samples_of_a_layered_set_are_traced_again(tmp_path: Path) -> None:
    done = run(command(tmp_path / "set", "--samples", "24", "--resolution", "64x48", n=1))
    assert done.returncode == 0, done.stderr
    lens = ("--focal-mm", "20", "--f-number", "0.5", "--pitch-um", "100", "--focus-m", "0.9,1.6,4")

    def stacks(renderer: str, *more: str) -> list:
        words = ("--from", "layered", "--root", tmp_path / "set", "--renderer", renderer, *lens, *more)
        done = depthbench("generate", "focal-stack", *words, "--out", tmp_path / renderer)
        assert done.returncode == 0, done.stderr
        return [shard.read(index) for shard, index in stored(tmp_path / renderer)]

    [traced], [ours], [published] = stacks("cycles", "--device", "CPU"), stacks("layered"), stacks("reference")
    assert traced.meta["measured"]["widest_radius_px"] > 2
    np.testing.assert_array_equal(traced.depth_m, ours.depth_m)
    assert not (tmp_path / "cycles" / "staging").exists()

    def error(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.sqrt(np.square(one / 255.0 - other / 255.0)[4:-4, 4:-4].mean()))

    blurred = int(np.argmax([error(traced.all_in_focus, picture) for picture in traced.stack]))
    wrong = {
        "pinhole": error(traced.all_in_focus, traced.stack[blurred]),
        "published": error(published.stack[blurred], traced.stack[blurred]),
        "ours": error(ours.stack[blurred], traced.stack[blurred]),
    }
    assert wrong["ours"] < 0.75 * wrong["published"] < wrong["pinhole"], wrong
    assert verify_stacks(tmp_path / "cycles", None) == (1, 1, [])


def test_the_film_can_be_undone() -> None:
    codes = np.arange(255, dtype=np.uint8)
    light = light_of(srgb.decode(codes))
    np.testing.assert_array_equal(srgb.encode_8_bit(shown(light)), codes)
    from depthbench.blender_scenes.tone import tone_map

    grey = np.linspace(0, 4, 50, dtype=np.float32)[:, None, None].repeat(3, 2)
    np.testing.assert_array_equal(tone_map(grey, 1.0), np.rint(255 * srgb.encode(shown(grey))).astype(np.uint8))


def test_what_cannot_be_traced_again_is_told(tmp_path: Path) -> None:
    done = run(command(tmp_path / "set", "--sensor", "mild", n=1, scenes=SMALL))
    assert done.returncode == 0, done.stderr
    words = ("--from", "layered", "--root", tmp_path / "set", "--renderer", "cycles", "--out", tmp_path / "out")
    done = depthbench("generate", "focal-stack", *words)
    assert done.returncode == 2
    assert "made with --sensor" in done.stderr
    done = depthbench(
        "generate", "focal-stack", "--from", "nyu", "--renderer", "cycles", "--root", ".", "--out", tmp_path / "x"
    )
    assert "give --from layered" in done.stderr
