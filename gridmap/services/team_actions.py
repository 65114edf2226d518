"""What teams do at their telephones: each act is taken once, in one transaction, however often it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from gridmap.domain.access import Actor, require_team
from gridmap.domain.incidents import DeclineReason, DispatchState, parse_decline_reason, parse_dispatch_state
from gridmap.domain.orders import CannotReason, StopState, check_stop_transition, parse_reason
from gridmap.domain.team_actions import ActionKind, TeamAction
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services import hazard_photos, hazards, incidents
from gridmap.services.context import Context
from gridmap.services.hazard_photos import Photo, build_row
from gridmap.services.hazards import NewHazard, PreparedHazard
from gridmap.store import coverage, order_succession, orders, plans, rail, teams
from gridmap.store import hazard_photos as photo_store
from gridmap.store import incidents as incident_store
from gridmap.store.unit_of_work import UnitOfWork

ACTIONS_KEPT_DAYS = 60
"""For so long an act is known again; no telephone holds one back for longer than `OLDEST`."""

OLDEST = timedelta(days=14)

_STEPS = (DispatchState.SENT, DispatchState.ACCEPTED, DispatchState.ARRIVED, DispatchState.DONE)


@dataclass(frozen=True)
class Taken:
    """What came of an act: `again` where it was taken before, `hazard_id` of a hazard that it reported."""

    again: bool = False
    hazard_id: int | None = None


@dataclass(frozen=True)
class _Act:
    """An act in its transaction; `at` is when it was done, as far as that can be so."""

    work: UnitOfWork
    actor: Actor
    team_id: int
    action: TeamAction
    at: datetime
    photo: Photo | None
    hazard: PreparedHazard | None


def take_action(context: Context, actor: Actor, *, action: TeamAction) -> Taken:
    """Do what a team did, once.

    Raises
    ------
    NotAllowed
        The account is no team's, or the act is another team's.
    Conflict
        Things stand otherwise by now: the stop is done, the plan closed, the task recalled.
    NotFound
        No such order, stop or task of this team.
    InvalidInput, UnreadableFile, TooLarge
        The reason, the photo or the hazard is not acceptable.
    """
    team_id = require_team(actor)
    if action.team_id != team_id:
        raise Conflict(
            N_("This was done for another team than the one that is signed in."),
            hint=N_("Sign in with the account of that team."),
        )
    now = context.clock()
    photo = _read_photo(context, actor, action)
    prepared = _prepare_hazard(context, actor, action)
    with context.database.write(actor, kind=f"team_{action.kind.value}", reason=action.note) as work:
        if not orders.claim_action(work, team_id=team_id, key=action.key):
            return Taken(again=True)
        at = min(max(action.at, now - OLDEST), now)
        hazard_id = _DO[action.kind](_Act(work, actor, team_id, action, at, photo, prepared))
    return Taken(hazard_id=hazard_id)


def _read_photo(context: Context, actor: Actor, action: TeamAction) -> Photo | None:
    if not action.photo:
        return None
    return hazard_photos.read_photo(context, actor, data=action.photo, name=f"{action.key[:8]}.jpg")


def _prepare_hazard(context: Context, actor: Actor, action: TeamAction) -> PreparedHazard | None:
    if action.hazard is None:
        return None
    told = action.hazard
    new = NewHazard(kind=told.kind, severity=told.severity, title=told.title, lon=told.lon, lat=told.lat)
    return hazards.prepare_hazard(context, actor, new=new)


# --- duty and order ----------------------------------------------------------------------------------------------


def _set_duty(act: _Act) -> None:
    on_duty = act.action.kind is ActionKind.DUTY_ON
    own = teams.load_teams(act.work.connection, scope="", team_id=act.team_id).iloc[0]
    if not on_duty and act.team_id in incident_store.load_busy_teams(act.work.connection):
        raise Conflict(
            N_("The team still has a task."), hint=N_("Finish it, or have it recalled, before you go off duty.")
        )
    if on_duty and not pd.isna(own["retired_at"]):
        raise Conflict(N_("This team is not used any more."), hint=N_("Ask the command room which team you are."))
    if bool(own["on_duty"]) != on_duty:
        teams.save_on_duty(act.work, act.team_id, on_duty=on_duty)


def _confirm(act: _Act) -> None:
    found = orders.find_order_by_id(act.work.connection, order_id=act.action.target, team_id=act.team_id)
    if found is None:
        raise NotFound(N_("There is no such order."), hint=N_("Look whether the plan was published."))
    _check_in_force(found.status)
    if found.confirmed_at is None:
        orders.save_confirmed(act.work, act.action.target, at=act.at)


def _check_in_force(status: str) -> None:
    # What was sent before the team heard of a new plan counts all the same.
    if status not in {"published", order_succession.REPLACED}:
        raise Conflict(N_("This plan is closed."), hint=N_("Tell the command room what is still to be added."))


# --- stops -------------------------------------------------------------------------------------------------------


def _arrive(act: _Act) -> None:
    _move(act, StopState.ARRIVED, {"arrived_at": act.at, "ended_at": None, "reason": ""})


def _finish(act: _Act) -> None:
    stop = _move(act, StopState.DONE, {"ended_at": act.at, "reason": ""})
    if stop is not None:
        _record_patrol(act, stop)


def _give_up(act: _Act) -> None:
    reason = parse_reason(act.action.reason)
    if reason is CannotReason.OTHER and not act.action.note:
        raise InvalidInput(N_("The reason is missing."), hint=N_("Say in a few words why it could not be done."))
    _move(act, StopState.CANNOT, {"ended_at": act.at, "reason": reason.value})


def _move(act: _Act, target: StopState, changes: Mapping[str, Any]) -> pd.Series | None:
    """Take a stop to a state; the stop as it was, None where it is in that state already."""
    found = orders.load_stops(act.work.connection, stop_id=act.action.target)
    if found.empty or found["team_id"].iloc[0] != act.team_id:
        raise NotFound(N_("There is no such stop in your order."), hint=N_("Reload the page."))
    stop = _follow(act, found.iloc[0], target)
    _check_in_force(plans.load_status(act.work.connection, int(stop["plan_id"])))
    if act.photo is not None:
        row = {"stop_id": int(stop["id"]), "at": act.at, "width": act.photo.width, "height": act.photo.height}
        orders.save_stop_photo(act.work, {**row, "sha256": act.photo.sha256, "jpeg": act.photo.jpeg})
    if stop["state"] == target.value:
        return None
    check_stop_transition(StopState(stop["state"]), target)
    note = act.action.note or stop["note"]
    orders.save_stop(act.work, int(stop["id"]), {"state": target.value, "note": note, **changes})
    return stop


def _follow(act: _Act, stop: pd.Series, target: StopState) -> pd.Series:
    """The stop at which the team's word counts now: of the plan that took the place of its own, where one did."""
    following = order_succession.find_following_stop(
        act.work.connection,
        plan_id=int(stop["plan_id"]),
        tasks=list(stop["tasks"]),
        team_id=act.team_id,
        state=target,
    )
    return stop if following is None else orders.load_stops(act.work.connection, stop_id=following).iloc[0]


