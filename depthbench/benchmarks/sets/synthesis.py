# SPDX-License-Identifier: Apache-2.0
"""Focal stacks for sets that have pictures with depth: rendered when they are asked for, by options of the set."""

from __future__ import annotations

from typing import get_args

from depthbench.benchmarks.sets.focal import TOLD
from depthbench.benchmarks.sets.focus_set import policy_notes
from depthbench.camera import Intrinsics
from depthbench.formats.focal_record import eight_bits
from depthbench.formats.rgbd import RgbdFrame
from depthbench.generators.focal.cameras import doubts, lens_of
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.make import make_stack
from depthbench.generators.focal.planes import FocusPlanes
from depthbench.generators.focal.sources import Scene
from depthbench.tasks import FocusPolicy, FocusSample


class Synthesis:
    """How stacks are made of pictures with depth: what ``depthbench generate focal-stack`` would make of them.

    Parameters
    ----------
    source : str
        The set, for the record of each stack.
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

    def __init__(
        self, source: str, camera: str, focus: str, n: int, near_m: float, far_m: float, renderer: str
    ) -> None:
        planes = FocusPlanes(focus, n, float(near_m), float(far_m))
        self._config = FocalConfig(source, planes, camera=camera, renderer=renderer)
        self.policy: FocusPolicy = next(name for name in get_args(FocusPolicy) if name == focus)
        ends = f"{near_m:g}-{far_m:g}m" if focus in ("fixed", "dioptre-uniform") else ""
        kernel = "" if renderer == "layered" else renderer
        self.label = "-".join(part for part in (camera, focus, ends, f"n{n}", kernel) if part)

    def notes(self, width: int, intrinsics: Intrinsics | None) -> list[str]:
        """Return what must stand under every table: that stacks are synthetic, how, and what is impossible about it."""
        config = self._config
        lens = lens_of(config.preset, width, intrinsics)
        told = f"stacks are synthesised ({config.renderer}), camera {config.camera}, {lens.px_per_dioptre:.3g} px per dioptre"
        return [told, *doubts(lens, intrinsics), *policy_notes(self.policy)]

    def stack(self, frame: RgbdFrame) -> FocusSample:
        """Render the stack of a frame; its picture is the all-in-focus one."""
        record = make_stack(self._config, Scene(frame), 0)
        return FocusSample(
            frame.id,
            eight_bits(record.stack),
            record.focus_m,
            record.all_in_focus,
            record.intrinsics,
            self.policy,
            {key: record.meta[key] for key in TOLD},
        )
