# SPDX-License-Identifier: Apache-2.0
"""Small focal stacks of steps in depth, blurred layer by layer, and sets of them on disk in their true layouts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage
from scipy.io import savemat

from depthbench.benchmarks.sets.ddff12 import DISPARITY_PX_M
from depthbench.formats.image import write_png
from depthbench.formats.pfm import write_pfm
from depthbench.tasks import FocusSample

SIZE = (48, 64)
FOCUS_M = (0.8, 1.0, 1.3, 1.9, 3.5)
SIGMA_PX_PER_DIOPTRE = 6.0


def steps(size: tuple[int, int] = SIZE, depths_m: Sequence[float] = (1.0, 1.5, 2.5)) -> npt.NDArray[np.float32]:
    """Upright stripes of different depths, near ones on the left."""
    place = np.arange(size[1]) * len(depths_m) // size[1]
    return np.broadcast_to(np.array(depths_m, np.float32)[place], size).copy()


def texture(size: tuple[int, int] = SIZE, seed: int = 0) -> npt.NDArray[np.float64]:
    """Coloured noise with detail at several scales, 0 to 255."""
    rng = np.random.default_rng(seed)
    made = sum(ndimage.gaussian_filter(rng.normal(0, 1, (*size, 3)), (s, s, 0)) * s for s in (0.5, 1.0, 2.0))
    return np.asarray(np.clip(127 + 60 * made / np.std(made), 0, 255))


def stack_of(
    depth_m: npt.NDArray[np.float32],
    focus_m: Sequence[float] = FOCUS_M,
    seed: int = 0,
    sigma: float = SIGMA_PX_PER_DIOPTRE,
) -> npt.NDArray[np.uint8]:
    """Blur each depth of a map by a Gaussian that grows with the distance in dioptres, one picture per focus distance."""
    sharp = texture(depth_m.shape, seed)  # type: ignore[arg-type]
    pictures = []
    for focus in focus_m:
        picture = np.zeros_like(sharp)
        for depth in np.unique(depth_m):
            width = sigma * abs(1 / depth - 1 / focus)
            blurred = ndimage.gaussian_filter(sharp, (width, width, 0)) if width > 0.05 else sharp
            picture[depth_m == depth] = blurred[depth_m == depth]
        pictures.append(np.rint(picture))
    return np.stack(pictures).astype(np.uint8)


def sample(depth_m: npt.NDArray[np.float32] | None = None, focus_m: Sequence[float] = FOCUS_M) -> FocusSample:
    depth_m = steps() if depth_m is None else depth_m
    return FocusSample("steps", stack_of(depth_m, focus_m), np.array(focus_m))


def folder(
    root: Path,
    names: Sequence[str] = ("a", "b"),
    focus_m: Sequence[float] = FOCUS_M,
    depth: bool = True,
    unit_m: float = 1,
) -> Path:
    """Plain folders of pictures with ``focus_distance.txt``."""
    for number, name in enumerate(names):
        depth_m = steps() * np.float32(1 + 0.1 * number)
        for index, picture in enumerate(stack_of(depth_m, focus_m, number)):
            write_png(root / name / f"{index:02d}.png", picture)
        (root / name / "focus_distance.txt").write_text("\n".join(f"{focus / unit_m:.6g}" for focus in focus_m))
        if depth:
            write_pfm(root / name / "depth.pfm", depth_m)
    return root


def ddff12(root: Path, repacked: bool = False) -> Path:
    """Two validation samples, near ones first; float pictures where DFV's scripts packed them."""
    disparities = np.linspace(DISPARITY_PX_M / 0.5, DISPARITY_PX_M / 7, 10)
    depth_m = steps(depths_m=(0.55, 0.9, 3.0))
    stacks = np.stack([stack_of(depth_m, list(DISPARITY_PX_M / disparities), seed, sigma=12.0) for seed in range(2)])
    disp_px = np.stack([DISPARITY_PX_M / depth_m] * 2)
    disp_px[:, :4, :4] = 0
    root.mkdir(parents=True)
    with h5py.File(root / ("my_ddff_trainVal.h5" if repacked else "ddff-dataset-trainval.h5"), "w") as file:
        file["stack_val"] = stacks.astype(np.float32) if repacked else stacks
        file["disp_val"] = disp_px.astype(np.float32)
        if repacked:
            file["AiF_val"] = stacks[:, 5].astype(np.float32)
    return root


def lightfield_4d(root: Path) -> Path:
    """Two scenes of signed disparity; blur grows with its difference from the plane's."""
    focus_px = np.linspace(-2.5, 2.5, 10)
    disp_px = steps(depths_m=(2.0, 0.2, -1.7))
    near_first = [1 / (10 + focus) for focus in focus_px]
    stacks = np.stack([stack_of(1 / (10 + disp_px), near_first, seed, sigma=1.2) for seed in range(2)])
    root.mkdir(parents=True)
    with h5py.File(root / "HCI_FS_trainval.h5", "w") as file:
        file["stack_val"], file["disp_val"] = stacks, np.stack([disp_px] * 2)
        file["AiF_val"] = stacks[:, 5]
        file["name_val"] = np.array([b"boxes", b"dino"])
        file["focus_position_disp"] = focus_px[None]
    return root


