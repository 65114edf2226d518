"""Better territories from what is asked to the order, on a county whose east was given a part of the west."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmap.domain.access import Actor
from gridmap.domain.change_orders import NewOrder
from gridmap.domain.days import local_day
from gridmap.domain.districting.proposals import Wishes
from gridmap.domain.districting.search import Effort
from gridmap.errors import Cancelled, CannotPlan, Conflict, InvalidInput, NoData, NotFound
from gridmap.services import areas, grids, journal
from gridmap.services import change_order_history as history
from gridmap.services.cell_locks import lock_cells
from gridmap.services.change_order_decisions import undo_order
from gridmap.services.change_order_rules import OrderSettings, save_settings
from gridmap.services.change_orders import place_order
from gridmap.services.context import Context
from gridmap.services.suggestion_posing import Goal, SuggestionRequest
from gridmap.services.suggestions import Suggestion, order_suggestion, suggest
from gridmap.services.units import close_unit
from gridmap.services.workload import measure_units
from tests.counties import (
    ADMIN,
    COUNTY,
    EAST_TOWN,
    EAST_UNIT,
    ROWS,
    WEST_SUPERVISOR,
    WEST_UNIT,
    cell_code,
    fill_county,
)

EFFORT = Effort(iterations=60_000)
WISHES = Wishes(tolerance=0.1, compactness_kept=0.7, alternatives=())
TILT = (390 + 400 + 410 + 420) / 4380
"""Households that changed sides, over those of a town."""


def cell_of(context: Context, column: int, row: int) -> int:
    cells = areas.load_cells(context, ADMIN).set_index("code")
    return int(cells.loc[cell_code(column, row), "id"])


def unit_of(context: Context, code: str) -> int:
    return int(grids.list_units(context, ADMIN).set_index("code").loc[code, "id"])


def tilt(context: Context) -> list[int]:
    """Give the easternmost column of the west to the east; its cells."""
    fill_county(context)
    cells = [cell_of(context, 2, row) for row in range(ROWS)]
    place_order(
        context, ADMIN, order=NewOrder(owners=dict.fromkeys(cells, unit_of(context, EAST_UNIT)), reason="Bridge closed")
    )
    return cells


@pytest.fixture
def tilted(sqlite_context: Context) -> Context:
    tilt(sqlite_context)
    return sqlite_context


def ask(context: Context, goal: Goal = Goal.REBALANCE, *, actor: Actor = ADMIN, **more: object) -> Suggestion:
    request = SuggestionRequest(**{"goal": goal, "wishes": WISHES, "effort": EFFORT, "area_code": COUNTY, **more})
    return suggest(context, actor, request=request)


def test_units_are_balanced_by_one_order_that_moves_no_locked_cell(context: Context) -> None:
    moved = tilt(context)
    lock_cells(context, ADMIN, cell_ids=moved[:1], reason="Boundary in dispute")
    found = ask(context)
    (chosen,) = found.alternatives
    assert chosen.before.deviation == pytest.approx(TILT)
    assert chosen.balanced
    assert chosen.after.deviation <= 0.1
    assert set(chosen.owners.values()) == {unit_of(context, WEST_UNIT)}
    assert len(chosen.owners) <= len(moved)
    assert moved[0] not in chosen.owners
    assert (chosen.after.strays, chosen.before.minutes is not None) == (0, True)
    placed = order_suggestion(context, ADMIN, suggestion=found, choice=0, reason="Even work")
    assert placed.state == "in_effect"
    order = history.show_order(context, ADMIN, order_id=placed.id).order
    assert (order.kind, order.cells) == ("rebalance", len(chosen.owners))
    now = measure_units(context, ADMIN).units.set_index("id")
    for unit in chosen.units:
        assert unit.after.deviation == pytest.approx(now.loc[unit.unit_id, "deviation"])
        assert unit.after.minutes == pytest.approx(now.loc[unit.unit_id, "minutes"])
    with pytest.raises(NoData):
        order_suggestion(context, ADMIN, suggestion=ask(context), choice=0, reason="Again")


def test_a_proposal_whose_cells_were_moved_meanwhile_is_refused(tilted: Context) -> None:
    found = ask(tilted)
    cell = next(iter(found.alternatives[0].owners))
    place_order(
        tilted, ADMIN, order=NewOrder(owners={cell: found.alternatives[0].owners[cell]}, reason="Somebody was first")
    )
    before = grids.list_units(tilted, ADMIN)["cells"].tolist()
    with pytest.raises(Conflict, match="moved 1 of these cells first"):
        order_suggestion(tilted, ADMIN, suggestion=found, choice=0, reason="Even work")
    assert grids.list_units(tilted, ADMIN)["cells"].tolist() == before


def test_alternatives_differ_and_whoever_cancels_gets_the_best_so_far(tilted: Context) -> None:
    def stop(_: float, message: str) -> None:
        raise Cancelled("Enough.")

    asked = SuggestionRequest(area_code=COUNTY, wishes=Wishes(tolerance=0.1), effort=Effort(seconds=600))
    stopped = suggest(tilted, ADMIN, request=asked, progress=stop)
    plans = [tuple(sorted(one.owners.items())) for one in stopped.alternatives]
    assert len(set(plans)) == len(plans) >= 1
    assert all(one.after.strays == 0 for one in stopped.alternatives)


def test_a_new_unit_begins_with_the_order_and_is_closed_once_it_has_no_cell(tilted: Context) -> None:
    begin = cell_of(tilted, 5, 3)
    found = ask(tilted, Goal.STAFF, name=" New Station ", begin_cell_id=begin, wishes=Wishes(tolerance=0.2))
    chosen = found.alternatives[0]
    assert chosen.owners[begin] == -1
    assert chosen.begins[-1].area_code == f"{EAST_TOWN}001"
    placed = order_suggestion(tilted, ADMIN, suggestion=found, choice=0, reason="More homes")
    made = grids.list_units(tilted, ADMIN).set_index("name").loc["New Station"]
    assert made["code"] == f"{EAST_UNIT}01"
    assert made["cells"] == list(chosen.owners.values()).count(-1)
    with pytest.raises(Conflict, match="still has cells"):
        close_unit(tilted, ADMIN, unit_id=int(made["id"]), reason="Not needed")
    undo_order(tilted, ADMIN, order_id=placed.id, reason="No money")
    # A unit without a cell has no share of the work.
    assert measure_units(tilted, ADMIN).units["deviation"].abs().max() == pytest.approx(TILT)
    close_unit(tilted, ADMIN, unit_id=int(made["id"]), reason="Not needed")
    assert "New Station" not in set(grids.list_units(tilted, ADMIN)["name"])
    with pytest.raises(NotFound):
        close_unit(tilted, ADMIN, unit_id=int(made["id"]), reason="Again")
    with pytest.raises(InvalidInput):
        ask(tilted, Goal.STAFF)
    with pytest.raises(NotFound):
        ask(tilted, Goal.STAFF, name="x", begin_cell_id=0)


def test_a_unit_that_closes_leaves_all_its_cells_to_the_others(tilted: Context) -> None:
    west, east = unit_of(tilted, WEST_UNIT), unit_of(tilted, EAST_UNIT)
    found = ask(tilted, Goal.ABSORB, unit_id=west)
    assert set(found.alternatives[0].owners.values()) == {east}
    placed = order_suggestion(tilted, ADMIN, suggestion=found, choice=0, reason="Merged")
    assert grids.list_units(tilted, ADMIN).set_index("id")["cells"].to_dict() == {west: 0, east: 24}
    seen = read_history(tilted, placed.id, cell_of(tilted, 0, 0))
    assert "Willow Village" in {*seen[0], *seen[2], *seen[3]}
    close_unit(tilted, ADMIN, unit_id=west, reason="Merged")
    assert read_history(tilted, placed.id, cell_of(tilted, 0, 0)) == seen
    assert "Willow Village" not in set(grids.list_units(tilted, ADMIN)["name"])
    txn = int(journal.list_changes(tilted, ADMIN, limit=1)["txn_id"].iloc[0])
    journal.undo_change(tilted, ADMIN, txn_id=txn, reason="Not yet")
    assert "Willow Village" in set(grids.list_units(tilted, ADMIN)["name"])
    assert read_history(tilted, placed.id, cell_of(tilted, 0, 0)) == seen
    close_unit(tilted, ADMIN, unit_id=west, reason="Merged")
    with pytest.raises(NotFound):
        ask(tilted, Goal.ABSORB, unit_id=west)
    with pytest.raises(CannotPlan):
        ask(tilted, Goal.ABSORB, unit_id=east)


def read_history(context: Context, order_id: int, cell_id: int) -> tuple[list[str], ...]:
    """Names of units in an order, the days of a cell, the notices, and two days compared."""
    today = local_day(context.clock())
    compared = history.compare_dates(context, ADMIN, earlier=today - timedelta(days=1), later=today)
    return (
        sorted(set(history.show_order(context, ADMIN, order_id=order_id).cells["from_unit"])),
        list(history.list_cell_history(context, ADMIN, cell_id=cell_id).tenures["unit_name"]),
        sorted(history.list_notices(context, ADMIN)["unit_name"]),
        sorted(compared.units["name"]),
    )


@pytest.mark.parametrize(("count", "begins"), [(3, 1), (2, 0), (1, 0)])
def test_as_many_units_are_drawn_afresh_as_are_asked_for(tilted: Context, count: int, begins: int) -> None:
    found = ask(tilted, Goal.AFRESH, count=count, name="Station" if begins else "", wishes=Wishes(tolerance=0.2))
    for one in found.alternatives:
        assert len(one.begins) == begins
        assert sum(unit.after.cells > 0 for unit in one.units) == count
        assert sum(unit.after.cells for unit in one.units) == 24
    assert found.alternatives[0].balanced
    with pytest.raises(CannotPlan):
        ask(tilted, Goal.AFRESH, count=25, name="Station")


def test_where_that_is_asked_cells_go_to_units_of_their_own_area_alone(tilted: Context) -> None:
    save_settings(tilted, ADMIN, settings=OrderSettings(within_parent=True))
    found = ask(tilted)
    foreign = {cell_of(tilted, 2, row) for row in range(ROWS)}
    assert set(found.alternatives[0].owners) <= foreign
    assert set(found.alternatives[0].owners.values()) == {unit_of(tilted, WEST_UNIT)}
    order_suggestion(tilted, ADMIN, suggestion=found, choice=0, reason="Home again")
    assert ask(tilted).alternatives[0].owners == {}


def test_only_what_lies_in_the_own_area_takes_part(tilted: Context) -> None:
    (chosen,) = ask(tilted, actor=WEST_SUPERVISOR).alternatives
    assert (chosen.owners, len(chosen.units)) == ({}, 1)
    with pytest.raises(NotFound):
        ask(tilted, actor=WEST_SUPERVISOR, area_code=EAST_TOWN)
