"""Change orders from the request to the day they hold and back: who may, who is told, and what stands against them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor, Role
from gridmap.domain.change_orders import MOST_CELLS, NewOrder
from gridmap.domain.districting.tenure import is_unbroken
from gridmap.errors import Conflict, GridmapError, InvalidInput, NotAllowed, NotFound
from gridmap.services import areas, grids, hazards, journal
from gridmap.services.cell_locks import list_locks, lock_cells, unlock_cells
from gridmap.services.change_order_decisions import (
    approve_order,
    redo_order,
    refuse_order,
    undo_order,
    withdraw_order,
)
from gridmap.services.change_order_effect import put_due_orders_in_effect
from gridmap.services.change_order_history import (
    compare_dates,
    find_order,
    list_cell_history,
    list_notices,
    list_orders,
    load_ownership_on,
    mark_notices_seen,
    show_order,
)
from gridmap.services.change_order_rules import OrderSettings, save_settings
from gridmap.services.change_orders import PlacedOrder, place_order, preview_order
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.services.loading import SourceInfo, load_dataset
from gridmap.sources.dataset import WGS84
from gridmap.store import tables
from gridmap.store.tenures import load_tenures
from tests.conftest import StoppedClock
from tests.counties import (
    ADMIN,
    EAST_SUPERVISOR,
    EAST_UNIT,
    WEST_SUPERVISOR,
    WEST_UNIT,
    build_dataset,
    cell_code,
    fill_county,
    place_in,
)

TODAY = date(2026, 3, 5)
"""The day after the county was imported."""
LI, WANG = Actor("li", Role.SUPERVISOR, "149901"), Actor("wang", Role.SUPERVISOR, "149901")


@pytest.fixture
def county(sqlite_context: Context, clock: StoppedClock) -> Context:
    fill_county(sqlite_context)
    clock.advance(days=1)
    return sqlite_context


@pytest.fixture
def either(context: Context, clock: StoppedClock) -> Context:
    """The county on each engine."""
    fill_county(context)
    clock.advance(days=1)
    return context


def owners(context: Context) -> dict[str, int]:
    cells = areas.load_cells(context, ADMIN)
    return dict(zip(cells["code"], cells["unit_id"].astype(int), strict=True))


def unit_of(context: Context, code: str) -> int:
    return int(grids.list_units(context, ADMIN).set_index("code").loc[code, "id"])


def cells_of(context: Context, *places: tuple[int, int]) -> list[int]:
    ids = areas.load_cells(context, ADMIN).set_index("code")["id"]
    return [int(ids[cell_code(*place)]) for place in places]


def order(
    context: Context,
    actor: Actor,
    cells: list[int],
    unit: str = EAST_UNIT,
    *,
    day: date | None = None,
    reason: str = "Road moved",
) -> PlacedOrder:
    wanted = NewOrder(owners=dict.fromkeys(cells, unit_of(context, unit)), reason=reason, effective_on=day)
    return place_order(context, actor, order=wanted)


def state_of(context: Context, placed: PlacedOrder) -> str:
    orders = list_orders(context, ADMIN).set_index("id")
    return str(orders.loc[placed.id, "state"])


def told(context: Context, actor: Actor) -> list[str]:
    return [row.message.format(**row.facts) for row in list_notices(context, actor, only_new=True).itertuples()]


def check_days(context: Context) -> None:
    """Every cell has had one unit on each day, and today's is the one on the map."""
    with context.database.read() as connection:
        ids = list(connection.scalars(sa.select(tables.assignment.c.cell_id)))
        found = load_tenures(connection, ids)
        now = dict(connection.execute(sa.select(tables.assignment.c.cell_id, tables.assignment.c.unit_id)).all())
    assert all(is_unbroken(found[cell]) and found[cell][-1].unit == now[cell] for cell in ids)


