# SPDX-License-Identifier: Apache-2.0
"""Focal stacks against independent truth: closed forms, loops, rays through an aperture, the exact pictures of the fixture."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from focal_truth import TracedRoom, published_pixel
from PIL import Image
from scipy import ndimage

from depthbench.errors import DepthbenchError
from depthbench.formats.image import read_rgb
from depthbench.generators.focal import layered, reference
from depthbench.generators.focal.layered import render_layered
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.reference import radius_px, render_reference
from depthbench.generators.focal.spread import MOST_PX, disk, gauss
from depthbench.generators.focal.srgb import decode, encode, encode_8_bit
from depthbench.generators.focal.surfaces import Sheet, fill_holes

LENS = ThinLens(0.05, 8, 12e-6)


@pytest.fixture(params=["plain", "compiled"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with the numpy loops, and again with the compiled ones where numba is installed."""
    if request.param == "compiled":
        pytest.importorskip("numba", reason='numba is not installed: pip install "depthbench[fast]"')
    module = importlib.import_module(f"depthbench.generators.focal.{request.param}")
    for user in (layered, reference):
        monkeypatch.setattr(user, "kernels", lambda: module)
    return str(request.param)


def psnr(one: Any, other: Any, where: Any = None) -> float:
    square = (np.asarray(one, dtype=np.float64) - other) ** 2
    return float(-10 * np.log10((square if where is None else square[where]).mean()))


def flat(depth_m: float, light: Any) -> Sheet:
    return Sheet(np.full(light.shape[:2], 1 / depth_m, dtype=np.float32), light)


def noise(rng: np.random.Generator, height: int = 40, width: int = 52) -> Any:
    return rng.uniform(0, 1, (height, width, 3)).astype(np.float32)


def test_lens_is_the_published_formula_in_another_form() -> None:
    for depth, focus in ((0.8, 2.0), (5.0, 1.1), (np.inf, 3.0)):
        image = focus * LENS.focal_m / (focus - LENS.focal_m)
        published = LENS.focal_m / LENS.f_number * image * abs(1 / LENS.focal_m - 1 / image - 1 / depth)
        assert LENS.diameter_px(depth, focus) == pytest.approx(published / LENS.pitch_m, rel=1e-9)
    assert LENS.px_per_dioptre == pytest.approx(26.04, abs=0.01)
    assert LENS.diameter_px(2.0, np.inf) == pytest.approx(26.04 / 2, abs=0.01)


def test_lens_refuses_what_it_cannot_focus() -> None:
    with pytest.raises(DepthbenchError, match=r"no lens of 50 mm focuses at 0\.05 m"):
        LENS.diameter_per_dioptre(0.05)
    with pytest.raises(DepthbenchError, match="f-number is 0"):
        ThinLens(0.05, 0, 1e-5)


@pytest.mark.parametrize("radius", [0.7, 1.3, 2.0, 5.8])
def test_disk_is_the_area_of_a_disc_in_each_pixel(radius: float) -> None:
    kernel = disk(radius)
    n, fine = len(kernel) // 2, 64
    at = (np.arange((2 * n + 1) * fine) + 0.5) / fine - n - 0.5
    inside = (at[:, None] ** 2 + at[None] ** 2 < radius**2).reshape(2 * n + 1, fine, 2 * n + 1, fine).mean((1, 3))
    np.testing.assert_allclose(kernel, inside / inside.sum(), atol=3e-3)


def test_both_spreads_have_the_same_variance() -> None:
    for make in (disk, gauss):
        kernel = make(9.0)
        at = np.arange(len(kernel)) - len(kernel) // 2
        assert (kernel.sum(0) * at**2).sum() == pytest.approx(9.0**2 / 4, rel=0.03)


