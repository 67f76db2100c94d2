# SPDX-License-Identifier: Apache-2.0
"""How tables call depth metrics: title, unit, direction, decimals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from depthbench.benchmarks.depth_protocol import base_metric
from depthbench.benchmarks.metrics.depth import LADDER

_UNITS = {"depth": "m", "disparity": "px"}
_UNIT = "{unit}"
_TITLES = {
    "abs_rel": ("AbsRel", "", 4),
    "sq_rel": ("SqRel", _UNIT, 4),
    "sq_err_rel": ("SqErrRel", "", 4),
    "mae": ("MAE", _UNIT, 4),
    "mse": ("MSE", _UNIT + "²", 6),
    "rmse": ("RMSE", _UNIT, 4),
    "rmse_log": ("RMSElog", "", 4),
    "rmse_log10": ("RMSElog10", "", 4),
    "log10": ("log10", "", 4),
    "silog_adabins": ("SILog AdaBins", "", 3),
    "silog_dav2": ("SILog DAv2", "", 4),
    "silog_unidepth": ("SILog UniDepth", "", 3),
    "coverage": ("Cover", "%", 2),
    "share": ("Share", "%", 2),
    "bumpiness": ("Bumpiness", "", 3),
    "boundary_f1": ("Boundary F1", "", 4),
}
_MORE_IS_BETTER = ("coverage", "share", "boundary_f1")
_POWERS = {"2": "²", "3": "³"}


def depth_unit(protocol: Mapping[str, Any]) -> str:
    """Return the unit of a depth protocol's content (m, px); empty for protocols of other quantities."""
    return _UNITS.get(str(protocol.get("domain")), "")


def depth_column(metric: str, unit: str) -> tuple[str, str, bool, int]:
    """Return title, unit, whether less is better, and decimals of a depth metric."""
    name = base_metric(metric)
    reduced = "" if name == metric else f" {metric.removesuffix(f'_{name}')}"
    match = LADDER.fullmatch(name)
    if match and match["limit"]:
        return f"|p-g|>{match['limit']}{reduced}", "%", True, 2
    if match and match["ratio"]:
        return f"DQ {match['ratio']}{reduced}", "", False, 4
    if match:
        return f"δ<{match['base']}{_POWERS.get(match['power'] or '', '')}{reduced}", "", False, 4
    title, its_unit, decimals = _TITLES[name]
    return title + reduced, its_unit.replace(_UNIT, unit), name not in _MORE_IS_BETTER, decimals
