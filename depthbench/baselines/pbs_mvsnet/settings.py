# SPDX-License-Identifier: Apache-2.0
"""What a network is like: its sizes, and an answer to each question that the paper leaves open."""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.baselines.settings_text import TextSettings
from depthbench.errors import DepthbenchError, unknown_name

CHOICES = {
    "residual": ("square", "signed"),
    "aggregation": ("voxel", "pixel", "product", "none"),
    "attention": ("pooled", "table"),
    "convolution": ("dense", "separable"),
    "spacing": ("linear", "inverse"),
}


@dataclass(frozen=True, kw_only=True)
class PbsSettings(TextSettings):
    """Settings that weights depend on.

    Attributes
    ----------
    channels : int
        Of features and cost volume; the paper's 32. A multiple of 8.
    width : int
        Of the regulariser: its last stages have four times as many channels; 16 gives the paper's table.
    planes : int
        Of depth, over the range of the camera file.
    spacing : {"linear", "inverse"}
        Planes even in depth (the paper), or in inverse depth, which is even in pixels.
    residual : {"square", "signed"}
        Of the features' difference to the reference. The paper's eq. 3 has the signed one, which cancels between views; its
        authors' earlier program squares.
    aggregation : {"voxel", "pixel", "product", "none"}
        How views are weighed: eq. 5, eq. 4, both (the paper does not say how they go together), or a plain mean.
    attention : {"pooled", "table"}
        Whether attention in the context path first pools the whole volume, as BiSeNet does; the paper's table leaves that out.
    convolution : {"dense", "separable"}
        In the context path: whole 3x3x3 kernels, or one per channel and a mix of channels (Xception), which on processors is slower
        though it counts less.
    skip : bool
        A thin path at full resolution into the last layer. Without it (the paper) the finest cell is 8 planes deep and 32 pixels wide.
    """

    channels: int = 32
    width: int = 16
    planes: int = 192
    spacing: str = "linear"
    residual: str = "square"
    aggregation: str = "voxel"
    attention: str = "pooled"
    convolution: str = "dense"
    skip: bool = True

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise unknown_name(name, getattr(self, name), known)
        if self.channels % 8 or self.channels < 8 or self.width % 4 or self.width < 4:
            raise DepthbenchError(
                f"channels={self.channels}, width={self.width}: multiples of 8 and of 4 that are no less are needed"
            )
        if not 4 <= self.planes <= 1024:
            raise DepthbenchError(f"planes={self.planes}: between 4 and 1024")
