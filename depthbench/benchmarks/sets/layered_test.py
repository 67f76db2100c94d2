# SPDX-License-Identifier: Apache-2.0
"""The synthetic test set, as ``depthbench generate layered-test`` made it."""

from __future__ import annotations

from pathlib import Path

from depthbench.benchmarks.sets.layered import Layered
from depthbench.errors import DepthbenchError
from depthbench.generators.layered_config import LayeredConfig
from depthbench.generators.layered_test_set import DOMAIN, N_SAMPLES, PRESET, layered_test_config
from depthbench.generators.set_config import load_config


class LayeredTest(Layered):
    """The 535 pairs of the test set.

    Parameters
    ----------
    root : Path
        The folder; what sets it apart from the full set (size, preset, missing pairs) is noted under every table.

    Raises
    ------
    DepthbenchError
        If the folder is another set.
    """

    source = "Make it with `depthbench generate layered-test --out <root>` (--resolution 1/4 on a small machine)."
    name = "layered-test"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        config = load_config(root)
        full = layered_test_config()
        if type(config) is not LayeredConfig or (config.domain, config.scenes, config.views_per_scene) != (
            DOMAIN,
            full.scenes,
            full.views_per_scene,
        ):
            raise DepthbenchError(f"{root}: is no layered-test but a set of its own: give it as --set {root}")
        self.label = f"{config.width}x{config.height}"
        if (config.width, config.height) != (full.width, full.height):
            self.notes.append(f"at {self.label}; the full test set is {full.width}x{full.height}")
        if config.preset != PRESET:
            self.notes.append(f"rendered with the preset {config.preset}; the full test set is {PRESET}")
        count = len(self.ids())
        if count < N_SAMPLES:
            self.notes.append(f"{count} of {N_SAMPLES} pairs are there")
