# SPDX-License-Identifier: Apache-2.0
"""From a scene to its stack: a pure function of the configuration, the scene and its number."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.focal_record import FocalRecord
from depthbench.generators.focal import film, srgb
from depthbench.generators.focal.cameras import doubts, lens_of
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.cycles import read_traced
from depthbench.generators.focal.faults import add_noise, breathe_and_misalign
from depthbench.generators.focal.layered import render_layered
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.planes import FROM_TRUTH
from depthbench.generators.focal.reference import render_reference
from depthbench.generators.focal.sources import Scene
from depthbench.generators.focal.surfaces import Sheet, fill_holes
from depthbench.generators.sensors import sensor

LONGEST_ID = 200


def make_stack(config: FocalConfig, scene: Scene, number: int, traced: Path | None = None) -> FocalRecord:
    """Render the stack of one scene.

    Parameters
    ----------
    number : int
        Of the scene in its source; with the seed it decides noise and misalignment.
    traced : Path or None
        Where :mod:`.cycles` has left the stacks of the renderer ``cycles``.

    Raises
    ------
    DepthbenchError
        Naming the scene, if it has no depth, or the camera cannot be or cannot focus there.
    """
    frame = scene.frame
    if not np.isfinite(frame.depth_m).any():
        raise DepthbenchError(f"{frame.id}: no pixel has depth")
    lens = lens_of(config.preset, frame.image.shape[1], frame.intrinsics, frame.id)
    focus_m = config.planes.distances_m(frame.depth_m)
    try:
        if config.renderer == "cycles":
            light, coded = read_traced(traced or Path(), frame.id), None
        else:
            light, coded = _rendered(config, scene, lens, focus_m)
    except DepthbenchError as error:
        raise DepthbenchError(f"{frame.id}: {error}") from error

    moving_rng, noise_rng = (
        np.random.default_rng(np.random.SeedSequence([config.seed, number], spawn_key=(part,))) for part in range(2)
    )
    moves: list[dict[str, float]] = []
    noise = sensor(config.noise)
    if coded is not None and not (config.breathing or config.misalign_px or noise):
        stack = np.rint(coded * (2**config.bits - 1)).astype(np.uint8 if config.bits == 8 else np.uint16)
    else:
        if coded is not None:
            light = _light(scene, srgb.linear(coded))
        if config.breathing or config.misalign_px:
            moves = breathe_and_misalign(
                light, lens, focus_m, frame.intrinsics, config.breathing, config.misalign_px, moving_rng
            )
        if noise:
            add_noise(light, noise, noise_rng)
        if scene.film:
            light = film.shown(light)
        stack = srgb.encode_8_bit(light) if config.bits == 8 else srgb.encode_16_bit(light)
    meta = _about(config, scene, lens, focus_m) | ({"moves": moves} if moves else {})
    return FocalRecord(frame.id, stack, focus_m, frame.image, frame.depth_m, frame.intrinsics, meta)


def _rendered(
    config: FocalConfig, scene: Scene, lens: ThinLens, focus_m: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32] | None]:
    """Return the stack as linear light, and as sRGB values where the renderer works in these."""
    frame = scene.frame
    if config.renderer == "reference":
        coded = render_reference((frame.image / 255).astype(np.float32), frame.depth_m, lens, focus_m)
        return coded, coded
    known = frame.depth_m
    if frame.filled_m is not None:
        known = np.where(np.isnan(known), frame.filled_m, known)
    front = Sheet(fill_holes(known), _light(scene, srgb.decode(frame.image)))
    return render_layered([front, *scene.others], lens, focus_m, psf=config.psf), None


def _light(scene: Scene, shown: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return the light of what a picture shows, linear."""
    return film.light_of(shown) if scene.film else shown.astype(np.float32)


def _about(config: FocalConfig, scene: Scene, lens: ThinLens, focus_m: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Return the record; all that was measured on the depth stands under ``measured``."""
    depth = scene.frame.depth_m
    known = depth[~np.isnan(depth)]
    ends = [float(known.min()), float(known.max())]
    policy = config.planes.policy
    return {
        "source": {"kind": config.source, "id": scene.frame.id, **scene.about},
        "lens": {
            "camera": config.camera,
            **asdict(lens),
            "aperture_m": lens.aperture_m,
            "px_per_dioptre": lens.px_per_dioptre,
            "doubts": doubts(lens, scene.frame.intrinsics),
        },
        "focus": {
            "policy": policy,
            "planes_from_truth": policy in FROM_TRUTH,
            "tells_depth_range": policy == "gt-range",
        },
        "renderer": config.renderer,
        "psf": {"layered": config.psf, "reference": "published 7x7", "cycles": "disk"}[config.renderer],
        "faults": {"breathing": config.breathing, "misalign_px": config.misalign_px, "noise": config.noise},
        "measured": {
            "widest_radius_px": max(float(lens.diameter_px(ends, float(metres)).max()) for metres in focus_m) / 2,
            "hole_share": float(np.isnan(depth).mean()),
            "depth_range_m": ends,
        },
    }
