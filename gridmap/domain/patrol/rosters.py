"""Who sees which place on which day: visits spread over days so that no gap is too long and no day is overfull.

A whole-number program for HiGHS; what cannot be kept costs by its priority and is named. Days that serve equally well
are chosen by a seed, away from the weekday of the visit before, so that nobody can set a clock by the patrol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from gridmap.domain.patrol.efforts import check_effort
from gridmap.errors import N_, InvalidInput

FloatArray = npt.NDArray[np.float64]

MOST_DAYS = 14
_WEEK = 7
_MISSED = 1000.0
"""What a missed visit of priority 1 costs, in hours of work: more than any roster holds."""

_TASTE, _SAME_WEEKDAY = 0.15, 0.25
"""What a day costs beside its work, as shares of it: by the throw of the seed, and on the weekday of the last visit."""


@dataclass(frozen=True)
class Stop:
    """One place with its visits.

    Attributes
    ----------
    loads_s
        Working time that a visit takes by the teams of each post, None where they cannot do it.
    due
        The day (0 is the first, also for what is overdue) by which the next visit is due, within `gap_days`; None where
        none is.
    gap_days
        From one visit to the next at most, None where one visit is enough.
    last_day
        The day of the visit before, below 0; None where there was none.
    """

    loads_s: tuple[float | None, ...]
    priority: int
    due: int | None
    gap_days: int | None
    last_day: int | None = None

    def __post_init__(self) -> None:
        if self.gap_days is not None and (self.gap_days < 1 or (self.due is not None and self.due >= self.gap_days)):
            raise InvalidInput(
                N_("A place seen every {days} days cannot be due later than that."),
                hint=N_("Give a day before the interval has passed."),
                days=self.gap_days,
            )
        if self.due is not None and self.due < 0:
            raise InvalidInput(
                N_("A visit cannot be due before the roster begins."), hint=N_("Count what is overdue as due at once.")
            )


@dataclass(frozen=True)
class Missing:
    """A stop that is not visited by `day` although it must be."""

    stop: int
    day: int


@dataclass(frozen=True)
class Roster:
    """Visits as (stop, day, post), what is missing, and how good it is.

    `load_s` has the shape (days, posts). `gap` is how far the costs are above the bound, as a share. `variation` is the
    share of visits that fall on another weekday than the visit to the same place before; None where there is no such
    pair.
    """

    visits: tuple[tuple[int, int, int], ...]
    missing: tuple[Missing, ...]
    load_s: FloatArray
    gap: float
    variation: float | None


def solve_roster(stops: Sequence[Stop], capacity_s: FloatArray, *, seconds: float = 10.0, seed: int = 1) -> Roster:
    """A roster within the working time of each day and post, shape (days, posts).

    Raises
    ------
    InvalidInput
        No day, more than 14, or no time to compute in.
    """
    days, posts = capacity_s.shape
    check_effort(seconds=seconds, iterations=None)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(N_("A roster of {days} days cannot be made."), hint=N_("Ask for 1 to 14 days."), days=days)
    windows = [(i, first, last) for i, stop in enumerate(stops) for first, last in _list_windows(stop, days)]
    asked = {stop for stop, _, _ in windows}
    choices = [
        (i, day, post)
        for i in sorted(asked)
        for day in range(days)
        for post, load_s in enumerate(stops[i].loads_s)
        if load_s is not None
    ]
    if not windows:
        return Roster((), (), np.zeros((days, posts)), 0.0, None)
    found = _solve(stops, capacity_s, windows, choices, seconds=seconds, seed=seed)
    chosen = found.x[: len(choices)] > 0.5
    visits = tuple(choice for choice, is_chosen in zip(choices, chosen, strict=True) if is_chosen)
    load_s = np.zeros((days, posts))
    for i, day, post in visits:
        load_s[day, post] += stops[i].loads_s[post] or 0.0
    kept = {(i, day) for i, day, _ in visits}
    missing = tuple(
        Missing(i, last) for i, first, last in windows if not any((i, day) in kept for day in range(first, last + 1))
    )
    return Roster(visits, missing, load_s, float(found.mip_gap or 0.0), measure_variation(stops, visits))


def _list_windows(stop: Stop, days: int) -> list[tuple[int, int]]:
    """Spans of days in each of which a visit must fall."""
    if stop.due is None or stop.due >= days:
        return []
    windows = [(0, stop.due)]
    if stop.gap_days is not None:
        windows += [(day, day + stop.gap_days - 1) for day in range(1, days - stop.gap_days + 1)]
    return windows


def _solve(
    stops: Sequence[Stop],
    capacity_s: FloatArray,
    windows: Sequence[tuple[int, int, int]],
    choices: Sequence[tuple[int, int, int]],
    *,
    seconds: float,
    seed: int,
) -> Any:
    """Choices first, then what is missing of each window."""
    days, posts = capacity_s.shape
    width = len(choices) + len(windows)
    load_s = np.array([stops[i].loads_s[post] or 0.0 for i, _, post in choices])
    row_of = {(i, day): row for row, (i, day) in enumerate(dict.fromkeys((i, day) for i, day, _ in choices))}
    filled = [(day * posts + post, column, load_s[column]) for column, (_, day, post) in enumerate(choices)]
    once = [(row_of[i, day], column, 1.0) for column, (i, day, _) in enumerate(choices)]
    met = [(row, len(choices) + row, 1.0) for row in range(len(windows))]
    columns: dict[tuple[int, int], list[int]] = {}
    for column, (i, day, _) in enumerate(choices):
        columns.setdefault((i, day), []).append(column)
    for row, (i, first, last) in enumerate(windows):
        met += [(row, column, 1.0) for day in range(first, last + 1) for column in columns.get((i, day), ())]
    constraints = [
        LinearConstraint(_matrix(filled, days * posts, width), -np.inf, capacity_s.ravel()),
        LinearConstraint(_matrix(once, len(row_of), width), -np.inf, 1.0),
        LinearConstraint(_matrix(met, len(windows), width), 1.0, np.inf),
    ]
    cost = np.concatenate(
        [load_s / 3600 * _taste(stops, choices, seed), [_MISSED * stops[i].priority for i, _, _ in windows]]
    )
    options: Any = {"time_limit": seconds, "mip_rel_gap": 0.01}
    found: Any = milp(
        cost, constraints=constraints, integrality=np.ones(width, np.int64), bounds=Bounds(0, 1), options=options
    )
    assert found.x is not None, found.message  # no visits and everything missing is always a solution
    return found


def _matrix(entries: Sequence[tuple[int, int, float]], rows: int, width: int) -> Any:
    row, column, value = np.array(entries, np.float64).reshape(-1, 3).T
    return coo_array((value, (row.astype(np.int64), column.astype(np.int64))), shape=(rows, width)).tocsc()


def _taste(stops: Sequence[Stop], choices: Sequence[tuple[int, int, int]], seed: int) -> FloatArray:
    """By how much each choice is dearer than its work."""
    thrown = np.random.default_rng(seed).random((len(stops), MOST_DAYS))
    dearer = [
        1.0 + _TASTE * float(thrown[i, day]) + _SAME_WEEKDAY * _is_same_weekday(stops[i].last_day, day)
        for i, day, _ in choices
    ]
    return np.array(dearer)


def _is_same_weekday(before: int | None, day: int) -> bool:
    return before is not None and (day - before) % _WEEK == 0


def measure_variation(stops: Sequence[Stop], visits: Sequence[tuple[int, int, int]]) -> float | None:
    """Share of visits on another weekday than the visit to the same place before; None where there is no pair."""
    pairs = other = 0
    for i, stop in enumerate(stops):
        days = sorted(day for visited, day, _ in visits if visited == i)
        before = [stop.last_day, *days[:-1]] if days else []
        for earlier, day in zip(before, days, strict=True):
            if earlier is not None:
                pairs += 1
                other += not _is_same_weekday(earlier, day)
    return other / pairs if pairs else None
