# SPDX-License-Identifier: Apache-2.0
"""Sets on disk in their true layouts: small made-up scenes of planes, and the real files copied into place."""

from __future__ import annotations

import dataclasses
import itertools
import pickle
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.benchmarks.sets.booster import RIGHT_CAMERAS
from depthbench.formats.image import write_png
from depthbench.formats.json_file import write_json
from depthbench.formats.kitti_png import write_kitti_disparity
from depthbench.formats.pfm import write_pfm
from depthbench.formats.shard import LOSSLESS_GT_BITS, LayeredRecord, write_shard
from depthbench.generators import plates
from depthbench.generators.plan import shard_path
from depthbench.generators.set_config import CONFIG_FILE
from depthbench.layers import Visibility

SIZE = (96, 64)


def record(seed: int) -> LayeredRecord:
    return synthetic_record(seed, width=SIZE[0], height=SIZE[1], panes=2, scene=seed)


def nocc_of(made: LayeredRecord) -> np.ndarray:
    return made.left.layers.visibility[0] == Visibility.VISIBLE


def layered(folder: Path, seeds: tuple[int, ...] = (1, 2, 3)) -> Path:
    for seed in seeds:
        write_shard(
            folder / "shards" / f"cafe-{seed:06d}.h5",
            [record(seed)],
            surfaces=synthetic_surfaces(2),
            attrs={"seed": seed},
        )
    return folder


def middlebury(
    folder: Path, scenes: tuple[str, ...] = ("Piano", "PianoL", "Teddy"), size: str = "Q", split: str = "training"
) -> Path:
    for number, scene in enumerate(scenes):
        made, place = record(number), folder / f"{split}{size}" / scene
        write_png(place / "im0.png", made.left.image)
        write_png(place / "im1.png", made.right.image)
        if split == "training":
            truth = made.left.layers.first().copy()
            truth[:3, :5] = np.inf
            write_pfm(place / "disp0GT.pfm", truth)
            mask = np.where(np.isinf(truth), 0, np.where(nocc_of(made), 255, 128))
            write_png(place / "mask0nocc.png", mask.astype(np.uint8))
        (place / "calib.txt").write_bytes(
            b"cam0=[ 86.4 0 47.5 ; 0 86.4 31.5 ; 0 0 1 ] \r\n cam1=[86.4 0 47.5; 0 86.4 31.5; 0 0 1]\r\ndoffs= 1.5 \r\n"
            b" baseline= 193.001\r\nwidth= 96 \r\n height=64\r\nndisp= 24 \r\nisint=0\r\nvmin= 2\r\n"
        )
    return folder


def kitti(folder: Path, frames: int = 2, extras: bool = True, split: str = "training") -> Path:
    for number in range(frames):
        made, name = record(number), f"{number:06d}_10.png"
        write_png(folder / split / "image_2" / name, made.left.image)
        write_png(folder / split / "image_3" / name, made.right.image)
        if split == "testing":
            continue
        sparse = made.left.layers.first().copy()
        sparse[::2] = np.nan
        write_kitti_disparity(folder / "training" / "disp_occ_0" / name, sparse)
        if extras:
            write_kitti_disparity(
                folder / "training" / "disp_noc_0" / name, np.where(nocc_of(made), sparse, np.float32(np.nan))
            )
            write_png(folder / "training" / "obj_map" / name, (made.left.layers.surface_id[0] == 2).astype(np.uint8))
    return folder


def sceneflow(folder: Path, frames: tuple[str, ...] = ("A/0000/0006", "A/0001/0006")) -> Path:
    for number, frame in enumerate(frames):
        made = record(number)
        scene, _, name = frame.rpartition("/")
        for eye, image in (("left", made.left.image), ("right", made.right.image)):
            write_png(folder / "frames_finalpass" / "TEST" / scene / eye / f"{name}.png", image)
        write_pfm(folder / "disparity" / "TEST" / scene / "left" / f"{name}.pfm", made.left.layers.first())
    return folder


def eth3d(folder: Path, scenes: tuple[str, ...] = ("delivery_area_1l", "forest_2s"), split: str = "training") -> Path:
    middlebury(folder / "made", scenes, split=split)
    shutil.move(folder / "made" / f"{split}Q", folder / f"two_view_{split}")
    for scene in scenes:
        place = folder / f"two_view_{split}" / scene
        for name in ("im0.png", "im1.png"):
            grey = Image.open(place / name).convert("L")
            grey.save(place / name)
        calib = (place / "calib.txt").read_text().splitlines()
        (place / "calib.txt").write_text(
            "\n".join(line for line in calib if "ndisp" not in line and "isint" not in line)
        )
    return folder


