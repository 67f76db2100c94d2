# SPDX-License-Identifier: Apache-2.0
"""Where and how a network runs: device and number format."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from depthbench.errors import DepthbenchError, unknown_name

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Runtime:
    """Device and number format of a run.

    Attributes
    ----------
    device : torch.device
    dtype : str
        ``float32``; ``float16`` or ``bfloat16`` by autocast: weights, the transport plan and disparities stay in float32.
    """

    device: torch.device
    dtype: str

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """Return the context in which the network runs."""
        if self.dtype == "float32":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, DTYPES[self.dtype])

    def picture(self, image: Any) -> Tensor:
        """Turn uint8 (H, W, 3) into float32 (1, 3, H, W) on the device, 0..255."""
        return torch.tensor(image, device=self.device).permute(2, 0, 1)[None].float()


def choose_runtime(device: str = "auto", dtype: str = "float32") -> Runtime:
    """Check a device and a number format; ``auto`` is the GPU where there is one.

    Raises
    ------
    DepthbenchError
        If either is unknown, or the device is absent.
    """
    if dtype not in DTYPES:
        raise unknown_name("dtype", dtype, DTYPES)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        raise DepthbenchError(
            f"device={device}: {str(error).splitlines()[0]}; use device=cpu or device=auto"
        ) from error
    return Runtime(chosen, dtype)