@pytest.mark.parametrize("psf", ["disk", "gauss"])
def test_flat_scene_is_a_convolution(kernels: str, psf: str) -> None:
    light = noise(np.random.default_rng(1))
    depth, focus = 2.0, (1.5, 2.0, 4.0)
    stack = render_layered([flat(depth, light)], LENS, focus, psf=psf)
    for picture, metres in zip(stack, focus, strict=True):
        radius = np.round(16 * LENS.diameter_px(depth, metres) / 2) / 16
        kernel = {"disk": disk, "gauss": gauss}[psf](float(radius))
        expected = np.stack(
            [ndimage.convolve(light[..., c].astype(float), kernel, mode="nearest") for c in range(3)], -1
        )
        np.testing.assert_allclose(picture, expected, atol=2e-5)
    np.testing.assert_allclose(stack[1], light, atol=2e-6)  # what is in focus is the picture itself


def test_blurred_edge_lets_through_what_the_aperture_sees_past_it(kernels: str) -> None:
    """A near black half-plane over a far white one, focused far: the far side shows the share of a disc beyond a chord."""
    light = np.ones((9, 60, 3), dtype=np.float32)
    light[:, :30] = 0
    dioptre = np.full((9, 60), 1 / 4, dtype=np.float32)
    dioptre[:, :30] = 1 / 1.2
    picture = render_layered([Sheet(dioptre, light)], LENS, [4.0])[0, 4, :, 0]
    radius = LENS.diameter_px(1.2, 4.0) / 2
    t = np.clip((np.arange(60) - 29.5) / radius, -1, 1)
    seen = 0.5 + (t * np.sqrt(1 - t * t) + np.arcsin(t)) / np.pi
    np.testing.assert_allclose(picture, seen, atol=0.02)


def test_near_edge_in_focus_stays_sharp(kernels: str) -> None:
    light = np.ones((9, 60, 3), dtype=np.float32)
    light[:, :30] = 0
    dioptre = np.full((9, 60), 1 / 4, dtype=np.float32)
    dioptre[:, :30] = 1 / 1.2
    picture = render_layered([Sheet(dioptre, light)], LENS, [1.2])[0]
    np.testing.assert_allclose(picture, light, atol=1e-4)


def test_slanted_surface_of_one_colour_keeps_it(kernels: str) -> None:
    """Neighbouring bins share every pixel of a slope; nothing may leak between them, and the holes were filled."""
    dioptre = np.linspace(1, 0.2, 60, dtype=np.float32)[None].repeat(20, 0)
    sheet = Sheet(dioptre, np.full((20, 60, 3), 0.25, dtype=np.float32))
    np.testing.assert_allclose(render_layered([sheet], LENS, [1.0, 2.0, np.inf]), 0.25, atol=1e-5)


ROOM_FOCUS_M = (1.2, 2.0, 4.0)


@pytest.fixture(scope="module")
def room() -> TracedRoom:
    return TracedRoom()


@pytest.fixture(scope="module")
def room_truths(room: TracedRoom) -> list[Any]:
    return [encode(room.through_lens(metres)) for metres in ROOM_FOCUS_M]


def test_rays_through_the_aperture_of_a_room(kernels: str, room: TracedRoom, room_truths: list[Any]) -> None:
    light, depth = room.trace(1.0, 0.0, 0.0)
    sheet = Sheet(fill_holes(depth), light.astype(np.float32))
    focal = 1e-4  # so short that the field of view does not depend on the focus, as in the rays
    lens = ThinLens(focal, focal / room.aperture_m, focal / room.focal_px)
    behind = []
    for surface in (0, 1):  # the wall and the floor where something stands before them
        colour, there = room.trace(1.0, 0.0, 0.0, (surface,))
        hidden = (there > depth) & np.isfinite(there)
        behind.append(Sheet(np.where(hidden, 1 / there, np.nan).astype(np.float32), colour.astype(np.float32)))
    dioptre = 1 / depth
    edge = 13.2 * (ndimage.maximum_filter(dioptre, 3) - ndimage.minimum_filter(dioptre, 3)) > 1.5
    band = ndimage.distance_transform_edt(~edge) <= 6
    guessed = render_layered([sheet], lens, ROOM_FOCUS_M)
    told = render_layered([sheet, *behind], lens, ROOM_FOCUS_M, guess_hidden=False)
    inside = np.zeros(depth.shape, dtype=bool)
    inside[6:-6, 6:-6] = True  # what lies outside of the picture is known to nobody
    for picture, known, truth in zip(guessed, told, room_truths, strict=True):
        assert psnr(encode(picture), truth, inside) > 36
        assert psnr(encode(picture), truth, band & inside) > 33
        assert psnr(encode(known), truth, band & inside) > psnr(encode(picture), truth, band & inside) + 1.5
        assert psnr(encode(light), truth, inside) < 25


