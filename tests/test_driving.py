# SPDX-License-Identifier: Apache-2.0
"""Driven sequences: truth of what moves, traffic that meets nothing, names and numbers of the files."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from truth_scenes import GLASS, OPAQUE, scene, slab, wall

from depthbench.blender_scenes.driving import traffic
from depthbench.blender_scenes.driving.labels import class_of
from depthbench.blender_scenes.driving.traffic import Lanes
from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.generators.driving.classes import CLASSES, FIRST_THING, panoptic_id
from depthbench.generators.driving.config import DrivingConfig, missing_frames, paths, split_of, stem
from depthbench.generators.presets import preset
from depthbench.truth.moving import body, look, window_of

CAMERA = Intrinsics.centred(48, 32, 40.0)
LANES = Lanes(-8.0, -4.0, ((-3.0, -1.0), (-15.0, -13.0)), 120.0)


def shifted(x: float, y: float, z: float, turn_deg: float = 0.0) -> np.ndarray:
    """A motion: a turn about the camera's y axis, then a shift."""
    cos, sin = np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))
    return np.array([[cos, 0, sin, x], [0, 1, 0, y], [-sin, 0, cos, z], [0, 0, 0, 1]])


class TestLook:
    def test_a_moved_box_stands_where_it_was_moved_to(self) -> None:
        pytest.importorskip("embreex")
        whole = scene((wall(20.0), OPAQUE), (slab(5.0, 6.0, 0.5, 0.5), OPAQUE))
        bodies = [body(whole, np.array([True, False])), body(whole, np.array([False, True]))]
        depth, surface = look(bodies, [np.eye(4), shifted(1.0, 0.0, 2.0)], CAMERA, np.eye(4))
        rays = CAMERA.pixel_directions()
        at_seven = 7.0 * rays
        inside = (np.abs(at_seven[..., 0] - 1.0) < 0.5) & (np.abs(at_seven[..., 1]) < 0.5)
        side = (rays[..., 0] > 0) & ~inside & (surface == 2)
        assert np.array_equal(surface[inside], np.full(inside.sum(), 2))
        np.testing.assert_allclose(depth[inside], 7.0, rtol=1e-12)
        np.testing.assert_allclose(depth[surface == 1], 20.0, rtol=1e-12)
        # the flank towards the axis is the plane x = 0.5
        np.testing.assert_allclose(depth[side] * rays[side][:, 0], 0.5, rtol=1e-9)

    def test_moving_a_body_is_like_building_the_scene_again(self) -> None:
        pytest.importorskip("embreex")
        rng = np.random.default_rng(4)
        boxes = [slab(4.0, 5.0, 0.4, 0.6), slab(7.0, 7.5, 1.0, 0.3)]
        before = scene((wall(15.0), OPAQUE), (boxes[0], OPAQUE), (boxes[1], GLASS))
        motions = [shifted(*rng.uniform(-0.8, 0.8, 3), turn_deg=float(rng.uniform(-25, 25))) for _ in boxes]
        moved = [
            type(box)(box.vertices @ motion[:3, :3].T + motion[:3, 3], box.polygons)
            for box, motion in zip(boxes, motions, strict=True)
        ]
        after = scene((wall(15.0), OPAQUE), (moved[0], OPAQUE), (moved[1], GLASS))
        bodies = [body(before, np.arange(3) == index) for index in range(3)]
        pose = shifted(0.1, -0.1, -0.5, 3.0)
        depth, surface = look(bodies, [np.eye(4), *motions], CAMERA, pose)
        again, same = look([body(after, np.ones(3, dtype=bool))], [np.eye(4)], CAMERA, pose)
        assert (surface == same).mean() > 0.999
        np.testing.assert_allclose(depth[surface == same], again[surface == same], rtol=1e-9)
        assert {1, 2, 3} == set(np.unique(surface))

    def test_panes_count_and_the_sky_does_not(self) -> None:
        pytest.importorskip("embreex")
        pane = scene((slab(3.0, 3.1, 0.5, 0.5), GLASS), (slab(6.0, 7.0, 0.3, 0.3), OPAQUE))
        depth, surface = look([body(pane, np.array([True, True]))], [np.eye(4)], CAMERA, np.eye(4))
        assert depth[16, 24] == pytest.approx(3.0, rel=1e-12)
        assert surface[16, 24] == 1
        assert np.isinf(depth[0, 0])
        assert surface[0, 0] == 0

    @settings(deadline=None, max_examples=60)
    @given(st.integers(0, 2**32 - 1))
    def test_no_point_of_a_box_is_seen_outside_its_window(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        low = rng.uniform(-6, 6, 3)
        bounds = np.stack([low, low + rng.uniform(0.1, 4, 3)])
        rows, columns = window_of(bounds, CAMERA, np.eye(4))
        points = rng.uniform(bounds[0], bounds[1], (200, 3))
        pixels = np.rint(CAMERA.project(points[points[:, 2] > 1e-3]))
        seen = pixels[((pixels >= 0) & (pixels < [CAMERA.width, CAMERA.height])).all(axis=1)].astype(int)
        assert all(rows.start <= y < rows.stop and columns.start <= x < columns.stop for x, y in seen)


class TestTraffic:
    @settings(deadline=None, max_examples=40)
    @given(st.integers(0, 2**32 - 1))
    def test_nothing_meets_anything_in_any_frame(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        taken = [np.array([[-60.0, -3.5], [60.0, -3.2]]), np.array([[5.0, -12.6], [9.0, -10.7]])]
        ego = traffic.drive(rng, LANES, 6)
        tracks = [ego, *traffic.plan(rng, LANES, ego, taken, 12.0 if seed % 2 else None)]
        for one, other in combinations(tracks, 2):
            gap = np.abs(one.centres - other.centres) - np.add(one.half, other.half)
            assert (gap.max(axis=1) > 0.3).all()
        for track in tracks[1:]:
            for box in taken:
                outside = (track.centres - track.half >= box[1]) | (track.centres + track.half <= box[0])
                assert outside.any(axis=1).all()

    @given(st.sampled_from(list(traffic.SIZES_M)), st.sampled_from([0.0, 90.0, 180.0, -90.0]), st.floats(0.5, 12))
    def test_things_keep_their_speed_along_their_heading(self, kind: str, turn_deg: float, speed: float) -> None:
        track = traffic.straight(kind, (3.0, -5.0), turn_deg, speed, 6)
        way = np.diff(track.centres, axis=0)
        np.testing.assert_allclose(np.hypot(*way.T), speed * 5 / 17, rtol=1e-12)
        np.testing.assert_allclose(np.rad2deg(np.arctan2(way[:, 1], way[:, 0])) % 360, turn_deg % 360, atol=1e-9)
        assert track.half[0 if turn_deg in (0.0, 180.0) else 1] == traffic.SIZES_M[kind][0] / 2


def config(**changes: object) -> DrivingConfig:
    values = {"seed": 3, "width": 64, "height": 32, "frames": 6, "preset": "preview", "render": preset("preview")}
    return DrivingConfig(**{**values, **changes})  # type: ignore[arg-type]


class TestFiles:
    def test_names_are_those_of_cityscapes_dvps(self, tmp_path: Path) -> None:
        files = paths(tmp_path, config(), 7, 3)
        name = re.fullmatch(r"(\d{6})_(\d{6})_([a-z]+)_(\d{6})_(\d{6})_leftImg8bit\.png", files.image.name)
        assert name is not None
        assert (int(name[1]), int(name[5])) == (7, 19)
        assert files.image.parent == tmp_path / "video_sequence" / "train"
        assert files.depth.name == files.image.name.replace("leftImg8bit", "depth")
        assert files.panoptic.name == files.image.name.replace("leftImg8bit", "gtFine_instanceTrainIds")

    def test_pictures_are_numbered_through_without_gaps(self) -> None:
        numbers = [int(stem(config(), sequence, frame).split("_")[1]) for sequence in range(4) for frame in range(6)]
        assert numbers == list(range(24))

    def test_one_sequence_in_five_is_held_out(self) -> None:
        assert [split_of(sequence) for sequence in range(10)].count("val") == 2

    def test_a_frame_is_there_when_its_record_is(self, tmp_path: Path) -> None:
        files = paths(tmp_path, config(), 0, 2)
        files.record.parent.mkdir(parents=True)
        files.record.write_text("{}")
        assert missing_frames(tmp_path, config(), 0) == (0, 1, 3, 4, 5)

    def test_configuration_round_trip(self) -> None:
        assert DrivingConfig.from_json(config(float_depth=True).to_json()) == config(float_depth=True)
        with pytest.raises(DepthbenchError, match="--frames 0"):
            config(frames=0)
        with pytest.raises(DepthbenchError, match="--resolution 8x9"):
            config(width=8, height=9)

    def test_panoptic_ids(self) -> None:
        assert panoptic_id("car", 4) == 13004
        assert panoptic_id("sky") == 10000
        assert panoptic_id("void") == 32000
        assert len(CLASSES) == 19
        assert CLASSES[FIRST_THING:] == ("person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle")

    def test_what_things_are_called(self) -> None:
        told = {
            "street road": "road", "street kerb.001": "sidewalk", "street plot wall": "wall", "street verge": "terrain",
            "signal post.002": "pole", "signal lens": "traffic light", "tree leaves.010": "vegetation", "bin tub": "void",
        }  # fmt: skip
        assert {name: class_of(name) for name in told} == told
