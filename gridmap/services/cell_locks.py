"""Cells that no order moves, not even an undo."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.change_orders import check_number, check_reason
from gridmap.services.change_order_rules import require_cells
from gridmap.services.context import Context
from gridmap.store import change_orders as store
from gridmap.store import tables


def lock_cells(context: Context, actor: Actor, *, cell_ids: Sequence[int], reason: str) -> int:
    """Keep cells where they are until they are unlocked; how many were not locked before.

    Raises
    ------
    InvalidInput
        No cell, too many, or no reason.
    NotFound
        A cell does not exist in the actor's area.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    check_number(len(set(cell_ids)))
    said = check_reason(reason)
    with context.database.write(actor, kind="lock_cells", reason=said) as work:
        cells = require_cells(work.connection, actor, cell_ids)
        locked = set(store.find_locked(work.connection, list(cell_ids)))
        new = [int(cell) for cell in cells["id"] if cell not in locked]
        row = {"reason": said, "locked_by": actor.name, "locked_at": work.at}
        work.insert_many(tables.cell_lock, [{"cell_id": cell, **row} for cell in new])
        work.touch("change_orders")
    return len(new)


def unlock_cells(context: Context, actor: Actor, *, cell_ids: Sequence[int], reason: str) -> int:
    """Let orders move cells again; how many were locked. Raises as `lock_cells`."""
    check_allowed(actor, Permission.REASSIGN_CELLS)
    check_number(len(set(cell_ids)))
    with context.database.write(actor, kind="unlock_cells", reason=check_reason(reason)) as work:
        require_cells(work.connection, actor, cell_ids)
        locked = store.find_locked(work.connection, list(cell_ids))
        work.delete_many(tables.cell_lock, locked)
        work.touch("change_orders")
    return len(locked)


def list_locks(context: Context, actor: Actor) -> pd.DataFrame:
    """Locked cells in scope by code: id, code, name, reason, locked_by, locked_at."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return store.load_locks(connection, scope=actor.scope_code)
