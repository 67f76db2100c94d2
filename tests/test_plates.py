# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate plates``: the plan, real small renders, and what lets exactly so much light through."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from truth_blender import run_blender

from depthbench.errors import DepthbenchError
from depthbench.formats.shard import LayeredRecord, ShardReader
from depthbench.generators.plan import asked_views
from depthbench.generators.plates import (
    CONDITIONS,
    CONFIGURATIONS,
    PAIRS,
    THEMES,
    PlatesConfig,
    divide_view,
    make_config,
)
from depthbench.generators.set_config import config_from_json
from depthbench.layers import SurfaceClass

TINY = ("--resolution", "72x48", "--preset", "preview", "--samples", "2", "--device", "CPU")


def config(**changes: object) -> PlatesConfig:
    """A small set."""
    asked = {"seed": 3, "width": 72, "height": 48, "preset": "preview", "samples": 2, "gt_bits": 13}
    return make_config(**(asked | changes))  # type: ignore[arg-type]


def test_180_pairs_are_5_scenes_of_12_configurations_in_3_conditions() -> None:
    views = [(scene, view) for scene, some in asked_views(config(), PAIRS) for view in some]
    assert len(views) == 180
    cells = {(scene, *divide_view(view)) for scene, view in views}
    assert cells == {(s, c, k) for s in range(5) for c in range(12) for k in ("none", "t80", "t60")}
    ids = [config().sample_id(scene, view) for scene, view in views]
    assert len(set(ids)) == 180
    assert ids[0] == "books_c00_none-000000-0000"
    assert ids[-1] == "plants_c11_t60-000004-0035"
    assert all(int(name.rpartition("-")[2]) == view for name, (_, view) in zip(ids, views, strict=True))
    assert (len(THEMES), CONFIGURATIONS, tuple(CONDITIONS)) == (5, 12, ("none", "t80", "t60"))


def test_the_configuration_survives_json_and_refuses_what_cannot_be() -> None:
    made = config(samples=9, gt_bits=20)
    assert config_from_json(json.loads(json.dumps(made.to_json()))) == made
    with pytest.raises(DepthbenchError, match="--resolution 8x48"):
        config(width=8)
    with pytest.raises(DepthbenchError, match="did you mean preview"):
        config(preset="previw")


def test_no_seed_of_another_set_gives_its_random_numbers() -> None:
    from depthbench.generators.draws import scene_entropy

    assert config().entropy(2) != scene_entropy(3, 2)
    assert config().entropy(2)[:2] == [3, 2]


def command(out: Path, *more: str) -> list[str]:
    """Return the command line that fills ``out``."""
    return [sys.executable, "-m", "depthbench", "generate", "plates", "--out", str(out), *TINY, *more]


