# SPDX-License-Identifier: Apache-2.0
"""Export of the evaluated scene: instances, mirrored objects, modifiers, materials, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from truth_blender import run_blender

pytestmark = pytest.mark.render

PRELUDE = """
from mathutils import Matrix
from depthbench.blender_scenes import assembly, mesh
from depthbench.blender_scenes.export import export_scene
from depthbench.blender_scenes.materials import mark
from depthbench.errors import DepthbenchError
from depthbench.layers import SurfaceClass
assembly.reset()
def material(name, surface_class=SurfaceClass.OPAQUE, **more):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    return mark(made, surface_class, **more)
opaque = material("paint")
glass = material("glass", SurfaceClass.TRANSMISSIVE, ior=1.45)
def save(geometry):
    out.update(vertices=geometry.vertices, triangles=geometry.triangles, owner=geometry.triangle_surface,
               normals=geometry.corner_normals,
               names=[s.name for s in geometry.surfaces], ids=[s.id for s in geometry.surfaces],
               classes=[int(s.surface_class) for s in geometry.surfaces], closed=[s.closed for s in geometry.surfaces],
               ior=[s.ior for s in geometry.surfaces], reflective=[s.reflective for s in geometry.surfaces],
               planar=[s.planar for s in geometry.surfaces])
def refused():
    try:
        export_scene()
    except DepthbenchError as error:
        return str(error)
    return "accepted"
"""


def volumes(out: dict[str, np.ndarray]) -> np.ndarray:
    """Signed volume of every surface, by the divergence theorem."""
    a, b, c = out["vertices"][out["triangles"]].transpose(1, 0, 2)
    six = np.einsum("ij,ij->i", a, np.cross(b, c))
    volume: np.ndarray = np.bincount(out["owner"], six, len(out["names"])) / 6
    return volume


def corners_agree(out: dict[str, np.ndarray]) -> bool:
    """Whether every corner normal is a unit vector on the outward side of its triangle."""
    a, b, c = out["vertices"][out["triangles"]].transpose(1, 0, 2)
    along = np.einsum("ij,ikj->ik", np.cross(b - a, c - a), out["normals"])
    return bool((along > 0).all() and np.allclose(np.linalg.norm(out["normals"], axis=2), 1, atol=1e-5))


def test_objects_mirrored_scaled_and_instanced(tmp_path: Path) -> None:
    out = run_blender(
        PRELUDE
        + """
box = assembly.add("b box", mesh.box(1, 2, 3), glass, (10, 0, 0), turn_deg=90)
mirrored = assembly.place("a mirrored", box.data, opaque)
mirrored.matrix_world = Matrix.Translation((0, 5, 0)) @ Matrix.Diagonal((-2, 1, 1, 1))
sheared = assembly.place("c sheared", box.data, opaque)
# only a parent's inverse can hold a shear
sheared.parent = bpy.data.objects.new("nothing", None)
bpy.context.scene.collection.objects.link(sheared.parent)
sheared.matrix_parent_inverse = Matrix(((1, 0.5, 0, 0), (0, 1, 0, 0), (0, 0.3, 2, 0), (0, 0, 0, 1)))
ball = assembly.add("d ball", mesh.sphere(0.5, 24, 12), opaque, smooth=True)
ball.hide_render = True
group = bpy.data.collections.new("group")
group.objects.link(assembly.add("e thing", mesh.sphere(0.5, 24, 12), opaque, (0, 0, 1), smooth=True))
for number, scale in enumerate((1, -3)):
    holder = bpy.data.objects.new(f"holder {number}", None)
    bpy.context.scene.collection.objects.link(holder)
    holder.instance_type, holder.instance_collection = "COLLECTION", group
    holder.location, holder.scale = (20 * number, 0, 0), (1, 1, scale)
save(export_scene())
""",
        tmp_path,
    )
    names = out["names"].tolist()
    assert [name.split(" / ")[0] for name in names] == [
        "a mirrored",
        "b box",
        "c sheared",
        "e thing",
        "e thing",
        "e thing",
    ]
    assert out["ids"].tolist() == [1, 2, 3, 4, 5, 6]
    assert out["closed"].all()
    ball = volumes(out)[3]
    np.testing.assert_allclose(volumes(out), [12, 6, 12, ball, ball, 3 * ball], rtol=1e-6)
    assert corners_agree(out)
    box = out["vertices"][np.unique(out["triangles"][out["owner"] == 1])]
    np.testing.assert_allclose([box.min(axis=0), box.max(axis=0)], [[9, -0.5, 0], [11, 0.5, 3]], atol=1e-6)
    far = out["vertices"][np.unique(out["triangles"][out["owner"] == 5])]
    np.testing.assert_allclose(far.mean(axis=0), [20, 0, -3], atol=1e-5)
    assert out["ior"].tolist() == pytest.approx([1, 1.45, 1, 1, 1, 1])
    assert out["classes"].tolist() == [1, 2, 1, 1, 1, 1]


def test_render_settings_decide_and_are_put_back(tmp_path: Path) -> None:
    """Subdivision levels and visibility are those of the render, not of the viewport; the order of creation is nothing."""
    out = run_blender(
        PRELUDE
        + """
