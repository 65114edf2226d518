"""Area codes as the hierarchy."""

from __future__ import annotations

import pytest

from gridmap.domain.codes import (
    DIGITS,
    RESERVED_PREFIX,
    Level,
    child_code,
    code_level,
    code_range,
    is_within,
    parent_code,
    parse_code,
)
from gridmap.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("140105000000", "140105"),
        (" 140105001000 ", "140105001"),
        ("140105001001", "140105001001"),
        ("140000", "14"),
        ("140100000000", "1401"),
        ("140105001001000", "140105001001"),
        ("14", "14"),
        ("1410", "1410"),
    ],
)
def test_padding_is_removed(text: str, code: str) -> None:
    assert parse_code(text) == code


@pytest.mark.parametrize("text", ["", "1", "140", "14010", "1401050", "14010x", "１４", "-14", "14.0", "1" * 16])
def test_what_is_no_code(text: str) -> None:
    with pytest.raises(InvalidInput, match="not an area code"):
        parse_code(text)


def test_levels_up_and_down() -> None:
    chain = ["14", "1401", "140105", "140105001", "140105001002", "140105001002003"]
    assert [code_level(code) for code in chain] == list(Level)
    assert [parent_code(code) for code in chain] == [None, *chain[:-1]]
    assert child_code("", 14) == "14"
    assert child_code("140105001002", 3) == chain[-1]


@pytest.mark.parametrize(("parent", "number"), [("14", 0), ("14", 100), ("140105", 1000), ("", 100), ("14", -1)])
def test_children_that_do_not_fit(parent: str, number: int) -> None:
    with pytest.raises(InvalidInput, match="cannot have a child"):
        child_code(parent, number)


def test_a_cell_has_no_children() -> None:
    with pytest.raises(ValueError, match="7"):
        child_code("140105001002003", 1)


def test_ranges_are_half_open() -> None:
    low, high = code_range("1401")
    inside = ["1401", "140105", "140199999999999"]
    outside = ["14", "1400", "1402", "140", "15"]
    assert all(low <= code < high for code in inside)
    assert not any(low <= code < high for code in outside)
    assert all(is_within(code, "1401") for code in inside)
    assert not any(is_within(code, "1401") for code in outside)


def test_no_prefix_covers_everything() -> None:
    low, high = code_range("")
    assert low <= "11" < high
    assert low <= RESERVED_PREFIX + "99999999" < high


def test_every_level_has_its_own_length() -> None:
    assert len(set(DIGITS.values())) == len(Level)