def fod500(root: Path) -> Path:
    """Samples 399 to 401; depth as half floats in an RGB EXR."""
    import OpenEXR

    depth_m = steps(depths_m=(0.2, 0.5, 1.2))
    root.mkdir(parents=True)
    for number in (399, 400, 401):
        for index, picture in enumerate(stack_of(depth_m, (0.1, 0.15, 0.3, 0.7, 1.5), number)):
            Image.fromarray(picture).save(root / f"{number:06d}_{index + 1:02d}All.tif")
        channels = {name: depth_m.astype(np.float16) for name in "RGB"}
        header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
        OpenEXR.File(header, channels).write(str(root / f"{number:06d}Dpt.exr"))
    return root


def mobile_depth(root: Path, rearranged: bool) -> Path:
    """Two scenes, far pictures first, distances in inches; those of ``metals`` run the wrong way."""
    pictures = stack_of(steps())[::-1]
    for scene, archived in (("keyboard", "keyboard"), ("metals", "metal")):
        inches = [focus / 0.0254 for focus in FOCUS_M[::-1]]
        if scene == "metals":
            inches = inches[::-1]
        place = root / scene if rearranged else root / "Aligned" / scene
        for index, picture in enumerate(pictures):
            # a PNG under this name, so that nothing is lost: readers go by what is in a file
            write_png(place / (f"a{index}.jpg" if rearranged else f"a{index:02d}.jpg"), picture)
        if rearranged:
            (place / "focus_dpth.txt").write_text("\n".join(f"{value:.6f}" for value in inches))
        else:
            listed = root / "depth_from_focus_data2" / "calibration" / archived / "calibrated.txt"
            listed.parent.mkdir(parents=True)
            listed.write_text("\n".join(f"{value:.6f} 0.1 0.2" for value in [*inches, 99]))
    return root


def zedd(root: Path) -> Path:
    """One scene at two apertures."""
    place, depth_m = root / "room", steps()
    for run, picture in enumerate(stack_of(depth_m)):
        write_png(place / f"img_run_{run}_motor_0x{16 * run:02x}_aperture_F1.4.jpg", picture)
        write_png(place / f"img_run_{run}_motor_0x{16 * run:02x}_aperture_F16.jpg", texture().astype(np.uint8))
    lines = [f"{run}, 0x{16 * run:02x}, {focus}" for run, focus in enumerate(FOCUS_M)]
    (place / "metadata.txt").write_text("\n".join(["run, motor, focus_m", *lines]) + "\n")
    (place / "K.txt").write_text("70 0 31.5\n0 70 23.5\n0 0 1\n")
    (place / "gt").mkdir()
    np.save(place / "gt" / "depth.npy", depth_m)
    return root


def arkit(root: Path, highres: bool = True) -> Path:
    """One video with two frames, four times the samples' size in the upsampling part."""
    pictures, depths, factor = ("wide", "highres_depth", 4) if highres else ("lowres_wide", "lowres_depth", 1)
    for frame in range(2):
        video, name = root / "Validation" / "41069021", f"41069021_{frame}.123"
        depth_m = steps((48, 64), (0.6, 1.0, 2.0)).repeat(factor, 0).repeat(factor, 1)
        image = texture((48, 64), frame).astype(np.uint8).repeat(factor, 0).repeat(factor, 1)
        write_png(video / pictures / f"{name}.png", image)
        write_png(video / depths / f"{name}.png", np.rint(1000 * depth_m).astype(np.uint16))
        pincam = video / f"{pictures}_intrinsics" / f"{name}.pincam"
        pincam.parent.mkdir(exist_ok=True)
        pincam.write_text(" ".join(str(factor * value) for value in (64, 48, 53.0, 53.0, 32.0, 24.0)))
    return root


def nyu_frames(count: int, size: tuple[int, int] = SIZE) -> list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]]:
    """Pictures with depth, holes (0) at the left border."""
    frames = []
    for number in range(count):
        depth_m = steps(size, (1.0, 1.5, 2.5)) * np.float32(1 + 0.1 * number)
        depth_m[:, :4] = 0
        frames.append((texture(size, number).astype(np.uint8), depth_m))
    return frames


def nyu_labelled(root: Path, size: tuple[int, int] = SIZE) -> Path:
    """The labelled file in MATLAB's order of axes, three frames, of which the second is for training."""
    frames = nyu_frames(3, size)
    root.mkdir(parents=True, exist_ok=True)
    raw = np.stack([depth_m.T for _, depth_m in frames])
    with h5py.File(root / "nyu_depth_v2_labeled.mat", "w") as file:
        file["images"] = np.stack([image.transpose(2, 1, 0) for image, _ in frames])
        file["rawDepths"], file["depths"] = raw, np.where(raw > 0, raw, 1).astype(np.float32)
    savemat(root / "splits.mat", {"trainNdxs": [[2]], "testNdxs": [[1], [3]]})
    return root


def nyu_folders(root: Path) -> Path:
    """Two test frames as BTS extracts them."""
    for number, (image, depth_m) in enumerate(nyu_frames(2)):
        place = root / "official_splits" / "test" / f"bathroom_{number}"
        write_png(place / f"rgb_{45 + number:05d}.png", image)
        write_png(place / f"sync_depth_{45 + number:05d}.png", np.rint(1000 * depth_m).astype(np.uint16))
    return root
