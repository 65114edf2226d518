"""Change orders of cells: seen before they are made, refused before anything is written, and placed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.change_orders import NewOrder, OrderState, check_day, check_number, find_common_area
from gridmap.domain.days import local_day
from gridmap.domain.hazards import OPEN
from gridmap.errors import N_, Conflict, InvalidInput
from gridmap.services.change_order_effect import carry_out, find_owners
from gridmap.services.change_order_rules import (
    check_parents,
    check_unlocked,
    read_settings,
    require_cells,
    require_units,
)
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.services.grids import ReassignmentPreview, preview_reassignment
from gridmap.services.territory import load_territory
from gridmap.store import areas, hazards
from gridmap.store import change_orders as store
from gridmap.store.change_orders import WaitingMove
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD
from gridmap.store.unit_of_work import UnitOfWork

REASSIGNMENT = "reassign_cells"
"""Kind of the journal entry of an order."""


@dataclass(frozen=True)
class WaitingOrder:
    """An order that waits and concerns some of the cells chosen.

    `contradicts`: it says something else of one of them for the very day, so that the new one cannot be placed.
    """

    number: str
    state: str
    ordered_by: str
    effective_on: date
    cells: int
    contradicts: bool


@dataclass(frozen=True)
class OrderPreview:
    """What an order would do.

    Attributes
    ----------
    balance
        Units before and after, contiguity, warnings, and the versions a confirmation hands back; as of today.
    locked
        Codes of the chosen cells that are locked; an order with one of them is refused.
    hazards
        Open hazards that would go along.
    waiting
        Orders of others, or own ones, that wait and concern some of the cells.
    needs_approval
        Whether a second person would have to approve it.
    """

    balance: ReassignmentPreview
    locked: tuple[str, ...]
    hazards: int
    waiting: tuple[WaitingOrder, ...]
    needs_approval: bool

    @property
    def may_be_placed(self) -> bool:
        """Whether nothing seen here stands against it."""
        return bool(self.balance.moves) and not self.locked and not any(item.contradicts for item in self.waiting)


@dataclass(frozen=True)
class PlacedOrder:
    """An order as it stands after an act on it; `overtaken` ones did nothing, and their author is told why."""

    id: int
    number: str
    state: str


def preview_order(
    context: Context, actor: Actor, *, owners: Mapping[int, int], effective_on: date | None = None
) -> OrderPreview:
    """What ordering each cell to its unit in `owners` would do; nothing is changed.

    Raises
    ------
    NotAllowed
        The role may not.
    NotFound
        A cell or a unit does not exist, or lies outside the scope.
    InvalidInput
        No cell was chosen, too many were, or the day is over.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    check_number(len(owners))
    day = check_day(effective_on, local_day(context.clock()))
    put_due_in_effect(context)
    balance = preview_reassignment(context, actor, owners=owners)
    held = load_territory(context)
    cells = held.find_cells(list(owners))
    codes, places = held.cells["code"], {unit: held.find_unit(unit) for unit in set(owners.values())}
    to = [places[owners[cell]] for cell in held.cell_ids[cells].tolist()]
    moving = codes.iloc[cells[held.owner[cells] != to]]
    with context.database.read() as connection:
        waiting = store.load_waiting(connection, list(owners))
        return OrderPreview(
            balance=balance,
            locked=tuple(codes.iloc[cells[held.territory.locked[cells]]]),
            hazards=len(hazards.load_hazards_in(connection, list(moving), states=OPEN)),
            waiting=_describe_waiting(waiting, owners, day, context),
            needs_approval=read_settings(connection).need_approval,
        )


def _describe_waiting(
    waiting: Sequence[WaitingMove], owners: Mapping[int, int | None], day: date, context: Context
) -> tuple[WaitingOrder, ...]:
    today = local_day(context.clock())
    counts = Counter(item.order_id for item in waiting)
    against = {item.order_id for item in waiting if _contradicts(item, owners, day, today)}
    first = {item.order_id: item for item in reversed(waiting)}
    return tuple(
        WaitingOrder(item.number, item.state, item.ordered_by, item.effective_on, counts[i], i in against)
        for i, item in sorted(first.items())
    )


def _contradicts(item: WaitingMove, owners: Mapping[int, int | None], day: date, today: date) -> bool:
    """Whether an order that waits gives a cell to another unit on the same day; a late one can do so today at best."""
    return max(item.effective_on, today) == day and item.to_unit_id != owners[item.cell_id]


# --- placing --------------------------------------------------------------------------------------------------------


