# SPDX-License-Identifier: Apache-2.0
"""``--model size-net``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError, MissingExtraError

try:
    import safetensors
    import torch
    from torch import Tensor
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "torch", "the model size-net") from error

from depthbench.baselines.odn.reduce import reduce_masks
from depthbench.baselines.s2m2.weights import load_strictly
from depthbench.baselines.size_net.measures import LEAST, log_sizes
from depthbench.baselines.size_net.network import SizeNet
from depthbench.baselines.weights_file import SUFFIX, file_sha256, find_weights, read_weights
from depthbench.tasks import MotionPrediction, MotionSample, Task

NEEDED = safetensors
Floats = npt.NDArray[np.float64]
NAME = "size-net"
SHIPPED = Path(__file__).with_name("checkpoints") / "size-net.safetensors"
ORIGIN = f"`depthbench train --model {NAME} --data odms` makes one"


def read_state(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the parameters of a checkpoint of size-net, and what the file tells of them.

    Raises
    ------
    DepthbenchError
        If the file is absent, damaged, of another kind or of another model.
    """
    if not path.is_file():
        raise DepthbenchError(f"{path}: no such file; {ORIGIN}")
    if path.suffix != SUFFIX:
        raise DepthbenchError(f"{path}: not a {SUFFIX} file; {ORIGIN}")
    state, told = read_weights(path)
    if told.get("model") != NAME:
        raise DepthbenchError(f"{path}: of {told.get('model', 'no model that it tells of')}, not of {NAME}; {ORIGIN}")
    return state, told


def load_network(path: Path) -> SizeNet:
    """Return a network in evaluation mode; errors as those of :func:`read_state`."""
    network = SizeNet()
    load_strictly(network, read_state(path)[0], path)
    return network.eval()


class SizeNetModel:
    """Sizes of the object, measured, and a small network that weighs them.

    Empty masks are left out; with fewer than two others, or without movement between those, there is no answer (NaN).

    Parameters
    ----------
    weights : str
        A ``.safetensors`` of ``depthbench train --model size-net``; empty: the one that comes with depthbench.
    """

    task: Task = "motion"
    name = NAME

    def __init__(self, weights: str = "") -> None:
        path = find_weights(weights, NAME, SHIPPED, ORIGIN)
        self.network = load_network(path)
        self.weights_sha256 = file_sha256(path)

    def observe(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Return the sizes of a mask, float32 (17,)."""
        sizes: npt.NDArray[np.float32] = log_sizes(reduce_masks(mask[None]))[0].numpy()
        return sizes

    def estimate(self, observed: npt.NDArray[np.float32], behind_m: Floats) -> Floats:
        """Return depths (S,) of rows of observations (S, n, 17), each row near to far, at the row's first pose."""
        side = observed[..., 0]
        seen = side > np.log(LEAST) + 1e-3
        depths = np.full(len(seen), np.nan)
        for pattern in np.unique(seen, axis=0):
            rows = np.flatnonzero((seen == pattern).all(-1))
            behind = behind_m[rows][:, pattern]
            if behind.shape[1] >= 2:
                depths[rows] = self._depths(observed[rows][:, pattern], behind)
        return depths

    def _depths(self, observed: npt.NDArray[np.float32], behind_m: Floats) -> Floats:
        """Return depths (S,) at the first pose of all, of observations that are not empty."""
        way = behind_m - behind_m[:, :1]
        moved = way[:, -1] > 0
        way[~moved, -1] = 1
        with torch.inference_mode():
            log_share = self.network(torch.from_numpy(observed), torch.from_numpy(way)).double().numpy()
        found: Floats = np.exp(log_share) * way[:, -1] - behind_m[:, 0]
        return np.where(moved, found, np.nan)

    def prepare(self, sample: MotionSample) -> tuple[npt.NDArray[np.float32], Floats]:
        """Observe every mask."""
        return np.stack([self.observe(mask) for mask in sample.masks])[None], -sample.camera_z_m[None]

    def forward(self, inputs: tuple[npt.NDArray[np.float32], Floats]) -> Floats:
        """Estimate."""
        return self.estimate(*inputs)

    def finish(self, outputs: Floats, sample: MotionSample) -> MotionPrediction:
        """Return the one depth."""
        return MotionPrediction(float(outputs[0]))
