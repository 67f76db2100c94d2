# SPDX-License-Identifier: Apache-2.0
"""Pictures with masks of glass or mirrors, for the segmentation heads: any folder laid out like the public sets.

Somewhere below the folder stand pairs of folders named ``image`` and ``mask`` (GDD, GSD, MSD, PMD) or ``images`` and ``masks``
(Trans10K), with masks named like their pictures, ``_mask`` appended or not.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch.utils.data import Dataset

from depthbench.baselines.s2m2_focus.segmentation import CLASSES
from depthbench.errors import DepthbenchError
from depthbench.formats.image import read_rgb

NAMES = (("image", "mask"), ("images", "masks"))
SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp"}
MOST_CLASSES = 20

Kind = Literal["reflective", "see_through"]


def mask_pairs(folder: str | Path) -> list[tuple[Path, Path]]:
    """Return every (picture, mask) below ``folder``, sorted.

    Raises
    ------
    DepthbenchError
        If there is none, or a picture has no mask; the message names it.
    """
    folder = Path(folder)
    pairs = []
    for pictures, masks in NAMES:
        for place in sorted(folder.rglob(pictures)):
            beside = place.parent / masks
            if place.is_dir() and beside.is_dir():
                by_stem = {path.stem.removesuffix("_mask"): path for path in _files(beside)}
                for path in _files(place):
                    if path.stem not in by_stem:
                        raise DepthbenchError(f"{path}: no mask of this name in {beside}")
                    pairs.append((path, by_stem[path.stem]))
    if not pairs:
        raise DepthbenchError(f"{folder}: no folders image/ and mask/ (or images/ and masks/) with pictures below it")
    return sorted(pairs)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]


def read_mask(path: Path) -> npt.NDArray[np.bool_]:
    """Read a mask: black is no, white or a colour (Trans10K) is yes; so is every class but 0 in a map of few classes."""
    values = read_rgb(path).max(axis=2)
    mask: npt.NDArray[np.bool_] = values > (0 if values.max() <= MOST_CLASSES else 127)
    return mask


class MaskFolder(Dataset[dict[str, Any]]):
    """Pictures and masks at one size.

    Parameters
    ----------
    folder : path
    kind : {"reflective", "see_through"}
        What the masks mark: mirrors, or glass. Of the other class nothing is known.
    width, height : int
        Size of the samples; pictures are resampled by areas, masks take the nearest pixel.

    Notes
    -----
    A sample is a dict of ``image`` float32 (3, H, W) in 0..1, ``masks`` and ``known`` bool (2, H, W), in the order of
    :data:`~.segmentation.CLASSES`, and ``id``, the picture's path below the folder.
    """

    def __init__(self, folder: str | Path, kind: Kind, width: int, height: int) -> None:
        self.folder, self.size, self._class = Path(folder), (height, width), CLASSES.index(kind)
        self._pairs = mask_pairs(folder)

    def __len__(self) -> int:
        return len(self._pairs)

    def sha256(self) -> str:
        """Return a fingerprint: of kind, names and sizes of the files."""
        digest = hashlib.sha256(str(self._class).encode())
        for path in (path for pair in self._pairs for path in pair):
            digest.update(f"{path.relative_to(self.folder)}\0{path.stat().st_size}\n".encode())
        return digest.hexdigest()

    def __getitem__(self, index: int) -> dict[str, Any]:
        picture, marked = self._pairs[index]
        image, mask = read_rgb(picture), read_mask(marked)
        if image.shape[:2] != mask.shape:
            raise DepthbenchError(
                f"{marked}: {mask.shape[1]}x{mask.shape[0]}, its picture {image.shape[1]}x{image.shape[0]}"
            )
        planes = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))[None].float() / 255
        known = torch.zeros(len(CLASSES), *self.size, dtype=torch.bool)
        known[self._class] = True
        masks = torch.zeros_like(known)
        masks[self._class] = F.interpolate(torch.from_numpy(mask)[None, None].float(), self.size)[0, 0] > 0
        return {
            "image": F.interpolate(planes, self.size, mode="bilinear", antialias=True)[0].clamp(0, 1),
            "masks": masks,
            "known": known,
            "id": picture.relative_to(self.folder).as_posix(),
        }
