"""What a team's telephone shows: its duty, its order, the task it was sent, and how old its position is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, require_team
from gridmap.domain.hazard_kinds import HazardKind
from gridmap.errors import N_, NotFound
from gridmap.services.context import Context
from gridmap.services.hazard_kinds import load_kinds
from gridmap.services.orders import TeamOrder, find_order
from gridmap.store import areas, incidents, orders, teams


@dataclass(frozen=True)
class TeamTask:
    """The open task of a team and the incident it is sent to, WGS-84 degrees; way in seconds and metres by road."""

    id: int
    state: str
    sent_at: datetime
    seconds: float
    metres: float
    title: str
    kind: str
    severity: int
    lon: float
    lat: float
    area_name: str


@dataclass(frozen=True)
class TeamBoard:
    """All that a team is told.

    Attributes
    ----------
    mark
        Differs whenever duty, orders or tasks are other than before, see `load_marks`.
    team
        A row of `store.teams.load_teams`.
    order
        What it has to carry out now, or the order it asked for; None where there is none.
    bounds_wgs84
        West, south, east, north of its area; None where that is not loaded.
    kinds
        Of hazards it may report, in the order of the list.
    """

    mark: str
    now: datetime
    team: pd.Series
    order: TeamOrder | None
    tasks: tuple[TeamTask, ...]
    bounds_wgs84: tuple[float, float, float, float] | None
    kinds: tuple[HazardKind, ...]


def load_board(context: Context, actor: Actor, *, plan_id: int | None = None) -> TeamBoard:
    """The board of the actor's own team, with the order of `plan_id` where one is given.

    Raises
    ------
    NotFound
        The team has no order of that plan.
    """
    team_id, now = require_team(actor), context.clock()
    with context.database.read() as connection:
        mark = orders.load_marks(connection, team_ids=[team_id])[team_id]
        own = teams.load_teams(connection, scope="", team_id=team_id)
        order = find_order(connection, team_id=team_id, plan_id=plan_id, now=now)
        tasks = _load_tasks(connection, team_id)
        bounds = areas.load_bounds(connection, scope=str(own["area_code"].iloc[0]))
    if plan_id is not None and order is None:
        raise NotFound(N_("There is no such order."), hint=N_("Look whether the plan was published."))
    kinds = load_kinds(context).active
    box = None if bounds is None else astuple(bounds)
    return TeamBoard(mark, now, own.iloc[0], order, tasks, box, kinds)


def _load_tasks(connection: sa.Connection, team_id: int) -> tuple[TeamTask, ...]:
    sent = incidents.load_dispatches(connection, scope="", team_id=team_id)
    return tuple(_describe_task(connection, row) for row in sent.itertuples())


def _describe_task(connection: sa.Connection, row: Any) -> TeamTask:
    goal = incidents.load_incidents(connection, scope="", incident_id=int(row.incident_id), open_only=False).iloc[0]
    return TeamTask(
        id=int(row.id),
        state=row.state,
        sent_at=row.sent_at,
        seconds=float(row.seconds),
        metres=float(row.metres),
        title=goal["title"],
        kind=goal["kind"],
        severity=int(goal["severity"]),
        lon=float(goal["lon"]),
        lat=float(goal["lat"]),
        area_name=goal["area_name"] or "",
    )


def load_marks(context: Context, team_ids: Sequence[int]) -> dict[int, str]:
    """By team a short text that differs whenever its duty, its orders or its tasks are other than before."""
    with context.database.read() as connection:
        return orders.load_marks(connection, team_ids=team_ids)
