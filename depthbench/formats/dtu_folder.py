# SPDX-License-Identifier: Apache-2.0
"""DTU as multi-view stereo downloads it: where pictures, cameras, depth maps and masks of a scan lie, and what size they have.

===========  =====================================================================  =============================  ===============
layout       pictures                                                               cameras                        depth and mask
===========  =====================================================================  =============================  ===============
``train``    ``Rectified/scan{N}_train/rect_{view+1:03d}_{light}_r5000.png``        ``Cameras/train``, of a        ``Depths/scan{N}_train``, 160 x 128
             640 x 512                                                              quarter of the picture
``cascade``  the same                                                               the same                       ``Depths_raw/scan{N}``, halved and cropped to 640 x 512
``raw``      ``Rectified/scan{N}/rect_{view+1:03d}_{light}_r5000.png`` 1600 x 1200  ``Cameras``                    ``Depths_raw/scan{N}``, 1600 x 1200
``test``     ``scan{N}/images/{view:08d}.jpg`` (or png) 1600 x 1200                 ``scan{N}/cams``               none
===========  =====================================================================  =============================  ===============

Views count from 0, but from 1 in the names of ``Rectified``. Cameras, pairs and masks do not depend on light; in all but ``test`` cameras and pairs are
those of every scan. A set may have a quarter or half of DTU's pixels per side (``generate dtu-twin`` makes such): the
first picture tells, all others must have the same size. Unit: mm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from depthbench.crop_and_scale import scaled
from depthbench.errors import DepthbenchError
from depthbench.formats.grey_png import read_grey
from depthbench.formats.image import read_rgb
from depthbench.formats.mvs_pairs import Pairs, read_pairs
from depthbench.formats.mvsnet_cam import Dialect, MvsCamera, read_mvsnet_camera
from depthbench.formats.pfm import read_pfm

Layout = Literal["train", "cascade", "raw", "test"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
Size = tuple[int, int]
DepthMap = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

INTERVAL_SCALE = 1.06
PLANES = 192
TEST_LIGHT = 3
"""With all lights on; the one of ``test``."""


@dataclass(frozen=True)
class _Form:
    """Patterns of a layout, and how large things are beside the picture."""

    pictures: str
    cameras: str
    pairs: str
    depths: str = ""
    masks: str = ""
    size: Size = (1600, 1200)
    camera_scale: float = 1.0
    mask_above: int = 10
    stored_depth: tuple[float, float] = (1.0, 1.0)


_TRAIN_PICTURES = "Rectified/scan{scan}_train/rect_{number:03d}_{light}_r5000.png"
_RAW_DEPTHS = "Depths_raw/scan{scan}/depth_map_{view:04d}.pfm", "Depths_raw/scan{scan}/depth_visual_{view:04d}.png"
_FORMS: dict[Layout, _Form] = {
    "train": _Form(
        _TRAIN_PICTURES,
        "Cameras/train/{view:08d}_cam.txt",
        "Cameras/pair.txt",
        "Depths/scan{scan}_train/depth_map_{view:04d}.pfm",
        "Depths/scan{scan}_train/depth_visual_{view:04d}.png",
        size=(640, 512),
        camera_scale=0.25,
        mask_above=127,
        stored_depth=(0.25, 0.25),
    ),
    "cascade": _Form(
        _TRAIN_PICTURES,
        "Cameras/train/{view:08d}_cam.txt",
        "Cameras/pair.txt",
        *_RAW_DEPTHS,
        size=(640, 512),
        camera_scale=0.25,
        stored_depth=(2.5, 2.34375),
    ),
    "raw": _Form(
        "Rectified/scan{scan}/rect_{number:03d}_{light}_r5000.png",
        "Cameras/{view:08d}_cam.txt",
        "Cameras/pair.txt",
        *_RAW_DEPTHS,
    ),
    "test": _Form("scan{scan}/images/{view:08d}.jpg", "scan{scan}/cams/{view:08d}_cam.txt", "scan{scan}/pair.txt"),
}


@dataclass(frozen=True)
class DtuFolder:
    """A folder in one of DTU's layouts; nothing is read before it is asked for. Every method raises DepthbenchError naming the file at fault.

    Attributes
    ----------
    root : path
        Holds ``Cameras``, ``Rectified``, ``Depths``, ``Depths_raw``; of ``test``: ``scan1``, ``scan4``, ...
    layout : str
        One of :data:`LAYOUTS`.
    dialect : str or None
        Of the cameras, see :func:`.mvsnet_cam.read_mvsnet_camera`.
    interval_scale, planes : float, int
        Where a camera file gives no number of planes (DTU: ``425 2.5``), the range is that of published programs: ``planes`` planes, the
        interval times ``interval_scale``, that is 425 to 931.15 in steps of 2.65 mm. What a file says in full stands.
    """

    root: Path
    layout: Layout = "train"
    dialect: Dialect | None = None
    interval_scale: float = INTERVAL_SCALE
    planes: int = PLANES

    @property
    def has_depth(self) -> bool:
        """Whether the layout has depth maps and masks."""
        return bool(_FORMS[self.layout].depths)

    def scans(self) -> list[int]:
        """Return the scans that have pictures, by number."""
        if not self.root.is_dir():
            raise DepthbenchError(f"{self.root}: no such folder; name the one that holds DTU")
        name = _FORMS[self.layout].pictures.rpartition("/")[0]
        before, after = name.split("{scan}")
        found = []
        for folder in self.root.glob(f"{before}*{after}"):
            number = folder.relative_to(self.root).as_posix()[len(before) :].removesuffix(after)
            if folder.is_dir() and number.isdecimal():
                found.append(int(number))
        if not found:
            raise DepthbenchError(
                f"{self.root}: no {before}1{after} nor another scan in it, so it has not the layout '{self.layout}' of DTU ({', '.join(LAYOUTS)})"
            )
        return sorted(found)

    def views(self, scan: int) -> list[int]:
        """Return the views that have a camera."""
        folder = self.camera_path(scan, 0).parent
        found = sorted(int(path.name[:8]) for path in folder.glob("*_cam.txt") if path.name[:8].isdecimal())
        if not found:
            raise DepthbenchError(f"{folder}: no cameras in it (00000000_cam.txt and so on)")
        return found

    def lights(self, scan: int) -> list[int]:
        """Return the light settings in which the first view was taken; of ``test``: the one it has."""
        if self.layout == "test":
            return [TEST_LIGHT]
        path = self.image_path(scan, self.views(scan)[0], 0)
        before, after = path.name.split("_0_r")
        names = (found.name for found in path.parent.glob(f"{before}_*_r{after}"))
        numbers = [name.removeprefix(f"{before}_").removesuffix(f"_r{after}") for name in names]
        found_lights = sorted(int(number) for number in numbers if number.isdecimal())
        if not found_lights:
            raise DepthbenchError(f"{path.parent}: no picture of the first view in it ({path.name})")
        return found_lights

    def pairs(self, scan: int) -> Pairs:
        """Return each reference with its sources, best first; all of them have a camera. Some may have few or none."""
        return read_pairs(self._path(_FORMS[self.layout].pairs, scan), self.views(scan))

    def image_path(self, scan: int, view: int, light: int = TEST_LIGHT) -> Path:
        """Return where a picture lies."""
        path = self._path(_FORMS[self.layout].pictures, scan, view, light)
        if self.layout == "test" and not path.exists() and path.with_suffix(".png").exists():
            return path.with_suffix(".png")
        return path

    def camera_path(self, scan: int, view: int) -> Path:
        """Return where a camera lies."""
        return self._path(_FORMS[self.layout].cameras, scan, view)

    def depth_path(self, scan: int, view: int) -> Path:
        """Return where a depth map lies."""
        return self._path(self._with_depth().depths, scan, view)

    def mask_path(self, scan: int, view: int) -> Path:
        """Return where the mask of a depth map lies."""
        return self._path(self._with_depth().masks, scan, view)

    def image_size(self, scan: int) -> Size:
        """Return width and height of a scan's pictures, by the header of its first one, in the first light that there is."""
        view = self.views(scan)[0]
        light = self.lights(scan)[0]
        path = self.image_path(scan, view, light)
        try:
            with Image.open(path) as picture:
                width, height = picture.size
        except FileNotFoundError as error:
            raise DepthbenchError(f"{path}: no such file") from error
        except (UnidentifiedImageError, OSError) as error:
            raise DepthbenchError(f"{path}: not a readable image ({error})") from error
        full = _FORMS[self.layout].size
        if self.layout != "test" and (width * full[1] != height * full[0] or width * 4 % full[0]):
            raise DepthbenchError(
                f"{path}: {width} x {height} pixels where the layout '{self.layout}' has {full[0]} x {full[1]} (or a quarter, a half, three quarters of that)"
            )
        return width, height

    def depth_size(self, scan: int) -> Size:
        """Return width and height of the depth maps that :meth:`depth` gives."""
        width, height = self.image_size(scan)
        return (width // 4, height // 4) if self._with_depth().stored_depth == (0.25, 0.25) else (width, height)

    def image(self, scan: int, view: int, light: int = TEST_LIGHT) -> npt.NDArray[np.uint8]:
        """Return a picture, uint8 (H, W, 3)."""
        path, size = self.image_path(scan, view, light), self.image_size(scan)
        rgb = read_rgb(path)
        _check_size(path, (rgb.shape[1], rgb.shape[0]), size, "the scan's first picture")
        return rgb

    def camera(self, scan: int, view: int) -> MvsCamera:
        """Return the camera of the picture: that of the file, in ``train`` and ``cascade`` its K times 4 (plain factor, x = 4 x')."""
        return self._camera(scan, view, 1.0)

    def depth_camera(self, scan: int, view: int) -> MvsCamera:
        """Return the camera of the depth map that :meth:`depth` gives."""
        return self._camera(scan, view, self.depth_size(scan)[0] / self.image_size(scan)[0])

    def depth(self, scan: int, view: int) -> DepthMap:
        """Return planar depth in mm, float32 (h, w), NaN where it is unknown or masked out."""
        form, path, mask_path = self._with_depth(), self.depth_path(scan, view), self.mask_path(scan, view)
        depth, grey = read_pfm(path), read_grey(mask_path, 8)
        if depth.ndim != 2:
            raise DepthbenchError(f"{path}: a PFM of three channels where depth has one")
        width, height = self.image_size(scan)
        wanted = round(width * form.stored_depth[0]), round(height * form.stored_depth[1])
        _check_size(path, (depth.shape[1], depth.shape[0]), wanted, "the layout")
        _check_size(mask_path, (grey.shape[1], grey.shape[0]), wanted, "the layout")
        with np.errstate(invalid="ignore"):
            known = (grey > form.mask_above) & np.isfinite(depth) & (depth > 0)
        depth = np.where(known, depth, np.float32(np.nan))
        return halved_and_cropped(depth) if self.layout == "cascade" else depth

    def mask(self, scan: int, view: int) -> Mask:
        """Return where depth is known, bool (h, w): above 0 and in the mask."""
        return np.isfinite(self.depth(scan, view))

    def _camera(self, scan: int, view: int, scale: float) -> MvsCamera:
        path, form = self.camera_path(scan, view), _FORMS[self.layout]
        camera = read_mvsnet_camera(path, self.dialect, self.planes)
        width, height = (side * form.camera_scale for side in self.image_size(scan))
        across, down = camera.intrinsics[0, 2] / width, camera.intrinsics[1, 2] / height
        if not (0.25 < across < 0.75 and 0.25 < down < 0.75):
            raise DepthbenchError(
                f"{path}: the principal point {camera.intrinsics[0, 2]:g} {camera.intrinsics[1, 2]:g} is not near the middle of {width:g} x {height:g}: "
                f"a camera of pictures of another size? (layout '{self.layout}': of {'a quarter of ' if form.camera_scale < 1 else ''}the picture)"
            )
        if camera.planes is None and self.dialect != "patchmatchnet":
            interval = camera.depth_interval * self.interval_scale
            camera = replace(
                camera,
                depth_interval=interval,
                depth_max=camera.depth_min + interval * (self.planes - 1),
                planes=self.planes,
            )
        return replace(camera, intrinsics=scaled(camera.intrinsics, scale / form.camera_scale))

    def _with_depth(self) -> _Form:
        if not self.has_depth:
            raise DepthbenchError(f"{self.root}: the layout '{self.layout}' of DTU has no depth maps")
        return _FORMS[self.layout]

    def _path(self, pattern: str, scan: int, view: int = 0, light: int = 0) -> Path:
        return self.root / pattern.format(scan=scan, view=view, number=view + 1, light=light)


def halved_and_cropped(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return every second pixel of each second row, of that the part that the training pictures show: 1600 x 1200 gives 640 x 512."""
    height, width = values.shape[0] * 32 // 75, values.shape[1] * 2 // 5
    half = values[::2, ::2]
    top, left = (half.shape[0] - height) // 2, (half.shape[1] - width) // 2
    return np.ascontiguousarray(half[top : top + height, left : left + width])


def _check_size(path: Path, size: Size, wanted: Size, whose: str) -> None:
    if size != wanted:
        raise DepthbenchError(f"{path}: {size[0]} x {size[1]} pixels where {wanted[0]} x {wanted[1]} belong by {whose}")
