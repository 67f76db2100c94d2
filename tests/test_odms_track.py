# SPDX-License-Identifier: Apache-2.0
"""Live depth from masks: exact growth gives exact depth at every pose, in any order and unit; odd input is named."""

from __future__ import annotations

import csv
import io
import itertools
import subprocess
import sys
import time
from pathlib import Path

import motion_layouts as layouts
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depthbench.baselines.motion_track import DepthTracker
from depthbench.baselines.vos_de import VosDe, fit_depth
from depthbench.errors import DepthbenchError
from depthbench.formats.camera_positions import parse_position
from depthbench.formats.image import write_png


def approach(order: list[int], unit: float = 1.0, origin: float = 0.0) -> list[tuple[np.ndarray, float, float]]:
    """(mask, z, true depth) of exact squares, in an order of my own: depth 0.1 k metres is z = origin - 0.1 k."""
    masks = layouts.squares()
    return [(masks[i], (origin - layouts.DEPTHS_M[i]) * unit, layouts.DEPTHS_M[i] * unit) for i in order]


@settings(max_examples=30)
@given(st.permutations(range(10)), st.sampled_from([1.0, 1000.0, 39.37]), st.floats(-5, 5), st.integers(2, 10))
def test_every_pose_has_its_own_depth_in_any_order_unit_and_origin(
    order: list[int], unit: float, origin: float, n: int
) -> None:
    tracker = DepthTracker(VosDe(), n)
    for number, (mask, z, depth) in enumerate(approach(order, unit, origin)):
        found = tracker.add(mask, z)
        if number == 0:
            assert (found.note, found.subsets) == ("one observation", 0)
        else:
            assert found.depth == pytest.approx(depth, rel=1e-6)
            assert found.low == pytest.approx(found.high, rel=1e-6)


def test_the_median_is_that_of_all_subsets_worked_out_one_by_one() -> None:
    rng = np.random.default_rng(3)
    sides = rng.integers(5, 30, 6)
    z = rng.uniform(-1, 0, 6)
    tracker = DepthTracker(VosDe(), n=3)
    for side, at in zip(sides, z, strict=True):
        found = tracker.add(layouts.square(side), at)
    each = [fit_depth(sides[list(c)].astype(float), z[-1] - z[list(c)]) for c in itertools.combinations(range(6), 3)]
    usable = [float(depth) for depth in each if np.isfinite(depth) and depth > 0]
    assert found.subsets == len(usable)
    assert found.depth == pytest.approx(np.median(usable))


def test_one_false_mask_among_many_does_not_move_the_median() -> None:
    """A frame whose mask took in the table: the fit over all is far off, the median of subsets is not."""
    masks = [(square, z, depth) for square, z, depth in approach(list(range(9, -1, -1)))]
    masks[8] = (layouts.square(40), *masks[8][1:])
    tracker, whole = DepthTracker(VosDe(), n=2), DepthTracker(VosDe(), n=10)
    for mask, z, _ in masks:
        median, fitted = tracker.add(mask, z), whole.add(mask, z)
    depth = masks[-1][2]
    assert median.depth == pytest.approx(depth, rel=1e-6)
    assert abs(fitted.depth - depth) > 0.05 * depth


def test_more_masks_than_subsets_can_take_in_draw_at_random_and_the_same_every_time() -> None:
    def run() -> list[float]:
        tracker = DepthTracker(VosDe(), n=4, subsets=20)
        rng = np.random.default_rng(5)
        return [
            tracker.add(layouts.square(int(s)), float(z)).depth
            for s, z in zip(rng.integers(5, 30, 40), rng.random(40), strict=True)
        ]

    first = run()
    np.testing.assert_array_equal(first, run())


def test_odd_input_has_a_reason() -> None:
    tracker = DepthTracker(VosDe())
    assert tracker.add(layouts.square(10), 0.0).note == "one observation"
    assert tracker.add(layouts.square(20), 0.0).note == "no movement along the optical axis"
    assert tracker.add(np.zeros(layouts.SHAPE, bool), 0.1).note == "empty mask"
    still = DepthTracker(VosDe())
    for z in (0.0, 0.1, 0.2):
        found = still.add(layouts.square(20), z)
    assert found.note == "the mask does not grow as it would at any depth"
    shrinking = DepthTracker(VosDe())
    shrinking.add(layouts.square(20), 0.0)
    assert np.isnan(shrinking.add(layouts.square(10), 0.1).depth)
    with pytest.raises(DepthbenchError, match="masks of different sizes, 80x64 and 50x40"):
        tracker.add(np.ones((40, 50), bool), 0.2)
    with pytest.raises(DepthbenchError, match="n=1: a depth from motion takes at least 2"):
        DepthTracker(VosDe(), n=1)


