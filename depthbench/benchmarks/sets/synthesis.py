# SPDX-License-Identifier: Apache-2.0
"""Focal stacks for sets that have pictures with depth: rendered when they are asked for, by options of the set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.sets.focus_set import policy_notes
from depthbench.camera import Intrinsics
from depthbench.errors import unknown_name
from depthbench.generators.focal.cameras import camera_preset, doubts, lens_of
from depthbench.generators.focal.layered import render_layered
from depthbench.generators.focal.planes import FocusPlanes
from depthbench.generators.focal.reference import render_reference
from depthbench.generators.focal.srgb import decode, encode_8_bit
from depthbench.generators.focal.surfaces import Sheet, fill_holes
from depthbench.tasks import FocusPolicy, FocusSample

RENDERERS = ("layered", "reference")


@dataclass(frozen=True)
class Synthesis:
    """How stacks are made of pictures with depth.

    Attributes
    ----------
    camera : str
        A preset of :mod:`depthbench.generators.focal.cameras`.
    focus : str
        Policy of the focus distances (:mod:`depthbench.generators.focal.planes`).
    n : int
        Pictures of a stack.
    near_m, far_m : float
        Ends of the policies ``fixed`` and ``dioptre-uniform``.
    renderer : {"layered", "reference"}
        In linear light with occlusion; or the published 7x7 kernel, as the papers' stacks were made.

    Raises
    ------
    DepthbenchError
        If a name is unknown, or these are no distances.
    """

    camera: str
    focus: str
    n: int
    near_m: float
    far_m: float
    renderer: str

    def __post_init__(self) -> None:
        if self.renderer not in RENDERERS:
            raise unknown_name("renderer of focal stacks", self.renderer, RENDERERS)
        camera_preset(self.camera)
        self.planes  # noqa: B018  (refuses what is no policy)

    @cached_property
    def planes(self) -> FocusPlanes:
        """The policy with its numbers."""
        return FocusPlanes(self.focus, self.n, float(self.near_m), float(self.far_m))

    @property
    def policy(self) -> FocusPolicy:
        """The policy's name."""
        named: FocusPolicy = next(name for name in get_args(FocusPolicy) if name == self.focus)
        return named

    @property
    def label(self) -> str:
        """What tells apart stacks made differently."""
        ends = f"{self.near_m:g}-{self.far_m:g}m" if self.focus in ("fixed", "dioptre-uniform") else ""
        kernel = "" if self.renderer == "layered" else self.renderer
        return "-".join(part for part in (self.camera, self.focus, ends, f"n{self.n}", kernel) if part)

    def notes(self, width: int, intrinsics: Intrinsics | None) -> list[str]:
        """Return what must stand under every table: that stacks are synthetic, how, and what is impossible about it."""
        lens = lens_of(camera_preset(self.camera), width, intrinsics)
        told = (
            f"stacks are synthesised ({self.renderer}), camera {self.camera}, {lens.px_per_dioptre:.3g} px per dioptre"
        )
        return [told, *doubts(lens, intrinsics), *policy_notes(self.policy)]

    def stack(
        self,
        sample_id: str,
        image: npt.NDArray[np.uint8],
        depth_m: npt.NDArray[np.float32],
        intrinsics: Intrinsics | None,
    ) -> FocusSample:
        """Render a stack of a picture (H, W, 3) with depth (H, W), NaN = hole, which takes the depth beside it."""
        lens = lens_of(camera_preset(self.camera), image.shape[1], intrinsics, sample_id)
        focus_m = self.planes.distances_m(depth_m)
        if self.renderer == "layered":
            stack = encode_8_bit(render_layered([Sheet(fill_holes(depth_m), decode(image))], lens, focus_m))
        else:
            srgb = render_reference(image.astype(np.float32) / 255, depth_m, lens, focus_m)
            stack = np.rint(255 * np.clip(srgb, 0, 1)).astype(np.uint8)
        meta = {"camera": self.camera, "px_per_dioptre": lens.px_per_dioptre, "renderer": self.renderer}
        return FocusSample(sample_id, stack, focus_m, image, intrinsics, self.policy, meta)
