# SPDX-License-Identifier: Apache-2.0
"""What is in a vessel: liquid as a closed solid of its own that reaches a little into the vessel's wall.

The overlap makes the picture right. Refraction at parallel faces multiplies, so a ray that enters the liquid while it is still in
the wall leaves the wall with the direction that the real boundary between glass and liquid gives it; and no light is caught
between the two, as it would be by a gap of air, which makes a drink look like a plug of jelly. The truth has one layer where a ray
enters each solid: the near wall, the drink (:data:`BITE_M` before the wall's inside), the far wall.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.mesh import Mesh, lathe
from depthbench.blender_scenes.objects.forms import Points

BITE_M = 0.0004
"""How far a liquid reaches into the wall that holds it."""


def level_m(inside: Points, share: float) -> float:
    """Return the height up to which a vessel with this inside (see :func:`forms.cavity`) is full by a share of its depth."""
    return float(inside[0, 1] + share * (inside[-1, 1] - inside[0, 1]))


def liquid(inside: npt.ArrayLike, up_to_m: float, segments: int) -> Mesh:
    """Return the liquid in a turned vessel.

    Parameters
    ----------
    inside : (n, 2)
        (radius, z) from the axis over the bottom to the rim, as :func:`forms.cavity` gives it.
    up_to_m : float
        Height of the liquid's flat top, between the bottom and the rim.
    segments : int
        Those of the vessel, so that their facets run side by side.
    """
    contour = np.asarray(inside, dtype=np.float64)
    along = np.gradient(contour, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    pushed = contour + BITE_M * np.stack([along[:, 1], -along[:, 0]], axis=1)
    pushed[0, 0] = 0.0
    wet = pushed[pushed[:, 1] < up_to_m - 1e-4]
    edge = float(np.interp(up_to_m, pushed[:, 1], pushed[:, 0]))
    return lathe([(float(r), float(z)) for r, z in [*wet, (edge, up_to_m), (0.0, up_to_m)]], segments)


def draw(rng: np.random.Generator, choices: dict[str, tuple[str, ...]], style: str, kind: Any) -> str | None:
    """Return the kind of liquid: ``kind`` itself, or one that suits the style where it is 'any'; None for nothing."""
    if kind != "any":
        return None if kind is None else str(kind)
    suited = choices.get(style)
    return None if suited is None else str(rng.choice(suited))
