"""What a person may set of a segment, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from gridmap.domain.railways.segments import INTERVAL_DAYS
from gridmap.domain.statutes.rules import SETTINGS
from gridmap.errors import N_, InvalidInput

SETTABLE = ("setting", "risk", "interval_days", "visits", "spacing_min", "night", "side")
"""Columns of a segment that a person may set; `by_hand` names those that somebody did, parted by spaces."""

WALKED_SIDES = ("both", "left", "right")
"""Where a segment is walked, facing increasing mileage; both: on either side, as it suits."""

_MOST_DAYS = 365
_MOST_VISITS = 99
_MINUTES_A_DAY = 1440


@dataclass(frozen=True, kw_only=True)
class SegmentEdit:
    """What to set of segments; None leaves a value as it is.

    Attributes
    ----------
    setting
        urban, suburban, village or open: decides how wide Article 27 makes the zone.
    risk
        1 low to 4 very high. The interval follows it where nobody set that by hand.
    interval_days, visits, spacing_min
        So many visits are wanted in every so many days, at least so many minutes apart.
    night
        Visits by night are wanted.
    side
        One of `WALKED_SIDES`.

    Raises
    ------
    InvalidInput
        A value is out of range, or nothing is set at all.
    """

    setting: str | None = None
    risk: int | None = None
    interval_days: int | None = None
    visits: int | None = None
    spacing_min: int | None = None
    night: bool | None = None
    side: str | None = None

    def __post_init__(self) -> None:
        if not self.values:
            raise InvalidInput(N_("Nothing is to be set."), hint=N_("Choose at least one value."))
        if self.setting is not None and self.setting not in SETTINGS:
            raise InvalidInput(
                N_("“{setting}” is not a setting of Article 27."),
                hint=N_("It is urban, suburban, village or open."),
                setting=self.setting,
            )
        if self.risk is not None and self.risk not in INTERVAL_DAYS:
            raise InvalidInput(
                N_("{risk} is no risk."), hint=N_("It goes from 1, low, to 4, very high."), risk=self.risk
            )
        if self.side is not None and self.side not in WALKED_SIDES:
            raise InvalidInput(
                N_("“{side}” is no side of a line."),
                hint=N_("It is left or right, facing increasing mileage, or both."),
                side=self.side,
            )
        _check_range(self.interval_days, 1, _MOST_DAYS, N_("{number} is no number of days between patrols."))
        _check_range(self.visits, 1, _MOST_VISITS, N_("{number} is no number of visits."))
        _check_range(
            self.spacing_min, 0, _MOST_DAYS * _MINUTES_A_DAY, N_("{number} is no number of minutes between visits.")
        )

    @property
    def values(self) -> dict[str, Any]:
        """What is set, by column."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if value is not None}

    def apply(self, segment: Mapping[str, Any]) -> dict[str, Any]:
        """Columns of a segment that become others, `by_hand` among them.

        Raises
        ------
        InvalidInput
            The visits would not fit into the interval.
        """
        by_hand = {*str(segment["by_hand"]).split(), *self.values}
        after = {**{name: segment[name] for name in SETTABLE}, **self.values}
        after["interval_days"] = follow_risk(after, by_hand)
        days, visits, minutes = (int(after[name]) for name in ("interval_days", "visits", "spacing_min"))
        if visits * minutes > days * _MINUTES_A_DAY:
            raise InvalidInput(
                N_("{visits} visits {minutes} minutes apart do not fit into {days} days."),
                hint=N_("Ask for fewer visits, or let them follow sooner."),
                visits=visits,
                minutes=minutes,
                days=days,
            )
        after["by_hand"] = join_names(by_hand)
        return {name: value for name, value in after.items() if value != segment[name]}


def follow_risk(values: Mapping[str, Any], by_hand: set[str]) -> int:
    """Days between patrols: as they are, but as the risk says where only that was set by hand."""
    if "risk" in by_hand and "interval_days" not in by_hand:
        return INTERVAL_DAYS[int(values["risk"])]
    return int(values["interval_days"])


def carry_over(made: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What a segment that was cut anew takes over of the one that lay there, so that nothing set by hand is lost."""
    by_hand = set(str(before["by_hand"]).split())
    kept = {name: before[name] for name in SETTABLE if name in by_hand}
    values = {**made, **kept}
    return {**kept, "interval_days": follow_risk(values, by_hand), "by_hand": join_names(by_hand)}


def join_names(names: set[str]) -> str:
    """Names of columns as `by_hand` holds them."""
    return " ".join(name for name in SETTABLE if name in names)


def _check_range(number: int | None, least: int, most: int, message: str) -> None:
    if number is not None and not least <= number <= most:
        raise InvalidInput(message, hint=N_("It lies from {least} to {most}."), number=number, least=least, most=most)
