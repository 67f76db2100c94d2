# SPDX-License-Identifier: Apache-2.0
"""HybridDepth as a model of depthbench: ``--model hybriddepth --weights FILE``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError, MissingExtraError, unknown_name

try:
    import torch
    from torch import Tensor
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the model hybriddepth") from error

from depthbench.baselines.hybriddepth.dfv import MULTIPLE
from depthbench.baselines.hybriddepth.picture import check_picture, picture_of
from depthbench.baselines.hybriddepth.settings import Settings
from depthbench.baselines.hybriddepth.weights import find_weights, load_network
from depthbench.baselines.runtime import choose_runtime
from depthbench.baselines.s2m2.weights import tell_licence
from depthbench.baselines.weights_file import file_sha256
from depthbench.tasks import DepthPrediction, FocusSample, Task

Inputs = tuple[Tensor, Tensor, Tensor, Tensor]
"""Picture, stack, values of the planes, and which pixels are no padding; a batch of one."""
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
        path = find_weights(weights)
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
        picture = picture_of(sample, self._picture)
        stack = sample.stack / np.float32(255)
        valid = np.ones((*picture.shape[:2], 1), np.float32)
        below, right = (-side % MULTIPLE for side in picture.shape[:2])
        sides = ((0, below), (0, right), (0, 0))
        # reflection as published; it goes on for pictures that are smaller than the border
        padded = [np.pad(picture, sides, "reflect"), np.pad(stack, ((0, 0), *sides), "reflect"), np.pad(valid, sides)]
        tensors = [torch.from_numpy(np.moveaxis(part, -1, -3).copy())[None].to(self.device) for part in padded]
        values = torch.from_numpy(focus.astype(np.float32))[None].to(self.device)
        return tensors[0], tensors[1], values, tensors[2] > 0

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


def focus_values(focus_m: npt.NDArray[np.float64], settings: Settings, what: str = "") -> npt.NDArray[np.float64]:
    """Return distances in a network's quantity.

    Raises
    ------
    DepthbenchError
        If one is infinite and the quantity is depth.
    """
    if settings.quantity == "disparity":
        return settings.per / focus_m
    if not np.isfinite(focus_m).all():
        raise DepthbenchError(
            f"{what}focused at infinity, which has no mean in metres: this network answers in depth; train one with "
            "--option quantity=disparity, or leave that picture out"
        )
    return focus_m


def depth_m(values: npt.NDArray[np.float32], settings: Settings) -> npt.NDArray[np.float32]:
    """Return depth in metres of values in a network's quantity; not above 0 is no answer (NaN)."""
    known = np.where(values > 0, values, np.float32(np.nan))
    metres: npt.NDArray[np.float32] = np.float32(settings.per) / known if settings.quantity == "disparity" else known
    return metres
