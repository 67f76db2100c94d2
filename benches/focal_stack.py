# SPDX-License-Identifier: Apache-2.0
"""Processor seconds per focal stack of 480x640 and ten planes on one core, against naive ports and against memory.

    python benches/focal_stack.py

The scene is drawn here: a slanted floor, a wall and thirty discs before them, seen by the camera of HybridDepth's stacks (26 px of
diameter per dioptre): from 1.4 to 6.6 m, as frames of NYU v2 are, and once from 0.9 m, with almost twice the blur. From a uint8 picture and depth to a uint8 stack.

Rivals, written as plainly as their descriptions: the published kernel as 49 shifted copies in numpy; a layered renderer that blurs
each of 32 layers over the whole picture with scipy and composites them by *over*. The limit is memory: the bytes that anyone
must move to read one picture, touch a float picture of four channels per plane once and write the stack, at the speed of a copy.
"""

from __future__ import annotations

import itertools
import os

os.environ["OMP_NUM_THREADS"] = "1"

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage

from depthbench.generators.focal import plain
from depthbench.generators.focal.layered import render_layered
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.reference import radius_px, render_reference
from depthbench.generators.focal.srgb import decode, encode_8_bit
from depthbench.generators.focal.surfaces import Sheet, fill_holes

HEIGHT, WIDTH, PLANES, ROUNDS = 480, 640, 10, 5
LENS = ThinLens(0.05, 8, 12e-6)


def scene(nearest_m: float = 1.4, farthest_m: float = 6.6) -> tuple[Any, Any]:
    """Return a picture, uint8, and its depth with holes, float32."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    depth = np.clip(300 / np.maximum(y - 180.0, 1.0), nearest_m, farthest_m).astype(np.float32)
    for _ in range(30):
        row, column, radius = rng.uniform(0, HEIGHT), rng.uniform(0, WIDTH), rng.uniform(10, 70)
        there = (y - row) ** 2 + (x - column) ** 2 < radius**2
        metres = np.float32(rng.uniform(nearest_m, farthest_m))
        depth[there & (depth > metres)] = metres
    depth[rng.uniform(size=depth.shape) < 0.05] = np.nan
    texture = ndimage.gaussian_filter(rng.uniform(-2, 3, (HEIGHT, WIDTH, 3)), (1.5, 1.5, 0))
    return np.uint8(255 * np.clip(texture, 0, 1)), depth


def naive_layered(image: Any, depth: Any, focus: Any) -> Any:
    """Blur 32 layers over the whole picture, one by one, and composite them by *over*."""
    light, dioptre = decode(image), fill_holes(depth)
    edges = np.linspace(dioptre.min(), dioptre.max() + 1e-6, 33)
    stack = np.empty((len(focus), *light.shape), dtype=np.float32)
    for picture, metres in zip(stack, focus, strict=True):
        picture[:] = 0
        for low, high in itertools.pairwise(edges):
            inside = ((dioptre >= low) & (dioptre < high)).astype(np.float32)
            sigma = LENS.diameter_px(2 / (low + high), metres) / 4
            cover = ndimage.gaussian_filter(inside, sigma)[..., None]
            blurred = np.stack([ndimage.gaussian_filter(light[..., c] * inside, sigma) for c in range(3)], -1)
            picture[:] = picture * (1 - cover) + blurred
    return encode_8_bit(stack)


def layered(image: Any, depth: Any, focus: Any, psf: str = "disk") -> Any:
    return encode_8_bit(render_layered([Sheet(fill_holes(depth), decode(image))], LENS, focus, psf=psf))


def reference(image: Any, depth: Any, focus: Any) -> Any:
    return np.rint(255 * render_reference(image.astype(np.float32) / 255, depth, LENS, focus)).astype(np.uint8)


def naive_reference(image: Any, depth: Any, focus: Any) -> Any:
    stack = np.empty((len(focus), *image.shape), dtype=np.float32)
    for picture, metres in zip(stack, focus, strict=True):
        plain.gather(image.astype(np.float32) / 255, radius_px(depth, LENS, float(metres)), picture)
    return np.rint(255 * stack).astype(np.uint8)


def seconds(make: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return the least processor time of some rounds, after one to warm up where there are several."""
    if rounds > 1:
        make()
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        make()
        taken.append(time.process_time() - start)
    return min(taken)


def seconds_per_byte() -> float:
    """Return what it takes to read or write a byte of 64 MB that are copied."""
    source = np.ones(1 << 24, dtype=np.float32)
    target = np.empty_like(source)
    return seconds(lambda: np.copyto(target, source)) / (2 * source.nbytes)


def even_dioptres(depth: Any) -> Any:
    return 1 / np.linspace(1 / np.nanmin(depth), 1 / np.nanmax(depth), PLANES)


def widest_px(depth: Any) -> float:
    """Return the largest radius of blur."""
    return max(float(np.nanmax(LENS.diameter_px(depth, metres))) for metres in even_dioptres(depth)) / 2


def main() -> None:
    image, depth = scene()
    focus = even_dioptres(depth)
    per_byte = seconds_per_byte()
    limit = per_byte * PLANES * (2 * 4 * HEIGHT * WIDTH * 4 + image.nbytes)
    taken = {make.__name__: seconds(lambda make=make: make(image, depth, focus)) for make in (layered, reference)}
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rivals = {
        "layered": seconds(lambda: naive_layered(image, depth, focus), 1),
        "reference": seconds(lambda: naive_reference(image, depth, focus), 1),
    }
    print(f"{HEIGHT}x{WIDTH}, {PLANES} planes, largest radius {widest_px(depth):.1f} px")
    print(f"{'':26s}{'CPU-s':>8s}{'naive':>8s}{'ratio':>7s}{'of the limit':>14s}")
    for name, ours_s in taken.items():
        print(f"{name:26s}{ours_s:8.2f}{rivals[name]:8.2f}{rivals[name] / ours_s:6.0f}x{ours_s / limit:13.0f}x")
    print(f"{'layered, Gaussian':26s}{seconds(lambda: layered(image, depth, focus, psf='gauss'), 2):8.2f}")
    near_image, near = scene(0.9)
    near_s = seconds(lambda: layered(near_image, near, even_dioptres(near)))
    print(f"{f'layered, radius {widest_px(near):.1f} px':26s}{near_s:8.2f}")
    print(f"limit {limit:.4f} s at {1e-9 / per_byte:.0f} GB/s; at most {peak_mb:.0f} MB in memory (all of Python)")


if __name__ == "__main__":
    main()
