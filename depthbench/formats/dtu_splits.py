# SPDX-License-Identifier: Apache-2.0
"""DTU's scans as learned multi-view stereo divides them since MVSNet: 79 to train, 18 to validate, 22 to test.

Papers on implicit surfaces use 15 other scans, several of which are for training here.
"""

from __future__ import annotations

from depthbench.errors import unknown_name

TEST_SCANS = (1, 4, 9, 10, 11, 12, 13, 15, 23, 24, 29, 32, 33, 34, 48, 49, 62, 75, 77, 110, 114, 118)
VAL_SCANS = (3, 5, 17, 21, 28, 35, 37, 38, 40, 43, 56, 59, 66, 67, 82, 86, 106, 117)
NO_SCANS = (25, 26, 27, 54, 73, 78, 79, 80, 81)
"""In none of the three."""
TRAIN_SCANS = tuple(scan for scan in range(1, 129) if scan not in {*TEST_SCANS, *VAL_SCANS, *NO_SCANS})

SPLITS = {"train": TRAIN_SCANS, "val": VAL_SCANS, "test": TEST_SCANS}


def split_scans(name: str) -> tuple[int, ...]:
    """Return the scans of a split.

    Raises
    ------
    DepthbenchError
        If there is no such split.
    """
    if name not in SPLITS:
        raise unknown_name("split of DTU", name, SPLITS)
    return SPLITS[name]
