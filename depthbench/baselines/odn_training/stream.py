# SPDX-License-Identifier: Apache-2.0
"""The endless stream of masks as the trainer asks for it: sample k is sample k of :mod:`depthbench.generators.odms`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.examples import make_examples


class MaskStream:
    """Reduced masks with movements and depths.

    Parameters
    ----------
    config : OdmsConfig
    """

    def __init__(self, config: OdmsConfig) -> None:
        self._config = config

    def sample(self, step: int, number: int) -> dict[str, Any]:
        """Return one sample: ``masks`` uint8 (n, 112, 112), ``behind_m`` float32 (n,), ``depth_m`` float32 ()."""
        return {name: values[0] for name, values in self.samples([(step, number)]).items()}

    def samples(self, part: Sequence[tuple[int, int]]) -> dict[str, Any]:
        """Return the same samples stacked, in a quarter of the time."""
        made = make_examples(self._config, np.array([number for _, number in part]))
        return {
            "masks": torch.from_numpy(made.masks),
            "behind_m": torch.from_numpy(made.camera_move_m),
            "depth_m": torch.from_numpy(np.ascontiguousarray(made.depth_m)),
        }
