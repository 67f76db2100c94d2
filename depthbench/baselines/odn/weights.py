# SPDX-License-Identifier: Apache-2.0
"""From a checkpoint that ``depthbench train`` wrote to a network, and back to which file that is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from depthbench.baselines.odn.configurations import CONFIGURATIONS, SHIPPED
from depthbench.baselines.odn.network import ODN
from depthbench.baselines.s2m2.weights import load_strictly
from depthbench.baselines.weights_file import SUFFIX, read_weights
from depthbench.errors import DepthbenchError


def origin(name: str) -> str:
    """Say where a checkpoint comes from, and for which configurations one is shipped."""
    there = ", ".join(sorted(path.stem for path in SHIPPED.glob(f"*{SUFFIX}"))) or "none"
    return f"`depthbench train --model {name}` makes one (shipped: {there})"


def description(observations: int, formulation: str, radial: bool, head: str) -> dict[str, str]:
    """Return what a file must tell for :func:`load_network` to build the network again."""
    return {
        "observations": str(observations),
        "formulation": formulation,
        "radial": str(radial).lower(),
        "head": head,
    }


def load_network(path: Path, name: str) -> tuple[ODN, Mapping[str, str]]:
    """Return a network in evaluation mode and the file's metadata.

    Raises
    ------
    DepthbenchError
        If the file is damaged, of another model, or does not tell what it is of.
    """
    if path.suffix != SUFFIX:
        raise DepthbenchError(f"{path}: not a {SUFFIX} file, as `depthbench train` writes them")
    state, told = read_weights(path)
    if told.get("model") != name:
        of = told.get("model", "no model that it tells of")
        hint = f"; evaluate it as --model {of}" if of in CONFIGURATIONS else ""
        raise DepthbenchError(f"{path}: of {of}, not of {name}{hint}")
    network = ODN(int(told["observations"]), told["formulation"], told["radial"] == "true", told["head"])
    load_strictly(network, as_float32(state), path)
    return network.eval(), told


def as_float32(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return parameters as the network has them; files may store half precision."""
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}
