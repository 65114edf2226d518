"""Stretches put together, and plans held against them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.tracking.spans import Target, compare_with_plan, find_missed, merge_spans

METRES = st.integers(0, 1000).map(float)
SPANS = st.lists(st.tuples(METRES, METRES).map(lambda pair: (min(pair), max(pair))), max_size=8)


@given(SPANS)
def test_merged_spans_hold_the_same_ground_apart(spans: list[tuple[float, float]]) -> None:
    merged = merge_spans(spans)
    assert all(a[1] < b[0] for a, b in pairwise(merged))
    for x in (0.5 + n for n in range(1000)):
        assert any(a < x < b for a, b in spans) == any(a < x < b for a, b in merged)


@given(SPANS)
def test_what_is_missed_and_what_is_covered_make_the_whole(spans: list[tuple[float, float]]) -> None:
    covered = merge_spans([(max(a, 200.0), min(b, 800.0)) for a, b in spans if min(b, 800.0) > max(a, 200.0)])
    missed = find_missed((200.0, 800.0), spans)
    total = sum(b - a for a, b in (*covered, *missed))
    # Gaps of a metre and less count as rounding.
    assert total == pytest.approx(600.0, abs=len(spans) + 1)


def test_a_plan_of_both_sides_is_met_from_either() -> None:
    targets = [Target(1, 0.0, 1000.0, "both"), Target(1, 0.0, 1000.0, "left"), Target(2, 0.0, 500.0, "both")]
    covered = [(1, 0.0, 400.0, "left"), (1, 300.0, 900.0, "right")]
    both, left, other = compare_with_plan(targets, covered)
    assert both.missed == ((900.0, 1000.0),)
    assert left.missed == ((400.0, 1000.0),)
    assert other.missed_m == 500.0