def test_an_order_its_undo_and_its_redo_on_either_engine(either: Context, clock: StoppedClock) -> None:
    lon, lat = place_in(2, 1)
    hazard = hazards.add_hazard(
        either, ADMIN, new=NewHazard(kind="burning", severity=2, title="Rubbish", lon=lon, lat=lat)
    )
    before, cells = owners(either), cells_of(either, (2, 1), (2, 2))
    seen = preview_order(either, WANG, owners=dict.fromkeys(cells, unit_of(either, EAST_UNIT)))
    assert (seen.balance.moves, seen.hazards, seen.locked, seen.waiting) == (2, 1, (), ())
    assert owners(either) == before
    placed = order(either, WANG, cells)
    assert (placed.number, placed.state) == ("2026-0001", "in_effect")
    shown = show_order(either, WANG, order_id=placed.id)
    assert shown.order.area_code == "149901001001"
    assert shown.cells["code"].tolist() == [cell_code(2, 1), cell_code(2, 2)]
    assert shown.cells["from_unit"].nunique() == shown.cells["to_unit"].nunique() == 1
    (step,) = [s for s in hazards.load_steps(either, ADMIN, hazard_id=hazard).itertuples() if s.order_number]
    assert (step.order_number, step.from_unit, step.to_unit) == (
        placed.number,
        shown.cells["from_unit"].iloc[0],
        shown.cells["to_unit"].iloc[0],
    )
    after = owners(either)
    clock.advance(days=3)
    undone = undo_order(either, WANG, order_id=placed.id, reason="Too early")
    assert owners(either) == before
    assert [state_of(either, item) for item in (placed, undone)] == ["undone", "in_effect"]
    assert len([s for s in hazards.load_steps(either, ADMIN, hazard_id=hazard).itertuples() if s.order_number]) == 2
    clock.advance(days=3)
    redo_order(either, WANG, order_id=placed.id, reason="Now it is time")
    assert owners(either) == after
    assert [state_of(either, item) for item in (placed, undone)] == ["in_effect", "undone"]
    history = list_cell_history(either, WANG, cell_id=cells[0])
    assert history.tenures["reason"].tolist() == ["Now it is time", "Too early", "Road moved", None]
    assert history.orders["number"].tolist() == ["2026-0003", "2026-0002", "2026-0001"]
    check_days(either)
    assert journal.verify_journal(either, ADMIN) is None
    west, east = unit_of(either, WEST_UNIT), unit_of(either, EAST_UNIT)
    for day, unit in ((TODAY - timedelta(days=2), None), (TODAY, east), (TODAY + timedelta(days=4), west)):
        on_day = load_ownership_on(either, ADMIN, day=day).set_index("id")["unit_id"]
        assert on_day.loc[cells[0]] == unit if unit else on_day.isna().all()
    compared = compare_dates(either, ADMIN, earlier=TODAY, later=TODAY + timedelta(days=4))
    assert sorted(compared.cells["id"]) == cells
    assert compared.units.set_index("unit_id")["cells_after"].to_dict() == {west: 12, east: 12}
    before_all = compare_dates(either, ADMIN, earlier=TODAY - timedelta(days=2), later=TODAY)
    assert (len(before_all.cells), before_all.unknown) == (0, 24)
    assert len(told(either, EAST_SUPERVISOR)) == 3
    assert mark_notices_seen(either, EAST_SUPERVISOR, notice_ids=list(list_notices(either, ADMIN)["id"])) == 3
    assert told(either, EAST_SUPERVISOR) == []


