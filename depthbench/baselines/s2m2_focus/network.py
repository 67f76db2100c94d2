# SPDX-License-Identifier: Apache-2.0
"""The steered network: S2M2 with a conditional fusion after its transformer and a conditional refiner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from depthbench.baselines.s2m2.network import S2M2, Estimate, Scene, centred
from depthbench.baselines.s2m2.pyramid import GLOBAL_HEADS
from depthbench.baselines.s2m2.transformer import Levels
from depthbench.baselines.s2m2_focus.conditional import ConditionalFeedForward
from depthbench.baselines.s2m2_focus.fusion import ConditionalFusion
from depthbench.baselines.s2m2_focus.prior import MatchPrior, with_prior
from depthbench.baselines.s2m2_focus.segmentation import SegmentationHead

NEW_PREFIXES = ("cond_fusion.", "cond_match.", "refiner.cond.", "seg_head.")
"""Parameters that S2M2 does not have; all others carry its names."""


STEERING_PREFIXES = ("cond_fusion.", "cond_match.", "refiner.cond.")


class View(NamedTuple):
    """What does not depend on the condition: features of the pair, the transformer's levels, and guides if kept."""

    scene: Scene
    levels: Levels
    guides: tuple[Tensor, Tensor] | None = None


class S2M2Focus(S2M2):
    """S2M2 whose answer depends on c: 0 asks for the nearest surface along each ray, 1 for the farthest.

    Freshly made, or after :meth:`start_from_s2m2`, it answers exactly like the S2M2 inside it for every c.

    Parameters
    ----------
    channels, transformers
        As for S2M2.
    experts : int
        Per mixture; 1 for the ablation without.
    inject : bool
        Direct injection of the condition; False for the ablation without.
    prior : bool
        Let the condition weigh the matches too, see :func:`~.prior.with_prior`: ours, not the paper's.
    refine_steps : int
        Corrections after the first match; one by default, since they are most of what each further c costs.
    settings
        Further settings of S2M2.
    """

    def __init__(
        self,
        channels: int,
        transformers: int,
        experts: int = 2,
        inject: bool = True,
        prior: bool = False,
        refine_steps: int = 1,
        **settings: Any,
    ) -> None:
        super().__init__(channels, transformers, refine_steps=refine_steps, **settings)
        dims = (channels, channels, 2 * channels)
        self.cond_fusion = ConditionalFusion(dims, channels, experts, inject)
        self.refiner.cond = nn.ModuleList(
            ConditionalFeedForward(dims[-1], channels, GLOBAL_HEADS, experts, inject) for _ in range(2)
        )
        self.cond_match = MatchPrior(channels) if prior else None
        self.seg_head = SegmentationHead(dims)
        self.start_from_s2m2()

    def start_from_s2m2(self) -> None:
        """Set the new parts so that nothing depends on c: experts copy what they replace. For after loading S2M2's weights."""
        if self.cond_match is not None:
            self.cond_match.start_without()
        self.cond_fusion.start_from(self.transformer.last)
        for conditional, replaced in zip(self._conditional_ffns(), self._replaced_in_refiner(), strict=True):
            conditional.start_from(replaced)
        # out of use, and kept so that files of S2M2 load; without gradients distributed training does not wait for them
        for unused in (self.transformer.last.dec_attn0.ffn, *self._replaced_in_refiner()):
            unused.requires_grad_(False)

    def start_fresh(self) -> None:
        """Give the new parts small random values where they start at zero, and let experts differ: for training from nothing.

        Zeros one behind the other, which S2M2's sake asks for, keep the condition out of the answer for hundreds of steps.
        """
        with torch.no_grad():
            for name, value in self.named_parameters():
                if not name.startswith(STEERING_PREFIXES) or value.ndim < 2:
                    continue
                scale = 0.5 * value[0].numel() ** -0.5
                if not value.any() or ".experts." in name:
                    value.add_(torch.randn_like(value), alpha=scale)

    def _conditional_ffns(self) -> list[ConditionalFeedForward]:
        return list(self.refiner.cond)  # type: ignore[arg-type]

    def _replaced_in_refiner(self) -> list[Any]:
        unet = self.refiner.refine_unet
        return [block.ffn for block in (*unet.enc3s, *unet.dec3s)]

    def forward(self, left: Tensor, right: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # type: ignore[override]
        """RGB in 0..255, (B, 3, H, W) each, and ``c`` (B,) -> (disp, occ, conf), see :class:`~.network.Estimate`."""
        estimate = self.steer(self.view(left, right), c)
        return estimate.disp, estimate.occ, estimate.conf

    def view(self, left: Tensor, right: Tensor) -> View:
        """Compute what every c shares."""
        scene = self.look(left, right)
        return View(scene, self.transformer.attended(scene.pyramid))

    def steer(self, view: View, c: Tensor) -> Estimate:
        """Answer for the condition ``c``, (B,) in [0, 1]."""
        embedding = self.cond_fusion.embed(c)
        ffns = [partial(ffn, embedding=embedding, c=c) for ffn in self._conditional_ffns()]
        features = self.cond_fusion(view.levels, embedding, c)
        weigh = None
        if self.cond_match is not None:
            weigh = partial(with_prior, strength=self.cond_match(features.chunk(2)[0], embedding))
        return self.settle(view.scene, features, ffns, view.guides, weigh)

    def sweep(self, left: Tensor, right: Tensor, values: Sequence[float]) -> Iterator[Estimate]:
        """Answer for several conditions, one after the other; each is what :meth:`forward` gives."""
        view = self.view(left, right)
        view = view._replace(guides=self.guides(view.scene))
        for value in values:
            yield self.steer(view, torch.full((left.shape[0],), value, device=left.device))

    def segment(self, image: Tensor) -> Tensor:
        """Picture, RGB in 0..255 (B, 3, H, W) -> logits of :data:`~.segmentation.CLASSES`, (B, 2, H, W); one eye is enough."""
        quarter, _ = self.cnn_backbone(centred(image))
        return self.segment_pyramid(self.feat_pyramid(quarter))

    def segment_pyramid(self, levels: Levels) -> Tensor:
        """Return the logits for a pyramid that is there already (:attr:`~.network.Scene.pyramid`: both eyes)."""
        logits: Tensor = self.seg_head(levels)
        return logits
