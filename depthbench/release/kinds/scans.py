# SPDX-License-Identifier: Apache-2.0
"""Synthetic scans as a release: a view with all its lights, camera, exact depth and sources; a scan's first view also has the reference."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import is_pose
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_folder import DtuFolder, halved_and_cropped
from depthbench.formats.grey_png import decode_grey
from depthbench.formats.image import decode_rgb
from depthbench.formats.limits import MOST_ARRAY_BYTES, read_limited
from depthbench.formats.mvs_pairs import read_pairs
from depthbench.formats.mvsnet_cam import read_mvsnet_camera
from depthbench.formats.pfm import read_pfm, write_pfm
from depthbench.formats.sample_parts import Parts
from depthbench.generators.dtu_twin import arc
from depthbench.generators.dtu_twin.config import MOST_LIGHTS, DtuTwinConfig
from depthbench.generators.dtu_twin.files import REFERENCE, layouts, missing_items
from depthbench.generators.dtu_twin.fill import load_twin
from depthbench.release.kind import About, Listed, kept_config, needed_to_recompute
from depthbench.release.scan_reference import (
    REFERENCE_PARTS,
    reference_of,
    reference_parts,
    reference_problems,
    write_reference,
)
from depthbench.release.seal import foreign_parts, sealed

_PARTS = {
    "light_0.png ... light_6.png": "of sets with training pictures: the view in each setting of the lights, RGB, 8 bits",
    "full.jpg": "of sets with testing pictures: the view with all lights on, 2.5 times as many columns, a larger field",
    "mask.png": "where depth is known: 255, of the full picture",
    "npz": "`depth_mm` float32 (H, W): exact planar z of the full picture, 0 = unknown",
    "reference.npz": "of the first view of a scan, of sets with testing pictures: `points_mm` float32 (N, 3), the true surface that some view sees",
    "observed.npz": "beside it, what the evaluation counts in: `mask` uint8 (X, Y, Z), `box_mm` float64 (2, 3) its first and last voxel, "
    "`resolution_mm` (1,), `plane` float64 (4,): ObsMask, BB, Res and P of DTU",
    "json": "`scan`, `view`, `lights`; `world_to_cam` 4x4 in mm, `full` and `training`: width, height and K of these pictures; `depth_range_mm`; "
    "`sources`: other views of the scan with scores, best first; sha256 of the other parts",
}
_LIMITS = (
    "Things are opaque and stand on tables; nothing mirrors. Cameras, their calibration and the pairs of views are the same in all scans.",
    "Depth is known from 425 to 935 mm, as in DTU's own files; beyond it is 0.",
    "The reference cloud is a lattice on the true surface, of what some view sees unhidden: not what a scanner would have seen.",
    "Pictures are rendered; a light is traced lamp by lamp and added. Noise of path tracing, cleaned by a denoiser, is not that of a camera.",
    "The splits of a release are not DTU's splits of the same scan numbers, unless it holds one of them alone.",
)
_LOOKED_AT = 200
"""Views, taken evenly, whose depths the statistics tell of."""
_NEAR = 1e-5
"""Camera files hold 12 digits: numbers that are as near as this (mm, pixels) are the same."""


class ScansKind:
    """See :class:`depthbench.release.kind.ReleaseKind`; a sample is a view, a group a scan."""

    name = "dtu-twin"

    def listing(self, folder: Path) -> list[Listed]:
        """Return every view of the scans that are whole."""
        config = load_twin(folder)
        scans = sorted(int(path.name[4:]) for path in (folder / "Depths_raw").glob("scan[0-9]*"))
        return [
            Listed(sample_id(scan, view), scan, "table top", (config, folder, scan, view))
            for scan in scans
            if not missing_items(config, folder, scan)
            for view in range(config.views)
        ]

    def read(self, listed: Listed) -> Parts:
        """Return a view's parts; pictures are not decoded.

        Raises
        ------
        DepthbenchError
            If a file is absent or damaged, or the training depth is not that of the full size.
        """
        config, folder, scan, view = listed.place
        train, raw, test = layouts(folder)
        parts: dict[str, Any] = {}
        depth = read_pfm(raw.depth_path(scan, view))
        told = {
            "id": listed.id,
            "scan": scan,
            "view": view,
            "lights": list(range(config.lights if config.training else 0)),
        }
        if config.training:
            parts |= {f"light_{light}.png": _bytes(train.image_path(scan, view, light)) for light in told["lights"]}
            if not np.array_equal(read_pfm(train.depth_path(scan, view)), halved_and_cropped(depth)[::4, ::4]):
                raise DepthbenchError(f"{train.depth_path(scan, view)}: not the depth of {raw.depth_path(scan, view)}")
        if config.testing:
            parts["full.jpg"] = _bytes(test.image_path(scan, view))
        parts |= {"mask.png": _bytes(raw.mask_path(scan, view)), "npz": {"depth_mm": depth}}
        if config.testing and view == 0:
            parts |= reference_parts(folder, scan)
        whole, quarter = (read_mvsnet_camera(layout.camera_path(0, view)) for layout in (raw, train))
        told |= {
            "unit": "mm",
            "world_to_cam": whole.world_to_cam,
            "full": _pictured(config, False, whole.intrinsics),
            "training": _pictured(config, True, np.diag([4.0, 4.0, 1.0]) @ quarter.intrinsics),
            "depth_range_mm": [arc.DEPTH_MIN_MM, arc.DEPTH_MAX_MM],
            "sources": read_pairs(folder / "Cameras" / "pair.txt")[view],
        }
        return sealed({**parts, "json": told})

    def about(self, folder: Path, listed: list[Listed]) -> About:
        """Return what the folder is."""
        config = load_twin(folder)
        scans = sorted({one.group for one in listed})
        what = {"all": "training and testing", "train": "training", "test": "testing"}[config.parts]
        return About(
            title="Table tops for multi-view stereo, with exact depth",
            text=f"Rendered groups of things on tables, each seen by {config.views} cameras on an arc, in the sizes and by the rules of DTU's {what} pictures; "
            "exact depth of every view, and of every scan a reference cloud of the true surface with the space in which predictions count.",
            tasks=("depth-estimation",),
            parts=_PARTS,
            limits=_LIMITS,
            seeds=f"seed {config.seed}, {len(scans)} scans from {scans[0]} to {scans[-1]}, {config.views} views each",
        )

    def pictures(self, folder: Path, out: Path) -> tuple[dict[str, str], dict[str, Any]]:
        """Draw some scans; count views and depths."""
        from depthbench.generators.mvs.picture import show_scans

        show_scans(folder, out / "scans.png", 6)
        return {"scans.png": "Scans: some views, lights, and the depth of the first view"}, _statistics(
            load_twin(folder), folder, self.listing(folder)
        )

    def check(self, provenance: Path, sample_id: str, parts: Parts) -> list[str]:
        """Hold a view's name, sizes, depth, camera and reference against the configuration and against each other."""
        config, told = _config(provenance), parts.get("json", {})
        if told.get("id") != sample_id or sample_id != _name_of(told):
            return [f"calls itself {told.get('id')}"]
        if strange := foreign_parts(parts):
            return strange
        problems = _part_problems(config, int(told["view"]), parts) or _camera_problems(config, told)
        problems = problems or _depth_problems(config, parts)
        if not problems and "reference.npz" in parts:
            problems = reference_problems(parts)
        return problems

    def fingerprint(self, parts: Parts) -> bytes:
        """Return a picture: two renders are never equal to the byte."""
        return bytes(parts["light_0.png"] if "light_0.png" in parts else parts["full.jpg"])

    def recompute(self, provenance: Path, samples: Mapping[str, Parts]) -> list[str]:
        """Build the tables again and hold depth, and the references that are among these parts, against theirs; nothing is rendered."""
        from depthbench.generators.blender_check import require_blender
        from depthbench.generators.dtu_twin.rebuilt import differing_views

        config = _config(provenance)
        with needed_to_recompute():
            require_blender()
        pairs = arc.pairs(config.views, config.seed)
        chosen: defaultdict[int, dict[int | str, str]] = defaultdict(dict)
        problems = []
        with tempfile.TemporaryDirectory(prefix="depthbench-") as scratch:
            root = Path(scratch)
            for name, parts in samples.items():
                scan, view = int(parts["json"]["scan"]), int(parts["json"]["view"])
                chosen[scan][view] = name
                write_pfm(DtuFolder(root, "raw").depth_path(scan, view), parts["npz"]["depth_mm"])
                if "reference.npz" in parts:
                    chosen[scan][REFERENCE] = name
                    write_reference(reference_of(parts), root, scan)
                if [source for source, _ in parts["json"]["sources"]] != [source for source, _ in pairs[view]]:
                    problems.append(f"{name}: its sources are not those computed anew")
            return problems + differing_views(root, config, chosen)

    def tensors(self, parts: Parts, **options: Any) -> dict[str, Any]:
        """Return what :func:`depthbench.release.scan_tensors.view_tensors` gives, with its options."""
        from depthbench.release.scan_tensors import view_tensors

        return view_tensors(parts, **options)

    def needed(self, **options: Any) -> tuple[str, ...] | None:
        """Return the pictures asked for, depth and cameras."""
        if options.get("picture", "training") == "full":
            return "full.jpg", "npz", "json"
        lights = options.get("lights")
        return (*(f"light_{light}.png" for light in (range(MOST_LIGHTS) if lights is None else lights)), "npz", "json")


