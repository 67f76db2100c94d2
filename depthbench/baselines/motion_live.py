# SPDX-License-Identifier: Apache-2.0
"""Masks in a folder and positions in a file into depths, one by one, as ``depthbench odms track`` prints them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from depthbench.baselines.motion_track import DepthTracker, LiveEstimate
from depthbench.errors import DepthbenchError
from depthbench.formats.camera_positions import CameraPosition
from depthbench.formats.odms_folder import read_mask

HEADING = "mask,z,depth,low,high,subsets,ms,note"


@dataclass(frozen=True)
class LiveLine:
    """One mask's outcome; ``latency_ms`` is from before the mask was read to the estimate."""

    position: CameraPosition
    estimate: LiveEstimate
    latency_ms: float

    def csv(self) -> str:
        """Return the line under :data:`HEADING`; what is not known is empty."""
        found = self.estimate
        numbers = ["" if math.isnan(value) else f"{value:.6g}" for value in (found.depth, found.low, found.high)]
        start = [self.position.name, f"{self.position.z:.9g}", *numbers, str(found.subsets)]
        return ",".join([*start, f"{self.latency_ms:.2f}", f'"{found.note}"' if "," in found.note else found.note])


def mask_path(folder: Path, name: str) -> Path:
    """Return the file of a mask that is called with or without its suffix.

    Raises
    ------
    DepthbenchError
        If it is not there.
    """
    for path in (folder / name, folder / f"{name}.png"):
        if path.is_file():
            return path
    raise DepthbenchError(
        f"{folder / name}: no such mask (nor {name}.png); its position must be told after it is written"
    )


def track_masks(folder: Path, positions: Iterable[CameraPosition], tracker: DepthTracker) -> Iterator[LiveLine]:
    """Yield a line per position, as they come.

    Raises
    ------
    DepthbenchError
        If a mask is absent, unreadable or of another size; the message names it.
    """
    for position in positions:
        start = time.perf_counter()
        path = mask_path(folder, position.name)
        mask = read_mask(path)
        try:
            estimate = tracker.add(mask, position.z)
        except DepthbenchError as error:
            raise DepthbenchError(f"{path}: {error}") from error
        yield LiveLine(position, estimate, 1000 * (time.perf_counter() - start))


def sideways(positions: list[CameraPosition]) -> bool:
    """Tell whether the camera went farther across its optical axis than along it, in all that it went."""
    along = max(p.z for p in positions) - min(p.z for p in positions)
    first = positions[0].across
    return max(math.dist(p.across, first) for p in positions) > along


def untold(folder: Path, positions: Iterable[CameraPosition]) -> list[str]:
    """Return the PNGs of a folder that no position names."""
    named = {Path(position.name).stem for position in positions}
    return sorted(path.name for path in folder.glob("*.png") if path.stem not in named)
