# SPDX-License-Identifier: Apache-2.0
"""Scans as a picture: views of each, its lights, and the depth of the first view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import unknown_name
from depthbench.formats.dtu_folder import DtuFolder
from depthbench.formats.image import write_png
from depthbench.formats.mvs_shard import MvsShard
from depthbench.generators.dtu_twin.fill import holds_twin, load_twin
from depthbench.generators.mvs.dtu_shards import holds_mvs_shards, mvs_shards
from depthbench.viz import Panel, colour_scale, finite_range, grid

MOST_VIEWS, MOST_LIGHTS = 4, 4
PANEL_WIDTH = 260


def holds_scans(folder: Path) -> bool:
    """Tell whether ``prepare dtu`` or ``generate dtu-twin`` made a folder."""
    return holds_mvs_shards(folder) or holds_twin(folder)


def show_scans(folder: Path, out: Path, limit: int = 6, ids: tuple[str, ...] = ()) -> Path:
    """Write a picture of scans of a folder, taken evenly or by name (``scan2``); return its path.

    Raises
    ------
    DepthbenchError
        If the folder holds no scans, or a name is unknown.
    """
    found: dict[str, Callable[[], list[Panel]]] = {}
    if holds_mvs_shards(folder):
        found = {f"scan{shard.scan}": lambda shard=shard: _of_shard(shard) for shard in mvs_shards(folder)}  # type: ignore[misc]
    else:
        layout = DtuFolder(folder, "train" if load_twin(folder).training else "test")
        found = {f"scan{scan}": lambda scan=scan: _of_folder(layout, scan) for scan in layout.scans()}  # type: ignore[misc]
    for name in ids:
        if name not in found:
            raise unknown_name(f"scan of {folder}", name, found)
    chosen = ids or [list(found)[place] for place in _evenly(len(found), limit)]
    write_png(out, grid([found[name]() for name in chosen], row_titles=list(chosen), panel_width=PANEL_WIDTH))
    return out


def _of_shard(shard: MvsShard) -> list[Panel]:
    views = [shard.views[place] for place in _evenly(len(shard.views), MOST_VIEWS)]
    lights = shard.pictures[views[0]]
    depth = shard.depth(views[0])[0] if shard.attrs["layout"] != "test" else None
    return _panels(views, lights, shard.image, depth)


def _of_folder(folder: DtuFolder, scan: int) -> list[Panel]:
    every = [view for view in folder.views(scan) if folder.image_path(scan, view, folder.lights(scan)[0]).is_file()]
    views = [every[place] for place in _evenly(len(every), MOST_VIEWS)]
    depth = folder.depth(scan, views[0]) if folder.has_depth else None
    return _panels(views, folder.lights(scan), lambda view, light: folder.image(scan, view, light), depth)


def _panels(
    views: list[int],
    lights: list[int],
    image: Callable[[int, int], npt.NDArray[np.uint8]],
    depth: npt.NDArray[np.float32] | None,
) -> list[Panel]:
    main = lights[min(3, len(lights) - 1)]
    panels = [Panel(image(view, main), f"view {view}, light {main}") for view in views]
    others = [light for light in lights if light != main]
    panels += [
        Panel(image(views[0], others[k]), f"view {views[0]}, light {others[k]}")
        for k in _evenly(len(others), MOST_LIGHTS)
    ]
    if depth is not None:
        low, high = finite_range(depth)
        coloured = colour_scale(high + low - depth, low, high, "turbo")
        panels.append(Panel(coloured, f"depth of view {views[0]}, {low:.0f} to {high:.0f} mm, red is near"))
    return panels


def _evenly(count: int, most: int) -> list[int]:
    places: list[int] = (
        np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(int)).tolist() if count else []
    )
    return places
