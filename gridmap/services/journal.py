"""Who changed what: the list of changes, taking one back, and proving that none was tampered with."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, Role, check_allowed
from gridmap.domain.codes import is_within
from gridmap.domain.days import local_day
from gridmap.domain.journal import Event
from gridmap.errors import N_, Conflict, NotAllowed
from gridmap.services.context import Context
from gridmap.store import journal as store
from gridmap.store.change_orders import find_order_of_txn
from gridmap.store.hierarchy import HIERARCHY
from gridmap.store.rail import is_patrol
from gridmap.store.tenures import follow_assignments
from gridmap.store.undo import load_events

UNDO = "undo"
"""Kind of a transaction that takes another one back."""

_OWNING = {"area", "grid_unit", "assignment"}
"""Tables whose changes change who answers for a cell."""

_COLUMNS = ["txn_id", "kind", "actor", "reason", "at", "events", "undone_by"]

TOPICS_OF = {
    "area": ("areas",),
    "grid_unit": ("units",),
    "closed_unit": ("units",),
    "area_past": ("areas",),
    "area_succession": ("areas",),
    "area_order": ("change_orders",),
    "assignment": ("units",),
    "rail_line": ("rail",),
    "rail_segment": ("rail",),
    "mileage_point": ("rail",),
    "protection_zone": ("zones",),
    "section_chief": ("chiefs",),
    "joint_inspection": ("chiefs",),
    "hazard": ("hazards",),
    "hazard_step": ("hazards",),
    "hazard_referral": ("hazards",),
    "hazard_kind": ("hazards",),
    "hazard_photo": ("hazards",),
    "network_site": ("networks",),
    "post": ("teams",),
    "team": ("teams",),
    "team_duty": ("teams",),
    "patrol_plan": ("plans",),
    "patrol_order": ("orders",),
    "order_stop": ("orders",),
    "stop_photo": ("orders",),
    "coverage": ("coverage",),
    "patrol_strategy": ("plans",),
    "incident": ("incidents",),
    "dispatch": ("incidents",),
    "closure": ("closures",),
    "change_order": ("change_orders",),
    "cell_lock": ("change_orders",),
    "adjacency_rule": ("borders",),
}
"""Which revisions a change of each table raises."""


def list_changes(context: Context, actor: Actor, *, table_name: str | None = None, limit: int = 100) -> pd.DataFrame:
    """The newest changes first; `table_name` keeps those that touched that table.

    Administrators see every change. Others see their own, and who may reassign cells sees every reassignment inside
    the own area.

    Columns: txn_id, kind, actor, reason, at (UTC), events (rows changed), undone_by (txn_id or None).
    """
    check_allowed(actor, Permission.VIEW)
    everything = actor.role is Role.ADMINISTRATOR
    with context.database.read() as connection:
        # What is out of sight is left out afterwards, so more than `limit` must be read for others.
        rows = store.load_txns(connection, table_name=table_name, limit=limit if everything else 20 * limit)
        if not everything:
            visible = _find_reassignments(connection, actor, [row.id for row in rows if row.actor != actor.name])
            rows = [row for row in rows if row.actor == actor.name or row.id in visible][:limit]
    frame = pd.DataFrame([tuple(row) for row in rows], columns=_COLUMNS, dtype=object)
    return frame.astype({"txn_id": "int64", "events": "int64"}).assign(at=pd.to_datetime(frame["at"], utc=True))


def undo_change(context: Context, actor: Actor, *, txn_id: int, reason: str) -> int:
    """Take change `txn_id` back by a change of its own, and return that one's number.

    Administrators may undo any change; who may reassign cells, the own reassignments inside the own area.

    Raises
    ------
    NotFound
        No such change.
    NotAllowed
        It is somebody else's to undo.
    Conflict
        It was undone already, was a bulk load, belongs to a change order, or the rows changed since.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.write(actor, kind=UNDO, reason=reason) as work:
        if actor.role is not Role.ADMINISTRATOR:
            _check_own(work.connection, actor, txn_id)
        _check_no_hierarchy(work.connection, txn_id)
        _check_no_order(work.connection, txn_id)
        events = load_events(work.connection, txn_id)
        work.undo(txn_id)
        if any(event.table_name in _OWNING for event in events):
            follow_assignments(work, day=local_day(work.at))
        work.touch(*{topic for event in events for topic in _find_topics(event)})
    assert work.txn_id is not None
    return work.txn_id


def _check_no_order(connection: sa.Connection, txn_id: int) -> None:
    number = find_order_of_txn(connection, txn_id)
    if number is not None:
        raise Conflict(
            N_("Change {txn} belongs to change order {number}."),
            hint=N_("Undo the order in the list of change orders."),
            txn=txn_id,
            number=number,
        )


def _check_no_hierarchy(connection: sa.Connection, txn_id: int) -> None:
    """What changed areas is undone where their history is, so that reports of the days between still add up."""
    if any(event.table_name in HIERARCHY for event in load_events(connection, txn_id)):
        raise Conflict(
            N_("Change {txn} changed areas."), hint=N_("Undo it in the history of the area, on its day."), txn=txn_id
        )


def _find_topics(event: Event) -> tuple[str, ...]:
    return ("patrols",) if is_patrol(event.table_name, event.columns) else TOPICS_OF.get(event.table_name, ())


def verify_journal(context: Context, actor: Actor) -> int | None:
    """Number of the first change whose entry was altered or removed after the fact; None when the chain is whole."""
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    with context.database.read() as connection:
        return store.find_broken(connection)


def _check_own(connection: sa.Connection, actor: Actor, txn_id: int) -> None:
    check_allowed(actor, Permission.REASSIGN_CELLS)
    found = store.load_txns(connection, txn_id=txn_id)
    is_own = bool(found) and found[0].actor == actor.name
    # One that is not there is refused below as not found, like for an administrator.
    if found and not (is_own and _find_reassignments(connection, actor, [txn_id])):
        raise NotAllowed(
            N_("Change {txn} is not yours to undo."), hint=N_("Ask whoever made it, or an administrator."), txn=txn_id
        )


def _find_reassignments(connection: sa.Connection, actor: Actor, txn_ids: list[int]) -> set[int]:
    """Those of `txn_ids` that did nothing but reassign cells inside the actor's area, if that is the actor's work."""
    if not actor.may(Permission.REASSIGN_CELLS):
        return set()
    return {
        txn_id
        for txn_id, codes in store.load_reassigned_codes(connection, txn_ids).items()
        if codes and all(is_within(code, actor.scope_code) for code in codes)
    }
