"""The road graph: junctions, clipped ways, loops, lengths."""

from __future__ import annotations

import pytest
import shapely

from gridmap.domain.crs import compute_lengths_m
from gridmap.sources.osm_roads import build_roads
from gridmap.sources.reconciliation import Tally


def _read(drawing):
    tally = Tally()
    return build_roads(drawing.read().ways, tally=tally), tally


def test_ways_are_split_where_they_meet_and_nowhere_else(drawing):
    a, b, c, d, e = drawing.nodes((0, 0), (100, 0), (200, 0), (300, 0), (200, 100))
    drawing.way([a, b, c, d], highway="primary", name="Long Street")
    drawing.way([c, e], highway="service")
    roads, tally = _read(drawing)
    assert len(roads.nodes) == 4
    assert sorted(roads.edges["way_id"]) == [1, 1, 2]
    assert list(roads.nodes["osm_id"]) == [a, c, d, e]
    assert (tally.read, tally.accepted) == (2, 2)


def test_ways_that_cross_on_a_bridge_are_not_joined(drawing):
    drawing.way(drawing.nodes((0, 0), (100, 0)), highway="primary")
    drawing.way(drawing.nodes((50, -50), (50, 50)), highway="primary", bridge="yes", layer="1")
    roads, _ = _read(drawing)
    assert len(roads.edges) == 2
    assert list(roads.edges["bridge"]) == [False, True]


def test_a_way_nobody_may_use_makes_no_junction(drawing):
    a, b, c, d = drawing.nodes((0, 0), (100, 0), (200, 0), (100, 100))
    drawing.way([a, b, c], highway="primary")
    drawing.way([b, d], highway="service", access="no")
    drawing.way([b, d], highway="construction")
    roads, tally = _read(drawing)
    assert len(roads.edges) == 1
    assert [item["id"] for item in tally.rejected] == ["way/2", "way/3"]


def test_a_clipped_way_keeps_its_runs(drawing):
    nodes = drawing.nodes(*((100.0 * i, 0.0) for i in range(7)))
    drawing.way(nodes, highway="primary")
    drawing.lose(nodes[2], nodes[4])
    roads, tally = _read(drawing)
    assert list(zip(*(roads.nodes["osm_id"].to_numpy()[roads.edges[end]] for end in "uv"), strict=True)) == [
        (nodes[0], nodes[1]),
        (nodes[5], nodes[6]),
    ]
    assert (tally.accepted, tally.repaired, len(tally.rejected)) == (0, 1, 0)


def test_a_way_with_no_two_nodes_in_a_row_is_refused(drawing):
    nodes = drawing.nodes((0, 0), (100, 0), (200, 0))
    drawing.way(nodes, highway="primary")
    drawing.lose(nodes[1])
    roads, tally = _read(drawing)
    assert roads.edges.empty
    assert roads.nodes.empty
    assert tally.rejected == [{"id": "way/1", "reason": "Nodes of it are not in the file."}]


def test_loops_are_kept_and_repeated_nodes_are_not_junctions(drawing):
    a, b, c, d = drawing.nodes((0, 0), (100, 0), (100, 100), (0, 100))
    drawing.way([a, b, b, c, d, a], highway="residential")
    roads, _ = _read(drawing)
    assert len(roads.edges) == 1
    edge = roads.edges.iloc[0]
    assert edge.u == edge.v
    assert edge.length_m == pytest.approx(400, rel=0.01)


def test_lengths_run_along_the_ellipsoid_and_geometry_from_u_to_v(drawing):
    a, b, c = drawing.nodes((0, 0), (500, 500), (1000, 0))
    drawing.way([a, b, c], highway="track", tunnel="building_passage")
    roads, _ = _read(drawing)
    edge = roads.edges.iloc[0]
    assert edge.length_m == pytest.approx(compute_lengths_m(roads.edges.geometry.to_numpy())[0])
    start = roads.nodes.iloc[edge.u]
    assert shapely.Point(edge.geometry.coords[0]).equals(shapely.Point(start.lon, start.lat))
    assert not edge.tunnel
