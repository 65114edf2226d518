"""Codes by nesting."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.domain.boundaries import MAX_RANKS, number_areas
from gridmap.domain.codes import Level


def _number(*areas, **options):
    """Codes of (rank, x, y, side) squares in hundredths of a degree, named a, b, c …"""
    boxes = [shapely.box(x / 100, y / 100, (x + side) / 100, (y + side) / 100) for _, x, y, side in areas]
    ids = options.pop("ids", [chr(ord("a") + i) for i in range(len(areas))])
    return number_areas(np.array(boxes, object), ranks=np.array([rank for rank, *_ in areas]), ids=ids, **options)


def test_children_carry_the_code_of_the_area_around_them():
    coding = _number((6, 0, 0, 100), (8, 10, 10, 10), (8, 60, 10, 10))
    assert coding.codes == ["990000001", "990000001001", "990000001002"]
    assert coding.levels == [Level.TOWN, Level.VILLAGE, Level.VILLAGE]


def test_numbers_run_west_to_east_and_north_to_south():
    coding = _number((8, 50, 0, 5), (8, 0, 0, 5), (8, 50, 50, 5), (8, 0, 50, 5))
    assert coding.codes == ["990000000004", "990000000003", "990000000002", "990000000001"]


def test_a_missing_level_leaves_zeros():
    coding = _number((4, 0, 0, 100), (6, 200, 0, 10), (8, 10, 10, 10))
    assert coding.codes == ["990001", "990000001", "990001000001"]


def test_of_two_areas_around_it_the_smaller_one_is_the_parent():
    coding = _number((6, 0, 0, 100), (6, 5, 5, 20), (8, 10, 10, 5))
    assert coding.codes[2].startswith(coding.codes[1])


def test_ties_are_broken_by_id():
    assert _number((8, 0, 0, 5), (8, 0, 0, 5), ids=["z", "a"]).codes == ["990000000002", "990000000001"]


def test_known_codes_stay_where_nesting_allows():
    areas = ((6, 0, 0, 100), (8, 10, 10, 10), (8, 60, 10, 10))
    known = {"a": "990000001", "c": "990000001001", "b": "990000009001"}
    assert _number(*areas, known=known).codes == ["990000001", "990000001002", "990000001001"]


def test_one_area_more_renumbers_nobody():
    before = _number((8, 10, 0, 5), (8, 20, 0, 5))
    after = _number((8, 10, 0, 5), (8, 20, 0, 5), (8, 0, 0, 5), known=dict(zip("ab", before.codes, strict=True)))
    assert after.codes == [*before.codes, "990000000003"]


def test_an_area_too_many_gets_no_code():
    areas = [(rank, 0, 0, 100 + rank) for rank in range(4, 8)]
    coding = _number(*areas, *((8, 0, 0, 1) for _ in range(1000)), ids=[str(i) for i in range(1004)])
    assert coding.codes.count("") == 1


def test_more_ranks_than_levels_are_refused():
    with pytest.raises(ValueError, match="ranks"):
        _number(*((rank, 0, 0, 100 - rank) for rank in range(MAX_RANKS + 1)))


def test_five_ranks_reach_down_to_cells():
    coding = _number(*((rank, 0, 0, 100 - rank) for rank in range(MAX_RANKS)))
    assert coding.levels == [2, 3, 4, 5, 6]
    assert coding.codes[-1] == "990101001001001"
