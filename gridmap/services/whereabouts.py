"""Where the teams of a plan are and what they said of their stops, as the store knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.days import BEIJING
from gridmap.domain.orders import StopState
from gridmap.domain.patrol.standing import Report
from gridmap.store import incidents, orders, positions

FRESH = timedelta(minutes=10)
"""A position older than this says nothing about where a team is."""


@dataclass(frozen=True)
class Whereabouts:
    """By the keys of a plan's teams: what they reported, by number of the stop, and where they are (lon, lat).

    `sent` are the places of incidents that teams were sent to and are not done with.
    """

    reports: Mapping[str, Mapping[int, Report]] = field(default_factory=dict)
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    sent: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def load_whereabouts(
    connection: sa.Connection, *, document: Mapping[str, Any], plan_id: int | None, at: datetime, now: datetime
) -> Whereabouts:
    """What is known at `at`.

    Positions only where that is about now, incidents where it is today, reports only of a plan with orders.
    """
    keys = {int(team["id"]): str(team["key"]) for team in document["teams"] if team["id"] is not None}
    reports = {} if plan_id is None else _load_reports(connection, document, plan_id, keys, at)
    places: dict[str, tuple[float, float]] = {}
    if abs(now - at) <= FRESH:
        for team_id, row in positions.load_latest(connection, list(keys)).items():
            if row.at is not None and row.on_duty and abs(at - row.at) <= FRESH:
                places[keys[team_id]] = (float(row.lon), float(row.lat))
    sent: dict[str, tuple[float, float]] = {}
    if now.astimezone(BEIJING).date() == at.astimezone(BEIJING).date():
        sent = {keys[team_id]: place for team_id, place in incidents.load_sent_places(connection, list(keys)).items()}
    return Whereabouts(reports, places, sent)


def _load_reports(
    connection: sa.Connection, document: Mapping[str, Any], plan_id: int, keys: Mapping[int, str], at: datetime
) -> dict[str, dict[int, Report]]:
    midnight = datetime.combine(date.fromisoformat(document["service_date"]), time(), BEIJING)
    found = orders.load_stops(connection, order_ids=orders.load_orders(connection, plan_id=plan_id)["id"])
    told: dict[str, dict[int, Report]] = {}
    at_s = (at - midnight).total_seconds()
    for row in found.itertuples():
        arrived_s, ended_s = (_count_s(value, midnight) for value in (row.arrived_at, row.ended_at))
        is_later = any(told_s is not None and told_s > at_s for told_s in (arrived_s, ended_s))
        # What was said after the moment asked about was not known then.
        state = StopState.PLANNED if is_later else StopState(row.state)
        if int(row.team_id) in keys:
            report = Report(state, arrived_s, ended_s, row.reason)
            told.setdefault(keys[int(row.team_id)], {})[int(row.number)] = report
    return told


def _count_s(at: Any, midnight: datetime) -> int | None:
    return None if at is None or pd.isna(at) else int((at - midnight).total_seconds())