def depthbench(*words: object) -> subprocess.CompletedProcess[str]:
    """Run any depthbench command."""
    return subprocess.run(
        [sys.executable, "-m", "depthbench", *map(str, words)], capture_output=True, text=True, timeout=300
    )


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first configuration, in its three conditions."""
    folder = tmp_path_factory.mktemp("plates") / "set"
    done = subprocess.run(command(folder, "--limit", "3"), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "still to be made: 177" in done.stdout
    return folder


def records(folder: Path) -> list[LayeredRecord]:
    """Every sample of the first scene."""
    with ShardReader(folder / "shards" / "scene-000000.h5") as reader:
        return [reader.read(index) for index in range(len(reader))]


@pytest.mark.render
def test_behind_the_plate_is_the_plate_free_truth_byte_for_byte(whole: Path) -> None:
    """Disparity, surface, class and visibility; before it the plate and nothing else. The three pictures share all but it."""
    none, *covered = records(whole)
    assert [none.meta["condition"], *(made.meta["condition"] for made in covered)] == list(CONDITIONS)
    for eye in ("left", "right"):
        plain = getattr(none, eye).layers
        assert (plain.count == 1).all()
        for made in covered:
            layers = getattr(made, eye).layers
            last = layers.last_index()[None]
            for name in ("disp_px", "surface_id", "surface_class", "visibility"):
                behind = np.take_along_axis(getattr(layers, name), last, axis=0)[0]
                assert behind.tobytes() == getattr(plain, name)[0].tobytes(), name
            plate = layers.see_through
            assert 0.08 <= plate.mean() <= 0.75
            assert (layers.count == 1 + plate).all()
            assert (layers.surface_class[0][plate] == SurfaceClass.TRANSMISSIVE).all()
            assert len(np.unique(layers.surface_id[0][plate])) == 1
            assert (layers.disp_px[0][plate] > layers.disp_px[1][plate]).all()
    for made in covered:
        assert made.rig == none.rig
        np.testing.assert_array_equal(made.left.cam_to_world, none.left.cam_to_world)
        for key in ("exposure", "render_seeds", "attempt", "plate_centre_m"):
            assert made.meta[key] == none.meta[key]
        assert (made.left.image != none.left.image).any()
    np.testing.assert_array_equal(covered[0].left.layers.disp_px, covered[1].left.layers.disp_px)


@pytest.mark.render
def test_the_plate_stands_where_it_is_said_to(whole: Path) -> None:
    """Its points, lifted back, lie in the face before the plane through its centre, within its 0.3 m."""
    made = records(whole)[1]
    row, column = np.nonzero(made.left.layers.see_through)
    depth_m = made.rig.intrinsics.fx * made.rig.baseline_m / made.left.layers.disp_px[0][row, column]
    points_cam = made.rig.intrinsics.pixel_directions()[row, column] * depth_m[:, None]
    points = points_cam @ made.left.cam_to_world[:3, :3].T + made.left.cam_to_world[:3, 3]
    off = (points - made.meta["plate_centre_m"]) @ made.meta["plate_normal"]
    in_face = np.abs(np.abs(off) - 0.002) < 1e-4
    assert in_face.mean() > 0.95  # the others lie on its edges
    assert (np.abs(off) < 0.0021).all()
    assert np.linalg.norm(points - made.meta["plate_centre_m"], axis=1).max() < 0.3 * np.sqrt(0.5) + 0.003


@pytest.mark.render
def test_verify_and_replay_know_plates(whole: Path) -> None:
    """Both routes agree with and without the plate; the last condition made alone is equal in every value."""
    done = depthbench("verify", whole, "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads((whole / "verify.json").read_text())
    assert answer["ok"]
    assert len(answer["rebuilt"]) == 3
    done = depthbench("replay", whole, "books_c00_t60-000000-0002")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "equal in every value" in done.stdout


@pytest.mark.render
def test_a_killed_run_continues_to_the_same_bytes(tmp_path: Path, whole: Path) -> None:
    folder = tmp_path / "set"
    process = subprocess.Popen(command(folder, "--limit", "3"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    staged = folder / "staging" / "scene-000000"
    for _ in range(6000):
        if (staged / "view-0000.h5").exists():
            break
        assert process.poll() is None, "the run ended before it could be interrupted"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(1.0)
    left = 3 - len(list(staged.glob("[!.]*.h5")))
    assert left > 0
    done = subprocess.run(command(folder, "--limit", str(left)), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    name = Path("shards") / "scene-000000.h5"
    assert (folder / name).read_bytes() == (whole / name).read_bytes()


LIGHT = """
from dataclasses import replace
from depthbench.blender_scenes.built_scene import Clock
from depthbench.blender_scenes.plates_scene import build_scene
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.generators.plates import make_config

config = make_config(seed=0, width=60, height=40, preset="preview", samples=96, gt_bits=13)
config = replace(config, render=replace(config.render, denoiser_quality="OFF"))
built = build_scene(config, 0, WorkerContext(lambda *a, **k: None, "CPU", 0), Clock())
for number, name in enumerate(("none", "t80", "t60")):
    out[name] = built.light(number, Clock())[0]
layers = built.current.truths[True].left.layers
out["plate"] = layers.see_through
"""


@pytest.mark.render
def test_so_much_light_comes_through(tmp_path: Path) -> None:
    """Linear radiance through the plate over that without it: the transmissivity, and a little that the plate reflects."""
    out = run_blender(LIGHT, tmp_path)
    plate = out["plate"]
    inside = plate.copy()  # away from its rim, where pixels see both
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        inside &= np.roll(plate, step, axis)
    beside = ~(plate | np.roll(plate, 1, 0) | np.roll(plate, -1, 0) | np.roll(plate, 1, 1) | np.roll(plate, -1, 1))
    for name, share in (("t80", 0.8), ("t60", 0.6)):
        ratio = out[name].sum(axis=-1) / out["none"].sum(axis=-1)
        # The plate's faces also mirror 8 % of the room before it, which is about as bright.
        assert share <= np.median(ratio[inside]) <= share + 0.1
        assert np.median(ratio[beside]) == pytest.approx(1.0, abs=0.03)


TOUCH = """
import json
from depthbench.blender_scenes.built_scene import Clock
from depthbench.blender_scenes.plates_scene import PLATE, build_scene
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.generators.plates import make_config
import scene_probe

