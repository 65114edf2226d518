"""A plan as KML 2.2 for Google Earth and phones: a folder for each team with its stops in order and its ways."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_distance, join_names
from gridmap.views.palette import LIGHT
from gridmap.views.plan_done import is_done, is_under_way
from gridmap.views.plan_words import (
    Document,
    describe_place,
    explain_unserved,
    find_post,
    find_team,
    name_team,
    write_clock,
    write_instant,
)

_KML = "http://www.opengis.net/kml/2.2"
_GREY = "#6d747a"

Element = ElementTree.Element


def draw_plan_kml(document: Document, *, translate: Translate = str) -> str:
    """KML 2.2 (OGC 07-147r2), WGS-84: posts, a folder for each team, and what is not served.

    Nothing is fetched from anywhere: the pins are those of the program that shows it, in the team's colour.
    """
    root = Element("kml", {"xmlns": _KML})
    whole = ElementTree.SubElement(root, "Document")
    _text(whole, "name", f"{document.get('area_name') or translate(N_('Patrol plan'))} {document['service_date']}")
    for number, route in enumerate(document["routes"]):
        colour = LIGHT.routes[number % len(LIGHT.routes)]
        _add_styles(whole, route["team"], colour)
    _add_pin_style(whole, "post", _GREY)
    if any(is_under_way(route) for route in document["routes"]):
        _add_pin_style(whole, "done", _GREY)
        _add_line_style(whole, "done-way", _GREY, width=3, alpha="99")
    _add_pin_style(whole, "unserved", LIGHT.freshness["overdue"])
    posts = _folder(whole, translate(N_("Posts")))
    for post in document["posts"]:
        _add_pin(posts, post["name"], (post["lon"], post["lat"]), style="post")
    for route in document["routes"]:
        _add_team(whole, document, route, translate)
    _add_unserved(whole, document, translate)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _add_styles(parent: Element, team: str, colour: str) -> None:
    _add_pin_style(parent, f"{team}-stop", colour)
    for kind, width in (("drive", 4), ("walk", 6), ("round", 2)):
        _add_line_style(parent, f"{team}-{kind}", colour, width=width, alpha="99" if kind == "round" else "ff")


def _add_line_style(parent: Element, name: str, colour: str, *, width: int, alpha: str) -> None:
    style = ElementTree.SubElement(parent, "Style", {"id": name})
    line = ElementTree.SubElement(style, "LineStyle")
    _text(line, "color", _write_colour(colour, alpha=alpha))
    _text(line, "width", str(width))


def _add_pin_style(parent: Element, name: str, colour: str) -> None:
    style = ElementTree.SubElement(parent, "Style", {"id": name})
    _text(ElementTree.SubElement(style, "IconStyle"), "color", _write_colour(colour))
    _text(ElementTree.SubElement(style, "LabelStyle"), "scale", "0.9")


def _write_colour(colour: str, *, alpha: str = "ff") -> str:
    """#rrggbb as KML's aabbggrr."""
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"{alpha}{blue}{green}{red}"


def _add_team(parent: Element, document: Document, route: Document, translate: Translate) -> None:
    team = find_team(document, route)
    folder = _folder(parent, name_team(team, translate))
    out = f"{write_clock(route['start_s'])}–{write_clock(route['end_s'])}"
    crew = translate(N_("{number} people")).format(number=team["members"])
    driven, walked = (format_distance(route[name], translate) for name in ("driven_m", "walked_m"))
    words = [
        find_post(document, team)["name"],
        out,
        crew,
        f"{translate(N_('driven'))} {driven}",
        f"{translate(N_('walked'))} {walked}",
    ]
    _text(folder, "description", " · ".join(words))
    for stop in route["stops"]:
        _add_stop(folder, document, team, stop, translate, is_behind=is_done(route, stop))
    for leg in (route.get("resumed") or {"behind": ()})["behind"]:
        _add_way(folder, translate(N_("Driven already")), leg["coordinates"], style="done-way")
    for stop in route["stops"]:
        number = stop["number"]
        to = translate(N_("To stop {number}")).format(number=number)
        if is_done(route, stop):
            _add_done_ways(folder, to, stop)
            continue
        _add_way(folder, to, stop["leg"]["coordinates"], style=f"{team['key']}-drive")
        if stop["work"]["walk"] is not None:
            walk = translate(N_("On foot beside the line"))
            _add_way(folder, f"{number}: {walk}", stop["work"]["walk"]["coordinates"], style=f"{team['key']}-walk")
        if stop["work"]["drive"] is not None:
            going = translate(N_("Vehicle going round"))
            _add_way(folder, f"{number}: {going}", stop["work"]["drive"]["coordinates"], style=f"{team['key']}-round")
    back = translate(N_("Back at the post"))
    _add_way(folder, back, route["return"]["coordinates"], style=f"{team['key']}-drive")


