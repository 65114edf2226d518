"""Looking back, and a little ahead: orders, who changed a cell and why, who answers for what on a day, what changed
between two days; and what units are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.change_orders import OrderKind, OrderState
from gridmap.domain.days import local_day
from gridmap.errors import N_, NotFound
from gridmap.services.change_order_decisions import require_order
from gridmap.services.change_order_rules import require_cells
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.store import areas, closed_units, hierarchy, order_notices, tenures
from gridmap.store import change_orders as store


def list_orders(
    context: Context, actor: Actor, *, states: Sequence[str] | None = None, limit: int = 100
) -> pd.DataFrame:
    """Change orders with all their cells in scope, the newest first; columns as `store.change_orders.load_orders`."""
    check_allowed(actor, Permission.VIEW)
    put_due_in_effect(context)
    with context.database.read() as connection:
        return store.load_orders(connection, scope=actor.scope_code, states=states, limit=limit)


def find_order(context: Context, actor: Actor, *, number: str) -> int:
    """Id of the order of that number, or NotFound."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = store.find_order(connection, number.strip())
        if found is None:
            raise NotFound(
                N_("There is no change order {number}."), hint=N_("Look it up in the list of orders."), number=number
            )
        return require_order(connection, actor, found).id


@dataclass(frozen=True)
class Step:
    """An order that can be taken back or done again."""

    id: int
    number: str


def find_steps(orders: pd.DataFrame, *, account: str | None = None) -> tuple[Step | None, Step | None]:
    """The order to undo next, and the one to redo next, among `orders` as `list_orders` has them.

    With an `account`, the last order of that person, and the last that this person took back.
    """
    mine = orders if account is None else orders[orders["ordered_by"] == account]
    # The last of each is the one that took effect last; an order that is redone does so anew.
    in_effect = mine[mine["state"] == OrderState.IN_EFFECT].assign(
        sequence=lambda rows: pd.to_numeric(rows["sequence"]).fillna(0)
    )
    is_undo = in_effect["kind"] == OrderKind.UNDO
    undone = orders[orders["state"] == OrderState.UNDONE].set_index("id")["number"]
    last = in_effect[~is_undo].nlargest(1, "sequence")
    taken_back = in_effect[is_undo & in_effect["undoes"].isin(undone.index)].nlargest(1, "sequence")
    undo = next((Step(int(row.id), str(row.number)) for row in last.itertuples()), None)
    redo = next((Step(int(row.undoes), str(undone[row.undoes])) for row in taken_back.itertuples()), None)
    return undo, redo


@dataclass(frozen=True)
class ShownOrder:
    """An order and its cells: id, code, name, from_unit, to_unit (None: nobody), to_unit_id.

    A cell that was split or merged since has the code and name it ended with.
    """

    order: store.KeptOrder
    cells: pd.DataFrame


def show_order(context: Context, actor: Actor, *, order_id: int) -> ShownOrder:
    """One order with its cells, or NotFound."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        order = require_order(connection, actor, order_id)
        cells = store.load_order_cells(connection, order_id)
        ended = set(cells.loc[cells["code"].isna(), "id"])
        namings = sorted(hierarchy.load_namings(connection, ids=ended), key=lambda item: item.begins)
        was = {item.area_id: item for item in namings}
        for column in ("code", "name"):
            known = cells["id"].map({cell: getattr(item, column) for cell, item in was.items()})
            cells[column] = cells[column].where(~cells["id"].isin(list(was)), known)
        return ShownOrder(order, cells)


@dataclass(frozen=True)
class CellHistory:
    """Days of a cell, and the orders that named it, both the newest first.

    `tenures` has unit_name, valid_from, valid_to, number, ordered_by, reason; `orders` the columns of `list_orders`.
    """

    tenures: pd.DataFrame
    orders: pd.DataFrame


def list_cell_history(context: Context, actor: Actor, *, cell_id: int) -> CellHistory:
    """Who answered for a cell when, and who changed it and why; NotFound outside the scope."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        require_cells(connection, actor, [cell_id])
        orders = store.load_orders(connection, scope="", cell_id=cell_id)
        return CellHistory(tenures.load_cell_tenures(connection, cell_id), orders)


