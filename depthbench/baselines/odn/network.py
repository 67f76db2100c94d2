# SPDX-License-Identifier: Apache-2.0
"""The network: four residual blocks over all masks at once, then two linear layers that are told the movement (section 4 of the paper).

Sizes are those of the authors' code; where their text says otherwise, ``head="text"``. Batch norms and the absence of pooling after the
first convolution are in the code only.
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.odn.formulation import check_formulation, movement, movement_size
from depthbench.baselines.odn.radial import radial_image
from depthbench.errors import DepthbenchError, unknown_name

SIDE = 112
"""Rows and columns of the masks that the network sees."""
HEADS = ("code", "text")
DROPOUT = 0.2
_CHANNELS = (32, 64, 128, 128, 256)
_FEATURES = 256


class Block(nn.Module):
    """Two 3x3 convolutions, the first of stride 2, beside a 1x1 of stride 2."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Conv2d(channels, out, 1, 2, bias=False)
        self.shortcut_bn = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, out, ceil(H / 2), ceil(W / 2))."""
        inner = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(inner)) + self.shortcut_bn(self.shortcut(x)))


class ODN(nn.Module):
    """Masks and movement to one number, which :mod:`.formulation` turns into a depth.

    Parameters
    ----------
    observations : int
        Masks, at least 2.
    formulation : {"l", "dbar", "d"}
    radial : bool
        Whether the radial image is a further channel.
    head : {"code", "text"}
        ``code``: one hidden layer, dropout after it, the movement joins the inputs of both layers. ``text``: as the paper's words
        have it, two hidden layers with dropout on all that goes into them and the movement in both, then the last neuron.

    Raises
    ------
    DepthbenchError
        If a value is none of these.
    """

    radial_image: Tensor

    def __init__(
        self, observations: int = 10, formulation: str = "l", radial: bool = False, head: str = "code"
    ) -> None:
        super().__init__()
        if observations < 2:
            raise DepthbenchError(f"observations={observations}: a depth from motion takes at least 2")
        if head not in HEADS:
            raise unknown_name("head", head, HEADS)
        self.observations, self.formulation = observations, check_formulation(formulation)
        self.radial, self.head = radial, head
        self.conv1 = nn.Conv2d(observations + radial, _CHANNELS[0], 14, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(_CHANNELS[0])
        self.blocks = nn.Sequential(*(Block(channels, out) for channels, out in pairwise(_CHANNELS)))
        told = movement_size(formulation, observations)
        self.fc0 = nn.Linear(_CHANNELS[-1] + told, _FEATURES)
        if head == "text":
            self.fc1 = nn.Linear(_FEATURES + told, _FEATURES)
        self.fc = nn.Linear(_FEATURES + (told if head == "code" else 0), 1)
        self.dropout = nn.Dropout(DROPOUT)
        self.register_buffer("radial_image", torch.from_numpy(radial_image())[None, None], persistent=False)
        # nearly twice as fast on processors
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, masks: Tensor, behind_m: Tensor) -> Tensor:
        """Return the number f, float32 (B,).

        Parameters
        ----------
        masks : uint8 0..255 or float 0..1 (B, n, 112, 112)
            Covered shares of cells, the final pose first.
        behind_m : float (B, n)
            How far the camera stood behind the final pose; any unit but for the formulation ``d``, which is in metres.
        """
        x = masks.contiguous(memory_format=torch.channels_last).float()
        if masks.dtype == torch.uint8:
            x = x / 255
        if self.radial:
            x = torch.cat([x, self.radial_image.expand(len(x), -1, -1, -1)], dim=1)
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.blocks(x)
        # in bfloat16 f is often exactly 1, and the depth infinite
        with torch.autocast(x.device.type, enabled=False):
            return self._head(x.float().mean(dim=(2, 3)), movement(self.formulation, behind_m).float())

    def _head(self, features: Tensor, told: Tensor) -> Tensor:
        if self.head == "text":
            for layer in (self.fc0, self.fc1):
                features = F.relu(layer(self.dropout(torch.cat([features, told], dim=1))))
            number: Tensor = self.fc(features)
        else:
            features = self.dropout(F.relu(self.fc0(torch.cat([features, told], dim=1))))
            number = self.fc(torch.cat([features, told], dim=1))
        return number[:, 0]
