"""Which roads a drawn closure is about, on a block of streets 400 m apart."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.domain.crs import compute_lengths_m
from gridmap.domain.roads.closures import DrawnChange, RoadChanges, resolve_changes
from gridmap.domain.roads.graph import RoadNetwork, build_network

STEP = 0.004
"""Some 350 m to the east, 440 m to the north."""

NEAR = 1e-5
"""A metre."""

STREETS = {
    10: ((0, 0), (1, 0)),
    11: ((1, 0), (2, 0)),
    12: ((0, 1), (1, 1)),
    13: ((1, 1), (2, 1)),
    20: ((0, 0), (0, 1)),
    21: ((1, 0), (1, 1)),
    22: ((2, 0), (2, 1)),
}


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    corners = sorted({end for street in STREETS.values() for end in street})
    nodes = pd.DataFrame({"id": range(len(corners)), "osm_id": None})
    nodes["lon"], nodes["lat"] = [STEP * x for x, _ in corners], [STEP * y for _, y in corners]
    lines = [shapely.LineString([(STEP * x, STEP * y) for x, y in street]) for street in STREETS.values()]
    edges = gpd.GeoDataFrame(
        {
            "id": list(STREETS),
            "u": [corners.index(a) for a, _ in STREETS.values()],
            "v": [corners.index(b) for _, b in STREETS.values()],
            "road_class": "residential",
            "name": "",
            "speed_kmh": 30.0,
            "car_forward": True,
            "car_backward": True,
            "foot": True,
        },
        geometry=lines,
        crs="EPSG:4326",
    )
    edges["length_m"] = compute_lengths_m(edges.geometry.to_numpy())
    return build_network(nodes, edges)


@pytest.mark.parametrize(
    ("drawn", "closed"),
    [
        (shapely.Point(STEP / 2, 20 * NEAR), (10,)),
        (shapely.Point(STEP, 0), (10, 11, 21)),
        (shapely.LineString([(NEAR, 2 * NEAR), (2 * STEP, 3 * NEAR)]), (10, 11)),
        (shapely.LineString([(STEP / 2, -STEP), (STEP / 2, 2 * STEP)]), (10, 12)),
        (shapely.LineString([(STEP, -STEP), (STEP, 4 * NEAR)]), (10, 11, 21)),
        (shapely.box(STEP / 2, STEP / 2, 1.5 * STEP, 1.5 * STEP), (12, 13, 21)),
        (shapely.MultiPoint([(STEP / 2, 0), (1.5 * STEP, STEP)]), (10, 13)),
        (shapely.GeometryCollection([shapely.Point(0, STEP / 2), shapely.box(1, 1, 2, 2)]), (20,)),
    ],
)
def test_a_drawing_closes_the_roads_it_is_about(
    network: RoadNetwork, drawn: shapely.Geometry, closed: tuple[int, ...]
) -> None:
    found = resolve_changes(network, [DrawnChange("works", drawn)])
    assert (found.closed, found.slowed, found.unmatched) == (closed, (), ())


def test_the_lower_of_two_speeds_holds_and_a_closed_road_has_none(network: RoadNetwork) -> None:
    def along(x: float, kmh: float | None) -> DrawnChange:
        return DrawnChange(f"{kmh}", shapely.Point(x * STEP, 0), kmh)

    found = resolve_changes(network, [along(0.5, 20), along(0.5, 10), along(1.5, 5), along(1.5, None)])
    assert (found.closed, found.slowed) == ((11,), ((10, 10.0),))


def test_what_lies_away_from_every_road_is_named(network: RoadNetwork) -> None:
    away = shapely.Point(STEP / 2, STEP / 2)
    found = resolve_changes(network, [DrawnChange("quarry", away), DrawnChange("field", away.buffer(0.0005))])
    assert (found.closed, found.unmatched) == ((), ("quarry", "field"))


def test_what_is_over_lifts_what_it_was_about_alone() -> None:
    planned = RoadChanges((1, 2, 3), ((4, 20.0), (5, 30.0)), ("unmatched",))
    ended = RoadChanges((2, 9), ((5, 10.0),), ())
    assert planned.lift(ended) == RoadChanges((1, 3), ((4, 20.0),), ("unmatched",))
    # A road that was closed and is slow now is told by what stands.
    assert planned.lift(ended).join(RoadChanges((), ((2, 15.0),), ())).slowed == ((2, 15.0), (4, 20.0))
