# SPDX-License-Identifier: Apache-2.0
"""Focal stacks from our own stereo pairs, whose surfaces are known behind glass and, by the other eye, beside edges.

- Glass: what is seen through it is as far as what lies behind, so the picture's light belongs to the surface that ends the ray. Reflections
  would be blurred by the length of their own way, which no layer tells; they go with that surface too.
- Screens (mesh, voile): the stored colour mixes the threads and what is behind. Both get it, half of the cover each.
- Behind edges: the right eye sees some of it. Its pixels are moved to the left eye by their own disparity, colour included, where they lie
  behind what the left eye sees; those through see-through things and in mirrors are left out. The rest is guessed (:mod:`.surfaces`).
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.formats.layered_record import EyeRecord
from depthbench.formats.rgbd import RgbdFrame
from depthbench.formats.shard import ShardReader
from depthbench.generators.focal.film import light_of
from depthbench.generators.focal.sources import Scene
from depthbench.generators.focal.srgb import decode
from depthbench.generators.focal.surfaces import Sheet
from depthbench.generators.layered_folder import samples
from depthbench.layers import SurfaceClass

SCREEN_COVER = 0.5
BEHIND_PX = 0.5
"""Disparity by which a point of the right eye must be behind what the left eye sees."""


class LayeredSource:
    """The finished samples of a folder of ``generate layered``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def _places(self) -> list[tuple[str, Path, int]]:
        return [(reader.ids[index], reader.path, index) for reader, index in samples(self.root)]

    @property
    def names(self) -> list[str]:
        """The samples' ids."""
        return [name for name, _, _ in self._places]

    def place(self, index: int) -> tuple[Path, int]:
        """Return a sample's shard and its index in it."""
        return self._places[index][1:]

    def read(self, index: int) -> Scene:
        """Read a sample; its depth is that of the surface that ends each ray, +inf where none does."""
        name, path, place = self._places[index]
        with ShardReader(path) as reader:
            rig = reader.rig(place)
            left, right = reader.eye(place, "left"), reader.eye(place, "right")
            environment = reader.meta(place).get("environment")
        per_px = 1 / (rig.intrinsics.fx * rig.baseline_m)
        last = _ends(left)
        with np.errstate(divide="ignore"):
            depth_m = (1 / ((last + np.float32(rig.doffs)) * per_px)).astype(np.float32)
        frame = RgbdFrame(name, left.image, depth_m, rig.intrinsics)
        light = light_of(decode(left.image))
        screens = np.where(left.layers.surface_class == SurfaceClass.SCREEN, left.layers.disp_px, np.float32(np.nan))
        others = [
            Sheet(((screen + np.float32(rig.doffs)) * per_px).astype(np.float32), light, SCREEN_COVER)
            for screen in screens
            if np.isfinite(screen).any()
        ]
        seen = _from_the_right(right, last)
        others.append(Sheet(((seen[0] + np.float32(rig.doffs)) * per_px).astype(np.float32), seen[1]))
        told = float(np.isfinite(seen[0]).mean())
        about = {"environment": environment, "share_seen_by_the_other_eye": round(told, 5)}
        return Scene(frame, tuple(others), about, film=True)


def _ends(eye: EyeRecord) -> npt.NDArray[np.float32]:
    """Return the disparity of what ends each ray, 0 where nothing does."""
    return np.where(eye.layers.sky, np.float32(0), eye.layers.last())


def _from_the_right(
    right: EyeRecord, left_px: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return disparity (H, W), NaN for none, and linear light of what the right eye sees behind the left one's surfaces."""
    height, width = left_px.shape
    ends = _ends(right)
    plain = ~right.layers.see_through & ~right.reflective & np.isfinite(ends)
    row, column = np.nonzero(plain)
    disparity = ends[plain]
    there = np.rint(column + disparity).astype(np.int64)
    kept = (there >= 0) & (there < width)
    row, column, there, disparity = row[kept], column[kept], there[kept], disparity[kept]
    behind = disparity < left_px[row, there] - BEHIND_PX
    row, column, there, disparity = row[behind], column[behind], there[behind], disparity[behind]
    order = np.argsort(disparity, kind="stable")  # of several, the nearest is written last
    row, column, there, disparity = row[order], column[order], there[order], disparity[order]
    found = np.full((height, width), np.nan, dtype=np.float32)
    light = np.zeros((height, width, 3), dtype=np.float32)
    found[row, there] = disparity
    light[row, there] = light_of(decode(right.image))[row, column]
    return found, light
