"""The best choice among all routes a search has seen: a set covering, solved by HiGHS."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from gridmap.domain.patrol.mcgrp.instance import IntArray
from gridmap.domain.patrol.mcgrp.plans import Board, Plan, price_route

FloatArray = npt.NDArray[np.float64]

_MOST_ROUTES = 4000
_CHOSEN_FROM = 2500
_NODES = 200


class RoutePool:
    """Routes by the tasks in them, the cheapest order of each that was seen."""

    def __init__(self, service: IntArray) -> None:
        self._service = service
        self._routes: dict[frozenset[int], tuple[int, list[int]]] = {}

    def add_all(self, routes: list[list[int]], board: Board) -> None:
        """Add routes, priced here."""
        for route in routes:
            self._add(route, price_route(board, np.array(route)))

    def add_plan(self, plan: Plan, capacity: int) -> None:
        """Add the routes of a plan that keep to the capacity."""
        for row in np.flatnonzero((plan.length > 0) & (plan.load <= capacity)):
            self._add(plan.stops[row, 1 : plan.length[row] + 1].tolist(), int(plan.cost[row]))

    def _add(self, route: list[int], cost: int) -> None:
        # Service counts here: what covers a task twice pays for it twice, so that leaving one out never costs more.
        cost += int(self._service[route].sum())
        key = frozenset(route)
        known = self._routes.pop(key, None)
        # What was seen again goes to the end; the oldest go when there are too many.
        self._routes[key] = (cost, route) if known is None or cost < known[0] else known
        if len(self._routes) > _MOST_ROUTES:
            del self._routes[next(iter(self._routes))]

    def choose(self, best: list[list[int]], *, fleet: int | None, seconds: float | None) -> list[list[int]] | None:
        """Routes that cover every task for less than `best`, each task kept once; None where none are found.

        The routes of `best` are always among them. Without `seconds` nodes bound the work: it is the same each time.
        """
        routes = self._gather(best)
        cost = np.array([price for price, _ in routes], np.float64)
        limit = sum(self._routes[frozenset(route)][0] for route in best) - 1
        sizes = [len(route) for _, route in routes]
        rows, columns = np.concatenate([route for _, route in routes]), np.repeat(np.arange(len(routes)), sizes)
        cover = csc_array((np.ones(len(rows)), (rows, columns)), shape=(len(self._service), len(routes)))
        kept = _keep_promising(cover, cost, limit)
        if not len(kept):
            return None
        constraints = [LinearConstraint(cover[:, kept], lb=1), LinearConstraint(cost[kept][None, :], ub=limit)]
        if fleet is not None:
            constraints.append(LinearConstraint(np.ones((1, len(kept))), ub=fleet))
        found = milp(
            cost[kept],
            constraints=constraints,
            integrality=np.ones(len(kept), np.int64),
            bounds=Bounds(0, 1),
            options={"node_limit": _NODES} if seconds is None else {"time_limit": seconds},
        )
        if found.x is None:
            return None
        return _keep_once([routes[at][1] for at in kept[found.x > 0.5]])

    def _gather(self, best: list[list[int]]) -> list[tuple[int, list[int]]]:
        """What was seen last, and the routes of the best plan."""
        recent = dict(list(self._routes.items())[-_CHOSEN_FROM:])
        recent.update((key, self._routes[key]) for key in map(frozenset, best))
        return list(recent.values())


def _keep_promising(cover: csc_array, cost: FloatArray, limit: float) -> IntArray:
    """Positions of the routes that a choice within `limit` may hold: the bound and their reduced costs leave room."""
    relaxed: Any = linprog(cost, A_ub=cast(Any, -cover), b_ub=-np.ones(cover.shape[0]), method="highs")
    if relaxed.status != 0 or relaxed.fun > limit:
        return np.zeros(0, np.int64)
    reduced = cost + relaxed.ineqlin.marginals @ cover
    return np.flatnonzero(reduced <= limit - relaxed.fun + 1e-6)


def _keep_once(routes: list[list[int]]) -> list[list[int]]:
    """Leave out a task where it comes a second time: ways are shortest, so that this costs nothing."""
    seen: set[int] = set()
    kept = []
    for route in sorted(routes, key=len, reverse=True):
        kept.append([task for task in route if task not in seen])
        seen.update(route)
    return [route for route in kept if route]
