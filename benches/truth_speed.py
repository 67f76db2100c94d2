# SPDX-License-Identifier: Apache-2.0
"""Speed of the complete truth of a stereo pair: seconds, rays per second, and ratios to a limit and to a peer.

    python benches/truth_speed.py [--width 768 --height 512 --repeats 5]

The scene is a room of 0.7 million triangles with furniture-like clutter, 16 hollow glass vessels, window panes and screens.
Ratios are of processor time, which other work on the machine disturbs less. The limit is the time inside Embree alone. The peer is trimesh's
``intersects_id(multiple_hits=True)`` for both eyes, which gives the crossings without classes, order, visibility in the other
eye or refraction, and does not stop at opaque surfaces.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import replace

import numpy as np

from depthbench.blender_scenes.mesh import Mesh, box, join, sheet, sphere
from depthbench.camera import Intrinsics, StereoRig, right_from_left
from depthbench.layers import SurfaceClass
from depthbench.truth import bvh
from depthbench.truth.cast import RayCaster
from depthbench.truth.geometry import SceneGeometry, Surface
from depthbench.truth.pair import pair_truth

OPAQUE = Surface(0, "opaque", SurfaceClass.OPAQUE)
GLASS = Surface(0, "glass", SurfaceClass.TRANSMISSIVE, closed=True, ior=1.5)
PANE = Surface(0, "pane", SurfaceClass.TRANSMISSIVE, closed=True)
SCREEN = Surface(0, "screen", SurfaceClass.SCREEN)


def room(rng: np.random.Generator) -> SceneGeometry:
    """A room 8 x 8 x 3 m, z up."""
    parts: list[tuple[Mesh, Surface]] = [(box(8, 8, 3).flipped(), OPAQUE)]
    for _ in range(60):
        x, y = rng.uniform(-3.5, 3.5, 2)
        parts.append(
            (box(*rng.uniform(0.2, 0.8, 2), rng.uniform(0.3, 1.0)).rotated("z", rng.uniform(0, 90)).moved(x, y), OPAQUE)
        )
    for _ in range(40):
        parts.append(
            (sphere(rng.uniform(0.05, 0.25), 96, 48).moved(*rng.uniform(-3.5, 3.5, 2), rng.uniform(0.5, 2)), OPAQUE)
        )
    vessel = join([sphere(0.15, 96, 48), sphere(0.145, 96, 48).flipped()])
    for _ in range(16):
        parts.append((vessel.scaled(1, 1, 1.5).moved(*rng.uniform(-3, 3, 2), rng.uniform(0.8, 1.8)), GLASS))
    for _ in range(3):
        pane = box(1.2, 0.006, 1.4).rotated("z", rng.uniform(0, 180)).moved(*rng.uniform(-3, 3, 2), 0.4)
        parts.append((pane, PANE))
    for _ in range(4):
        parts.append((sheet(0.8, 1.2).rotated("z", rng.uniform(0, 180)).moved(*rng.uniform(-3, 3, 2), 0.5), SCREEN))
    vertices, triangles, owner, surfaces, offset = [], [], [], [], 0
    for number, (mesh, surface) in enumerate(parts):
        fans = np.concatenate(
            [np.stack([g[:, 0], g[:, i], g[:, i + 1]], axis=1) for g in mesh.polygons for i in range(1, g.shape[1] - 1)]
        )
        vertices.append(mesh.vertices)
        triangles.append(fans + offset)
        owner.append(np.full(len(fans), number))
        surfaces.append(replace(surface, id=number + 1))
        offset += len(mesh.vertices)
    points, corners = np.concatenate(vertices), np.concatenate(triangles)
    a, b, c = points[corners].transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    return SceneGeometry(
        points,
        corners.astype(np.int32),
        np.concatenate(owner).astype(np.int32),
        np.repeat(normals[:, None], 3, axis=1).astype(np.float32),
        tuple(surfaces),
    )


class Meter:
    """Counts the rays that Embree is asked for, and the seconds it takes."""

    def __init__(self) -> None:
        self.rays, self.seconds = 0, 0.0
        self._inner = bvh.Bvh._run

    def __enter__(self) -> Meter:
        meter = self

        def run(self: bvh.Bvh, origins, directions, reach, query):  # type: ignore[no-untyped-def]
            start = (origins - self.origin).astype(np.float32)
            limit = None if reach is None else np.minimum(reach, 1e37).astype(np.float32)
            heading = directions.astype(np.float32)
            begin = time.thread_time()
            rows = self._scene.run(start, heading, limit, query)
            meter.seconds += time.thread_time() - begin
            meter.rays += len(start)
            return rows

        bvh.Bvh._run = run  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        bvh.Bvh._run = self._inner  # type: ignore[method-assign]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--height", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    geometry = room(np.random.default_rng(0))
    begin = time.perf_counter()
    caster = RayCaster(geometry)
    build_s = time.perf_counter() - begin
    rig = StereoRig(Intrinsics.centred(options.width, options.height, 0.8 * options.width), 0.12)
    pose = np.eye(4)
    pose[:3, :3] = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # looks along +y
    pose[:3, 3] = (0.3, -3.6, 1.5)

    truth = pair_truth(caster, rig, pose)
    count = truth.left.layers.count
    times, processor_times = [], []
    for _ in range(options.repeats):
        begin, begin_processor = time.perf_counter(), time.process_time()
        pair_truth(caster, rig, pose)
        times.append(time.perf_counter() - begin)
        processor_times.append(time.process_time() - begin_processor)
    pair_s, pair_cpu_s = statistics.median(times), statistics.median(processor_times)
    with Meter() as meter:
        pair_truth(caster, rig, pose)

    import trimesh

    mesh = trimesh.Trimesh(geometry.vertices, geometry.triangles, process=False)
    directions = rig.intrinsics.pixel_directions().reshape(-1, 3) @ pose[:3, :3].T
    eyes = [pose[:3, 3], right_from_left(pose, rig.baseline_m)[:3, 3]]
    mesh.ray.intersects_id(np.zeros((1, 3)), np.ones((1, 3)))
    begin = time.process_time()
    for eye in eyes:
        mesh.ray.intersects_id(
            np.tile(eye, (len(directions), 1)), directions, multiple_hits=True, return_locations=True
        )
    peer_cpu_s = time.process_time() - begin

    print(
        f"{len(geometry.triangles)} triangles, {options.width}x{options.height}, {(count > 1).mean():.0%} see-through pixels,"
    )
    print(f"up to {count.max()} layers, {(truth.left.refraction_px != 0).mean():.0%} of pixels refracted")
    print(f"build                    {build_s:8.3f} s, once per scene")
    print(
        f"pair, wall (median of {options.repeats}) {pair_s:8.3f} s   (from {min(times):.3f} to {max(times):.3f}), two threads"
    )
    print(f"pair, processor          {pair_cpu_s:8.3f} s")
    print(
        f"rays per pair            {meter.rays / 1e6:8.2f} million, {meter.rays / pair_s / 1e6:.2f} Mrays/s of wall time"
    )
    print(
        f"limit: Embree alone      {meter.seconds:8.3f} s of processor, ours / limit = {pair_cpu_s / meter.seconds:.2f}"
    )
    print(f"peer: trimesh crossings  {peer_cpu_s:8.3f} s of processor, ours / peer  = {pair_cpu_s / peer_cpu_s:.2f}")


if __name__ == "__main__":
    main()
