"""What an order must say, and how it is numbered."""

from __future__ import annotations

from datetime import date

import pytest

from gridmap.domain.change_orders import MOST_CELLS, NewOrder, find_common_area, number_order
from gridmap.errors import InvalidInput

TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (NewOrder(owners={}, reason="r"), "No cell is chosen"),
        (NewOrder(owners=dict.fromkeys(range(MOST_CELLS + 1), 1), reason="r"), "5001 cells at once"),
        (NewOrder(owners={1: 1}, reason="  "), "needs a reason"),
        (NewOrder(owners={1: 1}, reason="r", effective_on=date(2026, 3, 3)), "2026-03-03 is over"),
    ],
)
def test_what_cannot_be_ordered_is_said_with_what_to_do(order: NewOrder, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        order.check(TODAY)
    assert refused.value.hint_text


def test_an_order_holds_from_today_unless_it_says_a_later_day() -> None:
    assert NewOrder(owners={1: 1}, reason=" r ").check(TODAY) == ("r", TODAY)
    later = date(2026, 12, 1)
    assert NewOrder(owners={1: 1}, reason="r", effective_on=later).check(TODAY) == ("r", later)


def test_numbers_count_up_within_a_year() -> None:
    assert number_order(2026, None) == "2026-0001"
    assert number_order(2026, "2026-0012") == "2026-0013"
    assert number_order(2026, "2026-9999") == "2026-10000"


@pytest.mark.parametrize(
    ("codes", "area"),
    [
        (["140105001001001"], "140105001001001"),
        (["140105001001001", "140105001001002"], "140105001001"),
        (["140105001001001", "140105002001001"], "140105"),
        (["140105001001001", "150105002001001"], ""),
    ],
)
def test_the_narrowest_area_holds_all_cells(codes: list[str], area: str) -> None:
    assert find_common_area(codes) == area
