# SPDX-License-Identifier: Apache-2.0
"""Stacks traced by Blender's Cycles through a real aperture: samples of a layered set rendered again from their rebuilt scenes.

The pinhole picture, the depth, the camera and the exposure are those of the sample; only the aperture opens. Cycles' lens keeps the
field of view whatever it focuses on, and a point at depth d becomes a disc of ``A fx |1/d - 1/S|`` pixels; the aperture A of each
picture is chosen so that this is what :class:`.lens.ThinLens` says. So the other renderers can be held against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.layered_record import LayeredRecord
from depthbench.formats.shard import ShardReader
from depthbench.generators.engines.units import Event, Unit
from depthbench.generators.engines.worker_pool import EngineOptions, run_units
from depthbench.generators.focal.cameras import lens_of
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.layered_source import LayeredSource
from depthbench.generators.focal.sources import Source
from depthbench.generators.set_config import SetConfig, load_config

TASK = "depthbench.blender_scenes.focal_scene:render_stacks"
MOST_SEED = 2**31 - 1


def traced_path(folder: Path, name: str) -> Path:
    """Return where the traced stack of a sample waits until it is stored."""
    return folder / f"{name}.npy"


def read_traced(folder: Path, name: str) -> npt.NDArray[np.float32]:
    """Return a traced stack, linear light (N, H, W, 3).

    Raises
    ------
    DepthbenchError
        If Blender made none.
    """
    try:
        stack: npt.NDArray[np.float32] = np.load(traced_path(folder, name), allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DepthbenchError(
            f"{name}: Blender made no stack of it; the folder logs beside its shards tells why"
        ) from error
    return stack


def trace_stacks(
    config: FocalConfig,
    source: Source,
    numbers: Sequence[int],
    folder: Path,
    arguments: tuple[tuple[str, ...], ...],
    listen: Callable[[str, Event], None],
    logs: Path | None = None,
) -> None:
    """Trace the stacks of some samples that ``folder`` lacks; what Blender gives up on is left out.

    Parameters
    ----------
    folder : Path
        Receives ``<id>.npy``.
    arguments : tuple of tuple of str
        Of each worker: its device and threads.
    listen : callable
    logs : Path or None
        Receives the workers' logs; None is ``logs`` beside ``folder``.

    Raises
    ------
    DepthbenchError
        If the source is no layered set whose scenes can be built again, or a camera cannot be.
    """
    if not isinstance(source, LayeredSource):
        raise DepthbenchError("--renderer cycles renders the scenes of a layered set again: give --from layered")
    set_config = load_config(source.root)
    if getattr(set_config, "sensor", None) is not None:
        raise DepthbenchError(
            f"{source.root}: made with --sensor, whose faults are not traced again; use a set without"
        )
    folder.mkdir(parents=True, exist_ok=True)
    views: dict[int, dict[str, Any]] = defaultdict(dict)
    for number in numbers:
        path, place = source.place(number)
        with ShardReader(path) as reader:
            record = reader.read(place)
        if not traced_path(folder, record.id).is_file():
            views[int(record.meta["scene"])][record.id] = _asked(config, source, number, record, folder)
    units = [
        Unit(
            f"scene-{scene:06d}",
            TASK,
            {"config": _with_samples(set_config, config), "scene": scene, "views": asked},
            tuple(asked),
        )
        for scene, asked in views.items()
    ]
    if units:
        run_units(units, EngineOptions(worker_arguments=arguments), logs or folder.parent / "logs", listen)


def _asked(config: FocalConfig, source: Source, number: int, record: LayeredRecord, folder: Path) -> dict[str, Any]:
    """Return what the worker must know of a sample."""
    camera = record.rig.intrinsics
    lens = lens_of(config.preset, camera.width, camera, record.id)
    focus_m = config.planes.distances_m(source.read(number).frame.depth_m)
    first = int(record.meta["render_seeds"][0])
    return {
        "view": record.meta["view"],
        "intrinsics": [camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy],
        "cam_to_world": record.left.cam_to_world.tolist(),
        "focus_m": [min(float(metres), 1e6) for metres in focus_m],
        "aperture_m": [lens.diameter_per_dioptre(float(metres)) / camera.fx for metres in focus_m],
        "seeds": [(first + 1 + plane) % MOST_SEED for plane in range(len(focus_m))],
        "gain": record.meta["exposure"],
        "out": str(traced_path(folder, record.id).resolve()),
    }


def _with_samples(set_config: SetConfig, config: FocalConfig) -> dict[str, Any]:
    """Return the layered set's configuration, with the paths per pixel that were asked for."""
    data = set_config.to_json()
    if config.samples is not None:
        data["render"] = data["render"] | {"samples": config.samples}
    return data
