"""What a search answers: for every team that goes out its visits in order, and when it rests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Visit:
    """A job done in one of its ways, begun at `not_before_s` (after local midnight) at the earliest."""

    job: int
    way: int
    not_before_s: int = 0


@dataclass(frozen=True)
class TeamRoute:
    """What one team does, in order; `timetable.time_route` says when.

    Attributes
    ----------
    start_s
        When it sets out from its post, after local midnight; a break before the first visit comes after it.
    breaks
        For each of the team's breaks in order, how many visits come before it.
    """

    team: int
    start_s: int
    visits: tuple[Visit, ...]
    breaks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Solution:
    """Routes of the teams that have any, in the order of the teams.

    Attributes
    ----------
    iterations
        How many improvements were tried.
    cost, lower_bound
        The objective, and what no plan can cost less than; whole seconds, rounded up and down.
    """

    routes: tuple[TeamRoute, ...]
    iterations: int = 0
    stopped_early: bool = False
    cost: int = 0
    lower_bound: int = 0
