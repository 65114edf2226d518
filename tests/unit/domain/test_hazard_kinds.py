"""A kind has a stable slug and a name; what is hidden is still known, and the order is the one that was set."""

from __future__ import annotations

import pytest

from gridmap.domain.hazard_kinds import HazardKind, HazardKinds, check_code, check_names, move
from gridmap.errors import InvalidInput

FENCE = HazardKind(id=1, code="fence", is_line_side=True, is_light=False, is_built_in=True)
TENT = HazardKind(id=2, code="tent", name_zh="彩棚", name_en="Tent", is_line_side=True, is_light=True, is_active=False)
KINDS = HazardKinds([TENT, FENCE])


def test_a_hidden_kind_is_known_and_not_offered() -> None:
    assert [kind.code for kind in KINDS] == ["tent", "fence"]
    assert KINDS.active == (FENCE,)
    assert KINDS.find("tent") is TENT
    assert KINDS.light == ("tent",)
    with pytest.raises(InvalidInput, match=r"彩棚 / Tent.* no longer used"):
        KINDS.require("tent")


def test_a_kind_that_is_none_is_said() -> None:
    assert KINDS.require("fence") is FENCE
    assert KINDS.find("dragon") is None
    with pytest.raises(InvalidInput, match="not a kind of hazard"):
        KINDS.require("dragon")


@pytest.mark.parametrize("code", ["", "Roof", "2roof", "roof sheets", "roof_", "roof__sheets", "彩钢", "r" * 31])
def test_a_code_is_a_slug(code: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the code"):
        check_code(code, taken=())


def test_a_code_is_there_once() -> None:
    assert check_code("roof_sheets2", taken=["tent"]) == "roof_sheets2"
    with pytest.raises(InvalidInput, match="already a kind"):
        check_code("tent", taken=["tent"])


def test_one_name_stands_for_the_other() -> None:
    assert check_names(" 彩棚 ", "") == ("彩棚", "彩棚")
    assert check_names("彩棚", "Tent") == ("彩棚", "Tent")
    for names in (("", "  "), ("x" * 41, "")):
        with pytest.raises(InvalidInput):
            check_names(*names)


@pytest.mark.parametrize(("by", "expected"), [(-1, "bac"), (1, "acb"), (-9, "bac"), (9, "acb")])
def test_a_kind_moves_and_stops_at_the_ends(by: int, expected: str) -> None:
    assert "".join(move("abc", "b", by=by)) == expected
