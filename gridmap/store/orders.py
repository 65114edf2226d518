"""Orders of teams in the store: made when a plan is published, moved on by what the teams report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.days import begin_day
from gridmap.domain.incidents import OPEN
from gridmap.domain.orders import PlannedOrder, StopState
from gridmap.store import tables
from gridmap.store.frames import load_frame
from gridmap.store.snapshots import chunked
from gridmap.store.unit_of_work import UnitOfWork

_order, _stop, _photo, _plan = tables.patrol_order, tables.order_stop, tables.stop_photo, tables.patrol_plan
_team, _action = tables.team, tables.team_action

_SHOWN_AFTER = timedelta(hours=6)
"""How long the order of a night that is over is still shown."""


def save_orders(work: UnitOfWork, *, plan_id: int, orders: Sequence[PlannedOrder]) -> None:
    """Make the orders of a plan, one for each team."""
    ids = work.insert_many(
        _order,
        [
            {"plan_id": plan_id, "team_id": order.team_id, "starts_at": order.starts_at, "ends_at": order.ends_at}
            for order in orders
        ],
    )
    stops = [
        {
            "order_id": order_id,
            "number": stop.number,
            "tasks": list(stop.tasks),
            "lon": stop.lon,
            "lat": stop.lat,
            "planned_at": stop.arrive_at,
            "planned_leave_at": stop.leave_at,
            "state": StopState.PLANNED.value,
        }
        for order_id, order in zip(ids, orders, strict=True)
        for stop in order.stops
    ]
    work.insert_many(_stop, stops)
    if ids:
        work.touch("orders")


def load_orders(connection: sa.Connection, *, plan_id: int) -> pd.DataFrame:
    """Orders of a plan by team name.

    Columns: id, team_id, team_name, team_kind, starts_at, ends_at, confirmed_at, version, overtaken (the team has an
    order for these hours that was published later, by which it goes).
    """
    c = _order.c
    names = (_team.c.name.label("team_name"), _team.c.kind.label("team_kind"))
    overtaken = _is_overtaken().label("overtaken")
    statement = (
        sa.select(c.id, c.team_id, *names, c.starts_at, c.ends_at, c.confirmed_at, c.version, overtaken)
        .join(_team, _team.c.id == c.team_id)
        .where(c.plan_id == plan_id)
        .order_by(_team.c.name, c.id)
    )
    return load_frame(connection, statement)


def load_clashes(connection: sa.Connection, *, orders: Sequence[PlannedOrder]) -> pd.DataFrame:
    """Orders of published plans by which the teams of `orders` go in some of the same hours, by plan and team name.

    Columns: plan_id, plan_name, team_id, team_name.
    """
    c = _order.c
    statement = (
        sa.select(c.plan_id, _plan.c.name.label("plan_name"), c.team_id, _team.c.name.label("team_name"))
        .select_from(_order.join(_plan, _plan.c.id == c.plan_id).join(_team, _team.c.id == c.team_id))
        .add_columns(c.starts_at, c.ends_at)
        .where(_plan.c.status == "published", c.team_id.in_([order.team_id for order in orders]), ~_is_overtaken())
        .order_by(c.plan_id, _team.c.name, c.id)
    )
    found = load_frame(connection, statement)
    hours = {order.team_id: order for order in orders}
    meet = [
        row.starts_at < hours[row.team_id].ends_at and hours[row.team_id].starts_at < row.ends_at
        for row in found.itertuples()
    ]
    return found.loc[meet, ["plan_id", "plan_name", "team_id", "team_name"]].reset_index(drop=True)


def _is_overtaken() -> sa.ColumnElement[bool]:
    """Whether the team has an order for some of the same hours that was published later."""
    later, plan = _order.alias(), _plan.alias()
    c = _order.c
    return (
        sa.select(later.c.id)
        .join(plan, plan.c.id == later.c.plan_id)
        .where(plan.c.status == "published", later.c.team_id == c.team_id, later.c.id > c.id)
        .where(later.c.starts_at < c.ends_at, later.c.ends_at > c.starts_at)
        .correlate(_order)
        .exists()
    )


def find_order(
    connection: sa.Connection, *, team_id: int, plan_id: int | None = None, now: datetime | None = None
) -> sa.Row[*tuple[Any, ...]] | None:
    """One order of a team: that of `plan_id`, closed ones too, else the published one to carry out at `now`.

    That is the one that began last, as long as it is its day or not long over: who is late still needs it. Before the
    first of the day it is the one that begins next. Of two for some of the same hours the one published last holds.

    Columns: id, plan_id, starts_at, ends_at, confirmed_at, version, name, service_date, status, document.
    """
    c = _order.c
    columns = (c.id, c.plan_id, c.starts_at, c.ends_at, c.confirmed_at, c.version)
    statement = sa.select(*columns, _plan.c.name, _plan.c.service_date, _plan.c.status, _plan.c.document).join(
        _plan, _plan.c.id == c.plan_id
    )
    statement = statement.where(c.team_id == team_id)
    if plan_id is not None:
        return connection.execute(statement.where(c.plan_id == plan_id)).one_or_none()
    assert now is not None
    in_force = statement.where(
        _plan.c.status == "published", c.ends_at > min(begin_day(now), now - _SHOWN_AFTER), ~_is_overtaken()
    )
    begun = in_force.where(c.starts_at <= now).order_by(c.starts_at.desc(), c.id.desc())
    coming = in_force.where(c.starts_at > now).order_by(c.starts_at, c.id.desc())
    return connection.execute(begun.limit(1)).one_or_none() or connection.execute(coming.limit(1)).one_or_none()


def find_order_by_id(connection: sa.Connection, *, order_id: int, team_id: int) -> sa.Row[*tuple[Any, ...]] | None:
    """How an order of a team stands: confirmed_at, and status of its plan; None where it is none of the team's."""
    statement = sa.select(_order.c.confirmed_at, _plan.c.status).join(_plan, _plan.c.id == _order.c.plan_id)
    return connection.execute(statement.where(_order.c.id == order_id, _order.c.team_id == team_id)).one_or_none()


