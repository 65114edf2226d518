"""Changes of the hierarchy for a later day: kept, looked through, withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from gridmap.domain.access import SYSTEM, Actor, Permission, Role, check_allowed
from gridmap.domain.change_orders import find_common_area
from gridmap.domain.codes import is_within
from gridmap.domain.hierarchy import AreaOrderState, SuccessionKind
from gridmap.errors import N_, Conflict, GridmapError, NotAllowed, NotFound
from gridmap.services.area_order_effect import OBSTACLES
from gridmap.services.area_requests import AreaRequest, build_plan, check_as_seen, read_request, read_seen
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.services.hierarchy_effect import AreaChange, describe
from gridmap.store import area_orders, tables
from gridmap.store.area_orders import AreaOrder
from gridmap.store.unit_of_work import UnitOfWork

_ANEW = N_("Order it anew with the areas as they are; whoever ordered this one puts it away.")

_BY_ANOTHER = N_("{who} withdrew it.")
_ASK = N_("Ask {who} why; whoever ordered it puts it away.")

_LISTED = (AreaOrderState.WAITING.value, AreaOrderState.IMPOSSIBLE.value)


@dataclass(frozen=True)
class PendingChange:
    """A change that waits for its day, or whose day came in vain, or that another than its author withdrew.

    Attributes
    ----------
    asked
        Codes of the areas it is about, as they were when it was ordered.
    before, after
        Code and name of each area, as they were seen then.
    obstacle
        Why it can no longer be done, or could not be as things stand; None: nothing is known against it.
    """

    number: int
    kind: SuccessionKind
    state: AreaOrderState
    effective_on: date
    asked: frozenset[str]
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    reason: str
    ordered_by: str
    obstacle: GridmapError | None

    @property
    def is_over(self) -> bool:
        """Whether nothing will come of it any more."""
        return self.state is AreaOrderState.IMPOSSIBLE

    def concerns(self, kind: SuccessionKind, codes: Iterable[str]) -> bool:
        """Whether it waits and a change of some areas, or of one above or below, may come in its way."""
        if self.is_over:
            return False
        if SuccessionKind.RENAME in (self.kind, kind):
            return not self.asked.isdisjoint(codes)
        return any(is_within(code, one) or is_within(one, code) for code in codes for one in self.asked)


def save_order(work: UnitOfWork, request: AreaRequest, seen: AreaChange, *, day: date) -> int:
    """Keep a change until its day, as a part of a transaction; its number.

    Raises
    ------
    Conflict
        Another change of one of the areas waits.
    """
    codes = {state.code for state in (*seen.before, *seen.after)}
    asked = {state.code for state in seen.before[: len(request.codes)]}
    for other in area_orders.load_orders(work.connection, scope="", states=[AreaOrderState.WAITING.value]):
        shared = asked & _list_asked(other)
        if shared:
            raise Conflict(
                N_("Change {number} of {who} waits for {code} already."),
                hint=N_("Withdraw that one first, or wait for its day."),
                number=other.id,
                who=other.ordered_by,
                code=min(shared),
            )
    row = {
        "kind": request.kind.value,
        "state": AreaOrderState.WAITING.value,
        "request": request.to_row(),
        "seen": read_seen(seen),
        "reason": work.reason,
        "area_code": find_common_area(codes),
        "effective_on": day,
        "ordered_by": work.actor.name,
        "ordered_at": work.at,
        "message": "",
        "facts": {},
    }
    work.touch("change_orders")
    return work.insert(tables.area_order, row)


def _list_asked(order: AreaOrder) -> set[str]:
    """Codes, as they were, of the areas an order is about."""
    return {state["code"] for state in order.seen["before"][: len(order.request["codes"])]}


def list_pending(context: Context, actor: Actor) -> list[PendingChange]:
    """Changes in scope that wait, and those that became impossible and were not put away; by their day."""
    check_allowed(actor, Permission.VIEW)
    put_due_in_effect(context)
    with context.database.read() as connection:
        found = area_orders.load_orders(connection, scope=actor.scope_code, states=_LISTED)
        return [_describe(connection, order) for order in found]


def _describe(connection: sa.Connection, order: AreaOrder) -> PendingChange:
    before, after = (tuple((s["code"], s["name"]) for s in order.seen[side]) for side in ("before", "after"))
    return PendingChange(
        order.id,
        SuccessionKind(order.kind),
        AreaOrderState(order.state),
        order.effective_on,
        frozenset(_list_asked(order)),
        before,
        after,
        order.reason,
        order.ordered_by,
        _find_obstacle(connection, order),
    )


def _find_obstacle(connection: sa.Connection, order: AreaOrder) -> GridmapError | None:
    if order.state == AreaOrderState.IMPOSSIBLE:
        hint = _ASK if order.message == _BY_ANOTHER else _ANEW
        return Conflict(order.message, hint=hint, **order.facts)
    try:
        asked = read_request(dict(order.request))
        plan = build_plan(connection, SYSTEM, asked, day=order.effective_on, order=order.id)
        check_as_seen(describe(connection, plan, follow=False), dict(order.seen))
    except OBSTACLES as error:
        return error
    return None


def withdraw_change(context: Context, actor: Actor, *, number: int, note: str = "") -> None:
    """Take back a change that waits for its day, or put one away that became impossible.

    For whoever ordered it and for administrators. What another than the author withdraws stays listed with the name of
    who did, until it is put away.

    Raises
    ------
    NotFound
        No such change in scope.
    NotAllowed
        Another person ordered it.
    Conflict
        It is in effect, or was withdrawn.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    put_due_in_effect(context)
    with context.database.write(actor, kind="withdraw_area_change", reason=note.strip()) as work:
        order = area_orders.load_order(work.connection, number)
        if order is None or not actor.covers(order.area_code):
            raise NotFound(
                N_("There is no change numbered {number} that waits in your area."),
                hint=N_("Look it up in the list of changes to come."),
                number=number,
            )
        if order.ordered_by != actor.name and actor.role is not Role.ADMINISTRATOR:
            raise NotAllowed(
                N_("Change {number} is not yours to withdraw."),
                hint=N_("Ask {who}, or an administrator."),
                number=number,
                who=order.ordered_by,
            )
        if order.state not in _LISTED:
            raise Conflict(
                N_("Change {number} waits no longer."),
                hint=N_("Look at the history of the area."),
                number=number,
            )
        if order.state == AreaOrderState.WAITING and order.ordered_by != actor.name:
            told = {"message": _BY_ANOTHER, "facts": {"who": actor.name}}
            area_orders.save_state(work, number, AreaOrderState.IMPOSSIBLE, **told)
        else:
            area_orders.save_state(work, number, AreaOrderState.WITHDRAWN)
