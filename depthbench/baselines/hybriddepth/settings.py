# SPDX-License-Identifier: Apache-2.0
"""What a HybridDepth is like: sizes of its parts and what its numbers mean. A file of weights tells it."""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.baselines.settings_text import TextSettings
from depthbench.errors import DepthbenchError, unknown_name

QUANTITIES = ("depth", "disparity")
INPUTS = (2, 3)
CORRECTED = ("aligned", "focus")


@dataclass(frozen=True)
class Settings(TextSettings):
    """The published network by default.

    Attributes
    ----------
    quantity : {"depth", "disparity"}
        What all maps are: metres, or ``per`` / metres.
    per : float
        Disparity at 1 m: 1 for dioptres, 0.1412376 for the pixels of DDFF 12-Scene.
    fit : {"depth", "disparity"}
        In which relative depth is fitted to depth from focus.
    relative : str
        Name in :data:`.network.RELATIVE`, or ``path/to/file.py:Class`` of a module of one's own.
    inputs : int
        Of the refinement: 2 is the paper's, 3 has the deviation of the depth from focus too.
    level, diff, width : int, bool, int
        See :class:`.dfv.DFV`.
    features, encoder_width, encoder_depth : int, float, float
        Of the refinement, see :class:`.midas.MidasSmall`.
    corrects : {"aligned", "focus"}
        What the refinement multiplies by a factor per pixel: the aligned relative depth, as published; or depth from focus, which is the
        better start where the relative branch knows little.

    Raises
    ------
    DepthbenchError
        If a value is none of these.
    """

    quantity: str = "depth"
    per: float = 1.0
    fit: str = "depth"
    relative: str = "depth-anything"
    inputs: int = 3
    level: int = 4
    diff: bool = True
    width: int = 64
    features: int = 64
    encoder_width: float = 1.2
    encoder_depth: float = 1.4
    corrects: str = "aligned"

    def __post_init__(self) -> None:
        for kind, name in (("quantity", self.quantity), ("quantity to fit in", self.fit)):
            if name not in QUANTITIES:
                raise unknown_name(kind, name, QUANTITIES)
        if self.corrects not in CORRECTED:
            raise unknown_name("map to correct", self.corrects, CORRECTED)
        if self.inputs not in INPUTS:
            raise DepthbenchError(f"inputs={self.inputs}: the refinement has 2 (the paper's) or 3")
        if self.per <= 0 or self.features < 2 or self.encoder_width <= 0 or self.encoder_depth <= 0:
            raise DepthbenchError(
                f"per={self.per:g}, features={self.features}, encoder_width={self.encoder_width:g}, "
                f"encoder_depth={self.encoder_depth:g}: all must be above 0"
            )
