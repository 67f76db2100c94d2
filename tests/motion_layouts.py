# SPDX-License-Identifier: Apache-2.0
"""The ODMS sets in their true layout, small: squares whose sides are 60 / k pixels at k tenths of a metre, so growth is exact."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.formats.odms_folder import write_example, write_timed_example

STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20)
DEPTHS_M = tuple(0.1 * k for k in STEPS)
SHAPE = (64, 80)
Mask = npt.NDArray[np.bool_]


def square(side_px: int, shape: tuple[int, int] = SHAPE) -> Mask:
    mask = np.zeros(shape, dtype=bool)
    mask[2 : 2 + side_px, 5 : 5 + side_px] = True
    return mask


def squares() -> list[Mask]:
    """Ten masks, near to far."""
    return [square(60 // k) for k in STEPS]


def simulated(root: Path, part: str = "normal", split: str = "val", examples: int = 2) -> Path:
    for number in range(1, examples + 1):
        write_example(root / "data" / split / part / f"synthetic_{number}", squares(), DEPTHS_M)
    return root


def robot(root: Path, split: str = "val", frames: int = 30) -> Path:
    """One clip; frame i is at 0.2 + 0.02 i metres, its mask a square of the side that rounds right."""
    depths = [0.2 + 0.02 * i for i in range(frames)]
    write_example(root / "data" / split / "robot" / "mug_0", [square(round(12 / depth)) for depth in depths], depths)
    return root


def driving(root: Path, split: str = "val") -> Path:
    """An object at rest and one that comes nearer by itself, twelve and ten frames, far to near."""
    steps = (20, 15, 12, 10, 6, 5, 4, 3, 2, 1)
    still = root / "data" / split / "driving" / "SYNTHIA-SEQS-01-DAWN_10_10_3"
    write_timed_example(still, [square(60 // k) for k in steps], [k - 1.0 for k in steps], [float(k) for k in steps])
    steps = (20, 20, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1)
    moving = root / "data" / split / "driving" / "SYNTHIA-SEQS-01-DAWN_20_12_3"
    moves = [22.0, 21.0, *(k - 1.0 for k in steps[2:])]
    write_timed_example(moving, [square(60 // k) for k in steps], moves, [float(k) for k in steps])
    return root


def everything(root: Path) -> Path:
    for make in (robot, driving, simulated):
        make(root)
    return simulated(root, "perturb", examples=1)
