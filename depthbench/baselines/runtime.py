# SPDX-License-Identifier: Apache-2.0
"""Where and how a network runs: device, number format, compiled or not."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import torch
import torch._dynamo
from torch import Tensor, nn

from depthbench.baselines.s2m2.attention import CrossAttention, FeedForward, SelfAttention
from depthbench.baselines.s2m2.blocks import ConvBlock, FeatureFusion
from depthbench.errors import DepthbenchError, unknown_name

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
REPEATED = (ConvBlock, FeatureFusion, SelfAttention, CrossAttention, FeedForward)
"""Blocks that are compiled."""


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


def compiled(network: nn.Module, backend: str = "inductor") -> nn.Module:
    """Have ``torch.compile`` compile the blocks that the network repeats, in place, and return it.

    The whole network is one graph of hundreds of kernels that takes many minutes; its repeated blocks are few, and each is
    compiled once for all places and sizes in which it stands. Parameters keep their names. The first pass compiles.
    """
    for name in ("recompile_limit", "cache_size_limit"):  # the newer and the older name
        if hasattr(torch._dynamo.config, name):
            # a block stands at several widths, alone and for both eyes: more variants than the usual limit of 8
            setattr(torch._dynamo.config, name, max(64, getattr(torch._dynamo.config, name)))
    for part in network.modules():
        if isinstance(part, REPEATED):
            part.forward = torch.compile(part.forward, dynamic=True, backend=backend)  # type: ignore[method-assign]
    return network
