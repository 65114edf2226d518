"""The road engine on a generated town of 90,000 directed edges: matrix, closure and single ways.

The peer is pandana, which contracts the same graph and asks it for the same pairs in the same run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.domain.crs import compute_lengths_m
from gridmap.domain.roads.graph import RoadNetwork, build_network
from gridmap.domain.roads.matrices import build_matrix
from gridmap.domain.roads.routes import Router
from gridmap.domain.roads.snapping import snap_all
from gridmap.domain.roads.speeds import Mode
from gridmap.domain.roads.warming import compile_engine

SIDE = 150
"""Junctions to a side: 22,500, and 89,400 directed edges."""

PLACES = 500
PAIRS = 500
CLOSURES = 30
LARGEST_MATRIX_RATIO = 0.5
LARGEST_CLOSURE_S = 0.150
LARGEST_MEDIAN_S = 0.001


def build_town(seed: int = 1) -> RoadNetwork:
    """A shaken grid with streets of three kinds, every one open both ways."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    lon = 112.5 + 0.002 * (x.ravel() + rng.uniform(-0.3, 0.3, x.size))
    lat = 37.8 + 0.0016 * (y.ravel() + rng.uniform(-0.3, 0.3, y.size))
    node = np.arange(x.size).reshape(SIDE, SIDE)
    u = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    v = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    line = np.concatenate([np.repeat(np.arange(SIDE), SIDE - 1), np.tile(np.arange(SIDE), SIDE - 1)])
    kind = np.where(line % 25 == 0, "primary", np.where(line % 5 == 0, "tertiary", "residential"))
    ends = np.stack([np.column_stack([lon[u], lat[u]]), np.column_stack([lon[v], lat[v]])], axis=1)
    geometry = shapely.linestrings(ends)
    edges = gpd.GeoDataFrame(
        {
            "id": np.arange(len(u)),
            "u": u,
            "v": v,
            "length_m": compute_lengths_m(geometry),
            "road_class": kind.astype(object),
            "name": "",
            "speed_kmh": pd.Series(kind).map({"primary": 70.0, "tertiary": 50.0, "residential": 30.0}),
            "car_forward": True,
            "car_backward": True,
            "foot": True,
        },
        geometry=geometry,
        crs="EPSG:4326",
    )
    return build_network(pd.DataFrame({"id": np.arange(x.size), "osm_id": None, "lon": lon, "lat": lat}), edges)


@pytest.fixture(scope="module")
def town() -> RoadNetwork:
    compile_engine()
    return build_town()


def draw_nodes(network: RoadNetwork, count: int, *, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).choice(network.node_count, count, replace=False)


def measure(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@pytest.mark.bench
def test_a_matrix_and_its_closures(town: RoadNetwork) -> None:
    pandana = pytest.importorskip("pandana", reason="the peer is not installed")
    nodes = draw_nodes(town, PLACES)
    places = list(zip(town.lon[nodes].tolist(), town.lat[nodes].tolist(), strict=True))
    ahead, back = town.seconds(Mode.CAR)

    def ask_peer() -> np.ndarray:
        tail, head = np.concatenate([town.u, town.v]), np.concatenate([town.v, town.u])
        weight = pd.DataFrame({"s": np.concatenate([ahead, back])})
        peer = pandana.Network(
            pd.Series(town.lon), pd.Series(town.lat), pd.Series(tail), pd.Series(head), weight, twoway=False
        )
        return np.array(peer.shortest_path_lengths(np.repeat(nodes, PLACES), np.tile(nodes, PLACES)))

    def ask_ours() -> np.ndarray:
        fresh = build_town_graph(town)
        return build_matrix(fresh, places).seconds

    build_matrix(town, places[:3])
    our_s, peer_s = [], []
    for _ in range(3):
        peer_s.append(measure(ask_peer))
        our_s.append(measure(ask_ours))
    # pandana counts in thousandths of what it is given.
    np.testing.assert_allclose(ask_ours(), ask_peer().reshape(PLACES, PLACES), atol=0.5)
    ratio = min(our_s) / min(peer_s)
    matrix = build_matrix(town, places)
    matrix.close_edges([0])
    print(
        f"\n{PLACES} x {PLACES} on {2 * town.edge_count} directed edges: ours {min(our_s):.2f} s, "
        f"pandana {min(peer_s):.2f} s, ratio {ratio:.2f}"
    )
    rng = np.random.default_rng(2)
    drawn = {
        "any road": rng.choice(town.edge_count, CLOSURES, replace=False),
        "roads by their traffic": rng.choice(list_driven(town, places), CLOSURES),
    }
    for name, edges in drawn.items():
        closing_s = [measure(lambda edge=edge: matrix.close_edges([edge])) for edge in edges.tolist()]  # type: ignore[misc]
        median, high, most = (1e3 * np.quantile(closing_s, share) for share in (0.5, 0.95, 1.0))
        print(f"one closure, {name}: {median:.0f} ms median, {high:.0f} ms 95 %, {most:.0f} ms at most")
        assert most <= 1e3 * LARGEST_CLOSURE_S
    assert ratio <= LARGEST_MATRIX_RATIO


def list_driven(town: RoadNetwork, places: list[tuple[float, float]]) -> np.ndarray:
    """The edges of ways between neighbours in a list of places, each as often as it is run."""
    router, spots = Router(town, Mode.CAR), snap_all(town, places, mode=Mode.CAR)
    paths = [router.find(a, b) for a, b in pairwise(spots) if a is not None and b is not None]
    return np.concatenate([path.edge for path in paths if path is not None])


def build_town_graph(town: RoadNetwork) -> RoadNetwork:
    """The same network with nothing kept from earlier searches but the index that places are snapped by."""
    fresh = replace(town)
    fresh.__dict__["plane"] = town.plane
    fresh._usable_lines[Mode.CAR] = town.usable_lines(Mode.CAR)
    return fresh


@pytest.mark.bench
def test_one_way_with_its_path(town: RoadNetwork) -> None:
    nodes = draw_nodes(town, 2 * PAIRS, seed=3)
    places = list(zip(town.lon[nodes].tolist(), town.lat[nodes].tolist(), strict=True))
    spots = snap_all(town, places, mode=Mode.CAR)
    router = Router(town, Mode.CAR)
    taken_s = []
    for start, end in zip(spots[::2], spots[1::2], strict=True):
        assert start is not None
        assert end is not None
        began = time.perf_counter()
        path = router.find(start, end)
        taken_s.append(time.perf_counter() - began)
        assert path is not None
        assert len(path.edge)
    print(f"\none way on {2 * town.edge_count} directed edges: {np.median(taken_s) * 1e3:.3f} ms median")
    assert np.median(taken_s) <= LARGEST_MEDIAN_S
