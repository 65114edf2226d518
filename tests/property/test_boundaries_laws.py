"""Laws of numbering."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.boundaries import number_areas
from gridmap.domain.codes import RESERVED_PREFIX, code_level, parse_code

SQUARES = st.lists(
    st.tuples(st.integers(4, 8), st.integers(0, 40), st.integers(0, 40), st.integers(1, 20)),
    min_size=1,
    max_size=25,
)


def _number(squares, ids, **options):
    boxes = np.array([shapely.box(x, y, x + side, y + side) for _, x, y, side in squares], object)
    boxes = np.asarray(shapely.transform(boxes, lambda xy: xy / 50), object)
    return number_areas(boxes, ranks=np.array([rank for rank, *_ in squares]), ids=ids, **options)


@settings(max_examples=60)
@given(SQUARES)
def test_codes_are_different_reserved_and_of_their_level(squares):
    coding = _number(squares, [str(i) for i in range(len(squares))])
    assert len(set(coding.codes)) == len(squares)
    for code, level in zip(coding.codes, coding.levels, strict=True):
        assert code.startswith(RESERVED_PREFIX)
        assert parse_code(code) == code
        assert code_level(code) == level


@settings(max_examples=60)
@given(SQUARES, st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_matter(squares, random):
    ids = [f"{i:02d}" for i in range(len(squares))]
    coding = _number(squares, ids)
    order = list(range(len(squares)))
    random.shuffle(order)
    again = _number([squares[i] for i in order], [ids[i] for i in order])
    assert dict(zip((ids[i] for i in order), again.codes, strict=True)) == dict(zip(ids, coding.codes, strict=True))


@settings(max_examples=60)
@given(SQUARES, SQUARES)
def test_a_second_numbering_keeps_what_it_knows(squares, more):
    squares = [(8, *place) for _, *place in squares]
    more = [(8, *place) for _, *place in more]
    ids = [str(i) for i in range(len(squares) + len(more))]
    first = _number(squares, ids[: len(squares)])
    second = _number([*squares, *more], ids, known=dict(zip(ids, first.codes, strict=False)))
    assert second.codes[: len(squares)] == first.codes
    assert len(set(second.codes)) == len(second.codes)
