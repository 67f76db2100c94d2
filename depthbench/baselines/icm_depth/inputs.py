# SPDX-License-Identifier: Apache-2.0
"""From a picture of any size to what the network takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from depthbench.baselines.icm_depth.encoder import MULTIPLE


def padded(image: npt.NDArray[np.uint8]) -> Tensor:
    """Turn uint8 (H, W, 3) into float32 (1, 3, H', W'), 0 to 255, its last row and column repeated up to multiples of 32."""
    picture = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))[None].float()
    height, width = image.shape[:2]
    return F.pad(picture, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="replicate")