def _add_done_ways(parent: Element, to: str, stop: Document) -> None:
    """What is behind a team, drawn alike: nobody goes by it any more."""
    for way in (stop["leg"], stop["work"]["walk"], stop["work"]["drive"]):
        if way is not None:
            _add_way(parent, f"{to} ✓", way["coordinates"], style="done-way")


def _add_stop(
    parent: Element, document: Document, team: Document, stop: Document, translate: Translate, *, is_behind: bool
) -> None:
    tasks = {task["key"]: task for task in document["tasks"]}
    times = [
        f"{translate(title)} {write_clock(stop[name])}"
        for name, title in (
            ("arrive_s", N_("Arrive")),
            ("start_s", N_("Work begins")),
            ("leave_s", N_("Leave")),
        )
    ]
    codes = join_names((tasks[key]["code"] for key in stop["tasks"]), translate)
    pin = _add_pin(
        parent,
        f"{stop['number']} {describe_place(document, stop, tasks)}{' ✓' if is_behind else ''}",
        stop["leg"]["coordinates"][-1],
        style="done" if is_behind else f"{team['key']}-stop",
        description="\n".join([*([translate(N_("Done already"))] if is_behind else []), *times, codes]),
        span=(write_instant(document, stop["arrive_s"]), write_instant(document, stop["leave_s"])),
    )
    data = ElementTree.Element("ExtendedData")
    for name, value in (("team", team["name"]), ("stop", str(stop["number"])), ("tasks", " ".join(stop["tasks"]))):
        _text(ElementTree.SubElement(data, "Data", {"name": name}), "value", value)
    # The schema has it before the geometry.
    pin.insert(len(pin) - 1, data)


def _add_unserved(parent: Element, document: Document, translate: Translate) -> None:
    if not document["unserved"]:
        return
    tasks = {task["key"]: task for task in document["tasks"]}
    folder = _folder(parent, translate(N_("Tasks not served")))
    for item in document["unserved"]:
        task = tasks[item["task"]]
        reason = explain_unserved(item, document, translate)
        _add_pin(
            folder, f"{task['code']} {task['name']}", (task["lon"], task["lat"]), style="unserved", description=reason
        )


def _folder(parent: Element, name: str) -> Element:
    folder = ElementTree.SubElement(parent, "Folder")
    _text(folder, "name", name)
    return folder


def _add_pin(
    parent: Element,
    name: str,
    lonlat: Any,
    *,
    style: str,
    description: str = "",
    span: tuple[str, str] | None = None,
) -> Element:
    pin = ElementTree.SubElement(parent, "Placemark")
    _text(pin, "name", name)
    if description:
        _text(pin, "description", description)
    if span is not None:
        during = ElementTree.SubElement(pin, "TimeSpan")
        _text(during, "begin", span[0])
        _text(during, "end", span[1])
    _text(pin, "styleUrl", f"#{style}")
    _text(ElementTree.SubElement(pin, "Point"), "coordinates", _write_places([lonlat]))
    return pin


def _add_way(parent: Element, name: str, coordinates: list[list[float]], *, style: str) -> None:
    way = ElementTree.SubElement(parent, "Placemark")
    _text(way, "name", name)
    _text(way, "styleUrl", f"#{style}")
    line = ElementTree.SubElement(way, "LineString")
    _text(line, "tessellate", "1")
    _text(line, "coordinates", _write_places(coordinates))


def _write_places(coordinates: list[Any]) -> str:
    return " ".join(f"{lon:.7f},{lat:.7f}" for lon, lat in coordinates)


def _text(parent: Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
