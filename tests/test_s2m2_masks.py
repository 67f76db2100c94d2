# SPDX-License-Identifier: Apache-2.0
"""Folders of pictures with masks, in the layouts of the public glass and mirror sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from depthbench.baselines.s2m2_focus.mask_folder import MaskFolder, read_mask
from depthbench.errors import DepthbenchError


def save(path: Path, values: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)
    return path


def half_mask(value: object, channels: int = 0) -> np.ndarray:
    """8 x 12, the right half marked."""
    mask = np.zeros((8, 12, channels) if channels else (8, 12), dtype=np.uint8)
    mask[:, 6:] = value
    return mask


def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (8, 12, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("folders", "suffix", "mask"),
    [
        (("train/image", "train/mask"), "", half_mask(255)),
        (("validation/easy/images", "validation/easy/masks"), "_mask", half_mask([255, 0, 0], 3)),
        (("test/images", "test/masks"), "", half_mask(7)),
    ],
)
def test_public_layouts_are_found(tmp_path: Path, folders: tuple[str, str], suffix: str, mask: np.ndarray) -> None:
    """White, a colour, a class number: all mark; of the other class nothing is known."""
    for name in ("b", "a"):
        save(tmp_path / folders[0] / f"{name}.jpg", picture())
        save(tmp_path / folders[1] / f"{name}{suffix}.png", mask)
    data = MaskFolder(tmp_path, "see_through", width=12, height=8)
    assert [data[index]["id"] for index in range(len(data))] == [f"{folders[0]}/a.jpg", f"{folders[0]}/b.jpg"]
    sample = data[0]
    assert torch.equal(sample["masks"][1], torch.arange(12).expand(8, 12) >= 6)
    assert sample["known"].flatten(1).all(dim=1).tolist() == [False, True]
    assert sample["known"].flatten(1).any(dim=1).tolist() == [False, True]
    assert not sample["masks"][0].any()


def test_pictures_are_resized_with_their_masks(tmp_path: Path) -> None:
    """A picture whose marked half is white stays so at another size, up to the pixels on the edge."""
    save(tmp_path / "image" / "x.png", half_mask(255, 3).repeat(8, 0).repeat(8, 1))
    save(tmp_path / "mask" / "x.png", half_mask(255).repeat(8, 0).repeat(8, 1))
    sample = MaskFolder(tmp_path, "reflective", width=32, height=16)[0]
    assert sample["image"].shape == (3, 16, 32)
    wrong = (sample["image"][0] > 0.5) != sample["masks"][0]
    assert int(wrong.sum()) == 0
    assert float(sample["image"][:, :, :14].max()) < 0.01


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match="no folders image/ and mask/"):
        MaskFolder(tmp_path, "reflective", 12, 8)
    save(tmp_path / "image" / "x.png", picture())
    (tmp_path / "mask").mkdir()
    with pytest.raises(DepthbenchError, match=r"x\.png: no mask of this name"):
        MaskFolder(tmp_path, "reflective", 12, 8)
    save(tmp_path / "mask" / "x.png", half_mask(255)[:, :10])
    with pytest.raises(DepthbenchError, match="10x8, its picture 12x8"):
        MaskFolder(tmp_path, "reflective", 12, 8)[0]


def test_smooth_edges_of_a_mask_are_cut_in_the_middle(tmp_path: Path) -> None:
    path = save(tmp_path / "m.png", np.array([[0, 60, 127, 128, 200, 255]], dtype=np.uint8))
    assert read_mask(path).tolist() == [[False, False, False, True, True, True]]
