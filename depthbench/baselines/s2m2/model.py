# SPDX-License-Identifier: Apache-2.0
"""S2M2 as a model of depthbench: ``--model s2m2 --weights CH128NTR1.pth``."""

from __future__ import annotations

from typing import Any

from depthbench.errors import DepthbenchError, MissingExtraError

try:
    import torch
    from torch import Tensor
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the model s2m2") from error

from depthbench.baselines.runtime import choose_runtime
from depthbench.baselines.s2m2.compiling import compiled
from depthbench.baselines.s2m2.network import S2M2
from depthbench.baselines.s2m2.padding import Padding
from depthbench.baselines.s2m2.strips import in_strips, rows_within
from depthbench.baselines.s2m2.weights import (
    SOURCE,
    State,
    load_strictly,
    read_checkpoint,
    size_of,
    tell_licence,
)
from depthbench.baselines.weights_file import file_sha256, read_metadata
from depthbench.tasks import StereoPrediction, StereoSample, Task

Pair = tuple[Tensor, Tensor]
UNSAID = -1


class S2M2Model:
    """S2M2 (Min et al., ICCV 2025) with weights from a file; its size is read from the file.

    Parameters
    ----------
    weights : str
        Checkpoint, see :func:`~.weights.read_checkpoint`.
    device : str
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ...
    dtype : str
        ``float32``, ``float16`` or ``bfloat16``.
    compile : bool
        Compile the repeated blocks with torch.compile.
    memory_gb : float
        Work in strips so that a pass needs no more than this beside the weights; 0: the whole picture at once.
    refine_steps : int
        Corrections after the first match; -1: as many as it was trained with, where the file tells.
    positivity : bool
        Forbid negative disparities.
    lookup_align_corners : bool
        False: numbers as the authors' code gave before April 2026.

    Raises
    ------
    DepthbenchError
        If the weights are absent or another network's, or a setting is impossible here.
    """

    task: Task = "stereo"
    default_refine_steps = 3

    def __init__(
        self,
        weights: str = "",
        device: str = "auto",
        dtype: str = "float32",
        compile: bool = False,
        memory_gb: float = 0.0,
        refine_steps: int = UNSAID,
        positivity: bool = True,
        lookup_align_corners: bool = True,
    ) -> None:
        if not weights:
            raise DepthbenchError(f"model s2m2: needs --weights FILE.pth; its authors' checkpoints: {SOURCE}")
        if refine_steps < UNSAID or memory_gb < 0:
            raise DepthbenchError(f"refine_steps={refine_steps}, memory_gb={memory_gb:g}: neither may be negative")
        self._runtime = choose_runtime(device, dtype)
        self.device, self.dtype = self._runtime.device, dtype
        state, licence = read_checkpoint(weights)
        if refine_steps == UNSAID:
            refine_steps = int(read_metadata(weights).get("refine_steps", self.default_refine_steps))
        channels, transformers = size_of(weights, state)
        settings = {
            "positivity": positivity,
            "refine_steps": refine_steps,
            "lookup_align_corners": lookup_align_corners,
        }
        self.network = self.build(channels, transformers, settings, state, weights).eval().to(self.device)
        tell_licence(weights, licence)
        self.channels, self.weights_sha256 = channels, file_sha256(weights)
        if compile:
            compiled(self.network)
        self._memory_gb = memory_gb

    @staticmethod
    def build(channels: int, transformers: int, settings: dict[str, Any], state: State, weights: str) -> S2M2:
        """Build the network and fill it."""
        network = S2M2(channels, transformers, **settings)
        load_strictly(network, state, weights)
        return network

    def run(self, left: Tensor, right: Tensor) -> tuple[Tensor, ...]:
        """Run the network on padded pictures; the disparity comes first."""
        out: tuple[Tensor, ...] = self.network(left, right)
        return out

    def prepare(self, sample: StereoSample) -> Pair:
        """Pad both pictures to multiples of 32, on the device."""
        padding = Padding(*sample.left.shape[:2])
        return padding.pad(self._runtime.picture(sample.left)), padding.pad(self._runtime.picture(sample.right))

    def forward(self, inputs: Pair) -> Tensor:
        """Return the disparity of the padded pair in px, float32 (1, 1, H, W)."""
        height, width = inputs[0].shape[-2:]
        rows = rows_within(self._memory_gb, height, width, self.channels)
        with torch.inference_mode(), self._runtime.autocast():
            return in_strips(self.run, *inputs, rows)[0]

    def finish(self, outputs: Tensor, sample: StereoSample) -> StereoPrediction:
        """Cut the border off."""
        return StereoPrediction(Padding(*sample.left.shape[:2]).crop(outputs)[0, 0].cpu().numpy())
