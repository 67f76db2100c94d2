# SPDX-License-Identifier: Apache-2.0
"""Acc and Comp of a large cloud against the published Python evaluation written plainly; the aim is a ratio of at least 8.

    pip install scikit-learn
    python benches/point_cloud.py                       # 0.5 M predicted points, under a minute
    python benches/point_cloud.py --points 5000000      # what a scan of DTU has; give it an idle machine
    python benches/point_cloud.py --numpy               # without the machine code of the extra [fast]

A synthetic scan: a bumpy height field with a half-sphere on it, reference points 0.2 mm apart, a prediction with noise of 0.18 mm,
2 % outliers and a hole. The rival is the sequence of calls of DTUeval-python (shuffled points, scikit-learn's radius neighbours,
a loop over points, scikit-learn's nearest neighbours with all cores), but for its slower PLY reader: both sides read by ours.
Sides alternate, each in a process of its own, from PLY files to means; both thin in the order of one seed, and the numbers must be equal.
Printed are medians of wall and processor seconds and the peak of resident memory. Processor seconds are what a busy machine can tell.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from depthbench.benchmarks.cloud_files import read_points
from depthbench.benchmarks.metrics.point_cloud import CloudRules, score_cloud
from depthbench.formats.dtu_observed import Observed, read_observed, write_observed
from depthbench.formats.ply import table_of, write_ply

SEED = 0


def make_scan(folder: Path, points: int) -> None:
    rng = np.random.default_rng(1)
    side = 380 * np.sqrt(points / 4.93e6)

    def surface(count: int) -> np.ndarray:
        x, y = rng.uniform(0, side, (2, count))
        bump = np.sqrt(np.maximum((0.2 * side) ** 2 - (x - side / 2) ** 2 - (y - side / 2) ** 2, 0))
        return np.stack([x, y, 8 * np.sin(x / 15) * np.cos(y / 19) + bump], axis=1)

    grid = np.arange(0, side, 0.25)
    stl = surface(len(grid) ** 2)
    stl[:, 0], stl[:, 1] = (axis.ravel() for axis in np.meshgrid(grid, grid))
    x, y = stl[:, 0], stl[:, 1]
    bump = np.sqrt(np.maximum((0.2 * side) ** 2 - (x - side / 2) ** 2 - (y - side / 2) ** 2, 0))
    stl[:, 2] = 8 * np.sin(x / 15) * np.cos(y / 19) + bump
    data = surface(points) + rng.normal(0, 0.18, (points, 3))
    wild = rng.random(points) < 0.02
    data[wild] += rng.normal(0, 15, (int(wild.sum()), 3))
    data = data[np.hypot(data[:, 0] - side / 4, data[:, 1] - side / 4) > side / 20]
    low, high = stl.min(axis=0) - 10, stl.max(axis=0) + 10
    shape = tuple(np.ceil((high - low) / 2).astype(int) + 1)
    observed = Observed(np.ones(shape, bool), np.array([low, high]), 2.0, np.array([0, 0, 1.0, 5.0]))
    write_observed(folder / "mask.mat", folder / "plane.mat", observed)
    for name, cloud in (("data", data), ("stl", stl)):
        columns = dict(zip("xyz", cloud.astype(np.float32).T, strict=True))
        write_ply(folder / f"{name}.ply", {"vertex": table_of(**columns)})


def ours(folder: Path) -> list[float]:
    rules = CloudRules("dtueval", 0.2, 20.0, 1.0, seed=SEED)
    observed = read_observed(folder / "mask.mat", folder / "plane.mat")
    score = score_cloud(read_points(folder / "data.ply"), read_points(folder / "stl.ply"), rules, observed)
    return [score.accuracy.mean, score.completeness.mean, score.thinned_points]


def published(folder: Path) -> list[float]:
    from sklearn.neighbors import NearestNeighbors

    cloud = read_points(folder / "data.ply")
    np.random.default_rng(SEED).shuffle(cloud, axis=0)
    engine = NearestNeighbors(n_neighbors=1, radius=0.2, algorithm="kd_tree", n_jobs=-1).fit(cloud)
    neighbours = engine.radius_neighbors(cloud, radius=0.2, return_distance=False)
    stays = np.ones(len(cloud), dtype=bool)
    for number, near in enumerate(neighbours):
        if stays[number]:
            stays[near] = False
            stays[number] = True
    cloud = cloud[stays]
    observed = read_observed(folder / "mask.mat", folder / "plane.mat")
    box = observed.box_mm.astype(np.float32)
    inbound = cloud[((cloud >= box[:1] - 60) & (cloud < box[1:] + 120)).sum(axis=-1) == 3]
    grid = np.around((inbound - box[:1]) / observed.resolution_mm).astype(np.int32)
    inside = ((grid >= 0) & (grid < np.array(observed.mask.shape))).sum(axis=-1) == 3
    x, y, z = grid[inside].T
    counted = inbound[inside][observed.mask[x, y, z]]
    stl = read_points(folder / "stl.ply")
    to_stl = engine.fit(stl).kneighbors(counted, n_neighbors=1, return_distance=True)[0]
    above = stl[(observed.plane * np.concatenate([stl, np.ones_like(stl[:, :1])], -1)).sum(-1) > 0]
    to_data = engine.fit(inbound).kneighbors(above, n_neighbors=1, return_distance=True)[0]
    return [to_stl[to_stl < 20].mean(), to_data[to_data < 20].mean(), len(cloud)]


def run_side(side: str, folder: Path, numpy_only: bool) -> None:
    if numpy_only:
        for name in ("compiled_thinning", "compiled_nearest"):
            sys.modules[f"depthbench.benchmarks.metrics.{name}"] = None  # type: ignore[assignment]
    if side == "ours":
        from depthbench.benchmarks.metrics.kernels import kernels

        for name in ("compiled_thinning", "compiled_nearest"):
            kernels(f"depthbench.benchmarks.metrics.{name}")
    else:
        import sklearn.neighbors  # noqa: F401
    wall, processor = time.perf_counter(), time.process_time()
    values = (ours if side == "ours" else published)(folder)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"wall": wall, "cpu": processor, "peak": peak, "values": values}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--numpy", action="store_true")
    parser.add_argument("--alone", action="store_true", help="no rival, for clouds that it cannot hold")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        run_side(options.side, options.folder, options.numpy)
        return
    sides = ["ours"] if options.alone else ["ours", "published"]
    with tempfile.TemporaryDirectory() as scratch:
        make_scan(Path(scratch), options.points)
        results: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
        for _ in range(options.rounds):
            for side in sides:
                words = [sys.executable, __file__, "--side", side, "--folder", scratch]
                words += ["--numpy"] if options.numpy else []
                done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
                results[side].append(json.loads(done.stdout))
    for side, runs in results.items():
        wall, cpu, peak = (statistics.median(run[key] for run in runs) for key in ("wall", "cpu", "peak"))
        print(f"{side:10s} wall {wall:7.2f} s  cpu {cpu:7.2f} s  peak {peak / 1e9:5.2f} GB  values {runs[0]['values']}")
    if not options.alone:
        for key in ("wall", "cpu"):
            ratio = statistics.median(
                p[key] / o[key] for p, o in zip(results["published"], results["ours"], strict=True)
            )
            print(f"ratio of {key}: {ratio:.1f}")
        np.testing.assert_allclose(results["ours"][0]["values"], results["published"][0]["values"], rtol=1e-12)


if __name__ == "__main__":
    main()