def build(names):
    assembly.reset()
    paint = material("paint")
    for name in names:
        thing = assembly.add(name, mesh.box(1, 1, 1), paint, (ord(name), 0, 0))
        thing.hide_viewport = name == "x"
        thing.visible_camera = name != "z"
        subdivide = thing.modifiers.new("s", "SUBSURF")
        subdivide.levels, subdivide.render_levels = (0, 2) if name == "x" else (2, 0)
        subdivide.show_render = name != "y"
build("xyz")
before = {name: getattr(bpy.context.scene.render, name) for name in ("engine", "resolution_x", "use_compositing")}
save(export_scene())
out["same"] = before == {name: getattr(bpy.context.scene.render, name) for name in before}
out["cameras"] = len(bpy.data.cameras)
build("zyx")
again = export_scene()
out["equal"] = (again.vertices == out["vertices"]).all() and [s.name for s in again.surfaces] == out["names"]
""",
        tmp_path,
    )
    assert out["names"].tolist() == ["x / paint", "y / paint"]
    assert np.bincount(out["owner"]).tolist() == [2 * 6 * 16, 2 * 6]
    assert bool(out["same"])
    assert bool(out["equal"])
    assert int(out["cameras"]) == 0


def test_closed_planar_materials_and_metadata(tmp_path: Path) -> None:
    out = run_blender(
        PRELUDE
        + """
mirror = material("mirror", reflective=True)
screen = material("screen", SurfaceClass.SCREEN)
assembly.add("1 sheet", mesh.sheet(1, 1).rotated("x", 33).rotated("z", 10).moved(3, 4, 5), screen, turn_deg=21)
assembly.add("2 hollow", mesh.join([mesh.sphere(1, 24, 12), mesh.sphere(0.9, 24, 12).flipped()]), glass)
split = assembly.add("3 split", mesh.box(1, 1, 1), mirror)
split.modifiers.new("e", "EDGE_SPLIT").split_angle = 0.1
whole = mesh.box(1, 1, 1)
assembly.add("4 lid off", mesh.Mesh(whole.vertices, (whole.polygons[0][1:],)), glass)
two = assembly.add("5 two", mesh.box(1, 1, 1), glass)
two.data.materials.append(opaque)
two.data.polygons[0].material_index = 1
curve = bpy.data.curves.new("c", "CURVE")
curve.dimensions, curve.bevel_depth = "3D", 0.1
spline = curve.splines.new("POLY")
spline.points.add(1)
spline.points[1].co = (0, 0, 2, 1)
curve.materials.append(opaque)
bpy.context.scene.collection.objects.link(bpy.data.objects.new("6 curve", curve))
nodeless = bpy.data.materials.new("plain")
assembly.add("7 plain", mesh.grid(np.arange(4.0), np.arange(3.0), np.random.default_rng(0).random((3, 4))), nodeless)
save(export_scene())
""",
        tmp_path,
    )
    rows = dict(
        zip(
            out["names"].tolist(),
            zip(*(out[k].tolist() for k in ("closed", "planar", "classes", "reflective")), strict=True),
            strict=True,
        )
    )
    assert rows["1 sheet / screen"] == (False, True, 3, False)
    assert rows["2 hollow / glass"] == (True, False, 2, False)
    assert rows["3 split / mirror"] == (True, False, 1, True)
    assert rows["4 lid off / glass"] == (False, False, 2, False)
    assert rows["5 two / glass"] == (True, False, 2, False)
    assert rows["5 two / paint"] == (True, True, 1, False)
    assert rows["6 curve / paint"][2] == 1
    assert rows["7 plain / plain"] == (False, False, 1, False)


def test_what_cannot_be_told_is_an_error_that_names_it(tmp_path: Path) -> None:
    out = run_blender(
        PRELUDE
        + """
answers = [refused()]
unmarked = bpy.data.materials.new("window pane")
unmarked.use_nodes = True
unmarked.node_tree.nodes["Principled BSDF"].inputs["Transmission Weight"].default_value = 1
culprit = assembly.add("pane", mesh.box(1, 1, 1), unmarked)
answers.append(refused())
mark(unmarked, SurfaceClass.TRANSMISSIVE, 1.5)
answers.append(refused())
culprit.data = assembly.new_mesh("turned", mesh.box(1, 1, 1).flipped())
culprit.data.materials.append(unmarked)
answers.append(refused())
culprit.data.materials.clear()
answers.append(refused())
bpy.data.objects.remove(culprit)
fog = bpy.data.objects.new("fog", bpy.data.volumes.new("fog"))
bpy.context.scene.collection.objects.link(fog)
answers.append(refused())
out["answers"] = answers
""",
        tmp_path,
    )
    empty, pane, good, inside_out, bare, fog = out["answers"].tolist()
    assert "no surface" in empty
    assert "window pane" in pane
    assert "pane / " in pane
    assert good == "accepted"
    assert "pane" in inside_out
    assert "inwards" in inside_out
    assert "'pane' has no material" in bare
    assert "'fog'" in fog
