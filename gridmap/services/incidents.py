"""Incidents from the first report to the end: opened, teams sent, moved on by what they say over the radio, closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.hazards import parse_severity
from gridmap.domain.incidents import (
    TRANSITIONS,
    DispatchState,
    IncidentKind,
    check_transition,
    end_state,
    parse_dispatch_state,
    parse_kind,
)
from gridmap.errors import N_, Conflict, InvalidInput, NotFound, Unreachable
from gridmap.services import response
from gridmap.services.context import Context
from gridmap.services.teams import list_teams
from gridmap.store import areas, incidents, tables
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD
from gridmap.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class NewIncident:
    """An incident to open, WGS-84 degrees; without a title it is called by its kind wherever it is shown."""

    kind: IncidentKind | str
    severity: int
    lon: float
    lat: float
    title: str = ""


@dataclass(frozen=True)
class _Order:
    """A team to be sent, with what its way takes."""

    team_id: int
    seconds: float
    metres: float


def list_incidents(context: Context, actor: Actor, *, closed: bool = False) -> pd.DataFrame:
    """Open incidents in scope, the gravest first, then the oldest; with `closed` those that are over as well.

    Columns: those of `store.incidents.load_incidents`; `teams`, how many are bound there, and `declined`, how many were
    sent and do not come.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = incidents.load_incidents(connection, scope=actor.scope_code, open_only=not closed)
        sent = incidents.load_dispatches(connection, scope=actor.scope_code)
        declined = _load_declined(connection, actor, sent)
    for name, rows in (("teams", sent), ("declined", declined)):
        found[name] = found["id"].map(rows["incident_id"].value_counts()).fillna(0).astype(int)
    return found.sort_values(["severity", "reported_at"], ascending=[False, True], kind="stable", ignore_index=True)


def list_dispatches(context: Context, actor: Actor) -> pd.DataFrame:
    """Teams bound by open incidents in scope, in the order sent; columns of `store.incidents.load_dispatches`."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return incidents.load_dispatches(connection, scope=actor.scope_code)


def list_declined(context: Context, actor: Actor) -> pd.DataFrame:
    """Teams that declined a task of an open incident in scope, as long as they are not sent again.

    Columns of `store.incidents.load_dispatches`, in the order sent, each team once an incident.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        sent = incidents.load_dispatches(connection, scope=actor.scope_code)
        return _load_declined(connection, actor, sent)


def _load_declined(connection: sa.Connection, actor: Actor, sent: pd.DataFrame) -> pd.DataFrame:
    """`sent` are the tasks that are open."""
    pair = ["incident_id", "team_id"]
    found = incidents.load_declined(connection, scope=actor.scope_code).drop_duplicates(pair, keep="last")
    bound = set(sent[pair].itertuples(index=False, name=None))
    is_free = [key not in bound for key in found[pair].itertuples(index=False, name=None)]
    return found.loc[np.array(is_free, bool)]


def next_states(state: str) -> tuple[DispatchState, ...]:
    """What may follow a state by the team's own report, the usual step first; neither being recalled nor declining."""
    following = TRANSITIONS[parse_dispatch_state(state)]
    return tuple(step for step in following if step not in {DispatchState.RECALLED, DispatchState.DECLINED})


def open_incident(context: Context, actor: Actor, *, new: NewIncident, team_id: int | None = None) -> int:
    """Report an incident, at once with a first team where one is given, and return its id.

    Raises
    ------
    InvalidInput
        An unknown kind or severity, or no usable place.
    NotAllowed
        The place lies outside the scope.
    Conflict, NotFound, Unreachable
        The team cannot be sent, see `send_team`; then nothing is reported either.
    """
    check_allowed(actor, Permission.DISPATCH)
    kind, severity, title = parse_kind(str(new.kind)), parse_severity(new.severity), new.title.strip()
    if not (abs(new.lon) <= 180 and abs(new.lat) <= 90):
        raise InvalidInput(N_("The incident has no place."), hint=N_("Click it on the map."))
    order = None if team_id is None else _plan_order(context, actor, team_id, (new.lon, new.lat))
    with context.database.write(actor, kind="open_incident", reason=title) as work:
        code = areas.find_area_code(work.connection, lon=new.lon, lat=new.lat)
        check_allowed(actor, Permission.DISPATCH, code)
        row = {
            "title": title,
            "kind": kind.value,
            "severity": int(severity),
            "lon": new.lon,
            "lat": new.lat,
            "area_code": code,
            "reported_at": work.at,
        }
        incident_id = work.insert(tables.incident, row)
        if order is not None:
            _send(work, incident_id, order)
        work.touch("incidents")
    return incident_id


def send_team(context: Context, actor: Actor, *, incident_id: int, team_id: int, version: int | None = None) -> int:
    """Give a team the task of going to an incident, and return the task's id.

    Raises
    ------
    Conflict
        The team has a task already, is off duty, or it is not known where it is; or the incident is closed, or was
        changed by somebody else since `version`.
    NotFound
        No such incident or team in scope.
    Unreachable
        No road leads the team there.
    """
    check_allowed(actor, Permission.DISPATCH)
    with context.database.read() as connection:
        goal = _require(connection, actor, incident_id)
    order = _plan_order(context, actor, team_id, (float(goal["lon"]), float(goal["lat"])))
    with context.database.write(actor, kind="send_team") as work:
        _check_version(_require_open(work.connection, actor, incident_id), version)
        dispatch_id = _send(work, incident_id, order)
        work.touch("incidents")
    return dispatch_id


