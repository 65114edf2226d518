"""How a place on a line is written: `K123+456`, `DK127+474`, `K12+300 left 15 m` (里程 and side, 左侧 or 右侧)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from gridmap.errors import N_, InvalidInput

_MILEAGE = r"(?P<prefix>[A-Z]{0,4})\s*(?P<km>\d{1,5})\s*(?P<sign>[+-])\s*(?P<m>\d{1,3}(?:\.\d+)?)\s*(?:M|米)?"
_BESIDE = r"(?:\s*(?P<side>LEFT|RIGHT|左侧?|右侧?|L|R)\s*(?:(?P<offset>\d+(?:\.\d+)?)\s*(?:M|米|METRES|METERS)?)?)?"
_PLACE = re.compile(_MILEAGE + _BESIDE, re.IGNORECASE)
_KILOMETRES = re.compile(r"\d\s*(?:KM|公里|千米)", re.IGNORECASE)


@dataclass(frozen=True)
class Mileage:
    """A mileage as written: `prefix` K or DK (design mileage), `metres` from the line's zero."""

    prefix: str
    metres: float


@dataclass(frozen=True)
class LinePlace:
    """A place as written: a mileage, the `side` facing increasing mileage (left, right, "" on the line), metres off."""

    mileage: Mileage
    side: str
    offset_m: float


def parse_mileage(text: str) -> Mileage:
    """Read `K1577+655`, `DK127+474`, `K745+288.743m`; full-width characters and spaces are allowed.

    Up to a kilometre before the line's zero is written with a minus, `K0-300`, as on plans of stations at a line's end.

    Raises
    ------
    InvalidInput
        Not a mileage.
    """
    place = _read(text)
    if place is None or place.side:
        raise _refuse(text)
    return place.mileage


def is_mileage(text: str) -> bool:
    """Whether `text` reads as a mileage."""
    place = _read(text)
    return place is not None and not place.side


def is_place(text: str) -> bool:
    """Whether `text` reads as a place on a line, with or without what lies beside it."""
    return _read(text) is not None


def parse_place(text: str) -> LinePlace:
    """Read a mileage, and after it a side and the metres beside the line: `K12+300 left 15 m`, `K12+300左侧15米`.

    Raises
    ------
    InvalidInput
        Not a place on a line.
    """
    place = _read(text)
    if place is None:
        raise _refuse(text)
    return place


def _read(text: str) -> LinePlace | None:
    match = _PLACE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None or (match["sign"] == "-" and int(match["km"]) > 0):
        return None
    metres = int(match["km"]) * 1000 + float(match["m"])
    mileage = Mileage((match["prefix"] or "K").upper(), -metres if match["sign"] == "-" else metres)
    word = (match["side"] or "").upper()
    side = "" if not word else "left" if word[0] in "L左" else "right"
    return LinePlace(mileage, side, float(match["offset"] or 0.0))


def _refuse(text: str) -> InvalidInput:
    if _KILOMETRES.search(unicodedata.normalize("NFKC", text)):
        return InvalidInput(
            N_("“{text}” is written in kilometres."),
            hint=N_("Write the place like K12+300, and what lies beside it in metres."),
            text=text,
        )
    return InvalidInput(N_("“{text}” is not a mileage."), hint=N_("Write it like K12+300."), text=text)


def format_mileage(metres: float, *, prefix: str = "K", decimals: int = 0) -> str:
    """Write metres from the line's zero as `K123+456`, with a fraction of a metre where `decimals` asks for one."""
    rounded = round(metres, decimals)
    km, rest = divmod(abs(rounded), 1000)
    width = 3 if decimals == 0 else 4 + decimals
    return f"{prefix}{int(km)}{'-' if rounded < 0 else '+'}{rest:0{width}.{decimals}f}"


def format_place(place: LinePlace, *, left: str, right: str, decimals: int = 0) -> str:
    """Write a place with the words `left` and `right` for its side: `K12+300 left 15 m`."""
    text = format_mileage(place.mileage.metres, prefix=place.mileage.prefix, decimals=decimals)
    if not place.side:
        return text
    return f"{text} {left if place.side == 'left' else right} {place.offset_m:.{decimals}f} m"
