# SPDX-License-Identifier: Apache-2.0
"""Makes one sample of a layered folder once more, alone, and compares it with the stored one."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.errors import DepthbenchError
from depthbench.formats.shard import EYES, LayeredRecord, ShardReader
from depthbench.generators.blender_check import require_blender
from depthbench.generators.engines.units import Unit
from depthbench.generators.engines.worker_pool import EngineOptions, run_units
from depthbench.generators.layered_folder import samples
from depthbench.generators.set_config import load_config

TASK = "depthbench.blender_scenes.second_look:make_again"


@dataclass(frozen=True)
class Difference:
    """How an array of the replayed sample differs from the stored one.

    Attributes
    ----------
    name : str
    share : float
        Of the values.
    largest : float
        Largest absolute difference; NaN where shapes differ or a value is on one side only.
    """

    name: str
    share: float
    largest: float


def replay(folder: Path, sample_id: str, out: Path | None, device: str | None) -> list[Difference]:
    """Make a sample once more and list what differs; an empty list means that every value is equal.

    Parameters
    ----------
    folder : Path
    sample_id : str
        Such as ``cafe-000012-0003``.
    out : Path or None
        Folder that keeps the new sample (``<id>.h5``) and the worker's log.
    device : str or None
        Where to render; None is a device of the kind that made the stored sample.

    Raises
    ------
    DepthbenchError
        If the folder or the sample is not there, or it cannot be made.
    """
    config = load_config(folder)
    (reader, index), *_ = samples(folder, ids=(sample_id,))
    with reader:
        stored = reader.read(index)
    require_blender()
    scene, view = stored.meta["scene"], stored.meta["view"]
    with tempfile.TemporaryDirectory(prefix="depthbench-") as scratch:
        keep = out or Path(scratch)
        keep.mkdir(parents=True, exist_ok=True)
        path = keep / f"{sample_id}.h5"
        job = {"config": config.to_json(), "scene": scene, "view": view, "out": str(path.resolve())}
        options = EngineOptions(worker_arguments=(("--device", device or stored.meta["device"]),), tries=1)
        failures = run_units([Unit(sample_id, TASK, job, ())], options, keep / "logs", lambda *_: None)
        if failures:
            where = f"the log is {failures[0].log}" if out else "--out FOLDER keeps the log"
            raise DepthbenchError(f"{sample_id} cannot be made again: {failures[0].reason}; {where}")
        with ShardReader(path) as again:
            return compare(stored, again.read(0))


def compare(stored: LayeredRecord, again: LayeredRecord) -> list[Difference]:
    """List what differs between two records."""
    old, new = _arrays(stored), _arrays(again)
    differences = [found for name in old if (found := _difference(name, old[name], new[name])) is not None]
    if stored.id != again.id or stored.rig != again.rig or dict(stored.meta) != dict(again.meta):
        keys = [key for key in {**stored.meta, **again.meta} if stored.meta.get(key) != again.meta.get(key)]
        differences.append(Difference(f"rig or description ({', '.join(sorted(keys))})", 1.0, float("nan")))
    return differences


def _arrays(record: LayeredRecord) -> dict[str, Any]:
    arrays = {}
    for name in EYES:
        eye = getattr(record, name)
        arrays[f"{name} image"] = eye.image
        for layer_name in ("disp_px", "surface_id", "surface_class", "visibility"):
            arrays[f"{name} {layer_name}"] = getattr(eye.layers, layer_name)
        arrays |= {f"{name} {key}": getattr(eye, key) for key in ("reflective", "refraction_px", "cam_to_world")}
    return arrays


def _difference(name: str, old: Any, new: Any) -> Difference | None:
    if old.shape != new.shape:
        return Difference(f"{name} (shape {old.shape}, now {new.shape})", 1.0, float("nan"))
    same = old == new
    if old.dtype.kind == "f":
        same |= np.isnan(old) & np.isnan(new)
    if same.all():
        return None
    return Difference(name, float(1 - same.mean()), float(np.abs(old.astype(float) - new.astype(float))[~same].max()))
