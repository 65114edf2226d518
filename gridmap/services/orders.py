"""Orders of teams as the office and the team itself read them: what was asked, what was done, and how late it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed, require_team
from gridmap.domain.orders import ENDED, StopState, cut_document
from gridmap.errors import N_, NotFound
from gridmap.services import planning
from gridmap.services.context import Context
from gridmap.store import orders as store


@dataclass(frozen=True)
class TeamOrder:
    """A published plan as one team's order.

    Attributes
    ----------
    document
        The plan as far as the team may know it, see `domain.orders.cut_document`.
    stops
        Columns of `store.orders.load_stops`.
    """

    id: int
    plan_id: int
    plan_name: str
    status: str
    starts_at: datetime
    ends_at: datetime
    confirmed_at: datetime | None
    document: dict[str, Any]
    stops: pd.DataFrame


def load_order(context: Context, actor: Actor, *, plan_id: int, team_id: int) -> TeamOrder:
    """The order that a published plan has for a team: read by the team itself, and by the office.

    Raises
    ------
    NotFound
        The plan has no order for it, or lies outside the scope; and another team's is not told to a team.
    """
    if actor.may(Permission.CARRY_OUT):
        if require_team(actor) != team_id:
            raise _missing()
    else:
        check_allowed(actor, Permission.VIEW)
        planning.load_plan(context, actor, plan_id=plan_id)
    with context.database.read() as connection:
        found = find_order(connection, team_id=team_id, plan_id=plan_id)
    if found is None:
        raise _missing()
    return found


def find_order(
    connection: sa.Connection, *, team_id: int, plan_id: int | None = None, now: datetime | None = None
) -> TeamOrder | None:
    """The order of a team by its plan, else the one it has to carry out at `now`; None where there is none."""
    row = store.find_order(connection, team_id=team_id, plan_id=plan_id, now=now)
    if row is None:
        return None
    return TeamOrder(
        id=int(row.id),
        plan_id=int(row.plan_id),
        plan_name=row.name,
        status=row.status,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        confirmed_at=row.confirmed_at,
        document=cut_document(row.document, team_id=team_id),
        stops=store.load_stops(connection, order_ids=[int(row.id)]),
    )


def _missing() -> NotFound:
    return NotFound(N_("There is no such order."), hint=N_("Look whether the plan was published."))


def list_stops(context: Context, actor: Actor, *, plan_id: int) -> pd.DataFrame:
    """Stops of all orders of a plan; columns of `store.orders.load_stops`, and `late_s` as in `rate_lateness`.

    Raises
    ------
    NotFound
        There is no such plan in scope.
    """
    check_allowed(actor, Permission.VIEW)
    return _load_orders(context, actor, plan_id)[1]


def _load_orders(context: Context, actor: Actor, plan_id: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders of a plan in scope, and their stops with how late each is."""
    planning.load_plan(context, actor, plan_id=plan_id)
    with context.database.read() as connection:
        found = store.load_orders(connection, plan_id=plan_id)
        stops = store.load_stops(connection, order_ids=found["id"])
    return found, stops.assign(late_s=rate_lateness(stops, context.clock()))


def list_progress(context: Context, actor: Actor, *, plan_id: int) -> pd.DataFrame:
    """How far the teams of a published plan are, by team name; empty before it is published.

    Columns: order_id, team_id, team_name, team_kind, starts_at, ends_at, confirmed_at, overtaken (it goes by a plan
    published later, as `store.orders.load_orders` has it); stops, done, cannot; `next` (the
    number of the first stop that is not ended, None at the end) and its planned_at; `late_s` of that stop.

    Raises
    ------
    NotFound
        There is no such plan in scope.
    """
    check_allowed(actor, Permission.VIEW)
    found, stops = _load_orders(context, actor, plan_id)
    grouped = dict(tuple(stops.groupby("order_id"))) if len(stops) else {}
    rows = [_sum_up(grouped.get(order_id, stops.iloc[:0])) for order_id in found["id"]]
    columns = ["stops", "done", "cannot", "next", "planned_at", "late_s"]
    told = pd.DataFrame(rows, columns=columns, index=found.index, dtype=object)
    return pd.concat([found.drop(columns="version").rename(columns={"id": "order_id"}), told], axis=1)


def _sum_up(stops: pd.DataFrame) -> list[object]:
    counts = stops["state"].value_counts()
    left = stops[~stops["state"].isin([state.value for state in ENDED])]
    upcoming: tuple[object, object, float] = (None, None, 0.0)
    if len(left):
        first = left.iloc[0]
        upcoming = (int(first["number"]), first["planned_at"], float(first["late_s"]))
    done, cannot = (int(counts.get(state.value, 0)) for state in (StopState.DONE, StopState.CANNOT))
    return [len(stops), done, cannot, *upcoming]


def rate_lateness(stops: pd.DataFrame, now: datetime) -> pd.Series:
    """Seconds that a team came, or is by now, later than planned at each stop; 0 where it is early or in time.

    A stop that could not be served was left at its end.
    """
    planned, arrived, ended = (
        # One unit for all: a column of full seconds alone would not take the present moment.
        pd.to_datetime(stops[name], utc=True).astype("datetime64[us, UTC]")
        for name in ("planned_at", "arrived_at", "ended_at")
    )
    came = arrived.fillna(ended).fillna(pd.Timestamp(now))
    late = (came - planned).dt.total_seconds()
    return pd.Series(np.maximum(late.to_numpy(float), 0.0), index=stops.index)


def load_stop_picture(context: Context, actor: Actor, *, photo_id: int) -> tuple[bytes, str]:
    """The JPEG of a photo of a stop and its SHA-256, for the office of its plan and for the team that took it.

    Raises
    ------
    NotFound
        No such photo, or it is none of the actor's.
    """
    missing = NotFound(N_("There is no such photo in your area."), hint=N_("Reload the list."))
    team_id = require_team(actor) if actor.may(Permission.CARRY_OUT) else None
    if team_id is None:
        check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        row = store.load_stop_picture(connection, photo_id=photo_id)
    if row is None or (team_id is not None and row.team_id != team_id):
        raise missing
    if team_id is None:
        planning.load_plan(context, actor, plan_id=int(row.plan_id))
    return bytes(row.jpeg), str(row.sha256)
