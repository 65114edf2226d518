"""Who borders whom, in how many pieces a unit lies, and which piece a move cuts off."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.domain.districting.adjacency import build_adjacency
from gridmap.domain.districting.coloring import COLOURS, color_units
from gridmap.domain.districting.contiguity import NOBODY, find_new_strays, find_strays, label_parts

STEP = 0.01


def grid(columns: int, rows: int) -> np.ndarray:
    """Square cells, column by column; corners are equal to the last bit."""
    x, y = 112 + STEP * np.arange(columns + 1), 37 + STEP * np.arange(rows + 1)
    return np.array([shapely.box(x[c], y[r], x[c + 1], y[r + 1]) for c in range(columns) for r in range(rows)], object)


def test_meeting_in_a_point_is_not_sharing_a_border() -> None:
    found = build_adjacency(grid(2, 2))
    assert sorted(map(tuple, found.pairs.tolist())) == [(0, 1), (0, 2), (1, 3), (2, 3)]


def test_the_length_is_that_of_the_common_border() -> None:
    found = build_adjacency(grid(2, 1))
    # A hundredth of a degree of latitude here, on the ellipsoid.
    assert found.length_m.tolist() == pytest.approx([1_109.8], abs=1.0)


def test_borders_that_were_not_drawn_from_one_another_count_too() -> None:
    west, east = shapely.box(112, 37, 112.01, 37.02), shapely.box(112.01, 37.005, 112.02, 37.012)
    found = build_adjacency(np.array([west, east], object))
    assert found.pairs.tolist() == [[0, 1]]
    assert found.length_m[0] == pytest.approx(777, abs=5)


def test_no_cells_have_no_borders() -> None:
    assert build_adjacency(np.zeros(0, object)).pairs.shape == (0, 2)


PAIRS = build_adjacency(grid(4, 1)).pairs


@pytest.mark.parametrize(
    ("owner", "parts"), [([1, 1, 2, 2], 2), ([1, 2, 1, 2], 4), ([1, NOBODY, 1, 1], 3), ([5, 5, 5, 5], 1)]
)
def test_neighbours_of_one_owner_are_one_part(owner: list[int], parts: int) -> None:
    assert len(np.unique(label_parts(PAIRS, np.array(owner)))) == parts


def test_the_largest_part_is_no_stray() -> None:
    (stray,) = find_strays(PAIRS, np.array([1, 2, 1, 1]))
    assert (stray.unit, stray.cells) == (1, (0,))


def test_what_was_apart_before_is_not_new() -> None:
    row = build_adjacency(grid(6, 1)).pairs
    before = np.array([1, 2, 1, 1, 1, 1])
    assert find_new_strays(row, before=before, after=before) == []
    new = find_new_strays(row, before=before, after=np.array([1, 2, 1, 1, 2, 1]))
    assert [(stray.unit, stray.cells) for stray in new] == [(1, (5,)), (2, (4,))]


def test_neighbours_never_share_a_colour() -> None:
    cells = grid(12, 12)
    pairs = build_adjacency(cells).pairs
    colour = color_units(range(len(cells)), map(tuple, pairs.tolist()))
    assert set(colour.values()) <= set(range(COLOURS))
    assert all(colour[a] != colour[b] for a, b in pairs.tolist())