def booster_classes(made: LayeredRecord) -> np.ndarray:
    """Stripes of all four classes."""
    height, width = made.left.layers.disp_px.shape[1:]
    return np.broadcast_to(np.arange(width) // 8 % 4, (height, width)).astype(np.uint8)


def booster(
    folder: Path,
    scenes: tuple[str, ...] = ("Bathroom", "Mirror3"),
    lights: int = 2,
    split: str = "train",
    setup: str = "balanced",
) -> Path:
    """Every illumination of a scene shares its truth; unbalanced right pictures are a quarter as wide and high."""
    for number, scene in enumerate(scenes):
        made, place = record(number), folder / split / setup / scene
        right = made.right.image if setup == "balanced" else made.right.image[::4, ::4]
        for light in range(lights):
            write_png(place / "camera_00" / f"im{light}.png", made.left.image)
            write_png(place / RIGHT_CAMERAS[setup] / f"im{light}.png", right)
        if split == "train":
            truth = made.left.layers.first().copy()
            truth[:3, :5] = 0
            np.save(place / "disp_00.npy", truth)
            write_png(place / "mask_00.png", nocc_of(made).astype(np.uint8) * 255)
            write_png(place / "mask_cat.png", booster_classes(made))
    return folder


Annotated = tuple[tuple[int, int], tuple[float, float], float, float, bool, str, int]
"""Numbers of a point, (x, y) in the left picture, disparity, height difference, valid, material, layer."""


def layeredflow(folder: Path, points: Mapping[str, Sequence[Annotated]], size: tuple[int, int] = (384, 256)) -> Path:
    """Scenes of noise with the given points at both times; in the second one all disparities are 8 px larger."""
    rng = np.random.default_rng(0)
    for scene, annotated in points.items():
        place = folder / "val" / scene
        for time, eye in itertools.product("03", "01"):
            write_png(place / f"{time}_{eye}.png", rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8))
        lists = []
        for more in (0.0, 8.0):
            lists.append([(*numbers, xy) for numbers, xy, *_ in annotated])
            lists.append([(*n, (x - d - more, y + dy)) for n, (x, y), d, dy, *_ in annotated])
        notes = {numbers: (valid, material, layer) for numbers, _, _, _, valid, material, layer in annotated}
        (place / "gt.pickle").write_bytes(pickle.dumps({"stereo_points": lists, "annotations": notes}))
    return folder


def real_kitti(shared: Path, folder: Path) -> Path:
    for name in ("image_2", "image_3", "disp_occ_0"):
        place = folder / "training" / name
        place.mkdir(parents=True)
        shutil.copyfile(shared / "stereo" / "kitti2015_000046" / f"{name}.png", place / "000046_10.png")
    return folder


def real_sceneflow(shared: Path, folder: Path) -> Path:
    source = shared / "stereo" / "sceneflow_A-0032-0006"
    for name, place in {
        "left.png": "frames_finalpass/TEST/A/0032/left/0006.png",
        "right.png": "frames_finalpass/TEST/A/0032/right/0006.png",
        "disp_left.pfm": "disparity/TEST/A/0032/left/0006.pfm",
        "occ_left.png": "disparity_occlusions/TEST/A/0032/left/0006.png",
    }.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, folder / place)
    return folder


def plates_record(scene: int, configuration: int, plate: bool) -> LayeredRecord:
    """A made-up scene of two opaque planes, with or without a pane before it; the same scene either way."""
    return synthetic_record(scene, configuration, width=SIZE[0], height=SIZE[1], panes=int(plate), scene=scene)


def real_plates(
    folder: Path,
    scenes: tuple[int, ...] = (1, 2, 3, 4, 5),
    configurations: tuple[int, ...] = tuple(range(1, 13)),
    nocc: bool = True,
    masks_only: bool = False,
) -> Path:
    """The real benchmark's layout; ``masks_only`` tells where the plates are, but not how far."""
    for scene, configuration in itertools.product(scenes, configurations):
        place = folder / f"scene{scene}" / f"config{configuration:02d}"
        plain, covered = (plates_record(scene, configuration, plate) for plate in (False, True))
        there = covered.left.layers.see_through
        behind_px = plain.left.layers.first().copy()
        behind_px[-2:, -3:] = np.inf
        write_pfm(place / "disp_transmitted.pfm", behind_px)
        if nocc:
            write_png(place / "nocc_transmitted.png", nocc_of(plain).astype(np.uint8) * 255)
        (place / "calib.txt").write_text(
            "cam0=[86.4 0 47.5; 0 86.4 31.5; 0 0 1]\ndoffs=0\nbaseline=60\nwidth=96\nheight=64\nndisp=32\n"
        )
        for condition, made in (("none", plain), ("t80", covered), ("t60", covered)):
            write_png(place / condition / "left.png", made.left.image)
            write_png(place / condition / "right.png", made.right.image)
            if condition != "none" and masks_only:
                write_png(place / condition / "mask_plate.png", there.astype(np.uint8) * 255)
            elif condition != "none":
                plate_px = np.where(there, made.left.layers.first(), np.float32(np.inf))
                write_pfm(place / condition / "disp_plate.pfm", plate_px)
    return folder


def sim_plates(
    folder: Path, scenes: tuple[int, ...] = (0, 1), configurations: int = 2, one_place: bool = False
) -> Path:
    """A folder as ``generate plates`` leaves it, of made-up scenes; ``one_place`` has every camera stand at the origin."""
    config = plates.make_config(
        seed=0, width=SIZE[0], height=SIZE[1], preset="preview", samples=None, gt_bits=LOSSLESS_GT_BITS
    )
    write_json(folder / CONFIG_FILE, config.to_json())
    for scene in scenes:
        records = []
        for configuration, (number, condition) in itertools.product(
            range(configurations), enumerate(plates.CONDITIONS)
        ):
            made = plates_record(scene, configuration, condition != "none")
            left = dataclasses.replace(made.left, cam_to_world=np.eye(4)) if one_place else made.left
            sample_id = config.sample_id(scene, len(plates.CONDITIONS) * configuration + number)
            meta = {**made.meta, "configuration": configuration, "condition": condition}
            records.append(dataclasses.replace(made, id=sample_id, left=left, meta=meta))
        write_shard(
            shard_path(folder, scene),
            records,
            surfaces=synthetic_surfaces(1),
            attrs={"without": {}},
            gt_bits=config.gt_bits,
        )
    return folder
