# SPDX-License-Identifier: Apache-2.0
"""Layered samples as plain folders of PNG, PFM and JSON, for tools that read nothing else."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import TEMPORARY_MARK
from depthbench.formats.image import write_png
from depthbench.formats.json_file import write_json
from depthbench.formats.layered_record import EYES, Eye, EyeRecord, LayeredRecord
from depthbench.formats.pfm import write_pfm
from depthbench.formats.shard import ShardReader
from depthbench.generators.layered_folder import samples, shard_paths
from depthbench.truth.geometry import Surface

CONVENTIONS = {
    "disp_<eye>_layer<k>.pfm": "disparity in pixels, positive in both eyes, of the k-th surface along the straight ray "
    "through the pixel's centre, k = 0 nearest; +inf = there is no such surface",
    "surface_<eye>_layer<k>.png": "16 bit: number in 'surfaces' below, the same in both eyes; 0 = none",
    "class_<eye>_layer<k>.png": "8 bit: 0 none, 1 opaque, 2 transmissive, 3 screen",
    "visibility_<eye>_layer<k>.png": "8 bit, in the other eye: 0 none, 1 visible, 2 occluded, 3 out of frame",
    "see_through_<eye>.png, reflective_<eye>.png": "255 = yes",
    "refraction_<eye>.pfm": "distance in pixels between where the other eye sees what is seen here and where straight rays say; "
    "0 where nothing refracts, NaN where unknown",
    "pixels": "integer coordinates are pixel centres; x to the right, y down",
    "K": "pixels, both cameras alike",
    "cam_to_world": "4x4, camera axes x right, y down, z forward; metres; the right camera stands at +baseline_m along the left one's x",
    "depth": "planar z in metres = fx * baseline_m / disparity",
}


def export_folders(
    folder: str | Path,
    out: str | Path,
    limit: int | None = None,
    done: Callable[[str], None] = lambda sample_id: None,
) -> int:
    """Write each sample of a generated folder to ``out/<id>/``; those that are there already are left alone.

    A sample's folder appears whole or not at all, so an interrupted export continues where it stopped.

    Parameters
    ----------
    folder : path
        A generated layered folder.
    out : path
        Where the samples' folders go.
    limit : int or None
        Only the first so many samples.
    done : callable
        Called with the id of each sample that is now there.

    Returns
    -------
    int
        How many samples were written (not counting those that were there).

    Raises
    ------
    DepthbenchError
        If the folder holds no samples, a shard is damaged, or the disk is full.
    """
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DepthbenchError(f"{out}: cannot be made: {error.strerror}; choose another --out") from error
    for leftover in out.glob(f"{TEMPORARY_MARK}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    written = 0
    for reader, index in samples(folder, limit=limit):
        sample_id = reader.ids[index]
        target = out / sample_id
        if not target.is_dir():
            temporary = out / f"{TEMPORARY_MARK}{secrets.token_hex(4)}-{sample_id}"
            try:
                _write_sample(temporary, reader.read(index), reader.surfaces)
                os.replace(temporary, target)
            except BaseException:
                shutil.rmtree(temporary, ignore_errors=True)
                raise
            written += 1
        done(sample_id)
    return written


def sample_count(folder: str | Path, limit: int | None = None) -> int:
    """Count the samples that :func:`export_folders` would go through."""
    count = 0
    for path in shard_paths(folder):
        with ShardReader(path) as reader:
            count += len(reader)
    return count if limit is None else min(limit, count)


def _write_sample(folder: Path, record: LayeredRecord, surfaces: tuple[Surface, ...]) -> None:
    for eye in EYES:
        _write_eye(folder, eye, getattr(record, eye))
    write_json(folder / "camera.json", _camera(record, surfaces))


def _write_eye(folder: Path, eye: Eye, record: EyeRecord) -> None:
    layers = record.layers
    if layers.surface_id.max() > np.iinfo(np.uint16).max:
        raise DepthbenchError(f"{folder.name}: its surface numbers do not fit 16-bit PNG; read the shard instead")
    write_png(folder / f"{eye}.png", record.image)
    for k in range(len(layers.disp_px)):
        disp_px = layers.disp_px[k]
        write_pfm(folder / f"disp_{eye}_layer{k}.pfm", np.where(np.isnan(disp_px), np.float32(np.inf), disp_px))
        write_png(folder / f"surface_{eye}_layer{k}.png", layers.surface_id[k].astype(np.uint16))
        write_png(folder / f"class_{eye}_layer{k}.png", layers.surface_class[k])
        write_png(folder / f"visibility_{eye}_layer{k}.png", layers.visibility[k])
    write_png(folder / f"see_through_{eye}.png", layers.see_through.astype(np.uint8) * 255)
    write_png(folder / f"reflective_{eye}.png", record.reflective.astype(np.uint8) * 255)
    write_pfm(folder / f"refraction_{eye}.pfm", record.refraction_px)


def _camera(record: LayeredRecord, surfaces: tuple[Surface, ...]) -> dict[str, Any]:
    """Return what the pictures do not say."""
    return {
        "id": record.id,
        "width": record.rig.intrinsics.width,
        "height": record.rig.intrinsics.height,
        "K": record.rig.intrinsics.matrix,
        "baseline_m": record.rig.baseline_m,
        "doffs_px": record.rig.doffs,
        "cam_to_world": {eye: getattr(record, eye).cam_to_world for eye in EYES},
        "layers": {eye: len(getattr(record, eye).layers.disp_px) for eye in EYES},
        "conventions": CONVENTIONS,
        "surfaces": [asdict(surface) | {"surface_class": surface.surface_class.name.lower()} for surface in surfaces],
        "meta": dict(record.meta),
    }
