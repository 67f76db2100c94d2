# SPDX-License-Identifier: Apache-2.0
"""The two routes to the truth, ray casting and Cycles, on one small scene with everything in it; the rig's camera."""

from __future__ import annotations

from pathlib import Path

import pytest
from truth_blender import run_blender

pytestmark = pytest.mark.render

SCENE = """
from depthbench.blender_scenes import assembly, mesh
from depthbench.blender_scenes.cycles_layers import compare_routes, cycles_crossings
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.materials import mark
from depthbench.camera import Intrinsics, StereoRig, right_from_left
from depthbench.layers import SurfaceClass
from depthbench.truth.cast import RayCaster
from depthbench.truth.pair import pixel_hits
assembly.reset()
def material(name, surface_class, ior=1.0, node=None):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    if node:
        tree = made.node_tree
        tree.links.new(tree.nodes.new(node).outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    return mark(made, surface_class, ior)
glass = material("glass", SurfaceClass.TRANSMISSIVE, 1.5, "ShaderNodeBsdfGlass")
screen = material("screen", SurfaceClass.SCREEN)
paint = material("paint", SurfaceClass.OPAQUE, node="ShaderNodeEmission")
# the camera looks along +y of the world
pose = np.eye(4)
pose[:3, :3] = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]) @ np.array([[0.995, 0, -0.0998], [0, 1, 0], [0.0998, 0, 0.995]])
pose[:3, :3] = np.linalg.qr(pose[:3, :3])[0] * np.sign(np.diag(np.linalg.qr(pose[:3, :3])[1]))
pose[:3, 3] = (0.0, 0.0, 0.3)
"""


def test_both_routes_agree_on_every_crossing(tmp_path: Path) -> None:
    """Plate, hollow glass, a screen of bars with holes, a sheet, instances with negative scale, glass on a table."""
    out = run_blender(
        SCENE
        + """
assembly.add("plate", mesh.box(1, 0.02, 1).rotated("x", 20), glass, (0.3, 2, 0), 30)
hollow = mesh.join([mesh.sphere(0.4, 48, 24), mesh.sphere(0.38, 48, 24).flipped()])
vase = assembly.add("vase", hollow, glass, (-0.6, 2.5, 0.5), smooth=True)
other = assembly.place("vase mirrored", vase.data, glass, (0.9, 3.5, 0.2))
other.scale = (-1, 0.7, 1.5)
bars = [mesh.box(0.02, 0.02, 1.0).moved(x=x) for x in np.linspace(-0.5, 0.5, 9)]
assembly.add("bars", mesh.join(bars), screen, (-0.3, 1.5, -0.3), 15)
assembly.add("sheet", mesh.sheet(1, 0.7), screen, (0, 1.8, 0.1), -20)
assembly.add("wall", mesh.sheet(40, 40), paint, (0, 6, -10), 25)
assembly.add("floor", mesh.box(40, 40, 0.1), paint, (0, 0, -0.6))
cube = assembly.add("cube", mesh.box(0.4, 0.4, 0.4), paint, (0.3, 4, -0.3), 33)
group = bpy.data.collections.new("group")
group.objects.link(assembly.add("glass block", mesh.box(0.2, 0.2, 0.3), glass, (0.1, 3.0, -0.45), 12))
bpy.context.scene.collection.children.link(group)
for number in range(3):
    holder = bpy.data.objects.new(f"holder {number}", None)
    bpy.context.scene.collection.objects.link(holder)
    holder.instance_type, holder.instance_collection = "COLLECTION", group
    holder.location = (0.37 * number - 0.8, 0.1 * number, 0)
cube.pass_index = 7
state = lambda: [len(m.node_tree.nodes) for m in (glass, screen, paint)] + [
    m.node_tree.get_output_node("CYCLES").name for m in (glass, screen, paint)] + [
    bpy.context.scene.render.engine, bpy.context.scene.cycles.samples, bpy.context.scene.cycles.pixel_filter_type,
    cube.pass_index, len(bpy.context.view_layer.aovs), bpy.context.scene.render.image_settings.file_format]
before = state()
geometry = export_scene()
rig = StereoRig(Intrinsics.centred(96, 64, 80.0), 0.12)
caster = RayCaster(geometry)
poses = [pose, right_from_left(pose, rig.baseline_m)]
names = np.array([s.name.split(" / ")[0] for s in geometry.surfaces])
for eye, (at, crossings) in enumerate(zip(poses, cycles_crossings(rig.intrinsics, poses))):
    hits = pixel_hits(caster, rig, at)
    agreement = compare_routes(hits, crossings.depth_m)
    out[f"agreement{eye}"] = [agreement.within_1e5, agreement.within_1e4, agreement.same_count, agreement.worst]
    first = np.flatnonzero(np.diff(hits.ray, prepend=-1))
    index = np.arange(len(hits.ray)) - np.repeat(first, np.diff(np.append(first, len(hits.ray))))
    row, column = np.divmod(hits.ray, 96)
    out[f"same_object{eye}"] = (np.array(crossings.objects)[crossings.object_index[index, row, column]] == names[hits.surface]).mean()
    out[f"same_side{eye}"] = (crossings.back[index, row, column] == ~hits.entering).mean()
    out[f"crossings{eye}"] = np.bincount(np.isfinite(crossings.depth_m).sum(axis=0).ravel())
out["restored"] = before == state()
""",
        tmp_path,
    )
    for eye in (0, 1):
        within_1e5, within_1e4, same_count, worst = out[f"agreement{eye}"]
        # a pixel on a silhouette may fall to either side in float32
        assert same_count >= 1 - 3 / 6144
        assert within_1e4 >= 1 - 3 / 6144
        assert within_1e5 >= 1 - 6 / 6144
        assert worst < 1e-4
        assert out[f"same_object{eye}"] > 0.999
        assert out[f"same_side{eye}"] > 0.999
        assert len(out[f"crossings{eye}"]) >= 8  # pixels with seven and more crossings are among them
    assert bool(out["restored"])