def test_a_second_person_approves_where_it_is_asked_for(county: Context) -> None:
    save_settings(county, ADMIN, settings=OrderSettings(need_approval=True))
    before, cells = owners(county), cells_of(county, (2, 1))
    placed = order(county, LI, cells)
    assert placed.state == "pending"
    assert owners(county) == before
    with pytest.raises(NotAllowed, match="your own"):
        approve_order(county, LI, order_id=placed.id)
    # Not as an administrator either, and nobody whose area holds only a part of it or may not move cells.
    with pytest.raises(NotAllowed):
        approve_order(county, Actor("li", Role.ADMINISTRATOR), order_id=placed.id)
    with pytest.raises(NotAllowed):
        approve_order(county, Actor("zhao", Role.COMMANDER), order_id=placed.id)
    with pytest.raises(NotFound):
        approve_order(county, EAST_SUPERVISOR, order_id=placed.id)
    assert approve_order(county, WANG, order_id=placed.id, note="Agreed").state == "in_effect"
    with pytest.raises(Conflict, match="does not allow this"):
        approve_order(county, WANG, order_id=placed.id)
    # Taking it back is an order like any other.
    undo = undo_order(county, WANG, order_id=placed.id, reason="Mistake")
    assert undo.state == "pending"
    with pytest.raises(Conflict, match="already waits to undo"):
        undo_order(county, WANG, order_id=placed.id, reason="Mistake")
    approve_order(county, LI, order_id=undo.id)
    assert owners(county) == before


def test_refusing_needs_a_word_and_withdrawing_is_the_authors(county: Context) -> None:
    save_settings(county, ADMIN, settings=OrderSettings(need_approval=True))
    before = owners(county)
    first, second = order(county, LI, cells_of(county, (2, 1))), order(county, LI, cells_of(county, (2, 2)))
    with pytest.raises(InvalidInput):
        refuse_order(county, WANG, order_id=first.id, note=" ")
    with pytest.raises(NotAllowed):
        refuse_order(county, LI, order_id=first.id, note="No")
    assert refuse_order(county, WANG, order_id=first.id, note="Not now").state == "refused"
    with pytest.raises(NotAllowed, match="not yours"):
        withdraw_order(county, WANG, order_id=second.id)
    assert withdraw_order(county, LI, order_id=second.id).state == "withdrawn"
    assert owners(county) == before
    shown = show_order(county, LI, order_id=first.id).order
    assert (shown.decided_by, shown.decision_note) == ("wang", "Not now")


def test_an_order_for_a_later_day_changes_nothing_before_it(county: Context, clock: StoppedClock) -> None:
    before, cells = owners(county), cells_of(county, (2, 1))
    december = TODAY + timedelta(days=30)
    placed = order(county, LI, cells, day=december)
    assert (placed.state, owners(county)) == ("approved", before)
    assert load_ownership_on(county, LI, day=december).set_index("id")["unit_id"].loc[cells[0]] == unit_of(
        county, EAST_UNIT
    )
    seen = preview_order(county, WANG, owners=dict.fromkeys(cells, unit_of(county, EAST_UNIT)))
    ((number, effective, contradicts),) = [(w.number, w.effective_on, w.contradicts) for w in seen.waiting]
    assert (number, effective, contradicts) == (placed.number, december, False)
    # The server stood still for two days when it should have taken effect.
    clock.advance(days=32)
    assert put_due_orders_in_effect(county) == 1
    assert put_due_orders_in_effect(county) == 0
    assert owners(county)[cell_code(2, 1)] == unit_of(county, EAST_UNIT)
    history = list_cell_history(county, LI, cell_id=cells[0]).tenures
    assert history["valid_from"].tolist() == [december, TODAY - timedelta(days=1)]
    check_days(county)


def test_two_orders_of_one_day_do_not_contradict_each_other(county: Context) -> None:
    cells, day = cells_of(county, (2, 1), (2, 2)), TODAY + timedelta(days=5)
    placed = order(county, LI, cells, day=day)
    back = NewOrder(owners={cells[0]: unit_of(county, WEST_UNIT)}, reason="Stays", effective_on=day)
    with pytest.raises(Conflict, match=f"Order {placed.number} of li waits"):
        place_order(county, WANG, order=back)
    # A day later it may go back: the order was made for the state after the first.
    later = NewOrder(owners=back.owners, reason="Stays", effective_on=day + timedelta(days=1))
    second = place_order(county, WANG, order=later)
    assert second.state == "approved"
    withdraw_order(county, LI, order_id=placed.id)
    assert state_of(county, second) == "overtaken"
    assert any(second.number in words for words in told(county, WANG))


