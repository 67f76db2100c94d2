# SPDX-License-Identifier: Apache-2.0
"""Quality per second of Cycles' settings: PSNR of the 8-bit picture against a 2,048-sample reference, over render time.

    python benches/render_quality.py --scenes cafe,gallery --size 192x128 --out bench-quality

Every picture is of the same view and has the same exposure. "Blender defaults" are those of a new file (4,096 samples at
most, noise threshold 0.01, no denoiser, 12 bounces, caustics on); "defaults, 24 bounces" gives them the light paths that
see-through scenes need, as the denoised curves do. Times are processor seconds, which other work on the machine hardly changes.
Prints every point and the ratio of times; adds to quality.json in OUT, where the references stay for later runs, and
with --plot draws its curves.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.generators.presets import PRESETS, RenderSettings

BLENDER_DEFAULTS = RenderSettings(
    samples=4096,
    adaptive_threshold=0.01,
    denoiser_quality="OFF",
    max_bounces=12,
    diffuse_bounces=4,
    glossy_bounces=4,
    transmission_bounces=12,
    transparent_bounces=8,
    clamp_indirect=10.0,
    blur_glossy=1.0,
)
CAUSTICS = {"caustics_reflective": True, "caustics_refractive": True}
STANDARD = PRESETS["standard"]
FEWER_BOUNCES = {"max_bounces": 24, "transmission_bounces": 24, "transparent_bounces": 24}
FEWER_BOUNCES |= {"diffuse_bounces": 4, "glossy_bounces": 8}
MORE_BOUNCES = {"max_bounces": 48, "transmission_bounces": 48, "transparent_bounces": 48}
MORE_BOUNCES |= {"diffuse_bounces": 24, "glossy_bounces": 24}
"""Of the reference: more than any setting compared, so that what each of them leaves out counts against it."""


def variants() -> list[tuple[str, RenderSettings, dict[str, Any]]]:
    """Return (curve, settings, raw Cycles settings) of every picture to be made."""
    made: list[tuple[str, RenderSettings, dict[str, Any]]] = []
    for samples in (16, 64, 256, 4096):
        made.append(("defaults, 24 bounces", replace(BLENDER_DEFAULTS, samples=samples, **FEWER_BOUNCES), {}))
    for samples in (64, 4096):
        made.append(("Blender defaults", replace(BLENDER_DEFAULTS, samples=samples), CAUSTICS))
    plain = replace(STANDARD, adaptive_threshold=0.0, **FEWER_BOUNCES)
    for samples in (8, 16, 32, 64, 128):
        made.append(("denoised, 4 diffuse, 8 glossy bounces", replace(plain, samples=samples), {}))
    for threshold in (0.05, 0.1):
        made.append((f"adaptive {threshold}", replace(plain, samples=128, adaptive_threshold=threshold), {}))
    base = replace(plain, samples=32)
    made += [
        ("32, denoiser balanced", replace(base, denoiser_quality="BALANCED"), {}),
        ("32, denoiser fast", replace(base, denoiser_quality="FAST"), {}),
        ("32, prefilter fast", replace(base, denoiser_prefilter="FAST"), {}),
        ("32, prefilter none", replace(base, denoiser_prefilter="NONE"), {}),
        ("32, no light tree", replace(base, light_tree=False), {}),
        ("32, clamp 3", replace(base, clamp_indirect=3.0), {}),
        ("32, diffuse 3 glossy 4", replace(base, diffuse_bounces=3, glossy_bounces=4), {}),
        ("32, light threshold 0.05", replace(base, light_threshold=0.05), {}),
        ("32, guiding", base, {"use_guiding": True}),
        ("32, blue noise", base, {"sampling_pattern": "BLUE_NOISE"}),
    ]
    full = replace(plain, diffuse_bounces=8, glossy_bounces=12)
    for samples, threshold in ((64, 0.0), (256, 0.0), (256, 0.02), (512, 0.02)):
        more = replace(full, samples=samples, adaptive_threshold=threshold)
        made.append((f"denoised, 8 diffuse, 12 glossy bounces, adaptive {threshold}", more, {}))
    more = replace(full, diffuse_bounces=16, glossy_bounces=24, max_bounces=32)
    for samples in (16, 64, 128):
        made.append(("denoised, 16 diffuse, 24 glossy bounces", replace(more, samples=samples), {}))
    for samples in (64, 128):
        again = replace(full, samples=samples, adaptive_threshold=0.02)
        made.append(("denoised, 8 diffuse, 12 glossy bounces, adaptive 0.02", again, {}))
    for name in ("preview", "standard"):
        made.append((f"preset {name}", PRESETS[name], {}))
    return made


def psnr_db(picture: Any, reference: Any) -> float:
    """Peak signal-to-noise ratio of 8-bit pictures, dB."""
    error = picture.astype(np.float64) - reference.astype(np.float64)
    return float(10 * np.log10(255**2 / np.mean(error**2)))


def measure(
    scene: str, seed: int, width: int, height: int, reference_samples: int, out: Path, only: str
) -> list[dict[str, Any]]:
    """Render one view of one scene in all variants; needs Blender in this process."""
    import bpy

    from depthbench.blender_scenes.built_scene import Clock, build_scene
    from depthbench.blender_scenes.pose import Rejected, ViewLimits, draw_pose
    from depthbench.blender_scenes.render import configure, render_linear
    from depthbench.blender_scenes.rig_camera import set_camera
    from depthbench.blender_scenes.tone import exposure, tone_map
    from depthbench.formats.image import read_rgb, write_png
    from depthbench.generators.draws import attempt_rng
    from depthbench.generators.layered_config import LayeredConfig

    class Here:
        """Stands in for a worker's surroundings."""

        device, threads = "CPU", 0

        def send(self, *_: Any, **__: Any) -> None:
            """Nobody listens."""

    config = LayeredConfig(seed, width, height, "standard", STANDARD, (scene,), ("",), 1)
    built = build_scene(config, 0, Here(), Clock())  # type: ignore[arg-type]
    limits = ViewLimits(width, height, config.min_disparity_share, config.max_disparity_share)
    for attempt in range(200):
        try:
            pose = draw_pose(built.info, built.caster, limits, True, attempt_rng(seed, 0, 0, attempt))
            break
        except Rejected:
            continue
    set_camera(pose.rig.intrinsics, pose.left_cam_to_world)

    def picture(settings: RenderSettings, raw: dict[str, Any]) -> tuple[Any, float]:
        configure(settings, lambda: None)
        bpy.app.handlers.render_stats.clear()
        for name, value in {"sampling_pattern": "AUTOMATIC", **raw}.items():
            setattr(bpy.context.scene.cycles, name, value)
        start = time.process_time()
        made = render_linear(seed=1)
        return made.linear, time.process_time() - start

    reference_settings = replace(
        STANDARD,
        samples=reference_samples,
        adaptive_threshold=0.0,
        denoiser_quality="OFF",
        clamp_indirect=0.0,
        light_threshold=0.0,
        **MORE_BOUNCES,
    )
    reference_png, gain_json = out / f"{scene}-{seed}-reference.png", out / f"{scene}-{seed}-gain.json"
    if gain_json.is_file():
        reference, gain = read_rgb(reference_png), json.loads(gain_json.read_text())
    else:
        linear, seconds = picture(reference_settings, {})
        gain = exposure(linear)
        reference = tone_map(linear, gain)
        write_png(reference_png, reference)
        gain_json.write_text(json.dumps(gain))
        print(f"{scene} seed {seed}: reference of {reference_samples} samples in {seconds:.0f} s", flush=True)
    rows = []
    for curve, settings, raw in variants():
        if only and only not in curve:
            continue
        linear, seconds = picture(settings, raw)
        image = tone_map(linear, gain)
        row = {
            "scene": scene,
            "seed": seed,
            "curve": curve,
            "samples": settings.samples,
            "seconds": seconds,
            "psnr_db": psnr_db(image, reference),
        }
        rows.append(row)
        print(f"{curve:28s} {settings.samples:5d} samples  {seconds:7.2f} s  {row['psnr_db']:6.2f} dB", flush=True)
        if curve.startswith("preset"):
            write_png(out / f"{scene}-{seed}-{curve.replace(' ', '-')}.png", image)
    return rows


