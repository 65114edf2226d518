"""Changes between two days, past and to come, are told day by day with who ordered them; on both engines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gridmap.domain.change_orders import NewOrder
from gridmap.domain.days import local_day
from gridmap.errors import InvalidInput
from gridmap.services import areas, grids
from gridmap.services.change_order_history import load_ownership_on
from gridmap.services.change_orders import place_order
from gridmap.services.change_playback import load_playback
from gridmap.services.context import Context
from tests.counties import ADMIN, EAST_SUPERVISOR, EAST_UNIT, WEST_SUPERVISOR, WEST_UNIT, cell_code, fill_county


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def order(context: Context, cell: str, unit: str, day: date, reason: str) -> str:
    cells = areas.load_cells(context, ADMIN).set_index("code")["id"]
    units = grids.list_units(context, ADMIN).set_index("code")["id"]
    new = NewOrder(owners={int(cells[cell]): int(units[unit])}, reason=reason, effective_on=day)
    return place_order(context, ADMIN, order=new).number


def test_each_day_has_the_units_it_had_or_will_have(county: Context) -> None:
    today = local_day(county.clock())
    soon, later = today + timedelta(days=3), today + timedelta(days=9)
    first = order(county, cell_code(2, 1), EAST_UNIT, today, "Road moved")
    second = order(county, cell_code(2, 2), EAST_UNIT, soon, "New bridge")
    third = order(county, cell_code(2, 1), WEST_UNIT, later, "Road moved back")
    played = load_playback(county, ADMIN, earlier=today - timedelta(days=1), later=later)
    # The cells came with the data today as well: a change of that day, told without an order.
    assert played.days == (today, soon, later)
    assert list(played.list_orders(soon)["number"]) == [second]
    assert list(played.list_orders(later)[["number", "reason", "cells"]].iloc[0]) == [third, "Road moved back", 1]
    assert set(played.list_orders(today)["number"].dropna()) == {first}
    for day in (today, soon, later - timedelta(days=1), later):
        owned = load_ownership_on(county, ADMIN, day=day)
        assert played.find_owners(day) == dict(zip(owned["id"].astype(int), owned["unit_id"].astype(int), strict=True))
    since = load_playback(county, ADMIN, earlier=today, later=soon)
    assert (since.start, since.days, len(since.list_moving())) == (today, (soon,), 1)
    assert since.list_orders(soon)["ids"].iloc[0] == tuple(since.list_moving())


def test_a_scope_sees_its_own_cells_and_days_have_an_order(county: Context) -> None:
    today = local_day(county.clock())
    order(county, cell_code(0, 0), EAST_UNIT, today + timedelta(days=1), "Try")
    asked = {"earlier": today, "later": today + timedelta(days=5)}
    assert len(load_playback(county, WEST_SUPERVISOR, **asked).days) == 1
    assert load_playback(county, EAST_SUPERVISOR, **asked).days == ()
    with pytest.raises(InvalidInput):
        load_playback(county, ADMIN, earlier=today, later=today - timedelta(days=1))
