"""A plan to take away: GeoJSON, GPX and KML for devices, a workbook, and the order page for paper."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from gridmap.i18n import Translate
from gridmap.views.order_page import draw_order_page
from gridmap.views.plan_book import draw_plan_book
from gridmap.views.plan_done import is_done, is_under_way
from gridmap.views.plan_kml import draw_plan_kml
from gridmap.views.plan_words import Document, describe_place, find_team, write_clock, write_instant

__all__ = ["draw_order_page", "draw_plan_book", "draw_plan_geojson", "draw_plan_gpx", "draw_plan_kml"]

_GPX = "http://www.topografix.com/GPX/1/1"


def draw_plan_geojson(document: Document, *, translate: Translate = str) -> dict[str, Any]:
    """A FeatureCollection (WGS-84) of posts, legs, walks, stops and unserved tasks.

    Every feature has `kind`: post, leg (to a stop), walk (beside the line), drive (the vehicle going round), return,
    stop or unserved; a leg of no length is left out. Of a plan mended in the middle of its day the features of a team
    that was out say whether they are `done`, and what it had driven since its last stop is a leg of kind driven. Times
    are local, `HH:MM`; `translate` turns the reasons into the reader's language.
    """
    features = [_post_feature(post) for post in document["posts"]]
    tasks = {task["key"]: task for task in document["tasks"]}
    for route in document["routes"]:
        features += _route_features(document, route, tasks)
    for item in document["unserved"]:
        task = tasks[item["task"]]
        properties = {
            "kind": "unserved",
            "task": item["task"],
            "name": task["name"],
            "reason": item["reason"],
            "text": translate(item["text"]).format(**item["values"]),
        }
        features.append(_point(task["lon"], task["lat"], properties))
    return {"type": "FeatureCollection", "features": features}


def _post_feature(post: Document) -> Document:
    return _point(post["lon"], post["lat"], {"kind": "post", "key": post["key"], "name": post["name"]})


def _route_features(document: Document, route: Document, tasks: Document) -> list[Document]:
    team = find_team(document, route)
    shared = {"team": team["key"], "team_name": team["name"], "team_kind": team["kind"]}
    features: list[Document] = []
    left_s = route["start_s"]
    under_way = is_under_way(route)
    for stop in route["stops"]:
        if under_way and stop["number"] == route["resumed"]["after"] + 1:
            features += _driven_features(route, left_s, shared)
            left_s = route["resumed"]["at_s"]
        done = {"done": is_done(route, stop)} if under_way else {}
        features += _stop_features(document, stop, left_s, {**shared, **done}, tasks=tasks)
        left_s = stop["leave_s"]
    if under_way and route["resumed"]["after"] == len(route["stops"]):
        features += _driven_features(route, left_s, shared)
        left_s = route["resumed"]["at_s"]
    if route["return"]["metres"]:
        features.append(
            _leg_feature("return", route["return"], left_s, shared | ({"done": False} if under_way else {}))
        )
    return features


def _stop_features(
    document: Document, stop: Document, left_s: int, shared: Document, *, tasks: Document
) -> list[Document]:
    """The way to a stop that sets out at `left_s`, what is walked and driven there, and the stop."""
    features: list[Document] = []
    number, work = stop["number"], stop["work"]
    if stop["leg"]["metres"]:
        features.append(_leg_feature("leg", stop["leg"], left_s, {**shared, "stop": number}))
    if work["walk"] is not None:
        walk = work["walk"]
        measured = {"metres": walk["metres"], "seconds": work["seconds"], "line_id": walk["line_id"]}
        features.append(_line(walk["coordinates"], {"kind": "walk", **shared, "stop": number, **measured}))
    if work["drive"] is not None:
        features.append(_leg_feature("drive", work["drive"], stop["start_s"], {**shared, "stop": number}))
    lon, lat = stop["leg"]["coordinates"][-1]
    times = {name: write_clock(stop[f"{name}_s"]) for name in ("arrive", "start", "leave")}
    properties = {"kind": "stop", **shared, "number": number, "tasks": stop["tasks"], **times}
    features.append(_point(lon, lat, {**properties, "place": describe_place(document, stop, tasks)}))
    return features


def _driven_features(route: Document, left_s: int, shared: Document) -> list[Document]:
    """What a team had driven since its last stop when its plan was mended."""
    behind = [leg for leg in route["resumed"]["behind"] if leg["metres"]]
    return [_leg_feature("driven", leg, left_s, {**shared, "done": True}) for leg in behind]


def _leg_feature(kind: str, leg: Document, depart_s: int, shared: Document) -> Document:
    measured = {
        "mode": leg["mode"],
        "seconds": leg["seconds"],
        "metres": leg["metres"],
        "depart": write_clock(depart_s),
    }
    return _line(leg["coordinates"], {"kind": kind, **shared, **measured})


def _point(lon: float, lat: float, properties: Document) -> Document:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


def _line(coordinates: list[list[float]], properties: Document) -> Document:
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": coordinates},
        "properties": properties,
    }


def draw_plan_gpx(document: Document) -> str:
    """GPX 1.1: a waypoint for each post and stop, a track for each route with a segment for each leg and walk.

    Of a plan mended in the middle of its day the stops behind a team are of type done, and so is a track of their own.
    """
    tasks = {task["key"]: task for task in document["tasks"]}
    root = ElementTree.Element("gpx", {"xmlns": _GPX, "version": "1.1", "creator": "gridmap"})
    metadata = ElementTree.SubElement(root, "metadata")
    _text(metadata, "name", f"{document['area_name'] or 'gridmap'} {document['service_date']}")
    _text(metadata, "time", datetime.fromisoformat(document["created_at"]).isoformat())
    for post in document["posts"]:
        _waypoint(root, post["lon"], post["lat"], name=post["name"], kind="post")
    tracks: list[ElementTree.Element] = []
    for route in document["routes"]:
        team = find_team(document, route)
        track, done = ElementTree.Element("trk"), ElementTree.Element("trk")
        _text(track, "name", team["name"])
        _text(done, "name", f"{team['name']} ✓")
        _text(done, "type", "done")
        for stop in route["stops"]:
            lon, lat = stop["leg"]["coordinates"][-1]
            name = f"{team['name']} {stop['number']}: {describe_place(document, stop, tasks)}"
            kind, into = ("done", done) if is_done(route, stop) else ("stop", track)
            _waypoint(root, lon, lat, name=name, kind=kind, at=write_instant(document, stop["arrive_s"]))
            _segment(into, stop["leg"]["coordinates"])
            if stop["work"]["walk"] is not None:
                _segment(into, stop["work"]["walk"]["coordinates"])
        for leg in (route.get("resumed") or {"behind": ()})["behind"]:
            _segment(done, leg["coordinates"])
        _segment(track, route["return"]["coordinates"])
        tracks += [done, track] if is_under_way(route) else [track]
    root.extend(tracks)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _waypoint(parent: ElementTree.Element, lon: float, lat: float, *, name: str, kind: str, at: str = "") -> None:
    point = ElementTree.SubElement(parent, "wpt", {"lat": f"{lat:.7f}", "lon": f"{lon:.7f}"})
    if at:
        _text(point, "time", at)
    _text(point, "name", name)
    _text(point, "type", kind)


def _segment(track: ElementTree.Element, coordinates: list[list[float]]) -> None:
    segment = ElementTree.SubElement(track, "trkseg")
    for lon, lat in coordinates:
        ElementTree.SubElement(segment, "trkpt", {"lat": f"{lat:.7f}", "lon": f"{lon:.7f}"})


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
