"""A change order takes effect: cells and open hazards change hands, both units are told, and what it overtakes ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from gridmap.domain.access import SYSTEM
from gridmap.domain.change_orders import OrderState
from gridmap.domain.days import local_day
from gridmap.domain.hazards import OPEN
from gridmap.errors import N_
from gridmap.services.context import Context
from gridmap.store import areas, hazards, order_notices, tables, tenures
from gridmap.store import change_orders as store
from gridmap.store.change_orders import KeptOrder
from gridmap.store.unit_of_work import UnitOfWork

Moves = Mapping[int, tuple[int | None, int | None]]
"""Unit before and after by cell, None for nobody."""

GIVEN = N_("{count} cells go to {other} by order {number} of {who}; open hazards that go along: {hazards}.")
RECEIVED = N_("{count} cells come from {other} by order {number} of {who}; open hazards that come along: {hazards}.")
OVERTAKEN_BY_ORDER = N_("Order {number} no longer applies: order {other} of {who} concerns {count} of its cells.")
OVERTAKEN = N_("Order {number} no longer applies: {count} of its cells are not where they were when it was made.")
LOCKED_MEANWHILE = N_("Order {number} no longer applies: {count} of its cells are locked.")


def put_due_orders_in_effect(context: Context, *, until: date | None = None) -> int:
    """Carry out approved orders of days up to `until` (today), each in a transaction of its own; how many took effect.

    It may be called at any time and from several processes at once. An order whose cells are elsewhere by now, or
    locked, becomes `overtaken`, and its author is told.
    """
    day = until or local_day(context.clock())
    with context.database.read() as connection:
        due = store.find_due(connection, day)
    done = 0
    for _, order_id in due:
        with context.database.write(SYSTEM, kind="order_due") as work:
            order = store.load_order(work.connection, order_id)
            if order is not None and order.state == OrderState.APPROVED:  # else another process was first
                work.reason = f"{order.number} {order.reason}"
                done += take_effect(work, order)
    return done


def take_effect(work: UnitOfWork, order: KeptOrder) -> bool:
    """Carry `order` out as a part of a transaction; False where it is overtaken instead."""
    moves = store.load_moves(work.connection, order.id)
    work.touch("change_orders")
    obstacle = _find_obstacle(work, order, moves)
    if obstacle is not None:
        _overtake(work, order, *obstacle)
        return False
    carry_out(work, order, moves)
    return True


def carry_out(work: UnitOfWork, order: KeptOrder, moves: Moves) -> None:
    """Do what an order says whose cells are where it saw them and not locked.

    It holds from the day it names, or from the day it was approved where that is later; history before stays as it is.
    """
    decided = local_day(order.decided_at or order.ordered_at)
    tenures.save_owners(work, moves=moves, day=max(order.effective_on, decided), order_id=order.id)
    work.update(
        tables.change_order,
        order.id,
        {
            "state": OrderState.IN_EFFECT.value,
            "in_effect_at": work.at,
            "sequence": store.load_next_sequence(work.connection),
        },
    )
    if order.undoes is not None:
        _take_back(work, order.undoes)
    units = {unit for pair in moves.values() for unit in pair if unit is not None}
    names = {unit: name for unit, (name, _) in areas.load_unit_places(work.connection, units).items()}
    along = _hand_over_hazards(work, order, moves, names)
    _tell_units(work, order, moves, names, along)
    review_waiting(work, moves, cause=order)
    work.touch("units", "change_orders")


def _find_obstacle(work: UnitOfWork, order: KeptOrder, moves: Moves) -> tuple[str, dict[str, Any]] | None:
    """Why the order cannot be carried out, as a message and its values."""
    owners = find_owners(work.connection, moves)
    elsewhere = [cell for cell, (before, _) in moves.items() if owners[cell] != before]
    locked = store.find_locked(work.connection, list(moves))
    if locked:
        return LOCKED_MEANWHILE, {"count": len(locked)}
    if not elsewhere:
        return None
    last = store.find_last(work.connection, elsewhere)
    if last is None:
        return OVERTAKEN, {"count": len(elsewhere)}
    return OVERTAKEN_BY_ORDER, {"count": len(elsewhere), "other": last.number, "who": last.ordered_by}


def _overtake(work: UnitOfWork, order: KeptOrder, message: str, values: dict[str, Any]) -> None:
    work.update(tables.change_order, order.id, {"state": OrderState.OVERTAKEN.value})
    facts = {"number": order.number, **values}
    row = {"order_id": order.id, "account": order.ordered_by, "message": message, "facts": facts}
    order_notices.save_notices(work, [row])


def review_waiting(work: UnitOfWork, cell_ids: Collection[int], *, cause: KeptOrder) -> None:
    """End what waits for cells that will not be where it saw them, now that `cause` took effect or will not.

    An order that was made for the state after another one which waits is held to that.
    """
    waiting = store.load_waiting(work.connection, cell_ids)
    if not waiting:
        return
    expected = find_owners(work.connection, cell_ids)
    for order_id, group in groupby(waiting, key=lambda item: item.order_id):
        items = list(group)
        wrong = sum(item.from_unit_id != expected[item.cell_id] for item in items)
        if wrong:
            order = store.load_order(work.connection, order_id)
            assert order is not None
            values = {"count": wrong, "other": cause.number, "who": cause.ordered_by}
            _overtake(work, order, OVERTAKEN_BY_ORDER, values)
            # Others may have been made for the state after this one, on cells that `cause` has no part in.
            review_waiting(work, {*cell_ids, *store.load_moves(work.connection, order_id)}, cause=cause)
            return
        if items[0].state == OrderState.APPROVED:
            expected |= {item.cell_id: item.to_unit_id for item in items}


def find_owners(
    connection: sa.Connection, cell_ids: Collection[int], *, day: date | None = None
) -> dict[int, int | None]:
    """Unit of each cell now, or on a coming day as far as approved orders say."""
    held = areas.load_assignments(connection, list(cell_ids))
    owners: dict[int, int | None] = {cell: held[cell][0] if cell in held else None for cell in cell_ids}
    for item in store.load_waiting(connection, cell_ids) if day is not None else []:
        if item.state == OrderState.APPROVED and day is not None and item.effective_on <= day:
            owners[item.cell_id] = item.to_unit_id
    return owners


def _take_back(work: UnitOfWork, order_id: int) -> None:
    """Mark an order as undone, and what it had undone as in effect again, and so on along the chain."""
    undone: int | None = order_id
    state = OrderState.UNDONE
    while undone is not None:
        changes: dict[str, Any] = {"state": state.value}
        if state is OrderState.IN_EFFECT:
            changes["sequence"] = store.load_next_sequence(work.connection)
        work.update(tables.change_order, undone, changes)
        order = store.load_order(work.connection, undone)
        assert order is not None
        undone = order.undoes
        state = OrderState.IN_EFFECT if state is OrderState.UNDONE else OrderState.UNDONE


# --- who is told, and what goes along ------------------------------------------------------------------------------


def _hand_over_hazards(
    work: UnitOfWork, order: KeptOrder, moves: Moves, names: Mapping[int, str]
) -> Counter[tuple[int | None, int | None]]:
    """Give the open hazards of the cells a step that says so; how many went from which unit to which."""
    by_code = {code: moves[cell] for cell, code in areas.load_codes(work.connection, list(moves)).items()}
    along: Counter[tuple[int | None, int | None]] = Counter()
    steps = []
    for hazard_id, code, state in hazards.load_hazards_in(work.connection, list(by_code), states=OPEN):
        before, after = by_code[code]
        along[before, after] += 1
        step: dict[str, Any] = {"hazard_id": hazard_id, "from_state": state, "to_state": state, "at": work.at}
        units = {"from_unit": names.get(before or 0, ""), "to_unit": names.get(after or 0, "")}
        steps.append({**step, **units, "actor": order.ordered_by, "order_number": order.number})
    if steps:
        work.insert_many(tables.hazard_step, steps)
        work.touch("hazards")
    return along


def _tell_units(
    work: UnitOfWork,
    order: KeptOrder,
    moves: Moves,
    names: Mapping[int, str],
    along: Counter[tuple[int | None, int | None]],
) -> None:
    rows = []
    for (before, after), count in Counter(moves.values()).items():
        facts = {"count": count, "number": order.number, "who": order.ordered_by, "hazards": along[before, after]}
        for unit, other, message in ((before, after, GIVEN), (after, before, RECEIVED)):
            if unit is not None:
                told = {**facts, "other": names.get(other or 0, "–")}
                rows.append({"order_id": order.id, "unit_id": unit, "message": message, "facts": told})
    order_notices.save_notices(work, rows)
