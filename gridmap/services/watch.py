"""What a wall shows that nobody touches: the gravest alerts, how much is open, and the areas it goes round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.hazards import OPEN
from gridmap.errors import N_, NotFound
from gridmap.services import alerts
from gridmap.services.alerts import Alert
from gridmap.services.area_history import explain_missing
from gridmap.services.context import Context
from gridmap.store import areas, hazards
from gridmap.store.datasets import TOPICS

MOST_ALERTS = 12
_MOST_AREAS = 60
_FRESH_S = 10
"""Several walls of one scope ask at about the same time: one reading serves them all."""


@dataclass(frozen=True)
class Watch:
    """The gravest alerts, how many there are by kind, and open hazards by severity (4 is the gravest)."""

    alerts: tuple[Alert, ...]
    counts: Mapping[str, int]
    open_hazards: Mapping[int, int]


@dataclass(frozen=True)
class Ground:
    """An area and its box: west, south, east, north, WGS-84 degrees."""

    code: str
    name: str
    bounds_wgs84: tuple[float, float, float, float]


def load_watch(context: Context, actor: Actor) -> Watch:
    """What needs attention in the actor's scope: teams as of the last ten seconds, deadlines as of the last minute."""
    check_allowed(actor, Permission.VIEW)
    moment = int(context.clock().timestamp()) // _FRESH_S
    key = ("watch", actor.role, actor.scope_code)
    return context.cache.get(key, (moment, context.revisions(*TOPICS)), lambda: _read_watch(context, actor))


def _read_watch(context: Context, actor: Actor) -> Watch:
    found = alerts.list_alerts(context, actor)
    return Watch(tuple(found[:MOST_ALERTS]), Counter(alert.kind for alert in found), _count_open(context, actor))


def _count_open(context: Context, actor: Actor) -> Mapping[int, int]:
    """Open hazards by severity."""
    with context.database.read() as connection:
        return hazards.count_by_severity(connection, scope=actor.scope_code, states=OPEN)


def list_grounds(context: Context, actor: Actor) -> list[Ground]:
    """The areas a wall goes round: those below the uppermost one in scope, else the uppermost themselves."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = areas.load_boxes(connection, scope=actor.scope_code)
    levels = sorted(set(found["level"]))
    # One area at the top is what the wall opens on anyway.
    is_single = len(levels) > 1 and int((found["level"] == levels[0]).sum()) == 1
    shown = found[found["level"] == levels[1 if is_single else 0]] if levels else found
    return [_as_ground(row) for row in shown.head(_MOST_AREAS).itertuples()]


def load_ground(context: Context, actor: Actor, *, code: str) -> Ground:
    """One area in scope by its code.

    Raises
    ------
    NotFound
        No such area in scope.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        for row in areas.load_boxes(connection, scope=actor.scope_code, code=code).itertuples():
            return _as_ground(row)
        unknown = NotFound(
            N_("There is no area with the code {code}."),
            hint=N_("Open the map without the area in its address."),
            code=code,
        )
        raise explain_missing(connection, actor, code=code, instead=unknown)


def _as_ground(row: Any) -> Ground:
    return Ground(str(row.code), str(row.name), (row.x_min, row.y_min, row.x_max, row.y_max))
