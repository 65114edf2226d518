"""The road engine, and the matching of tracks that stands on it, made ready before anybody waits for them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.crs import FloatArray
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.roads.graph import RoadNetwork, build_network
from gridmap.domain.roads.isochrones import compute_reach
from gridmap.domain.roads.matrices import build_matrix
from gridmap.domain.roads.routes import compute_travel_times, find_route
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode
from gridmap.domain.tracking.matching import match_track
from gridmap.domain.tracking.track import Track

_STEP_DEG = 0.001
_FIXES = 30


def compile_engine() -> None:
    """Compile every kernel of both by using them on a block of streets: 20 s the first time, 0.6 s after."""
    network = _build_block(side=4)
    corner = (3 * _STEP_DEG, 3 * _STEP_DEG)
    find_route(network, (0.0, 0.0), corner)
    compute_travel_times(network, [(0.0, 0.0)], [corner])
    build_matrix(network, [(0.0, 0.0), corner]).close_edges([0])
    compute_reach(network, Spot(0, 0.5), limits_s=[30.0], mode=Mode.CAR)
    _walk_along_a_street(network)


def _walk_along_a_street(network: RoadNetwork) -> None:
    """Match a track beside a railway that lies on a street."""
    line = MeasuredLine(shapely.LineString([(0.0, 0.0), (3 * _STEP_DEG, 0.0)]), start_m=0.0)
    at: FloatArray = 10.0 * np.arange(_FIXES, dtype=np.float64)
    lon: FloatArray = 1e-5 * at
    unknown = np.full(_FIXES, np.nan)
    track = Track(lon, np.full(_FIXES, 1e-4), at, unknown, unknown)
    match_track(track, lines={1: line}, network=network)


def _build_block(*, side: int) -> RoadNetwork:
    """A square of streets, `side` junctions wide."""
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
    return build_network(nodes, edges)
