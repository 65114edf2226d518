"""How evenly a plan shares the day out between the teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class TeamLoad:
    """What a plan asks of one team; all of it 0 where the team stays at its post.

    `team` is the key the document has it by; `duration_s` runs from setting out to coming back.
    """

    team: str
    name: str
    duration_s: int = 0
    driven_m: float = 0.0
    walked_m: float = 0.0
    stops: int = 0
    tasks: int = 0


@dataclass(frozen=True)
class Balance:
    """The loads of all teams of a plan, and how far apart their days are."""

    loads: tuple[TeamLoad, ...]

    @property
    def mean_s(self) -> float:
        """Mean length of a team's day, those that stay at their post included."""
        return float(np.mean([load.duration_s for load in self.loads])) if self.loads else 0.0

    @property
    def longest(self) -> TeamLoad | None:
        """The team with the longest day, None where nobody sets out."""
        longest = max(self.loads, key=lambda load: load.duration_s, default=None)
        return longest if longest is not None and longest.duration_s else None

    @property
    def excess(self) -> float:
        """How much longer than the mean the longest day is, as a share of the mean."""
        longest = self.longest
        return longest.duration_s / self.mean_s - 1.0 if longest is not None else 0.0

    @property
    def gini(self) -> float:
        """Gini coefficient of the days' lengths: 0 where all are alike, near 1 where one team does everything.

        Half the mean absolute difference over the mean (Gini 1912, Variabilità e mutabilità).
        """
        days = np.array([load.duration_s for load in self.loads], float)
        if not days.sum():
            return 0.0
        return float(np.abs(days[:, None] - days[None, :]).mean() / (2 * days.mean()))


def measure_balance(document: Mapping[str, Any]) -> Balance:
    """The loads in a plan document, teams in its order."""
    routes = {route["team"]: route for route in document["routes"]}
    return Balance(tuple(_measure(team, routes.get(team["key"])) for team in document["teams"]))


def _measure(team: Mapping[str, Any], route: Mapping[str, Any] | None) -> TeamLoad:
    if route is None:
        return TeamLoad(team["key"], team["name"])
    return TeamLoad(
        team["key"],
        team["name"],
        duration_s=route["duration_s"],
        driven_m=route["driven_m"],
        walked_m=route["walked_m"],
        stops=len(route["stops"]),
        tasks=sum(len(stop["tasks"]) for stop in route["stops"]),
    )
