"""What needs action now: open incidents, overdue segments, overdue hazards, silent teams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.hazards import Severity
from gridmap.errors import N_
from gridmap.i18n.labels import LABELS
from gridmap.services import hazards, incidents, railways, teams
from gridmap.services.context import Context

_STANDING_S = 60
"""Deadlines pass by the minute."""


@dataclass(frozen=True)
class Alert:
    """One thing that needs action; `severity` 4 is the gravest, `since` when it began.

    Texts among the `values` may be catalogue keys.
    """

    kind: str
    severity: int
    message: str
    values: Mapping[str, Any]
    lon: float
    lat: float
    target_kind: str
    target_id: int
    since: datetime


def list_alerts(context: Context, actor: Actor) -> list[Alert]:
    """Alerts in scope, the gravest first, then the oldest; what is overdue as of the last minute."""
    now = chain(_find_open_incidents(context, actor), _find_silent_teams(context, actor))
    return sorted([*now, *list_overdue(context, actor)], key=_rank)


def list_overdue(context: Context, actor: Actor) -> tuple[Alert, ...]:
    """Overdue hazards and segments, the gravest first: read once a minute, or when one of them changes.

    In a province that reading takes half a second, and every open page asks for it.
    """
    check_allowed(actor, Permission.VIEW)
    minute = int(context.clock().timestamp()) // _STANDING_S
    revision = (minute, context.revisions("areas", "hazards", "rail", "patrols"))
    return context.cache.get(("overdue", actor.scope_code), revision, lambda: _read_overdue(context, actor))


def _read_overdue(context: Context, actor: Actor) -> tuple[Alert, ...]:
    return tuple(sorted(chain(_overdue_hazards(context, actor), _overdue_segments(context, actor)), key=_rank))


def _rank(alert: Alert) -> tuple[int, datetime]:
    return -alert.severity, alert.since


def _find_open_incidents(context: Context, actor: Actor) -> Iterator[Alert]:
    """Open incidents, whether anybody is on the way, and who does not come."""
    declined = incidents.list_declined(context, actor).drop_duplicates("incident_id", keep="last")
    answers = {int(row.incident_id): row for row in declined.itertuples()}
    for incident in incidents.list_incidents(context, actor).itertuples():
        message = N_("{title}: no team is bound there") if incident.teams == 0 else N_("{title}: teams {number}")
        values = {"title": incident.title or LABELS["incident_kind"][incident.kind], "number": int(incident.teams)}
        answer = answers.get(int(incident.id))
        if answer is not None and incident.teams == 0:
            message = N_("{title}: {team} cannot come ({reason}), no team is bound there")
            values |= {"team": answer.team_name, "reason": LABELS["decline_reason"][answer.reason]}
        yield Alert(
            kind="incident",
            severity=int(incident.severity),
            message=message,
            values=values,
            lon=float(incident.lon),
            lat=float(incident.lat),
            target_kind="incident",
            target_id=int(incident.id),
            since=incident.reported_at.to_pydatetime(),
        )


def _find_silent_teams(context: Context, actor: Actor) -> Iterator[Alert]:
    """Teams on duty that have not been heard of for too long."""
    crews = teams.list_teams(context, actor)
    for team in crews[crews["state"] == "silent"].itertuples():
        since = team.at.to_pydatetime() if team.at is not None and team.at == team.at else context.clock()
        yield Alert(
            kind="silent_team",
            severity=int(Severity.CRITICAL),
            message=N_("{team} is silent"),
            values={"team": team.name},
            lon=float(team.lon),
            lat=float(team.lat),
            target_kind="team",
            target_id=int(team.id),
            since=since,
        )


def _overdue_hazards(context: Context, actor: Actor) -> Iterator[Alert]:
    for hazard in hazards.list_hazards(context, actor, only_overdue=True).itertuples():
        yield Alert(
            kind="overdue_hazard",
            severity=int(hazard.severity),
            message=N_("{title}: past its deadline"),
            values={"title": hazard.title},
            lon=float(hazard.lon),
            lat=float(hazard.lat),
            target_kind="hazard",
            target_id=int(hazard.id),
            since=hazard.due_at.to_pydatetime(),
        )


def _overdue_segments(context: Context, actor: Actor) -> Iterator[Alert]:
    segments, lines = railways.list_segments(context, actor), railways.load_lines(context)
    for segment in segments[segments["freshness"] == "overdue"].itertuples():
        middle = segment.geometry.interpolate(0.5, normalized=True)
        yield Alert(
            kind="overdue_segment",
            severity=min(int(segment.risk), int(Severity.MAJOR)),
            message=N_("{line} {mileage}: patrol overdue"),
            values={
                "line": segment.line_name,
                "mileage": railways.write_mileage(lines[int(segment.line_id)], segment.from_m),
            },
            lon=middle.x,
            lat=middle.y,
            target_kind="segment",
            target_id=int(segment.id),
            since=segment.due_at.to_pydatetime(),
        )
