# SPDX-License-Identifier: Apache-2.0
"""From linear radiance to the 8-bit picture: exposure, a film-like shoulder, the sRGB curve. Pure numpy.

The exposure is chosen from one eye and used for both, so that a surface has the same value in both pictures. The key is the
log-average luminance (Reinhard et al., "Photographic Tone Reproduction for Digital Images", SIGGRAPH 2002); the shoulder is an
exponential that continues the straight part with the same slope; the output curve is IEC 61966-2-1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

KEY = 0.17
"""Linear value that the log-average luminance is brought to: a little under the 18 % grey card."""
HIGHLIGHT = 2.5
"""Linear value that the brightest hundredth of the picture may reach; the shoulder still shows detail there."""
MAX_DIMMING = 4.0
"""How much darker than the key asks the highlights may make a picture: a lamp in view must not turn the room black."""
KNEE = 0.25
"""Where the straight part of the curve ends."""
MAX_CLIPPED, MAX_BLACK, MEAN_RANGE = 0.06, 0.15, (35.0, 215.0)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def exposure(linear_rgb: npt.NDArray[np.float32]) -> float:
    """Choose the factor by which to multiply a picture before :func:`tone_map`.

    Parameters
    ----------
    linear_rgb : float (H, W, 3)
        Scene-linear Rec. 709 radiance. Pixels that are not finite are left out.

    Returns
    -------
    float
        Positive; inversely proportional to the brightness of the picture. 1.0 for a picture without any light.
    """
    luminance = np.asarray(linear_rgb, dtype=np.float64) @ _LUMINANCE
    luminance = luminance[np.isfinite(luminance)]
    mean = float(luminance.mean()) if luminance.size else 0.0
    if mean <= 0:
        return 1.0
    # The floor is relative, so that twice the light asks for half the exposure exactly.
    average = float(np.exp(np.log(np.maximum(luminance, 1e-3 * mean)).mean()))
    by_key = KEY / average
    by_highlight = HIGHLIGHT / max(float(np.quantile(luminance, 0.99)), 1e-12)
    return min(by_key, max(by_highlight, by_key / MAX_DIMMING))


def tone_map(linear_rgb: npt.NDArray[np.float32], exposure: float) -> npt.NDArray[np.uint8]:
    """Turn scene-linear radiance into an 8-bit sRGB picture.

    Parameters
    ----------
    linear_rgb : float (H, W, 3)
        Scene-linear Rec. 709 radiance; negative and NaN values become 0, infinite ones 255.
    exposure : float
        Factor from :func:`exposure`.

    Returns
    -------
    uint8 (H, W, 3)
        Each channel by the same non-decreasing curve, so that grey stays grey.
    """
    light = np.maximum(np.nan_to_num(np.asarray(linear_rgb, dtype=np.float32) * np.float32(exposure), posinf=1e6), 0)
    over = np.maximum(light - KNEE, 0) / (1 - KNEE)
    shown = np.minimum(light, KNEE) + (1 - KNEE) * -np.expm1(-over)
    encoded = np.where(shown <= 0.0031308, 12.92 * shown, 1.055 * np.maximum(shown, 1e-8) ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)


def exposure_problems(picture: npt.NDArray[np.uint8]) -> list[str]:
    """Say what is wrong with the exposure of an 8-bit picture (H, W, 3); an empty list where it is sound."""
    problems = []
    clipped = float((picture.min(axis=-1) >= 254).mean())
    black = float((picture.max(axis=-1) <= 3).mean())
    mean = float(picture.mean())
    if clipped > MAX_CLIPPED:
        problems.append(f"{clipped:.1%} of the picture is clipped to white (at most {MAX_CLIPPED:.0%})")
    if black > MAX_BLACK:
        problems.append(f"{black:.1%} of the picture is black (at most {MAX_BLACK:.0%})")
    if not MEAN_RANGE[0] <= mean <= MEAN_RANGE[1]:
        problems.append(f"the mean value is {mean:.0f} (must be {MEAN_RANGE[0]:.0f} to {MEAN_RANGE[1]:.0f})")
    return problems
