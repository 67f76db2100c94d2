# SPDX-License-Identifier: Apache-2.0
"""Colours by their definitions, and grids by measuring where things land."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from depthbench.viz import ERROR_COLOURS, HOLE_COLOUR, Panel, colour_disparity, colour_error, finite_range, grid


def test_disparity_is_turbo_between_its_limits() -> None:
    disp_px = np.array([[-5.0, 10.0, 20.0, 30.0, 99.0]], dtype=np.float32)
    picture = colour_disparity(disp_px, 10.0, 30.0)
    turbo = matplotlib.colormaps["turbo"]
    for place, level in ((0, 0.0), (1, 0.0), (2, 0.5), (3, 1.0), (4, 1.0)):
        expected = np.array(turbo(level)[:3]) * 255
        assert np.abs(picture[0, place] - expected).max() <= 3


def test_invalid_is_black_and_nothing_else_is() -> None:
    disp_px = np.array([[np.nan, np.inf, -np.inf, 0.0, 1.0]], dtype=np.float32)
    assert (colour_disparity(disp_px, 0.0, 1.0).any(axis=2) == [[False, False, False, True, True]]).all()
    assert colour_disparity(np.full((2, 2), 7.0), 7.0, 7.0).any(axis=2).all()


@pytest.mark.parametrize("limits", [(0.0, np.nan), (2.0, 1.0), (0.0, np.inf)])
def test_a_range_that_is_none_is_refused(limits: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="range"):
        colour_disparity(np.zeros((1, 1)), *limits)


def test_error_colours_step_at_powers_of_two_times_three_pixels() -> None:
    cases = {0.0: 0, 0.1875: 0, 0.19: 1, 1.5: 3, 3.0: 4, 3.001: 5, -3.001: 5, 48.0: 8, 48.1: 9, 1e9: 9}
    picture = colour_error(np.array([list(cases)]))
    assert [tuple(pixel) for pixel in picture[0].tolist()] == [ERROR_COLOURS[step] for step in cases.values()]
    assert tuple(colour_error(np.array([[np.inf]]))[0, 0].tolist()) == HOLE_COLOUR
    assert not colour_error(np.array([[np.nan]])).any()


def test_finite_range_is_shared() -> None:
    assert finite_range(np.array([np.nan, 3.0]), np.array([np.inf, 1.0, 9.0]), np.array([np.nan])) == (1.0, 9.0)
    assert finite_range(np.array([np.nan])) == (0.0, 1.0)


def _blocks(picture: np.ndarray, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Bounding box (x0, y0, x1, y1) of a colour, which must fill it."""
    hit = (picture == colour).all(axis=2)
    rows, columns = np.flatnonzero(hit.any(axis=1)), np.flatnonzero(hit.any(axis=0))
    box = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    assert hit[box[1] : box[3], box[0] : box[2]].all()
    return box


def test_panels_stand_in_rows_with_white_between() -> None:
    colours = [(200, 10, 10), (10, 200, 10), (10, 10, 200)]
    red, green, blue = (Panel(np.full((20, 40, 3), c, dtype=np.uint8), "name", "caption") for c in colours)
    picture = grid([[red, green], [None, blue]], row_titles=["one", "two"], panel_width=80)
    boxes = [_blocks(picture, colour) for colour in colours]
    for x0, y0, x1, y1 in boxes:
        assert (x1 - x0, y1 - y0) == (80, 40)
    assert boxes[0][1] == boxes[1][1]
    assert boxes[1][0] == boxes[2][0] > boxes[0][2]
    assert (picture[boxes[0][1] : boxes[0][3], boxes[0][2] : boxes[1][0]] == 255).all()
    assert (picture[boxes[2][1] : boxes[2][3], : boxes[2][0]] == 255).all()
    assert boxes[2][1] > boxes[0][3]


def test_text_is_drawn_where_it_is_asked_and_stays_inside() -> None:
    plain = Panel(np.full((30, 90, 3), 255, dtype=np.uint8))
    assert (grid([[plain]], panel_width=90) == 255).all()
    words = Panel(plain.image, "title", "caption", ("turbo", 0.0, 12.5, "px"), [("glass", (1, 2, 3))])
    with_words = grid([[words]], row_titles=["row"], column_titles=["column"], title="all", panel_width=160)
    assert (with_words != 255).any()
    for edge in (with_words[:4], with_words[-4:], with_words[:, :4], with_words[:, -4:]):
        assert (edge == 255).all()


def test_a_colour_bar_runs_from_low_to_high() -> None:
    panel = Panel(np.full((30, 300, 3), 255, dtype=np.uint8), bar=("turbo", 0.0, 1.0, "px"))
    picture = grid([[panel]], panel_width=300).astype(int)
    turbo = (np.array(matplotlib.colormaps["turbo"]([0.0, 1.0]))[:, :3] * 255).round().astype(int)
    nearest = [np.abs(picture - colour).sum(axis=2) for colour in turbo]
    low, high = (np.unravel_index(distance.argmin(), distance.shape)[1] for distance in nearest)
    assert low < high


def test_words_too_long_for_a_panel_do_not_run_into_the_next() -> None:
    legend = [(word, (1, 2, 3)) for word in ("transmissive", "screen or mesh", "mirror", "nothing")]
    picture = np.full((30, 90, 3), 255, dtype=np.uint8)
    wordy = Panel(picture, "a title that is far too long " * 3, "and so is its caption " * 4, legend=legend)
    sheet = grid([[wordy, None]], row_titles=["row " * 200], column_titles=["column " * 20, ""], panel_width=200)
    row_title_height = 30
    assert (sheet[row_title_height + 20 :, 212:] == 255).all()
    assert (sheet[:, -12:] == 255).all()
