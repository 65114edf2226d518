"""The road engine made ready before anybody waits for it."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.domain.roads.graph import build_network
from gridmap.domain.roads.routes import compute_travel_times, find_route

_STEP_DEG = 0.001


def compile_engine() -> None:
    """Compile every kernel of the road engine by using it on a block of streets: 3 s the first time, 0.1 s after."""
    side = 4
    rows = [(row, column) for row in range(side) for column in range(side)]
    places = [(column * _STEP_DEG, row * _STEP_DEG) for row, column in rows]
    pairs = [(a, a + 1) for a, (_, column) in enumerate(rows) if column + 1 < side]
    pairs += [(a, a + side) for a, (row, _) in enumerate(rows) if row + 1 < side]
    nodes = pd.DataFrame({"id": range(len(rows)), "osm_id": None, "lon": [x for x, _ in places]})
    nodes["lat"] = [y for _, y in places]
    edges = gpd.GeoDataFrame(
        {
            "id": range(len(pairs)),
            "u": [a for a, _ in pairs],
            "v": [b for _, b in pairs],
            "length_m": 100.0,
            "road_class": "residential",
            "name": "",
            "speed_kmh": 30.0,
            "car_forward": True,
            "car_backward": True,
            "foot": True,
        },
        geometry=[shapely.LineString([places[a], places[b]]) for a, b in pairs],
        crs="EPSG:4326",
    )
    network = build_network(nodes, edges)
    find_route(network, places[0], places[-1])
    compute_travel_times(network, places[:1], places[-1:])
