# SPDX-License-Identifier: Apache-2.0
"""The steered network as a model of depthbench: ``--model s2m2-focus --weights FILE --model-option c=0.3``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError, MissingExtraError

try:
    import torch
    from torch import Tensor
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the model s2m2-focus") from error

from depthbench.baselines.s2m2.model import UNSAID, S2M2Model
from depthbench.baselines.s2m2.strips import in_strips, rows_within
from depthbench.baselines.s2m2.weights import SOURCE, State, load_strictly
from depthbench.baselines.s2m2_focus.network import NEW_PREFIXES, S2M2Focus
from depthbench.baselines.weights_file import find_weights
from depthbench.tasks import StereoPrediction, StereoSample

SHIPPED = Path(__file__).with_name("checkpoints") / "tiny.safetensors"
ORIGIN = f"`depthbench train --model s2m2-focus` makes one; one of S2M2 does too ({SOURCE}), which does not steer"


def build_focus(channels: int, transformers: int, settings: dict[str, Any], state: State, path: str) -> S2M2Focus:
    """Build the network from a checkpoint of its own, or from one of S2M2 (it then answers like that one for every c).

    Ablated checkpoints are recognised by what they lack.

    Raises
    ------
    DepthbenchError
        If a parameter is missing, unknown or of another shape.
    """
    new = [key for key in state if key.startswith(NEW_PREFIXES)]
    if not new:
        network = S2M2Focus(channels, transformers, **settings)
        own = network.state_dict()
        load_strictly(network, state | {key: own[key] for key in own if key.startswith(NEW_PREFIXES)}, path)
        network.start_from_s2m2()
        print("          not steered yet: a checkpoint of S2M2 answers alike for every c", file=sys.stderr)
        return network
    first = "cond_fusion.blocks.0.ffn."
    numbers = {key.removeprefix(first + "experts.").split(".")[0] for key in new if key.startswith(first + "experts.")}
    inject = any(key.startswith(first + "injection.") for key in new)
    prior = any(key.startswith("cond_match.") for key in new)
    network = S2M2Focus(channels, transformers, max(1, len(numbers)), inject, prior, **settings)
    load_strictly(network, state, path)
    return network


class S2M2FocusModel(S2M2Model):
    """S2M2 steered by c in [0, 1]: 0 asks for the nearest surface along each ray, 1 for the farthest.

    Parameters
    ----------
    weights : str
        Checkpoint of this network, or of S2M2; empty: the small one that is shipped.
    c : float
        The condition: the reference disparity is (1 - c) times the largest of the scene.
    refine_steps : int
        Corrections after the first match; -1: as many as it was trained with, where the file tells.
    others
        As for ``s2m2``.

    Raises
    ------
    DepthbenchError
        If ``c`` is outside [0, 1], or as for ``s2m2``.
    """

    steered_by = "c"
    default_refine_steps = 1

    def __init__(
        self,
        weights: str = "",
        c: float = 0.0,
        device: str = "auto",
        dtype: str = "float32",
        compile: bool = False,
        memory_gb: float = 0.0,
        refine_steps: int = UNSAID,
        positivity: bool = True,
        lookup_align_corners: bool = True,
    ) -> None:
        if not 0 <= c <= 1:
            raise DepthbenchError(f"model s2m2-focus: c={c:g} is not between 0 (nearest) and 1 (farthest)")
        path = str(find_weights(weights, "s2m2-focus", SHIPPED, ORIGIN))
        if not weights:
            print(
                "weights   the small checkpoint that comes with depthbench: it shows how steering works, and is blurred; "
                "--weights FILE takes another",
                file=sys.stderr,
            )
        super().__init__(path, device, dtype, compile, memory_gb, refine_steps, positivity, lookup_align_corners)
        self._c = float(c)

    network: S2M2Focus

    @staticmethod
    def build(channels: int, transformers: int, settings: dict[str, Any], state: State, weights: str) -> S2M2Focus:
        """Build the network and fill it."""
        return build_focus(channels, transformers, settings, state, weights)

    def run(self, left: Tensor, right: Tensor) -> tuple[Tensor, ...]:
        """Run the network on padded pictures; the disparity comes first."""
        out: tuple[Tensor, ...] = self.network(left, right, torch.full((left.shape[0],), self._c, device=left.device))
        return out

    def sweep(self, sample: StereoSample, values: Sequence[float]) -> list[StereoPrediction]:
        """Answer for several values of c; what does not depend on c is computed once."""

        def answers(left: Tensor, right: Tensor) -> tuple[Tensor, ...]:
            return tuple(estimate.disp for estimate in self.network.sweep(left, right, values))

        left, right = self.prepare(sample)
        rows = rows_within(self._memory_gb, left.shape[-2], left.shape[-1], self.channels, kept=True)
        with torch.inference_mode(), self._runtime.autocast():
            return [self.finish(disp, sample) for disp in in_strips(answers, left, right, rows)]
