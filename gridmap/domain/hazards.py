"""Hazards (隐患): how one is handled from report to closure, and when it is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

from gridmap.errors import N_, Conflict, InvalidInput


class Severity(IntEnum):
    """How much harm threatens: 一般, 较大, 重大, 特别重大."""

    MINOR = 1
    MODERATE = 2
    MAJOR = 3
    CRITICAL = 4


class HazardState(StrEnum):
    """Where a hazard stands between report (上报) and closure (办结)."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    VERIFIED = "verified"
    DISPATCHED = "dispatched"
    HANDLED = "handled"
    CHECKED = "checked"
    RETURNED = "returned"
    EXTENDED = "extended"
    CLOSED = "closed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"
    HANDLED_ON_THE_SPOT = "handled_on_the_spot"


_S = HazardState

ENDED: frozenset[HazardState] = frozenset({_S.CLOSED, _S.REJECTED, _S.DUPLICATE, _S.CANCELLED, _S.HANDLED_ON_THE_SPOT})
"""States that nothing follows."""

OPEN: tuple[str, ...] = tuple(state.value for state in HazardState if state not in ENDED)
"""All others, by value."""

TRANSITIONS: Mapping[HazardState, tuple[HazardState, ...]] = MappingProxyType(
    {
        _S.REPORTED: (_S.ACCEPTED, _S.HANDLED_ON_THE_SPOT, _S.REJECTED, _S.DUPLICATE, _S.CANCELLED),
        _S.ACCEPTED: (_S.VERIFIED, _S.REJECTED, _S.DUPLICATE, _S.CANCELLED),
        _S.VERIFIED: (_S.DISPATCHED, _S.DUPLICATE, _S.CANCELLED),
        _S.DISPATCHED: (_S.HANDLED, _S.EXTENDED, _S.CANCELLED),
        _S.EXTENDED: (_S.HANDLED, _S.CANCELLED),
        _S.HANDLED: (_S.CHECKED, _S.RETURNED),
        _S.RETURNED: (_S.HANDLED, _S.EXTENDED, _S.CANCELLED),
        _S.CHECKED: (_S.CLOSED, _S.RETURNED),
        **dict.fromkeys(ENDED, ()),
    }
)
"""What may follow each state, the usual next step first."""


@dataclass(frozen=True)
class HazardRules:
    """Time limits, which are local; the defaults are the usual ones (same day, 3, 7 and 15 days)."""

    days_to_handle: Mapping[Severity, int] = field(
        default_factory=lambda: MappingProxyType(
            {Severity.CRITICAL: 1, Severity.MAJOR: 3, Severity.MODERATE: 7, Severity.MINOR: 15}
        )
    )
    days_extended: int = 7

    def compute_due(self, severity: Severity, reported_at: datetime) -> datetime:
        """When a hazard of `severity` must be closed."""
        return reported_at + timedelta(days=self.days_to_handle[severity])

    def extend_due(self, due_at: datetime) -> datetime:
        """The new time limit after an approved extension (延期)."""
        return due_at + timedelta(days=self.days_extended)


def parse_rules(kept: Mapping[str, Any]) -> HazardRules:
    """Rules as an installation keeps them: `{"days": {"1": 15, "4": 1}, "extended": 7}`; what is left out is usual.

    Raises
    ------
    InvalidInput
        A severity that does not exist, or a number of days that is not positive.
    """
    usual = HazardRules()
    try:
        days = {Severity(int(key)): int(value) for key, value in dict(kept.get("days", {})).items()}
        extended = int(kept.get("extended", usual.days_extended))
        if min([extended, *days.values()]) <= 0:
            raise ValueError(kept)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            N_("The time limits for hazards cannot be used: {rules}."),
            hint=N_("Give a positive number of days for each severity from 1 to 4."),
            rules=kept,
        ) from error
    return HazardRules(MappingProxyType({**usual.days_to_handle, **days}), extended)


def check_transition(current: HazardState, target: HazardState) -> None:
    """Raise Conflict where `target` may not follow `current`."""
    if target not in TRANSITIONS[current]:
        raise Conflict(
            N_("A hazard that is “{current}” cannot become “{target}”."),
            hint=N_("Choose one of the steps offered."),
            current=current.value,
            target=target.value,
        )


def is_overdue(state: HazardState, due_at: datetime, now: datetime) -> bool:
    """Whether the time limit has passed while the hazard is still open."""
    return state not in ENDED and now > due_at


def parse_severity(number: int) -> Severity:
    """The severity of that number, or InvalidInput."""
    try:
        return Severity(number)
    except ValueError as error:
        raise InvalidInput(
            N_("{number} is not a severity."), hint=N_("Choose a severity from 1 to 4."), number=number
        ) from error


def parse_state(text: str) -> HazardState:
    """The state called `text`, or InvalidInput."""
    try:
        return HazardState(text)
    except ValueError as error:
        raise InvalidInput(
            N_("“{state}” is not a state of a hazard."), hint=N_("Choose one of the steps offered."), state=text
        ) from error