def test_the_one_who_is_overtaken_is_told(county: Context, clock: StoppedClock) -> None:
    cells, day = cells_of(county, (2, 1), (2, 2)), TODAY + timedelta(days=5)
    waiting, other = order(county, LI, cells, day=day), order(county, LI, cells_of(county, (2, 3)), day=day)
    first = order(county, WANG, cells[:1] + cells_of(county, (2, 3)))
    assert (first.state, state_of(county, waiting)) == ("in_effect", "overtaken")
    assert state_of(county, other) == "overtaken"
    assert told(county, LI)[1] == (
        f"Order {waiting.number} no longer applies: order {first.number} of wang concerns 1 of its cells."
    )
    # What is told to a person names no unit, beside what is told to units.
    assert None in set(list_notices(county, LI)["unit_name"])
    after = owners(county)
    clock.advance(days=10)
    assert put_due_orders_in_effect(county) == 0
    assert owners(county) == after


def test_a_stale_preview_names_the_order_that_came_between(county: Context) -> None:
    cells, east = cells_of(county, (2, 1)), unit_of(county, EAST_UNIT)
    seen = preview_order(county, LI, owners=dict.fromkeys(cells, east)).balance.versions
    first = order(county, WANG, cells)
    with pytest.raises(Conflict, match=f"Order {first.number} of wang moved 1 of these cells first"):
        place_order(county, LI, order=NewOrder(owners={cells[0]: east}, reason="Late", versions=seen))


def test_an_order_in_the_middle_is_undone_where_nothing_depends_on_it(county: Context) -> None:
    (one, two, three) = cells_of(county, (2, 1), (2, 2), (3, 1))
    start = owners(county)
    first = order(county, LI, [one])
    order(county, LI, [two])
    back = order(county, WANG, [one, three], WEST_UNIT)
    with pytest.raises(Conflict, match=f"Later orders moved cells of order {first.number}: {back.number}"):
        undo_order(county, LI, order_id=first.id, reason="Mistake")
    undo_order(county, LI, order_id=back.id, reason="Mistake")
    undo_order(county, LI, order_id=first.id, reason="Mistake")
    now = owners(county)
    assert {code for code in start if start[code] != now[code]} == {cell_code(2, 2)}
    check_days(county)


def test_locked_cells_stay_whatever_is_ordered(county: Context, clock: StoppedClock) -> None:
    (cell, other) = cells_of(county, (2, 1), (2, 2))
    moved = order(county, LI, [cell])
    waiting = order(county, LI, [cell, other], WEST_UNIT, day=TODAY + timedelta(days=2))
    assert lock_cells(county, LI, cell_ids=[cell], reason="Border dispute") == 1
    assert lock_cells(county, LI, cell_ids=[cell], reason="Border dispute") == 0
    assert list_locks(county, WEST_SUPERVISOR)["code"].tolist() == [cell_code(2, 1)]
    held = owners(county)
    for attempt in (
        lambda: order(county, ADMIN, [cell, other], WEST_UNIT),
        lambda: undo_order(county, ADMIN, order_id=moved.id, reason="Back"),
    ):
        with pytest.raises(Conflict, match="1 of the cells are locked"):
            attempt()
    clock.advance(days=2)
    assert put_due_orders_in_effect(county) == 0
    assert (state_of(county, waiting), owners(county)) == ("overtaken", held)
    assert "locked" in told(county, LI)[0]
    assert preview_order(county, LI, owners=dict.fromkeys([cell, other], unit_of(county, WEST_UNIT))).locked
    assert unlock_cells(county, LI, cell_ids=[cell], reason="Settled") == 1
    undo_order(county, LI, order_id=moved.id, reason="Back")
    assert owners(county)[cell_code(2, 1)] == unit_of(county, WEST_UNIT)


