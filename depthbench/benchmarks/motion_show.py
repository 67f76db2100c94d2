# SPDX-License-Identifier: Apache-2.0
"""Examples of a folder of ODMS sets as a picture: masks in order, distances, the final pose's outline, estimate and truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.baselines.vos_de import VosDe
from depthbench.benchmarks.motion_pictures import estimate_line, example_panels
from depthbench.benchmarks.predict import run_model
from depthbench.benchmarks.sets.motion_set import MotionSet
from depthbench.benchmarks.sets.odms import OFFICIAL_EXAMPLES, SPLITS, find_part
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import unknown_name
from depthbench.formats.image import write_png
from depthbench.viz import grid


def holds_motion(folder: Path) -> bool:
    """Tell whether a folder holds any of the ODMS sets, in either form."""
    return any(find_part(folder, split, part) for split in SPLITS for part in OFFICIAL_EXAMPLES)


def show_motion(folder: Path, out: Path, limit: int, ids: Sequence[str] = ()) -> Path:
    """Draw examples, a row each, with the estimate of ``vos-de``.

    Parameters
    ----------
    limit : int
        How many, taken evenly from all that there are.
    ids : sequence of str
        These instead: split, set and example, such as ``val/normal/synthetic_1``.

    Returns
    -------
    Path
        The picture's.

    Raises
    ------
    DepthbenchError
        If an id is unknown, or an example cannot be read.
    """
    sets: dict[str, MotionSet] = {}
    for split in SPLITS:
        for part in OFFICIAL_EXAMPLES:
            if find_part(folder, split, part):
                opened: Any = open_set(f"odms-{part}", folder, {"split": split, "n": "all"})
                sets |= {f"{split}/{part}/{sample_id}": opened for sample_id in opened.ids()}
    for name in ids:
        if name not in sets:
            raise unknown_name(f"example of {folder}", name, sets)
    names = list(sets)
    chosen = ids or [names[int(k)] for k in np.unique(np.linspace(0, len(names) - 1, limit).astype(int))]
    rows, titles = [], []
    for name in chosen:
        sample_id = name.split("/", 2)[2]
        sample = sets[name].observations(sample_id)
        prediction, _, _ = run_model(VosDe(), sample)
        rows.append(example_panels(sample))
        line = estimate_line(sets[name].truth(sample_id), prediction.depth_m)
        titles.append(f"{name}, {len(sample.masks)} masks: vos-de: {line}")
    write_png(out, grid(rows, row_titles=titles, panel_width=150))
    return out
