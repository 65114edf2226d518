"""The end of a plan: what was planned held against what teams reported and where their tracks went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.days import number_day
from gridmap.domain.orders import StopState
from gridmap.domain.progress import Progress, silent
from gridmap.domain.tracking.spans import Target, compare_with_plan
from gridmap.errors import N_, Conflict, InvalidInput, NoData, NotFound
from gridmap.services import coverage, orders, planning
from gridmap.services.context import Context, open_context
from gridmap.settings import Settings
from gridmap.store import plans
from gridmap.store.orders import save_outcome


@dataclass(frozen=True)
class _Tracked:
    """Metres of an order's segments that the team's track covers, or why nobody knows (a catalogue message)."""

    metres: float | None
    note: str = ""


def close_plan(
    context: Context, actor: Actor, *, plan_id: int, version: int | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Close a published plan and return what became of it, which is kept with it.

    The tracks of its teams are matched to the lines first and what they cover is saved, since tracks are deleted on
    schedule. Afterwards teams report nothing more on it.

    Returns
    -------
    dict
        `closed_at`, `closed_by`, and `teams`: for each team_id, team, stops, done, cannot, left, planned and actual
        (start and end in ISO 8601, None where nothing was reported), late_s (at the stop that was latest),
        segments_m, reported_m and tracked_m (metres of segments as planned, in stops that are done, and covered by
        the track; None without a track, and then track_note says why).

    Raises
    ------
    NotFound
        There is no such plan in scope.
    Conflict
        It is not published, or somebody changed it since `version`.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    document = planning.load_plan(context, actor, plan_id=plan_id)
    _check_published(context, plan_id)
    found = orders.list_progress(context, actor, plan_id=plan_id)
    tracked: dict[int, _Tracked] = {}
    for number, order in enumerate(found.itertuples()):
        progress(number / len(found), N_("Matching the tracks of the teams"))
        tracked[int(order.order_id)] = _match_track(context, actor, document, order)
    stops = orders.list_stops(context, actor, plan_id=plan_id)
    told = [
        _compare(document, order, stops[stops["order_id"] == order.order_id], tracked[int(order.order_id)])
        for order in found.itertuples()
    ]
    outcome = {"closed_at": context.clock().isoformat(), "closed_by": actor.name, "teams": told}
    with context.database.write(actor, kind="close_plan") as work:
        if plans.load_status(work.connection, plan_id) != "published":
            raise _not_published()
        save_outcome(work, plan_id, outcome=outcome, version=version)
    progress(1.0, N_("The plan is closed"))
    return outcome


def close_job(
    progress: Progress, settings: Settings, actor: Actor, plan_id: int, version: int | None
) -> dict[str, Any]:
    """`close_plan` for a worker process, with a connection of its own."""
    context = open_context(settings)
    try:
        return close_plan(context, actor, plan_id=plan_id, version=version, progress=progress)
    finally:
        context.close()


def load_outcome(context: Context, actor: Actor, *, plan_id: int) -> Mapping[str, Any] | None:
    """What became of a closed plan, see `close_plan`; None while it is not closed."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return plans.load_outcome(connection, plan_id, scope=actor.scope_code)


def _check_published(context: Context, plan_id: int) -> None:
    with context.database.read() as connection:
        if plans.load_status(connection, plan_id) != "published":
            raise _not_published()


def _not_published() -> Conflict:
    return Conflict(N_("Only a published plan can be closed."), hint=N_("Reload the list."))


def _match_track(context: Context, actor: Actor, document: Mapping[str, Any], order: Any) -> _Tracked:
    targets = _list_targets(document, int(order.team_id))
    covers: list[tuple[int, float, float, str]] = []
    note, matched = "", False
    for day in _list_days(order.starts_at, order.ends_at):
        try:
            report = coverage.match_live(context, actor, team_id=int(order.team_id), day=day)
        except (NoData, NotFound, InvalidInput) as error:
            note = error.message
        else:
            matched = True
            covers += [(cover.line_id, cover.from_m, cover.to_m, cover.side) for cover in report.lines]
    if not matched:
        return _Tracked(None, note)
    missed_m = sum(compared.missed_m for compared in compare_with_plan(targets, covers))
    return _Tracked(max(0.0, _measure(targets) - missed_m))


def _list_days(starts_at: datetime, ends_at: datetime) -> Sequence[int]:
    """Days in Beijing that a shift touches: a night shift two."""
    return sorted({number_day(starts_at), number_day(max(starts_at, ends_at - timedelta(seconds=1)))})


def _list_targets(
    document: Mapping[str, Any], team_id: int, *, stops: frozenset[int] | None = None
) -> tuple[Target, ...]:
    """Segments of a team's route, of some of its stops where their numbers are given."""
    keys = {team["key"] for team in document["teams"] if team["id"] == team_id}
    wanted = {
        task
        for route in document["routes"]
        if route["team"] in keys
        for stop in route["stops"]
        if stops is None or stop["number"] in stops
        for task in stop["tasks"]
    }
    return tuple(
        Target(int(task["line_id"]), float(task["from_m"]), float(task["to_m"]), task["side"])
        for task in document["tasks"]
        if task["key"] in wanted and task["kind"] == "segment"
    )


def _measure(targets: Sequence[Target]) -> float:
    return sum(abs(target.to_m - target.from_m) for target in targets)


def _compare(document: Mapping[str, Any], order: Any, stops: pd.DataFrame, tracked: _Tracked) -> dict[str, Any]:
    team_id = int(order.team_id)
    is_done = stops["state"] == StopState.DONE.value
    done = frozenset(stops.loc[is_done, "number"].astype(int))
    moments = pd.to_datetime(pd.concat([stops["arrived_at"], stops["ended_at"]]), utc=True).dropna()
    actual = {"start": moments.min(), "end": moments.max()} if len(moments) else {}
    reported = stops["state"] != StopState.PLANNED.value
    return {
        "team_id": team_id,
        "team": order.team_name,
        "stops": len(stops),
        "done": int(is_done.sum()),
        "cannot": int(order.cannot),
        "left": len(stops) - int(is_done.sum()) - int(order.cannot),
        "planned": {"start": order.starts_at.isoformat(), "end": order.ends_at.isoformat()},
        "actual": {name: actual[name].isoformat() if name in actual else None for name in ("start", "end")},
        "late_s": round(float(stops.loc[reported, "late_s"].max())) if reported.any() else 0,
        "segments_m": round(_measure(_list_targets(document, team_id))),
        "reported_m": round(_measure(_list_targets(document, team_id, stops=done))),
        "tracked_m": None if tracked.metres is None else round(tracked.metres),
        "track_note": tracked.note,
    }
