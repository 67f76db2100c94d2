# SPDX-License-Identifier: Apache-2.0
"""Settings of training for PBS-MVSNet: the table ``[recipe]`` of its presets."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from depthbench.baselines.pbs_mvsnet.settings import PbsSettings
from depthbench.errors import DepthbenchError


@dataclass(frozen=True, kw_only=True)
class PbsConfig(PbsSettings):
    """Network (:class:`~depthbench.baselines.pbs_mvsnet.settings.PbsSettings`), views, validation.

    Attributes
    ----------
    sources : int
        Source views of a sample; the paper has four pictures in all, that is 3.
    size : int
        Pictures are made smaller so that their longer side has at most this many pixels; 0: as they are.
    levels : int
        Samples are shown at a level of the pyramid drawn among so many, all levels being one network's; 1: the full size alone, as in
        the paper.
    val_views : int
        Most held-out views, evenly among all; 0: all.
    """

    sources: int = 3
    size: int = 0
    levels: int = 1
    val_views: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sources < 1 or self.size < 0 or not 1 <= self.levels <= 6 or self.val_views < 0:
            raise DepthbenchError(
                f"sources={self.sources}, size={self.size}, levels={self.levels}, val_views={self.val_views}: at least 1, 0, 1 (to 6) and 0"
            )

    @property
    def network(self) -> PbsSettings:
        """What the weights depend on."""
        fields = dataclasses.fields(PbsSettings)
        return PbsSettings(**{field.name: getattr(self, field.name) for field in fields})
