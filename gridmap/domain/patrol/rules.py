"""What a plan takes for granted: walking speed, how far people walk, minutes on the spot, what matters how much."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from gridmap.domain.patrol.hours import DAY_S, Windows, repeat_daily
from gridmap.errors import N_, InvalidInput

LEAST_WALK_KMH, MOST_WALK_KMH = 1.0, 6.0
MOST_BALANCE = 10.0
MOST_CHANGE_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class PatrolRules:
    """Local planning values; every one may be changed.

    Attributes
    ----------
    line_walk_kmh
        Walking beside the line while looking at it.
    max_walk_m
        Longest walk one task may ask for, from road to road.
    joined_walk_m
        Longest walk that several segments are put together for.
    inspect_reach_m
        A hazard further from every road (and not beside a line) is not reached by a plan.
    tunnel_share
        A segment with more of its length in tunnel has no line side to walk.
    urgent_severity, urgent_s
        Hazards from this severity on are seen within this time from the start of the shift.
    inspect_s
        Time on the spot by severity, 1 to 4.
    priority_s
        What leaving a task of priority 1 unserved costs, in seconds of work; more than a day's shift, so that nothing
        that fits is dropped.
    change_s
        What moving a task to another team costs while a plan is mended, in seconds: it has to gain more than that.
    metre_s
        What a metre costs beside the time it takes, in seconds.
    balance
        How much the teams should work alike, 0 not at all: times the squares of their times over twice the mean shift.
    prizes
        Priority of what is due today by risk or severity, 1 to 4.
    late_weight, most_late
        Each interval that something is overdue adds this share of its priority; no more than so many count.
    night_s, day_s
        Hours of the night and of daylight, seconds after midnight; the night ends on the next day.
    daylight_settings
        Segments in such a setting (urban, suburban, village, open) are walked in daylight only, unless they are wanted
        by night.
    """

    line_walk_kmh: float = 4.0
    max_walk_m: float = 6000.0
    joined_walk_m: float = 4000.0
    inspect_reach_m: float = 300.0
    tunnel_share: float = 0.8
    urgent_severity: int = 4
    urgent_s: int = 4 * 3600
    inspect_s: tuple[int, int, int, int] = (600, 900, 1200, 1800)
    priority_s: int = 36_000
    metre_s: float = 0.1
    change_s: int = 0
    balance: float = 0.0
    prizes: tuple[int, int, int, int] = (1, 2, 3, 4)
    late_weight: float = 1.0
    most_late: float = 3.0
    night_s: tuple[int, int] = (20 * 3600, 6 * 3600)
    day_s: tuple[int, int] = (6 * 3600, 20 * 3600)
    daylight_settings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.balance <= MOST_BALANCE:
            raise InvalidInput(
                N_("{balance} is no weight for equal work."),
                hint=N_("Use 0 (not at all) to {most}."),
                balance=self.balance,
                most=MOST_BALANCE,
            )
        if not 0 <= self.change_s <= MOST_CHANGE_S:
            raise InvalidInput(
                N_("{seconds} seconds is no price for a task that goes to another team."),
                hint=N_("Use 0 (it costs nothing) to {most}."),
                seconds=self.change_s,
                most=MOST_CHANGE_S,
            )
        if not all(0 <= at <= DAY_S for hours in (self.night_s, self.day_s) for at in hours):
            raise InvalidInput(
                N_("The hours of day or night lie outside a day."), hint=N_("Write them between 00:00 and 24:00.")
            )
        if not LEAST_WALK_KMH <= self.line_walk_kmh <= MOST_WALK_KMH:
            raise InvalidInput(
                N_("A walking speed of {speed} km/h cannot be planned with."),
                hint=N_("Use 1 to 6 km/h."),
                speed=self.line_walk_kmh,
            )

    def prize(self, level: int, *, late: float) -> int:
        """Priority of a task of risk or severity `level` that is overdue by `late` of its intervals."""
        share = 1 + self.late_weight * min(max(late, 0.0), self.most_late)
        return math.ceil(round(self.prizes[level - 1] * share, 6))

    def find_hours(self, *, night: bool, setting: str, shift_s: tuple[int, int]) -> Windows:
        """When a segment may be walked; empty: at any time."""
        if night:
            return repeat_daily((self.night_s,), within=shift_s)
        return repeat_daily((self.day_s,), within=shift_s) if setting in self.daylight_settings else ()

    def as_json(self) -> dict[str, Any]:
        """The values as a plan document keeps them."""
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {**values, "inspect_s": {str(n): s for n, s in enumerate(self.inspect_s, start=1)}}
