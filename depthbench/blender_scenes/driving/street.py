# SPDX-License-Identifier: Apache-2.0
"""A long street with its traffic, for a camera that drives along it: what stands is placed here, what moves at its first frame.

Built on the stage of the layout ``outdoor``; see :mod:`depthbench.blender_scenes.layouts.outdoor_street` for the frame.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes import assembly, skies
from depthbench.blender_scenes.driving import traffic
from depthbench.blender_scenes.driving.labels import class_of
from depthbench.blender_scenes.driving.traffic import Lanes, Track
from depthbench.blender_scenes.house import KERB_M, palette, placer
from depthbench.blender_scenes.layouts import free_air, outdoor_kerb, outdoor_light, outdoor_street
from depthbench.blender_scenes.layouts.outdoor_street import Street
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join
from depthbench.blender_scenes.objects import bicycle, bus, car, lorry, person, traffic_light, tree
from depthbench.blender_scenes.objects.kit import GAP_M, Kit
from depthbench.generators.driving.classes import panoptic_id

_ZEBRA_M = (0.0055, 0.0075)
"""Lower and upper face of the stripes of a crossing, over the road: above lines and covers."""
_WHEELS_M = -KERB_M + 0.0085
"""Height of what moves on the road."""
_PARKED_M = 2.1
"""How far parked cars reach into the road."""
_GREEN_M = 9.0
_CLASS = {"car": "car", "lorry": "truck", "bus": "bus", "person": "person"}


@dataclass(frozen=True)
class Instance:
    """One countable thing.

    Attributes
    ----------
    panoptic : int
        ``class * 1000 + instance``, the same in all frames.
    kind : str
        Its class.
    things : list of bpy.types.Object
        Its parts, where they are in frame 0.
    centre_m, size_m : float64 (3,)
        Of the box about it in frame 0, along the street's axes.
    heading_deg : float
        Where its front is, from +x towards +y.
    track : Track or None
        How it moves; None where it stands.
    """

    panoptic: int
    kind: str
    things: list[bpy.types.Object]
    centre_m: npt.NDArray[np.float64]
    size_m: npt.NDArray[np.float64]
    heading_deg: float
    track: Track | None = None

    def moved(self, frame: int) -> npt.NDArray[np.float64]:
        """Return the motion (4, 4) from frame 0 to another."""
        motion = np.eye(4)
        if self.track is not None:
            motion[:2, 3] = self.track.centres[frame] - self.track.centres[0]
        return motion


@dataclass(frozen=True)
class Drive:
    """A built street: the camera car's track, everything countable, and the panoptic id of every object by its name."""

    ego: Track
    road_z: float
    instances: list[Instance]
    panoptic: dict[str, int]
    weather: str


class _Register:
    """Counts instances and remembers what each object is."""

    def __init__(self) -> None:
        self.instances: list[Instance] = []
        self._count: Counter[str] = Counter()

    def add(self, kind: str, things: list[bpy.types.Object], track: Track | None = None) -> None:
        """Enter the parts of one thing; they must be where they belong."""
        self._count[kind] += 1
        bounds = free_air.bounds(things)
        low, high = bounds[:, 0].min(axis=0), bounds[:, 1].max(axis=0)
        number = panoptic_id(kind, self._count[kind])
        # the first part of every kit is not turned within it
        heading_deg = float(np.rad2deg(things[0].matrix_world.to_euler().z))
        self.instances.append(Instance(number, kind, things, (low + high) / 2, high - low, heading_deg, track))


