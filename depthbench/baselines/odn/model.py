# SPDX-License-Identifier: Apache-2.0
"""The networks as models of depthbench: ``--model odn-l``."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError, MissingExtraError

try:
    import safetensors
    import torch
    from torch import Tensor
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "torch", "the models odn-*") from error

from depthbench.baselines.clean_masks import clean_masks
from depthbench.baselines.odn import formulation
from depthbench.baselines.odn.configurations import SHIPPED
from depthbench.baselines.odn.reduce import reduce_masks
from depthbench.baselines.odn.released import adopt_statistics, run_released
from depthbench.baselines.odn.weights import load_network, origin
from depthbench.baselines.runtime import choose_runtime
from depthbench.baselines.weights_file import SUFFIX, file_sha256, find_weights
from depthbench.tasks import MotionPrediction, MotionSample, Task

NEEDED = safetensors
Floats = npt.NDArray[np.float64]


class OdnModel:
    """An ODN with weights from a file, or with those that come with depthbench.

    Parameters
    ----------
    weights : str
        A ``.safetensors`` of ``depthbench train --model odn-...``; empty: the checkpoint that is shipped.
    device : str
        ``auto``, ``cpu``, ``cuda``, ...
    dtype : str
        ``float32``, ``float16`` or ``bfloat16`` by autocast; the last layers stay in float32.
    as_released : str
        ``SET:ROOT`` (``@val`` for the validation split): evaluate as the public code does, with batch statistics of that set and dropout;
        see :mod:`.released`.
    clean : bool or None
        Show it the object alone: the part nearest the middle, without holes (:mod:`depthbench.baselines.clean_masks`). Not published. None:
        as it was validated.

    Raises
    ------
    DepthbenchError
        If the weights are absent or another network's.
    """

    task: Task = "motion"
    name: ClassVar[str]

    def __init__(
        self,
        weights: str = "",
        device: str = "auto",
        dtype: str = "float32",
        as_released: str = "",
        clean: bool | None = None,
    ) -> None:
        path = find_weights(weights, self.name, SHIPPED / f"{self.name}{SUFFIX}", origin(self.name))
        self._runtime = choose_runtime(device, dtype)
        self.device, self.dtype = self._runtime.device, dtype
        network, self.metadata = load_network(path, self.name)
        self.network = network.to(self.device)
        self.weights_sha256 = file_sha256(path)
        self._released = bool(as_released)
        self._clean = self.metadata.get("clean") == "true" if clean is None else clean
        if as_released:
            adopt_statistics(self.network, as_released)

    def observe(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
        """Return a mask's covered shares, uint8 (112, 112)."""
        reduced: npt.NDArray[np.uint8] = self._reduced(mask[None])[0]
        return reduced

    def _reduced(self, masks: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
        reduced = reduce_masks(masks)
        return clean_masks(reduced) if self._clean else reduced

    def estimate(self, observed: npt.NDArray[Any], behind_m: Floats) -> Floats:
        """Return depths (S,) of rows of observations (S, k, 112, 112), each row near to far, at the row's first pose.

        Where fewer observations are there than the network takes, some are shown to it several times.

        Raises
        ------
        DepthbenchError
            If there are more.
        """
        n, have = self.network.observations, behind_m.shape[1]
        if have > n:
            raise DepthbenchError(f"model {self.name}: takes {n} observations, not {have}: --n {n}")
        shown = np.linspace(0, have - 1, n).astype(int)
        masks, behind = torch.from_numpy(observed[:, shown]), torch.from_numpy(behind_m[:, shown])
        depths: Floats = self._depths(masks.to(self.device), behind.to(self.device))
        return depths

    def _depths(self, masks: Tensor, behind_m: Tensor) -> Floats:
        run = run_released if self._released else type(self.network).__call__
        with torch.inference_mode(), self._runtime.autocast():
            number = run(self.network, masks, behind_m)
        found: Floats = formulation.depth(self.network.formulation, number.double(), behind_m).cpu().numpy()
        return found

    def prepare(self, sample: MotionSample) -> tuple[Tensor, Tensor]:
        """Reduce the masks; onto the device.

        Raises
        ------
        DepthbenchError
            If they are not as many as the network takes.
        """
        n, have = self.network.observations, len(sample.masks)
        if have != n:
            raise DepthbenchError(
                f"model {self.name}: its weights are for {n} observations, not {have}: evaluate with --n {n}, or train with "
                f"--option observations={have}"
            )
        masks, behind = torch.from_numpy(self._reduced(sample.masks)), torch.from_numpy(-sample.camera_z_m)
        return masks[None].to(self.device), behind[None].to(self.device)

    def forward(self, inputs: tuple[Tensor, Tensor]) -> Floats:
        """Return the depth, float64 (1,)."""
        return self._depths(*inputs)

    def finish(self, outputs: Floats, sample: MotionSample) -> MotionPrediction:
        """Return the one depth."""
        return MotionPrediction(float(outputs[0]))


class OdnL(OdnModel):
    """Learns the depth as a share of the first pose's."""

    name = "odn-l"


class OdnLp(OdnModel):
    """The same, trained on perturbed masks."""

    name = "odn-lp"


class OdnLr(OdnModel):
    """The same as ``odn-l`` with the radial image."""

    name = "odn-lr"


class OdnDbar(OdnModel):
    """Learns the depth in units of the camera's way."""

    name = "odn-dbar"


class OdnDbarp(OdnModel):
    """The same, trained on perturbed masks."""

    name = "odn-dbarp"


class OdnD(OdnModel):
    """Learns the depth in metres."""

    name = "odn-d"


class OdnDp(OdnModel):
    """The same, trained on perturbed masks."""

    name = "odn-dp"
