"""What happens to a change order once it is placed: approved, refused, withdrawn, undone and done again."""

from __future__ import annotations

import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, Role, check_allowed
from gridmap.domain.change_orders import WAITING, OrderKind, OrderState, check_reason
from gridmap.domain.codes import is_within
from gridmap.domain.days import local_day
from gridmap.errors import N_, Conflict, NotAllowed, NotFound
from gridmap.services.change_order_effect import review_waiting, take_effect
from gridmap.services.change_orders import PlacedOrder, describe_placed, save_and_begin
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.store import areas, tables
from gridmap.store import change_orders as store
from gridmap.store.change_orders import KeptOrder
from gridmap.store.unit_of_work import UnitOfWork


def approve_order(context: Context, actor: Actor, *, order_id: int, note: str = "") -> PlacedOrder:
    """Approve another person's order: it takes effect now or on its day, or is found to be overtaken.

    Raises
    ------
    NotAllowed
        It is the actor's own.
    NotFound
        No such order with all its cells in scope.
    Conflict
        It waits for no approval.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    put_due_in_effect(context)
    with context.database.write(actor, kind="approve_order", reason=note.strip()) as work:
        order = require_order(work.connection, actor, order_id)
        _check_state(order, OrderState.PENDING)
        if order.ordered_by == actor.name:
            raise NotAllowed(
                N_("Order {number} is your own; somebody else must approve it."),
                hint=N_("Ask another grid supervisor or an administrator, or withdraw it."),
                number=order.number,
            )
        _decide(work, order, OrderState.APPROVED, note)
        if order.effective_on <= local_day(work.at):
            approved = require_order(work.connection, actor, order_id)
            take_effect(work, approved)
        return describe_placed(work, order_id)


def refuse_order(context: Context, actor: Actor, *, order_id: int, note: str) -> PlacedOrder:
    """Refuse another person's order that waits for approval, saying why; its author withdraws it instead.

    Raises as `approve_order`, and InvalidInput where nothing is said.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    said = check_reason(note)
    with context.database.write(actor, kind="refuse_order", reason=said) as work:
        order = require_order(work.connection, actor, order_id)
        _check_state(order, OrderState.PENDING)
        if order.ordered_by == actor.name:
            raise NotAllowed(N_("Order {number} is your own."), hint=N_("Withdraw it instead."), number=order.number)
        _decide(work, order, OrderState.REFUSED, said)
        return describe_placed(work, order_id)


def withdraw_order(context: Context, actor: Actor, *, order_id: int, note: str = "") -> PlacedOrder:
    """Take back an order that did not take effect yet; for its author and for administrators.

    What was made for the state after it is overtaken with it.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    put_due_in_effect(context)
    with context.database.write(actor, kind="withdraw_order", reason=note.strip()) as work:
        order = require_order(work.connection, actor, order_id)
        _check_state(order, *(OrderState(state) for state in WAITING))
        if order.ordered_by != actor.name and actor.role is not Role.ADMINISTRATOR:
            raise NotAllowed(
                N_("Order {number} is not yours to withdraw."),
                hint=N_("Ask {who}, or an administrator."),
                number=order.number,
                who=order.ordered_by,
            )
        _decide(work, order, OrderState.WITHDRAWN, note)
        review_waiting(work, store.load_moves(work.connection, order_id), cause=order)
        return describe_placed(work, order_id)


def undo_order(context: Context, actor: Actor, *, order_id: int, reason: str) -> PlacedOrder:
    """Give the cells of an order back from today on, by an order of its own; undoing that one does the first again.

    Raises
    ------
    Conflict
        It is not in effect, later orders moved some of its cells, one is locked, or an undo of it waits already.
    NotFound
        No such order with all its cells in scope.
    InvalidInput
        No reason is given.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    said = check_reason(reason)
    put_due_in_effect(context)
    with context.database.write(actor, kind="undo_order", reason=said) as work:
        order = require_order(work.connection, actor, order_id)
        _check_state(order, OrderState.IN_EFFECT)
        moves = store.load_moves(work.connection, order_id)
        _check_undoable(work, order, moves)
        row = {"kind": OrderKind.UNDO.value, "reason": said, "undoes": order_id}
        codes = areas.load_codes(work.connection, list(moves)).values()
        back = {cell: (after, before) for cell, (before, after) in moves.items()}
        return save_and_begin(
            work, row={**row, "effective_on": local_day(work.at)}, moves=back, codes=list(codes) or [order.area_code]
        )


def redo_order(context: Context, actor: Actor, *, order_id: int, reason: str) -> PlacedOrder:
    """Do an order again that was undone, by undoing what undid it; raises as `undo_order`."""
    check_allowed(actor, Permission.REASSIGN_CELLS)
    with context.database.read() as connection:
        order = require_order(connection, actor, order_id)
        _check_state(order, OrderState.UNDONE)
        undoing = store.find_undoing(connection, order_id, [OrderState.IN_EFFECT.value])
    if undoing is None:
        raise _is_otherwise(order)
    return undo_order(context, actor, order_id=undoing.id, reason=reason)


def require_order(connection: sa.Connection, actor: Actor, order_id: int) -> KeptOrder:
    """The order, or NotFound where it does not exist or a cell of it lies outside the actor's area."""
    order = store.load_order(connection, order_id)
    if order is None or not is_within(order.area_code, actor.scope_code):
        raise NotFound(N_("There is no such change order in your area."), hint=N_("Look it up in the list of orders."))
    return order


def _check_undoable(work: UnitOfWork, order: KeptOrder, moves: dict[int, tuple[int | None, int | None]]) -> None:
    waiting = store.find_undoing(work.connection, order.id, WAITING)
    if waiting is not None:
        raise Conflict(
            N_("Order {other} of {who} already waits to undo order {number}."),
            hint=N_("Have that one decided."),
            other=waiting.number,
            who=waiting.ordered_by,
            number=order.number,
        )
    later = store.load_later(work.connection, list(moves), after=order.sequence or 0)
    if later:
        raise Conflict(
            N_("Later orders moved cells of order {number}: {orders}."),
            hint=N_("Undo those first, the newest before the others, or order the cells anew."),
            number=order.number,
            orders=", ".join(f"{number} ({who})" for number, who, _ in later),
        )
    held = areas.load_assignments(work.connection, list(moves))
    moved = sum((held[cell][0] if cell in held else None) != after for cell, (_, after) in moves.items())
    if moved:
        raise Conflict(
            N_("{count} cells of order {number} are no longer where it put them."),
            hint=N_("Order the cells anew."),
            count=moved,
            number=order.number,
        )


def _check_state(order: KeptOrder, *expected: OrderState) -> None:
    if order.state not in expected:
        raise _is_otherwise(order)


def _is_otherwise(order: KeptOrder) -> Conflict:
    return Conflict(
        N_("Order {number} is in a state that does not allow this."),
        hint=N_("Reload the list and look at its new state."),
        number=order.number,
    )


def _decide(work: UnitOfWork, order: KeptOrder, state: OrderState, note: str) -> None:
    decision = {"decided_by": work.actor.name, "decided_at": work.at, "decision_note": note.strip()}
    work.update(tables.change_order, order.id, {"state": state.value, **decision})
    work.touch("change_orders")