def build(rng: np.random.Generator, frames: int) -> Drive:
    """Fill the empty current scene with a street and its traffic, different from draw to draw."""
    mood = outdoor_light.draw(rng)
    while mood.sky.weather == "blue_hour":
        mood = outdoor_light.draw(rng)
    street = Street(float(rng.uniform(115, 140)), float(rng.uniform(3.8, 5.2)), float(rng.uniform(12.0, 14.5)))
    shared, register = palette(rng), _Register()
    kerb = outdoor_kerb.open_kerb(street)
    outdoor_street.add_ground(rng, street)
    # Rays that slip between stones end here, not in the sky.
    bed = box(street.length_m + 8.0, 2 * (_GREEN_M - street.far_front_y), 0.1)
    assembly.add("street bed", bed, make("concrete", rng), (0, 0, -KERB_M - 0.7))
    green = rng.random() < 0.35
    if green:
        _add_green(rng, street)
    set_back = _GREEN_M if green else 0.0
    outdoor_street.add_row(
        rng, placer(0.0, set_back, -KERB_M, 0.0), street.length_m - 0.9, shared, mood.lit_windows, shop_windows=0.6
    )
    outdoor_street.add_far_side(rng, street, shared, mood.lit_windows, set_back)
    crossing_x = float(rng.uniform(-0.2, 0.25)) * street.length_m if rng.random() < 0.6 else None
    parked: list[list[bpy.types.Object]] = []
    keep_free = (0.0, 0.0) if crossing_x is None else (crossing_x - 4.0, crossing_x + 4.0)
    # one side at a time: each call designs cars of its own
    for sides in ((1.0, 0.0), (0.0, 1.0)):
        near, far = float(rng.uniform(0.15, 0.85)) * np.array(sides)
        outdoor_kerb.add_cars(rng, street, near, far, keep_free, parked, both_free=crossing_x is not None)
    if crossing_x is not None:
        _add_crossing(rng, street, kerb, crossing_x)
    outdoor_kerb.add_trees_and_lamps(rng, street, mood, kerb)
    for _ in range(2):
        outdoor_kerb.add_furniture(rng, street, kerb, 0.42 * street.length_m)
    bpy.context.view_layer.update()
    for things in parked:
        register.add("car", things)
    for things in kerb.bicycles:
        register.add("bicycle", things)
    taken = [*kerb.plan.taken, *(free_air.bounds(things)[:, :, :2] for things in parked)]
    ego = _add_traffic(rng, street, _flat(taken), crossing_x, frames, register)
    skies.add(rng, mood.sky)
    bpy.data.orphans_purge(do_recursive=True)
    bpy.context.view_layer.update()
    panoptic = {thing.name: panoptic_id(class_of(thing.name)) for thing in bpy.context.scene.objects}
    for one in register.instances:
        panoptic |= {thing.name: one.panoptic for thing in one.things}
    return Drive(ego, -KERB_M, register.instances, panoptic, mood.sky.weather)


def _flat(boxes: list[Any]) -> list[npt.NDArray[np.float64]]:
    """One rectangle (2, 2) about each group of boxes."""
    groups = [np.reshape(some, (-1, 2, 2)) for some in boxes]
    return [np.stack([group[:, 0].min(axis=0), group[:, 1].max(axis=0)]) for group in groups]


def _add_green(rng: np.random.Generator, street: Street) -> None:
    """Instead of fronts along the near pavement: grass behind a hedge, trees on it."""
    long = street.length_m - 0.9
    lawn = make("ground", rng, kind="grass")
    assembly.add("street verge", box(long, _GREEN_M - 0.01, 0.3), lawn, (0, _GREEN_M / 2, -0.3))
    piece = tree.hedge(rng, 5.6, float(rng.uniform(0.7, 1.4)), 0.7)
    for x in np.arange(-long / 2 + 3.2, long / 2 - 3.0, 5.8):
        if rng.random() < 0.8:
            piece.place([float(x), 0.6, GAP_M])
    kits = [tree.design(rng, "street", size=float(rng.uniform(1.0, 1.25))) for _ in range(2)]
    for x in np.arange(-long / 2 + 4, long / 2 - 3, float(rng.uniform(6.5, 10))):
        if rng.random() < 0.85:
            at = [float(x + rng.uniform(-0.8, 0.8)), float(rng.uniform(3.6, 5.6)), GAP_M]
            kits[int(rng.integers(2))].place(at, float(rng.uniform(0, 360)))


