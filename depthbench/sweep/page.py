# SPDX-License-Identifier: Apache-2.0
"""A sweep as one HTML file with a slider for c; it holds everything that it shows and fetches nothing."""

from __future__ import annotations

import base64
import html
import json
import zlib
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.formats.image import encode_png
from depthbench.sweep.pictures import headline
from depthbench.sweep.run import Sweep
from depthbench.viz import colour_scale

LEVELS = 254
"""Steps between the ends of the colour range; level 0 stands for unknown."""


def levels_of(disp_px: npt.NDArray[np.float32], low: float, high: float) -> npt.NDArray[np.uint8]:
    """Turn disparity into 1 (at ``low`` or below) ... 255 (at ``high`` or above), 0 where it is not finite."""
    known = np.isfinite(disp_px)
    share = (np.clip(np.where(known, disp_px, low), low, high) - low) / max(high - low, 1e-30)
    return np.where(known, 1 + np.rint(LEVELS * share), 0).astype(np.uint8)


def _packed(levels: npt.NDArray[np.uint8]) -> str:
    return base64.b64encode(zlib.compress(levels.tobytes(), 9)).decode()


def page(sweep: Sweep) -> str:
    """Return the HTML text.

    The answers (and the true layers) are in it in 254 steps of the colour range, compressed; the page colours them, and draws
    the answer over c for the pixel under the pointer.
    """
    low, high = sweep.limits_px
    height, width = sweep.sample.left.shape[:2]
    layers_px, rig = sweep.layers_px, sweep.sample.rig
    data: dict[str, Any] = {
        "width": width,
        "height": height,
        "low": low,
        "high": high,
        "values": sweep.values,
        "answers": _packed(levels_of(sweep.disp_px, low, high)),
        "layers": 0 if layers_px is None else len(layers_px),
        "truth": "" if layers_px is None else _packed(levels_of(layers_px, low, high)),
        "rule": sweep.rule,
        "focal_baseline": None if rig is None else rig.intrinsics.fx * rig.baseline_m,
        "doffs": 0.0 if rig is None else rig.doffs,
        "turbo": colour_scale(np.arange(LEVELS + 1.0)[None], 0, LEVELS, "turbo").ravel().tolist(),
    }
    template = Template((files("depthbench.sweep") / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=html.escape(f"{sweep.sample.id}: {sweep.model}"),
        subtitle=html.escape(headline(sweep)),
        left=base64.b64encode(encode_png(sweep.sample.left)).decode(),
        data=json.dumps(data, allow_nan=False).replace("</", "<\\/"),
    )
