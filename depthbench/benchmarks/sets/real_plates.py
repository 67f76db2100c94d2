# SPDX-License-Identifier: Apache-2.0
"""Real table tops behind acrylic plates (the bilayer benchmark of the DepthFocus paper), brought into a layout of our own.

::

    <root>/scene1 ... scene5/config01 ... config12/
        calib.txt                  as Middlebury's: cam0, width, height, baseline (mm), doffs; ndisp may be there
        disp_transmitted.pfm       left eye, pixels: the scene without the plate; +inf or NaN = unknown
        nocc_transmitted.png       may be there: 255 = the right eye sees the point, 0 = it does not
        none/left.png, right.png   no plate
        t80/left.png, right.png    through the plate of 80 % transmissivity, and one of
            disp_plate.pfm         left eye, pixels: the plate where it covers, +inf or NaN elsewhere
            mask_plate.png         255 = the plate covers, 0 = it does not: where its disparity is unknown
        t60/                       the same for 60 %
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.sets.stereo_set import StereoTruth, bare_pair, check_same_size, known_only
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.calib import read_calib
from depthbench.formats.grey_png import read_grey
from depthbench.formats.pfm import read_pfm
from depthbench.generators.plates import CONDITIONS, CONFIGURATIONS, THEMES
from depthbench.layers import Layers, SurfaceClass, Visibility
from depthbench.tasks import StereoSample, Task

SCENES = tuple(f"scene{number}" for number in range(1, len(THEMES) + 1))
CONFIGS = tuple(f"config{number:02d}" for number in range(1, CONFIGURATIONS + 1))
IMAGES = ("left.png", "right.png")
SHARED = ("calib.txt", "disp_transmitted.pfm")
NOCC = "nocc_transmitted.png"
PLATE = ("disp_plate.pfm", "mask_plate.png")


def missing_files(root: Path) -> list[Path]:
    """List what the layout lacks, in order, of every scene and configuration.

    Where a whole folder is absent, it alone is named. Of the two files that tell the plate, the first one is.

    Raises
    ------
    DepthbenchError
        For a folder that the layout does not know, or where both files tell the plate: nothing is guessed.
    """
    lacking: list[Path] = []

    def inside(folder: Path, known: tuple[str, ...]) -> list[Path]:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.name.startswith(".") and path.name not in known:
                raise unknown_name(f"folder in {folder}", path.name, known)
        lacking.extend(folder / name for name in known if not (folder / name).is_dir())
        return [folder / name for name in known if (folder / name).is_dir()]

    for scene in inside(root, SCENES):
        for config in inside(scene, CONFIGS):
            lacking += [config / name for name in SHARED if not (config / name).is_file()]
            for condition in inside(config, tuple(CONDITIONS)):
                lacking += [condition / name for name in IMAGES if not (condition / name).is_file()]
                told = [name for name in PLATE if (condition / name).is_file()]
                if len(told) == 2:
                    raise DepthbenchError(f"{condition}: has both {PLATE[0]} and {PLATE[1]}; remove one of them")
                if told and CONDITIONS[condition.name] is None:
                    raise DepthbenchError(
                        f"{condition / told[0]}: there is no plate in this condition; remove the file"
                    )
                if not told and CONDITIONS[condition.name] is not None:
                    lacking.append(condition / PLATE[0])
    return lacking


class RealPlates:
    """5 scenes x 12 configurations x 3 conditions, see the module; a sample's group is its condition.

    Parameters
    ----------
    root : Path
        Holds ``scene1`` and so on. Configurations whose folder is absent are noted; where a file is absent, the sample fails.

    Raises
    ------
    DepthbenchError
        If there is none of it, or something whose meaning is not certain.
    """

    source = (
        "Get the real bilayer pairs of the DepthFocus paper from its authors (huggingface.co/datasets/minimok/depthfocus; its "
        "layout is not known here), unpack them and bring them into the layout of "
        "docs/plates.md: <root>/scene1/config01/ with calib.txt, disp_transmitted.pfm, and none/, t80/, t60/ with left.png and "
        "right.png. Without them: `depthbench generate plates --out data/plates` renders a twin, the set sim-plates."
    )
    task: Task = "stereo"
    name = "real-plates"
    label = ""
    default_protocol = "plates"

    def __init__(self, root: Path) -> None:
        self.root = root
        if not any((root / scene).is_dir() for scene in SCENES):
            raise DepthbenchError(f"{root}: no {SCENES[0]} to {SCENES[-1]} in it. {self.source}")
        self.notes = self.examine(root)

    @staticmethod
    def examine(root: Path) -> list[str]:
        """Say in a sentence or two what a folder lacks; an empty list where it is whole.

        Raises
        ------
        DepthbenchError
            See :func:`missing_files`.
        """
        lacking = missing_files(root)
        folders = [path for path in lacking if not path.suffix]
        files = [path for path in lacking if path.suffix]
        notes = []
        for what, paths in (("folders", folders), ("files", files)):
            if paths:
                names = ", ".join(str(path.relative_to(root)) for path in paths[:3])
                more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
                notes.append(f"{what} of the layout are missing: {names}{more}")
        return notes

    def ids(self) -> list[str]:
        """Return ``scene1/config01/none`` and so on: the conditions of every configuration whose folder is there."""
        return [
            f"{scene}/{config}/{condition}"
            for scene in SCENES
            for config in CONFIGS
            for condition in CONDITIONS
            if (self.root / scene / config).is_dir()
        ]

    def group(self, sample_id: str) -> str:
        """Return the condition."""
        return sample_id.rpartition("/")[2]

    def pair(self, sample_id: str) -> StereoSample:
        """Return the images with their calibration; ``max_disp_px`` is ndisp where calib.txt has it."""
        folder = self.root / sample_id
        calib = read_calib(folder.parent / "calib.txt")
        left, right = (folder / name for name in IMAGES)
        return bare_pair(sample_id, left, right, rig=calib.rig, max_disp_px=calib.ndisp)

    def truth(self, sample_id: str) -> StereoTruth:
        """Return the transmitted layer, the plate before it where its disparity is known, and the mask ``plate``.

        Without a plate the mask is that of the plate of 80 %: the same pixels, with and without it.
        """
        folder = self.root / sample_id
        path = folder.parent / "disp_transmitted.pfm"
        behind_px = known_only(read_pfm(path))
        nocc = None
        if (folder.parent / NOCC).is_file():
            nocc = _mask(folder.parent / NOCC, behind_px, path)
        through = CONDITIONS[self.group(sample_id)] is not None
        plate_px, covers = _plate(folder if through else folder.parent / "t80", behind_px, path)
        masks = {"plate": covers, "opaque": ~covers} if through else {"plate": covers}
        if not through or plate_px is None:
            return StereoTruth(sample_id, behind_px, nocc=nocc, masks=masks, surface="last")
        layers = _layers(behind_px, plate_px, covers, nocc)
        return StereoTruth(sample_id, layers.first(), layers=layers, masks=masks)

    def files(self, sample_id: str) -> list[Path]:
        """Return the files of a sample, those it shares with its configuration included."""
        folder = self.root / sample_id
        paths = [folder / name for name in IMAGES] + [folder.parent / name for name in SHARED]
        extra = [folder.parent / NOCC, *(folder / name for name in PLATE)]
        return paths + [path for path in extra if path.is_file()]


def _mask(path: Path, behind_px: npt.NDArray[np.float32], behind_path: Path) -> npt.NDArray[np.bool_]:
    """Read a mask of 0 and 255 as large as the truth."""
    values = read_grey(path, 8)
    check_same_size("the mask", values.shape, path, behind_px.shape, behind_path)
    if not np.isin(values, (0, 255)).all():
        raise DepthbenchError(f"{path}: a mask holds 0 and 255 only, this one other values")
    mask: npt.NDArray[np.bool_] = values == np.uint8(255)
    return mask


def _plate(
    folder: Path, behind_px: npt.NDArray[np.float32], behind_path: Path
) -> tuple[npt.NDArray[np.float32] | None, npt.NDArray[np.bool_]]:
    """Return a plate's disparity (None = unknown) and where it covers."""
    disp_path, mask_path = (folder / name for name in PLATE)
    if mask_path.is_file():
        return None, _mask(mask_path, behind_px, behind_path)
    plate_px = known_only(read_pfm(disp_path))
    check_same_size("the plate's disparity", plate_px.shape, disp_path, behind_px.shape, behind_path)
    covers = np.isfinite(plate_px)
    with np.errstate(invalid="ignore"):
        if (covers & (plate_px <= behind_px)).any():
            raise DepthbenchError(
                f"{disp_path}: the plate lies behind what is seen through it; is it the transmitted layer?"
            )
    return plate_px, covers


def _layers(
    behind_px: npt.NDArray[np.float32],
    plate_px: npt.NDArray[np.float32],
    covers: npt.NDArray[np.bool_],
    nocc: npt.NDArray[np.bool_] | None,
) -> Layers:
    """Put the plate before the transmitted layer; (2, H, W). Visibility stays 0 where nobody knows it."""
    nan, opaque = np.float32(np.nan), np.uint8(SurfaceClass.OPAQUE)
    known = np.isfinite(behind_px)
    disp_px = np.stack([np.where(covers, plate_px, behind_px), np.where(covers, behind_px, nan)])
    first = np.where(covers, np.uint8(SurfaceClass.TRANSMISSIVE), np.where(known, opaque, np.uint8(0)))
    surface_class = np.stack([first, np.where(covers & known, opaque, np.uint8(0))])
    seen = np.zeros(behind_px.shape, dtype=np.uint8)
    if nocc is not None:
        seen = np.where(nocc, np.uint8(Visibility.VISIBLE), np.uint8(Visibility.OCCLUDED)) * known
    visibility = np.stack([np.where(covers, np.uint8(0), seen), np.where(covers, seen, np.uint8(0))])
    return Layers(disp_px, surface_class.astype(np.int32), surface_class, visibility)