def _record_patrol(act: _Act, stop: pd.Series) -> None:
    """The segments of a stop that is done were patrolled, as reported."""
    document = plans.load_document(act.work.connection, int(stop["plan_id"]), scope="") or {"tasks": []}
    keys = set(stop["tasks"])
    wanted = [int(t["id"]) for t in document["tasks"] if t["key"] in keys and t["kind"] == "segment"]
    segments = rail.load_segments(act.work.connection, scope="", ids=wanted) if wanted else pd.DataFrame()
    if segments.empty:
        return
    last = pd.to_datetime(segments["last_patrol_at"], utc=True)
    newer = segments.loc[last.isna() | (last < pd.Timestamp(act.at)), "id"].tolist()
    if newer:
        rail.save_patrols(act.work, segment_ids=newer, at=act.at)
    rows = [
        {
            "line_id": int(segment.line_id),
            "from_m": float(segment.from_m),
            "to_m": float(segment.to_m),
            "side": segment.side,
            "at": act.at,
            "kind": "report",
            "team_id": act.team_id,
            "confidence": 1.0,
            "source": f"order stop {int(stop['id'])}",
        }
        for segment in segments.itertuples()
    ]
    coverage.save_coverage(act.work, rows)


# --- incidents, hazards ------------------------------------------------------------------------------------------


def _advance_task(act: _Act) -> None:
    target = parse_dispatch_state(act.action.to)
    if target not in {*_STEPS[1:], DispatchState.DECLINED}:
        raise InvalidInput(
            N_("“{state}” is not a state of a task."), hint=N_("Choose one of the steps offered."), state=act.action.to
        )
    found = incident_store.load_dispatches(
        act.work.connection, scope="", dispatch_id=act.action.target, team_id=act.team_id, open_only=False
    )
    if found.empty:
        raise NotFound(N_("There is no such task of your team."), hint=N_("Reload the page."))
    task = found.iloc[0]
    current = DispatchState(task["state"])
    # What the command room noted by radio meanwhile needs no second word.
    if current in _STEPS and target in _STEPS and _STEPS.index(current) >= _STEPS.index(target):
        return
    reason = _read_decline_reason(act.action) if target is DispatchState.DECLINED else ""
    incidents.move_task(act.work, task, to=target, note=act.action.note, reason=reason)


def _read_decline_reason(action: TeamAction) -> str:
    reason = parse_decline_reason(action.reason)
    if reason is DeclineReason.OTHER and not action.note:
        raise InvalidInput(N_("The reason is missing."), hint=N_("Say in a few words why the team cannot come."))
    return reason.value


def _report_hazard(act: _Act) -> int:
    assert act.hazard is not None  # read_action gives one for this kind
    hazard_id = hazards.insert_hazard(act.work, act.actor, act.hazard)
    if act.photo is not None:
        row = build_row(act.photo)
        where = {"lon": act.hazard.where.lon, "lat": act.hazard.where.lat} if row["lon"] is None else {}
        photo_store.save_photos(
            act.work, hazard_id=hazard_id, rows=[{**row, **where, "taken_at": row["taken_at"] or act.at}]
        )
    return hazard_id


_DO: Mapping[ActionKind, Callable[[_Act], int | None]] = {
    ActionKind.DUTY_ON: _set_duty,
    ActionKind.DUTY_OFF: _set_duty,
    ActionKind.CONFIRM: _confirm,
    ActionKind.ARRIVE: _arrive,
    ActionKind.DONE: _finish,
    ActionKind.CANNOT: _give_up,
    ActionKind.TASK: _advance_task,
    ActionKind.HAZARD: _report_hazard,
}
