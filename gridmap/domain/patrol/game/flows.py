"""A first bound on every strategy: the fairest flow of teams that no set of places sees more of than enters it.

One variable for going from each place to each other, added up over all teams of a profile and all plans. What comes to
a place leaves it; no more teams leave a post than there are; all travel and work take no longer than the shifts; and
into every set of places comes at least as much as any place in it is seen (the generalised subtour elimination of
Fischetti, Salazar and Toth, "Solving the orienteering problem through branch-and-cut", INFORMS Journal on Computing 10,
1998). Joint plans, mixed in any way, are such a flow, so that the least loss over the flows is a bound. Windows and the
length of the single shift are left out, which only allows more. How the fairest flow is attacked is where the search
for plans begins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from gridmap.domain.patrol.game.crews import measure_time
from gridmap.domain.patrol.game.game import BoolArray, FloatArray
from gridmap.domain.patrol.game.masters import Stakes
from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem

IntArray = npt.NDArray[np.int64]

_NEAREST = 8
_LEAST_VIOLATION = 0.02
_SCALE = 10_000
"""Flows are searched for in whole numbers: this many to a team."""

_MOST_ARCS = 4000
_MANY_CUTS = 15
_THRESHOLDS = (0.02, 0.3, 0.6)
_TINY = 1e-7


@dataclass
class _Layer:
    """One profile on its own: rows are ways of targets that it can do, then posts.

    `seconds` includes the work at the row that is left; `target` is the position among the stakes, -1 at posts. Each
    cut is a set of rows and the target that is seen more than the set is entered.
    """

    target: IntArray
    seconds: FloatArray
    posts: int
    leaving: FloatArray
    returning: FloatArray
    budget_s: float
    offset: int = 0
    arcs: IntArray = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    cuts: list[tuple[BoolArray, int]] = field(default_factory=list)
    known: set[tuple[bytes, int]] = field(default_factory=set)

    @property
    def places(self) -> int:
        return len(self.target) - self.posts


@dataclass
class _Rows:
    """Rows of a sparse program as they are added."""

    parts: list[tuple[IntArray, IntArray, FloatArray]] = field(default_factory=list)
    limits: list[FloatArray] = field(default_factory=list)
    count: int = 0

    def add(self, entries: list[tuple[Any, Any, Any]], limits: FloatArray) -> None:
        """New rows with these (row among them, column, value) entries."""
        for row, column, value in entries:
            row, column, value = np.broadcast_arrays(row, column, value)
            self.parts.append((row + self.count, column, value.astype(np.float64)))
        self.limits.append(limits)
        self.count += len(limits)

    def build(self, width: int) -> tuple[csr_array, FloatArray]:
        row, column, value = (np.concatenate(part) for part in zip(*self.parts, strict=True))
        return coo_array((value, (row, column)), shape=(self.count, width)).tocsr(), np.concatenate(self.limits)


def bound_by_flow(
    problem: PatrolProblem, targets: IntArray, stakes: Stakes, *, is_over: Callable[[int], bool]
) -> tuple[float, FloatArray]:
    """The bound after as many cuts as there is time for, and how likely each target is attacked in the fairest flow.

    `is_over` is asked after each step, by its number.
    """
    return _Flow(problem, targets, stakes).run(is_over)


class _Flow:
    """The program with the arcs and cuts asked for so far."""

    def __init__(self, problem: PatrolProblem, targets: IntArray, stakes: Stakes) -> None:
        self._stakes = stakes
        self._needed = np.flatnonzero(stakes.least > 0)
        self._layers = [_build_layer(problem, targets, profile) for profile in range(len(problem.profiles))]

    def run(self, is_over: Callable[[int], bool]) -> tuple[float, FloatArray]:
        best = 0.0
        for step in count(1):
            found = self._solve()
            flows = [found.x[layer.offset : layer.offset + len(layer.arcs)] for layer in self._layers]
            used = [layer.arcs for layer in self._layers]
            valid, added = self._price(found)
            best = max(best, valid)
            cuts = sum(_find_cuts(*parts) for parts in zip(self._layers, used, flows, strict=True))
            if is_over(step) or not (added or cuts):
                break
        return best, -found.ineqlin.marginals[: len(self._stakes.loss)]

    def _solve(self) -> Any:
        """Solve for the loss, how often each target is seen, what is missing, and the flows of each layer."""
        count, needed = len(self._stakes.loss), len(self._needed)
        width = 1 + count + needed
        for layer in self._layers:
            layer.offset = width
            width += len(layer.arcs)
        equal, limit = self._equalities().build(width)
        below, at_most = self._inequalities().build(width)
        cost = np.zeros(width)
        cost[0], cost[1 + count : 1 + count + needed] = 1.0, self._stakes.penalty
        bounds = np.column_stack([np.zeros(width), np.full(width, np.inf)])
        bounds[1 : 1 + count, 1] = 1.0
        program: dict[str, Any] = {"A_ub": below, "b_ub": at_most, "A_eq": equal, "b_eq": limit, "bounds": bounds}
        found: Any = linprog(cost, method="highs-ds", **program)
        assert found.status == 0, found.message  # no flow at all is always a solution
        return found

    def _equalities(self) -> _Rows:
        """What comes to a target is how often it is seen; what comes to a row leaves it."""
        rows, count = _Rows(), len(self._stakes.loss)
        entries: list[tuple[Any, Any, Any]] = [(np.arange(count), 1 + np.arange(count), 1.0)]
        for layer in self._layers:
            into = layer.target[layer.arcs[:, 1]]
            inner = np.flatnonzero(into >= 0)
            entries.append((into[inner], layer.offset + inner, -1.0))
        rows.add(entries, np.zeros(count))
        for layer in self._layers:
            out, into = (np.flatnonzero(layer.arcs[:, end] < layer.places) for end in (0, 1))
            rows.add(
                [(layer.arcs[out, 0], layer.offset + out, -1.0), (layer.arcs[into, 1], layer.offset + into, 1.0)],
                np.zeros(layer.places),
            )
        return rows

    def _inequalities(self) -> _Rows:
        """Loss at each target, least probabilities; then by layer the time, the posts and the cuts."""
        rows, stakes = _Rows(), self._stakes
        each, wanted = np.arange(len(stakes.loss)), np.arange(len(self._needed))
        rows.add([(each, 0, -1.0), (each, 1 + each, -stakes.loss)], -stakes.loss)
        rows.add(
            [(wanted, 1 + self._needed, -1.0), (wanted, 1 + len(each) + wanted, -1.0)], -stakes.least[self._needed]
        )
        for layer in self._layers:
            arcs, every = layer.arcs, np.arange(len(layer.arcs))
            rows.add([(0, layer.offset + every, layer.seconds[arcs[:, 0], arcs[:, 1]] / layer.budget_s)], np.ones(1))
            for end, most in ((0, layer.leaving), (1, layer.returning)):
                post = np.flatnonzero(arcs[:, end] >= layer.places)
                rows.add([(arcs[post, end] - layer.places, layer.offset + post, 1.0)], most)
            for inside, target in layer.cuts:
                enter = np.flatnonzero(~inside[arcs[:, 0]] & inside[arcs[:, 1]])
                own = np.flatnonzero((layer.target[arcs[:, 1]] == target) & inside[arcs[:, 1]])
                rows.add([(0, layer.offset + enter, -1.0), (0, layer.offset + own, 1.0)], np.zeros(1))
        return rows

    def _price(self, found: Any) -> tuple[float, int]:
        """The bound less what arcs left out could take from it, and how many of them were taken in.

        At most one team comes to a target, so that only the best arc into each counts.
        """
        count = len(self._stakes.loss)
        equal, below = found.eqlin.marginals, found.ineqlin.marginals
        at_equal, at_below, added = count, count + len(self._needed), 0
        worst = np.zeros(count)
        for layer in self._layers:
            potential = equal[at_equal : at_equal + layer.places]
            at_equal += layer.places
            first_cut = at_below + 1 + 2 * layer.posts
            cuts = below[first_cut : first_cut + len(layer.cuts)]
            reduced = _reduce(layer, potential, equal[:count], below[at_below], cuts)
            at_below = first_cut + len(layer.cuts)
            np.minimum.at(worst, layer.target[: layer.places], reduced.min(axis=0, initial=0.0))
            added += _take_in(layer, reduced)
        return float(found.fun) + float(worst.sum()), added


def _reduce(
    layer: _Layer, potential: FloatArray, seen: FloatArray, time_price: float, cut_prices: FloatArray
) -> FloatArray:
    """What the program would change by for each arc between places that it does not have; 0 for the others."""
    k = layer.places
    reduced = -time_price * layer.seconds[:k, :k] / layer.budget_s
    reduced += potential[:, None] - potential[None, :] + seen[layer.target[:k]][None, :]
    for (inside, target), price in zip(layer.cuts, cut_prices.tolist(), strict=True):
        if price:
            reduced[np.ix_(~inside[:k], inside[:k])] += price
            reduced[:, inside[:k] & (layer.target[:k] == target)] -= price
    reduced[layer.seconds[:k, :k] >= FORBIDDEN] = 0.0
    reduced[layer.target[:k, None] == layer.target[None, :k]] = 0.0
    known = layer.arcs[(layer.arcs < k).all(axis=1)]
    reduced[known[:, 0], known[:, 1]] = 0.0
    return reduced


def _take_in(layer: _Layer, reduced: FloatArray) -> int:
    """Add the arcs that would help most."""
    useful = np.flatnonzero(reduced.ravel() < -_TINY)
    if len(useful) > _MOST_ARCS:
        useful = useful[np.argpartition(reduced.ravel()[useful], _MOST_ARCS)[:_MOST_ARCS]]
    if len(useful):
        layer.arcs = np.vstack([layer.arcs, np.column_stack(np.divmod(useful, layer.places))])
    return len(useful)


# --- cuts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Used:
    """The arcs that carry something, how much, and how often each row and target is seen."""

    arcs: IntArray
    flow: FloatArray
    rows: FloatArray
    targets: FloatArray


def _find_cuts(layer: _Layer, arcs: IntArray, flow: FloatArray) -> int:
    """Ask for sets that less comes into than one of their targets is seen; returns how many were found."""
    carries = flow > 1e-6
    arcs, flow = arcs[carries], flow[carries]
    rows: FloatArray = np.zeros(len(layer.target))
    np.add.at(rows, arcs[:, 1], flow)
    rows = rows[: layer.places]
    targets: FloatArray = np.zeros(int(layer.target.max(initial=0)) + 1)
    np.add.at(targets, layer.target[: layer.places], rows)
    used = _Used(arcs, flow, rows, targets)
    found = _cut_parts(layer, used)
    return found if found > _MANY_CUTS else found + _cut_least(layer, used)


def _ask(layer: _Layer, used: _Used, inside: BoolArray) -> int:
    """Add a cut where the set breaks it and is new."""
    inside = inside.copy()
    inside[layer.places :] = False
    entering = used.flow[~inside[used.arcs[:, 0]] & inside[used.arcs[:, 1]]].sum()
    within = np.bincount(layer.target[: layer.places], used.rows * inside[: layer.places], len(used.targets))
    target = int(within.argmax())
    key = (inside.tobytes(), target)
    if within[target] - entering < _LEAST_VIOLATION or key in layer.known:
        return 0
    layer.known.add(key)
    layer.cuts.append((inside, target))
    return 1


def _cut_parts(layer: _Layer, used: _Used) -> int:
    """Parts that hang together by what is strong."""
    found, size = 0, len(layer.target)
    for threshold in _THRESHOLDS:
        strong = (used.flow > threshold) & (used.arcs < layer.places).all(axis=1)
        ends = used.arcs[strong]
        graph = csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
        _, part = connected_components(graph, directed=False)
        numbers, members = np.unique(part[: layer.places], return_counts=True)
        for number in numbers[members > 1].tolist():
            found += _ask(layer, used, part == number)
    return found


def _cut_least(layer: _Layer, used: _Used) -> int:
    """Least cuts between the posts and each target that no cut found before holds."""
    found, size = 0, len(layer.target)
    posts = np.arange(layer.places, size)
    plenty = 100 * _SCALE
    row = np.concatenate([used.arcs[:, 0], np.full(len(posts), size)])
    column = np.concatenate([used.arcs[:, 1], posts])
    room = np.concatenate([np.maximum(1, np.rint(used.flow * _SCALE)), np.full(len(posts), plenty)])
    held = np.zeros(len(used.targets), np.bool_)
    for target in np.argsort(-used.targets).tolist():
        ends = np.flatnonzero(layer.target == target)
        if used.targets[target] < 0.1 or held[target]:
            continue
        entries = (np.concatenate([row, ends]), np.concatenate([column, np.full(len(ends), size + 1)]))
        whole = np.concatenate([room, np.full(len(ends), plenty)]).astype(np.int32)
        graph = coo_array((whole, entries), shape=(size + 2, size + 2)).tocsr()
        result = maximum_flow(graph, size, size + 1)
        if result.flow_value / _SCALE > used.targets[target] - _LEAST_VIOLATION:
            continue
        rest = csr_array(((graph - result.flow) > 0).T)
        behind = breadth_first_order(rest, size + 1, directed=True, return_predecessors=False)
        inside = np.zeros(size, np.bool_)
        inside[behind[behind < size]] = True
        if _ask(layer, used, inside):
            found += 1
            held[np.unique(layer.target[: layer.places][inside[: layer.places]])] = True
    return found


# --- the lie of the land ----------------------------------------------------------------------------------------


def _build_layer(problem: PatrolProblem, targets: IntArray, profile: int) -> _Layer:
    number = {int(job): i for i, job in enumerate(targets)}
    able = [
        (place, number[job], approach.work_s)
        for place, (job, way) in enumerate(problem.places(), start=len(problem.posts))
        if job in number and (approach := problem.jobs[job].ways[way].approaches[profile]) is not None
    ]
    posts = len(problem.posts)
    rows = np.array([*(place for place, _, _ in able), *range(posts)], np.int64)
    work = np.array([*(work_s for _, _, work_s in able), *[0] * posts], np.float64)
    crew = [team for team in problem.teams if problem.profile_of(team) == profile]
    layer = _Layer(
        target=np.array([*(target for _, target, _ in able), *[-1] * posts], np.int64),
        seconds=work[:, None] + problem.seconds[profile][np.ix_(rows, rows)],
        posts=posts,
        leaving=np.bincount([team.post for team in crew], minlength=posts).astype(np.float64),
        returning=np.bincount([team.home for team in crew], minlength=posts).astype(np.float64),
        budget_s=float(sum(measure_time(team) for team in crew)),
    )
    layer.arcs = _first_arcs(layer)
    return layer


def _first_arcs(layer: _Layer) -> IntArray:
    """To and from the posts that are manned, and between near neighbours."""
    k = layer.places
    usable = layer.seconds < FORBIDDEN
    usable[:k, :k] &= layer.target[:k, None] != layer.target[None, :k]
    chosen = np.zeros_like(usable)
    chosen[k:, :k] = (layer.leaving > 0)[:, None]
    chosen[:k, k:] = (layer.returning > 0)[None, :]
    inner = np.where(usable[:k, :k], layer.seconds[:k, :k], np.inf)
    nearest = min(_NEAREST, k)
    for axis in (0, 1):
        block = np.zeros((k, k), np.bool_)
        np.put_along_axis(block, np.argsort(inner, axis=axis).take(np.arange(nearest), axis=axis), True, axis=axis)
        chosen[:k, :k] |= block
    return np.argwhere(chosen & usable).astype(np.int64)
