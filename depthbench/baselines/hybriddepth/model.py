# SPDX-License-Identifier: Apache-2.0
"""HybridDepth as a model of depthbench: ``--model hybriddepth --weights FILE``."""

from __future__ import annotations

import numpy as np

from depthbench.errors import MissingExtraError, unknown_name

try:
    import torch
    from torch import Tensor
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the model hybriddepth") from error

from depthbench.baselines.hybriddepth.inputs import Inputs, depth_m, focus_values, network_inputs
from depthbench.baselines.hybriddepth.picture import check_picture, picture_of
from depthbench.baselines.hybriddepth.weights import NAME, ORIGIN, SHIPPED, load_network
from depthbench.baselines.runtime import choose_runtime
from depthbench.baselines.s2m2.weights import tell_licence
from depthbench.baselines.weights_file import file_sha256, find_weights
from depthbench.tasks import DepthPrediction, FocusSample, Task

STAGES = ("refined", "aligned", "focus")


class HybridDepthModel:
    """HybridDepth with weights from a file.

    Parameters
    ----------
    weights : str
        A ``.safetensors`` of ``depthbench train``, or a checkpoint of the authors.
    relative_weights, focus_weights : str
        Files that take the place of a branch's weights: Depth Anything's, DFV's.
    quantity, per : str, float
        For files that do not tell it: see :class:`.settings.Settings`.
    fit : str
        Domain of the least squares; empty: as the file tells, or as the authors have it for this quantity.
    diff : bool
        Differential volumes; False for checkpoints of DFV that were trained without.
    picture : str
        What the relative branch sees, a name in :data:`.picture.PICTURES`.
    stage : {"refined", "aligned", "focus"}
        The answer; or that of an earlier stage: relative depth after the least squares, depth from focus alone.
    device, dtype : str
        ``auto``, ``cpu``, ``cuda``, ...; ``float32``, ``float16`` or ``bfloat16``.

    Raises
    ------
    DepthbenchError
        If the weights are absent or another network's, or a setting is impossible.
    """

    task: Task = "focus"

    def __init__(
        self,
        weights: str = "",
        relative_weights: str = "",
        focus_weights: str = "",
        quantity: str = "",
        per: float = 0.0,
        fit: str = "",
        diff: bool = True,
        picture: str = "given",
        stage: str = "refined",
        device: str = "auto",
        dtype: str = "float32",
    ) -> None:
        if stage not in STAGES:
            raise unknown_name("stage", stage, STAGES)
        self._picture, self._stage = check_picture(picture), stage
        path = find_weights(weights, NAME, SHIPPED, ORIGIN)
        asked = {"quantity": quantity, "per": float(per), "fit": fit}
        said: dict[str, object] = {key: value for key, value in asked.items() if value}
        if not diff:
            said["diff"] = False
        self._runtime = choose_runtime(device, dtype)
        self.device, self.dtype = self._runtime.device, dtype
        network, told = load_network(path, said, relative_weights, focus_weights)
        self.network, self.metadata = network.to(self.device), told
        self.weights_sha256 = file_sha256(path)
        tell_licence(path, told.get("licence", "as its authors say (HybridDepth's code is GPL-3)"))

    def prepare(self, sample: FocusSample) -> Inputs:
        """Turn pictures into 0 to 1 and distances into the network's quantity, padded; onto the device.

        Raises
        ------
        DepthbenchError
            If a distance is infinite and the network answers in metres.
        """
        focus = focus_values(sample.focus_m, self.network.settings, f"{sample.id}: ")
        shown = network_inputs(picture_of(sample, self._picture), sample.stack / np.float32(255), focus)
        return Inputs(*(part.to(self.device) for part in shown))

    def forward(self, inputs: Inputs) -> Tensor:
        """Return the map of the stage asked for, in the network's quantity, float32 (1, 1, H, W) with the border."""
        with torch.inference_mode(), self._runtime.autocast():
            stages = self.network(*inputs)
        found: Tensor = getattr(stages, self._stage)
        return found.float()

    def finish(self, outputs: Tensor, sample: FocusSample) -> DepthPrediction:
        """Cut the border off and turn it into metres."""
        height, width = sample.stack.shape[1:3]
        values = outputs[0, 0, :height, :width].cpu().numpy()
        return DepthPrediction(depth_m(values, self.network.settings))
