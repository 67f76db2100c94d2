# SPDX-License-Identifier: Apache-2.0
"""Focal stacks in plain folders as a picture: strip, all-in-focus picture, truth where there is one, estimate, error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.baselines.focus_measure.model import FocusMeasure
from depthbench.benchmarks.focus_pictures import PANEL_WIDTH, stack_panels
from depthbench.benchmarks.predict import run_model
from depthbench.benchmarks.resizing import resize_map
from depthbench.benchmarks.sets.focus_folder import FocusFolder
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import unknown_name
from depthbench.formats.image import write_png
from depthbench.viz import grid


def show_stacks(
    folder: Path, out: Path, limit: int, ids: Sequence[str] = (), options: Mapping[str, Any] | None = None
) -> Path:
    """Draw stacks, a row each, with the estimate of ``focus-measure``: pictures are aligned first where no truth is given.

    Parameters
    ----------
    limit : int
        How many, taken evenly from all that there are.
    ids : sequence of str
        These instead.
    options : mapping
        Of the set, such as ``unit``.

    Returns
    -------
    Path
        The picture's.

    Raises
    ------
    DepthbenchError
        If an id is unknown, or a stack cannot be read.
    """
    opened = open_set("focus-folder", folder, options)
    assert isinstance(opened, FocusFolder)
    names = opened.ids()
    for name in ids:
        if name not in names:
            raise unknown_name(f"stack of {folder}", name, names)
    chosen = ids or [names[int(k)] for k in np.unique(np.linspace(0, len(names) - 1, limit).astype(int))]
    model = FocusMeasure(align="similarity" if opened.blind else "none")
    rows, titles = [], []
    for name in chosen:
        sample = opened.stack(name)
        estimate_m = run_model(model, sample)[0].depth_m
        truth_m = None
        if not opened.blind:
            truth = opened.truth(name).depth_m.astype(np.float64)
            height, width = estimate_m.shape
            truth_m = resize_map(truth, (height, width), "nearest")
        rows.append(stack_panels(sample, estimate_m, truth_m))
        titles.append(f"{name}, {len(sample.stack)} planes: focus-measure")
    write_png(out, grid(rows, row_titles=titles, panel_width=PANEL_WIDTH))
    return out
