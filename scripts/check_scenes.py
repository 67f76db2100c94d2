# SPDX-License-Identifier: Apache-2.0
"""Is the truth of every environment true, scene after scene? Builds many, renders none of their pictures.

    python scripts/check_scenes.py --seeds 20
    python scripts/check_scenes.py --memory-scenes 100 --scenes cafe

Each scene is built in a fresh process (a cold build). For its views both routes to the truth are compared: ray casting, and what
Cycles itself meets along each pixel's ray; at 99.9 % of the pixels all depths must agree to 1e-4. And every layer's point that is
marked visible is looked for from the other eye: on the same surface, within 0.1 px of disparity, for 99.9 % of them (a
silhouette can fall between two float32 rays). With ``--memory-scenes`` one process builds scene after scene instead, and its
memory is told.

A table is printed, ``--out`` receives everything as JSON. Exit code: 1 when a bound is missed or a scene cannot be built.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from depthbench.blender_scenes.layouts import LAYOUTS
from depthbench.commands._layered_run import parse_resolution
from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import write_json
from depthbench.generators.blender_check import require_blender
from depthbench.generators.engines.units import Event, Unit
from depthbench.generators.engines.worker_pool import EngineOptions, run_units
from depthbench.generators.layered_config import LayeredConfig, environment_name, resolve_layout, scene_digest
from depthbench.generators.presets import PRESETS
from depthbench.generators.run_files import now, processor_name

TASK = "depthbench.blender_scenes.scene_check:check_scene"
ROUTES_SHARE, LEFT_RIGHT_SHARE = 0.999, 0.999
UNLIMITED = 10**9
ROWS = (
    "scenes", "build s, median", "build s, longest", "objects, median", "triangles, median", "memory MB, most",
    "routes alike, least", "left-right, least", "poses rejected",
)  # fmt: skip
WORKER = ("--device", "CPU")


def unit(layout: str, seed: int, size: tuple[int, int], views: range) -> Unit:
    """Return the job that checks scene 0 of a layout with a seed."""
    config = LayeredConfig(
        seed=seed,
        width=size[0],
        height=size[1],
        preset="preview",
        render=PRESETS["preview"],
        scenes=(layout,),
        scene_digests=(scene_digest(layout),),
        views_per_scene=max(len(views), 1),
    )
    return Unit(f"{environment_name(layout)} seed {seed}", TASK, {"config": config.to_json(), "scene": 0}, tuple(views))


def run(
    units: list[Unit], units_per_worker: int, logs: Path, console: Console, keep: Callable[[dict[str, Any]], None]
) -> dict[str, dict[str, Any]]:
    """Do the jobs; return per scene what its events told, and the reason where it was given up.

    ``keep`` is called after each scene, so that what ends a long check loses nothing.
    """
    scenes: dict[str, dict[str, Any]] = {each.name: {"views": []} for each in units}

    def listen(name: str, event: Event) -> None:
        kind = event["event"]
        told = {key: value for key, value in event.items() if key not in ("event", "worker")}
        if kind == "built":
            scenes[name] |= told | {"build_s": sum(told["seconds"].values())}
        elif kind == "checked":
            scenes[name]["views"].append(told)
        elif kind == "given-up":
            scenes[name]["fault"] = told["reason"]
        elif kind == "done":
            console.print(line(name, scenes[name]), highlight=False, soft_wrap=True)
            keep({key: scene for key, scene in scenes.items() if "build_s" in scene or "fault" in scene})

    options = EngineOptions(
        worker_arguments=(WORKER,), tries=1, units_per_worker=units_per_worker, memory_limit_mb=float("inf")
    )
    for failure in run_units(units, options, logs, listen):
        scenes[failure.unit]["fault"] = failure.reason
        console.print(f"{failure.unit}: {failure.reason}", highlight=False, markup=False)
    return scenes


def line(name: str, scene: dict[str, Any]) -> str:
    """Return what is told of a scene as soon as it is done."""
    text = f"{name}: built in {scene['build_s']:.1f} s, {scene['objects']} objects, {scene['memory_mb']:.0f} MB"
    for view in scene["views"]:
        if "within_1e4" in view:
            text += f"; view {view['view']}: {view['within_1e4']:.3%} alike, {view['left_right']:.3%} left-right"
        else:
            text += f"; view {view['view']}: none"
    return text


def problems(scenes: dict[str, dict[str, Any]]) -> list[str]:
    """List scenes that could not be built and views that miss a bound."""
    found = []
    for name, scene in scenes.items():
        if "fault" in scene:
            found.append(f"{name}: {scene['fault']}")
        for view in scene["views"]:
            where = f"{name} view {view['view']}"
            if "within_1e4" not in view:
                found.append(f"{where}: no pose was good ({view['rejected']})")
            elif view["within_1e4"] < ROUTES_SHARE:
                found.append(f"{where}: the routes agree at {view['within_1e4']:.4%} of the pixels only")
            elif view["left_right"] < LEFT_RIGHT_SHARE:
                found.append(
                    f"{where}: {view['left_right']:.4%} of the visible points are found from the other eye only"
                )
    return found


def table(layouts: list[str], scenes: dict[str, dict[str, Any]]) -> Table:
    """Return one column per environment: medians, and the worst of the shares."""
    names = [environment_name(layout) for layout in layouts]
    columns = [column([scene for key, scene in scenes.items() if key.startswith(f"{name} ")]) for name in names]
    shown = Table("", *names)
    for row in ROWS:
        shown.add_row(row, *(values.get(row, "-") for values in columns))
    return shown


def column(scenes: list[dict[str, Any]]) -> dict[str, str]:
    """Sum up the scenes of one environment."""
    built = [scene for scene in scenes if "build_s" in scene]
    if not built:
        return {"scenes": f"0 of {len(scenes)}"}
    rejected: Counter[str] = Counter()
    for view in (view for scene in built for view in scene["views"]):
        rejected.update(view["rejected"])
    values = {
        "scenes": f"{len(built)} of {len(scenes)}",
        "build s, median": f"{median(scene['build_s'] for scene in built):.1f}",
        "build s, longest": f"{max(scene['build_s'] for scene in built):.1f}",
        "objects, median": f"{median(scene['objects'] for scene in built):.0f}",
        "triangles, median": f"{median(scene['triangles'] for scene in built):,.0f}",
        "memory MB, most": f"{max(scene['memory_mb'] for scene in built):.0f}",
        "poses rejected": "\n".join(f"{kind} {count}" for kind, count in rejected.most_common(3)) or "0",
    }
    views = [view for scene in built for view in scene["views"] if "within_1e4" in view]
    if views:
        values["routes alike, least"] = f"{min(view['within_1e4'] for view in views):.4%}"
        values["left-right, least"] = f"{min(view['left_right'] for view in views):.4%}"
    return values


def main() -> int:
    """Run the check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", default=",".join(LAYOUTS), help="environments, or path/to/file.py:build")
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds of each environment")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--views", type=int, default=1, help="views of each scene")
    parser.add_argument("--resolution", default="192x128", help="of the views that are compared")
    parser.add_argument("--memory-scenes", type=int, default=0, help="build so many scenes in one process instead")
    parser.add_argument("--out", type=Path, default=Path("check_scenes.json"), help="JSON to write")
    given = parser.parse_args()
    console = Console()
    layouts = [resolve_layout(name.strip()) for name in given.scenes.split(",")]
    size = parse_resolution(given.resolution)
    require_blender()
    if given.memory_scenes:
        order = [(layouts[i % len(layouts)], given.first_seed + i // len(layouts)) for i in range(given.memory_scenes)]
        units = [unit(layout, seed, size, range(0)) for layout, seed in order]
    else:
        seeds = range(given.first_seed, given.first_seed + given.seeds)
        units = [unit(layout, seed, size, range(given.views)) for layout in layouts for seed in seeds]
    bounds = {"routes_share": ROUTES_SHARE, "left_right_share": LEFT_RIGHT_SHARE}
    answer = {"time": now(), "processor": processor_name(), "resolution": given.resolution, "limits": bounds}

    def keep(scenes: dict[str, Any]) -> None:
        write_json(given.out, answer | {"problems": problems(scenes), "scenes": scenes})

    with tempfile.TemporaryDirectory(prefix="depthbench-") as logs:
        scenes = run(units, UNLIMITED if given.memory_scenes else 1, Path(logs), console, keep)
    found = problems(scenes)
    console.print(table(layouts, scenes), highlight=False)
    if given.memory_scenes:
        memory = [scene["memory_mb"] for scene in scenes.values() if "memory_mb" in scene]
        tenth = max(1, len(memory) // 10)
        first, last = median(memory[:tenth]), median(memory[-tenth:])
        told = f"resident memory: {first:.0f} MB in the first tenth of {len(memory)} scenes, {last:.0f} MB in the last"
        console.print(f"{told}, at most {max(memory):.0f} MB", highlight=False)
    for text in found:
        console.print(f"wrong: {text}", highlight=False, markup=False, soft_wrap=True)
    keep(scenes)
    console.print(f"{len(scenes)} scenes, {len(found)} problems; {given.out}", highlight=False)
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DepthbenchError as error:
        sys.exit(f"error: {error}")
