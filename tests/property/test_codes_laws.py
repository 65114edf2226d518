"""Laws of area codes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.codes import (
    DIGITS,
    Level,
    child_code,
    code_level,
    code_range,
    is_within,
    parent_code,
    parse_code,
)


@st.composite
def codes(draw: st.DrawFn) -> str:
    code = ""
    for level in list(Level)[: draw(st.integers(1, len(Level)))]:
        width = DIGITS[level] - len(code)
        code = child_code(code, draw(st.integers(1, 10**width - 1)))
    return code


@given(codes())
def test_codes_round_trip(code: str) -> None:
    assert parse_code(code) == code


@given(codes(), st.sampled_from(sorted(DIGITS.values())))
def test_padding_changes_nothing(code: str, length: int) -> None:
    padded = code.ljust(max(length, len(code)), "0")
    assert parse_code(padded) == code


@given(codes())
def test_a_child_lies_within_its_parent(code: str) -> None:
    parent = parent_code(code)
    if parent is None:
        assert code_level(code) is Level.PROVINCE
    else:
        assert is_within(code, parent)
        assert code_level(code) == code_level(parent) + 1
        assert child_code(parent, int(code[len(parent) :])) == code


@given(codes(), codes())
def test_the_range_says_the_same_as_the_prefix(code: str, prefix: str) -> None:
    for tested in (code, prefix + code[len(prefix) :]):
        low, high = code_range(prefix)
        assert (low <= tested < high) == is_within(tested, prefix)
