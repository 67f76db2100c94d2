# SPDX-License-Identifier: Apache-2.0
"""What a generated layered folder holds, in numbers: layers per pixel, disparity, see-through area, visibility."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Group, RenderableType
from rich.table import Table

from depthbench.formats.layered_record import EYES
from depthbench.formats.shard import ShardReader
from depthbench.generators.layered_folder import samples
from depthbench.layers import MAX_LAYERS, Layers, SurfaceClass, Visibility

QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)

# A set does not fit in memory, so quantiles come from a histogram over log10(px); its bins are 0.45 % wide.
_LOG_LOW, _LOG_HIGH, _BINS = -3.0, 5.0, 4096


class _Tally:
    """Running counts over the pixels of both eyes."""

    def __init__(self) -> None:
        self.pixels = self.reflective = self.refracting = 0
        self.count = np.zeros(MAX_LAYERS + 1, dtype=np.int64)
        self.classes = np.zeros((MAX_LAYERS, len(SurfaceClass)), dtype=np.int64)
        self.visibility = np.zeros((MAX_LAYERS, len(Visibility)), dtype=np.int64)
        self.disparity = np.zeros(_BINS, dtype=np.int64)
        self.disparity_low_px, self.disparity_high_px = np.inf, -np.inf
        self.refraction_sum_px = self.refraction_high_px = 0.0

    def add_layers(self, layers: Layers) -> None:
        """Count one eye's layers."""
        self.pixels += layers.disp_px[0].size
        self.count += np.bincount(layers.count.ravel(), minlength=MAX_LAYERS + 1)
        for k in range(len(layers.disp_px)):
            self.classes[k] += np.bincount(layers.surface_class[k].ravel(), minlength=len(SurfaceClass))
            self.visibility[k] += np.bincount(layers.visibility[k].ravel(), minlength=len(Visibility))
        disp_px = layers.disp_px[np.isfinite(layers.disp_px)]
        if disp_px.size:
            logs = np.log10(np.maximum(disp_px, 10.0**_LOG_LOW))
            place = ((logs - _LOG_LOW) * (_BINS / (_LOG_HIGH - _LOG_LOW))).astype(np.intp)
            self.disparity += np.bincount(np.minimum(place, _BINS - 1), minlength=_BINS)
            self.disparity_low_px = min(self.disparity_low_px, float(disp_px.min()))
            self.disparity_high_px = max(self.disparity_high_px, float(disp_px.max()))

    def add_refraction(self, refraction_px: npt.NDArray[np.float32], see_through: npt.NDArray[np.bool_]) -> None:
        """Add one eye's displacement over its see-through pixels."""
        moved = refraction_px[see_through & np.isfinite(refraction_px)]
        if moved.size:
            self.refracting += moved.size
            self.refraction_sum_px += float(moved.sum(dtype=np.float64))
            self.refraction_high_px = max(self.refraction_high_px, float(moved.max()))

    def quantile_px(self, q: float) -> float:
        """Return a quantile of disparity, to the width of a bin, within the true range; NaN when nothing was seen."""
        total = int(self.disparity.sum())
        if total == 0:
            return np.nan
        place = int(np.searchsorted(np.cumsum(self.disparity), q * total))
        middle = 10.0 ** (_LOG_LOW + (place + 0.5) * (_LOG_HIGH - _LOG_LOW) / _BINS)
        return float(np.clip(middle, self.disparity_low_px, self.disparity_high_px))