def test_a_disagreement_is_noticed(tmp_path: Path) -> None:
    """Moving one object by a millimetre after the export must show in the comparison."""
    out = run_blender(
        SCENE
        + """
assembly.add("wall", mesh.sheet(40, 40), paint, (0, 6, -10))
pane = assembly.add("pane", mesh.box(0.6, 0.02, 0.6), glass, (0, 2, 0))
geometry = export_scene()
pane.location.y += 0.001
rig = StereoRig(Intrinsics.centred(48, 32, 40.0), 0.1)
crossings = cycles_crossings(rig.intrinsics, [pose])[0]
agreement = compare_routes(pixel_hits(RayCaster(geometry), rig, pose), crossings.depth_m)
out["numbers"] = [agreement.within_1e4, agreement.worst]
out["through"] = (np.isfinite(crossings.depth_m).sum(axis=0) == 3).mean()
""",
        tmp_path,
    )
    within, worst = out["numbers"]
    assert 0.03 < out["through"] < 0.5
    assert within <= 1 - out["through"] + 0.01
    assert worst == pytest.approx(0.0005, rel=0.1)


def test_camera_puts_integer_coordinates_at_pixel_centres(tmp_path: Path) -> None:
    """Blender's own projection of points, from the corner of the image, is half a pixel off the convention's."""
    out = run_blender(
        """
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.rig_camera import set_camera
from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
assembly.reset()
rng = np.random.default_rng(0)
turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
turn *= np.sign(np.linalg.det(turn))
pose = np.eye(4)
pose[:3, :3], pose[:3, 3] = turn, (1, 2, 3)
worst = 0
for width, height in ((64, 48), (48, 64), (97, 33)):
    intrinsics = Intrinsics(width, height, 70.0, 70.0, width * 0.4, height * 0.55)
    camera = set_camera(intrinsics, pose)
    bpy.context.view_layer.update()
    points = rng.uniform(-1, 1, (50, 3)) + [0, 0, 4]
    expected = intrinsics.project(points)
    for point, (x, y) in zip(points @ turn.T + pose[:3, 3], expected):
        u, v, depth = world_to_camera_view(bpy.context.scene, camera, Vector(point))
        worst = max(worst, abs(u * width - 0.5 - x), abs((1 - v) * height - 0.5 - y))
out["worst"] = worst
out["cameras"] = len(bpy.data.cameras)
try:
    set_camera(Intrinsics(64, 48, 70.0, 71.0, 31.5, 23.5), pose)
except DepthbenchError as error:
    out["message"] = str(error)
""",
        tmp_path,
    )
    assert out["worst"] < 1e-3
    assert int(out["cameras"]) == 1
    assert "square pixels" in str(out["message"])
