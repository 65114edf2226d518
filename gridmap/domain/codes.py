"""Area codes: the hierarchy itself. A parent's code is a prefix of its children's.

The first twelve digits follow the national statistical codes (county 6 + town 3 + village or community 3); three more
number the cell inside its village (网格). Codes are kept without trailing padding zeros.
"""

from __future__ import annotations

from enum import IntEnum

from gridmap.errors import N_, InvalidInput


class Level(IntEnum):
    """Levels of the hierarchy: 省, 市, 县(区), 乡镇(街道), 村(社区), 网格."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWN = 4
    VILLAGE = 5
    CELL = 6


DIGITS: dict[Level, int] = {
    Level.PROVINCE: 2,
    Level.CITY: 4,
    Level.COUNTY: 6,
    Level.TOWN: 9,
    Level.VILLAGE: 12,
    Level.CELL: 15,
}
_LEVELS = {digits: level for level, digits in DIGITS.items()}

RESERVED_PREFIX = "99"
"""Province digits no official code uses; areas without an official code are numbered under it."""


def parse_code(text: str) -> str:
    """Canonical form of an area code: digits only, padding zeros removed (`140105000000` → `140105`).

    Raises
    ------
    InvalidInput
        Not a code of 2, 4, 6, 9, 12 or 15 digits.
    """
    code = text.strip()
    if not code.isascii() or not code.isdigit() or len(code) not in _LEVELS:
        raise InvalidInput(
            N_("“{text}” is not an area code."),
            hint=N_("A code has 2, 4, 6, 9, 12 or 15 digits."),
            text=text,
        )
    for length in sorted(_LEVELS, reverse=True):
        parent = parent_code(code) if len(code) == length else None
        if parent is not None and set(code[len(parent) :]) == {"0"}:
            code = parent
    return code


def code_level(code: str) -> Level:
    """Level of a canonical code."""
    return _LEVELS[len(code)]


def parent_code(code: str) -> str | None:
    """Code one level up, or None for a province."""
    level = code_level(code)
    return None if level is Level.PROVINCE else code[: DIGITS[Level(level - 1)]]


def child_code(parent: str, number: int) -> str:
    """Code of the `number`-th child (1-based) of `parent`; ("" as parent gives a province)."""
    level = Level(code_level(parent) + 1) if parent else Level.PROVINCE
    width = DIGITS[level] - len(parent)
    if not 0 < number < 10**width:
        raise InvalidInput(
            N_("{parent} cannot have a child numbered {number}."),
            hint=N_("Split the area: a level holds at most {limit} children."),
            parent=parent,
            number=number,
            limit=10**width - 1,
        )
    return f"{parent}{number:0{width}d}"


def code_range(prefix: str) -> tuple[str, str]:
    """Half-open range [from, to) of all codes at or below `prefix`; "" covers everything."""
    return (prefix, prefix + ":") if prefix else ("", ":")


def is_within(code: str, prefix: str) -> bool:
    """Whether `code` is `prefix` or lies below it."""
    return code.startswith(prefix)
