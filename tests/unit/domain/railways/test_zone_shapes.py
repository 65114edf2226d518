"""Strips on the ground: widths on the ellipsoid, corners, curves, ends, stations, tunnels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.domain.crs import GEOD, compute_areas_m2
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.zone_shapes import ZoneDrawer, find_structures
from gridmap.domain.railways.zones import Structure, Zone

NO_TRACKS = np.array([], object)
REACH_M = 25.0
SIDES = ("left", "right")


def walk(steps: list[tuple[float, float]], *, lon: float = 112.5, lat: float = 37.8) -> shapely.LineString:
    """A line of geodesic steps: (azimuth in degrees, metres)."""
    points = [(lon, lat)]
    for azimuth, metres in steps:
        x, y, _ = GEOD.fwd(*points[-1], azimuth, metres)
        points.append((x, y))
    return shapely.LineString(points)


def curve(radius_m: float, degrees: int, **start: float) -> shapely.LineString:
    """Straight, an arc to the right in steps of a degree, straight."""
    step = np.pi / 180 * radius_m
    return walk([(90.0, 300.0), *((90.0 + i + 0.5, step) for i in range(degrees)), (90.0 + degrees, 300.0)], **start)


def zone(line: MeasuredLine, **given: Any) -> Zone:
    whole = {"from_m": line.start_m, "to_m": line.end_m, "side": "left", "width_m": 20.0, "origin_offset_m": 5.0}
    return Zone(line_id=1, category="open", **{"kind": "formation", **whole, **given})


def count_wrong(line: MeasuredLine, drawn: shapely.Geometry, *, side: str, margin_m: float) -> tuple[int, int]:
    """Of places so far inside and outside the edge, how many are on the wrong side of it; and how many there are."""
    wrong, looked_at = 0, 0
    for at in np.linspace(line.start_m + 1, line.end_m - 1, 400):
        for offset, inside in ((REACH_M - margin_m, True), (REACH_M + margin_m, False)):
            place = line.beside(at, side=side, offset_m=offset)
            # In the inside of a curve another place of the line may be nearer.
            if abs(line.locate(*place).offset_m - offset) < 0.01:
                looked_at += 1
                wrong += drawn.covers(shapely.Point(place)) is not inside
    return wrong, looked_at


LINES = {
    "straight for 35 km": shapely.LineString([(112.3, 37.7), (112.7, 37.7)]),
    "corners": walk([(90.0, 400.0), (150.0, 400.0), (60.0, 400.0)]),
    "curve": curve(300.0, 120),
    "tight curve": curve(30.0, 170),
    "at the edge of a zone": curve(600.0, 40, lon=113.99, lat=39.9),
    "far north": curve(300.0, 60, lon=27.0, lat=68.0),
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", LINES)
def test_the_edge_lies_where_it_should_to_a_decimetre(name: str, side: Any) -> None:
    line = MeasuredLine(LINES[name])
    drawn = ZoneDrawer(line, NO_TRACKS).draw(zone(line, side=side))
    wrong, looked_at = count_wrong(line, drawn, side=side, margin_m=0.1)
    assert wrong == 0
    assert looked_at > 500
    assert drawn.is_valid
    assert drawn.geom_type == "Polygon"


@pytest.mark.parametrize("name", LINES)
def test_nothing_lies_on_the_other_side_or_further_out(name: str) -> None:
    line = MeasuredLine(LINES[name])
    sides = [ZoneDrawer(line, NO_TRACKS).draw(zone(line, side=side)) for side in SIDES]
    xy = shapely.get_coordinates(sides)
    assert line.locate_all(xy[:, 0], xy[:, 1]).offset_m.max() < REACH_M + 0.1
    assert shapely.intersection(*sides).area < 1e-6 * sides[0].area


def test_ends_are_flat_at_right_angles() -> None:
    line = MeasuredLine(walk([(90.0, 1000.0)]))
    drawn = ZoneDrawer(line, NO_TRACKS).draw(zone(line, from_m=100.0, to_m=900.0))
    assert compute_areas_m2(np.array([drawn]))[0] == pytest.approx(800.0 * REACH_M, rel=1e-3)
    whole = ZoneDrawer(line, NO_TRACKS).draw(zone(line))
    assert compute_areas_m2(np.array([whole]))[0] == pytest.approx(1000.0 * REACH_M, rel=1e-3)
    for at, inside in ((99.8, False), (100.2, True), (899.8, True), (900.2, False)):
        assert drawn.covers(shapely.Point(line.beside(at, side="left", offset_m=20.0))) is inside


def test_the_projections_scale_is_nothing_at_the_width_of_a_zone() -> None:
    """At the edge of a UTM zone a kilometre is off by 0.8 m, the width of a protection zone by 2 cm."""
    line = MeasuredLine(walk([(0.0, 500.0)], lon=8.999, lat=47.1))
    drawn = ZoneDrawer(line, NO_TRACKS).draw(zone(line))
    lon, lat = line.point_at(250.0)
    edge = shapely.intersection(drawn, shapely.LineString([(lon, lat), (lon - 0.001, lat)]))
    (a, b) = edge.coords
    assert GEOD.inv(*a, *b)[2] == pytest.approx(REACH_M, abs=0.02)


def test_a_station_is_as_wide_as_its_tracks() -> None:
    line = MeasuredLine(walk([(90.0, 2000.0)]))

    def beside(from_m: float, to_m: float, offset_m: float) -> shapely.LineString:
        return shapely.LineString([line.beside(at, side="left", offset_m=offset_m) for at in (from_m, to_m)])

    tracks = np.array([beside(800, 1200, 5), beside(850, 1150, 10), beside(900, 1100, 40), beside(0, 2000, 90)], object)
    drawer = ZoneDrawer(line, tracks)
    left, right = drawer.draw(zone(line)), drawer.draw(zone(line, side="right"))
    for at, reach in ((500, 25.0), (820, 30.0), (870, 35.0), (1000, 65.0), (1180, 30.0)):
        for off, inside in ((-0.2, True), (0.2, False)):
            place = shapely.Point(line.beside(at, side="left", offset_m=reach + off))
            assert left.covers(place) is inside, (at, off)
    assert compute_areas_m2(np.array([right]))[0] == pytest.approx(2000 * REACH_M, rel=1e-3)
    assert (left.geom_type, len(left.interiors)) == ("Polygon", 0)


def test_a_track_across_empty_ground_is_not_the_lines() -> None:
    line = MeasuredLine(walk([(90.0, 1000.0)]))
    far = shapely.LineString([line.beside(at, side="left", offset_m=59.0) for at in (300, 600)])
    drawn = ZoneDrawer(line, np.array([far], object)).draw(zone(line, width_m=8.0))
    assert drawn.geom_type == "Polygon"
    assert compute_areas_m2(np.array([drawn]))[0] == pytest.approx(1000 * 13.0, rel=1e-3)


def test_a_tunnel_has_no_ground() -> None:
    line = MeasuredLine(walk([(90.0, 1000.0)]))
    assert ZoneDrawer(line, NO_TRACKS).draw(zone(line, width_m=0.0, kind="tunnel")).is_empty


def test_strips_that_meet_at_a_corner_neither_gape_nor_overlap() -> None:
    line = MeasuredLine(LINES["corners"])
    drawer = ZoneDrawer(line, NO_TRACKS)
    for side in SIDES:
        whole = zone(line, side=side)
        parts = [replace(whole, to_m=400.0), replace(whole, from_m=400.0, to_m=600.0), replace(whole, from_m=600.0)]
        shapes = [drawer.draw(part) for part in parts]
        total = drawer.draw(whole)
        assert shapely.symmetric_difference(shapely.union_all(shapes), total).area < 1e-5 * total.area
        assert sum(shape.area for shape in shapes) == pytest.approx(total.area, rel=1e-5)


def test_structures_are_found_on_the_line_and_joined() -> None:
    line = MeasuredLine(walk([(90.0, 2000.0)]))
    pieces = [(200, 300, True, False, 0.0), (300, 400, True, False, 4.0), (700, 900, False, True, 0.0)]
    pieces += [(1200, 1300, False, True, 40.0), (0, 2000, False, False, 0.0)]
    rows = [
        {
            "bridge": bridge,
            "tunnel": tunnel,
            "geometry": shapely.LineString([line.beside(at, side="left", offset_m=off) for at in (low, high)]),
        }
        for low, high, bridge, tunnel, off in pieces
    ]
    found = find_structures(line, gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326"))
    assert [(s.kind, round(s.from_m), round(s.to_m)) for s in found] == [("bridge", 200, 400), ("tunnel", 700, 900)]
    assert isinstance(found[0], Structure)


def test_a_track_that_ends_is_rounded_off_and_the_lines_end_is_flat() -> None:
    line = MeasuredLine(walk([(90.0, 1000.0)]))
    siding = shapely.LineString([line.beside(at, side="left", offset_m=20.0) for at in (500, 1000)])
    drawn = ZoneDrawer(line, np.array([siding, line.geometry], object)).draw(zone(line))
    for at, offset, inside in ((480, 34.8, True), (480, 35.2, False), (600, 44.8, True)):
        assert drawn.covers(shapely.Point(line.beside(at, side="left", offset_m=offset))) is inside
    east = [GEOD.fwd(*line.beside(1000.0, side="left", offset_m=off), 90.0, 0.2)[:2] for off in (2.0, 15.0, 30.0)]
    assert not any(drawn.covers(shapely.Point(place)) for place in east)
