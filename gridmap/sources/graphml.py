"""Road graphs for users of osmnx: our network written as the GraphML that `osmnx.load_graphml` reads."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from gridmap.sources.dataset import WGS84


def write_graphml(path: Path, *, nodes: pd.DataFrame, edges: gpd.GeoDataFrame) -> None:
    """Write the drivable and walkable network as an osmnx multi-digraph.

    Parameters
    ----------
    path
        File to write.
    nodes
        Columns `lon`, `lat` (degrees), indexed by node id.
    edges
        `dataset.ROAD_EDGE_COLUMNS` with `u` and `v` as node ids and geometry in WGS-84 from u to v. An edge becomes one
        arc per direction that a car or a walker may take, with osmnx's attributes `length` (m), `highway`,
        `speed_kph`, `travel_time` (s), `oneway`, `reversed`.
    """
    # Imported here: osmnx brings matplotlib, and only this export needs either.
    import osmnx

    graph_nodes = gpd.GeoDataFrame(
        {"x": nodes["lon"], "y": nodes["lat"]},
        geometry=gpd.points_from_xy(nodes["lon"], nodes["lat"]),
        crs=WGS84,
    )
    forward = edges[edges["car_forward"] | edges["foot"]]
    backward = edges[edges["car_backward"] | edges["foot"]]
    arcs = pd.concat([_build_arcs(forward, reverse=False), _build_arcs(backward, reverse=True)], ignore_index=True)
    arcs["key"] = arcs.groupby(["u", "v"]).cumcount()
    graph_edges = gpd.GeoDataFrame(arcs.set_index(["u", "v", "key"]), geometry="geometry", crs=WGS84)
    graph = osmnx.convert.graph_from_gdfs(graph_nodes, graph_edges)
    osmnx.io.save_graphml(graph, path)


def _build_arcs(edges: gpd.GeoDataFrame, *, reverse: bool) -> pd.DataFrame:
    tail, head = ("v", "u") if reverse else ("u", "v")
    return pd.DataFrame(
        {
            "u": edges[tail].to_numpy(),
            "v": edges[head].to_numpy(),
            "osmid": edges["way_id"].to_numpy(),
            "highway": edges["road_class"].to_numpy(),
            "name": edges["name"].to_numpy(),
            "length": edges["length_m"].to_numpy(),
            "speed_kph": edges["speed_kmh"].to_numpy(),
            "travel_time": edges["length_m"].to_numpy() / (edges["speed_kmh"].to_numpy() / 3.6),
            "oneway": (edges["car_forward"] ^ edges["car_backward"]).to_numpy(),
            "reversed": reverse,
            "geometry": edges.geometry.reverse().to_numpy() if reverse else edges.geometry.to_numpy(),
        }
    )
