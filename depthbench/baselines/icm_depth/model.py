# SPDX-License-Identifier: Apache-2.0
"""icm-depth as a model of depthbench: ``--model icm-depth --weights FILE``."""

from __future__ import annotations

from depthbench.errors import MissingExtraError

try:
    import torch
    from torch import Tensor
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the model icm-depth") from error

from depthbench.baselines.icm_depth.inputs import padded
from depthbench.baselines.icm_depth.weights import NAME, ORIGIN, SHIPPED, load_network
from depthbench.baselines.runtime import choose_runtime
from depthbench.baselines.s2m2.weights import tell_licence
from depthbench.baselines.weights_file import file_sha256, find_weights
from depthbench.tasks import DepthPrediction, MonoSample, Task


class IcmDepthModel:
    """Depth of one picture, metric, for cameras like those that it learnt from.

    Parameters
    ----------
    weights : str
        A ``.safetensors`` of ``depthbench train --model icm-depth``.
    device, dtype : str
        ``auto``, ``cpu``, ``cuda``, ...; ``float32``, ``float16`` or ``bfloat16``.

    Raises
    ------
    DepthbenchError
        If the weights are absent or another network's.
    """

    task: Task = "mono"

    def __init__(self, weights: str = "", device: str = "auto", dtype: str = "float32") -> None:
        path = find_weights(weights, NAME, SHIPPED, ORIGIN)
        self._runtime = choose_runtime(device, dtype)
        self.device, self.dtype = self._runtime.device, dtype
        network, self.metadata = load_network(path)
        self.network = network.to(self.device)
        self.weights_sha256 = file_sha256(path)
        tell_licence(path, self.metadata.get("licence", "unknown"))

    def prepare(self, sample: MonoSample) -> Tensor:
        """Turn the picture into a padded tensor on the device."""
        return padded(sample.image).to(self.device)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return depth (1, 1, H, W) with the border, float32."""
        with torch.inference_mode(), self._runtime.autocast():
            found: Tensor = self.network(inputs).depth_m
        return found.float()

    def finish(self, outputs: Tensor, sample: MonoSample) -> DepthPrediction:
        """Cut the border off."""
        height, width = sample.image.shape[:2]
        return DepthPrediction(outputs[0, 0, :height, :width].cpu().numpy())
