# SPDX-License-Identifier: Apache-2.0
"""Holds a stored sample's truth against that of a scene built again."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.formats.shard import LayeredRecord, round_px
from depthbench.truth.cast import RayCaster
from depthbench.truth.pair import EyeTruth, pair_truth


def recast(caster: RayCaster, record: LayeredRecord, gt_bits: int) -> dict[str, float]:
    """Return per array the largest share of an eye's pixels that differ from the truth computed anew."""
    truth = pair_truth(caster, record.rig, record.left.cam_to_world)
    differing: dict[str, float] = {}
    for stored, fresh in ((record.left, truth.left), (record.right, truth.right)):
        for name, wrong in _differing(stored, fresh, gt_bits).items():
            differing[name] = max(differing.get(name, 0.0), wrong)
    return differing


def _differing(stored: Any, fresh: EyeTruth, gt_bits: int) -> dict[str, float]:
    """Compare one eye; arrays are padded to the same number of layers."""
    shares = {}
    for name, empty in (("disp_px", np.nan), ("surface_id", 0), ("surface_class", 0), ("visibility", 0)):
        old, new = getattr(stored.layers, name), getattr(fresh.layers, name)
        padding = np.full((len(new) - len(old), *new.shape[1:]), empty, dtype=new.dtype)
        old = np.concatenate([old, padding])
        if name == "disp_px":
            new = round_px(new, gt_bits)
        shares[name] = _share(old, new).any(axis=0).mean()
    shares["refraction_px"] = _share(stored.refraction_px, round_px(fresh.refraction_px, gt_bits)).mean()
    shares["reflective"] = (stored.reflective != fresh.reflective).mean()
    return {name: float(share) for name, share in shares.items()}


def _share(old: Any, new: Any) -> Any:
    """Return where two arrays differ; NaN equals NaN."""
    if old.dtype.kind == "f":
        return ~((old == new) | (np.isnan(old) & np.isnan(new)))
    return old != new
