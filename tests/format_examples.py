# SPDX-License-Identifier: Apache-2.0
"""One small valid file for every reader of depthbench/formats/, and how it is read to its end."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import colmap_files
import focus_layouts
import numpy as np
from PIL import Image
from scipy.io import savemat
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.camera import Intrinsics
from depthbench.formats import colmap_binary, colmap_text
from depthbench.formats.calib import read_calib
from depthbench.formats.camera_positions import read_positions
from depthbench.formats.coco_masks import CocoMasks
from depthbench.formats.colmap import read_colmap_model
from depthbench.formats.depth_files import read_depth, read_depth_prediction
from depthbench.formats.disparity_files import read_disparity
from depthbench.formats.driving_labels import read_cityscapes_panoptic
from depthbench.formats.driving_shard import DrivingRecord, read_driving_record, shard_ids, write_driving_shard
from depthbench.formats.dtu_observed import Observed, read_observed, write_observed
from depthbench.formats.focal_record import FocalRecord
from depthbench.formats.focal_shard import FocalShard, write_focal_shard
from depthbench.formats.hdf5_samples import hdf5_samples_writer
from depthbench.formats.image import encode_png, read_rgb, write_png
from depthbench.formats.json_file import read_json
from depthbench.formats.kitti_eigen import read_eigen_list
from depthbench.formats.kitti_png import read_kitti_disparity
from depthbench.formats.mask_shard import pack_examples, read_mask_shard, write_mask_shard
from depthbench.formats.mvs_pairs import read_pairs, write_pairs
from depthbench.formats.mvsnet_cam import MvsCamera, read_mvsnet_camera, write_mvsnet_camera
from depthbench.formats.nyu_labelled import NyuLabelled, split_indices
from depthbench.formats.odms_compact import read_compact, write_compact
from depthbench.formats.odms_folder import INFO, read_clip, read_mask, write_timed_example
from depthbench.formats.pfm import read_pfm, write_pfm
from depthbench.formats.plain_pickle import read_plain_pickle
from depthbench.formats.ply import read_ply, table_of, write_ply
from depthbench.formats.rgbd import tum_places
from depthbench.formats.sample_parts import decode_part, encode_part
from depthbench.formats.sample_shard import open_sample_shard
from depthbench.formats.shard import EYES, ShardReader, write_shard
from depthbench.formats.tar_shard import TarShard, index_path, tar_shard_writer
from depthbench.formats.toml_file import read_toml
from depthbench.generators.membership.packing import unpack_map
from depthbench.release.manifest import Manifest, Shard, Split, read_manifest, write_manifest
from depthbench.release.registry import read_registry

RNG = np.random.default_rng(1)
PICTURE = RNG.integers(0, 255, (6, 8, 3), dtype=np.uint8)
MASKS = RNG.random((3, 8, 16)) < 0.5


def _picture(kind: str, suffix: str, mode: str = "RGB") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / f"picture{suffix}"
        Image.fromarray(PICTURE).convert(mode).save(path, format=kind)
        return path

    return make


def _text(name: str, content: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_text(content, encoding="utf-8")
        return folder / name

    return make


def _pfm(folder: Path) -> Path:
    write_pfm(folder / "sample.pfm", RNG.uniform(1, 9, (5, 7)).astype(np.float32))
    return folder / "sample.pfm"


def _npy(folder: Path) -> Path:
    np.save(folder / "sample.npy", RNG.uniform(1, 9, (5, 7)).astype(np.float32))
    return folder / "sample.npy"


def _png_16(folder: Path) -> Path:
    write_png(folder / "sample.png", RNG.integers(0, 65535, (5, 7), dtype=np.uint16))
    return folder / "sample.png"


def _png_8(folder: Path) -> Path:
    write_png(folder / "mask.png", RNG.integers(0, 2, (5, 7), dtype=np.uint8) * np.uint8(255))
    return folder / "mask.png"


def _colmap(write: Callable[[Path, Any], None], name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        write(folder, colmap_files.small_model())
        return folder / name

    return make


def _observed(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        seen = Observed(RNG.random((3, 4, 2)) < 0.5, np.array([[0.0, 0, 0], [2, 3, 1]]), 1.0, np.array([0.0, 0, 1, 2]))
        write_observed(folder / "mask.mat", folder / "plane.mat", seen)
        return folder / name

    return make


def _splits(folder: Path) -> Path:
    savemat(folder / "splits.mat", {"trainNdxs": [[2]], "testNdxs": [[1], [3]]})
    return folder / "splits.mat"


def _compact(timed: bool) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        write_timed_example(folder / "clip", list(MASKS), [0.3, 0.1, 0.0], [1.3, 1.1, 1.0])
        write_compact(folder / "set.npz", [read_clip(folder / "clip")], timed)
        return folder / "set.npz"

    return make


def _clip_info(folder: Path) -> Path:
    write_timed_example(folder, list(MASKS), [0.3, 0.1, 0.0], [1.3, 1.1, 1.0])
    return folder / INFO


def _shard(folder: Path) -> Path:
    records = [synthetic_record(0, view, width=24, height=16) for view in range(2)]
    return write_shard(folder / "scene-000012.h5", records, surfaces=synthetic_surfaces(), attrs={"without": {}})


def _focal(folder: Path) -> Path:
    depth_m = RNG.uniform(1, 4, (6, 8)).astype(np.float32)
    camera = Intrinsics.centred(8, 6, 9.0)
    records = [
        FocalRecord("a", np.stack([PICTURE, PICTURE]), np.array([1.0, 2.0]), PICTURE, depth_m, camera, {"k": 1}),
        FocalRecord("b", np.stack([PICTURE] * 2).astype(np.uint16), np.array([1.0, np.inf]), PICTURE, depth_m),
    ]
    return write_focal_shard(folder / "stacks-000000.h5", records, {"n": 2})


def _masks(folder: Path) -> Path:
    bits = np.packbits(MASKS[None], axis=-1, bitorder="little")
    shard = pack_examples(["000000"], np.array([[0.1, 0.2, 0.3]], dtype=np.float32), bits)
    write_mask_shard(folder / "val-normal-000000.h5", shard)
    return folder / "val-normal-000000.h5"


def _nyu(folder: Path) -> Path:
    return focus_layouts.nyu_labelled(folder) / "nyu_depth_v2_labeled.mat"


def _pairs(folder: Path) -> Path:
    write_pairs(folder / "pair.txt", {0: [(1, 2.0), (2, 1.5)], 1: [(0, 2.0)]})
    return folder / "pair.txt"


def _camera(folder: Path) -> Path:
    matrix = np.array([[60.0, 0, 32], [0, 60, 24], [0, 0, 1]])
    write_mvsnet_camera(folder / "cam.txt", MvsCamera(matrix, np.eye(4), 1.0, 5.0, 0.1, 41))
    return folder / "cam.txt"


def _ply(text: bool, lists: bool) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        tables = {"vertex": table_of(x=np.arange(4, dtype=np.float32), red=np.arange(4, dtype=np.uint8))}
        if lists:
            tables["face"] = table_of(vertex_indices=np.array([[0, 1, 2], [1, 2, 3]], dtype=np.int32))
        write_ply(folder / "cloud.ply", tables, text=text)
        return folder / "cloud.ply"

    return make


def _pickle(folder: Path) -> Path:
    content = {"points": [(1, 2, (3.5, 4.5))] * 3, "array": np.arange(6.0), "name": "x", "one": np.float64(2)}
    (folder / "gt.pickle").write_bytes(pickle.dumps(content, protocol=4))
    return folder / "gt.pickle"


def _exr(folder: Path) -> Path:
    import OpenEXR

    path = folder / "depth.exr"
    values = {"R": RNG.uniform(1, 9, (5, 7)).astype(np.float32)}
    with OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, values) as file:
        file.write(str(path))
    return path


def _read_exr(path: Path) -> object:
    from depthbench.formats.exr import read_exr_channel

    return read_exr_channel(path, "R")


def _read_shard(path: Path) -> None:
    with ShardReader(path) as reader:
        _ = reader.attrs, reader.gt_bits, reader.surfaces
        for index in range(len(reader)):
            reader.read(index)
            for eye in EYES:
                reader.encoded(index, eye)


def _read_focal(path: Path) -> None:
    shard = FocalShard(path)
    for index in range(len(shard.ids)):
        shard.read(index)
        shard.depth_m(index)


def _read_masks(path: Path) -> None:
    shard = read_mask_shard(path)
    for clip in shard.clips(path):
        for view in range(len(clip)):
            clip.read(view)


def _read_compact(path: Path) -> None:
    for clip in read_compact(path):
        for view in range(len(clip)):
            clip.read(view)


def _read_nyu(path: Path) -> None:
    labelled = NyuLabelled(path)
    for index in range(min(len(labelled), 3)):
        labelled.frame(index)


CALIB = (
    "cam0=[1733.74 0 792.27; 0 1733.74 541.89; 0 0 1]\ndoffs=0\nbaseline=536.62\nwidth=1920\nheight=1080\nndisp=170\n"
)
TUM = "# time file\n1305031102.175304 rgb/1.png\n1305031102.211214 rgb/2.png\n"


def _tum(folder: Path) -> Path:
    (folder / "depth.txt").write_text(TUM.replace("rgb", "depth"))
    (folder / "rgb.txt").write_text(TUM)
    return folder / "rgb.txt"


EIGEN = "2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png 2011_09_26_drive_0002_sync/x.png 721.5\n"
COCO: dict[str, Any] = {
    "images": [{"id": 3, "file_name": "b.png", "height": 2, "width": 3}],
    "annotations": [
        {"image_id": 3, "segmentation": {"size": [2, 3], "counts": [1, 3, 2]}},
        {"image_id": 3, "segmentation": {"size": [2, 3], "counts": "132"}},
        {"image_id": 3, "segmentation": [[0, 0, 2, 0, 2, 1]]},
    ],
}


def _png_16_zero(folder: Path) -> Path:
    write_png(folder / "panoptic.png", np.array([[0, 13001, 32000]], np.uint16))
    return folder / "panoptic.png"


def _driving(folder: Path) -> Path:
    maps = RNG.integers(0, 3, (6, 8)).astype(np.uint16)
    two = np.array([1, 2])
    record = DrivingRecord(
        "a", encode_png(PICTURE), maps, maps, two, two.astype(np.float32), two, two, {4: np.stack([maps, maps])},
        Intrinsics.centred(8, 6, 9.0),
    )  # fmt: skip
    write_driving_shard(folder / "000000.h5", [record, record])
    return folder / "000000.h5"


def _read_driving(path: Path) -> None:
    for number in range(min(len(shard_ids(path)), 2)):
        record = read_driving_record(path, number)
        for packed in record.levels.values():
            unpack_map(packed)


def _sample_parts(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    arrays = {"disp_px": RNG.uniform(1, 9, (3, 4)).astype(np.float32), "count": np.ones((3, 4), np.uint8)}
    return [
        (f"a-{number}", {"left.png": encode_png(PICTURE), "left.npz": arrays, "json": {"id": f"a-{number}"}})
        for number in range(2)
    ]


def _tar(index: bool) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "x-000000.tar"
        with tar_shard_writer(path) as writer:
            for name, parts in _sample_parts(folder):
                writer.add(name, {part: encode_part(part, value) for part, value in parts.items()})
        return index_path(path) if index else path

    return make


def _samples_h5(folder: Path) -> Path:
    with hdf5_samples_writer(folder / "x-000000.h5") as writer:
        for name, parts in _sample_parts(folder):
            writer.add(name, parts)
    return folder / "x-000000.h5"


def _read_samples(path: Path) -> None:
    shard = open_sample_shard(path)
    for place in range(len(shard.ids)):
        shard.read(place)
    if isinstance(shard, TarShard):
        list(shard.members())
        shard.close()


def _release(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        splits = {"train": Split(2, 3, (Shard("train/a-000000.tar", 2, 900), Shard("train/a-000001.tar", 1, 500)))}
        write_manifest(folder, Manifest("a", "1.0", "MIT", "2026-01-01", "layered", "tar", "0.1.0", splits))
        (folder / "registry.txt").write_text(f"train/a-000000.tar sha256:{'0' * 64}\nREADME.md sha256:{'a' * 64}\n")
        return folder / name

    return make


def _part(name: str, value: Any) -> tuple[Callable[[Path], Path], Callable[[Path], object]]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(encode_part(name, value))
        return folder / name

    return make, lambda path: decode_part(name, path.read_bytes(), str(path))


READERS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], object]]] = {
    "calib": (_text("calib.txt", CALIB), read_calib),
    "camera positions": (
        _text("positions.txt", "a.png 1.0\nb.png, 0.1, 0.2, 3\n# end\n"),
        lambda path: list(read_positions(path)),
    ),
    "COCO masks": (_text("masks.json", json.dumps(COCO)), lambda path: CocoMasks(path).id_map("a/b.png")),
    "COLMAP cameras, binary": (_colmap(colmap_files.write_binary, "cameras.bin"), colmap_binary.read_cameras),
    "COLMAP images, binary": (_colmap(colmap_files.write_binary, "images.bin"), colmap_binary.read_images),
    "COLMAP points, binary": (_colmap(colmap_files.write_binary, "points3D.bin"), colmap_binary.read_points),
    "COLMAP model, binary": (
        _colmap(colmap_files.write_binary, "images.bin"),
        lambda path: read_colmap_model(path.parent),
    ),
    "COLMAP cameras, text": (_colmap(colmap_files.write_text, "cameras.txt"), colmap_text.read_cameras),
    "COLMAP images, text": (_colmap(colmap_files.write_text, "images.txt"), colmap_text.read_images),
    "COLMAP points, text": (_colmap(colmap_files.write_text, "points3D.txt"), colmap_text.read_points),
    "depth, PFM": (_pfm, read_depth),
    "depth, NPY": (_npy, read_depth),
    "depth, PNG": (_png_16, read_depth),
    "depth prediction": (_npy, lambda path: read_depth_prediction(path.parent, "sample")),
    "disparity, NPY": (_npy, read_disparity),
    "disparity, PNG": (_png_16, read_kitti_disparity),
    "DTU mask": (_observed("mask.mat"), lambda path: read_observed(path, path.with_name("plane.mat"))),
    "DTU plane": (_observed("plane.mat"), lambda path: read_observed(path.with_name("mask.mat"), path)),
    "driving shard": (_driving, _read_driving),
    "Eigen list": (_text("list.txt", EIGEN), read_eigen_list),
    "EXR": (_exr, _read_exr),
    "focal shard": (_focal, _read_focal),
    "JSON": (_text("a.json", json.dumps({"a": [1, 2.5, None, {"b": "é"}]})), read_json),
    "mask": (_png_8, read_mask),
    "mask shard": (_masks, _read_masks),
    "MVS pairs": (_pairs, read_pairs),
    "MVSNet camera": (_camera, read_mvsnet_camera),
    "NYU labelled": (_nyu, _read_nyu),
    "NYU splits": (_splits, lambda path: split_indices(path, "test")),
    "ODMS compact": (_compact(False), _read_compact),
    "ODMS compact, timed": (_compact(True), _read_compact),
    "ODMS info": (_clip_info, lambda path: read_clip(path.parent)),
    "PFM": (_pfm, read_pfm),
    "panoptic map": (_png_16_zero, read_cityscapes_panoptic),
    "pickle": (_pickle, read_plain_pickle),
    "picture, BMP": (_picture("BMP", ".bmp"), read_rgb),
    "picture, JPEG": (_picture("JPEG", ".jpg"), read_rgb),
    "picture, PNG": (_picture("PNG", ".png"), read_rgb),
    "picture, PNG of a palette": (_picture("PNG", ".png", "P"), read_rgb),
    "picture, PPM": (_picture("PPM", ".ppm"), read_rgb),
    "picture, TIFF": (_picture("TIFF", ".tif"), read_rgb),
    "picture, WebP": (_picture("WEBP", ".webp"), read_rgb),
    "PLY, binary": (_ply(False, False), read_ply),
    "PLY, binary with lists": (_ply(False, True), read_ply),
    "PLY, text": (_ply(True, True), read_ply),
    "release": (_release("release.json"), lambda path: read_manifest(path.parent)),
    "release's registry": (_release("registry.txt"), lambda path: read_registry(path.parent)),
    "sample arrays": _part("left.npz", {"a": np.arange(6.0), "b": np.zeros((2, 3), bool)}),
    "sample object": _part("json", {"id": "a-0", "meta": {"k": [1, 2.5]}}),
    "samples, HDF5": (_samples_h5, _read_samples),
    "samples, tar": (_tar(False), _read_samples),
    "samples, tar's index": (_tar(True), lambda path: _read_samples(path.with_name("x-000000.tar"))),
    "shard": (_shard, _read_shard),
    "TOML": (_text("a.toml", 'a = 1\n[b]\nc = [1.5, "x"]\n'), read_toml),
    "TUM list": (_tum, lambda path: tum_places(path.parent)),
}
"""Reader -> (write a valid file into a folder and return its path, read it wholly)."""


def npz_bytes(**arrays: Any) -> bytes:
    """Arrays as NPZ."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()
