"""Names and passwords of accounts."""

from __future__ import annotations

import pytest

from gridmap.domain.passwords import MAX_LENGTH, MIN_LENGTH, check_password, parse_name
from gridmap.errors import InvalidInput


@pytest.mark.parametrize(("text", "name"), [(" li.na ", "li.na"), ("ｌｉ", "li"), ("李娜", "李娜"), ("a b", "a b")])
def test_one_spelling_of_a_name(text: str, name: str) -> None:
    assert parse_name(text) == name


@pytest.mark.parametrize("text", ["", "  ", "x" * 61, "a\x00b", "a\u200bb", "a\nb", "\ud800"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name"):
        parse_name(text)


@pytest.mark.parametrize(
    "password", ["commander-demo", "一二三四五 六七8", "correct horse", "Abcdefgh", "x7abc" + "yz" * 60]
)
def test_decent_passwords(password: str) -> None:
    assert MIN_LENGTH <= len(password) <= MAX_LENGTH
    check_password(password, name="someone")


@pytest.mark.parametrize("password", ["", "a1-b2-c", "password", "12345678", "aaaaaaa1", "a1" * 65, "Li.Na.2026"])
def test_passwords_too_easy_or_too_long(password: str) -> None:
    with pytest.raises(InvalidInput):
        check_password(password, name="li.na.2026")
