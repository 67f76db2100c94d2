# SPDX-License-Identifier: Apache-2.0
"""The model ``pbs-mvsnet``."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from depthbench.baselines.pbs_mvsnet.inputs import map_size, network_inputs, shown_size
from depthbench.baselines.pbs_mvsnet.network import PbsNet
from depthbench.baselines.pbs_mvsnet.weights import NAME, ORIGIN, SHIPPED, load_network
from depthbench.baselines.runtime import choose_runtime
from depthbench.baselines.weights_file import file_sha256, find_weights
from depthbench.benchmarks.depth_pyramid import PyramidRules, enlarged, interpolated
from depthbench.errors import DepthbenchError
from depthbench.tasks import MvsPrediction, MvsSample, Task

Inputs = Sequence[tuple[Tensor, Tensor, Tensor]]
Maps = list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]


class PbsMvsnet:
    """Depth by one network at every level of a pyramid; coarse answers take the place of unsure fine ones.

    Parameters
    ----------
    weights : str
        A checkpoint of ``depthbench train``; empty: the one that comes with depthbench.
    sources : int
        How many source views it is shown; the paper has four pictures in all.
    size : int
        Pictures are made smaller so that their longer side has at most this many pixels; 0: as they are.
    levels : int
        Of the pyramid: the picture, its half, its quarter, ...; 1: no pyramid. The paper says k = 0 to 3 in one place, 3 in another.
    planes : int
        0: as many as it was trained with.
    sure, unsure : float
        A coarse depth whose confidence is above ``sure``, and which other views confirm, takes the place of a fine one whose confidence is
        below ``unsure``. The paper gives no numbers; these are from its authors' earlier program.
    full : bool
        Return the finest depth at the size of the pictures that the network saw ("the original size" in the paper): bilinear within a surface,
        the nearest at edges. False: a quarter of it, as the network has it; clouds are then sixteen times smaller.
    device, dtype : str
        ``auto``, ``cpu``, ``cuda``, ...; ``float32``, ``float16`` or ``bfloat16``.

    Raises
    ------
    DepthbenchError
        If the weights are absent or another network's, or a setting is impossible.
    """

    task: Task = "mvs"

    def __init__(
        self,
        weights: str = "",
        sources: int = 4,
        size: int = 0,
        levels: int = 3,
        planes: int = 0,
        sure: float = 0.9,
        unsure: float = 0.5,
        full: bool = True,
        device: str = "auto",
        dtype: str = "float32",
    ) -> None:
        if sources < 1 or size < 0 or not 1 <= levels <= 6:
            raise DepthbenchError(
                f"sources={sources}, size={size}, levels={levels}: at least 1, 0, and 1 to 6 are needed"
            )
        if not (0 <= unsure <= 1 and 0 <= sure <= 1):
            raise DepthbenchError(f"sure={sure:g}, unsure={unsure:g}: between 0 and 1")
        self._sources, self._size, self._levels = sources, size, levels
        self._full = full
        self.pyramid = PyramidRules(sure, unsure) if levels > 1 else None
        path = find_weights(weights, NAME, SHIPPED, ORIGIN)
        self._runtime = choose_runtime(device, dtype)
        self.device, self.dtype = self._runtime.device, dtype
        network, self.metadata = load_network(path)
        if planes:
            network.settings = dataclasses.replace(network.settings, planes=planes)
        self.network: PbsNet = network.to(self.device)
        self.weights_sha256 = file_sha256(path)

    def prepare(self, sample: MvsSample) -> Inputs:
        """Bring pictures and cameras to the size of each level; onto the device."""
        chosen = sample.sources[: self._sources]
        sizes = [map_size(sample.reference.size, self._size, level) for level in range(self._levels)]
        shown = [network_inputs(sample.reference, chosen, size) for size in sizes]
        return [tuple(part[None].to(self.device) for part in level) for level in shown]  # type: ignore[misc]

    def forward(self, inputs: Inputs) -> Maps:
        """Return depth and confidence of each level, fine to coarse."""
        found: Maps = []
        with torch.inference_mode(), self._runtime.autocast():
            for pictures, carried, limits in inputs:
                answer = self.network(pictures, carried, limits)
                found.append((answer.depth[0].float().cpu().numpy(), answer.confidence[0].float().cpu().numpy()))
        return found

    def finish(self, outputs: Maps, sample: MvsSample) -> MvsPrediction:
        """Return the finest, with the others beside it."""
        (depth, confidence), *coarser = outputs
        if self._full:
            width, height = shown_size(sample.reference.size, self._size)
            depth, confidence = enlarged(depth, (height, width)), interpolated(confidence, (height, width))
        return MvsPrediction(depth, confidence, tuple(coarser))