# --- days ---------------------------------------------------------------------------------------------------------


def load_ownership_on(context: Context, actor: Actor, *, day: date) -> pd.DataFrame:
    """Cells in scope as of a day, past, present or to come (then as approved orders say): id, code, unit_id.

    A cell that nobody answered for, or of which nothing is known on that day, has no `unit_id`.
    """
    check_allowed(actor, Permission.VIEW)
    put_due_in_effect(context)
    with context.database.read() as connection:
        cells = areas.load_owned_cells(connection, scope=actor.scope_code)
        owners: dict[int, int | None] = dict(tenures.load_owners_on(connection, day))
        ids = [int(cell) for cell in cells["id"]]
        if day > local_day(context.clock()):
            for item in store.load_waiting(connection, ids):
                if item.state == OrderState.APPROVED and item.effective_on <= day:
                    owners[item.cell_id] = item.to_unit_id
    units = [owners.get(cell) for cell in ids]
    return pd.DataFrame({"id": ids, "code": cells["code"], "unit_id": pd.Series(units, dtype="Int64")})


@dataclass(frozen=True)
class DayComparison:
    """What differs between two days.

    Attributes
    ----------
    cells
        Cells whose unit differs: id, code, before, after (unit ids).
    units
        Per unit with a difference: unit_id, name, cells_before, cells_after, households_before, households_after.
    unknown
        Cells that are left out, because nobody is known to have answered for them on one of the days.
    """

    cells: pd.DataFrame
    units: pd.DataFrame
    unknown: int


def compare_dates(context: Context, actor: Actor, *, earlier: date, later: date) -> DayComparison:
    """Which cells of the scope had another unit on the one day than on the other, and what that makes per unit."""
    check_allowed(actor, Permission.VIEW)
    before = load_ownership_on(context, actor, day=earlier)
    after = load_ownership_on(context, actor, day=later)
    with context.database.read() as connection:
        households = areas.load_owned_cells(connection, scope=actor.scope_code).set_index("id")["households"]
        named = closed_units.load_names(connection)
    both = before.merge(after[["id", "unit_id"]], on="id", suffixes=("_before", "_after"))
    both = both.rename(columns={"unit_id_before": "before", "unit_id_after": "after"})
    both["households"] = both["id"].map(households).fillna(0).astype(int)
    known = both.dropna(subset=["before", "after"])
    changed = known[known["before"] != known["after"]]
    touched = sorted({int(unit) for side in ("before", "after") for unit in changed[side]})
    rows = []
    for unit in touched:
        sides = {side: known.loc[known[side] == unit, "households"] for side in ("before", "after")}
        counts = {f"cells_{side}": len(held) for side, held in sides.items()}
        homes = {f"households_{side}": int(held.sum()) for side, held in sides.items()}
        rows.append({"unit_id": unit, "name": named.get(unit), **counts, **homes})
    columns = ["unit_id", "name", "cells_before", "cells_after", "households_before", "households_after"]
    cells = changed[["id", "code", "before", "after"]].reset_index(drop=True)
    return DayComparison(cells, pd.DataFrame(rows, columns=columns), len(both) - len(known))


# --- notices ------------------------------------------------------------------------------------------------------


def list_notices(context: Context, actor: Actor, *, only_new: bool = False) -> pd.DataFrame:
    """What units in scope and the actor were told of orders, the newest first.

    Columns: id, order_id, number, unit_name (None: told to the actor), message, facts, at, seen_by, seen_at; `message`
    is of the catalogue and takes the fields of `facts`.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return order_notices.load_notices(connection, scope=actor.scope_code, account=actor.name, only_new=only_new)


def mark_notices_seen(context: Context, actor: Actor, *, notice_ids: Sequence[int]) -> int:
    """Take note of notices; how many were new."""
    check_allowed(actor, Permission.VIEW)
    with context.database.write_unjournalled() as connection:
        return order_notices.save_seen(
            connection, notice_ids, scope=actor.scope_code, account=actor.name, at=context.clock()
        )
