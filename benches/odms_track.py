# SPDX-License-Identifier: Apache-2.0
"""Latency of ``depthbench odms track``, mask by mask, from a PNG on the disk to the printed depth: medians and worst of an approach.

Two approaches: 480x640 with an object of up to 250x250 pixels, 720x1280 with one of up to 600x600; 100 masks each. The limit is
reading the PNG, which is timed by itself; a camera of 30 frames a second leaves 33 ms. Work is processor time, latency is wall time.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from depthbench.baselines.loading import load_model
from depthbench.baselines.motion_live import track_masks
from depthbench.baselines.motion_track import DepthTracker
from depthbench.formats.camera_positions import CameraPosition
from depthbench.formats.image import write_png
from depthbench.formats.odms_folder import read_mask

FRAMES = 100
FRAME_MS = 1000 / 30
MODELS = {"vos-de": 64, "vos-de-unbiased": 64, "size-net": 64, "odn-l": 8}
"""Model -> most subsets of what has been seen that are asked at each mask."""


def blob(shape: tuple[int, int], radius_px: float, rng: np.random.Generator) -> np.ndarray:
    """A wavy disc with a ragged border and specks beside it, as a network draws it."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    y, x = y - shape[0] / 2, x - shape[1] / 2
    angle = np.arctan2(y, x)
    edge = radius_px * (1 + 0.1 * np.sin(5 * angle) + rng.normal(0, 0.01, shape))
    return (np.hypot(y, x) < edge) | (rng.random(shape) < 1e-4)


def main() -> None:
    rng = np.random.default_rng(0)
    for shape, largest_px in (((480, 640), 125.0), ((720, 1280), 300.0)):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            depths_m = np.linspace(0.6, 0.1, FRAMES)
            for number, depth in enumerate(depths_m):
                write_png(
                    folder / f"{number:04d}.png", 255 * blob(shape, largest_px * 0.1 / depth, rng).astype(np.uint8)
                )
            start = time.process_time()
            for number in range(FRAMES):
                read_mask(folder / f"{number:04d}.png")
            read_ms = 1000 * (time.process_time() - start) / FRAMES
            print(f"{shape[1]}x{shape[0]}: reading alone {read_ms:.2f} ms a mask")
            for name, subsets in MODELS.items():
                positions = [CameraPosition(f"{n:04d}", -float(depth)) for n, depth in enumerate(depths_m)]
                start = time.process_time()
                lines = list(track_masks(folder, positions, DepthTracker(load_model(name).model, subsets=subsets)))
                worked_ms = 1000 * (time.process_time() - start) / FRAMES
                took = np.array([line.latency_ms for line in lines])
                median, most = float(np.median(took)), float(took.max())
                told = f"{worked_ms:.2f} ms of work ({worked_ms / read_ms:.1f} x reading), latency median {median:.2f}, worst {most:.2f}"
                print(f"  {name:16s} {told}, {FRAME_MS / median:.0f} x faster than 30 frames a second")


if __name__ == "__main__":
    main()
