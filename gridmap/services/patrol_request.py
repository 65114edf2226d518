"""What a plan is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from gridmap.domain.patrol.crews import CrewRow
from gridmap.domain.patrol.hours import DAY_S
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.errors import N_, InvalidInput

_MOST_DAYS = 365
_MOST_TEAMS = 1000


@dataclass(frozen=True, kw_only=True)
class PatrolRequest:
    """What a plan is asked for.

    Attributes
    ----------
    area_code
        Area whose tasks are planned, "" for all in the actor's scope.
    line_ids, team_ids
        Only these railway lines, only these teams; None means all.
    team_count
        At most this many teams, 1 to 1000; where fewer are on duty the rest are made up.
    shift_start, shift_end
        Local times; an end at or before the start lies on the next day.
    seconds, iterations, seed
        How long to search; with iterations the plan follows from the seed.
    horizon_days
        Also what falls due within so many days after the service date.
    service_date
        None means today.
    closures
        Road edges that are closed.
    slowed
        Road edges with the most that is driven there, km/h.
    crew
        The teams themselves, instead of those on duty.
    start
        A plan whose routes the search begins with.
    tasks
        Only these, by key, whether due or not; None means whatever is due.
    """

    area_code: str = ""
    line_ids: tuple[int, ...] | None = None
    team_ids: tuple[int, ...] | None = None
    team_count: int | None = None
    shift_start: time = time(8)
    shift_end: time = time(17)
    seconds: float = 10.0
    iterations: int | None = None
    seed: int = 1
    include_hazards: bool = True
    horizon_days: int = 0
    service_date: date | None = None
    closures: tuple[int, ...] = ()
    slowed: tuple[tuple[int, float], ...] = ()
    crew: tuple[CrewRow, ...] | None = None
    start: Mapping[str, Any] | None = None
    tasks: tuple[str, ...] | None = None
    rules: PatrolRules = field(default_factory=PatrolRules)

    def __post_init__(self) -> None:
        if self.team_count is not None and self.team_count < 1:
            raise InvalidInput(
                N_("A plan needs at least one team."), hint=N_("Ask for one team or more."), count=self.team_count
            )
        if self.team_count is not None and self.team_count > _MOST_TEAMS:
            raise InvalidInput(
                N_("{count} teams cannot be planned for at once."),
                hint=N_("Ask for {most} teams at most, or plan area by area."),
                count=self.team_count,
                most=_MOST_TEAMS,
            )
        if not 0 <= self.horizon_days <= _MOST_DAYS:
            raise InvalidInput(
                N_("{days} days ahead cannot be planned for."),
                hint=N_("Use 0 to {most} days."),
                days=self.horizon_days,
                most=_MOST_DAYS,
            )

    @property
    def shift_s(self) -> tuple[int, int]:
        """Start and end, seconds after local midnight."""
        start, end = (t.hour * 3600 + t.minute * 60 + t.second for t in (self.shift_start, self.shift_end))
        return start, end if end > start else end + DAY_S


def note(text: str, **values: Any) -> dict[str, Any]:
    """A message of a plan document."""
    return {"text": text, "values": values}