def summarise(folder: str | Path) -> dict[str, Any]:
    """Count over all finished shards of a folder; every file is read once. Shares are fractions of the pixels of both eyes.

    Returns
    -------
    dict
        ``samples``; ``environments`` (name -> samples); ``redrawn`` (samples that needed another attempt);
        ``resolutions``; ``baseline_m`` (low, high); ``layers_per_pixel`` (share of pixels with 0, 1, ... 8 layers) and
        ``mean_layers_per_pixel``; ``disparity_px`` (low, high, and quantiles over all layers, these to 0.3 %);
        ``see_through_share``, ``reflective_share``; ``refraction_px`` (mean over see-through pixels, high); ``layers``: per
        layer its share of the pixels, and what share of it is opaque, transmissive, screen; visible, occluded, out of frame.
        NaN where nothing was counted.

    Raises
    ------
    DepthbenchError
        If the folder holds no shards, or one is damaged.
    """
    tally, environments, resolutions = _Tally(), Counter[str](), Counter[str]()
    baselines: list[float] = []
    redrawn = 0
    for reader, index in samples(folder):
        meta, rig = reader.meta(index), reader.rig(index)
        environments[str(meta.get("environment", "?"))] += 1
        redrawn += bool(meta.get("attempt", 0))
        resolutions[f"{rig.intrinsics.width}x{rig.intrinsics.height}"] += 1
        baselines.append(rig.baseline_m)
        _count(tally, reader, index)
    see_through = int(tally.classes[0, SurfaceClass.TRANSMISSIVE :].sum())
    return {
        "samples": len(baselines),
        "environments": dict(environments),
        "redrawn": redrawn,
        "resolutions": dict(resolutions),
        "baseline_m": {"low": min(baselines), "high": max(baselines)},
        "layers_per_pixel": (tally.count / tally.pixels).tolist(),
        "mean_layers_per_pixel": float((tally.count * np.arange(MAX_LAYERS + 1)).sum() / tally.pixels),
        "disparity_px": {
            "low": tally.disparity_low_px if tally.disparity.any() else np.nan,
            **{f"q{round(100 * q):02d}": tally.quantile_px(q) for q in QUANTILES},
            "high": tally.disparity_high_px if tally.disparity.any() else np.nan,
        },
        "see_through_share": see_through / tally.pixels,
        "reflective_share": tally.reflective / tally.pixels,
        "refraction_px": {
            "mean": tally.refraction_sum_px / tally.refracting if tally.refracting else np.nan,
            "high": tally.refraction_high_px,
        },
        "layers": _per_layer(tally),
    }


def _count(tally: _Tally, reader: ShardReader, index: int) -> None:
    """Add both eyes of a sample."""
    for eye in EYES:
        layers = reader.layers(index, eye)
        tally.add_layers(layers)
        tally.add_refraction(reader.refraction_px(index, eye), layers.see_through)
        tally.reflective += int(reader.reflective(index, eye).sum())


def _per_layer(tally: _Tally) -> list[dict[str, float]]:
    """Shares of each layer that any pixel has."""
    rows = []
    for classes, visibility in zip(tally.classes, tally.visibility, strict=True):
        total = int(classes[1:].sum())
        if total == 0:
            break
        shares = {kind.name.lower(): int(classes[kind]) / total for kind in SurfaceClass if kind}
        shares |= {kind.name.lower(): int(visibility[kind]) / total for kind in Visibility if kind}
        rows.append({"share": total / tally.pixels, **shares})
    return rows


def render_summary(summary: dict[str, Any]) -> RenderableType:
    """Lay the answer of :func:`summarise` out as tables for ``rich.console.Console.print``."""
    disparity, refraction, baseline = summary["disparity_px"], summary["refraction_px"], summary["baseline_m"]
    environments = ", ".join(f"{name} {count}" for name, count in summary["environments"].items())
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("samples", f"{summary['samples']} ({environments}), {summary['redrawn']} re-drawn"),
        ("resolution", ", ".join(summary["resolutions"])),
        ("baseline", f"{baseline['low']:.3f} to {baseline['high']:.3f} m"),
        ("disparity", f"{disparity['low']:.2f} to {disparity['high']:.2f} px, median {disparity['q50']:.2f}, "
                      f"1-99 % {disparity['q01']:.2f} to {disparity['q99']:.2f}"),
        ("see-through area", f"{summary['see_through_share']:.1%}; mirrors {summary['reflective_share']:.1%}"),
        ("refraction", f"mean {refraction['mean']:.3f} px where see-through, at most {refraction['high']:.2f} px"),
        ("layers per pixel", f"mean {summary['mean_layers_per_pixel']:.2f}: " + ", ".join(
            f"{k}: {share:.1%}" for k, share in enumerate(summary["layers_per_pixel"]) if share)),
    ):  # fmt: skip
        facts.add_row(name, value)
    table = Table("layer", "of pixels", "opaque", "glass", "screen", "visible", "hidden", "outside")
    for column in table.columns:
        column.justify = "right"
    for number, row in enumerate(summary["layers"], start=1):
        table.add_row(str(number), *(f"{value:.1%}" for value in row.values()))
    return Group(facts, table)
