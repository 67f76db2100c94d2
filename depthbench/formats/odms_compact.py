# SPDX-License-Identifier: Apache-2.0
"""One NPZ file per ODMS set: crops of masks as packed bits. The same content as the folders in a fiftieth of the files' size.

===============  ============================================================================================
``example``      names of the clips
``start``        (E + 1,) first frame of each
``file_number``  (F,) the PNG's name as a number: depth in micrometres, or a frame's number
``shape``        (F, 2) height, width
``bbox``         (F, 4) y0, y1, x0, x1 of the part that is not 0; all 0 where the mask is empty
``bits``         ``np.packbits`` of each crop, one after the other; ``bit_offset`` (F + 1,) where each begins
``camera_move``  (F,) metres, and ``depth`` (F,) metres: only of sets whose folders have an ``info.txt``, order of time
===============  ============================================================================================
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.limits import MOST_ARRAY_BYTES, MOST_PIXELS
from depthbench.formats.odms_folder import Clip, Mask

_KEYS = ("example", "start", "file_number", "shape", "bbox", "bits", "bit_offset")
_TOLD = ("camera_move", "depth")
Arrays = Mapping[str, npt.NDArray[Any]]


def _unpack(arrays: Arrays, frame: int) -> Mask:
    y0, y1, x0, x1 = (int(end) for end in arrays["bbox"][frame])
    mask = np.zeros(tuple(arrays["shape"][frame]), dtype=np.bool_)
    packed = arrays["bits"][arrays["bit_offset"][frame] : arrays["bit_offset"][frame + 1]]
    crop = np.unpackbits(packed, count=(y1 - y0) * (x1 - x0))
    mask[y0:y1, x0:x1] = crop.reshape(y1 - y0, x1 - x0)
    return mask


def read_compact(path: Path) -> list[Clip]:
    """Read all clips of a set.

    Raises
    ------
    DepthbenchError
        If the file is absent, damaged, or lacks an array; the message names it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_ARRAY_BYTES:
                raise ValueError(f"it unpacks to more than {MOST_ARRAY_BYTES} bytes")
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except Exception as error:  # a damaged archive can raise anything
        raise DepthbenchError(f"{path}: not a readable NPZ file ({error})") from error
    lacking = [key for key in _KEYS if key not in arrays]
    if lacking:
        raise DepthbenchError(f"{path}: has no array '{lacking[0]}'")
    timed = all(key in arrays for key in _TOLD)
    if not _agree(arrays, (*_KEYS, *(_TOLD if timed else ()))):
        raise DepthbenchError(f"{path}: its arrays contradict each other; fetch or write it again")
    clips = []
    for name, first, end in zip(arrays["example"], arrays["start"][:-1], arrays["start"][1:], strict=True):
        frames = range(int(first), int(end))
        if timed:
            frames = frames[::-1]
        index = np.array(frames)
        depths = arrays["depth"][index] if timed else arrays["file_number"][index] / 1e6
        behind = arrays["camera_move"][index] if timed else depths
        clips.append(Clip(str(name), behind, depths, _Frames(arrays, frames), (path,)))
    return clips


def _agree(arrays: Arrays, keys: Sequence[str]) -> bool:
    """Whether the arrays are of the types and sizes that they must have, and boxes lie in their masks."""
    frames = arrays["file_number"].size
    shapes = dict.fromkeys(keys, (frames,)) | {"shape": (frames, 2), "bbox": (frames, 4), "bit_offset": (frames + 1,)}
    shapes |= {
        "example": (arrays["example"].size,),
        "start": (arrays["example"].size + 1,),
        "bits": (arrays["bits"].size,),
    }
    kinds = {"example": "US"} | dict.fromkeys(_TOLD, "f")
    for key in keys:
        if arrays[key].shape != shapes[key] or arrays[key].dtype.kind not in kinds.get(key, "iu"):
            return False
    box, ends = arrays["bbox"].astype(np.int64), arrays["shape"].astype(np.int64)
    sides = box[:, 1::2] - box[:, ::2]
    start, offset = arrays["start"].astype(np.int64), arrays["bit_offset"].astype(np.int64)
    return bool(
        arrays["bits"].dtype == np.uint8
        and (box >= 0).all()
        and (box[:, 1::2] <= ends).all()
        and (sides >= 0).all()
        and (ends.prod(axis=1) <= MOST_PIXELS).all()
        and (ends <= MOST_PIXELS).all()
        and (np.diff(offset) == (sides.prod(axis=1) + 7) // 8).all()
        and (offset[0], offset[-1]) == (0, arrays["bits"].size)
        and (np.diff(start) >= 0).all()
        and (start[0], start[-1]) == (0, frames)
    )


class _Frames:
    """Frame of a clip -> mask."""

    def __init__(self, arrays: Arrays, frames: Sequence[int]) -> None:
        self._arrays, self._frames = arrays, frames

    def __call__(self, index: int) -> Mask:
        return _unpack(self._arrays, self._frames[index])


def write_compact(path: Path, clips: Sequence[Clip], timed: bool = False) -> None:
    """Write clips that :func:`.odms_folder.read_clip` read; ``timed`` where they have an ``info.txt``."""
    boxes, crops, shapes, numbers = [], [], [], []
    for clip in clips:
        order = range(len(clip))[::-1] if timed else range(len(clip))
        for number, index in enumerate(order):
            mask = clip.read(index)
            rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
            box = (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1) if len(rows) else (0, 0, 0, 0)
            boxes.append(box)
            crops.append(np.packbits(mask[box[0] : box[1], box[2] : box[3]]))
            shapes.append(mask.shape)
            numbers.append(number if timed else round(clip.depth_m[index] * 1e6))
    arrays: dict[str, npt.NDArray[Any]] = {
        "example": np.array([clip.name for clip in clips]),
        "start": np.cumsum([0, *map(len, clips)]),
        "file_number": np.array(numbers, dtype=np.int64),
        "shape": np.array(shapes, dtype=np.int16),
        "bbox": np.array(boxes, dtype=np.int16),
        "bits": np.concatenate(crops),
        "bit_offset": np.cumsum([0, *map(len, crops)]),
    }
    if timed:
        arrays["camera_move"] = np.concatenate([clip.behind_m[::-1] for clip in clips])
        arrays["depth"] = np.concatenate([clip.depth_m[::-1] for clip in clips])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(path, buffer.getvalue())
