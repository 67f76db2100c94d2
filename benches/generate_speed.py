# SPDX-License-Identifier: Apache-2.0
"""How fast ``depthbench generate layered`` makes pairs, against a plain script, and what its time goes into.

The plain script is what one writes first: for each pair build the scene anew, render left and right without persistent data,
read the stock Z pass. It renders the same views of the same scenes with the same integrator, samples and denoiser; it has no
layers, no checks and no visibility, so it does less.

    python benches/generate_speed.py --scene cafe --resolution 768x512 --samples 16 --views 6 --plain-pairs 2

Scenes serve 140 views by default; ``--amortise`` says over how many the cost of a scene is spread in the answer, so that a few
rendered views tell what a whole scene takes. All seconds are wall time on an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

PER_SCENE = ("build", "export", "caster")
PER_VIEW = ("pose", "truth", "check", "render", "tone", "write")


def ours(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Generate the views of one scene; return wall time and the seconds of each part."""
    words = ["generate", "layered", "--n", arguments.views, "--views-per-scene", arguments.views, "--out", folder]
    words += ["--resolution", arguments.resolution, "--preset", arguments.preset, "--scenes", arguments.scene]
    words += ["--device", arguments.device, "--seed", arguments.seed]
    words += ["--samples", arguments.samples] if arguments.samples else []
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "depthbench", *map(str, words)], check=True, stdout=subprocess.DEVNULL)
    wall_s = time.perf_counter() - start
    seconds: Counter[str] = Counter()
    first_sync_s = None
    for line in (folder / "log.jsonl").read_text().splitlines():
        entry = json.loads(line)
        seconds.update(entry.get("seconds", {}))
        if entry["event"] == "end" and first_sync_s is None:
            # the first render of a scene hands it to Cycles, later ones keep it
            first_sync_s = entry["seconds"]["render"] - entry["seconds"]["tracer"]
    return {"wall_s": wall_s, "seconds": seconds, "first_sync_s": first_sync_s or 0.0}


def plain(job: dict[str, Any]) -> None:
    """Be the plain script: build, render, render, read Z; print the seconds per pair."""
    import bpy
    import numpy as np
    import OpenEXR

    from depthbench.blender_scenes.assembly import reset
    from depthbench.blender_scenes.layouts import LAYOUTS
    from depthbench.blender_scenes.render import configure, use_device
    from depthbench.blender_scenes.rig_camera import set_camera
    from depthbench.blender_scenes.tone import exposure, tone_map
    from depthbench.formats.image import write_png
    from depthbench.formats.json_file import read_json
    from depthbench.formats.shard import EYES, ShardReader
    from depthbench.generators.draws import scene_rng
    from depthbench.generators.layered_config import LayeredConfig
    from depthbench.registry import load_from_file, lookup

    folder = Path(job["folder"])
    config = LayeredConfig.from_json(read_json(folder / "config.json"))
    layout = config.layout(0)
    build = lookup("scene", layout, LAYOUTS) if layout in LAYOUTS else load_from_file(layout)
    reader = ShardReader(folder / "shards/scene-000000.h5")
    taken = []
    for index in range(job["pairs"]):
        start = time.perf_counter()
        reset()
        build(scene_rng(config.seed, 0))
        use_device(job["device"], 0)
        configure(config.render, lambda: None)
        scene = bpy.context.scene
        scene.render.use_persistent_data = False
        scene.view_layers[0].use_pass_z = True
        scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
        gain = None
        for eye in EYES:
            set_camera(reader.rig(index).intrinsics, reader.cam_to_world(index, eye))
            scene.render.filepath = str(folder / f"plain-{eye}.exr")
            bpy.ops.render.render(write_still=True)
            with OpenEXR.File(scene.render.filepath, separate_channels=True) as file:
                channels = {
                    name.rpartition(".")[0].rpartition(".")[2] + "." + name[-1]: c
                    for name, c in file.channels().items()
                }
                rgb = np.stack([channels[f"Combined.{axis}"].pixels for axis in "RGB"], axis=-1)
                depth_m = np.array(channels["Depth.Z"].pixels if "Depth.Z" in channels else channels["Depth.V"].pixels)
            gain = gain or exposure(rgb)
            write_png(folder / f"plain-{eye}.png", tone_map(rgb, gain))
            np.save(folder / f"plain-{eye}.npy", reader.rig(index).disparity_from_depth(depth_m))
        taken.append(time.perf_counter() - start)
    print("TAKEN" + json.dumps(taken), flush=True)
    os._exit(0)


