"""How evenly a plan shares the day out."""

from __future__ import annotations

import pytest

from gridmap.domain.patrol.balance import Measure, Spread, measure_balance
from tests.plan_documents import make_plan


def test_loads_are_told_for_every_team_also_for_one_that_stays() -> None:
    balance = measure_balance(make_plan({"A": ["hazard-1", "hazard-2"], "B": []}))
    first, second = balance.loads
    assert (first.team, first.name, first.duration_s, first.stops, first.tasks) == ("T1", "A", 7200, 2, 2)
    assert (first.driven_m, first.walked_m) == (2000.0, 200.0)
    assert (second.duration_s, second.tasks) == (0, 0)
    assert balance.spread(Measure.DURATION) == Spread(3600.0, first, 1.0, 0.5)
    assert balance.spread(Measure.WALKED) == Spread(100.0, first, 1.0, 0.5)


@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize(
    ("stops", "gini"), [((1, 1, 1), 0.0), ((4, 0, 0, 0), 0.75), ((1, 2, 3), 2 / 9), ((3, 1), 0.25)]
)
def test_the_gini_coefficient(stops: tuple[int, ...], gini: float, measure: Measure) -> None:
    plan = make_plan({f"team {n}": [f"hazard-{n}"] * count for n, count in enumerate(stops)})
    assert measure_balance(plan).spread(measure).gini == pytest.approx(gini)


@pytest.mark.parametrize("teams", [{}, {"A": [], "B": []}])
def test_a_plan_without_routes_is_even(teams: dict[str, list[str]]) -> None:
    assert measure_balance(make_plan(teams)).spread(Measure.DURATION) == Spread(0.0, None, 0.0, 0.0)
