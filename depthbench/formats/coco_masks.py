# SPDX-License-Identifier: Apache-2.0
"""Masks of instances in COCO's JSON: run lengths (plain or compressed) and polygons, brought into one map of ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json
from depthbench.formats.limits import check_pixels

BoolMap = npt.NDArray[np.bool_]


def decode_counts(text: str) -> list[int]:
    """Decode the compressed run lengths of pycocotools: five bits a character from 48 on, the sixth says that more follow; from the
    third on, differences to the run before the last.

    Raises
    ------
    ValueError
        If the text ends within a number.
    """
    counts: list[int] = []
    position = 0
    while position < len(text):
        value = shift = 0
        more = True
        while more:
            if position == len(text):
                raise ValueError("run lengths end within a number")
            bits = ord(text[position]) - 48
            if not 0 <= bits < 64 or shift > 60:
                raise ValueError(f"'{text[position]}' has no place in run lengths")
            value |= (bits & 0x1F) << shift
            more = bool(bits & 0x20)
            position, shift = position + 1, shift + 5
        if bits & 0x10:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
    return counts


def decode_mask(segmentation: Any, height: int, width: int) -> BoolMap:
    """Return the mask of an annotation, bool (H, W).

    Parameters
    ----------
    segmentation : mapping or sequence
        ``{"size": [H, W], "counts": list or str}``, columns first, beginning with what is outside; or polygons, each a list
        x, y, x, y, ... in pixels. Polygons are filled as Pillow does, which differs from pycocotools by pixels of the outline.

    Raises
    ------
    ValueError
        If it is neither, or of another size.
    """
    if isinstance(segmentation, Mapping):
        if list(segmentation["size"]) != [height, width]:
            raise ValueError(f"a mask of size {list(segmentation['size'])} in a picture of {[height, width]}")
        counts = segmentation["counts"]
        runs = decode_counts(counts) if isinstance(counts, str) else [int(count) for count in counts]
        if height < 0 or width < 0 or min(runs, default=0) < 0 or sum(runs) != height * width:
            raise ValueError(f"run lengths add up to {sum(runs)}, not {height * width}")
        inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        return inside.reshape(width, height).T
    if not isinstance(segmentation, Sequence) or isinstance(segmentation, str):
        raise ValueError("a segmentation is run lengths or polygons")
    picture = Image.new("1", (width, height))
    for polygon in segmentation:
        points = [float(value) for value in polygon]
        if len(points) < 6 or len(points) % 2:
            raise ValueError(f"a polygon of {len(points)} numbers; x, y of three corners at least")
        ImageDraw.Draw(picture).polygon(points, fill=1)
    return np.asarray(picture)


class CocoMasks:
    """Masks of many pictures in one file.

    Parameters
    ----------
    path : Path
        JSON with ``images`` (id, file_name, height, width) and ``annotations`` (image_id, segmentation). Pictures are found by their
        ``file_name``, or by the end of it that is given.

    Raises
    ------
    DepthbenchError
        If the file cannot be read, or lacks one of these.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        content = read_json(path)
        try:
            self._images = {str(image["file_name"]): dict(image) for image in content["images"]}
            self._annotations: dict[str, list[Any]] = {}
            for annotation in content["annotations"]:
                self._annotations.setdefault(str(annotation["image_id"]), []).append(annotation["segmentation"])
        except (KeyError, TypeError, ValueError) as error:
            raise DepthbenchError(
                f"{path}: not masks in COCO's form (images with id, file_name, height, width; annotations with image_id, segmentation): "
                f"lacks {error}"
            ) from error

    def id_map(self, image: str) -> npt.NDArray[np.int32] | None:
        """Return the instances of a picture, int32 (H, W), numbered from 1 in the order of the file; small ones lie over large ones.

        None where the file does not name the picture.

        Raises
        ------
        DepthbenchError
            If a mask is damaged, or of another size than its picture.
        """
        named = [name for name in self._images if name == image or image.endswith(f"/{name}")]
        if not named:
            return None
        told = self._images[named[0]]
        try:
            height, width = int(told["height"]), int(told["width"])
            check_pixels(width, height, f"{self.path}, {named[0]}")
            masks = [decode_mask(each, height, width) for each in self._annotations.get(str(told["id"]), [])]
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise DepthbenchError(f"{self.path}: the masks of {named[0]} cannot be read ({error})") from error
        ids = np.zeros((height, width), dtype=np.int32)
        for number in sorted(range(len(masks)), key=lambda k: -np.count_nonzero(masks[k])):
            ids[masks[number]] = number + 1
        return ids