def report(rows: list[dict[str, Any]]) -> None:
    """Print, per view, the standard preset beside Blender's own settings."""
    for scene, seed in sorted({(row["scene"], row["seed"]) for row in rows}):
        view = [row for row in rows if (row["scene"], row["seed"]) == (scene, seed)]
        ours = next(row for row in view if row["curve"] == "preset standard")
        print(f"{scene} seed {seed}: standard preset {ours['psnr_db']:.2f} dB in {ours['seconds']:.1f} s")
        for curve in ("Blender defaults", "defaults, 24 bounces"):
            full = max((row for row in view if row["curve"] == curve), key=lambda row: row["samples"])
            ratio = full["seconds"] / ours["seconds"]
            print(f"    {curve}: {full['psnr_db']:.2f} dB in {full['seconds']:.1f} s = {ratio:.1f} x the time")


def plot(rows: list[dict[str, Any]], target: Path) -> None:
    """Draw PSNR over time, one panel per view."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    views = sorted({(row["scene"], row["seed"]) for row in rows})
    figure, panels = plt.subplots(1, len(views), figsize=(6 * len(views), 4.5), squeeze=False)
    for panel, (scene, seed) in zip(panels[0], views, strict=True):
        view = [row for row in rows if (row["scene"], row["seed"]) == (scene, seed)]
        for curve in dict.fromkeys(row["curve"] for row in view):
            points = sorted((row["seconds"], row["psnr_db"]) for row in view if row["curve"] == curve)
            preset = curve.startswith("preset")
            lone = len(points) == 1 and not preset
            style = {"marker": "*" if preset else ".", "markersize": 14 if preset else 5 if lone else 7}
            label = None if curve.startswith("32, ") else curve
            panel.plot(*zip(*points, strict=True), color="0.6" if label is None else None, label=label, **style)
        panel.set(xscale="log", xlabel="processor seconds", ylabel="PSNR, dB", title=f"{scene}, seed {seed}")
        panel.grid(True, alpha=0.3)
        panel.legend(fontsize=7)
    figure.suptitle(
        "Quality per second against the 2,048-sample reference\n(grey dots: 32 samples, one setting changed)",
        fontsize=10,
    )
    figure.tight_layout()
    figure.savefig(target, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", default="cafe,gallery")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", default="192x128", help="WxH of the pictures")
    parser.add_argument("--reference-samples", type=int, default=2048)
    parser.add_argument("--only", default="", help="render the curves with these words in their name only")
    parser.add_argument("--out", type=Path, default=Path("bench-quality"))
    parser.add_argument("--plot", type=Path, help="draw the curves of OUT/quality.json into this PNG, render nothing")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results = arguments.out / "quality.json"
    rows = json.loads(results.read_text()) if results.is_file() else []
    if arguments.plot:
        plot(rows, arguments.plot)
        report(rows)
        return
    width, height = map(int, arguments.size.split("x"))
    for scene in arguments.scenes.split(","):
        rows += measure(
            scene, arguments.seed, width, height, arguments.reference_samples, arguments.out, arguments.only
        )
        results.write_text(json.dumps(rows, indent=1))
    report(rows)
    os._exit(0)


if __name__ == "__main__":
    main()
