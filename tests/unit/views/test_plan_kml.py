"""KML as the standard has it (OGC 07-147r2): which element may stand in which, and in what order."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from gridmap.i18n import translator
from gridmap.views.plan_kml import draw_plan_kml

NAMESPACE = "{http://www.opengis.net/kml/2.2}"
FEATURE = ["name", "description", "TimeSpan", "styleUrl", "Style", "ExtendedData"]
CHILDREN: dict[str, list[str]] = {
    "kml": ["Document"],
    "Document": [*FEATURE, "Folder"],
    "Folder": [*FEATURE, "Placemark"],
    "Placemark": [*FEATURE, "Point", "LineString"],
    "TimeSpan": ["begin", "end"],
    "Style": ["IconStyle", "LabelStyle", "LineStyle"],
    "IconStyle": ["color"],
    "LabelStyle": ["scale"],
    "LineStyle": ["color", "width"],
    "ExtendedData": ["Data"],
    "Data": ["value"],
    "Point": ["coordinates"],
    "LineString": ["tessellate", "coordinates"],
}
"""Of ogckml22.xsd what a plan uses, children in the order of their sequences."""


def read(document: dict[str, Any], language: str = "en") -> ElementTree.Element:
    return ElementTree.fromstring(draw_plan_kml(document, translate=translator(language)))


def name_of(element: ElementTree.Element) -> str:
    assert element.tag.startswith(NAMESPACE)
    return element.tag.removeprefix(NAMESPACE)


def find_all(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return list(root.iter(f"{NAMESPACE}{name}"))


def text_of(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{NAMESPACE}{name}", "")


def test_every_element_stands_where_the_standard_has_it(made_plan: dict[str, Any]) -> None:
    root = read(made_plan)
    assert name_of(root) == "kml"
    for element in root.iter():
        allowed = CHILDREN.get(name_of(element), [])
        places = [allowed.index(name_of(child)) for child in element]
        assert places == sorted(places), f"{name_of(element)}: {[name_of(child) for child in element]}"
        if not allowed:
            assert element.text
            assert element.text.strip()


def test_values_have_the_types_of_the_standard(made_plan: dict[str, Any]) -> None:
    root = read(made_plan)
    assert all(re.fullmatch(r"[0-9a-f]{8}", color.text or "") for color in find_all(root, "color"))
    ids = [style.get("id") for style in find_all(root, "Style")]
    assert len(ids) == len(set(ids))
    assert {(url.text or "").removeprefix("#") for url in find_all(root, "styleUrl")} <= set(ids)
    for line in find_all(root, "coordinates"):
        places = [[float(value) for value in place.split(",")] for place in (line.text or "").split()]
        assert places
        assert all(112 < lon < 113 and 37 < lat < 38 for lon, lat in places)
    for span in find_all(root, "TimeSpan"):
        begin, end = (datetime.fromisoformat(text_of(span, name)) for name in ("begin", "end"))
        assert begin <= end
        assert begin.isoformat().startswith("2026-03-04")
        assert begin.isoformat().endswith("+08:00")


def test_each_team_has_a_folder_with_its_stops_and_ways(made_plan: dict[str, Any]) -> None:
    folders = {text_of(folder, "name"): folder for folder in find_all(read(made_plan), "Folder")}
    route = made_plan["routes"][0]
    team = next(team for team in made_plan["teams"] if team["key"] == route["team"])
    pins = [pin for pin in folders[team["name"]] if pin.find(f"{NAMESPACE}Point") is not None]
    assert [text_of(pin, "name").split()[0] for pin in pins] == [str(stop["number"]) for stop in route["stops"]]
    lines = [way for way in folders[team["name"]] if way.find(f"{NAMESPACE}LineString") is not None]
    legs = len(route["stops"]) + 1
    beside = sum((stop["work"][name] is not None) for stop in route["stops"] for name in ("walk", "drive"))
    assert len(lines) == legs + beside
    assert len(find_all(folders["Posts"], "Point")) == len(made_plan["posts"])
    assert len(find_all(folders["Tasks not served"], "Point")) == len(made_plan["unserved"])


def test_it_speaks_the_readers_language_and_names_no_outside_address(made_plan: dict[str, Any]) -> None:
    drawn = draw_plan_kml(made_plan, translate=translator("zh-CN"))
    assert "未安排" in drawn
    assert "http" not in drawn.replace("http://www.opengis.net/kml/2.2", "")


def test_everything_served_leaves_no_empty_folder(made_plan: dict[str, Any]) -> None:
    made_plan["unserved"] = []
    assert len(find_all(read(made_plan), "Folder")) == 1 + len(made_plan["routes"])
