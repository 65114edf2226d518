"""What a cell weighs."""

from __future__ import annotations

import numpy as np
import pytest

from gridmap.domain.districting.workload import MEASURES, Weights, weigh_cells
from gridmap.errors import InvalidInput

NOTHING = {name: np.zeros(4) for name in MEASURES}


def test_each_measure_counts_over_its_own_mean() -> None:
    measures = {**NOTHING, "households": np.array([0.0, 100, 100, 200]), "rail_km": np.array([4.0, 0, 0, 0])}
    load = weigh_cells(measures, Weights(households=3, rail_km=1), cells=4)
    assert load.tolist() == pytest.approx([1.0, 0.75, 0.75, 1.5])


def test_what_is_not_known_counts_as_the_mean_and_what_is_nowhere_is_left_out() -> None:
    measures = {**NOTHING, "minutes": np.array([5.0, 15, np.nan, 10])}
    assert weigh_cells(measures, Weights(households=1, minutes=1), cells=4).tolist() == [0.5, 1.5, 1.0, 1.0]
    assert weigh_cells(NOTHING, Weights(), cells=4).tolist() == [1.0] * 4


@pytest.mark.parametrize("wrong", [{"households": 0.0}, {"rail_km": -1.0}, {"minutes": float("nan")}])
def test_weights_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        Weights(**wrong)