def sample_id(scan: int, view: int) -> str:
    """Return what a view is called in a release."""
    return f"scan{scan:04d}-v{view:02d}"


def _bytes(path: Path) -> bytes:
    return read_limited(path, MOST_ARRAY_BYTES, "picture")


def _pictured(config: DtuTwinConfig, training: bool, matrix: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Return size and K of the training or the full pictures."""
    camera = arc.intrinsics(config.scale, training)
    return {"width": camera.width, "height": camera.height, "k": matrix}


def _name_of(told: Mapping[str, Any]) -> str:
    return sample_id(int(told["scan"]), int(told["view"]))


def _part_problems(config: DtuTwinConfig, view: int, parts: Parts) -> list[str]:
    """Hold which parts there are, and the sizes of pictures, against the configuration."""
    sizes = {f"light_{light}.png": True for light in range(config.lights)} if config.training else {}
    sizes |= {"full.jpg": False} if config.testing else {}
    wanted = {*sizes, "mask.png", "npz", "json"} | (set(REFERENCE_PARTS) if config.testing and view == 0 else set())
    if odd := sorted(wanted ^ set(parts)):
        return [f"{odd[0]} is {'missing' if odd[0] in wanted else 'there, and does not belong to such a view'}"]
    for name, training in sizes.items():
        height, width, _ = decode_rgb(parts[name], name).shape
        camera = arc.intrinsics(config.scale, training)
        if (width, height) != (camera.width, camera.height):
            return [f"{name} is of {width}x{height} pixels, not {camera.width}x{camera.height}"]
    return []


def _camera_problems(config: DtuTwinConfig, told: Mapping[str, Any]) -> list[str]:
    """Hold camera and sources against the arc."""
    view, pose = int(told["view"]), np.array(told["world_to_cam"], dtype=np.float64)
    if not 0 <= view < config.views:
        return [f"there is no view {view}; there are {config.views}"]
    if pose.shape != (4, 4) or not is_pose(pose):
        return ["its world_to_cam is no rotation and shift"]
    if not np.allclose(pose, arc.poses(config.views, config.seed)[view], rtol=0, atol=_NEAR):
        return [f"its world_to_cam is not that of view {view}"]
    for name in ("full", "training"):
        camera = arc.intrinsics(config.scale, name == "training")
        if not np.allclose(told[name]["k"], camera.matrix, rtol=0, atol=_NEAR):
            return [f"the K of its {name} pictures is not that of such pictures"]
    sources = [int(source) for source, _ in told["sources"]]
    if len({*sources, view}) != len(sources) + 1 or not set(sources) <= set(range(config.views)):
        return ["its sources are not other views, each once"]
    return []


def _depth_problems(config: DtuTwinConfig, parts: Parts) -> list[str]:
    """Hold depth and mask against the size of the picture and against each other."""
    depth, camera = parts["npz"]["depth_mm"], arc.intrinsics(config.scale, training=False)
    mask = decode_grey(parts["mask.png"], 8, "mask.png")
    if {depth.shape, mask.shape} != {(camera.height, camera.width)} or depth.dtype != np.float32:
        return [f"its depth is {depth.dtype} {depth.shape}, its mask {mask.shape}"]
    known = depth != 0
    if not ((depth[known] >= arc.DEPTH_MIN_MM) & (depth[known] <= arc.DEPTH_MAX_MM)).all():
        return [f"its depth leaves {arc.DEPTH_MIN_MM:g} to {arc.DEPTH_MAX_MM:g} mm"]
    return [] if np.array_equal(mask, np.where(known, 255, 0)) else ["its mask is not where its depth is known"]


def _statistics(config: DtuTwinConfig, folder: Path, listed: Sequence[Listed]) -> dict[str, Any]:
    chosen = np.unique(np.linspace(0, len(listed) - 1, min(_LOOKED_AT, len(listed))).round().astype(int))
    raw = DtuFolder(folder, "raw")
    depths = [read_pfm(raw.depth_path(*listed[place].place[2:])) for place in chosen]
    known = np.concatenate([depth[depth > 0][::7] for depth in depths])
    quantiles = (0.01, 0.25, 0.5, 0.75, 0.99)
    return {
        "scans": len({one.group for one in listed}),
        "views": len(listed),
        "lights_of_training_pictures": config.lights if config.training else 0,
        "views_looked_at_for_depth": len(chosen),
        "depth_mm": dict(zip(map(str, quantiles), np.quantile(known, quantiles).tolist(), strict=True))
        if len(known)
        else {},
        "share_of_pixels_with_depth": float(np.mean([(depth > 0).mean() for depth in depths])),
    }


def _config(provenance: Path) -> DtuTwinConfig:
    return DtuTwinConfig.from_json(kept_config(provenance))
