# SPDX-License-Identifier: Apache-2.0
"""The default renderer: linear light, every point's own disc, near things in front of far ones, and what edges hide guessed.

Points are laid over the picture from the nearest bin of depth to the farthest. Every pixel has a budget of cover: what a
nearer bin covers is spent, a farther one gets what is left. Neighbouring bins of one slanted surface share a pixel without loss,
which compositing by *over* does not give (half of a half leaks), and a blurred rim lets through just what it does not cover. What
is left of the budget where nothing reaches is divided out.

What it cannot know: the colours behind near things, which are guessed (:mod:`.surfaces`), and which half of the aperture a half-covered
background is seen through.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from depthbench.generators.focal.kernels import kernels
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.spread import STEPS_PER_PX, spread_table
from depthbench.generators.focal.surfaces import Sheet, as_points, hidden_sheet, widest_px, without


def render_layered(
    sheets: Sequence[Sheet],
    lens: ThinLens,
    focus_m: npt.ArrayLike,
    *,
    psf: str = "disk",
    guess_hidden: bool = True,
) -> npt.NDArray[np.float32]:
    """Render a focal stack of surfaces.

    Parameters
    ----------
    sheets : sequence of Sheet
        The first is the picture's own surface, known everywhere.
    lens : ThinLens
    focus_m : (N,)
        Longer than the focal length; may be infinite.
    psf : {"disk", "gauss"}
        What a point becomes: the picture of a round aperture, or a Gaussian of the same spread.
    guess_hidden : bool
        Guess what the edges of the first sheet hide, wherever no other sheet tells it.

    Returns
    -------
    float32 (N, H, W, 3)
        Linear light.

    Raises
    ------
    DepthbenchError
        If the lens cannot focus at a distance.
    """
    focus = np.asarray(focus_m, dtype=np.float64)
    strengths = [lens.diameter_per_dioptre(float(metres)) for metres in focus]
    widest = max(strengths)
    reach = max(widest_px(sheet.dioptre, widest, focus) for sheet in sheets if not np.isnan(sheet.dioptre).all())
    hidden = [without(hidden_sheet(sheets[0], widest, reach), sheets)] if guess_hidden else []
    points = as_points([*sheets, *hidden], widest, reach)
    table = spread_table(psf, math.ceil(reach) + 1)
    stack = np.empty((len(focus), points.height, points.width, 3), dtype=np.float32)
    for picture, metres, strength in zip(stack, focus, strengths, strict=True):
        kernels().spread_points(
            points.row,
            points.column,
            points.dioptre,
            points.light,
            points.start,
            points.pad,
            table.lookup,
            table.half,
            table.first_row,
            table.row_start,
            table.dx,
            table.weight,
            np.float32(STEPS_PER_PX * strength / 2),
            np.float32(1 / metres),
            picture,
        )
    return stack
