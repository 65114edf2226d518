"""Why roads are out of reach: islands, one-way traps, signs and footways on a network drawn by hand."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.domain.roads.diagnosis import Obstacle, diagnose
from gridmap.domain.roads.graph import RoadNetwork, build_network
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

BOTH, AHEAD, NONE = (True, True), (True, False), (False, False)
STREETS = [
    ("main", 0, 1, BOTH, "residential"),
    ("main", 1, 2, BOTH, "residential"),
    ("main", 2, 0, BOTH, "residential"),
    ("trap", 1, 3, AHEAD, "service"),
    ("source", 4, 2, AHEAD, "service"),
    ("island", 5, 6, BOTH, "track"),
    ("gated", 0, 7, NONE, "track"),
    ("stairs", 0, 8, NONE, "steps"),
    ("main", 0, 9, BOTH, "residential"),
]


@pytest.fixture
def network() -> RoadNetwork:
    places = [(0.001 * (i % 3), 0.001 * (i // 3)) for i in range(10)]
    edges = gpd.GeoDataFrame(
        {
            "id": range(len(STREETS)),
            "u": [u for _, u, _, _, _ in STREETS],
            "v": [v for _, _, v, _, _ in STREETS],
            "length_m": 100.0,
            "road_class": [kind for *_, kind in STREETS],
            "name": [name for name, *_ in STREETS],
            "speed_kmh": 30.0,
            "car_forward": [use[0] for _, _, _, use, _ in STREETS],
            "car_backward": [use[1] for _, _, _, use, _ in STREETS],
            "foot": True,
        },
        geometry=[shapely.LineString([places[u], places[v]]) for _, u, v, _, _ in STREETS],
        crs="EPSG:4326",
    )
    nodes = pd.DataFrame(
        {"id": range(10), "osm_id": None, "lon": [x for x, _ in places], "lat": [y for _, y in places]}
    )
    return build_network(nodes, edges)


def test_every_road_out_of_reach_has_its_reason(network: RoadNetwork) -> None:
    found = diagnose(network, mode=Mode.CAR)
    assert network.name[found.reached].tolist() == ["main"] * 4
    assert {kind: network.name[edges].tolist() for kind, edges in found.out_of_reach.items()} == {
        Obstacle.NO_WAY_IN: ["source"],
        Obstacle.NO_WAY_OUT: ["trap"],
        Obstacle.ISLAND: ["island"],
        Obstacle.NO_ACCESS: ["gated"],
        Obstacle.ON_FOOT_ONLY: ["stairs"],
    }


def test_a_post_on_an_island_reaches_only_that(network: RoadNetwork) -> None:
    found = diagnose(network, mode=Mode.CAR, spot=Spot(5, 0.5))
    assert network.name[found.reached].tolist() == ["island"]
    assert network.name[found.out_of_reach[Obstacle.ISLAND]].tolist() == ["main"] * 3 + ["trap", "source", "main"]


def test_who_walks_is_kept_out_by_nothing_but_distance(network: RoadNetwork) -> None:
    found = diagnose(network, mode=Mode.FOOT)
    assert list(found.out_of_reach) == [Obstacle.ISLAND]
    assert len(found.reached) == len(STREETS) - 1


def test_a_closure_cuts_off_what_lies_behind_it(network: RoadNetwork) -> None:
    found = diagnose(network.close_edges([0, 2]), mode=Mode.CAR, spot=Spot(1, 0.5))
    assert found.out_of_reach[Obstacle.CLOSED].tolist() == [0, 2]
    assert found.out_of_reach[Obstacle.NO_ACCESS].tolist() == [6]
    assert np.flatnonzero(network.name == "trap")[0] in found.out_of_reach[Obstacle.NO_WAY_OUT]
    # The last stretch hangs on the junction between the two that are closed.
    assert found.out_of_reach[Obstacle.CUT_OFF].tolist() == [8]
    slowed = diagnose(network.slow_edges({0: 5.0}), mode=Mode.CAR, spot=Spot(1, 0.5))
    assert not {Obstacle.CLOSED, Obstacle.CUT_OFF} & set(slowed.out_of_reach)


def test_a_road_that_is_closed_for_walkers_is_named_for_them(network: RoadNetwork) -> None:
    road = network.foot.copy()
    road[1] = False
    found = diagnose(replace(network, foot=road), mode=Mode.FOOT)
    assert found.out_of_reach[Obstacle.NO_WALKING].tolist() == [1]
