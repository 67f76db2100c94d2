# SPDX-License-Identifier: Apache-2.0
"""Options of commands that let Blender render: quality and devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import rich_click as click

F = TypeVar("F", bound=Callable[..., Any])

BLENDER = (
    click.option(
        "--device",
        default="auto",
        show_default=True,
        help="auto (every GPU, else the processor), CPU, OPTIX, CUDA, HIP, ONEAPI, METAL, or one of several: OPTIX:1.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 256),
        help="Blender processes. Default: one per GPU, or one that uses the whole processor.",
    ),
)
"""``device`` and ``workers`` of whatever Blender renders."""

_OPTIONS = (
    click.option(
        "--preset",
        default="preview",
        show_default=True,
        help="Quality of the pictures: preview, standard or paper. The truth is the same in all.",
    ),
    click.option("--samples", type=int, help="Paths per pixel, instead of the preset's."),
    *BLENDER,
)


def render_options(command: F) -> F:
    """Add ``preset``, ``samples``, ``device`` and ``workers``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
