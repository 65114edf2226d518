"""Stations and level crossings, each once."""

from __future__ import annotations

from gridmap.sources.osm_stations import build_crossings, build_stations
from gridmap.sources.reconciliation import Tally


def _stations(drawing):
    tally = Tally()
    return build_stations(drawing.read(), tally=tally), tally


def _crossings(drawing):
    tally = Tally()
    return build_crossings(drawing.read(), tally=tally), tally


def _box(drawing, x: float, y: float, **tags: str) -> int:
    nodes = drawing.nodes((x, y), (x + 40, y), (x + 40, y + 20), (x, y + 20))
    return drawing.way([*nodes, nodes[0]], **tags)


def test_a_station_drawn_as_point_and_building_counts_once(drawing):
    drawing.node(0, 0, railway="station", name="Cap d'Ail")
    _box(drawing, 60, 30, railway="station", name="Gare de Cap d'Ail")
    stations, tally = _stations(drawing)
    assert list(stations["external_id"]) == ["node/1"]
    assert [item["id"] for item in tally.rejected] == ["way/1"]


def test_stations_apart_or_of_other_names_stay(drawing):
    drawing.node(0, 0, railway="station", name="North")
    drawing.node(200, 0, railway="halt", name="South")
    drawing.node(5000, 0, railway="station", name="North")
    stations, _ = _stations(drawing)
    assert list(stations["kind"]) == ["station", "halt", "station"]


def test_a_station_drawn_as_a_multipolygon_is_found(drawing):
    way = _box(drawing, 0, 0)
    drawing.relation([way], type="multipolygon", railway="station", name="Hall")
    stations, _ = _stations(drawing)
    assert list(stations["external_id"]) == ["relation/1"]


def test_metro_stops_are_no_stations_unless_trains_stop_too(drawing):
    drawing.node(0, 0, railway="station", name="Metro", station="subway")
    drawing.node(2000, 0, railway="station", name="Both", subway="yes", train="yes")
    stations, tally = _stations(drawing)
    assert list(stations["name"]) == ["Both"]
    assert len(tally.rejected) == 1


def _two_tracks(drawing, *crossings: list[int]) -> None:
    """Tracks along x at y = 0 and y = 6 through the given nodes."""
    for y, through in zip((0.0, 6.0), crossings, strict=True):
        ends = drawing.nodes((-500, y), (500, y))
        drawing.way([ends[0], *through, ends[1]], railway="rail")


def test_one_road_over_two_tracks_is_one_crossing(drawing):
    a, b = (drawing.node(0, y, railway="level_crossing") for y in (0.0, 6.0))
    _two_tracks(drawing, [a], [b])
    south, north = drawing.nodes((0, -100), (0, 100))
    drawing.way([south, a], highway="residential")
    drawing.way([a, b, north], highway="residential")
    crossings, tally = _crossings(drawing)
    assert list(crossings["external_id"]) == [f"node/{a}"]
    assert (tally.accepted, len(tally.rejected)) == (1, 1)


def test_two_roads_side_by_side_stay_two_crossings(drawing):
    low = [drawing.node(x, 0, railway="level_crossing") for x in (0.0, 15.0)]
    high = [drawing.node(x, 6, railway="level_crossing") for x in (0.0, 15.0)]
    _two_tracks(drawing, low, high)
    for x, a, b in zip((0.0, 15.0), low, high, strict=True):
        south, north = drawing.nodes((x, -100), (x, 100))
        drawing.way([south, a, b, north], highway="residential")
    crossings, _ = _crossings(drawing)
    assert len(crossings) == 2


def test_a_winding_road_over_one_track_twice_stays_two(drawing):
    a, b = (drawing.node(x, 0, railway="level_crossing") for x in (0.0, 20.0))
    _two_tracks(drawing, [a, b], [])
    south, north = drawing.nodes((0, -100), (20, -100))
    drawing.way([south, a, b, north], highway="track")
    crossings, _ = _crossings(drawing)
    assert len(crossings) == 2


def test_a_crossing_needs_a_track_in_use(drawing):
    a = drawing.node(0, 0, railway="level_crossing")
    drawing.node(0, 0, railway="crossing")
    ends = drawing.nodes((-100, 0), (100, 0))
    drawing.way([ends[0], a, ends[1]], railway="abandoned")
    crossings, tally = _crossings(drawing)
    assert crossings.empty
    assert [item["reason"] for item in tally.rejected] == ["No track in use runs through it."]
