# SPDX-License-Identifier: Apache-2.0
"""Masks per second of the ODMS stream on one core, against the plain published algorithm.

    python benches/odms_speed.py

The rival does what the description of the public generator says, as plainly as can be (``tests/odms_twin.py``, which is also what
the tests hold the stream against): 2,000 points per curve set in an image of 480x640, holes filled there, averaged down in floats.
It is a little faster than the public generator itself, which makes 74 masks a second on the machine of docs/speed.md. All rows but
the rival's make the same masks, bit for bit the rival's before they are reduced. Processor time of one thread, the best of several
rounds; from the numbers of the samples to uint8 (B, n, 112, 112).
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

from depthbench.generators.odms import raster
from depthbench.generators.odms.config import AUGMENTATIONS, OdmsConfig
from depthbench.generators.odms.examples import make_examples
from depthbench.generators.odms.scene import draw_scene

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from odms_twin import grown, one_contour, reduced_share, touched_mask

PUBLIC_PER_S = 74
ESTIMATED_LIMIT_PER_S = 50_000
ROUNDS = 7


def twin(config: OdmsConfig, count: int) -> int:
    """Make masks as published; return how many."""
    _, drawing = draw_scene(config, range(count))
    for number in range(len(drawing)):
        if number % config.observations == 0:
            points, size = one_contour(drawing.contours, int(drawing.contour[number]))
        mask = touched_mask(points, drawing.scale[number], size)
        reduced_share(grown(mask, int(drawing.growth[number])))
    return len(drawing)


def per_second(make: Callable[[int], int], rounds: int = ROUNDS) -> float:
    """Return the best rate of several rounds, each of other samples, after one to warm up."""
    make(0)
    rates = []
    for number in range(1, rounds + 1):
        start = time.process_time()
        made = make(number)
        rates.append(made / (time.process_time() - start))
    return max(rates)


def ours(config: OdmsConfig, name: str, count: int) -> float:
    """Return masks per second of one of the two rasterisers."""
    raster.rasteriser.cache_clear()
    module = importlib.import_module(f"depthbench.generators.odms.{name}")
    chosen, raster.rasteriser = raster.rasteriser, lambda: module  # type: ignore[assignment]
    try:
        return per_second(lambda k: make_examples(config, range(k * count, (k + 1) * count)).masks.size // 112**2)
    finally:
        raster.rasteriser = chosen


def main() -> None:
    configs = {
        "n = 10": OdmsConfig(),
        "n = 10, perturbed": OdmsConfig(perturb=True),
        "n = 2": OdmsConfig(observations=2),
        "n = 10, all augmentations": OdmsConfig(perturb=True, augment=tuple(AUGMENTATIONS)),
    }
    print(f"{'':28s}{'published':>10s}{'numpy':>9s}{'ratio':>7s}{'compiled':>10s}{'ratio':>7s}{'of 74/s':>9s}")
    for name, config in configs.items():
        plain, fast = ours(config, "plain", 24), ours(config, "compiled", 256)
        if config.augment:  # no part of what is published
            print(
                f"{name:28s}{'-':>10s}{plain:9.0f}{'-':>7s}{fast:10.0f}{'-':>7s}{fast / PUBLIC_PER_S:8.0f}x", flush=True
            )
            continue
        published = per_second(lambda _, config=config: twin(config, 4), 3)
        ratios = plain / published, fast / published, fast / PUBLIC_PER_S
        print(
            f"{name:28s}{published:10.0f}{plain:9.0f}{ratios[0]:6.0f}x{fast:10.0f}{ratios[1]:6.0f}x{ratios[2]:8.0f}x",
            flush=True,
        )
        if name == "n = 10":
            print(f"{'':28s}{fast / ESTIMATED_LIMIT_PER_S:.1f} times the limit that was estimated beforehand, 50,000/s")


if __name__ == "__main__":
    main()
