"""A team's order in words."""

from __future__ import annotations

from typing import Any

from gridmap.i18n import translator
from gridmap.views.team_order import draw_breaks, draw_totals

ROUTE: dict[str, Any] = {"start_s": 28_800, "end_s": 61_200, "driven_m": 12_345.0, "walked_m": 900.0}


def test_breaks_stand_after_their_stops() -> None:
    document = {"routes": [{**ROUTE, "breaks": [{"after": 2, "start_s": 43_200, "end_s": 45_000}]}]}
    assert draw_breaks(document, translate=translator("zh-CN")) == [{"after": 2, "text": "休息 12:00–12:30"}]
    assert draw_breaks({"routes": [ROUTE]}, translate=translator("en")) == []


def test_an_order_without_a_route_has_nothing_to_tell() -> None:
    assert draw_breaks({"routes": []}, translate=translator("en")) == []
    assert draw_totals({"routes": []}, translate=translator("en")) == {}


def test_totals_say_when_and_how_far() -> None:
    told = draw_totals({"routes": [ROUTE]}, translate=translator("en"))
    assert told == {"start": "08:00", "end": "17:00", "driven": "12.3 km", "walked": "900 m"}
