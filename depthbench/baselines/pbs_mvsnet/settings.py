# SPDX-License-Identifier: Apache-2.0
"""What a network is like: its sizes, and an answer to each question that the paper leaves open."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from depthbench.errors import DepthbenchError, unknown_name

CHOICES = {
    "residual": ("square", "signed"),
    "aggregation": ("voxel", "pixel", "product", "none"),
    "attention": ("pooled", "table"),
    "convolution": ("dense", "separable"),
    "spacing": ("linear", "inverse"),
}


@dataclass(frozen=True, kw_only=True)
class PbsSettings:
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

    def to_text(self) -> dict[str, str]:
        """Return the settings as a file of weights tells them."""
        return {field.name: str(getattr(self, field.name)) for field in _fields()}

    @classmethod
    def from_text(cls, told: Mapping[str, str]) -> Self:
        """Undo :meth:`to_text`; other keys are passed over.

        Raises
        ------
        DepthbenchError
            If one is missing.
        """
        values: dict[str, object] = {}
        for field in _fields():
            if field.name not in told:
                raise DepthbenchError(f"does not tell its '{field.name}'; not weights that `depthbench train` wrote?")
            text, default = told[field.name], getattr(cls, field.name)
            values[field.name] = text == "True" if isinstance(default, bool) else type(default)(text)
        return cls(**values)  # type: ignore[arg-type]


def _fields() -> tuple[dataclasses.Field[object], ...]:
    return dataclasses.fields(PbsSettings)
