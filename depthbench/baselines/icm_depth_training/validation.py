# SPDX-License-Identifier: Apache-2.0
"""Held-out frames, whole: errors over all pixels that count, over those of instances, and over the others."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch

from depthbench.baselines.icm_depth.inputs import padded
from depthbench.baselines.icm_depth.network import IcmDepth
from depthbench.baselines.icm_depth_training.config import IcmConfig
from depthbench.baselines.icm_depth_training.stream import counted
from depthbench.formats.driving_shard import DrivingRecord
from depthbench.formats.image import decode_rgb


def measure(
    network: IcmDepth, frames: Iterable[DrivingRecord], config: IcmConfig, device: torch.device
) -> dict[str, float]:
    """Return means over frames of AbsRel and of the shares of pixels within a factor of 1.25.

    Returns
    -------
    dict
        ``score`` and ``abs_rel`` (the same), ``delta_1``, ``instance_delta_1``, ``background_delta_1``; areas that no frame has are left
        out, and everything where there is no frame.
    """
    rows: dict[str, list[float]] = {}
    for found in frames:
        truth = counted(found.depth, config)
        height, width = truth.shape
        picture = padded(decode_rgb(found.image, found.id)).to(device)
        answer = network(picture).depth_m[0, 0, :height, :width].float().cpu().numpy()
        counts = np.isfinite(truth)
        if not counts.any():
            continue
        ratio = np.divide(answer, truth, out=np.ones_like(truth), where=counts)
        inside = np.maximum(ratio, 1 / ratio) < 1.25
        rows.setdefault("abs_rel", []).append(float(np.abs(ratio - 1)[counts].mean()))
        thing = found.instance > 0
        for name, area in (
            ("delta_1", counts),
            ("instance_delta_1", counts & thing),
            ("background_delta_1", counts & ~thing),
        ):
            if area.any():
                rows.setdefault(name, []).append(float(inside[area].mean()))
    means = {name: float(np.mean(values)) for name, values in rows.items()}
    return {"score": means["abs_rel"], **means} if means else {}
