"""The tree of areas, read off their codes; levels may be missing in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from gridmap.domain.codes import DIGITS

_LENGTHS = sorted(DIGITS.values(), reverse=True)


def find_above(code: str, known: Collection[str]) -> str | None:
    """The closest area above `code` among `known`, None where there is none."""
    above = (code[:digits] for digits in _LENGTHS if digits < len(code))
    return next((prefix for prefix in above if prefix in known), None)


def count_below(codes: Iterable[str]) -> Counter[str]:
    """How many of `codes` lie at or below each area code that is a prefix of one."""
    return Counter(code[:digits] for code in codes for digits in _LENGTHS if digits <= len(code))


def find_narrowest(codes: Iterable[str]) -> str:
    """The code of the lowest level; of several the last, "" of none. Two neighbours may both hold a border point."""
    return max(codes, key=lambda code: (len(code), code), default="")
