"""How evenly a plan shares the day out."""

from __future__ import annotations

import pytest

from gridmap.domain.patrol.balance import measure_balance
from tests.plan_documents import make_plan


def test_loads_are_told_for_every_team_also_for_one_that_stays() -> None:
    balance = measure_balance(make_plan({"A": ["hazard-1", "hazard-2"], "B": []}))
    first, second = balance.loads
    assert (first.team, first.name, first.duration_s, first.stops, first.tasks) == ("T1", "A", 7200, 2, 2)
    assert (first.driven_m, first.walked_m) == (2000.0, 200.0)
    assert (second.duration_s, second.tasks) == (0, 0)
    assert balance.mean_s == 3600
    assert balance.longest is first
    assert balance.excess == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("stops", "gini"), [((1, 1, 1), 0.0), ((4, 0, 0, 0), 0.75), ((1, 2, 3), 2 / 9), ((3, 1), 0.25)]
)
def test_the_gini_coefficient(stops: tuple[int, ...], gini: float) -> None:
    plan = make_plan({f"team {n}": [f"hazard-{n}"] * count for n, count in enumerate(stops)})
    assert measure_balance(plan).gini == pytest.approx(gini)


@pytest.mark.parametrize("teams", [{}, {"A": [], "B": []}])
def test_a_plan_without_routes_is_even(teams: dict[str, list[str]]) -> None:
    balance = measure_balance(make_plan(teams))
    assert (balance.longest, balance.mean_s, balance.excess, balance.gini) == (None, 0.0, 0.0, 0.0)
