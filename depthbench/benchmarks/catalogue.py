# SPDX-License-Identifier: Apache-2.0
"""Everything that has a name, with a sentence each, for ``depthbench list``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from depthbench.baselines import MODELS
from depthbench.baselines.loading import plugins
from depthbench.benchmarks.protocol import load_protocol, protocol_names
from depthbench.benchmarks.sets import SETS, default_root, set_problems
from depthbench.blender_scenes.layouts import LAYOUTS

METRICS = {
    "epe": "mean absolute error in px over estimated pixels",
    "rmse": "root mean squared error in px over estimated pixels",
    "bad_X": "per cent of pixels wrong by more than X px, holes not among them",
    "totbad_X": "per cent of pixels wrong by more than X px or holes",
    "d1": "per cent of pixels wrong by more than 3 px and 5 % of the truth",
    "aQQ": "error in px that QQ per cent of the estimated pixels do not exceed",
    "coverage": "per cent of pixels that have an estimate",
    "holes": "per cent of pixels that have none",
    "percent_error": "|estimate - truth| of an object's depth in per cent of the truth; median_percent_error is the median",
    "abs_rel": "depth: mean of |p - g| / g; sq_rel, mae, mse, rmse, rmse_log, rmse_log10, log10 likewise",
    "silog_adabins": "depth: 100 times the standard deviation of ln p - ln g; silog_unidepth the unbiased one",
    "silog_unidepth": "depth: the same with the divisor n - 1",
    "silog_dav2": "depth: sqrt(E[d^2] - E[d]^2 / 2), d = ln p - ln g",
    "delta_T": "depth: share of pixels with max(p / g, g / p) < T; delta_1.25^2 and so on are powers",
    "sq_err_rel": "depth: mean of ((p - g) / g)^2, DeepLab2's SqErrorRel",
    "inlier_T": "depth: share of pixels with max(p / g, g / p) <= T, the depth quality of DSTQ",
    "share": "depth: per cent of a picture's pixels that count which lie in the region",
    "bumpiness": "depth: 100 times the mean clipped norm of the error's Hessian",
    "boundary_f1": "depth: scale-invariant F1 of depth edges, ten ratios from 1.05 to 1.25",
    "pooled_X": "depth: X over all pixels of the set together; quadratic_X: root of the mean square over pictures; batched_X: over the pixels of each batch of pictures",
    "failures": "per cent of samples whose answer is not finite",
}


def _models() -> dict[str, str]:
    return {**{name: reference.split(":")[0] for name, reference in MODELS.items()}, **plugins()}


def _sets() -> dict[str, str]:
    told = {}
    for name in SETS:
        root = default_root(name)
        if root is None:
            told[name] = "a folder of yours: --set path/to/folder"
        else:
            there = "; ".join([str(root), *(set_problems(name, root) if root.is_dir() else ())])
            told[name] = there if root.is_dir() else f"not at {root}; eval says where to get it"
    return told


def _protocols() -> dict[str, str]:
    loaded = [load_protocol(name) for name in protocol_names()]
    return {p.name: f"v{p.version} {p.hash[:12]}  {p.title}" for p in loaded}


def _scenes() -> dict[str, str]:
    return {name: reference.split(":")[0] for name, reference in LAYOUTS.items()}


_KINDS: Mapping[str, Callable[[], dict[str, str]]] = {
    "models": _models,
    "sets": _sets,
    "protocols": _protocols,
    "metrics": lambda: METRICS,
    "scenes": _scenes,
}


def catalogue(kind: str) -> dict[str, str]:
    """Return name -> sentence for ``models``, ``sets``, ``protocols``, ``metrics`` or ``scenes``."""
    return _KINDS[kind]()
