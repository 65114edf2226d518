"""Changes of the hierarchy whose day has come are carried out as they were seen, or said to be no longer possible."""

from __future__ import annotations

import json
from datetime import date

from gridmap.domain.access import SYSTEM
from gridmap.domain.hierarchy import AreaOrderState
from gridmap.errors import Conflict, GridmapError, InvalidInput, NotAllowed, NotFound
from gridmap.services.area_requests import build_plan, check_as_seen, read_request
from gridmap.services.context import Context
from gridmap.services.hierarchy_effect import CHANGE, carry_out, describe
from gridmap.store import area_orders
from gridmap.store.unit_of_work import UnitOfWork

OBSTACLES = (Conflict, InvalidInput, NotAllowed, NotFound)
"""Errors that say a change is no longer possible; others, such as a database that is busy, pass."""


def put_due_changes_in_effect(context: Context, *, until: date) -> int:
    """Carry out what waits for a day up to `until`, each in a transaction of its own; how many took effect.

    It may be called at any time and from several processes at once. What cannot be done as it was seen becomes
    `impossible`, with the sentence that says why.
    """
    with context.database.read() as connection:
        due = area_orders.find_due(connection, until)
    return sum(_carry_out(context, number) for _, number in due)


def _carry_out(context: Context, number: int) -> bool:
    try:
        with context.database.write(SYSTEM, kind=CHANGE) as work:
            order = _find_waiting(work, number)
            if order is None:
                return False  # another process was first
            work.reason = order.reason
            asked = read_request(dict(order.request))
            plan = build_plan(work.connection, SYSTEM, asked, day=order.effective_on, order=number)
            check_as_seen(describe(work.connection, plan, follow=False), dict(order.seen))
            carry_out(work, plan, day=order.effective_on)
            area_orders.save_state(work, number, AreaOrderState.IN_EFFECT, txn=work.reserve_number())
    except OBSTACLES as error:
        _give_up(context, number, error)
        return False
    context.sessions.clear()  # an account may be confined to another code now
    return True


def _give_up(context: Context, number: int, error: GridmapError) -> None:
    facts = json.loads(json.dumps(error.values, default=str))
    with context.database.write(SYSTEM, kind="area_order_impossible") as work:
        order = _find_waiting(work, number)
        if order is not None:
            work.reason = order.reason
            area_orders.save_state(work, number, AreaOrderState.IMPOSSIBLE, message=error.message, facts=facts)


def _find_waiting(work: UnitOfWork, number: int) -> area_orders.AreaOrder | None:
    order = area_orders.load_order(work.connection, number)
    return order if order is not None and order.state == AreaOrderState.WAITING else None
