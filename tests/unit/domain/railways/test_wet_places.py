"""Which places rain makes dangerous are looked at first: open hazards near, then never seen, then longest ago."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridmap.domain.railways.wet_places import find_last_visits, order_places, weigh_hazards

DAYS = pd.to_datetime(["2026-03-01", "2026-03-02", "2026-02-20", None], utc=True)
PIECES = pd.DataFrame(
    {
        "from_m": [0.0, 0.0, 100.0, 200.0],
        "to_m": [100.0, 100.0, 200.0, 300.0],
        "side": ["left", "right", "left", "left"],
        "last_at": DAYS,
    }
)


def test_the_side_and_the_hundred_metres_longest_without_a_visit_count() -> None:
    from_m, to_m = np.array([50.0, 100.0, 50.0, 150.0, 900.0, 0.0]), np.array([50.0, 100.0, 150.0, 250.0, 950.0, 100.0])
    found = find_last_visits(PIECES, from_m=from_m, to_m=to_m)
    expected = [DAYS[0], DAYS[2], DAYS[2], pd.NaT, pd.NaT, DAYS[0]]
    assert [pd.isna(at) for at in found] == [pd.isna(at) for at in expected]
    assert found.dropna().tolist() == [at for at in expected if not pd.isna(at)]


def test_hazards_count_near_the_line_and_near_the_place() -> None:
    hazards = pd.DataFrame(
        {"chainage_m": [0.0, 350.0, 400.0, 400.0], "offset_m": [10.0, 10.0, 300.0, 301.0], "severity": [1, 2, 4, 4]}
    )
    count, severities = weigh_hazards(hazards, from_m=np.array([200.0, 590.0]), to_m=np.array([200.0, 900.0]))
    assert count.tolist() == [3, 1]
    assert severities.tolist() == [7, 4]


def test_the_worst_come_first() -> None:
    places = pd.DataFrame(
        {
            "severities": [0, 0, 3, 0, 0],
            "last_at": pd.to_datetime(["2026-03-01", None, "2026-03-03", "2026-02-01", None], utc=True),
            "line": ["B", "B", "B", "B", "A"],
            "from_m": [1.0, 2.0, 3.0, 4.0, 5.0],
        }
    )
    assert order_places(places).tolist() == [2, 4, 1, 3, 0]
