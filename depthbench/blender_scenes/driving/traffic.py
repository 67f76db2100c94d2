# SPDX-License-Identifier: Apache-2.0
"""Who moves in a street, and how: tracks of rectangles that never come near one another. Pure numpy.

The street runs along x; one drives on the right, so to +x on the side of lower y. Everything keeps its speed and its line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
SECONDS_PER_FRAME = 5 / 17
"""Every fifth frame of a video of 17 frames per second, as in Cityscapes-DVPS."""
GAP_M = {"vehicle": 3.0, "person": 0.35}
"""Least distance to anything else, along and across."""


@dataclass(frozen=True)
class Track:
    """The way of one mover.

    Attributes
    ----------
    kind : str
        What moves: a name in :data:`SIZES_M`, or ``ego``.
    centres : float64 (F, 2)
        Where its middle is in every frame.
    half : (float, float)
        Half its extent along x and y, metres.
    turn_deg : float
        Where it heads, from +x towards +y.
    speed_m_s : float
    """

    kind: str
    centres: Points
    half: tuple[float, float]
    turn_deg: float
    speed_m_s: float


SIZES_M = {
    "car": (4.7, 1.95), "lorry": (7.6, 2.7), "bus": (11.6, 2.8), "cyclist": (1.9, 0.75), "person": (0.7, 0.7)
}  # fmt: skip
"""Kind -> length and width with some room."""


def straight(kind: str, start: npt.ArrayLike, turn_deg: float, speed_m_s: float, frames: int) -> Track:
    """Return the track of something that keeps on from ``start`` (x, y); its heading is a multiple of 90 degrees."""
    turn = np.deg2rad(turn_deg)
    ahead = np.round([np.cos(turn), np.sin(turn)])
    long, wide = SIZES_M[kind]
    along = abs(ahead[0]) > 0.5
    way = SECONDS_PER_FRAME * speed_m_s * np.arange(frames)
    centres = np.asarray(start, dtype=np.float64) + way[:, None] * ahead
    return Track(kind, centres, (long / 2, wide / 2) if along else (wide / 2, long / 2), turn_deg, speed_m_s)


def apart(one: Track, other: Track) -> bool:
    """Whether two tracks keep their distance in every frame."""
    gap = min(GAP_M[_sort(one)], GAP_M[_sort(other)])
    reach = np.add(one.half, other.half) + np.array([gap, min(gap, 0.35)])
    return bool((np.abs(one.centres - other.centres) >= reach).any(axis=1).all())


def _sort(track: Track) -> str:
    return "person" if track.kind == "person" else "vehicle"


def free(track: Track, taken: Sequence[Points]) -> bool:
    """Whether a track meets none of some rectangles (2, 2) at any time between its first and its last frame."""
    low = track.centres.min(axis=0) - track.half
    high = track.centres.max(axis=0) + track.half
    return not any(((low < box[1]) & (high > box[0])).all() for box in taken)


@dataclass(frozen=True)
class Lanes:
    """Where one can go: lines of the two lanes, bands (low, high) of the pavements, length of the street; metres."""

    right_y: float
    left_y: float
    pavements: tuple[tuple[float, float], tuple[float, float]]
    length_m: float


def drive(rng: np.random.Generator, lanes: Lanes, frames: int) -> Track:
    """Draw how the camera's car drives: at town speed, one time in eight it waits."""
    speed = 0.0 if rng.random() < 0.12 else float(rng.uniform(2.5, 11.0))
    start = -lanes.length_m / 2 + float(rng.uniform(9.0, 20.0))
    track = straight("car", (start, lanes.right_y), 0.0, speed, frames)
    return Track("ego", track.centres, track.half, 0.0, speed)


def plan(
    rng: np.random.Generator, lanes: Lanes, ego: Track, taken: Sequence[Points], crossing_x: float | None
) -> list[Track]:
    """Draw the traffic about the camera's car.

    Parameters
    ----------
    taken : sequence of float64 (2, 2)
        Rectangles (low, high) that stand in the way.
    crossing_x : float or None
        Where people cross the road.
    """
    frames = len(ego.centres)
    tracks: list[Track] = [ego]

    def add(track: Track) -> None:
        inside = (np.abs(track.centres[:, 0]) + track.half[0] < lanes.length_m / 2 - 1.0).all()
        if inside and free(track, taken) and all(apart(track, other) for other in tracks):
            tracks.append(track)

    if crossing_x is not None:
        for _ in range(int(rng.integers(1, 4))):
            up = rng.random() < 0.5
            x, speed = crossing_x + float(rng.uniform(-1.3, 1.3)), float(rng.uniform(0.9, 1.6))
            y = float(rng.uniform(lanes.right_y - 1.5, lanes.left_y + 1.5))
            add(straight("person", (x, y), 90.0 if up else -90.0, speed, frames))
    here = float(ego.centres[0, 0])
    for lane_y, turn, count in (
        (lanes.right_y, 0.0, int(rng.integers(0, 4))),
        (lanes.left_y, 180.0, int(rng.integers(1, 6))),
    ):
        for _ in range(count):
            kind = str(rng.choice(["car", "car", "car", "lorry", "bus"], p=[0.3, 0.2, 0.2, 0.18, 0.12]))
            x = here + float(rng.uniform(9.0, 80.0))
            y = lane_y + float(rng.normal(0, 0.12))
            add(straight(kind, (x, y), turn, float(rng.choice([0.0, 1.0])) * float(rng.uniform(2.0, 11.0)), frames))
    for _ in range(int(rng.integers(0, 5))):
        ahead = rng.random() < 0.6
        y = lanes.right_y - 1.35 if ahead else lanes.left_y + 1.35
        x = here + float(rng.uniform(6.0, 45.0))
        add(straight("cyclist", (x, y), 0.0 if ahead else 180.0, float(rng.uniform(3.0, 6.0)), frames))
    for _ in range(int(rng.integers(6, 26))):
        low, high = lanes.pavements[int(rng.integers(2))]
        x, y = here + float(rng.uniform(3.0, 70.0)), float(rng.uniform(low, high))
        stands = rng.random() < 0.2
        turn = 180.0 * int(rng.integers(2)) if not stands else 90.0 * int(rng.integers(4))
        add(straight("person", (x, y), turn, 0.0 if stands else float(rng.uniform(0.7, 1.7)), frames))
    return tracks[1:]
