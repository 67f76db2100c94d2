# SPDX-License-Identifier: Apache-2.0
"""Features of a picture at strides 4, 8, 16, 32: by a model of timm, or by a small network of our own for a processor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.weights_file import SUFFIX
from depthbench.errors import DepthbenchError, MissingExtraError

STRIDES = (4, 8, 16, 32)
MULTIPLE = 32
"""Of the sides of a picture."""
TINY = "tiny"
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def standardised(picture: Tensor) -> Tensor:
    """Return a picture (B, 3, H, W), 0 to 255, by the mean and spread of the pictures that encoders are trained on."""
    mean, spread = (picture.new_tensor(values)[None, :, None, None] for values in (_MEAN, _SPREAD))
    return (picture / 255 - mean) / spread


class _Residual(nn.Module):
    """Two convolutions beside a short cut, with group norms, which know nothing of the batch."""

    def __init__(self, into: int, out: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(into, out, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList(nn.GroupNorm(8, out) for _ in range(2))
        self.short = nn.Identity() if stride == 1 and into == out else nn.Conv2d(into, out, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.norms[0](self.first(x)))
        return F.relu(self.norms[1](self.second(inner)) + self.short(x))


class TinyEncoder(nn.Module):
    """Four levels of residual blocks; ``width`` channels at stride 4, twice as many at each next one up to eight times.

    Parameters
    ----------
    width : int
        Multiple of 8.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.channels: tuple[int, ...] = (width, 2 * width, 4 * width, 8 * width)
        self.stem = nn.Sequential(nn.Conv2d(3, width, 5, 2, 2), nn.GroupNorm(8, width), nn.ReLU())
        before = (width, *self.channels[:-1])
        self.levels = nn.ModuleList(
            nn.Sequential(_Residual(into, out, 2), _Residual(out, out, 1))
            for into, out in zip(before, self.channels, strict=True)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return features at :data:`STRIDES` of a standardised picture (B, 3, H, W)."""
        found, x = [], self.stem(x)
        for level in self.levels:
            x = level(x)
            found.append(x)
        return found


class TimmEncoder(nn.Module):
    """A model of timm; nothing is ever downloaded.

    Parameters
    ----------
    name : str
    weights : str
        File to start from, ``.safetensors`` as timm publishes them; empty: at random.

    Raises
    ------
    MissingExtraError
        If timm is not installed.
    DepthbenchError
        If it has no such model, or one that gives no features at the four strides, or the file is none.
    """

    def __init__(self, name: str, weights: str = "") -> None:
        super().__init__()
        try:
            import timm
        except ImportError as error:
            raise MissingExtraError("timm", "timm", f"the encoder {name}") from error
        except RuntimeError as error:
            raise DepthbenchError(
                f"encoder={name}: timm does not load ({error}); torch and torchvision are of different builds: "
                'uv pip install "depthbench[torch,timm]" --torch-backend cpu'
            ) from error
        # attention in windows wants to be told that pictures may have any size
        options: dict[str, Any] = {"strict_img_size": False} if name.startswith("swin") else {}
        if weights:
            if not weights.endswith(SUFFIX) or not Path(weights).is_file():
                raise DepthbenchError(
                    f"encoder_weights={weights}: no {SUFFIX} file; others may hold code that would run"
                )
            options |= {"pretrained_cfg_overlay": {"file": weights}}
        try:
            self.body = timm.create_model(name, pretrained=bool(weights), features_only=True, **options)
        except (RuntimeError, TypeError, AttributeError) as error:
            raise DepthbenchError(
                f"encoder={name}: timm makes no features with it ({error}); swin_large_patch4_window12_384, resnet50, or tiny"
            ) from error
        reductions = self.body.feature_info.reduction()
        if not set(STRIDES) <= set(reductions):
            raise DepthbenchError(f"encoder={name}: gives features at strides {reductions}, needed are {STRIDES}")
        self._at = [reductions.index(stride) for stride in STRIDES]
        self.channels = tuple(int(self.body.feature_info.channels()[place]) for place in self._at)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return features at :data:`STRIDES` of a standardised picture (B, 3, H, W)."""
        every: Sequence[Tensor] = self.body(x)
        found = []
        for place, channels, stride in zip(self._at, self.channels, STRIDES, strict=True):
            maps = every[place]
            # some of timm's models put channels last
            last = maps.shape[1:3] == (x.shape[2] // stride, x.shape[3] // stride) and maps.shape[3] == channels
            found.append(maps.permute(0, 3, 1, 2) if last else maps)
        return found


def make_encoder(name: str, width: int, weights: str = "") -> TinyEncoder | TimmEncoder:
    """Return a fresh encoder; ``weights`` is a file for one of timm's."""
    if name == TINY and weights:
        raise DepthbenchError(
            f"encoder_weights={weights}: the tiny encoder has none; start from a whole network with --init"
        )
    return TinyEncoder(width) if name == TINY else TimmEncoder(name, weights)


class Pyramid(nn.Module):
    """Features of all strides with equally many channels; each knows what the coarser ones know (a feature pyramid).

    The paper's decoder has deformable attention; this one adds the coarser map, enlarged, and smooths.
    """

    def __init__(self, into: Sequence[int], channels: int) -> None:
        super().__init__()
        self.across = nn.ModuleList(nn.Conv2d(one, channels, 1) for one in into)
        self.smooth = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1), nn.GroupNorm(8, channels), nn.ReLU())
            for _ in into[:-1]
        )

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Return maps (B, channels, h, w) at strides 4, 8, 16."""
        above = self.across[-1](features[-1])
        found: list[Tensor] = []
        for level in range(len(features) - 2, -1, -1):
            lifted = F.interpolate(above, features[level].shape[-2:], mode="bilinear", align_corners=False)
            above = self.smooth[level](self.across[level](features[level]) + lifted)
            found.insert(0, above)
        return found