config = make_config(seed=1, width=48, height=32, preset="preview", samples=1, gt_bits=13)
found = []
for scene in (1, 4):
    built = build_scene(config, scene, WorkerContext(lambda *a, **k: None, "CPU", 0), Clock())
    for configuration in (0, 4, 11):
        built.show(3 * configuration + 1)
        probe = scene_probe.Probe(scene_probe.meshes())
        names = [thing.name for thing in probe.things]
        moved = [names.index(name) for name in built.things]
        crossing = [(names[a], names[b]) for a, b in probe.near(0.0)
                    if (a in moved or b in moved) and probe.tree(a).overlap(probe.tree(b))]
        plate, pads = names.index(PLATE), names.index("robot gripper pads")
        gap = min(probe.tree(plate).find_nearest(point)[3] for point in probe.points[pads])
        classes = sorted({scene_probe.surface_class(thing) for thing in probe.things if thing.name != PLATE})
        joints = built.current.placed.joints
        found.append({"crossing": crossing, "gap_m": gap, "classes": classes,
                      "links_m": [float(np.linalg.norm(joints[k + 1] - joints[k])) for k in range(2)],
                      "not_solid": scene_probe.not_solid([probe.things[k] for k in moved], (1, 2))})
out["found"] = json.dumps(found)
"""


@pytest.mark.render
def test_the_arm_holds_the_plate_and_touches_nothing(tmp_path: Path) -> None:
    """No surface crosses arm or plate; pads a millimetre off the plate; links keep their length; only the plate is see-through."""
    for found in json.loads(str(run_blender(TOUCH, tmp_path)["found"])):
        assert found["crossing"] == []
        assert found["gap_m"] == pytest.approx(0.001, abs=2e-5)
        assert found["links_m"] == pytest.approx([0.36, 0.34], abs=1e-9)
        assert found["classes"] == [int(SurfaceClass.OPAQUE)]
        assert found["not_solid"] == []


TOOLS = """
import json
from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.objects import tool
import scene_probe

found = []
for style in tool.STYLES:
    for seed in range(4):
        assembly.reset()
        tool.add(np.random.default_rng(seed), (0.1, 0.2, 0.0), 20.0, style)
        probe = scene_probe.Probe(scene_probe.meshes())
        low_m = float(probe.low[:, 2].min())
        found.append({"on_table": 0 < low_m < 0.002, "crossing": probe.crossing(same_thing=True),
                      "not_solid": scene_probe.not_solid(probe.things, (1,)),
                      "floating": probe.floating([probe.things[int(probe.low[:, 2].argmin())].name])})
out["found"] = json.dumps(found)
"""


@pytest.mark.render
def test_tools_stand_on_the_table_and_in_one_piece(tmp_path: Path) -> None:
    for found in json.loads(str(run_blender(TOOLS, tmp_path)["found"])):
        assert found == {"on_table": True, "crossing": [], "not_solid": [], "floating": []}


TABLES = """
import json
from depthbench.blender_scenes.built_scene import Clock
from depthbench.blender_scenes.plates_scene import build_scene
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.generators.plates import make_config
import scene_probe

found = []
for scene in range(5):
    config = make_config(seed=10 + scene, width=48, height=32, preset="preview", samples=1, gt_bits=13)
    built = build_scene(config, scene, WorkerContext(lambda *a, **k: None, "CPU", 0), Clock())
    built.show(3 * 2 + 1)
    probe = scene_probe.Probe(scene_probe.meshes())
    found.append({"crossing": probe.crossing(same_thing=False),
                  "floating": probe.floating(["floor", "north", "south", "east", "west", "ceiling"]),
                  "see_through": [thing.name for thing in probe.things if scene_probe.surface_class(thing) != 1]})
out["found"] = json.dumps(found)
"""


@pytest.mark.render
def test_any_table_is_opaque_and_free_of_contact(tmp_path: Path) -> None:
    """Of every theme, a table of another seed: nothing crosses, nothing floats, only the plate can be seen through."""
    for found in json.loads(str(run_blender(TABLES, tmp_path)["found"])):
        assert found == {"crossing": [], "floating": [], "see_through": ["acrylic plate"]}
