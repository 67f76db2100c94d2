# SPDX-License-Identifier: Apache-2.0
"""The endless stream of training samples: sample k follows from the seed, k and the data alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.baselines.s2m2_focus.mask_folder import Kind, MaskFolder
from depthbench.baselines.stereo_training.augment import augment
from depthbench.baselines.stereo_training.config import StereoConfig
from depthbench.baselines.stereo_training.source import Source
from depthbench.baselines.stereo_training.target import nearest_surface, steered
from depthbench.errors import DepthbenchError

MASK_KINDS: dict[str, Kind] = {"glass": "see_through", "mirror": "reflective"}


def open_masks(word: str, width: int, height: int) -> MaskFolder:
    """Open what ``--masks`` names: a folder with masks of glass, or ``mirror:FOLDER``."""
    kind, colon, folder = word.partition(":")
    if not colon or kind not in MASK_KINDS:
        kind, folder = "glass", word
    if not Path(folder).is_dir():
        raise DepthbenchError(f"{folder}: no such folder of masks")
    return MaskFolder(folder, MASK_KINDS[kind], width, height)


class StereoStream:
    """Pairs from several sources by their weights, changed, asked for a layer.

    Parameters
    ----------
    sources : sequence of (source, weight)
    masks : sequence of MaskFolder
        Each sample then brings one picture with masks along.
    config : StereoConfig
    seed : int
    conditioned : bool
        Draw conditions, or ask for the nearest surface.
    """

    def __init__(
        self,
        sources: Sequence[tuple[Source, float]],
        masks: Sequence[MaskFolder],
        config: StereoConfig,
        seed: int,
        conditioned: bool,
    ) -> None:
        weights = np.array([weight for _, weight in sources])
        self._sources, self._shares = [source for source, _ in sources], weights / weights.sum()
        self._masks = list(masks)
        self._config, self._seed, self._conditioned = config, seed, conditioned

    def sample(self, step: int, number: int) -> dict[str, Any]:
        """Return sample ``number``, of the size of its step."""
        config = self._config
        # not the draws that the scene of this number is made of
        rng = np.random.default_rng(np.random.SeedSequence([self._seed, number, 3]))
        width, height = config.size_at(step, self._seed)
        source = self._sources[int(rng.choice(len(self._sources), p=self._shares))]
        place = number if source.count is None else int(rng.integers(source.count))
        pair = source.pair(place, width, height, mirrored=rng.random() < config.mirror)
        pair = augment(rng, pair, width, height, config)
        if self._conditioned:
            made = steered(
                rng, pair, config.rule, config.consistency_window, config.curation, config.conditions, config.ends
            )
        else:
            made = nearest_surface(pair)
        if self._masks:
            folder = self._masks[int(rng.integers(len(self._masks)))]
            extra = folder[int(rng.integers(len(folder)))]
            made |= {"mask_image": extra["image"] * 255, "mask_masks": extra["masks"], "mask_known": extra["known"]}
        return made