def load_stops(
    connection: sa.Connection, *, order_ids: Iterable[int] | None = None, stop_id: int | None = None
) -> pd.DataFrame:
    """Stops of orders, or a single one, in the order of the route.

    Columns: id, order_id, plan_id, team_id, number, tasks, lon, lat, planned_at, planned_leave_at, state, arrived_at,
    ended_at, reason, note, version, photo_id (the newest, None without one).
    """
    c = _stop.c
    newest = sa.select(sa.func.max(_photo.c.id)).where(_photo.c.stop_id == c.id).scalar_subquery()
    statement = (
        sa.select(
            c.id,
            c.order_id,
            _order.c.plan_id,
            _order.c.team_id,
            c.number,
            c.tasks,
            c.lon,
            c.lat,
            c.planned_at,
            c.planned_leave_at,
            c.state,
            c.arrived_at,
            c.ended_at,
            c.reason,
            c.note,
            c.version,
            newest.label("photo_id"),
        )
        .join(_order, _order.c.id == c.order_id)
        .order_by(c.order_id, c.number)
    )
    if order_ids is not None:
        statement = statement.where(c.order_id.in_(list(order_ids)))
    if stop_id is not None:
        statement = statement.where(c.id == stop_id)
    return load_frame(connection, statement)


def save_confirmed(work: UnitOfWork, order_id: int, *, at: datetime) -> None:
    """Keep when a team confirmed an order."""
    work.update(_order, order_id, {"confirmed_at": at})
    work.touch("orders")


def save_stop(work: UnitOfWork, stop_id: int, changes: Mapping[str, Any]) -> None:
    """Change a stop."""
    work.update(_stop, stop_id, changes)
    work.touch("orders")


def save_stop_photo(work: UnitOfWork, row: Mapping[str, Any]) -> int:
    """Keep a photo of a stop and return its id; the keys are the columns of the table but id."""
    work.touch("orders")
    return work.insert(_photo, row)


def load_stop_picture(connection: sa.Connection, *, photo_id: int) -> sa.Row[*tuple[Any, ...]] | None:
    """The JPEG of a photo of a stop: jpeg, sha256, team_id, plan_id; None where there is none."""
    return connection.execute(
        sa.select(_photo.c.jpeg, _photo.c.sha256, _order.c.team_id, _order.c.plan_id)
        .select_from(_photo.join(_stop, _stop.c.id == _photo.c.stop_id).join(_order, _order.c.id == _stop.c.order_id))
        .where(_photo.c.id == photo_id)
    ).one_or_none()


def save_outcome(work: UnitOfWork, plan_id: int, *, outcome: Mapping[str, Any], version: int | None) -> None:
    """Close a plan with what became of it."""
    changes = {"status": "closed", "outcome": dict(outcome)}
    work.update(_plan, plan_id, changes, expected_version=version)
    work.touch("plans", "orders")


# --- what a telephone sent ---------------------------------------------------------------------------------------


def claim_action(work: UnitOfWork, *, team_id: int, key: str) -> bool:
    """Note an action as taken, within the transaction that takes it; False where it was taken before."""
    known = sa.select(_action.c.key).where(_action.c.team_id == team_id, _action.c.key == key)
    if work.connection.scalar(known) is not None:
        return False
    work.connection.execute(_action.insert().values(team_id=team_id, key=key, at=work.at))
    return True


def delete_actions_before(connection: sa.Connection, at: datetime) -> None:
    """Forget actions that were taken before `at`."""
    connection.execute(_action.delete().where(_action.c.at < at))


# --- how far everything is ---------------------------------------------------------------------------------------


def load_marks(connection: sa.Connection, *, team_ids: Sequence[int]) -> dict[int, str]:
    """By team a short text that differs whenever its duty, its orders or its tasks are other than before."""
    told: dict[int, list[str]] = {team_id: [] for team_id in team_ids}
    order, stop, sent = _order.c, _stop.c, tables.dispatch.c
    for chunk in chunked(list(team_ids)):
        duty = sa.select(_team.c.id, sa.literal("t"), _team.c.version, sa.literal(0)).where(_team.c.id.in_(chunk))
        orders = (
            sa.select(order.team_id, order.id, order.version + _plan.c.version, sa.func.sum(stop.version))
            .select_from(_order.join(_plan, _plan.c.id == order.plan_id).join(_stop, stop.order_id == order.id))
            .where(order.team_id.in_(chunk), _plan.c.status == "published")
            .group_by(order.team_id, order.id, order.version, _plan.c.version)
            .order_by(order.id)
        )
        is_open = sent.state.in_([state.value for state in OPEN])
        tasks = sa.select(sent.team_id, sa.literal("d"), sent.id, sent.version).where(sent.team_id.in_(chunk), is_open)
        for statement in (duty, orders, tasks.order_by(sent.id)):
            for team_id, *rest in connection.execute(statement):
                told[team_id].append(".".join(str(value) for value in rest))
    return {team_id: ";".join(parts) for team_id, parts in told.items()}
