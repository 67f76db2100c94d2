# SPDX-License-Identifier: Apache-2.0
"""Masks of depth from motion as a release: an example's masks and distances, and one JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.errors import MissingExtraError
from depthbench.formats.sample_parts import Parts
from depthbench.generators.odms.config import COLUMNS, FARTHEST_M, NEAREST_M, ROWS
from depthbench.generators.odms.examples import make_examples, unpacked
from depthbench.generators.odms.mask_set import MaskSet, load_set, stored_clips
from depthbench.release.kind import About, Listed, kept_config

_PARTS = {
    "npz": f"`masks` uint8 (n, {ROWS}, {COLUMNS // 8}): each mask of {ROWS} x {COLUMNS}, rows packed by `np.packbits`, most significant bit first; the "
    "nearest first. `distance_m` float32 (n,): of the camera from the object; the first is the depth that is asked for, the "
    "differences are the camera's movement, which is known",
    "json": "the example's part (normal, perturb), number, split and seed of its generator",
}
_LIMITS = (
    "Shapes are random closed curves, not silhouettes of real things.",
    "`perturb` has the objects and distances of `normal`, its masks dilated or eroded: both parts of an example lie in one split.",
)


class OdmsKind:
    """See :class:`depthbench.release.kind.ReleaseKind`."""

    name = "odms"

    def listing(self, folder: Path) -> list[Listed]:
        """Return every example of every part."""
        asked = load_set(folder)
        found = []
        for part in asked.parts:
            for clip in stored_clips(folder, asked, part):
                sample_id = f"{asked.stream.split}-{part}-{clip.name}"
                found.append(Listed(sample_id, int(clip.name), part, (asked, part, clip)))
        return found

    def read(self, listed: Listed) -> Parts:
        """Return an example's parts."""
        asked, part, clip = listed.place
        masks = np.stack([np.packbits(clip.read(view), axis=-1) for view in range(len(clip))])
        about = {
            "id": listed.id,
            "part": part,
            "example": listed.group,
            "split": asked.stream.split,
            "seed": asked.stream.seed,
        }
        return {"npz": {"masks": masks, "distance_m": clip.depth_m.astype(np.float32)}, "json": about}

    def about(self, folder: Path, listed: list[Listed]) -> About:
        """Return what the folder is."""
        asked = load_set(folder)
        numbers = sorted({one.group for one in listed})
        return About(
            title="Masks of an object that a camera comes nearer to, for depth from motion",
            text=f"Each example shows the segmentation mask of one object from {asked.stream.observations} distances between "
            f"{NEAREST_M:g} and {FARTHEST_M:g} m, with the distances; the depth at the nearest is to be told from the masks and the "
            "camera's movement.",
            tasks=("depth-estimation",),
            parts=_PARTS,
            limits=_LIMITS,
            seeds=f"seed {asked.stream.seed}, stream '{asked.stream.split}', examples {numbers[0]} to {numbers[-1]} of the parts "
            f"{', '.join(asked.parts)}, rules of the {asked.stream.rules}",
        )

    def pictures(self, folder: Path, out: Path) -> tuple[dict[str, str], dict[str, Any]]:
        """Draw some examples; count distances and areas."""
        from depthbench.generators.odms.picture import show_masks

        show_masks(folder, out / "masks.png", 6)
        asked = load_set(folder)
        clips = [clip for part in asked.parts for clip in stored_clips(folder, asked, part)]
        depths = np.array([clip.depth_m[0] for clip in clips])
        areas = np.array([np.count_nonzero(clip.read(0)) for clip in clips])
        quantiles = (0.0, 0.25, 0.5, 0.75, 1.0)
        found = {
            "examples": len(clips),
            "depth_m": dict(zip(map(str, quantiles), np.quantile(depths, quantiles), strict=True)),
            "nearest_mask_px": dict(zip(map(str, quantiles), np.quantile(areas, quantiles), strict=True)),
        }
        return {"masks.png": "Examples: the contour, then masks with distance and area"}, found

    def check(self, provenance: Path, sample_id: str, parts: Parts) -> list[str]:
        """Hold an example's shapes, distances and name against the configuration."""
        asked = _set(provenance)
        told, arrays = parts.get("json", {}), parts.get("npz", {})
        number, part = told.get("example"), told.get("part")
        if sample_id != told.get("id") or sample_id != f"{asked.stream.split}-{part}-{int(number or 0):06d}":
            return [f"calls itself {told.get('id')}"]
        n = asked.stream.observations
        masks, distance_m = arrays.get("masks"), arrays.get("distance_m")
        if masks is None or masks.shape != (n, ROWS, COLUMNS // 8) or masks.dtype != np.uint8:
            return [f"its masks are not uint8 {(n, ROWS, COLUMNS // 8)}"]
        if distance_m is None or distance_m.shape != (n,) or not (np.diff(distance_m) > 0).all() or distance_m[0] <= 0:
            return [f"its distances are not {n} ascending ones"]
        return []

    def fingerprint(self, parts: Parts) -> bytes:
        """Return distances and masks."""
        arrays = parts["npz"]
        return bytes(arrays["distance_m"].tobytes() + arrays["masks"].tobytes())

    def recompute(self, provenance: Path, samples: Mapping[str, Parts]) -> list[str]:
        """Make the examples again and compare every pixel and distance."""
        asked = _set(provenance)
        problems = []
        for sample_id, parts in samples.items():
            told, arrays = parts["json"], parts["npz"]
            made = make_examples(asked.config(str(told["part"])), [int(told["example"])], packed=True)
            wrong = int(
                (unpacked(made.masks[0]) != np.unpackbits(arrays["masks"], axis=-1).view(bool)).any(axis=(1, 2)).sum()
            )
            if wrong:
                problems.append(f"{sample_id}: {wrong} of {len(arrays['masks'])} masks differ from those made anew")
            if asked.layout == "shards" and not np.array_equal(made.distance_m[0], arrays["distance_m"]):
                problems.append(f"{sample_id}: the distances differ from those made anew")
        return problems

    def tensors(self, parts: Parts, **options: Any) -> dict[str, Any]:
        """Return ``masks`` bool (n, 480, 640), ``distance_m`` float32 (n,), ``depth_m`` float32, ``id``."""
        try:
            import torch
        except ImportError as error:
            raise MissingExtraError("torch", "torch", "reading a release as tensors") from error
        arrays = parts["npz"]
        return {
            "id": str(parts["json"]["id"]),
            "masks": torch.from_numpy(np.unpackbits(arrays["masks"], axis=-1).view(bool)),
            "distance_m": torch.from_numpy(arrays["distance_m"].copy()),
            "depth_m": torch.tensor(float(arrays["distance_m"][0])),
        }

    def needed(self, **options: Any) -> tuple[str, ...] | None:
        """Return None: all parts."""
        return None


def _set(provenance: Path) -> MaskSet:
    return MaskSet.from_json(kept_config(provenance))
