"""A segment, and each hundred metres of it, is fresh, due, overdue or never patrolled, by its own interval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import pandas as pd
import pytest

from gridmap.domain.railways.freshness import rate_freshness, rate_pieces

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
    rated = rate(last_patrol_at=NOW - timedelta(days=age_days))
    assert (rated["freshness"], rated["days_overdue"]) == (expected, late)
    assert rated["due_at"] == NOW + timedelta(days=10 - age_days)


def test_never_patrolled_is_due_at_once() -> None:
    rated = rate(interval_days=3)
    assert (rated["freshness"], rated["due_at"]) == ("never", NOW)


@pytest.mark.parametrize(
    ("visits", "spacing_min", "gap"),
    [
        (1, 0, timedelta(days=10)),
        (4, 0, timedelta(days=2.5)),
        (40, 600, timedelta(minutes=600)),
        (4, 60, timedelta(days=2.5)),
    ],
)
def test_visits_share_the_interval_and_keep_apart(visits: int, spacing_min: int, gap: timedelta) -> None:
    rated = rate(last_patrol_at=NOW, visits=visits, spacing_min=spacing_min)
    assert rated["due_at"] == NOW + gap
    pieces = rate_pieces(
        make_segments(visits=visits, spacing_min=spacing_min), make_covers((0, 400, "left", 0)), at=NOW
    )
    assert set(pieces.loc[pieces["side"] == "left", "due_at"]) == {NOW + gap}


def rate(**changes: object) -> pd.Series:
    """`make_segments`'s segment, rated."""
    return rate_freshness(gpd.GeoDataFrame(make_segments(**changes), geometry=[None]), at=NOW).iloc[0]


def make_segments(**changes: object) -> pd.DataFrame:
    """A segment from K0+050 to K0+350, to be walked every ten days, never walked."""
    row = {"from_m": 50.0, "to_m": 350.0, "side": "both", "last_patrol_at": None}
    return pd.DataFrame([{**row, "interval_days": 10, "visits": 1, "spacing_min": 0, **changes}])


def make_covers(*rows: tuple[float, float, str, float], kind: str = "foot", confidence: float = 0.9) -> pd.DataFrame:
    """Covered stretches: from, to, side, days ago."""
    names = ["from_m", "to_m", "side", "at", "kind", "team_id", "confidence"]
    return pd.DataFrame(
        [(a, b, side, NOW - timedelta(days=age), kind, 7, confidence) for a, b, side, age in rows], columns=names
    )


def test_pieces_are_cut_at_full_hundreds_and_on_both_sides() -> None:
    pieces = rate_pieces(make_segments(), make_covers(), at=NOW)
    left = pieces[pieces["side"] == "left"]
    assert left["from_m"].tolist() == [50.0, 100.0, 200.0, 300.0]
    assert left["to_m"].tolist() == [100.0, 200.0, 300.0, 350.0]
    assert len(pieces) == 8
    assert set(pieces["freshness"]) == {"never"}
    assert set(pieces["kind"]) == {""}


def test_the_latest_visit_counts_where_it_was_and_on_its_side() -> None:
    covers = make_covers((0, 260, "left", 12), (140, 400, "left", 3), (0, 99, "both", 9))
    pieces = rate_pieces(make_segments(), covers, at=NOW).set_index(["side", "from_m"])
    # K0+100 to 200: its middle, K0+150, lies in both; K0+200 to 300 only in the later one.
    assert pieces.loc["left"]["freshness"].tolist() == ["due", "fresh", "fresh", "fresh"]
    assert pieces.loc["right"]["freshness"].tolist() == ["due", "never", "never", "never"]
    assert pieces.loc[("left", 100.0), "last_at"] == NOW - timedelta(days=3)
    assert pieces.loc[("left", 100.0), "team_id"] == 7
    assert pieces.loc[("left", 50.0), "due_at"] == NOW + timedelta(days=1)


def test_a_report_counts_for_the_whole_segment_unless_a_track_is_later() -> None:
    segments = make_segments(last_patrol_at=NOW - timedelta(days=11))
    pieces = rate_pieces(segments, make_covers((0, 120, "right", 1)), at=NOW).set_index(["side", "from_m"])
    assert pieces.loc["left"]["kind"].tolist() == ["report"] * 4
    assert pieces.loc["right"]["kind"].tolist() == ["foot", "report", "report", "report"]
    assert pieces.loc["left"]["days_overdue"].tolist() == [1] * 4


def test_doubtful_and_future_visits_do_not_count() -> None:
    doubtful = make_covers((0, 400, "both", 1), confidence=0.4)
    ahead = make_covers((0, 400, "both", -1))
    pieces = rate_pieces(make_segments(), pd.concat([doubtful, ahead]), at=NOW)
    assert set(pieces["freshness"]) == {"never"}


def test_a_segment_of_one_side_has_no_other() -> None:
    pieces = rate_pieces(make_segments(side="right"), make_covers(), at=NOW)
    assert set(pieces["side"]) == {"right"}