def test_what_cannot_be_ordered_is_refused_before_anything_is_written(county: Context) -> None:
    inside, outside, east = *cells_of(county, (2, 1), (3, 1)), unit_of(county, EAST_UNIT)
    yesterday = TODAY - timedelta(days=1)
    west = unit_of(county, WEST_UNIT)
    refused: list[tuple[Actor, NewOrder, type[GridmapError]]] = [
        (WEST_SUPERVISOR, NewOrder(owners={outside: west}, reason="r"), NotFound),
        (WEST_SUPERVISOR, NewOrder(owners={inside: east}, reason="r"), NotFound),
        (ADMIN, NewOrder(owners={inside: 4711}, reason="r"), NotFound),
        (ADMIN, NewOrder(owners={4711: east}, reason="r"), NotFound),
        (ADMIN, NewOrder(owners={inside: west}, reason="r"), InvalidInput),
        (ADMIN, NewOrder(owners={inside: east}, reason="r", effective_on=yesterday), InvalidInput),
        (ADMIN, NewOrder(owners={}, reason="r"), InvalidInput),
        (ADMIN, NewOrder(owners={inside: east}, reason=" "), InvalidInput),
        (ADMIN, NewOrder(owners=dict.fromkeys(range(MOST_CELLS + 1), east), reason="r"), InvalidInput),
        (Actor("zhao", Role.COMMANDER), NewOrder(owners={inside: east}, reason="r"), NotAllowed),
    ]
    before = county.revisions("units", "change_orders")
    for actor, wanted, kind in refused:
        with pytest.raises(kind) as error:
            place_order(county, actor, order=wanted)
        assert error.value.hint_text
    save_settings(county, ADMIN, settings=OrderSettings(within_parent=True))
    with pytest.raises(InvalidInput, match="outside the area of their new unit"):
        order(county, ADMIN, [inside])
    assert list_orders(county, ADMIN).empty
    assert county.revisions("units") == before[:1]


def test_orders_are_seen_by_whose_area_holds_them(county: Context) -> None:
    crossing = order(county, LI, cells_of(county, (2, 1)))
    both = order(county, LI, cells_of(county, (2, 2)) + cells_of(county, (3, 3)), WEST_UNIT, day=TODAY)
    assert list_orders(county, WEST_SUPERVISOR)["id"].tolist() == [crossing.id]
    assert list_orders(county, EAST_SUPERVISOR)["id"].tolist() == [both.id]
    assert find_order(county, LI, number="2026-0002") == both.id
    with pytest.raises(NotFound):
        find_order(county, WEST_SUPERVISOR, number="2026-0002")


def test_the_journal_leaves_the_undoing_of_orders_to_orders(county: Context) -> None:
    placed = order(county, LI, cells_of(county, (2, 1)))
    newest = int(journal.list_changes(county, ADMIN, table_name="assignment")["txn_id"].iloc[0])
    with pytest.raises(Conflict, match=f"belongs to change order {placed.number}"):
        journal.undo_change(county, ADMIN, txn_id=newest, reason="mistake")


def test_a_second_import_keeps_days_and_orders(sqlite_context: Context) -> None:
    source = SourceInfo("areas", "county", "0" * 64, "nobody", "CC0", WGS84, False, sqlite_context.clock(), {})
    for number in range(2):
        with sqlite_context.database.write(ADMIN, kind="import") as work:
            load_dataset(work, build_dataset(), source=source, access_distance_m=50)
        if number == 0:
            cells = cells_of(sqlite_context, (2, 1))
            order(sqlite_context, LI, cells)
    assert owners(sqlite_context)[cell_code(2, 1)] == unit_of(sqlite_context, EAST_UNIT)
    check_days(sqlite_context)
    history = list_cell_history(sqlite_context, LI, cell_id=cells[0])
    assert (len(history.tenures), history.orders["number"].tolist()) == (1, ["2026-0001"])
