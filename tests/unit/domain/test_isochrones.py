"""From where a place is reached in time, on streets small enough to reckon by hand."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.domain.crs import GEOD, to_metric
from gridmap.domain.roads.graph import RoadNetwork, build_network
from gridmap.domain.roads.isochrones import ReachBand, Stretches, compute_reach, find_reaching_stretches
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

WEST, SOUTH = 112.5, 37.8
KMH = 36.0
"""Ten metres a second."""

BOTH, AHEAD, BACK = (True, True), (True, False), (False, True)


def build_streets(
    places_m: Sequence[tuple[float, float]], streets: Sequence[tuple[int, int, tuple[bool, bool]]]
) -> RoadNetwork:
    """Streets between places given in metres east and north of one corner; whether a car may run them each way."""
    lon, lat, _ = GEOD.fwd(
        [WEST] * len(places_m),
        [SOUTH] * len(places_m),
        [np.degrees(np.arctan2(x, y)) for x, y in places_m],
        [float(np.hypot(x, y)) for x, y in places_m],
    )
    nodes = pd.DataFrame({"id": range(len(places_m)), "osm_id": None, "lon": lon, "lat": lat})
    edges = gpd.GeoDataFrame(
        {
            "id": range(len(streets)),
            "u": [u for u, _, _ in streets],
            "v": [v for _, v, _ in streets],
            "length_m": [float(np.hypot(*np.subtract(places_m[u], places_m[v]))) for u, v, _ in streets],
            "road_class": "residential",
            "name": "",
            "speed_kmh": KMH,
            "car_forward": [ahead for _, _, (ahead, _) in streets],
            "car_backward": [back for _, _, (_, back) in streets],
            "foot": True,
        },
        geometry=[shapely.LineString([(lon[u], lat[u]), (lon[v], lat[v])]) for u, v, _ in streets],
        crs="EPSG:4326",
    )
    return build_network(nodes, edges)


def find(network: RoadNetwork, spot: Spot, limit_s: float, mode: Mode = Mode.CAR) -> list[tuple[int, float, float]]:
    """Stretches as (edge, low, high) in order, rounded to a millionth."""
    (found,) = find_reaching_stretches(network, spot, limits_s=[limit_s], mode=mode)
    return list_stretches(found)


def list_stretches(found: Stretches) -> list[tuple[int, float, float]]:
    rows = zip(found.edge.tolist(), found.low.round(6).tolist(), found.high.round(6).tolist(), strict=True)
    return sorted(row for row in rows if row[1] < row[2])


def measure_sides(network: RoadNetwork, band: ReachBand) -> list[float]:
    """Metres across and along the narrowest box around a band."""
    box = shapely.minimum_rotated_rectangle(to_metric(np.array([band.area_wgs84]), network.plane.crs)[0])
    corners = shapely.get_coordinates(box)
    return sorted(float(np.hypot(*(corners[i + 1] - corners[i]))) for i in (0, 1))


def test_a_street_is_cut_where_the_time_is_up() -> None:
    network = build_streets([(0, 0), (10_000, 0)], [(0, 1, BOTH)])
    assert find(network, Spot(0, 0.5), 300) == [(0, 0.2, 0.5), (0, 0.5, 0.8)]
    assert find(network, Spot(0, 0.9), 300) == [(0, 0.6, 0.9), (0, 0.9, 1.0)]


@pytest.mark.parametrize(("open_", "stretch"), [(AHEAD, (0, 0.2, 0.5)), (BACK, (0, 0.5, 0.8))])
def test_a_one_way_street_counts_towards_the_place(open_: tuple[bool, bool], stretch: tuple[int, float, float]) -> None:
    network = build_streets([(0, 0), (10_000, 0)], [(0, 1, open_)])
    assert find(network, Spot(0, 0.5), 300) == [stretch]


def test_people_on_foot_are_free_in_both_directions() -> None:
    network = build_streets([(0, 0), (1_000, 0)], [(0, 1, AHEAD)])
    # 4.5 km/h are 75 m a minute.
    assert find(network, Spot(0, 0.5), 120, Mode.FOOT) == [(0, 0.35, 0.5), (0, 0.5, 0.65)]


def test_the_time_runs_on_over_junctions_and_bends() -> None:
    places = [(0, 0), (1_000, 0), (2_000, 0), (2_000, 3_000), (1_000, -2_000)]
    streets = [(0, 1, BOTH), (2, 1, BOTH), (3, 2, BOTH), (4, 1, AHEAD)]
    network = build_streets(places, streets)
    # 500 m to the junction, 1,000 m on to the bend, and the rest of 2,500 m beyond it; up the side street as well.
    assert find(network, Spot(0, 0.5), 250) == [
        (0, 0.0, 0.5),
        (0, 0.5, 1.0),
        (1, 0.0, 1.0),
        (2, 0.666667, 1.0),
        (3, 0.0, 1.0),
    ]


def test_a_ring_is_reached_from_both_sides_and_its_far_side_from_neither() -> None:
    corners = [(0, 0), (1_000, 0), (1_000, 1_000), (0, 1_000)]
    network = build_streets(corners, [(0, 1, BOTH), (1, 2, BOTH), (2, 3, BOTH), (3, 0, BOTH)])
    assert find(network, Spot(0, 0.5), 180) == [
        (0, 0.0, 0.5),
        (0, 0.5, 1.0),
        (1, 0.0, 1.0),
        (2, 0.0, 0.3),
        (2, 0.7, 1.0),
        (3, 0.0, 1.0),
    ]
    assert (2, 0.0, 1.0) in find(network, Spot(0, 0.5), 200)


def test_a_one_way_ring_leads_once_round() -> None:
    corners = [(0, 0), (1_000, 0), (1_000, 1_000), (0, 1_000)]
    network = build_streets(corners, [(0, 1, AHEAD), (1, 2, AHEAD), (2, 3, AHEAD), (3, 0, AHEAD)])
    # Just behind the place one has almost all of the ring ahead.
    assert find(network, Spot(0, 0.5), 200) == [(0, 0.0, 0.5), (2, 0.5, 1.0), (3, 0.0, 1.0)]
    assert find(network, Spot(0, 0.5), 390)[:2] == [(0, 0.0, 0.5), (0, 0.6, 1.0)]


def test_a_place_at_a_junction() -> None:
    network = build_streets(
        [(0, 0), (1_000, 0), (2_000, 0), (1_000, 1_000)], [(0, 1, BOTH), (1, 2, AHEAD), (3, 1, BOTH)]
    )
    assert find(network, Spot(0, 1.0), 50) == [(0, 0.5, 1.0), (2, 0.5, 1.0)]


def test_the_area_ends_a_strip_beyond_the_cut() -> None:
    network = build_streets([(0, 0), (10_000, 0)], [(0, 1, BOTH)])
    bands = compute_reach(network, Spot(0, 0.5), limits_s=[60, 300], mode=Mode.CAR)
    assert [band.limit_s for band in bands] == [60, 300]
    # The scale of the working plane differs from the ground's by less than a thousandth.
    assert measure_sides(network, bands[0]) == [pytest.approx(120, abs=20), pytest.approx(1_200 + 120, abs=25)]
    assert measure_sides(network, bands[1]) == [pytest.approx(120, abs=20), pytest.approx(6_000 + 120, abs=25)]
    assert bands[1].area_wgs84.buffer(1e-9).covers(bands[0].area_wgs84)


def test_where_no_road_leads_in_only_the_place_itself_is_reached() -> None:
    network = build_streets([(0, 0), (1_000, 0), (2_000, 0)], [(0, 1, AHEAD), (1, 2, AHEAD)])
    (band,) = compute_reach(network, Spot(0, 0.0), limits_s=[300], mode=Mode.CAR)
    assert measure_sides(network, band) == [pytest.approx(120, abs=15), pytest.approx(120, abs=15)]


def test_small_gaps_are_filled_and_large_ones_stay() -> None:
    def ring(side_m: float) -> RoadNetwork:
        corners = [(0, 0), (side_m, 0), (side_m, side_m), (0, side_m)]
        return build_streets(corners, [(0, 1, BOTH), (1, 2, BOTH), (2, 3, BOTH), (3, 0, BOTH)])

    def gaps(side_m: float) -> int:
        (band,) = compute_reach(ring(side_m), Spot(0, 0.5), limits_s=[900], mode=Mode.CAR)
        return sum(len(part.interiors) for part in band.area_wgs84.geoms)

    assert gaps(300) == 0
    assert gaps(1_000) == 1
