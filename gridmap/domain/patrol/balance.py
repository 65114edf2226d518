"""How evenly a plan shares the day out between the teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np


class Measure(StrEnum):
    """What a team's load is measured by; the values are fields of `TeamLoad`."""

    DURATION = "duration_s"
    DRIVEN = "driven_m"
    WALKED = "walked_m"
    TASKS = "tasks"


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

    def of(self, measure: Measure) -> float:
        """The load in one measure: seconds, metres or a number."""
        return float(getattr(self, measure.value))


@dataclass(frozen=True)
class Spread:
    """How far apart the loads of the teams are in one measure.

    Attributes
    ----------
    mean
        Over all teams, those that stay at their post included.
    most
        The team with the most, None where there is none with anything.
    excess
        How much more than the mean that is, as a share of the mean.
    gini
        Gini coefficient: 0 where all loads are alike, near 1 where one team has everything; half the mean absolute
        difference over the mean (Gini 1912, Variabilità e mutabilità).
    """

    mean: float
    most: TeamLoad | None
    excess: float
    gini: float


@dataclass(frozen=True)
class Balance:
    """The loads of all teams of a plan."""

    loads: tuple[TeamLoad, ...]

    def spread(self, measure: Measure) -> Spread:
        """How far apart the loads are."""
        values = np.array([load.of(measure) for load in self.loads])
        if not values.sum():
            return Spread(0.0, None, 0.0, 0.0)
        mean = float(values.mean())
        gini = float(np.abs(values[:, None] - values[None, :]).mean() / (2 * mean))
        return Spread(mean, self.loads[int(values.argmax())], float(values.max()) / mean - 1.0, gini)


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
