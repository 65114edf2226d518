"""What no plan can be made of: times that cross, breaks outside a shift, numbers below zero."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from gridmap.domain.patrol.problem import Task, Team
from gridmap.errors import N_, InvalidInput


def check_tasks(tasks: Iterable[Task]) -> None:
    """Windows in order and apart from one another, counts and times not below their least.

    Raises
    ------
    InvalidInput
        A task is not so; it is named.
    """
    for task in tasks:
        ends = [end for window in task.windows_s for end in window]
        if any(later < earlier for earlier, later in pairwise(ends)):
            raise InvalidInput(
                N_("The hours of {task} cross one another, or end before they begin."),
                hint=N_("Put its hours in order, apart from one another."),
                task=task.name or task.key,
            )
        if task.visits < 1 or task.priority < 1 or min(task.spacing_s, task.inspect_s or 0) < 0:
            raise InvalidInput(
                N_("{task} has a number of visits, a priority or a time that is below the least."),
                hint=N_("Visits and priority count from 1, times from 0."),
                task=task.name or task.key,
            )


def check_teams(teams: Iterable[Team]) -> None:
    """A shift that lasts, a return within it, and breaks that can all be taken in it.

    Raises
    ------
    InvalidInput
        A team is not so; it is named.
    """
    for team in teams:
        if team.back_by_s <= team.shift_start_s or team.members < 1 or (team.max_walk_m or 0.0) < 0:
            raise InvalidInput(
                N_("{team} has no time, no members, or a longest walk below zero."),
                hint=N_("Let it come back after it sets out, with one member or more."),
                team=team.name,
            )
        free_s = team.shift_start_s
        for item in team.breaks:
            free_s = max(free_s, item.earliest_s)
            if item.seconds < 1 or free_s > item.latest_s or free_s + item.seconds > team.back_by_s:
                raise InvalidInput(
                    N_("The breaks of {team} do not fit into its shift."),
                    hint=N_("Put them in order, begun and ended while it is out."),
                    team=team.name,
                )
            free_s += item.seconds
