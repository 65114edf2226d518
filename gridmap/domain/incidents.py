"""Incidents (警情、险情): what kinds there are, and how a team sent to one goes from the order to the end of its task.

An incident is a place where something happens now. Nothing about persons is part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gridmap.errors import N_, Conflict, InvalidInput


class IncidentKind(StrEnum):
    """What happens: at a place or to a thing, never who."""

    ROAD_ACCIDENT = "road_accident"
    LINE_OBSTRUCTION = "line_obstruction"
    FIRE = "fire"
    FLOOD_LANDSLIDE = "flood_landslide"
    EQUIPMENT_FAILURE = "equipment_failure"
    OTHER = "other"


class DispatchState(StrEnum):
    """Where a team's task stands: 已派, 已接令, 已到场, 已完成, 已撤回, 不能前往."""

    SENT = "sent"
    ACCEPTED = "accepted"
    ARRIVED = "arrived"
    DONE = "done"
    RECALLED = "recalled"
    DECLINED = "declined"


class DeclineReason(StrEnum):
    """Why a team cannot take a task that it was sent."""

    OCCUPIED = "occupied"
    VEHICLE = "vehicle"
    ROAD_BLOCKED = "road_blocked"
    TOO_FAR = "too_far"
    SHIFT_ENDS = "shift_ends"
    OTHER = "other"


_S = DispatchState

OPEN: frozenset[DispatchState] = frozenset({_S.SENT, _S.ACCEPTED, _S.ARRIVED})
"""States in which the team is bound."""

UNDER_WAY: frozenset[DispatchState] = frozenset({_S.SENT, _S.ACCEPTED})
"""States in which the team is still to arrive."""

TRANSITIONS: Mapping[DispatchState, tuple[DispatchState, ...]] = MappingProxyType(
    {
        # A team that reports only on arrival has accepted as well.
        _S.SENT: (_S.ACCEPTED, _S.ARRIVED, _S.RECALLED, _S.DECLINED),
        # A vehicle may break down, or a road turn out to be closed, on the way.
        _S.ACCEPTED: (_S.ARRIVED, _S.RECALLED, _S.DECLINED),
        _S.ARRIVED: (_S.DONE, _S.RECALLED),
        _S.DONE: (),
        _S.RECALLED: (),
        _S.DECLINED: (),
    }
)
"""What may follow each state, the usual next step first."""


def end_state(state: DispatchState) -> DispatchState:
    """How an open task ends with its incident: done by a team on the spot, called back from one on its way."""
    return _S.DONE if state is _S.ARRIVED else _S.RECALLED


def check_transition(current: DispatchState, target: DispatchState) -> None:
    """Raise Conflict where `target` may not follow `current`."""
    if target not in TRANSITIONS[current]:
        raise Conflict(
            N_("A task that is “{task}” cannot become “{next_task}”."),
            hint=N_("Choose one of the steps offered."),
            task=current.value,
            next_task=target.value,
        )


def parse_kind(text: str) -> IncidentKind:
    """The kind called `text`, or InvalidInput."""
    try:
        return IncidentKind(text)
    except ValueError as error:
        raise InvalidInput(
            N_("“{kind}” is not a kind of incident."), hint=N_("Choose a kind from the list."), kind=text
        ) from error


def parse_dispatch_state(text: str) -> DispatchState:
    """The state called `text`, or InvalidInput."""
    try:
        return DispatchState(text)
    except ValueError as error:
        raise InvalidInput(
            N_("“{state}” is not a state of a task."), hint=N_("Choose one of the steps offered."), state=text
        ) from error


def parse_decline_reason(text: str) -> DeclineReason:
    """The reason called `text`, or InvalidInput."""
    try:
        return DeclineReason(text)
    except ValueError as error:
        raise InvalidInput(
            N_("“{reason}” is not a reason of the list."), hint=N_("Choose a reason from the list."), reason=text
        ) from error