def _add_crossing(rng: np.random.Generator, street: Street, kerb: outdoor_kerb.Kerb, x: float) -> None:
    """Stripes across the road at ``x``, and mostly a traffic light for either direction."""
    low, high = _ZEBRA_M
    middle = street.kerb_y - street.road_m / 2
    offsets = np.arange(0.55, street.road_m / 2 - 0.4, 1.0)
    stripes = [box(3.6, 0.5, high - low).moved(y=side * float(y)) for y in offsets for side in (-1, 1)]
    paint = make("paint", rng, colour=(0.62, 0.61, 0.58))
    assembly.add("street zebra", join(stripes), paint, (x, middle, -KERB_M + low))
    if rng.random() < 0.8:
        kit = traffic_light.design(rng, str(rng.choice(traffic_light.STYLES)))
        for at, turn in (
            ((x - 2.6, street.far_kerb_y - 0.45), -90.0),
            ((x + 2.6, street.kerb_y + 0.45), 90.0),
        ):
            kit.place([*at, 0.0], turn)
            kerb.plan.take(at, [0.4, 0.4])
            kerb.crowns.take(at, [0.6, 0.6])
    for y in (street.kerb_y + 0.6, street.far_kerb_y - 0.6):
        kerb.plan.take([x, y], [1.9, 0.7])
        kerb.crowns.take([x, y], [1.9, 0.7])


def _add_traffic(
    rng: np.random.Generator,
    street: Street,
    taken: list[npt.NDArray[np.float64]],
    crossing_x: float | None,
    frames: int,
    register: _Register,
) -> Track:
    """Plan the traffic and place it where it is in frame 0; return the camera car's track."""
    middle, quarter = street.kerb_y - street.road_m / 2, (street.road_m / 2 - _PARKED_M) / 2
    bands = ((street.kerb_y + 1.65, -0.8), (street.far_front_y + 0.8, street.far_kerb_y - 1.65))
    lanes = Lanes(middle - quarter, middle + quarter, bands, street.length_m)
    ego = traffic.drive(rng, lanes, frames)
    designs, placed = _Designs(rng), []
    for track in traffic.plan(rng, lanes, ego, taken, crossing_x):
        x, y = track.centres[0].tolist()
        on_road = street.far_kerb_y < y < street.kerb_y
        placed += [(*made, track) for made in designs.place(track, [x, y, _WHEELS_M if on_road else 0.0])]
    bpy.context.view_layer.update()
    for kind, things, track in placed:
        register.add(kind, things, track)
    return ego


class _Designs:
    """Kits of what moves, made when first asked for; several things may share one."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._made: dict[str, list[Kit]] = {}

    def _one(self, kind: str, most: int) -> Kit:
        made = self._made.setdefault(kind, [])
        if len(made) < most:
            made.append(self._new(kind))
            return made[-1]
        return made[int(self.rng.integers(len(made)))]

    def _new(self, kind: str) -> Kit:
        rng = self.rng
        if kind in ("walking", "standing", "cycling"):
            return person.design(rng, kind)
        if kind == "bicycle":
            return bicycle.design(rng)
        if kind == "bus":
            return bus.design(rng)
        design, styles = (lorry.design, lorry.STYLES) if kind == "lorry" else (car.design, car.STYLES)
        return design(rng, str(rng.choice(styles)))

    def place(self, track: Track, at: list[float]) -> list[tuple[str, list[bpy.types.Object]]]:
        """Place one mover; return class and parts of each instance that it is."""
        if track.kind == "cyclist":
            made = [("bicycle", self._one("bicycle", 2)), ("rider", self._one("cycling", 3))]
        elif track.kind == "person":
            made = [("person", self._one("walking", 9) if track.speed_m_s else self._one("standing", 4))]
        else:
            made = [(_CLASS[track.kind], self._one(track.kind, 3))]
        return [(kind, kit.place(at, track.turn_deg)) for kind, kit in made]
