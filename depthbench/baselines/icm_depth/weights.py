# SPDX-License-Identifier: Apache-2.0
"""From files of weights to a network; a file tells what its network is like."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from depthbench.baselines.icm_depth.network import IcmDepth
from depthbench.baselines.icm_depth.settings import Settings
from depthbench.baselines.s2m2.weights import State, load_strictly, read_checkpoint
from depthbench.baselines.weights_file import read_metadata
from depthbench.errors import DepthbenchError

NAME = "icm-depth"
SHIPPED = Path(__file__).with_name("checkpoints") / "tiny.safetensors"
ORIGIN = "`depthbench train --model icm-depth --preset tiny --data FOLDER --out runs/icm` makes one; the authors have published none"


def read_state(path: Path) -> State:
    """Return a file's parameters by name."""
    state, _ = read_checkpoint(path, ORIGIN)
    return state


def load_network(path: Path) -> tuple[IcmDepth, Mapping[str, str]]:
    """Return a network in evaluation mode and the file's metadata.

    Raises
    ------
    DepthbenchError
        If the file is damaged, or of another network.
    """
    told = read_metadata(path)
    if told.get("model") != NAME:
        raise DepthbenchError(
            f"{path}: of {told.get('model', 'a network that it does not name')}, not of {NAME}; {ORIGIN}"
        )
    network = IcmDepth(Settings.from_text(told))
    load_strictly(network, read_state(path), path)
    return network.eval(), told
