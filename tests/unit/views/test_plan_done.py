"""A plan mended in the middle of its day: files have the whole day with what is done marked, paper what is left."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from gridmap.i18n import translator
from gridmap.views.documents import draw_order_page, draw_plan_book, draw_plan_geojson, draw_plan_gpx, draw_plan_kml
from gridmap.views.plan_done import cut_done, is_under_way
from gridmap.views.plan_words import write_clock

ENGLISH, CHINESE = translator("en"), translator("zh-CN")


def test_what_is_left_of_a_route_adds_up(mended_plan: dict[str, Any]) -> None:
    route, other = mended_plan["routes"][:2]
    left = cut_done(route)
    assert [stop["number"] for stop in left["stops"]] == [stop["number"] for stop in route["stops"][1:]]
    assert left["start_s"] == route["resumed"]["at_s"]
    assert left["duration_s"] == route["end_s"] - left["start_s"]
    road_m = route["return"]["metres"] + sum(
        leg["metres"] for stop in left["stops"] for leg in (stop["leg"], stop["work"]["drive"]) if leg is not None
    )
    beside_m = sum(stop["work"]["walk_m"] for stop in left["stops"])
    assert left["driven_m"] + left["walked_m"] == pytest.approx(road_m + beside_m)
    assert cut_done(other) is other
    # A team that was still at its post when the plan was mended has all of its day before it.
    other["resumed"] = {"after": 0, "at_s": other["start_s"], "spot": other["origin"], "behind": []}
    assert not is_under_way(other)
    assert cut_done(other) is other


def test_geojson_says_of_each_feature_whether_it_is_done(mended_plan: dict[str, Any]) -> None:
    route, other = mended_plan["routes"][:2]
    features = [item["properties"] for item in draw_plan_geojson(mended_plan)["features"]]
    own = [item for item in features if item.get("team") == route["team"]]
    assert {item["number"] for item in own if item["kind"] == "stop" and item["done"]} == {1}
    assert {item["number"] for item in own if item["kind"] == "stop" and not item["done"]} == {
        stop["number"] for stop in route["stops"][1:]
    }
    (driven,) = (item for item in own if item["kind"] == "driven")
    assert driven["done"]
    assert driven["metres"] == 700.0
    (second,) = (item for item in own if item["kind"] == "leg" and item["stop"] == 2)
    assert second["depart"] == write_clock(route["resumed"]["at_s"])
    assert not any("done" in item for item in features if item.get("team") == other["team"])


def test_gpx_has_what_is_done_as_a_track_of_its_own(mended_plan: dict[str, Any]) -> None:
    route = mended_plan["routes"][0]
    space = {"g": "http://www.topografix.com/GPX/1/1"}
    root = ElementTree.fromstring(draw_plan_gpx(mended_plan))
    kinds = [point.findtext("g:type", "", space) for point in root.findall("g:wpt", space)]
    stops = sum(len(item["stops"]) for item in mended_plan["routes"])
    assert (kinds.count("done"), kinds.count("stop")) == (1, stops - 1)
    tracks = root.findall("g:trk", space)
    assert len(tracks) == len(mended_plan["routes"]) + 1
    done, left = tracks[:2]
    assert done.findtext("g:type", "", space) == "done"
    driven = [point.get("lon") for point in done.findall("g:trkseg", space)[-1]]
    assert driven == ["113.0000000", "113.0050000"]
    walked = [stop for stop in route["stops"][1:] if stop["work"]["walk"] is not None]
    assert len(left.findall("g:trkseg", space)) == len(route["stops"][1:]) + len(walked) + 1


def test_kml_draws_what_is_done_in_grey(mended_plan: dict[str, Any]) -> None:
    space = {"k": "http://www.opengis.net/kml/2.2"}
    root = ElementTree.fromstring(draw_plan_kml(mended_plan, translate=CHINESE))
    styles = {style.get("id") for style in root.iter(f"{{{space['k']}}}Style")}
    assert {"done", "done-way"} <= styles
    marks = [
        (mark.findtext("k:name", "", space), mark.findtext("k:styleUrl", "", space))
        for mark in root.iter(f"{{{space['k']}}}Placemark")
    ]
    (done,) = (name for name, style in marks if style == "#done")
    assert done.startswith("1 ")
    assert done.endswith("✓")
    assert ("已行驶路段", "#done-way") in marks
    assert "#done-way" not in draw_plan_kml({**mended_plan, "routes": mended_plan["routes"][1:]}, translate=CHINESE)


def test_a_workbook_says_what_is_done_and_where_the_team_goes_on(mended_plan: dict[str, Any]) -> None:
    route = mended_plan["routes"][0]
    names = {team["key"]: team["name"] for team in mended_plan["teams"]}
    book = load_workbook(io.BytesIO(draw_plan_book(mended_plan, translate=ENGLISH)))
    head, *rows = [list(row) for row in book[names[route["team"]]].values]
    assert head[-1] == "State"
    states = {row[0]: row[-1] for row in rows if row[0] is not None}
    assert states.pop(1) == "Done already"
    assert set(states.values()) == {"To do"}
    order = [row[1] for row in rows if row[0] is None]
    assert order == ["Set out from the post", "Goes on from where it is", "Break", "Back at the post"]
    (plain, *_) = book[names[mended_plan["routes"][1]["team"]]].values
    assert "State" not in plain


@pytest.mark.parametrize(("translate", "told"), [(ENGLISH, "Done already: stops 1"), (CHINESE, "已完成：第 1 站")])
def test_a_printed_order_has_what_is_left(mended_plan: dict[str, Any], translate: Any, told: str) -> None:
    route = mended_plan["routes"][0]
    page = draw_order_page(mended_plan, translate=translate, only=route["team"])
    numbers = re.findall(r'<td class="no">(.*?)</td>', page)
    assert numbers == ["✓", "", "", *(str(stop["number"]) for stop in route["stops"][1:]), ""]
    assert told in page
    assert write_clock(route["resumed"]["at_s"]) in page
    assert 'class="badge"' in page
    assert not re.search(r'class="badge"[^>]*>1</text>', page)


def test_an_order_of_a_team_that_does_nothing_more_says_so(mended_plan: dict[str, Any]) -> None:
    route = mended_plan["routes"][0]
    route["stops"] = route["stops"][:1]
    route["resumed"]["ends"] = True
    page = draw_order_page(mended_plan, translate=ENGLISH, only=route["team"])
    assert "The day ends here" in page
    assert "Back at the post" not in page
    # Among all orders it is not printed.
    assert "The day ends here" not in draw_order_page(mended_plan, translate=ENGLISH)
    rows = [
        list(row)
        for row in load_workbook(io.BytesIO(draw_plan_book(mended_plan, translate=ENGLISH))).worksheets[1].values
    ]
    assert rows[-1][1:3] == ["The day ends here", None]
