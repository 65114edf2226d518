"""The order on paper: every team's sheet, its breaks, and the code that leads a telephone to it."""

from __future__ import annotations

import re
from typing import Any

import segno

from gridmap.i18n import translator
from gridmap.views.order_page import draw_order_page

ENGLISH, CHINESE = translator("en"), translator("zh-CN")


def sheets_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<section class="sheet[^>]*" id="(T\d+)">(.*?)</section>', page))


def test_every_team_has_a_sheet_with_its_stops_and_breaks(made_plan: dict[str, Any]) -> None:
    sheets = sheets_of(draw_order_page(made_plan, translate=ENGLISH))
    assert list(sheets) == [route["team"] for route in made_plan["routes"]]
    first = made_plan["routes"][0]
    rows = re.findall(r'<td class="no">(.*?)</td>', sheets[first["team"]])
    # Out, the first stop, the break after it, the others, and back.
    assert rows == ["", "1", "", *(str(stop["number"]) for stop in first["stops"][1:]), ""]
    assert sheets[first["team"]].count('<tr class="rest">') == 1
    assert "Break" in sheets[first["team"]]


def test_the_code_on_a_sheet_is_that_of_its_address(made_plan: dict[str, Any]) -> None:
    links = {route["team"]: f"https://map.example/order/{route['team']}?a=1&b=2" for route in made_plan["routes"]}
    sheets = sheets_of(draw_order_page(made_plan, translate=CHINESE, links=links))
    for team, link in links.items():
        drawn = segno.make(link, error="m", micro=False).svg_inline(omitsize=True, border=2, dark="#23282d")
        assert drawn in sheets[team]
        assert f'href="{link.replace("&", "&amp;")}"' in sheets[team]
    assert "手机扫码看本任务单" in sheets[made_plan["routes"][0]["team"]]
    assert "qrline" not in draw_order_page(made_plan, translate=CHINESE)


def test_one_teams_order_stands_alone(made_plan: dict[str, Any]) -> None:
    team = made_plan["routes"][1]["team"]
    page = draw_order_page(made_plan, translate=ENGLISH, only=team)
    assert page.count("<section ") == 1
    assert list(sheets_of(page)) == [team]


def test_a_route_has_the_colour_it_has_on_the_map(made_plan: dict[str, Any]) -> None:
    """Colours count through the routes, not the teams: one that stays at its post takes none."""
    whole = sheets_of(draw_order_page(made_plan, translate=ENGLISH))
    made_plan["teams"].insert(0, {**made_plan["teams"][0], "key": "T9", "name": "stays"})
    assert sheets_of(draw_order_page(made_plan, translate=ENGLISH)) == whole


def test_another_end_and_one_visit_of_several_are_told(made_plan: dict[str, Any]) -> None:
    team = next(team for team in made_plan["teams"] if team["key"] == made_plan["routes"][0]["team"])
    made_plan["posts"].append({**made_plan["posts"][0], "key": "P9", "name": "the far end"})
    team["end_post"] = "P9"
    made_plan["routes"][0]["stops"][0]["visit"] = {"number": 1, "of": 2}
    sheet = sheets_of(draw_order_page(made_plan, translate=ENGLISH))[team["key"]]
    assert "Back at the post<p>the far end</p>" in sheet
    assert "<p>Visit 1 of 2</p>" in sheet