@pytest.mark.shared
def test_exact_pictures_of_the_fixture(shared_data: Path) -> None:
    folder = shared_data / "focus" / "raytraced_fixture"
    image = read_rgb(folder / "aif_srgb.png")
    depth = np.asarray(Image.open(folder / "depth_mm.png")).astype(np.float32) / 1000
    change = np.zeros(depth.shape, dtype=bool)
    for axis in (0, 1):
        step = np.diff(depth, axis=axis) != 0
        change |= np.insert(step, 0, False, axis=axis) | np.insert(step, step.shape[axis], False, axis=axis)
    band = ndimage.distance_transform_edt(~change) <= 12
    focus = (1.2, 1.6, 2.5, 5.0)
    stack = encode_8_bit(render_layered([Sheet(fill_holes(depth), decode(image))], LENS, focus)) / 255
    published = render_reference((image / 255).astype(np.float32), depth, LENS, focus)
    measured = {1.2: (27.2, 27.0), 1.6: (29.7, 27.6), 2.5: (28.7, 24.1), 5.0: (24.8, 19.8)}
    for picture, paper, metres in zip(stack, published, focus, strict=True):
        truth = read_rgb(folder / f"focus_{metres}m_srgb.png") / 255
        assert psnr(picture, truth) > 41
        assert psnr(picture, truth, band) > 36
        assert (psnr(paper, truth), psnr(paper, truth, band)) == pytest.approx(measured[metres], abs=0.15)


def test_reference_is_the_loop(kernels: str) -> None:
    rng = np.random.default_rng(3)
    image = noise(rng, 24, 30)
    depth = rng.uniform(0.5, 6, image.shape[:2]).astype(np.float32)
    depth[5:9, 5:20] = np.nan
    depth[20, 20] = np.nan
    focus = (0.7, 2.0, 9.0)
    stack = render_reference(image, depth, LENS, focus)
    for picture, metres in zip(stack, focus, strict=True):
        d = np.where(np.isnan(depth), 1e-8, depth.astype(np.float64))
        s = metres * LENS.focal_m / (metres - LENS.focal_m)
        radius = LENS.aperture_m * s * np.abs(1 / LENS.focal_m - 1 / s - 1 / d) / LENS.pitch_m / 2
        rows, columns = depth.shape
        slow = np.array([[published_pixel(image, radius, y, x) for x in range(columns)] for y in range(rows)])
        np.testing.assert_allclose(picture, slow, atol=1e-5)


def test_reference_fills_a_hole_with_what_is_blurred_around_it(kernels: str) -> None:
    image = np.zeros((9, 9, 3), dtype=np.float32)
    image[4, 4] = 1
    depth = np.full((9, 9), 1.0, dtype=np.float32)
    depth[4, 4] = np.nan
    assert render_reference(image, depth, LENS, [3.0])[0, 4, 4].max() < 1e-6
    depth[:] = np.nan
    np.testing.assert_array_equal(radius_px(depth, LENS, 3.0) > 1e7, True)


def test_blur_without_end_is_bounded(kernels: str) -> None:
    """One pixel of nonsense depth does not cost the picture."""
    light = noise(np.random.default_rng(2), 16, 16)
    dioptre = np.full((16, 16), 0.5, dtype=np.float32)
    dioptre[3, 3] = 1000.0
    picture = render_layered([Sheet(dioptre, light)], LENS, [2.0])[0]
    assert np.isfinite(picture).all()
    far = np.hypot(*np.mgrid[-3:13, -3:13]) > 3
    assert np.abs(picture - light)[far].max() < 1.5 / (np.pi * MOST_PX**2) * 16


def test_codes_survive_linear_light() -> None:
    codes = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(encode_8_bit(decode(codes)), codes)
    assert decode(np.array([188], dtype=np.uint8))[0] == pytest.approx(0.5029, abs=1e-4)
