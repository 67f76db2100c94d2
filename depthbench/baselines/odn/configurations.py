# SPDX-License-Identifier: Apache-2.0
"""The networks by name: what their number means, whether they see the radial image, whether they learn from perturbed masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Configuration:
    """One network of the paper.

    Attributes
    ----------
    formulation : {"l", "dbar", "d"}
        See :mod:`.formulation`.
    radial : bool
        The radial image is a further input.
    perturb : bool
        Trained on dilated and eroded masks.
    """

    formulation: str
    radial: bool = False
    perturb: bool = False


CONFIGURATIONS = {
    "odn-l": Configuration("l"),
    "odn-lp": Configuration("l", perturb=True),
    "odn-lr": Configuration("l", radial=True),
    "odn-dbar": Configuration("dbar"),
    "odn-dbarp": Configuration("dbar", perturb=True),
    "odn-d": Configuration("d"),
    "odn-dp": Configuration("d", perturb=True),
}

SHIPPED = Path(__file__).with_name("checkpoints")
"""Folder of the checkpoints that come with depthbench, ``NAME.safetensors``, for ten observations, in half precision."""