def place_order(context: Context, actor: Actor, *, order: NewOrder) -> PlacedOrder:
    """Order cells to units, all or none: it takes effect at once, on its day, or after a second person's approval.

    Raises
    ------
    Conflict
        Somebody moved one of the cells since the preview that `versions` come from, one is locked, or an order that
        waits gives one to another unit on the same day.
    NotAllowed, NotFound, InvalidInput
        As `preview_order`; also where no reason is given or nothing would move.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    reason, day = order.check(local_day(context.clock()))
    put_due_in_effect(context)
    with context.database.write(actor, kind=REASSIGNMENT, reason=reason) as work:
        return add_order(work, order=order, reason=reason, day=day)


def add_order(work: UnitOfWork, *, order: NewOrder, reason: str, day: date) -> PlacedOrder:
    """Place an order as a part of a transaction, by whoever does it; raises as `place_order`."""
    actor = work.actor
    cells = require_cells(work.connection, actor, order.owners)
    units = require_units(work.connection, actor, set(order.owners.values()))
    if order.versions is not None:
        _check_seen(work.connection, cells, order.versions)
    before = find_owners(work.connection, order.owners, day=day)
    moves = {cell: (before[cell], unit) for cell, unit in order.owners.items() if before[cell] != unit}
    if not moves:
        raise InvalidInput(N_("These cells already belong to this unit."), hint=N_("Choose another unit."))
    if read_settings(work.connection).within_parent:
        check_parents(cells[cells["id"].isin(list(moves))], order.owners, units)
    row = {"kind": order.kind.value, "reason": reason, "effective_on": day, "undoes": None}
    codes = cells.loc[cells["id"].isin(list(moves)), "code"]
    return save_and_begin(work, row=row, moves=moves, codes=list(codes))


def _check_seen(connection: sa.Connection, cells: pd.DataFrame, versions: Mapping[int, int]) -> None:
    """Raise Conflict where a cell is not as the person saw it, naming the order that came between."""
    ids = [int(cell) for cell in cells["id"]]
    held = areas.load_assignments(connection, ids)
    changed = [cell for cell in ids if versions.get(cell) != (held[cell][1] if cell in held else None)]
    if not changed:
        return
    between = store.find_last(connection, changed)
    if between is None:
        raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
    raise Conflict(
        N_("Order {number} of {who} moved {count} of these cells first; nothing was saved."),
        hint=RELOAD,
        number=between.number,
        who=between.ordered_by,
        count=len(changed),
    )


def save_and_begin(
    work: UnitOfWork,
    *,
    row: Mapping[str, object],
    moves: Mapping[int, tuple[int | None, int | None]],
    codes: Collection[str],
) -> PlacedOrder:
    """Write an order and, where neither day nor approval is waited for, carry it out; Conflict as `place_order`.

    The cells are where `moves` says, by what was read in this transaction. `row` has kind, reason, effective_on and
    undoes; `codes` are those of its cells.
    """
    today = local_day(work.at)
    day = row["effective_on"]
    assert isinstance(day, date)
    check_unlocked(work.connection, list(moves))
    _check_uncontradicted(work.connection, {cell: after for cell, (_, after) in moves.items()}, day, today)
    waits = read_settings(work.connection).need_approval
    order_id = store.save_order(
        work,
        {
            **row,
            "state": (OrderState.PENDING if waits else OrderState.APPROVED).value,
            "area_code": find_common_area(codes),
            "ordered_by": work.actor.name,
            "ordered_at": work.at,
        },
        moves=moves,
        year=today.year,
    )
    work.touch("change_orders")
    order = store.load_order(work.connection, order_id)
    assert order is not None
    if not waits and day <= today:
        carry_out(work, order, moves)
    return describe_placed(work, order_id)


def describe_placed(work: UnitOfWork, order_id: int) -> PlacedOrder:
    """The order as the transaction leaves it."""
    order = store.load_order(work.connection, order_id)
    assert order is not None
    return PlacedOrder(order.id, order.number, order.state)


def _check_uncontradicted(connection: sa.Connection, owners: Mapping[int, int | None], day: date, today: date) -> None:
    against = [item for item in store.load_waiting(connection, owners) if _contradicts(item, owners, day, today)]
    if against:
        first = against[0]
        raise Conflict(
            N_("Order {number} of {who} waits and gives {count} of these cells to another unit on that day."),
            hint=N_("Choose another day, leave them out, or have that order withdrawn or decided first."),
            number=first.number,
            who=first.ordered_by,
            count=sum(item.order_id == first.order_id for item in against),
        )
