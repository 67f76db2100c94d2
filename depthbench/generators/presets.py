# SPDX-License-Identifier: Apache-2.0
"""How a picture is traced: the presets `preview`, `standard` and `paper` as plain data, without Blender.

See-through scenes need many bounces: one pane costs two transmissions, and at Blender's or other tools' defaults what
stands behind two panes is black. Caustics are off (they are noise at these sample counts); light crosses architectural
glass and sheets through their transparent shadows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from depthbench.errors import DepthbenchError, unknown_name


@dataclass(frozen=True)
class RenderSettings:
    """Settings of Cycles that decide what a picture looks like; part of a sample's identity.

    Attributes
    ----------
    samples : int
        Paths per pixel, at most.
    adaptive_threshold : float
        Noise level at which a pixel stops taking paths; 0 takes all of them everywhere.
    adaptive_min_samples : int
        Paths that every pixel takes when sampling is adaptive; 0 lets Cycles choose.
    denoiser_quality : str
        OpenImageDenoise: HIGH, BALANCED or FAST; OFF leaves the noise in.
    denoiser_prefilter : str
        What cleans the albedo and normals that guide it: ACCURATE, FAST or NONE.
    max_bounces, diffuse_bounces, glossy_bounces, transmission_bounces, transparent_bounces : int
        Longest path, and the most events of each kind on it.
    light_tree : bool
        Choose lights by an estimate of what they give instead of evenly.
    light_threshold : float
        Shadow rays whose light would be below this are ended at random (unbiased); 0 traces all.
    clamp_direct, clamp_indirect : float
        Largest radiance that one path may bring; 0 = no limit.
    blur_glossy : float
        Roughness added after a diffuse bounce, against fireflies.
    """

    samples: int
    adaptive_threshold: float = 0.0
    adaptive_min_samples: int = 0
    denoiser_quality: str = "HIGH"
    denoiser_prefilter: str = "ACCURATE"
    max_bounces: int = 24
    diffuse_bounces: int = 8
    glossy_bounces: int = 12
    transmission_bounces: int = 24
    transparent_bounces: int = 24
    light_tree: bool = True
    light_threshold: float = 0.01
    clamp_direct: float = 0.0
    clamp_indirect: float = 10.0
    blur_glossy: float = 1.0


PRESETS: dict[str, RenderSettings] = {
    "preview": RenderSettings(samples=16),
    "standard": RenderSettings(samples=128, adaptive_threshold=0.02),
    "paper": RenderSettings(samples=1024, adaptive_threshold=0.005, clamp_indirect=0.0),
}
"""Chosen with ``benches/render_quality.py`` (figures in docs/speed.md): more bounces than 8 diffuse and 12 glossy bring nothing,
fewer lose light behind glass and save no time; a weaker denoiser or prefilter saves no time on a processor; twice the samples
of `standard` would bring 0.3 dB for twice the time."""


def preset(name: str, samples: int | None = None) -> RenderSettings:
    """Return a preset, with another number of paths per pixel if ``samples`` is given.

    Raises
    ------
    DepthbenchError
        If the preset is unknown or ``samples`` is below 1.
    """
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    if samples is None:
        return PRESETS[name]
    if samples < 1:
        raise DepthbenchError(f"--samples {samples}: at least 1 path per pixel is needed")
    return replace(PRESETS[name], samples=samples)
