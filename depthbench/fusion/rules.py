# SPDX-License-Identifier: Apache-2.0
"""Which points of depth maps are kept: thresholds of published programs, by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """A pair of thresholds, and how many source views must meet them."""

    distance_px: float
    relative_depth: float
    views: int


@dataclass(frozen=True)
class FusionRules:
    """Rules of a fusion.

    Attributes
    ----------
    levels : tuple of Level
        From strict to loose, each looser in both thresholds; a pixel is kept where one of them is met. Its depth is the mean of its own
        and of those that the views meeting the loosest thresholds give.
    confidence : float
        Pixels whose confidence is not above this are left out (where there are maps of confidence).
    sources : int or None
        Only the first of a view's sources; None: all.
    origin : str
        Where the numbers come from.
    """

    levels: tuple[Level, ...]
    confidence: float
    sources: int | None
    origin: str


def _fixed(confidence: float, views: int, sources: int | None, origin: str, scale: float = 1.0) -> FusionRules:
    return FusionRules((Level(scale, 0.01 * scale, views),), confidence, sources, origin)


PRESETS = {
    "fixed": _fixed(0.8, 3, None, "MVSNet_pytorch, eval.py"),
    "cascade": _fixed(0.9, 5, None, "CasMVSNet's test.py with its own (normal) fusion"),
    "patchmatchnet": _fixed(0.8, 3, None, "PatchmatchNet, eval.py, the settings for DTU"),
    "pva": _fixed(0.9, 3, 6, "PVA-MVSNet, at the scales of its pyramid"),
    "pva-final": _fixed(0.9, 3, 6, "PVA-MVSNet, the final scale: half of every threshold, on maps enlarged twice", 0.5),
    "pbs": _fixed(0.8, 3, 4, "PBS-MVSNet, section on fusion: 'more than three' views read as three at least, N = 4"),
    "dynamic": FusionRules(
        tuple(Level(views / 4, views / 1300, views) for views in range(2, 11)),
        0.8,
        None,
        "D2HC-RMVSNet: the more views agree, the less exactly they must",
    ),
}
