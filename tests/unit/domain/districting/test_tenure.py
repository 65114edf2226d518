"""Days of a cell: one unit on each of them, and no trace of what was taken back on the same day."""

from __future__ import annotations

from datetime import date

import pytest

from gridmap.domain.districting.tenure import Tenure, hand_over, is_unbroken
from gridmap.errors import Conflict

FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def test_the_day_of_the_order_is_the_first_of_the_new_unit() -> None:
    tenures = hand_over([Tenure(FIRST, None, 1)], day=SECOND, unit=2)
    assert tenures == (Tenure(FIRST, SECOND, 1), Tenure(SECOND, None, 2))
    assert [item.unit for item in tenures if item.holds_on(SECOND)] == [2]
    assert [item.unit for item in tenures if item.holds_on(date(2026, 1, 31))] == [1]


def test_an_order_and_its_undo_on_one_day_leave_no_trace() -> None:
    before = (Tenure(FIRST, None, 1, row=7),)
    assert hand_over(hand_over(before, day=SECOND, unit=2), day=SECOND, unit=1) == before


def test_an_undo_on_a_later_day_keeps_what_was() -> None:
    moved = hand_over([Tenure(FIRST, None, 1)], day=SECOND, unit=2)
    back = hand_over(moved, day=THIRD, unit=1)
    assert [(item.unit, item.valid_from) for item in back] == [(1, FIRST), (2, SECOND), (1, THIRD)]
    assert is_unbroken(back)


def test_an_order_carried_out_late_begins_no_earlier_than_the_last_one() -> None:
    moved = hand_over([Tenure(FIRST, None, 1)], day=THIRD, unit=2)
    late = hand_over(moved, day=SECOND, unit=3)
    assert late == (Tenure(FIRST, THIRD, 1), Tenure(THIRD, None, 3))


def test_a_cell_goes_back_to_nobody_only_on_its_first_day() -> None:
    first = hand_over([], day=FIRST, unit=1)
    assert hand_over(first, day=FIRST, unit=None) == ()
    with pytest.raises(Conflict, match="nobody would answer"):
        hand_over(first, day=SECOND, unit=None)


@pytest.mark.parametrize(
    "tenures",
    [
        (Tenure(FIRST, SECOND, 1), Tenure(THIRD, None, 2)),
        (Tenure(FIRST, THIRD, 1), Tenure(SECOND, None, 2)),
        (Tenure(FIRST, SECOND, 1),),
        (Tenure(SECOND, SECOND, 1), Tenure(SECOND, None, 2)),
    ],
    ids=["gap", "overlap", "end", "no day"],
)
def test_gaps_overlaps_and_empty_stretches_are_found(tenures: tuple[Tenure, ...]) -> None:
    assert not is_unbroken(tenures)
