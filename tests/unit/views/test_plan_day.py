"""A team's day, spell by spell."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from gridmap.views.plan_day import Spell, SpellKind, list_spells


def test_the_day_has_no_gap_and_ends_at_home(made_plan: dict[str, Any]) -> None:
    for route in made_plan["routes"]:
        spells = list_spells(route)
        assert (spells[0].start_s, spells[-1].end_s) == (route["start_s"], route["end_s"])
        assert all(one.end_s == then.start_s for one, then in pairwise(spells))
        assert sum(spell.kind in {SpellKind.WALK, SpellKind.INSPECT} for spell in spells) == len(route["stops"])
    assert SpellKind.BREAK in {spell.kind for spell in list_spells(made_plan["routes"][0])}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (0, [("break", 0, 30), ("drive", 30, 40), ("inspect", 40, 50), ("drive", 50, 55)]),
        (1, [("drive", 0, 10), ("inspect", 10, 20), ("wait", 20, 25), ("break", 25, 55), ("drive", 55, 60)]),
        (None, [("drive", 0, 10), ("inspect", 10, 20), ("drive", 20, 25), ("break", 25, 55)]),
    ],
)
def test_a_break_stands_where_it_is_taken(after: int | None, expected: list[tuple[str, int, int]]) -> None:
    begin = {0: 0, 1: 25, None: 25}[after]
    moved = 30 if after == 0 else 0
    stop = {
        "number": 1,
        "leg": {"mode": "car", "seconds": 10},
        "work": {"kind": "hazard"},
        "arrive_s": 10 + moved,
        "start_s": 10 + moved,
        "leave_s": 20 + moved,
    }
    route = {
        "start_s": 0,
        "stops": [stop],
        "return": {"mode": "car", "seconds": 5},
        "breaks": [{"after": after, "start_s": begin, "end_s": begin + 30}],
    }
    told = [(spell.kind.value, spell.start_s, spell.end_s) for spell in list_spells(route)]
    assert told == expected


def test_waiting_for_a_window_is_told_apart_from_the_way() -> None:
    stop = {
        "number": 1,
        "leg": {"mode": "foot", "seconds": 100},
        "work": {"kind": "segment"},
        "arrive_s": 100,
        "start_s": 160,
        "leave_s": 200,
    }
    route = {"start_s": 0, "stops": [stop], "return": {"mode": "foot", "seconds": 50}}
    assert list_spells(route) == (
        Spell(SpellKind.FOOT, 0, 100, stop),
        Spell(SpellKind.WAIT, 100, 160, stop),
        Spell(SpellKind.WALK, 160, 200, stop),
        Spell(SpellKind.FOOT, 200, 250),
    )
