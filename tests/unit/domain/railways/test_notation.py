"""Mileages and places as people write them."""

from __future__ import annotations

import pytest

from gridmap.domain.railways.notation import (
    LinePlace,
    Mileage,
    format_mileage,
    format_place,
    is_mileage,
    is_place,
    parse_mileage,
    parse_place,
)
from gridmap.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("K12+300", Mileage("K", 12_300.0)),
        ("k12+300", Mileage("K", 12_300.0)),
        ("12+300", Mileage("K", 12_300.0)),
        ("DK127+474", Mileage("DK", 127_474.0)),
        ("K745+288.743", Mileage("K", 745_288.743)),
        ("K1577+655m", Mileage("K", 1_577_655.0)),
        ("K1577+655米", Mileage("K", 1_577_655.0)),
        (" K 12 + 300 ", Mileage("K", 12_300.0)),
        ("Ｋ１２＋３００\u3000ｍ", Mileage("K", 12_300.0)),
        ("K0+5", Mileage("K", 5.0)),
        ("K0-300", Mileage("K", -300.0)),
    ],
)
def test_a_mileage_is_read_however_it_is_written(text: str, expected: Mileage) -> None:
    assert is_mileage(text)
    assert parse_mileage(text) == expected


@pytest.mark.parametrize(
    "text", ["", "K12", "K12+1300", "K12+3000", "K+300", "K12-300", "Willow", "K12+300 left", "300+K12", "K12+30O"]
)
def test_what_is_no_mileage_is_said(text: str) -> None:
    assert not is_mileage(text)
    assert is_place(text) == (text == "K12+300 left")
    with pytest.raises(InvalidInput, match="is not a mileage"):
        parse_mileage(text)


@pytest.mark.parametrize("text", ["12 km", "12.3公里", "K12+300 left 0.5 km", "12千米300米"])
def test_kilometres_among_metres_are_said(text: str) -> None:
    with pytest.raises(InvalidInput, match="written in kilometres"):
        parse_place(text)


@pytest.mark.parametrize(
    ("metres", "expected"),
    [(12_300.0, "K12+300"), (5.0, "K0+005"), (999.6, "K1+000"), (745_288.743, "K745+289"), (-300.2, "K0-300")],
)
def test_a_mileage_is_written_to_the_metre(metres: float, expected: str) -> None:
    assert format_mileage(metres) == expected


@pytest.mark.parametrize(
    ("text", "side", "offset_m"),
    [
        ("K12+300 left 15 m", "left", 15.0),
        ("K12+300左15米", "left", 15.0),
        ("K12+300 右侧 15m", "right", 15.0),
        ("K12+300 L15", "left", 15.0),
        ("K12+300m R 7.5m", "right", 7.5),
        ("Ｋ１２＋３００　右　１５ｍ", "right", 15.0),
        ("K12+300 Right", "right", 0.0),
        ("K12+300", "", 0.0),
    ],
)
def test_a_place_is_read_however_it_is_written(text: str, side: str, offset_m: float) -> None:
    assert parse_place(text) == LinePlace(Mileage("K", 12_300.0), side, offset_m)


@pytest.mark.parametrize("text", ["K12+300 15 m", "K12+300 north 15 m", "K12+300 left -15 m", "left 15 m", "左右"])
def test_what_is_no_place_is_said(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a mileage"):
        parse_place(text)


def test_a_place_is_written_with_the_words_of_the_reader() -> None:
    place = LinePlace(Mileage("DK", 127_474.0), "left", 15.0)
    assert format_place(place, left="左侧", right="右侧") == "DK127+474 左侧 15 m"
    assert format_place(LinePlace(Mileage("K", 5.0), "", 0.0), left="left", right="right") == "K0+005"
