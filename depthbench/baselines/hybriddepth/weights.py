# SPDX-License-Identifier: Apache-2.0
"""From files of weights to a network: ours, which tell what they are, and the public ones, which do not.

Public files are Lightning checkpoints of the whole (names begin with ``model.``), DFV's alone (``module.``), Depth Anything's alone. None
tells the quantity it was trained in, nor whether relative depth was inverted: the public loader takes the default, which is not what
the checkpoints of NYU v2 were trained with. Here it must be said.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from depthbench.baselines.hybriddepth.dfv import LEVELS
from depthbench.baselines.hybriddepth.network import BRANCHES, HybridDepth
from depthbench.baselines.hybriddepth.settings import Settings
from depthbench.baselines.s2m2.weights import State, load_strictly, read_checkpoint
from depthbench.baselines.weights_file import read_metadata
from depthbench.errors import DepthbenchError

NAME = "hybriddepth"
SHIPPED = Path(__file__).with_name("checkpoints") / "tiny.safetensors"
ORIGIN = (
    "`depthbench train --model hybriddepth --preset tiny --data layered:DIR --out runs/hybrid` makes one; the authors' are named at "
    "https://github.com/cake-lab/HybridDepth"
)
_PREFIXES = ("model.", "module.")
_MARKS = {"focus": "feature_extraction.", "relative": "depth_head.", "refinement": "first."}
"""Branch -> the beginning of a name that only a file of it has."""


def read_plain(path: str | Path) -> State:
    """Return a file's parameters by the names of :class:`.network.HybridDepth`, a branch alone by those of the branch."""
    state, _ = read_checkpoint(path, ORIGIN)
    return {_plain(key): value for key, value in state.items() if not _plain(key).startswith("disp")}


def _plain(key: str) -> str:
    while key.startswith(_PREFIXES):
        key = key.split(".", 1)[1]
    return key


def is_whole(state: Mapping[str, Tensor]) -> bool:
    """Tell whether these are the parameters of all branches."""
    return any(key.startswith(f"{name}.") for key in state for name in BRANCHES.values())


def branch_state(state: Mapping[str, Tensor], branch: str, path: str | Path) -> State:
    """Return one branch's parameters, of a file of it alone or of the whole.

    Raises
    ------
    DepthbenchError
        If the file has none of it.
    """
    name = f"{BRANCHES[branch]}."
    if is_whole(state):
        return {key.removeprefix(name): value for key, value in state.items() if key.startswith(name)}
    if not any(key.startswith(_MARKS[branch]) for key in state):
        raise DepthbenchError(f"{path}: holds nothing of the branch '{branch}' ({_MARKS[branch]}*); {ORIGIN}")
    return dict(state)


def fill_branch(network: HybridDepth, branch: str, path: str | Path) -> None:
    """Copy a file's parameters into one branch, all or none.

    Raises
    ------
    DepthbenchError
        If they are not those of this branch.
    """
    part: nn.Module = getattr(network, BRANCHES[branch])
    load_strictly(part, branch_state(read_plain(path), branch, path), path)


def settings_of(path: str | Path, state: Mapping[str, Tensor], said: Mapping[str, object]) -> Settings:
    """Return what a file's network is like; ``said`` is by the user, where the file does not tell it.

    Raises
    ------
    DepthbenchError
        If the file is of another model, or neither tells the quantity.
    """
    told = read_metadata(path)
    if told.get("model", NAME) != NAME:
        raise DepthbenchError(f"{path}: of {told['model']}, not of {NAME}")
    if told:
        fixed = {"quantity", "per"} & said.keys()
        if fixed:
            raise DepthbenchError(f"{path}: tells itself what its numbers are; leave {' and '.join(sorted(fixed))} out")
        return dataclasses.replace(Settings.from_text(told), **said)  # type: ignore[arg-type]
    first = state.get("ScaleMapLearner.first.0.weight")
    stem = state.get("DFF_model.feature_extraction.encoder.conv1.weight")
    if first is None or stem is None:
        raise DepthbenchError(
            f"{path}: not a whole HybridDepth (DFF_model.*, depth_anything.*, ScaleMapLearner.*); {ORIGIN}"
        )
    if "quantity" not in said:
        raise DepthbenchError(
            f"{path}: does not tell what its numbers are; say --model-option quantity=depth (trained on NYU v2, ARKitScenes), or "
            "--model-option quantity=disparity --model-option per=0.1412376 (DDFF 12-Scene)"
        )
    level = max(level for level in LEVELS if f"DFF_model.decoder{level + 2}.classify.2.0.bias" in state)
    read = {"fit": said["quantity"], "inputs": first.shape[1], "width": stem.shape[0], "level": level}
    return Settings(**{**read, **said})  # type: ignore[arg-type]


def load_network(
    path: Path, said: Mapping[str, object], relative: str = "", focus: str = ""
) -> tuple[HybridDepth, Mapping[str, str]]:
    """Return a network in evaluation mode and the file's metadata; ``relative`` and ``focus`` are files that take a branch's place.

    Raises
    ------
    DepthbenchError
        If a file is absent, damaged, or of another network.
    """
    state = read_plain(path)
    settings = settings_of(path, state, said)
    network = HybridDepth(settings, learns=())
    for branch, file in (("relative", relative), ("focus", focus)):
        if file:
            fill_branch(network, branch, file)
            name = f"{BRANCHES[branch]}."
            part = getattr(network, BRANCHES[branch]).state_dict()
            state = {key: value for key, value in state.items() if not key.startswith(name)}
            state |= {name + key: value for key, value in part.items()}
    load_strictly(network, state, path)
    return network.eval(), read_metadata(path)
