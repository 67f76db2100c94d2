# SPDX-License-Identifier: Apache-2.0
"""Scoring saved predictions against just decoding the same files; the aim is a ratio of at most 2.

    DEPTHBENCH_SHARED=... python benches/scoring_speed.py

Both sides read the prediction and the files of the truth, and no image. "Decode" turns each file into an array and stops;
"score" is what ``depthbench score`` does per sample. Three comparisons, the best of several rounds each: one thread from a
warm page cache, in processor time; both with the threads that ``depthbench score`` takes, in wall time; and the same with
the files dropped from the page cache before each round, so that they come from the disk (give the last two an idle machine).
Freed memory is kept on both sides, as ``depthbench score`` keeps it: pages fresh from the system cost more than decoding.
Scoring's inner loops are machine code where numba is installed (extra ``[fast]``), numpy passes with ``--numpy``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from depthbench.benchmarks.allocator import keep_freed_memory
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.score import MOST_THREADS, score_folder
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.sets.stereo_set import StereoSet
from depthbench.benchmarks.stereo_task import StereoTask
from depthbench.formats.disparity_files import write_disparity
from depthbench.formats.kitti_png import write_kitti_disparity
from depthbench.formats.pfm import read_pfm, write_pfm
from depthbench.formats.shard import ShardReader, write_shard

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from synthetic import synthetic_record, synthetic_surfaces

ROUNDS = 30
FRAMES = 16
"""Of SceneFlow, copies of the one at hand with noise of their own."""


def decode(path: Path) -> object:
    """Turn one file into an array, by its suffix."""
    if path.suffix == ".pfm":
        return read_pfm(path)
    if path.suffix == ".h5":
        with ShardReader(path) as reader:
            return [reader.layers(index, "left") for index in range(len(reader))]
    if path.suffix == ".png":
        with Image.open(path) as image:
            return np.asarray(image)
    return path.read_text()


def best_ms(
    work: Callable[[], object],
    clock: Callable[[], float] = time.process_time,
    before: Callable[[], None] = lambda: None,
) -> float:
    """Milliseconds of the fastest of several rounds; ``before`` each one, something that is not timed."""
    times = []
    for _ in range(ROUNDS):
        before()
        start = clock()
        work()
        times.append(clock() - start)
    return 1e3 * min(times)


def drop_from_cache(paths: Sequence[Path]) -> None:
    """Let the system forget what it has read of some files."""
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def compare(title: str, stereo_set: StereoSet, predictions: Path, truth_files: Callable[[Path], bool]) -> None:
    """Time both sides over a whole set and print the ratios."""
    protocol, task = load_protocol(stereo_set.default_protocol), StereoTask()
    saved = task.saved(predictions)
    ids = stereo_set.ids()
    files = {
        sample_id: [
            next(path for path in predictions.glob(f"{sample_id}.*")),
            *(path for path in stereo_set.files(sample_id) if truth_files(path)),
        ]
        for sample_id in ids
    }
    megapixels = sum(stereo_set.truth(sample_id).disp_px.size / 1e6 for sample_id in ids)

    def decode_sample(sample_id: str) -> list[object]:
        return [decode(path) for path in files[sample_id]]

    def in_threads(work: Callable[[str], object]) -> None:
        with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
            list(pool.map(work, ids))

    def cold() -> None:
        drop_from_cache([path for paths in files.values() for path in paths])

    decoded = sum(best_ms(lambda sample_id=sample_id: decode_sample(sample_id)) for sample_id in ids)
    scored = sum(
        best_ms(lambda sample_id=sample_id: task.score(protocol, stereo_set, sample_id, saved)) for sample_id in ids
    )
    line = f"{title:22s} {len(ids):2d} samples {megapixels:5.1f} Mpx"
    line += f"  one thread {decoded:6.1f} -> {scored:6.1f} ms = {scored / decoded:5.2f} x"
    for state, before in (("threads", lambda: None), ("from disk", cold)):
        decoded = best_ms(lambda: in_threads(decode_sample), time.perf_counter, before)
        scored = best_ms(lambda: score_folder(protocol, stereo_set, ids, predictions), time.perf_counter, before)
        line += f"  {state} {decoded:6.1f} -> {scored:6.1f} ms = {scored / decoded:5.2f} x"
    print(line, flush=True)


def noisy(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give a prediction like a good model's: continuous errors, some gross ones, a few holes."""
    filled = np.where(np.isfinite(truth), truth, np.float32(10)).astype(np.float32)
    predicted = filled + rng.laplace(0, 0.4, truth.shape).astype(np.float32)
    predicted[rng.random(truth.shape) < 0.05] += 7
    predicted[rng.random(truth.shape) < 0.01] = np.nan
    return predicted


