"""What a plan takes for granted: walking speed, how far people walk, minutes on the spot, what matters how much."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from gridmap.errors import N_, InvalidInput

LEAST_WALK_KMH, MOST_WALK_KMH = 1.0, 6.0


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
    metre_s
        What a metre costs beside the time it takes, in seconds.
    balance
        What uneven work costs: so many times the square of a team's time over twice the mean shift; 0 asks for none.
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
    balance: float = 0.0

    def __post_init__(self) -> None:
        if not LEAST_WALK_KMH <= self.line_walk_kmh <= MOST_WALK_KMH:
            raise InvalidInput(
                N_("A walking speed of {speed} km/h cannot be planned with."),
                hint=N_("Use 1 to 6 km/h."),
                speed=self.line_walk_kmh,
            )

    def as_json(self) -> dict[str, Any]:
        """The values as a plan document keeps them."""
        return {**asdict(self), "inspect_s": {str(n): s for n, s in enumerate(self.inspect_s, start=1)}}
