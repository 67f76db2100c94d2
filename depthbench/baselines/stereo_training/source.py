# SPDX-License-Identifier: Apache-2.0
"""Where pairs come from: generated layered folders, planes without end, any set with one disparity per pixel."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from torch import Tensor

from depthbench.baselines.s2m2_focus.condition import Mark
from depthbench.benchmarks.sets import SETS
from depthbench.benchmarks.sets.evaluation_set import manifest_sha256
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.sets.stereo_set import StereoSet
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.layered_dataset import LayeredDataset
from depthbench.generators.planes_dataset import planes_sample
from depthbench.generators.planes_scene import PlanesConfig
from depthbench.layers import SurfaceClass, Visibility

MARKS = {"near": Mark.NEAR_SURFACE, "background": Mark.BACKGROUND}
PLANES, OPAQUE_PLANES = "planes", "opaque-planes"
KNOWN_MARKS = {"kitti-2015": Mark.NEAR_SURFACE, "booster": Mark.NEAR_SURFACE}
"""What sets measured behind glass: KITTI's cars are models without holes, Booster's glass was painted."""


@dataclass(frozen=True)
class Pair:
    """A pair with its truth for the left eye.

    Attributes
    ----------
    left, right : float32 (3, H, W), 0..1
    layers_px : float32 (K, H, W)
        Front to back, NaN after the last.
    visible : bool (K, H, W)
        The right eye sees the layer's point.
    sky : bool (H, W)
        The ray ends nowhere: disparity 0 behind the last layer.
    masks, known : bool (2, H, W)
        Reflective and see-through pixels; where that is known.
    mark : Mark or None
        What a set with one disparity measured where one sees through something.
    layered : bool
        Whether every layer is known.
    """

    left: Tensor
    right: Tensor
    layers_px: Tensor
    visible: Tensor
    sky: Tensor
    masks: Tensor
    known: Tensor
    mark: Mark | None = None
    layered: bool = True

    def along(self, change: Callable[[Tensor], Tensor]) -> Pair:
        """Return the pair with every map changed alike."""
        changed: dict[str, Any] = {
            name: change(value) for name, value in vars(self).items() if isinstance(value, Tensor)
        }
        return replace(self, **changed)


class Source(Protocol):
    """Pairs by number.

    Attributes
    ----------
    count : int or None
        How many there are; None: no end.
    """

    count: int | None

    def pair(self, number: int, width: int, height: int, mirrored: bool = False) -> Pair:
        """Return a pair; sources that can make any size take ``width`` and ``height`` up.

        ``mirrored``: the eyes in each other's place and all seen in a mirror, where the right eye's truth is known.
        """

    def manifest(self) -> dict[str, Any]:
        """Return what it is, with a fingerprint."""


TRUTH = ("disp_px", "surface_class", "visibility", "see_through", "reflective")


def _layered_pair(sample: dict[str, Any], mirrored: bool) -> Pair:
    suffix, eyes = ("_right", ("right", "left")) if mirrored else ("", ("left", "right"))
    layers, classes, visibility, see_through, reflective = (sample[name + suffix] for name in TRUTH)
    used = max(1, int(layers.isfinite().any(dim=-1).any(dim=-1).sum()))
    masks = torch.stack([reflective, see_through])
    sky = ~(classes == SurfaceClass.OPAQUE).any(dim=0)
    seen = visibility[:used] == Visibility.VISIBLE
    left, right = (sample[eye] for eye in eyes)
    pair = Pair(left, right, layers[:used], seen, sky, masks, torch.ones_like(masks))
    return pair.along(lambda values: values.flip(-1)) if mirrored else pair


class Folder:
    """A folder that ``depthbench generate layered`` made."""

    def __init__(self, folder: Path) -> None:
        self._set = open_set(str(folder))
        self._eyes = [
            LayeredDataset(folder, fields=("left", "right", *(name + suffix for name in TRUTH)))
            for suffix in ("", "_right")
        ]
        self.count: int | None = len(self._eyes[0])

    def pair(self, number: int, width: int, height: int, mirrored: bool = False) -> Pair:
        """Return a sample as it was rendered, or mirrored."""
        return _layered_pair(self._eyes[mirrored][number], mirrored)

    def manifest(self) -> dict[str, Any]:
        """Return the set's fingerprint."""
        return {"kind": "layered", "samples": self.count, "sha256": manifest_sha256(self._set)}


