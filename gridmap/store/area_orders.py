"""Changes of the hierarchy that wait for their day, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from gridmap.domain.hierarchy import AreaOrderState
from gridmap.store import tables
from gridmap.store.frames import in_scope
from gridmap.store.unit_of_work import UnitOfWork

_order = tables.area_order


@dataclass(frozen=True)
class AreaOrder:
    """One row of `area_order`."""

    id: int
    kind: str
    state: str
    request: Mapping[str, Any]
    seen: Mapping[str, Any]
    reason: str
    area_code: str
    effective_on: date
    ordered_by: str
    ordered_at: datetime
    message: str
    facts: Mapping[str, Any]
    txn: int | None
    version: int


def load_order(connection: sa.Connection, order_id: int) -> AreaOrder | None:
    """The order of that number, None where there is none."""
    row = connection.execute(sa.select(_order).where(_order.c.id == order_id)).one_or_none()
    return None if row is None else AreaOrder(**row._mapping)


def load_orders(connection: sa.Connection, *, scope: str, states: Collection[str]) -> list[AreaOrder]:
    """Orders in scope that are in one of some states, by their day."""
    wanted = sa.select(_order).where(_order.c.state.in_(states), in_scope(_order.c.area_code, scope))
    rows = connection.execute(wanted.order_by(_order.c.effective_on, _order.c.id))
    return [AreaOrder(**row._mapping) for row in rows]


def find_due(connection: sa.Connection, day: date) -> list[tuple[date, int]]:
    """Day and number of the orders that wait and whose day has come, in their order."""
    o = _order.c
    due = sa.select(o.effective_on, o.id).where(o.state == AreaOrderState.WAITING.value, o.effective_on <= day)
    return [(on, number) for on, number in connection.execute(due.order_by(o.effective_on, o.id))]


def load_reserved(connection: sa.Connection, *, but: int | None) -> set[str]:
    """Codes that areas are to get by orders that wait, other than `but`."""
    waiting = load_orders(connection, scope="", states=[AreaOrderState.WAITING.value])
    return {state["code"] for order in waiting if order.id != but for state in order.seen["after"]}


def find_of_txn(connection: sa.Connection, txn: int) -> int | None:
    """Number of the order that was carried out as a change."""
    found: int | None = connection.scalar(sa.select(_order.c.id).where(_order.c.txn == txn))
    return found


def save_state(work: UnitOfWork, order_id: int, state: AreaOrderState, **more: Any) -> None:
    """Write what became of an order."""
    work.update(_order, order_id, {"state": state.value, **more})
    work.touch("change_orders")
