# SPDX-License-Identifier: Apache-2.0
"""Checks a generated set of masks: every example is made again, and each pixel and distance must be the stored one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import write_json
from depthbench.generators.odms.examples import make_examples, unpacked
from depthbench.generators.odms.fill import distinct_m
from depthbench.generators.odms.mask_set import load_set, stored_clips
from depthbench.generators.run_files import now

VERIFY_FILE = "verify.json"


def verify_masks(folder: Path) -> tuple[int, list[str]]:
    """Make every example of a folder again and compare; write ``verify.json``.

    Returns
    -------
    int
        Examples read.
    list of str
        What is wrong, a line each.
    """
    asked = load_set(folder)
    problems: list[str] = []
    count = 0
    for part in asked.parts:
        config = asked.config(part)
        names: list[int] = []
        try:
            for clip in stored_clips(folder, asked, part):
                names.append(int(clip.name))
                made = make_examples(config, [names[-1]], packed=True)
                metres = made.distance_m[0].astype(np.float64)
                expected_m = distinct_m(made.distance_m[0]) if asked.layout == "folders" else metres
                if len(clip) != config.observations or not np.array_equal(clip.depth_m, expected_m):
                    problems.append(f"{part}-{clip.name}: the distances are not those of the stream")
                    continue
                masks = unpacked(made.masks[0])
                wrong = sum(not np.array_equal(clip.read(view), mask) for view, mask in enumerate(masks))
                if wrong:
                    problems.append(f"{part}-{clip.name}: {wrong} of {len(masks)} masks differ from those made anew")
        except DepthbenchError as error:
            problems.append(str(error))
        count += len(names)
        if names != list(range(len(names))):
            problems.append(f"{part}: {len(names)} examples, which are not the first ones")
    if not count:
        problems.append(f"{folder}: holds no examples")
    write_json(folder / VERIFY_FILE, {"time": now(), "ok": not problems, "samples": count, "problems": problems})
    return count, problems
