"""The GraphML we write is a graph that osmnx reads back, one arc per permitted direction."""

from pathlib import Path

import geopandas as gpd
import osmnx
import pandas as pd
import pytest
import shapely

from gridmap.sources.dataset import WGS84
from gridmap.sources.graphml import write_graphml


def test_osmnx_reads_what_we_write(tmp_path: Path) -> None:
    nodes = pd.DataFrame({"lon": [9.5, 9.51, 9.52], "lat": [47.1, 47.1, 47.1]}, index=[7, 8, 9])
    edges = gpd.GeoDataFrame(
        {
            "u": [7, 8],
            "v": [8, 9],
            "way_id": [100, 101],
            "road_class": ["primary", "path"],
            "name": ["Main street", ""],
            "length_m": [750.0, 760.0],
            "speed_kmh": [50.0, 5.0],
            "car_forward": [True, False],
            "car_backward": [False, False],
            "foot": [False, True],
        },
        geometry=[shapely.LineString([(9.5, 47.1), (9.51, 47.1)]), shapely.LineString([(9.51, 47.1), (9.52, 47.1)])],
        crs=WGS84,
    )
    target = tmp_path / "roads.graphml"
    write_graphml(target, nodes=nodes, edges=edges)
    graph = osmnx.load_graphml(target)
    assert sorted((u, v) for u, v in graph.edges()) == [(7, 8), (8, 9), (9, 8)]
    arc = graph.edges[7, 8, 0]
    assert (arc["length"], arc["highway"], arc["oneway"]) == (750.0, "primary", True)
    assert arc["travel_time"] == pytest.approx(54.0)
    assert next(iter(graph.edges[9, 8, 0]["geometry"].coords)) == (9.52, 47.1)