def test_an_empty_mask_carries_the_estimate_to_the_new_pose() -> None:
    tracker = DepthTracker(VosDe())
    for mask, z, _ in approach([9, 8, 7]):
        tracker.add(mask, z)
    found = tracker.add(np.zeros(layouts.SHAPE, bool), -0.95)
    assert found.note == "empty mask, carried on"
    assert found.depth == pytest.approx(0.95, rel=1e-6)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a.png 0.5", (0.5, (0.0, 0.0))),
        ("a.png, 0.1, -0.2, 3e-1  # near", (0.3, (0.1, -0.2))),
        ("# heading", None),
        ("", None),
    ],
)
def test_lines_of_positions(line: str, told: tuple[float, tuple[float, float]] | None) -> None:
    position = parse_position(line, "x")
    assert told == (None if position is None else (position.z, position.across))


@pytest.mark.parametrize("line", ["a.png", "a.png 0.1 0.2", "a.png near", "a.png nan", "a.png 1 2 3 4"])
def test_lines_that_are_no_positions_are_named(line: str) -> None:
    with pytest.raises(DepthbenchError, match=r"p.txt, line 7: 'a.png.*is not 'name z' or 'name x y z'"):
        parse_position(line, "p.txt, line 7")


def write(folder: Path, order: list[int]) -> list[str]:
    lines = []
    for number, (mask, z, _) in enumerate(approach(order)):
        write_png(folder / "masks" / f"{number:03d}.png", mask.astype(np.uint8))
        lines.append(f"{number:03d}.png {z}")
    return lines


def track(cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "depthbench", "odms", "track", "--masks", "masks", "--positions", "positions.txt"]
    done = subprocess.run([*command, *words], capture_output=True, text=True, cwd=cwd, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_track_as_a_user_types_it(tmp_path: Path) -> None:
    lines = write(tmp_path, [9, 6, 4, 2, 0])
    (tmp_path / "positions.txt").write_text("\n".join(["# name z", *lines[:3], lines[3].replace(".png", "")]) + "\n")
    done = track(tmp_path)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["mask"] for row in rows] == ["000.png", "001.png", "002.png", "003"]
    assert (rows[0]["depth"], rows[0]["note"]) == ("", "one observation")
    assert float(rows[3]["depth"]) == pytest.approx(0.3, rel=1e-5)
    assert "1 masks have no line in positions.txt: 004.png" in done.stderr


@pytest.mark.parametrize(
    ("text", "words", "code", "told"),
    [
        ("000 0\n001 0\n", [], 1, "no depth: no movement along the optical axis"),
        ("000 0\n", [], 1, "no depth: one observation"),
        ("", [], 1, "no depth: positions.txt has no line"),
        ("000 0 0 -2\n001 3 0 -1\n", [], 0, "farther across its optical axis than along it"),
        ("000 0\n007 1\n", [], 2, "007: no such mask"),
        ("000 0\n001 far\n", [], 2, "positions.txt, line 2: '001 far' is not"),
        ("000 0\nsmall 1\n", [], 2, "small.png: masks of different sizes, 80x64 and 10x10"),
        ("000 0\nbroken 1\n", [], 2, "broken.png: not a readable image"),
        ("000 0\n", ["--model", "sgbm"], 2, "is for 'stereo' and has no methods"),
        ("000 0\n", ["--masks", "nowhere"], 2, "nowhere: no such folder of masks"),
        ("000 0\n", ["--positions", "nowhere.txt"], 2, "nowhere.txt: cannot be read"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, text: str, words: list[str], code: int, told: str) -> None:
    write(tmp_path, [9, 4])
    write_png(tmp_path / "masks" / "small.png", np.ones((10, 10), np.uint8))
    (tmp_path / "masks" / "broken.png").write_bytes(b"no picture")
    (tmp_path / "positions.txt").write_text(text)
    done = track(tmp_path, *words)
    assert done.returncode == code, done.stderr
    assert told in done.stderr


def test_follow_answers_while_lines_come(tmp_path: Path) -> None:
    lines = write(tmp_path, [9, 6, 4])
    positions = tmp_path / "positions.txt"
    positions.write_text("")
    command = [sys.executable, "-m", "depthbench", "odms", "track", "--masks", "masks", "--positions", "positions.txt"]
    process = subprocess.Popen([*command, "--follow"], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        for number, line in enumerate(lines):
            with open(positions, "a") as file:
                # a line that is only begun is waited for
                file.write(line[:4])
                file.flush()
                time.sleep(0.05)
                file.write(line[4:] + "\n")
            assert process.stdout.readline().startswith(f"{number:03d}.png,")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
