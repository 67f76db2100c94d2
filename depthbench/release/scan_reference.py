# SPDX-License-Identifier: Apache-2.0
"""The reference of a released scan: the cloud that predictions are judged by, and where they count. It lies beside the scan's first view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_observed import Observed, read_observed, write_observed
from depthbench.formats.ply import columns_of, read_ply, table_of, write_ply
from depthbench.formats.sample_parts import Parts
from depthbench.formats.sample_shard import open_sample_shard
from depthbench.generators.dtu_twin.files import reference_files
from depthbench.generators.dtu_twin.reference import BOX_MM
from depthbench.release.kind import faults_named
from depthbench.release.manifest import read_manifest, split_named

REFERENCE_PARTS = ("reference.npz", "observed.npz")
_SLACK_MM, _MOST_BEFORE = 0.2, 0.02
"""Points may lie this far before the nearest depth around their pixel; so large a share of them farther."""


@dataclass(frozen=True)
class Reference:
    """What predictions of a scan are judged by.

    Attributes
    ----------
    points_mm : float32 (N, 3)
    observed : Observed
    """

    points_mm: npt.NDArray[np.float32]
    observed: Observed


def references(release: str | Path, split: str) -> Iterator[tuple[int, Reference]]:
    """Yield (scan, reference) of every scan of a split.

    Raises
    ------
    DepthbenchError
        If it is no release of scans, the split is unknown, or a shard is damaged.
    """
    for shard in split_named(read_manifest(release), split).shards:
        reader = open_sample_shard(Path(release) / shard.file)
        for place, name in enumerate(reader.ids):
            if name.endswith("-v00"):
                parts = reader.read(place, (*REFERENCE_PARTS, "json"))
                yield int(parts["json"]["scan"]), reference_of(parts)
        reader.close()


def reference_parts(folder: Path, scan: int) -> dict[str, Any]:
    """Read the reference of a generated scan as parts."""
    cloud, mask, plane = reference_files(folder, scan)
    points = columns_of(read_ply(cloud, ["vertex"])["vertex"], "x", "y", "z").astype(np.float32)
    observed = read_observed(mask, plane)
    about = {
        "mask": observed.mask.astype(np.uint8),
        "box_mm": observed.box_mm,
        "resolution_mm": np.array([observed.resolution_mm]),
        "plane": observed.plane,
    }
    return dict(zip(REFERENCE_PARTS, ({"points_mm": points}, about), strict=True))


def write_reference(found: Reference, folder: Path, scan: int) -> None:
    """Write a reference as DTU's own files: ``Points/stl``, ``ObsMask``."""
    cloud, mask, plane = reference_files(folder, scan)
    x, y, z = found.points_mm.T
    write_ply(cloud, {"vertex": table_of(x=x, y=y, z=z)})
    write_observed(mask, plane, found.observed)


def reference_of(parts: Parts) -> Reference:
    """Return the reference of a scan, of the parts of its first view.

    Raises
    ------
    DepthbenchError
        If the parts have none.
    """
    with faults_named(
        str(parts.get("json", {}).get("id", "a view")), "the first view of a scan, beside which its reference lies"
    ):
        held = parts["observed.npz"]
        mask, plane = held["mask"].astype(bool), held["plane"]
        observed = Observed(mask, held["box_mm"], float(held["resolution_mm"][0]), plane)
        points = parts["reference.npz"]["points_mm"]
    if mask.ndim != 3 or observed.box_mm.shape != (2, 3) or plane.shape != (4,) or points.shape[1:] != (3,):
        raise DepthbenchError(f"{parts['json']['id']}: its reference has arrays of other shapes")
    return Reference(points, observed)


def reference_problems(parts: Parts) -> list[str]:
    """Hold a reference against its box and against the view that it lies beside: nothing of it may stand before what that sees."""
    found = reference_of(parts)
    points, box = found.points_mm.astype(np.float64), np.array(BOX_MM)
    if not np.isfinite(points).all() or (points < box[0] - 0.01).any() or (points > box[1] + 0.01).any():
        return ["points of its reference lie outside the table"]
    size = np.array(found.observed.mask.shape) - 1
    if not np.allclose(found.observed.box_mm[1] - found.observed.box_mm[0], size * found.observed.resolution_mm):
        return ["its observed space has a box of another size"]
    told, depth = parts["json"], parts["npz"]["depth_mm"]
    pose, matrix = np.array(told["world_to_cam"]), np.array(told["full"]["k"])
    in_camera = points @ pose[:3, :3].T + pose[:3, 3]
    column, row = np.rint((in_camera @ matrix.T)[:, :2] / in_camera[:, 2:]).astype(int).T
    at = np.flatnonzero((column > 0) & (row > 0) & (column < depth.shape[1] - 1) & (row < depth.shape[0] - 1))
    around = np.stack([depth[row[at] + dy, column[at] + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    nearest = around.min(axis=0)
    before = (nearest > 0) & (in_camera[at, 2] < nearest - _SLACK_MM)
    share = float(before.sum() / max(len(at), 1))
    return [f"{share:.1%} of its reference stands before what this view sees"] if share > _MOST_BEFORE else []
