"""Districts with the fewest cuts, against every plan there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gridmap.domain.districting.adjacency import Adjacency
from gridmap.domain.districting.cuts import count_districts, find_cuts
from gridmap.domain.districting.search import Effort
from gridmap.domain.districting.territory import Territory, build_territory
from gridmap.errors import Cancelled, CannotPlan, InvalidInput

WIDE, HIGH = 4, 3


def build_board(seed: int) -> Territory:
    """Twelve cells in three rows, a few of them joined across a corner, their people unevenly many."""
    rng = np.random.default_rng(seed)
    place = np.arange(WIDE * HIGH).reshape(HIGH, WIDE)
    pairs = [*zip(place[:, :-1].ravel(), place[:, 1:].ravel(), strict=True)]
    pairs += [*zip(place[:-1].ravel(), place[1:].ravel(), strict=True)]
    corners = zip(place[:-1, :-1].ravel(), place[1:, 1:].ravel(), strict=True)
    pairs += [pair for pair in corners if rng.random() < 0.5]
    people = np.round(rng.pareto(1.5, WIDE * HIGH) * 100 + 50)
    return build_territory(Adjacency(np.array(pairs, np.int64), np.ones(len(pairs))), load=people)


def enumerate_least(territory: Territory, low: float, high: float) -> int | None:
    """Cut edges of the best of all divisions in two."""
    plans = np.array([(0, *rest) for rest in product((0, 1), repeat=territory.cells - 1)])
    second = plans @ territory.load
    fitting = (second >= max(low, territory.load.sum() - high)) & (second <= min(high, territory.load.sum() - low))
    counted = [count_districts(territory, plan, units=2, low=low, high=high) for plan in plans[fitting]]
    found = [plan.cut_edges for plan in counted if plan.contiguous and plan.within]
    return min(found, default=None)


@pytest.mark.parametrize("seed", range(4))
def test_the_least_of_all_plans_is_found(seed: int) -> None:
    territory = build_board(seed)
    half = territory.load.sum() / 2
    low, high = half * 0.85, half * 1.15
    if territory.load.max() > high:
        with pytest.raises(CannotPlan):
            find_cuts(territory, units=2, low=low, high=high, effort=Effort(iterations=1_000))
        return
    found = find_cuts(territory, units=2, low=low, high=high, effort=Effort(iterations=300_000, seed=seed))
    least = enumerate_least(territory, low, high)
    assert found.contiguous
    assert found.within == (least is not None)
    if least is not None:
        assert found.cut_edges == least


def test_the_same_seed_gives_the_same_plan() -> None:
    territory = build_board(1)
    fair = territory.load.sum() / 3
    plans = [
        find_cuts(territory, units=3, low=0.0, high=fair * 2, effort=Effort(iterations=50_000, seed=5)).owner
        for _ in range(2)
    ]
    assert plans[0].tolist() == plans[1].tolist()


def test_one_district_is_everything() -> None:
    territory = build_board(2)
    total = territory.load.sum()
    found = find_cuts(territory, units=1, low=0.0, high=total, effort=Effort(iterations=1_000))
    assert (found.cut_edges, found.contiguous, found.within) == (0, True, True)


def test_who_cancels_gets_the_best_so_far() -> None:
    def stop(fraction: float, message: str) -> None:
        raise Cancelled("Enough.")

    territory = build_board(3)
    high = territory.load.sum()
    found = find_cuts(territory, units=2, low=0.0, high=high, effort=Effort(seconds=3600), progress=stop)
    assert found.contiguous
    assert found.seconds < 60


def test_what_cannot_be_is_refused() -> None:
    territory = build_board(0)
    total = territory.load.sum()
    quick = Effort(iterations=1_000)
    with pytest.raises(InvalidInput):
        find_cuts(territory, units=0, low=0.0, high=total, effort=quick)
    with pytest.raises(CannotPlan, match="cannot hold"):
        find_cuts(territory, units=2, low=total, high=total, effort=quick)
    with pytest.raises(InvalidInput, match="cannot be shared out"):
        find_cuts(territory, units=99, low=0.0, high=total, effort=quick)
    apart = build_territory(Adjacency(np.zeros((0, 2), np.int64), np.zeros(0)), load=np.ones(3))
    with pytest.raises(CannotPlan, match="separate parts"):
        find_cuts(apart, units=2, low=0.0, high=3.0, effort=quick)
