# SPDX-License-Identifier: Apache-2.0
"""What an icm-depth is like. A file of weights tells it."""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.baselines.settings_text import TextSettings
from depthbench.errors import DepthbenchError, unknown_name

CLUSTERS = ("one", "separate")
ACTIVATIONS = ("exp", "softplus")


@dataclass(frozen=True)
class Settings(TextSettings):
    """The paper's network by default.

    Attributes
    ----------
    encoder : str
        ``tiny``, or the name of a model of timm that gives features.
    encoder_width : int
        Channels of the tiny encoder's first level.
    channels : int
        Of the pyramid and of a cluster.
    clusters : int
        Rows of the matrix.
    matrix : {"one", "separate"}
        ``one`` is updated at strides 16, 8, 4 in turn, and depth is predicted at the last. ``separate``: each stride has its own and its own
        depth, of which the mean is the answer, as in iDisc.
    renormalise : bool
        Weights by which a cluster gathers pixels sum to 1, as in iDisc; the paper does not say so, and without it an update grows with
        the number of pixels.
    activation : {"exp", "softplus"}
        From the last layer's number to depth; the paper names none.
    usual_depth_m : float
        Depth where that number is 0.

    Raises
    ------
    DepthbenchError
        If a value is none of these.
    """

    encoder: str = "swin_large_patch4_window12_384"
    encoder_width: int = 24
    channels: int = 256
    clusters: int = 32
    matrix: str = "one"
    renormalise: bool = True
    activation: str = "exp"
    usual_depth_m: float = 12.0

    def __post_init__(self) -> None:
        if self.matrix not in CLUSTERS:
            raise unknown_name("matrix of clusters", self.matrix, CLUSTERS)
        if self.activation not in ACTIVATIONS:
            raise unknown_name("activation", self.activation, ACTIVATIONS)
        if min(self.encoder_width, self.channels, self.clusters) < 1 or self.usual_depth_m <= 0:
            raise DepthbenchError(
                f"encoder_width={self.encoder_width}, channels={self.channels}, clusters={self.clusters}, "
                f"usual_depth_m={self.usual_depth_m:g}: all must be above 0"
            )
        if self.channels % 8 or self.encoder_width % 8:
            raise DepthbenchError(
                f"channels={self.channels}, encoder_width={self.encoder_width}: must be multiples of 8"
            )
