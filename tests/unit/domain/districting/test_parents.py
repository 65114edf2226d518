"""Within which area a unit shares out the cells with others."""

from __future__ import annotations

import pytest

from gridmap.domain.districting.parents import find_cell_parents, find_parents


@pytest.mark.parametrize(
    ("areas", "strict", "parents"),
    [
        # Two stations of one town share it; one alone in its town shares the county.
        (["149901001", "149901001", "149901002"], False, ["149901001", "149901001", "149901"]),
        (["149901001", "149901001", "149901002"], True, ["149901001", "149901001", "149901002"]),
        # A village is shared out within its town, a county that is alone with nobody.
        (["149901001001", "149901001002"], False, ["149901001", "149901001"]),
        (["149901", "159901"], False, ["149901", "159901"]),
        (["1401", "1402"], False, ["14", "14"]),
        ([], False, []),
    ],
)
def test_a_unit_shares_with_those_of_its_area_or_of_the_one_above(
    areas: list[str], strict: bool, parents: list[str]
) -> None:
    assert find_parents(areas, strict=strict) == parents


def test_a_cell_has_the_parent_of_the_units_whose_area_holds_it() -> None:
    areas = ["149901001", "149901001", "149901"]
    codes = ["149901001001001", "149901002001001", "150000001001001"]
    assert find_cell_parents(codes, areas, find_parents(areas, strict=False)) == ["149901001", "149901", ""]
    assert find_cell_parents(codes, [], []) == ["", "", ""]
