# SPDX-License-Identifier: Apache-2.0
"""A user's own assets: each with its licence, part of a set's identity, used where they belong, told in the records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_generate_layered import command, depthbench, run
from truth_blender import run_blender

from depthbench.errors import DepthbenchError
from depthbench.formats.image import write_png
from depthbench.formats.shard import ShardReader
from depthbench.generators.assets import assets_digest, load_assets

CUBE = """v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 0 0 2\nv 1 0 2\nv 1 1 2\nv 0 1 2
f 1 4 3 2\nf 5 6 7 8\nf 1 2 6 5\nf 2 3 7 6\nf 3 4 8 7\nf 4 1 5 8\n"""
ENTRY = '[[asset]]\nfile = "{}"\nkind = "{}"\nlicence = "CC0-1.0"\nsource = "made here"\n{}\n'


def write(folder: Path, *entries: str) -> Path:
    (folder / "assets.toml").write_text("\n".join(entries))
    return folder


def exr(path: Path, picture: np.ndarray) -> None:
    import OpenEXR

    header = {"compression": OpenEXR.NO_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {"RGB": picture.astype(np.float32)}) as file:
        file.write(str(path))


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sky of two tones, a chequered picture, a box as OBJ and a ball as GLB."""
    pytest.importorskip("OpenEXR")
    trimesh = pytest.importorskip("trimesh")
    folder = tmp_path_factory.mktemp("assets")
    sky = np.ones((32, 64, 3)) * np.array([0.4, 0.5, 0.7])
    sky[16:] = 0.1
    exr(folder / "sky.exr", sky)
    write_png(
        folder / "check.png",
        (np.indices((64, 48)).sum(axis=0) // 8 % 2 * 200 + 20).astype(np.uint8)[..., None].repeat(3, 2),
    )
    (folder / "cube.obj").write_text(CUBE)
    trimesh.Scene([trimesh.creation.icosphere(2)]).export(folder / "ball.glb")
    return write(
        folder,
        ENTRY.format("sky.exr", "hdri", ""),
        ENTRY.format("check.png", "texture", "scale_m = 0.5"),
        ENTRY.format("cube.obj", "model", "scale_m = 0.3"),
        ENTRY.format("ball.glb", "model", "scale_m = 0.2"),
    )


def test_a_folder_in_order_is_read(library: Path) -> None:
    found = load_assets(library)
    assert [(asset.kind, asset.scale_m) for asset in found] == [
        ("hdri", 1.0),
        ("texture", 0.5),
        ("model", 0.3),
        ("model", 0.2),
    ]
    done = depthbench("assets", library)
    assert done.returncode == 0, done.stderr
    assert "4 assets" in done.stdout


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('[[asset]]\nfile = "cube.obj"\nkind = "model"\nsource = "x"\nscale_m = 1', "'cube.obj' states no licence"),
        (
            '[[asset]]\nfile = "cube.obj"\nkind = "model"\nlicence = " "\nsource = "x"\nscale_m = 1',
            "'cube.obj' states no licence",
        ),
        (ENTRY.format("cube.obj", "model", ""), "'cube.obj' states no scale_m"),
        (ENTRY.format("cube.obj", "modle", ""), "did you mean model"),
        (ENTRY.format("cube.obj", "texture", ""), "'cube.obj' is no texture"),
        (ENTRY.format("gone.obj", "model", "scale_m = 1"), "'gone.obj' is not in"),
        (ENTRY.format("../cube.obj", "model", "scale_m = 1"), "'../cube.obj' is not in"),
        (ENTRY.format("cube.obj", "model", "scale_m = -1"), "has scale_m -1"),
        (ENTRY.format("cube.obj", "model", "scale_m = 1\nlicense = 'x'"), "did you mean licence"),
        (ENTRY.format("fake.exr", "hdri", ""), "'fake.exr' is not a readable .exr file"),
        (2 * ENTRY.format("cube.obj", "model", "scale_m = 1"), "'cube.obj' is named more than once"),
        ("asset = 3", "one [[asset]] table per file"),
        ("[[asset", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, entry: str, told: str) -> None:
    (tmp_path / "cube.obj").write_text(CUBE)
    (tmp_path / "fake.exr").write_text("no picture")
    with pytest.raises(DepthbenchError) as fault:
        load_assets(write(tmp_path, entry))
    assert told in str(fault.value)
    assert str(tmp_path) in str(fault.value)


def test_the_digest_is_of_every_byte_and_word(tmp_path: Path) -> None:
    (tmp_path / "cube.obj").write_text(CUBE)
    seen = set()
    for more, text in (("scale_m = 1", CUBE), ("scale_m = 2", CUBE), ("scale_m = 1", CUBE + "\n")):
        (tmp_path / "cube.obj").write_text(text)
        seen.add(assets_digest(load_assets(write(tmp_path, ENTRY.format("cube.obj", "model", more)))))
    assert len(seen) == 3


def test_the_digest_of_a_model_is_of_what_it_reads_too(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    (tmp_path / "box/cube.obj").write_text("mtllib cube.mtl\n" + CUBE)
    write(tmp_path, ENTRY.format("box/cube.obj", "model", "scale_m = 1"))
    seen = set()
    for colour in ("1 0 0", "0 1 0"):
        (tmp_path / "box/cube.mtl").write_text(f"newmtl paint\nKd {colour}\n")
        (tmp_path / "note.txt").write_text(colour)
        seen.add(load_assets(tmp_path)[0].sha256)
    (tmp_path / "note.txt").write_text("nothing to do with it")
    seen.add(load_assets(tmp_path)[0].sha256)
    assert len(seen) == 2


@pytest.mark.render
def test_models_stand_and_skies_give_their_light(library: Path, tmp_path: Path) -> None:
    """An even sky of radiance 1 gives pi; models have the size asked for, stand on what is level, and cross nothing."""
    layouts = Path(__file__).parent / "layouts"
    found: dict[str, Any] = run_blender(
        f"""
        import sys
        from pathlib import Path
        sys.path.insert(0, {str(layouts)!r})
        import scene_probe, small
        from depthbench.blender_scenes import asset_kits, asset_use, assembly
        from depthbench.generators.assets import load_assets
        folder = Path({str(library)!r})
        out["even"] = asset_use.irradiance_w_m2(np.ones((256, 512)))
        assembly.reset()
        assets = load_assets(folder)
        for asset in assets[2:]:
            kit = asset_kits.load(folder, asset, np.random.default_rng(0))
            out[asset.file] = np.stack([kit.low, kit.high])
        digests, names, bottoms, crossing, used = [], [], [], [], []
        for seed in (1, 1, 2, 3):
            assembly.reset()
            info = small.build(np.random.default_rng(0))
            more, told = asset_use.dress(np.random.default_rng(seed), info, folder, assets)
            things = scene_probe.meshes()
            probe = scene_probe.Probe(things)
            digests.append(scene_probe.digest(things))
            crossing += probe.crossing(same_thing=False)
            new = [k for k, thing in enumerate(things) if thing.name.startswith("asset")]
            names += [things[k].name for k in new]
            bottoms += [float(probe.low[k][2]) for k in new]
            used += [item["file"] for item in told]
            assert all(item["licence"] == "CC0-1.0" for item in told)
            box = more.camera_boxes
            for k in new:
                assert not ((box[:, 0] < probe.high[k]) & (box[:, 1] > probe.low[k])).all(axis=1).any()
        out["digests"], out["bottoms"], out["names"] = np.array(digests), np.array(bottoms), np.array(names)
        out["crossing"], out["used"] = np.array(crossing, dtype=str), np.array(used)
        """,
        tmp_path,
    )
    assert float(found["even"]) == pytest.approx(np.pi, rel=1e-3)
    for name, size_m in (("cube.obj", 0.3), ("ball.glb", 0.2)):
        low, high = found[name]
        assert (high - low).max() == pytest.approx(size_m, rel=1e-5)
        np.testing.assert_allclose((low + high)[:2], 0, atol=1e-6)
        assert low[2] == pytest.approx(0.0005, abs=1e-6)
    assert len(found["names"]) >= 3
    # the floor, or the top of the table at 0.7 m
    assert all(min(abs(z - 0.0005), abs(z - 0.7005)) < 1e-4 for z in found["bottoms"])
    assert not len(found["crossing"])
    assert set(found["used"]) & {"cube.obj", "ball.glb"}
    assert found["digests"][0] == found["digests"][1]
    assert len(set(found["digests"])) == 3


@pytest.mark.render
def test_assets_are_part_of_a_set_and_told_in_its_records(library: Path, tmp_path: Path) -> None:
    import shutil

    mine = tmp_path / "mine"
    shutil.copytree(library, mine)
    done = run(command(tmp_path / "set", "--assets", str(mine), n=2))
    assert done.returncode == 0, done.stdout + done.stderr
    reader = ShardReader(tmp_path / "set/shards/scene-000000.h5")
    told = reader.meta(0)["assets"]
    assert told
    known = {asset.file: asset.sha256 for asset in load_assets(library)}
    assert {item["file"]: item["sha256"] for item in told}.items() <= known.items()
    assert depthbench("verify", tmp_path / "set", "--all").returncode == 0
    (mine / "cube.obj").write_text(CUBE + "\n")
    for words in (["verify", tmp_path / "set"], command(tmp_path / "set", "--assets", str(mine), n=3)[3:]):
        changed = depthbench(*words)
        assert changed.returncode == 2
        assert "assets" in changed.stderr


@pytest.mark.render
def test_a_see_through_model_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "glass.mtl").write_text("newmtl clear\nKd 1 1 1\nd 0.3\n")
    (tmp_path / "glass.obj").write_text("mtllib glass.mtl\n" + CUBE.replace("f 1 4", "usemtl clear\nf 1 4"))
    write(tmp_path, ENTRY.format("glass.obj", "model", "scale_m = 0.2"))
    done = run(command(tmp_path / "set", "--assets", str(tmp_path), n=1))
    assert done.returncode == 2, done.stdout
    assert "glass.obj: its material 'clear' can be seen through" in done.stderr
