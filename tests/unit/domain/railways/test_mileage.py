"""Mileage as people write it, and as it lies on a line."""

from __future__ import annotations

import pytest
import shapely

from gridmap.domain.railways.mileage import MeasuredLine, Mileage, format_mileage, is_mileage, parse_mileage
from gridmap.errors import InvalidInput

EASTWARD = MeasuredLine(shapely.LineString([(112.0, 37.0), (112.1, 37.0), (112.1, 37.05)]), start_m=12_000.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("K12+300", Mileage("K", 12_300.0)),
        ("k12+300", Mileage("K", 12_300.0)),
        ("12+300", Mileage("K", 12_300.0)),
        ("DK127+474", Mileage("DK", 127_474.0)),
        ("K745+288.743", Mileage("K", 745_288.743)),
        ("K1577+655m", Mileage("K", 1_577_655.0)),
        (" K 12 + 300 ", Mileage("K", 12_300.0)),
        ("Ｋ１２＋３００", Mileage("K", 12_300.0)),
        ("K0+5", Mileage("K", 5.0)),
    ],
)
def test_it_is_read_however_it_is_written(text: str, expected: Mileage) -> None:
    assert is_mileage(text)
    assert parse_mileage(text) == expected


@pytest.mark.parametrize("text", ["", "K12", "12 km", "K12+3000", "K+300", "K12-300", "Willow"])
def test_what_is_none_is_said(text: str) -> None:
    assert not is_mileage(text)
    with pytest.raises(InvalidInput):
        parse_mileage(text)


@pytest.mark.parametrize(
    ("metres", "expected"), [(12_300.0, "K12+300"), (5.0, "K0+005"), (999.6, "K1+000"), (745_288.743, "K745+289")]
)
def test_it_is_written_to_the_metre(metres: float, expected: str) -> None:
    assert format_mileage(metres) == expected


def test_left_and_right_are_meant_facing_increasing_mileage() -> None:
    lon, lat = EASTWARD.beside(12_500.0, side="left", offset_m=20.0)
    assert lat > 37.0
    seen = EASTWARD.locate(lon, lat)
    assert (seen.side, round(seen.offset_m), round(seen.mileage_m)) == ("left", 20, 12_500)
    assert EASTWARD.locate(*EASTWARD.beside(12_500.0, side="right", offset_m=20.0)).side == "right"


def test_beyond_the_ends_there_is_nothing() -> None:
    for metres in (11_900.0, EASTWARD.end_m + 100.0):
        with pytest.raises(InvalidInput, match="outside this line"):
            EASTWARD.point_at(metres)


def test_a_stretch_runs_as_it_was_asked_for() -> None:
    there, back = EASTWARD.stretch(12_100.0, 22_000.0), EASTWARD.stretch(22_000.0, 12_100.0)
    assert len(there.coords) == 3
    assert list(back.coords) == list(there.coords)[::-1]
