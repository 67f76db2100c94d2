# SPDX-License-Identifier: Apache-2.0
"""The geometric check of fusion against the published loop of numpy and OpenCV written plainly; the aim is a ratio of at least 10.

    pip install opencv-python-headless
    python benches/fusion.py                     # 400x296 with five sources, a few seconds
    python benches/fusion.py --size 1600x1184 --sources 10
    python benches/fusion.py --numpy             # without the machine code of the extra [fast]

A wall with a ball before it, depth with noise of 0.4 % and 2 % unknown. Both sides have the maps in memory already. Sides alternate; printed are
medians of processor seconds for one reference view, the share of pixels whose mask differs, and seconds to write the points.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from depthbench.formats.ply_stream import point_stream
from depthbench.fusion.consistency import consistent
from depthbench.fusion.rules import PRESETS

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fusion_scene import published, views


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="400x296")
    parser.add_argument("--sources", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--numpy", action="store_true")
    options = parser.parse_args()
    if options.numpy:
        sys.modules["depthbench.fusion.compiled"] = None  # type: ignore[assignment]
    import cv2

    cv2.setNumThreads(1)
    width, height = map(int, options.size.split("x"))
    made = views(options.sources + 1, width, height, noise=0.004)
    middle = len(made) // 2
    view, sources = made[middle], [other for number, other in enumerate(made) if number != middle]
    consistent(*(lambda small: (small[0], small[1:]))(views(2, 16, 12)), PRESETS["fixed"])  # machine code is loaded
    seconds: dict[str, list[float]] = {"ours": [], "published": []}
    for _ in range(options.rounds):
        start = time.process_time()
        mask, depth = consistent(view, sources, PRESETS["fixed"])
        between = time.process_time()
        wanted, _ = published(view, sources)
        seconds["ours"].append(between - start)
        seconds["published"].append(time.process_time() - between)
    ours, theirs = (statistics.median(values) for values in seconds.values())
    differing = 100 * float((mask != wanted).mean())
    print(
        f"{options.size}, {options.sources} sources: ours {ours:.3f} s, published {theirs:.2f} s, ratio {theirs / ours:.1f}"
    )
    print(f"masks differ in {differing:.3f} % of the pixels; kept {100 * float(wanted.mean()):.1f} %")
    with tempfile.TemporaryDirectory() as scratch:
        start = time.process_time()
        with point_stream(Path(scratch) / "a.ply") as stream:
            stream.write(view.points(mask, depth), np.zeros((int(mask.sum()), 3), np.uint8))
        print(f"{stream.count} points to the world and to the file: {time.process_time() - start:.3f} s")


if __name__ == "__main__":
    main()