def advance_dispatch(
    context: Context, actor: Actor, *, dispatch_id: int, to: str, note: str = "", version: int | None = None
) -> None:
    """Take a team's task to its next state.

    Raises
    ------
    Conflict
        The step does not follow from the present state, or somebody else took one since `version`.
    NotFound
        No such task in scope.
    """
    check_allowed(actor, Permission.DISPATCH)
    target = parse_dispatch_state(to)
    kind = "recall_team" if target is DispatchState.RECALLED else "advance_dispatch"
    with context.database.write(actor, kind=kind, reason=note.strip()) as work:
        found = incidents.load_dispatches(
            work.connection, scope=actor.scope_code, dispatch_id=dispatch_id, open_only=False
        )
        if found.empty:
            raise NotFound(N_("There is no such task in your area."), hint=N_("Reload the list."))
        current = found.iloc[0]
        _check_version(current, version)
        move_task(work, current, to=target, note=note)


def move_task(work: UnitOfWork, task: pd.Series, *, to: DispatchState, note: str = "", reason: str = "") -> None:
    """Take a team's task, a row of `store.incidents.load_dispatches`, to its next state as a part of a transaction.

    `reason` is a `domain.incidents.DeclineReason` where the task is declined.
    """
    check_transition(DispatchState(task["state"]), to)
    changes = {"state": to.value, "changed_at": work.at, "note": note.strip() or task["note"], "reason": reason}
    work.update(tables.dispatch, int(task["id"]), changes)
    work.touch("incidents")


def recall_team(
    context: Context, actor: Actor, *, dispatch_id: int, note: str = "", version: int | None = None
) -> None:
    """Take a team's task back; raises as `advance_dispatch` does."""
    advance_dispatch(context, actor, dispatch_id=dispatch_id, to=DispatchState.RECALLED, note=note, version=version)


def close_incident(context: Context, actor: Actor, *, incident_id: int, version: int | None = None) -> None:
    """End an incident and with it the open tasks: done by teams on the spot, recalled from teams on their way.

    Raises
    ------
    Conflict
        It is closed already, or somebody else changed it since `version`.
    NotFound
        No such incident in scope.
    """
    check_allowed(actor, Permission.DISPATCH)
    with context.database.write(actor, kind="close_incident") as work:
        _check_version(_require_open(work.connection, actor, incident_id), version)
        sent = incidents.load_dispatches(work.connection, scope=actor.scope_code)
        ends = {
            int(task.id): {"state": end_state(DispatchState(task.state)).value, "changed_at": work.at}
            for task in sent[sent["incident_id"] == incident_id].itertuples()
        }
        if ends:
            work.update_many(tables.dispatch, ends)
        work.update(tables.incident, incident_id, {"closed_at": work.at})
        work.touch("incidents")


def _plan_order(context: Context, actor: Actor, team_id: int, place: tuple[float, float]) -> _Order:
    """The way of a team that may be sent, found before anything is written."""
    crews = list_teams(context, actor)
    crew = crews[crews["id"] == team_id]
    if crew.empty:
        raise NotFound(N_("There is no such team in your area."), hint=N_("Reload the list."))
    team = crew.iloc[0]
    if team["state"] == "off":
        raise Conflict(N_("{team} is off duty."), hint=N_("Send another team."), team=team["name"])
    if team["state"] not in response.FREE_STATES:
        raise Conflict(
            N_("It is not known where {team} is: its last position is too old."),
            hint=N_("Call it, or send another team."),
            team=team["name"],
        )
    with context.database.read() as connection:
        _check_free(connection, team_id)
    seconds, metres = response.plan_way(context, team, place)
    if seconds == float("inf"):
        raise Unreachable(N_("No road leads {team} there."), hint=N_("Send another team."), team=team["name"])
    return _Order(team_id, seconds, metres)


def _check_free(connection: sa.Connection, team_id: int) -> None:
    if team_id in incidents.load_busy_teams(connection):
        raise Conflict(
            N_("This team was sent to an incident already."), hint=N_("Recall it first, or send another team.")
        )


def _send(work: UnitOfWork, incident_id: int, order: _Order) -> int:
    # Writers take turns: whoever is free here is free at the commit.
    _check_free(work.connection, order.team_id)
    task = {
        "incident_id": incident_id,
        "team_id": order.team_id,
        "state": DispatchState.SENT.value,
        "sent_at": work.at,
        "sent_by": work.actor.name,
        "changed_at": work.at,
        "seconds": order.seconds,
        "metres": order.metres,
        "note": "",
        "reason": "",
    }
    return work.insert(tables.dispatch, task)


def _check_version(row: pd.Series, version: int | None) -> None:
    if version is not None and row["version"] != version:
        raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)


def _require(connection: sa.Connection, actor: Actor, incident_id: int) -> pd.Series:
    """The incident, open or closed, or NotFound."""
    found = incidents.load_incidents(connection, scope=actor.scope_code, incident_id=incident_id, open_only=False)
    if found.empty:
        raise NotFound(N_("There is no such incident in your area."), hint=N_("Reload the list."))
    return found.iloc[0]


def _require_open(connection: sa.Connection, actor: Actor, incident_id: int) -> pd.Series:
    row = _require(connection, actor, incident_id)
    if row["closed_at"] is not None and row["closed_at"] == row["closed_at"]:
        raise Conflict(N_("This incident is closed."), hint=N_("Reload the list."))
    return row
