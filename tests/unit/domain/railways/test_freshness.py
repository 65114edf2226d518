"""A segment is fresh, due, overdue or never patrolled, by its own interval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import pytest

from gridmap.domain.railways.freshness import rate_freshness

NOW = datetime(2026, 3, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age_days", "expected", "late"),
    [
        (0.0, "fresh", 0),
        (7.9, "fresh", 0),
        (8.1, "due", 0),
        (9.99, "due", 0),
        (10.01, "overdue", 0),
        (13.5, "overdue", 3),
    ],
)
def test_of_ten_days_the_last_two_are_due(age_days: float, expected: str, late: int) -> None:
    row = {"last_patrol_at": [NOW - timedelta(days=age_days)], "interval_days": [10]}
    rated = rate_freshness(gpd.GeoDataFrame(row, geometry=[None]), at=NOW).iloc[0]
    assert (rated["freshness"], rated["days_overdue"]) == (expected, late)
    assert rated["due_at"] == NOW + timedelta(days=10 - age_days)


def test_never_patrolled_is_due_at_once() -> None:
    rated = rate_freshness(gpd.GeoDataFrame({"last_patrol_at": [None], "interval_days": [3]}, geometry=[None]), at=NOW)
    assert rated["freshness"].tolist() == ["never"]
    assert rated["due_at"].tolist() == [NOW]
