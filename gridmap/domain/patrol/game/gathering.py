"""Much prize in little time: routes are torn up around a place and filled again, compiled.

Ruin and recreate (Schrimpf and others, Journal of Computational Physics 159, 2000) for the team orienteering problem:
what is put back is what pays most for the time it takes. Windows and rests are not looked at; whoever uses the routes
leaves out what does not fit (`Watch.trim`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.domain.roads.compiled import compiled

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_NONE = -1
_NOISE = 0.25


class Field(NamedTuple):
    """Teams and what lies before them.

    Attributes
    ----------
    seconds
        From the start of the work at a place to the arrival at another, by profile, shape (profiles, places, places).
    ways
        Places of each job's ways, shape (jobs, ways), -1 where there are fewer.
    able
        Whether a team may do a job, shape (teams, jobs).
    profile, post, home, shift_s
        By team.
    near
        For each job all jobs, the nearest first, shape (jobs, jobs).
    """

    seconds: IntArray
    ways: IntArray
    able: npt.NDArray[np.bool_]
    profile: IntArray
    post: IntArray
    home: IntArray
    shift_s: IntArray
    near: IntArray


class Rows(NamedTuple):
    """Routes: job and place of each stop, how many stops, how long; and which team does each job, -1 for none."""

    job: IntArray
    place: IntArray
    length: IntArray
    spent_s: IntArray
    team: IntArray


@compiled
def measure(field: Field, rows: Rows, team: int) -> int:
    """Seconds of a route, from post to home."""
    at, total = field.post[team], 0
    for i in range(rows.length[team]):
        total += field.seconds[field.profile[team], at, rows.place[team, i]]
        at = rows.place[team, i]
    if rows.length[team] == 0:
        return 0
    return int(total + field.seconds[field.profile[team], at, field.home[team]])


@compiled
def take_out(field: Field, rows: Rows, job: int) -> None:
    """Leave a job out of its route."""
    team = rows.team[job]
    n = rows.length[team]
    i = 0
    while rows.job[team, i] != job:
        i += 1
    rows.job[team, i : n - 1] = rows.job[team, i + 1 : n].copy()
    rows.place[team, i : n - 1] = rows.place[team, i + 1 : n].copy()
    rows.length[team] = n - 1
    rows.team[job] = _NONE
    rows.spent_s[team] = measure(field, rows, team)


@compiled
def price(field: Field, rows: Rows, team: int, job: int) -> tuple[int, int, int]:
    """Least seconds that a job adds to a route, the position and the way; more than any shift where it does not fit."""
    seconds = field.seconds[field.profile[team]]
    n = rows.length[team]
    best, position, way = 1 << 40, _NONE, _NONE
    if not field.able[team, job] or n == rows.job.shape[1]:
        return best, position, way
    for w in range(field.ways.shape[1]):
        place = field.ways[job, w]
        if place == _NONE:
            continue
        before = field.post[team]
        for i in range(n + 1):
            after = rows.place[team, i] if i < n else field.home[team]
            direct = seconds[before, after] if n else 0
            more = seconds[before, place] + seconds[place, after] - direct
            if more < best:
                best, position, way = more, i, w
            before = after
    return best, position, way


@compiled
def put_in(field: Field, rows: Rows, team: int, job: int, position: int, way: int) -> None:
    """Add a job to a route."""
    n = rows.length[team]
    rows.job[team, position + 1 : n + 1] = rows.job[team, position:n].copy()
    rows.place[team, position + 1 : n + 1] = rows.place[team, position:n].copy()
    rows.job[team, position] = job
    rows.place[team, position] = field.ways[job, way]
    rows.length[team] = n + 1
    rows.team[job] = team
    rows.spent_s[team] = measure(field, rows, team)


@compiled
def fill(field: Field, rows: Rows, worth: FloatArray, torn: npt.NDArray[np.bool_]) -> None:
    """Put into the routes that were torn what pays most for its time, until nothing more fits."""
    jobs = len(worth)
    teams = len(torn)
    more = np.full((teams, jobs), 1 << 40)
    position = np.zeros((teams, jobs), np.int64)
    way = np.zeros((teams, jobs), np.int64)
    taste = 1.0 + _NOISE * (np.random.random(jobs) - 0.5)
    for team in range(teams):
        if torn[team]:
            for job in range(jobs):
                if rows.team[job] == _NONE and worth[job] > 0:
                    more[team, job], position[team, job], way[team, job] = price(field, rows, team, job)
    while True:
        best, chosen, to = 0.0, _NONE, _NONE
        for team in range(teams):
            if not torn[team]:
                continue
            left = field.shift_s[team] - rows.spent_s[team]
            for job in range(jobs):
                if more[team, job] <= left and rows.team[job] == _NONE:
                    # By whole seconds a way round can be shorter than the straight one.
                    gain = worth[job] * taste[job] / (max(more[team, job], 0) + 1.0)
                    if gain > best:
                        best, chosen, to = gain, job, team
        if chosen == _NONE:
            return
        put_in(field, rows, to, chosen, position[to, chosen], way[to, chosen])
        for job in range(jobs):
            if rows.team[job] == _NONE and worth[job] > 0:
                more[to, job], position[to, job], way[to, job] = price(field, rows, to, job)


@compiled
def copy_rows(source: Rows, target: Rows) -> None:
    """Make one like the other."""
    target.job[:] = source.job
    target.place[:] = source.place
    target.length[:] = source.length
    target.spent_s[:] = source.spent_s
    target.team[:] = source.team


@compiled
def collect(rows: Rows, worth: FloatArray) -> float:
    """Prize of all jobs that are done."""
    total = 0.0
    for job in range(len(worth)):
        if rows.team[job] != _NONE:
            total += worth[job]
    return total


@compiled
def gather(field: Field, rows: Rows, worth: FloatArray, rounds: int, heat: float, most_ruined: int, seed: int) -> float:
    """Better routes in `rows` for the worth of each job; returns what they collect.

    `heat` is how much worse a step may be at first, as a share of what is collected.
    """
    np.random.seed(seed)
    jobs, teams = len(worth), len(field.post)
    torn = np.ones(teams, np.bool_)
    fill(field, rows, worth, torn)
    trial = Rows(rows.job.copy(), rows.place.copy(), rows.length.copy(), rows.spent_s.copy(), rows.team.copy())
    kept = Rows(rows.job.copy(), rows.place.copy(), rows.length.copy(), rows.spent_s.copy(), rows.team.copy())
    best = current = collect(rows, worth)
    thrift = 0.02 * worth.sum() / max(1.0, float(field.shift_s.sum()))
    spent = thrift * rows.spent_s.sum()
    for step in range(rounds):
        copy_rows(kept, trial)
        torn[:] = False
        start = np.random.randint(jobs)
        wanted = np.random.randint(1, most_ruined + 1)
        for k in range(jobs):
            job = field.near[start, k]
            team = trial.team[job]
            if team != _NONE and np.random.random() < 0.85:
                take_out(field, trial, job)
                torn[team] = True
                wanted -= 1
                if wanted == 0:
                    break
        fill(field, trial, worth, torn)
        found = collect(trial, worth)
        cost = thrift * trial.spent_s.sum()
        slack = heat * best * (1.0 - step / rounds) * np.random.random()
        if found - cost > current - spent - slack:
            copy_rows(trial, kept)
            current, spent = found, cost
            if found > best + 1e-12:
                best = found
                copy_rows(trial, rows)
    return best
