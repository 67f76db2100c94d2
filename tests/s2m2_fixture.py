# SPDX-License-Identifier: Apache-2.0
"""Weights that need no file (each follows from its name), the list of names of the published sizes, and golden outputs."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

# more threads than free cores wait for each other, and these networks are tiny
torch.set_num_threads(1)

Shapes = dict[str, tuple[int, ...]]


def fixture_weight(name: str, shape: Iterable[int]) -> Tensor:
    """One parameter: normal numbers seeded by its name, scaled so that signals keep their size through the layers."""
    shape = tuple(shape)
    values = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    if len(shape) >= 2:
        values = values / np.sqrt(np.prod(shape[1:]))
    elif name.endswith("weight"):
        values = 1 + 0.1 * values
    else:
        values = 0.05 * values
    return torch.from_numpy(values.astype(np.float32))


def with_fixture_weights(network: nn.Module) -> nn.Module:
    """Fill a network, in evaluation mode."""
    network.load_state_dict({name: fixture_weight(name, value.shape) for name, value in network.state_dict().items()})
    return network.eval()


def published_shapes(shared_data: Path) -> dict[tuple[int, int], tuple[Shapes, int]]:
    """(channels, transformers) -> (name -> shape, number of parameters) of every size in the list."""
    sizes = {}
    for section in (shared_data / "s2m2" / "state_dict_keys.txt").read_text().split("\n## ")[1:]:
        title, *lines = section.strip().splitlines()
        told = dict(word.split("=") for word in title.split() if "=" in word)
        shapes: Shapes = {}
        for line in lines:
            name, _, shape = line.partition(" ")
            shapes[name] = tuple(int(number) for number in shape.strip("()").split(",") if number)
        sizes[int(told["channels"]), int(told["num_transformer"])] = shapes, int(told["params"])
    return sizes


def golden(shared_data: Path, case: str) -> Mapping[str, Tensor]:
    """Name -> array of one case of the golden outputs."""
    with np.load(shared_data / "s2m2" / "golden_outputs.npz") as file:
        return {key.split("/")[1]: torch.from_numpy(file[key]) for key in file if key.startswith(case + "/")}


def textured_pair(height: int, width: int, disparity: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """A pair (1, 3, H, W) in 0..255 shifted by a whole number of pixels."""
    rng = np.random.default_rng(seed)
    wide = torch.from_numpy(rng.integers(0, 256, (1, 3, height, width + disparity)).astype(np.float32))
    return wide[..., :width], wide[..., disparity:]