def main() -> None:
    """Bench Middlebury (PFM and a small mask), KITTI (PNG) and SceneFlow (PFM alone) layouts."""
    if "--numpy" in sys.argv:
        sys.modules["depthbench.benchmarks.metrics.compiled"] = None  # type: ignore[assignment]
    keep_freed_memory()
    shared = os.environ.get("DEPTHBENCH_SHARED")
    if not shared:
        raise SystemExit("DEPTHBENCH_SHARED names no folder of reference data")
    stereo, rng = Path(shared) / "stereo", np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as scratch_text:
        scratch = Path(scratch_text)
        middlebury = open_set("middlebury-v3", stereo / "MiddEval3")
        for sample_id in middlebury.ids():
            write_disparity(scratch / "mb" / f"{sample_id}.pfm", noisy(middlebury.truth(sample_id).disp_px, rng))
        names = ("disp0GT.pfm", "mask0nocc.png", "calib.txt")
        compare("middlebury-v3 Q, PFM", middlebury, scratch / "mb", lambda path: path.name in names)

        # Full size, as the board scores: every pixel of Q repeated 4 x 4, noise fresh.
        big = scratch / "full" / "trainingF" / "Motorcycle"
        small = stereo / "MiddEval3" / "trainingQ" / "Motorcycle"
        big.mkdir(parents=True)
        for name in ("im0.png", "im1.png"):
            shutil.copyfile(small / name, big / name)
        calib = (
            (small / "calib.txt")
            .read_text()
            .replace("width= 741", "width= 2964")
            .replace("height= 497", "height= 1988")
        )
        (big / "calib.txt").write_text(calib.replace("ndisp= 70", "ndisp= 280"))
        truth = 4 * read_pfm(small / "disp0GT.pfm").repeat(4, 0).repeat(4, 1)
        truth += rng.normal(0, 0.3, truth.shape).astype(np.float32)
        write_pfm(big / "disp0GT.pfm", truth)
        with Image.open(small / "mask0nocc.png") as mask:
            Image.fromarray(np.asarray(mask).repeat(4, 0).repeat(4, 1)).save(big / "mask0nocc.png")
        full = open_set("middlebury-v3", scratch / "full")
        write_disparity(scratch / "mbf" / "Motorcycle.pfm", noisy(truth, rng))
        compare("middlebury-v3 F, PFM", full, scratch / "mbf", lambda path: path.name in names)

        kitti = scratch / "kitti" / "training"
        frame = stereo / "kitti2015_000046"
        for name in ("image_2", "image_3", "disp_occ_0"):
            (kitti / name).mkdir(parents=True)
            shutil.copyfile(frame / f"{name}.png", kitti / name / "000046_10.png")
        opened = open_set("kitti-2015", scratch / "kitti")
        dense = noisy(np.where(np.isfinite(t := opened.truth("000046_10").disp_px), t, 20), rng)
        write_kitti_disparity(scratch / "k" / "000046_10.png", dense)
        compare("kitti-2015, PNG", opened, scratch / "k", lambda path: path.parent.name == "disp_occ_0")

        flow = scratch / "flow"
        for eye, name in (("left", "left"), ("right", "right")):
            folder = flow / "frames_finalpass" / "TEST" / "A" / "0032" / eye
            folder.mkdir(parents=True)
            shutil.copyfile(stereo / "sceneflow_A-0032-0006" / f"{name}.png", folder / "0006.png")
        folder = flow / "disparity" / "TEST" / "A" / "0032" / "left"
        folder.mkdir(parents=True)
        for frame in range(6, 6 + FRAMES):
            shutil.copyfile(stereo / "sceneflow_A-0032-0006" / "disp_left.pfm", folder / f"{frame:04d}.pfm")
        things = open_set("sceneflow", flow)
        for sample_id in things.ids():
            write_disparity(scratch / "s" / f"{sample_id}.pfm", noisy(things.truth(sample_id).disp_px, rng))
        compare("sceneflow, PFM alone", things, scratch / "s", lambda path: path.suffix == ".pfm")

        for view in range(4):
            made = synthetic_record(0, view, width=768, height=512)
            write_shard(scratch / "layered" / f"{made.id}.h5", [made], surfaces=synthetic_surfaces(), attrs={})
        layered = open_set(str(scratch / "layered"))
        for sample_id in layered.ids():
            write_disparity(scratch / "l" / f"{sample_id}.pfm", noisy(layered.truth(sample_id).disp_px, rng))
        compare("layered 768x512, HDF5", layered, scratch / "l", lambda path: True)


if __name__ == "__main__":
    main()
