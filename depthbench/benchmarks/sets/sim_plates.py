# SPDX-License-Identifier: Apache-2.0
"""The table tops with plates, as ``depthbench generate plates`` made them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from depthbench.benchmarks.sets.layered import Layered
from depthbench.benchmarks.sets.stereo_set import StereoTruth
from depthbench.errors import DepthbenchError
from depthbench.generators.plates import CONDITIONS, PAIRS, PlatesConfig, divide_view
from depthbench.generators.set_config import load_config
from depthbench.layers import SurfaceClass


class SimPlates(Layered):
    """5 scenes x 12 configurations x 3 conditions; a sample's group is its condition: ``none``, ``t80``, ``t60``.

    Parameters
    ----------
    root : Path
        The folder; pairs that are not there are noted under every table.

    Raises
    ------
    DepthbenchError
        If the folder is another set.
    """

    source = "Make it with `depthbench generate plates --out <root>`."
    name = "sim-plates"
    default_protocol = "plates"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        config = load_config(root)
        if not isinstance(config, PlatesConfig):
            raise DepthbenchError(f"{root}: holds no plates but a set of its own: give it as --set {root}")
        self._config = config
        self.label = f"{config.width}x{config.height}"
        count = len(self.ids())
        if count < PAIRS:
            self.notes.append(f"{count} of {PAIRS} pairs are there; `depthbench generate plates` makes the others")

    def group(self, sample_id: str) -> str:
        """Return the condition."""
        return divide_view(_place(sample_id)[1])[1]

    def truth(self, sample_id: str) -> StereoTruth:
        """Return the layers, and as mask ``plate`` what the plate covers here or in the configuration's other pictures."""
        truth = super().truth(sample_id)
        scene, view = _place(sample_id)
        configuration, condition = divide_view(view)
        covered = truth
        if CONDITIONS[condition] is None:
            first = configuration * len(CONDITIONS)
            ids = [self._config.sample_id(scene, first + k) for k, share in enumerate(CONDITIONS.values()) if share]
            there = next((other for other in ids if other in self._places), None)
            if there is None:
                return truth
            covered = super().truth(there)
        assert covered.layers is not None
        return dataclasses.replace(truth, masks={"plate": covered.layers.surface_class[0] == SurfaceClass.TRANSMISSIVE})


def _place(sample_id: str) -> tuple[int, int]:
    """Return (scene, view) of a sample; a damaged shard's stand-in for its samples is of no condition but the first."""
    scene, _, view = sample_id.rpartition("-")
    number = scene.rpartition("-")[2]
    return (int(number), int(view)) if number.isdigit() and view.isdigit() else (0, 0)