class Planes:
    """Scenes of slanted planes; the largest disparity is drawn for each.

    Parameters
    ----------
    seed : int
    disp_px : (low, high)
    opaque : bool
        No panes and screens: nothing but matching is to be learnt.
    """

    count: int | None = None

    def __init__(self, seed: int, disp_px: tuple[float, ...], opaque: bool = False) -> None:
        self.seed, self._range, self._opaque = seed, disp_px, opaque

    def pair(self, number: int, width: int, height: int, mirrored: bool = False) -> Pair:
        """Make a scene of the size asked for."""
        rng = np.random.default_rng(np.random.SeedSequence([self.seed, number, 2]))
        config = PlanesConfig(width, height, max_disp_px=float(rng.uniform(self._range[0], self._range[1])))
        if self._opaque:
            config = replace(config, see_through=0)
        return _layered_pair(planes_sample(self.seed, number, config), mirrored)

    def manifest(self) -> dict[str, Any]:
        """Return the seed and the range."""
        kind = OPAQUE_PLANES if self._opaque else PLANES
        return {"kind": kind, "seed": self.seed, "disp_px": list(self._range)}


class OneDisparity:
    """A set with one disparity per pixel.

    Parameters
    ----------
    opened : StereoSet
    mark : Mark or None
        What it measured where one sees through something; None: nothing there is see-through.
    """

    def __init__(self, opened: StereoSet, mark: Mark | None) -> None:
        self._set, self._mark, self._ids = opened, mark, opened.ids()
        self.count: int | None = len(self._ids)

    def pair(self, number: int, width: int, height: int, mirrored: bool = False) -> Pair:
        """Return a sample, never mirrored; truth of another size than the pictures is brought to theirs."""
        sample, truth = self._set.pair(self._ids[number]), self._set.truth(self._ids[number])
        if truth.layers is not None or truth.points is not None:
            raise DepthbenchError(
                f"{self._set.root}: not a set with one disparity per pixel; a layered folder is given by its path alone"
            )
        rows, columns = sample.left.shape[:2]
        take = np.ix_(_nearest(truth.disp_px.shape[0], rows), _nearest(truth.disp_px.shape[1], columns))
        disp = torch.from_numpy(truth.disp_px[take] * np.float32(columns / truth.disp_px.shape[1]))[None]
        seen = torch.ones_like(disp, dtype=torch.bool)
        if truth.nocc is not None:
            seen = torch.from_numpy(truth.nocc[take])[None]
        nothing = torch.zeros(2, rows, columns, dtype=torch.bool)
        left, right = (
            torch.from_numpy(image.transpose(2, 0, 1).copy()).float() / 255 for image in (sample.left, sample.right)
        )
        return Pair(left, right, disp, seen, nothing[0], nothing, nothing, self._mark, layered=False)

    def manifest(self) -> dict[str, Any]:
        """Return the set's fingerprint."""
        told = {"kind": self._set.name, "label": self._set.label, "samples": self.count}
        return told | {"mark": self._mark.name if self._mark else None, "sha256": manifest_sha256(self._set)}


def _nearest(have: int, want: int) -> Any:
    """Return, for each of ``want`` pixels, the nearest of ``have`` that cover the same picture."""
    return np.minimum(((np.arange(want) + 0.5) * have / want).astype(np.intp), have - 1)


def split_reference(word: str) -> tuple[str, str, float, str]:
    """Take ``[NAME:]ROOT[@MARK][:WEIGHT]`` apart: (name of a set or empty, root, weight, mark or empty)."""
    head, colon, tail = word.rpartition(":")
    weight = 1.0
    if colon:
        with contextlib.suppress(ValueError):
            weight, word = float(tail), head
    if weight <= 0:
        raise DepthbenchError(f"{word}:{weight:g}: a weight is above 0")
    word, _, mark = word.partition("@")
    name, colon, root = word.partition(":")
    return (name, root, weight, mark) if colon else ("", word, weight, mark)


def open_source(word: str, seed: int, planes_disp_px: tuple[float, ...]) -> tuple[Source, float]:
    """Open what ``--data`` names; return it with its weight.

    ``planes``, ``opaque-planes``, a layered folder, or ``NAME:ROOT`` of a set with one disparity; then ``@near`` or ``@background``, what the set
    measured behind glass; then ``:WEIGHT``.

    Raises
    ------
    DepthbenchError
        If there is no such thing, or the mark or weight makes no sense.
    """
    name, root, weight, mark = split_reference(word)
    if mark and mark not in MARKS:
        raise unknown_name("mark", mark, MARKS)
    if not name and root in (PLANES, OPAQUE_PLANES):
        return Planes(seed, planes_disp_px, opaque=root == OPAQUE_PLANES), weight
    if not name and root in SETS:
        name, root = root, ""
    if not name:
        if not Path(root).exists():
            raise DepthbenchError(
                f"{root}: no such folder; data are `planes`, `opaque-planes`, a folder that `depthbench generate layered` made, or SET:ROOT"
            )
        return Folder(Path(root)), weight
    if name not in SETS:
        raise unknown_name("set", name, SETS)
    opened = open_set(name, Path(root) if root else None)
    if opened.task != "stereo":
        raise DepthbenchError(f"{word}: a set for the task {opened.task}, not stereo")
    chosen = MARKS[mark] if mark else KNOWN_MARKS.get(name)
    return OneDisparity(cast(StereoSet, opened), chosen), weight
