# SPDX-License-Identifier: Apache-2.0
"""The networks by name: what their number means, whether they see the radial image, whether they learn from perturbed masks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

from depthbench.baselines.odn.formulation import FORMULATIONS

SHIPPED = Path(__file__).with_name("weights")
"""Folder of the checkpoints that come with depthbench, ``NAME.safetensors``, for ten observations."""


@dataclass(frozen=True)
class Configuration:
    """One row of the paper's tables.

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
    radial: bool
    perturb: bool


CONFIGURATIONS = {
    f"odn-{formulation}{suffix}": Configuration(formulation, suffix == "r", suffix == "p")
    for formulation, suffix in product(FORMULATIONS, ("", "p", "r"))
}
"""``odn-l``, ``odn-lp`` (perturbed training), ``odn-lr`` (radial image), and the same of the other formulations."""
