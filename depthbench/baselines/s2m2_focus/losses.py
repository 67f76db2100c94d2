# SPDX-License-Identifier: Apache-2.0
"""What the network is trained to: disparity, visibility, confidence, a transport plan with its mass at the truth, masks.

The authors of S2M2 name the terms; weights, margins and neighbourhoods are not in their public text. Those here are ours.
Every term is a mean over the pixels that count, 0 where none does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from depthbench.baselines.s2m2.network import Estimate

CONFIDENT_PX = 4.0
CELL = 4
"""The plan's cells are 4 x 4 pixels."""


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of ``values`` where ``mask``, 0 if nowhere; what is elsewhere, even NaN, has no gradient."""
    return torch.where(mask, values, 0).sum() / mask.sum().clamp(min=1)


def binary_cross_entropy(probability: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of -log p(truth), p kept from 0 and 1 by 1e-6; safe under autocast."""
    p = probability.float().clamp(1e-6, 1 - 1e-6)
    return masked_mean(-torch.where(truth, p.log(), (1 - p).log()), mask)


def disparity_loss(steps: Sequence[Tensor], truth_px: Tensor, valid: Tensor, decay: float = 0.9) -> Tensor:
    """L1 over iterations: sum of decay^(N - 1 - n) mean |d_n - d|; the last step counts fully.

    ``steps``, ``truth_px``, ``valid``: (B, 1, H, W) each.
    """
    terms = [masked_mean((disp - truth_px).abs(), valid) for disp in steps]
    return torch.stack([decay ** (len(terms) - 1 - n) * term for n, term in enumerate(terms)]).sum()


def match_loss(disp_cells: Tensor, truth_px: Tensor, valid: Tensor, reach_px: float = 2.0 * CELL) -> Tensor:
    """L1 of the first match where it is the right one, within ``reach_px``: mean |d - truth| over those pixels, px.

    Everything after the first match refines it detached, and the terms of the plan do not care where within a few cells its mass
    lies, so this alone teaches the features to place a match between cells.

    ``disp_cells`` (B, 1, H / 4, W / 4), of :class:`~depthbench.baselines.s2m2.matching.Match`; ``truth_px``, ``valid`` (B, 1, H, W).
    """
    error = (F.interpolate(CELL * disp_cells, scale_factor=CELL, mode="nearest") - truth_px).abs()
    return masked_mean(error, valid & (error.detach() < reach_px))


def confidence_loss(conf: Tensor, disp: Tensor, truth_px: Tensor, valid: Tensor) -> Tensor:
    """Teach ``conf`` whether the disparity errs by less than 4 px."""
    return binary_cross_entropy(conf, (disp.detach() - truth_px).abs() < CONFIDENT_PX, valid)


def mass_at_partners(plan: Tensor, truth_px: Tensor, valid: Tensor, reach: int = 1) -> tuple[Tensor, Tensor]:
    """Return S, the plan's mass in the union of the neighbourhoods of each cell's true partners, and which cells count.

    Parameters
    ----------
    plan : float32 (B, H / 4, W / 4, W / 4)
    truth_px : float32 (B, 1, H, W)
        Disparity at full resolution.
    valid : bool (B, 1, H, W)
        Pixels whose disparity is known and whose point the right eye sees. Cells without one, or with partners outside the right
        picture alone, do not count.
    reach : int
        A neighbourhood is so many cells either way.

    Returns
    -------
    float32 (B, H / 4, W / 4), bool (B, H / 4, W / 4)
    """
    columns = plan.shape[-1]
    x = torch.arange(truth_px.shape[-1], device=plan.device)
    # the centre of pixel x lies at (x + 0.5) / 4 - 0.5 in cells
    partner = torch.round((x - truth_px + 0.5) / CELL - 0.5)
    partner = torch.where(valid, partner, -1e6).clamp(-1e6, 1e6).long()
    per_cell = F.pixel_unshuffle(partner, CELL).permute(0, 2, 3, 1)
    wanted = (per_cell.unsqueeze(-1) + torch.arange(-reach, reach + 1, device=plan.device)).flatten(-2)
    inside = (wanted >= 0) & (wanted < columns)
    # one more column takes what falls outside
    union = torch.zeros(*plan.shape[:-1], columns + 1, dtype=torch.bool, device=plan.device)
    union = union.scatter(-1, torch.where(inside, wanted, columns), True)[..., :columns]
    counted = ((per_cell >= 0) & (per_cell < columns)).any(dim=-1)
    return torch.where(union, plan, 0).sum(dim=-1), counted


def mode_concentration_loss(mass: Tensor, counted: Tensor, margin: float = 0.05) -> Tensor:
    """Ask that each cell's mass lies at its true partners: mean of max(1 - S - margin, 0), of :func:`mass_at_partners`."""
    return masked_mean((1 - mass - margin).clamp(min=0), counted)


def likelihood_loss(mass: Tensor, counted: Tensor) -> Tensor:
    """Ask for the same by the logarithm: mean of -log(S + 1e-6).

    Where all mass lies elsewhere, at another layer say, the concentration has hardly a gradient; this has its largest.
    """
    return masked_mean(-(mass + 1e-6).log(), counted)


def segmentation_loss(logits: Tensor, masks: Tensor, known: Tensor) -> Tensor:
    """Binary cross entropy of masks.

    ``logits`` float, ``masks`` bool, ``known`` bool (a set may have but one of the masks): (B, classes, H, W).
    """
    return masked_mean(F.binary_cross_entropy_with_logits(logits.float(), masks.float(), reduction="none"), known)


@dataclass(frozen=True)
class Weights:
    """Of the terms in their sum."""

    disparity: float = 1.0
    occlusion: float = 1.0
    confidence: float = 1.0
    concentration: float = 1.0
    likelihood: float = 0.0
    match: float = 0.0
    segmentation: float = 0.5


def stereo_losses(estimate: Estimate, truth_px: Tensor, valid: Tensor, visible: Tensor) -> dict[str, Tensor]:
    """Return the terms of one estimate by their names in :class:`Weights`.

    Steps at 1/4 are compared with the truth after nearest upsampling. Disparity is asked of every valid pixel, the plan and
    the visibility follow ``visible``: what the right eye does not see has no partner.

    Parameters
    ----------
    truth_px : float32 (B, 1, H, W)
        Disparity asked for, NaN = unknown.
    valid, visible : bool (B, 1, H, W)
        Pixels to learn from; those of them that the right eye sees.
    """
    truth = truth_px.nan_to_num(0.0)
    valid = valid & truth_px.isfinite()
    mass, counted = mass_at_partners(estimate.match.plan, truth, valid & visible)
    coarse = [F.interpolate(disp, scale_factor=CELL, mode="nearest") for disp, _, _ in estimate.steps]
    return {
        "disparity": disparity_loss([*coarse, estimate.disp], truth, valid),
        "occlusion": binary_cross_entropy(estimate.occ, visible, valid),
        "confidence": confidence_loss(estimate.conf, estimate.disp, truth, valid),
        "concentration": mode_concentration_loss(mass, counted),
        "likelihood": likelihood_loss(mass, counted),
        "match": match_loss(estimate.match.disp, truth, valid & visible),
    }


def weighted_sum(terms: dict[str, Tensor], weights: Weights) -> Tensor:
    """Add the terms up."""
    return torch.stack([getattr(weights, name) * term for name, term in terms.items()]).sum()