def report(arguments: argparse.Namespace, found: dict[str, Any], plain_s: list[float]) -> None:
    """Print the figures."""
    seconds, views, spread = found["seconds"], arguments.views, arguments.amortise
    scene_s = sum(seconds[name] for name in PER_SCENE) + found["first_sync_s"]
    render_s = (seconds["render"] - found["first_sync_s"]) / views
    view_s = (
        sum(seconds[name] for name in PER_VIEW if name != "render") / views + render_s + seconds["assemble"] / views
    )
    pair_s = view_s + scene_s / spread
    tracer_s = seconds["tracer"] / views
    truth_s = (seconds["pose"] + seconds["truth"] + seconds["check"]) / views
    start_s = found["wall_s"] - sum(seconds[name] for name in (*PER_SCENE, *PER_VIEW, "assemble"))
    settings = (
        f"{arguments.scene} {arguments.resolution} {arguments.preset} samples {arguments.samples or 'of the preset'}"
    )
    print(f"{settings}, {arguments.device}, {views} views rendered, spread over {spread} views per scene")
    print(f"  start and end of the run (once)      {start_s:8.2f} s")
    for name in PER_SCENE:
        print(f"  {name:36s} {seconds[name]:8.2f} s per scene")
    print(f"  {'scene handed to Cycles':36s} {found['first_sync_s']:8.2f} s per scene")
    for name in ("pose", "truth", "check", "tone", "write", "assemble"):
        print(f"  {name:36s} {seconds[name] / views:8.3f} s per pair")
    print(f"  {'render, path tracer and denoiser':36s} {tracer_s:8.3f} s per pair")
    print(f"  {'render, the rest':36s} {render_s - tracer_s:8.3f} s per pair")
    print(f"truth / RGB render                     {truth_s / render_s:8.2%}")
    print(f"outside path tracer and denoiser       {1 - tracer_s / pair_s:8.2%}")
    print(f"ours                                   {3600 / pair_s:8.1f} pairs/h")
    if plain_s:
        mean_s = sum(plain_s) / len(plain_s)
        print(f"plain script                           {3600 / mean_s:8.1f} pairs/h ({len(plain_s)} pairs)")
        print(f"ours / plain                           {mean_s / pair_s:8.2f}")


def main() -> None:
    """Measure ours, then the plain script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", default="cafe", help="one environment, or path/to/file.py:build")
    parser.add_argument("--resolution", default="192x128")
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--samples", type=int, help="default: the preset's")
    parser.add_argument("--views", type=int, default=3, help="views that ours renders")
    parser.add_argument(
        "--plain-pairs", type=int, default=1, help="pairs that the plain script renders; 0 leaves it out"
    )
    parser.add_argument("--amortise", type=int, default=140, help="views per scene to spread the scene's cost over")
    parser.add_argument("--device", default="CPU")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain-job", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.plain_job:
        plain(json.loads(arguments.plain_job))
    with tempfile.TemporaryDirectory(prefix="depthbench-speed-") as scratch:
        folder = Path(scratch) / "set"
        found = ours(arguments, folder)
        plain_s: list[float] = []
        if arguments.plain_pairs:
            job = {
                "folder": str(folder),
                "pairs": min(arguments.plain_pairs, arguments.views),
                "device": arguments.device,
            }
            words = [sys.executable, __file__, "--plain-job", json.dumps(job)]
            answer = subprocess.run(words, check=True, capture_output=True, text=True).stdout
            [line] = [line for line in answer.splitlines() if line.startswith("TAKEN")]
            plain_s = json.loads(line.removeprefix("TAKEN"))
        report(arguments, found, plain_s)


if __name__ == "__main__":
    main()
