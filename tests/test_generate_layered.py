# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate layered`` as a user drives it: real small renders, killed in the middle, byte for byte the same."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil
import pytest

from depthbench.formats.shard import ShardReader
from depthbench.layers import SurfaceClass, Visibility

pytestmark = pytest.mark.render

LAYOUTS = Path(__file__).parent / "layouts"
SMALL = f"{LAYOUTS / 'small.py'}:build"
TINY = ("--resolution", "96x64", "--samples", "2", "--preset", "preview", "--device", "CPU", "--views-per-scene", "3")
N = 7


def command(out: Path, *more: str, n: int = N, scenes: str = SMALL) -> list[str]:
    """Return the command line that fills ``out``; options in ``more`` override the small ones."""
    words = ["generate", "layered", "--n", str(n), "--out", str(out), "--scenes", scenes, *TINY, *more]
    return [sys.executable, "-m", "depthbench", *words]


def run(words: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(words, capture_output=True, text=True, timeout=300, **more)


def depthbench(*words: object) -> subprocess.CompletedProcess[str]:
    """Run any depthbench command."""
    return run([sys.executable, "-m", "depthbench", *map(str, words)])


def shards(folder: Path) -> dict[str, bytes]:
    """Name -> bytes of every shard."""
    return {path.name: path.read_bytes() for path in sorted((folder / "shards").iterdir())}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of seven samples in three scenes, made without interruption."""
    folder = tmp_path_factory.mktemp("whole") / "set"
    done = run(command(folder))
    assert done.returncode == 0, done.stderr
    return folder


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[Any]) -> None:
    """Wait until something is so, while the process runs."""
    for _ in range(3000):
        if condition():
            return
        assert process.poll() is None, "the run ended before it could be interrupted"
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def worker_of(process: subprocess.Popen[Any]) -> psutil.Process | None:
    """The Blender process of a run; its other children, such as git, may end while they are looked at."""
    for child in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie too
            if "worker" in " ".join(child.cmdline()):
                return child
    return None


def test_what_a_run_leaves(whole: Path) -> None:
    """Three shards of 3, 3 and 1 samples with the right names; nothing half done; config, log, run and summary."""
    ids = [ShardReader(path).ids for path in sorted((whole / "shards").iterdir())]
    assert ids == [
        ("small-000000-0000", "small-000000-0001", "small-000000-0002"),
        ("small-000001-0000", "small-000001-0001", "small-000001-0002"),
        ("small-000002-0000",),
    ]
    assert not list((whole / "staging").iterdir())
    assert not list(whole.rglob(".tmp-*"))
    config = json.loads((whole / "config.json").read_text())
    assert (config["width"], config["height"], config["render"]["samples"], config["views_per_scene"]) == (96, 64, 2, 3)
    [record] = json.loads((whole / "run.json").read_text())["runs"]
    assert record["status"] == "finished"
    assert record["end"] > record["start"]
    events = [json.loads(line) for line in (whole / "log.jsonl").read_text().splitlines()]
    assert sum(event["event"] == "end" for event in events) == N
    summary = json.loads((whole / "summary.json").read_text())
    assert summary["samples"] == N
    assert summary["work"]["attempts"] == N + sum(summary["work"]["rejected"].values())


def test_the_truth_is_that_of_the_place(whole: Path) -> None:
    """The pane stands in the plane y = 0.6, the wall in y = 3: every point of these surfaces, lifted back, lies there."""
    for path in (whole / "shards").iterdir():
        reader = ShardReader(path)
        planes = {s.id: {"pane": 0.6, "wall": 3.0}.get(s.name.split(" / ")[0]) for s in reader.surfaces}
        for index in range(len(reader)):
            record = reader.read(index)
            for eye in (record.left, record.right):
                for number, y in planes.items():
                    layer, row, column = np.nonzero(eye.layers.surface_id == number)
                    if y is None or not len(layer):
                        continue
                    depth_m = record.rig.intrinsics.fx * record.rig.baseline_m / eye.layers.disp_px[layer, row, column]
                    points_cam = record.rig.intrinsics.pixel_directions()[row, column] * depth_m[:, None]
                    points = points_cam @ eye.cam_to_world[:3, :3].T + eye.cam_to_world[:3, 3]
                    # half a step of 2^-13 px in disparity is this much in depth
                    slack = (depth_m**2 / (record.rig.intrinsics.fx * record.rig.baseline_m)) * 2.0**-14
                    length = np.linalg.norm(record.rig.intrinsics.pixel_directions()[row, column], axis=1)
                    assert (np.abs(points[:, 1] - y) <= slack * length * 1.01 + 1e-6).all()


def test_views_keep_to_what_is_asked(whole: Path) -> None:
    """Views that want something see-through show it; disparities stay below a quarter of the width."""
    wanted = 0
    for path in (whole / "shards").iterdir():
        reader = ShardReader(path)
        for index in range(len(reader)):
            record = reader.read(index)
            share = (record.left.layers.surface_class[0] == SurfaceClass.TRANSMISSIVE).mean()
            wanted += record.meta["see_through_wanted"]
            assert share >= 0.03 or not record.meta["see_through_wanted"]
            assert np.nanmax(record.left.layers.disp_px) <= 0.25 * 96
            assert 0.03 <= record.rig.baseline_m <= 0.4
    assert wanted >= 2


def test_the_pictures_agree_with_the_truth(tmp_path: Path) -> None:
    """Warped by the truth, the right picture is nearly the left one; by a wrong disparity it is not."""
    done = run(command(tmp_path / "set", "--samples", "64", "--views-per-scene", "2", n=2))
    assert done.returncode == 0, done.stderr
    [path] = (tmp_path / "set" / "shards").iterdir()
    for index in range(2):
        record = ShardReader(path).read(index)
        layers = record.left.layers
        row, column = np.nonzero((layers.visibility[0] == Visibility.VISIBLE) & (layers.count == 1))
        left = record.left.image[row, column].astype(float)

        def error(scale: float, record: Any = record, row: Any = row, column: Any = column, left: Any = left) -> float:
            place = np.clip(column - scale * record.left.layers.disp_px[0, row, column], 0, 94.999)
            low = np.floor(place).astype(int)
            part = (place - low)[:, None]
            right = (1 - part) * record.right.image[row, low] + part * record.right.image[row, low + 1]
            return float(np.abs(right - left).mean())

        assert error(1.0) < 3.0
        assert error(1.0) < 0.7 * min(error(0.5), error(1.6))


def test_a_killed_parent_loses_nothing(tmp_path: Path, whole: Path) -> None:
    """kill -9 in the middle of a scene: the views made stay, the end is the same bytes."""
    folder = tmp_path / "set"
    process = subprocess.Popen(command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: (folder / "staging/scene-000001/view-0000.h5").exists(), process)
    worker = worker_of(process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert worker is not None
    worker.wait(timeout=10)
    staged = {path: path.stat().st_mtime_ns for path in (folder / "staging").rglob("*.h5")}
    assert staged
    finished = (folder / "shards/scene-000000.h5").stat().st_mtime_ns
    (folder / "shards" / ".tmp-0123-scene-000001.h5").write_bytes(b"half a file")
    with open(folder / "log.jsonl", "a") as log:
        log.write('{"event": "cut sho')
    done = run(command(folder))
    assert done.returncode == 0, done.stderr
    assert shards(folder) == shards(whole)
    assert (folder / "shards/scene-000000.h5").stat().st_mtime_ns == finished
    events = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines() if not line.endswith("sho")]
    assert sum(event["event"] == "end" for event in events) in (N, N - 1)  # the last may be made but not yet logged
    assert [record["status"] for record in json.loads((folder / "run.json").read_text())["runs"]] == [
        "running",
        "finished",
    ]


def test_a_killed_worker_is_replaced(tmp_path: Path, whole: Path) -> None:
    """kill -9 of the Blender process: the run goes on by itself and ends with the same bytes."""
    folder = tmp_path / "set"
    process = subprocess.Popen(command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: (folder / "staging/scene-000000/view-0001.h5").exists(), process)
    worker = worker_of(process)
    assert worker is not None
    worker.kill()
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert "killed by SIGKILL" in told
    assert shards(folder) == shards(whole)


def test_interrupt_ends_at_once_and_continues(tmp_path: Path, whole: Path) -> None:
    """Ctrl-C: exit code 130, one line, no worker left; the same command ends with the same bytes."""
    folder = tmp_path / "set"
    process = subprocess.Popen(
        command(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # a shell lets what it runs in the background ignore Ctrl-C, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(lambda: worker_of(process) is not None, process)
    worker = worker_of(process)
    wait_for(lambda: (folder / "staging/scene-000000/view-0000.h5").exists(), process)
    assert worker is not None
    worker.suspend()  # so that the run cannot end before it is interrupted
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the same command continues" in told
    assert "Traceback" not in told
    assert not worker.is_running()
    assert run(command(folder)).returncode == 0
    assert shards(folder) == shards(whole)


def test_more_samples_extend_the_folder(tmp_path: Path, whole: Path) -> None:
    """Two samples, then five, then seven, with --limit and two workers in between: the same bytes as seven at once."""
    folder = tmp_path / "set"
    assert run(command(folder, n=2)).returncode == 0
    assert ShardReader(folder / "shards/scene-000000.h5").ids == ("small-000000-0000", "small-000000-0001")
    limited = run(command(folder, "--limit", "2", n=5))
    assert limited.returncode == 0
    assert "still to be made: 1 of the samples" in limited.stdout
    assert run(command(folder, "--workers", "2")).returncode == 0
    assert shards(folder) == shards(whole)
    again = run(command(folder))
    assert again.returncode == 0
    assert shards(folder) == shards(whole)


def test_replay_makes_one_sample_alone(tmp_path: Path, whole: Path) -> None:
    """The last view of a scene made first and alone equals the stored one; a changed one is told apart."""
    done = depthbench("replay", whole, "small-000001-0002", "--out", tmp_path / "again")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "equal in every value" in done.stdout
    assert ShardReader(tmp_path / "again/small-000001-0002.h5").ids == ("small-000001-0002",)

    copy = copy_of(whole, tmp_path / "changed")
    with h5py.File(copy / "shards/scene-000001.h5", "r+") as file:
        sample = file["samples/small-000001-0002/left"]
        values = sample["refraction_px"][()]
        values[3, 4] += 0.5
        sample["refraction_px"][...] = values
        if "checksum" in sample.attrs:
            del sample.attrs["checksum"]
    changed = depthbench("replay", copy, "small-000001-0002")
    assert changed.returncode != 0
    assert "Traceback" not in changed.stderr


def test_verify_finds_all_well_and_writes_it_down(whole: Path) -> None:
    """Both routes agree on every pixel of every sample."""
    done = depthbench("verify", whole, "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all is well" in done.stdout
    answer = json.loads((whole / "verify.json").read_text())
    assert answer["ok"]
    assert len(answer["rebuilt"]) == answer["samples"] == N
    for found in answer["rebuilt"].values():
        assert set(found["recast"].values()) == {0.0}
        assert all(eye["within_1e4"] >= 0.999 for eye in found["cycles"].values())


def test_crashes_and_hangs_of_a_layout_cost_only_a_retry(tmp_path: Path) -> None:
    """A layout that crashes, then hangs, then works: same bytes as one that always works."""
    faults = tmp_path / "faults"
    layout = f"{LAYOUTS / 'faulty.py'}:build"
    assert run(command(tmp_path / "good", n=2, scenes=layout)).returncode == 0
    faults.write_text("crash\nhang")
    done = run(
        command(tmp_path / "bad", "--timeout", "5", n=2, scenes=layout),
        env=os.environ | {"DEPTHBENCH_TEST_FAULT": str(faults)},
    )
    assert done.returncode == 0, done.stderr
    assert "killed by SIGSEGV" in done.stderr
    assert "no sign of life" in done.stderr
    assert shards(tmp_path / "bad") == shards(tmp_path / "good")


def test_a_scene_that_fails_is_named_and_the_others_are_made(tmp_path: Path) -> None:
    """Three errors in a row give the scene up: exit code 1, the reason and the log are told; a later run makes it."""
    faults = tmp_path / "faults"
    layout = f"{LAYOUTS / 'faulty.py'}:build"
    faults.write_text("error\nerror\nerror")
    folder = tmp_path / "set"
    done = run(command(folder, n=6, scenes=layout), env=os.environ | {"DEPTHBENCH_TEST_FAULT": str(faults)})
    assert done.returncode == 1
    assert "the teapot is missing" in done.stdout
    assert "scene-000000.log" in done.stdout
    assert [path.name for path in (folder / "shards").iterdir()] == ["scene-000001.h5"]
    assert run(command(folder, n=6, scenes=layout)).returncode == 0
    assert len(list((folder / "shards").iterdir())) == 2


def test_a_place_without_a_view_is_told_once_and_for_all(tmp_path: Path) -> None:
    """Cameras inside a block: no attempt is good, the reasons are counted, a second run does not try again."""
    folder = tmp_path / "set"
    words = command(folder, n=2, scenes=f"{SMALL},{LAYOUTS / 'faulty.py'}:nowhere")
    words[words.index("--views-per-scene") + 1] = "1"
    done = run(words)
    assert done.returncode == 1
    assert "faulty-000001-0000: no attempt was good" in done.stdout
    log = (folder / "log.jsonl").read_text()
    again = run(words)
    assert again.returncode == 1
    assert "faulty-000001-0000" in again.stdout
    assert (folder / "log.jsonl").read_text() == log
    rejected = json.loads((folder / "summary.json").read_text())["work"]["rejected"]
    assert sum(rejected.values()) >= 40


def test_two_runs_at_once_are_kept_apart(tmp_path: Path) -> None:
    """The second run in a folder is refused while the first is at work, which it does not disturb."""
    folder = tmp_path / "set"
    process = subprocess.Popen(command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: (folder / "config.json").exists(), process)
    process.send_signal(signal.SIGSTOP)  # or a busy machine lets the first run end before the second begins
    second = run(command(folder))
    process.send_signal(signal.SIGCONT)
    assert second.returncode == 2
    assert f"process {process.pid}" in second.stderr
    assert process.wait(timeout=120) == 0


def test_a_full_disk_is_told_and_continued(tmp_path: Path, whole: Path) -> None:
    """Files limited to less than a shard: one line, exit code 2, nothing half written; with room it ends the same."""
    folder = tmp_path / "set"
    room_kb = (whole / "shards/scene-000000.h5").stat().st_size // 1024 - 2
    assert room_kb > 80, "the pictures that Blender writes must fit"
    words = " ".join(f"'{word}'" for word in command(folder))
    full = run(["bash", "-c", f"trap '' XFSZ; ulimit -f {room_kb}; exec {words}"])
    assert full.returncode == 2, full.stdout + full.stderr
    assert "Traceback" not in full.stderr
    [line] = [line for line in full.stderr.splitlines() if line.startswith("error:")]
    assert str(folder) in line
    assert not list((folder / "shards").glob("*"))
    assert len(list((folder / "staging/scene-000000").iterdir())) == 3
    done = run(command(folder))
    assert done.returncode == 0, done.stderr
    assert shards(folder) == shards(whole)


def copy_of(source: Path, target: Path) -> Path:
    """Copy a folder with its shards."""
    import shutil

    shutil.copytree(source, target)
    return target


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--scenes", "galery"], "unknown scene 'galery': did you mean gallery?"),
        (["--scenes", "no/such/file.py:build"], "no/such/file.py: no such file"),
        (["--resolution", "96by64"], "--resolution 96by64: write width x height"),
        (["--resolution", "9x9"], "each side must be 16 to"),
        (["--preset", "previw"], "unknown preset 'previw': did you mean preview?"),
        (["--samples", "0"], "at least 1 path per pixel"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, options: list[str], line: str) -> None:
    """What is wrong, and what would be right; exit code 2."""
    done = depthbench("generate", "layered", "--n", 1, "--out", tmp_path / "set", *options)
    assert done.returncode == 2
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_another_configuration_is_refused_by_key(whole: Path) -> None:
    """The keys that differ are named with both values, and nothing is touched."""
    before = shards(whole)
    done = run(command(whole, "--seed", "5", "--samples", "4"))
    assert done.returncode == 2
    assert "seed is 0, asked 5" in done.stderr
    assert "render.samples is 2, asked 4" in done.stderr
    assert "preset" not in done.stderr
    assert shards(whole) == before


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    """Nothing is written among files that are not ours."""
    (tmp_path / "thesis.tex").write_text("important")
    done = run(command(tmp_path))
    assert done.returncode == 2
    assert "holds other files" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != ".lock") == ["thesis.tex"]
