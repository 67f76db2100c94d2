# SPDX-License-Identifier: Apache-2.0
"""From a checkpoint that ``depthbench train --model pbs-mvsnet`` wrote to a network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from depthbench.baselines.pbs_mvsnet.network import PbsNet
from depthbench.baselines.pbs_mvsnet.settings import PbsSettings
from depthbench.baselines.s2m2.weights import load_strictly
from depthbench.baselines.weights_file import SUFFIX, read_weights
from depthbench.errors import DepthbenchError

NAME = "pbs-mvsnet"
SHIPPED = Path(__file__).with_name("checkpoints") / "tiny.safetensors"
ORIGIN = f"`depthbench train --model {NAME} --preset tiny --data FOLDER --out runs/pbs` makes one; the authors have published none"


def load_network(path: Path) -> tuple[PbsNet, Mapping[str, str]]:
    """Return a network in evaluation mode and the file's metadata.

    Raises
    ------
    DepthbenchError
        If the file is damaged, of another model, or does not tell what it is of.
    """
    if path.suffix != SUFFIX:
        raise DepthbenchError(f"{path}: not a {SUFFIX} file, as `depthbench train` writes them")
    state, told = read_weights(path)
    if told.get("model") != NAME:
        raise DepthbenchError(f"{path}: of {told.get('model', 'no model that it tells of')}, not of {NAME}")
    try:
        network = PbsNet(PbsSettings.from_text(told, whole=True))
    except DepthbenchError as error:
        raise DepthbenchError(f"{path}: {error}") from error
    # files may store half precision
    load_strictly(network, {key: value.float() for key, value in state.items()}, path)
    return network.eval(), told
