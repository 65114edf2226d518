"""What holds on every road network: our paths are as short as scipy's, and are paths."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra

from gridmap.domain.roads.components import find_edge_components
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.isochrones import Stretches, compute_reach, find_reaching_stretches
from gridmap.domain.roads.routes import RoadPath, Router, compute_times
from gridmap.domain.roads.snapping import Spot, snap, snap_all, spot_at_node
from gridmap.domain.roads.speeds import Mode
from tests.worlds import LAT, LON, build_world

MODES = st.sampled_from(list(Mode))
SEEDS = st.integers(0, 10_000)


def peer_times(network: RoadNetwork, mode: Mode) -> np.ndarray:
    """All-pairs seconds by scipy on the uncontracted network."""
    ahead, back = network.seconds(mode)
    tail = np.concatenate([network.u, network.v])
    head = np.concatenate([network.v, network.u])
    cost = np.concatenate([ahead, back])
    best: dict[tuple[int, int], float] = {}
    for t, h, c in zip(tail.tolist(), head.tolist(), cost.tolist(), strict=True):
        if np.isfinite(c):
            best[t, h] = min(c, best.get((t, h), np.inf))
    rows, columns = zip(*best, strict=True)
    shape = (network.node_count, network.node_count)
    return dijkstra(csr_matrix(coo_matrix((list(best.values()), (rows, columns)), shape=shape)))


def measure(network: RoadNetwork, path: RoadPath, mode: Mode) -> float:
    """Seconds of a path, step by step, after checking that each step may be run and joins the one before."""
    ahead, back = network.seconds(mode)
    total = 0.0
    at: tuple[str, float, float] | None = None
    for step in path.steps:
        begin, end = place_of(network, step.edge, step.start), place_of(network, step.edge, step.end)
        assert at is None or at == begin
        total += abs(step.end - step.start) * (ahead if step.end > step.start else back)[step.edge]
        at = end
    return total


def place_of(network: RoadNetwork, edge: int, share: float) -> tuple[str, float, float]:
    if share == 0.0:
        return ("node", float(network.u[edge]), 0.0)
    if share == 1.0:
        return ("node", float(network.v[edge]), 0.0)
    return ("edge", float(edge), share)


def locate(network: RoadNetwork, spot: Spot) -> shapely.Point:
    """Where a spot lies in the working plane."""
    return shapely.line_interpolate_point(network.plane.lines[spot.edge], spot.share, normalized=True)


@settings(max_examples=25, deadline=None)
@given(SEEDS, MODES)
def test_node_to_node_equals_scipy(seed: int, mode: Mode) -> None:
    network = build_world(seed)
    expected = peer_times(network, mode)
    spots = [spot_at_node(network, node, mode=mode) for node in range(network.node_count)]
    seconds, metres = compute_times(network, spots, spots, mode=mode)
    usable = np.array([spot is not None for spot in spots])
    np.testing.assert_allclose(seconds[np.ix_(usable, usable)], expected[np.ix_(usable, usable)], rtol=1e-9, atol=1e-6)
    assert np.isinf(seconds[~usable]).all()
    assert (np.isfinite(metres) == np.isfinite(seconds)).all()


@settings(max_examples=25, deadline=None)
@given(SEEDS, MODES, st.data())
def test_paths_are_connected_and_add_up(seed: int, mode: Mode, data: st.DataObject) -> None:
    network = build_world(seed)
    usable = np.flatnonzero(network.mode_graph(mode).edge_chain >= 0)
    router = Router(network, mode)
    shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.01, 0.99))
    spots = [Spot(int(usable[data.draw(st.integers(0, len(usable) - 1))]), data.draw(shares)) for _ in range(6)]
    seconds, metres = compute_times(network, spots, spots, mode=mode)
    for row, start in enumerate(spots):
        for column, end in enumerate(spots):
            path = router.find(start, end)
            if path is None:
                assert np.isinf(seconds[row, column])
                continue
            assert path.seconds == pytest.approx(seconds[row, column], rel=1e-9, abs=1e-6)
            assert measure(network, path, mode) == pytest.approx(path.seconds, rel=1e-9, abs=1e-6)
            assert path.metres == pytest.approx(metres[row, column], rel=1e-9, abs=1e-6)
            if path.steps:
                assert place_of(network, path.steps[0].edge, path.steps[0].start) == place_of(
                    network, start.edge, start.share
                )
                assert place_of(network, path.steps[-1].edge, path.steps[-1].end) == place_of(
                    network, end.edge, end.share
                )


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.data())
def test_a_closed_edge_is_never_run(seed: int, data: st.DataObject) -> None:
    network = build_world(seed)
    closed = data.draw(st.integers(0, network.edge_count - 1))
    shut = network.close_edges([int(network.edge_id[closed])])
    usable = np.flatnonzero(shut.mode_graph(Mode.CAR).edge_chain >= 0)
    router = Router(shut, Mode.CAR)
    ends = data.draw(st.lists(st.sampled_from(usable.tolist()), min_size=2, max_size=2))
    path = router.find(Spot(ends[0], 0.5), Spot(ends[1], 0.5))
    assert path is None or closed not in {step.edge for step in path.steps}


@settings(max_examples=25, deadline=None)
@given(SEEDS, MODES, st.data())
def test_closures_and_slow_roads_are_as_if_the_network_had_been_built_so(
    seed: int, mode: Mode, data: st.DataObject
) -> None:
    network = build_world(seed)
    edges = st.sampled_from(network.edge_id.tolist())
    closed = data.draw(st.lists(edges, max_size=8, unique=True))
    slowed = data.draw(st.dictionaries(edges, st.floats(2.0, 30.0), max_size=5))
    changed = network.slow_edges(slowed).close_edges(closed)
    built = replace(changed, base=None)
    usable = np.flatnonzero(built.mode_graph(mode).usable)
    assert np.flatnonzero(changed.mode_graph(mode).usable).tolist() == usable.tolist()
    shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.01, 0.99))
    spots = [Spot(data.draw(st.sampled_from(usable.tolist())), data.draw(shares)) for _ in range(8)]
    seconds, metres = compute_times(changed, spots, spots, mode=mode)
    expected_s, _ = compute_times(built, spots, spots, mode=mode)
    np.testing.assert_allclose(seconds, expected_s, rtol=1e-9, atol=1e-6)
    router = Router(changed, mode)
    for row, start in enumerate(spots):
        for column, end in enumerate(spots):
            path = router.find(start, end)
            assert (path is None) == bool(np.isinf(seconds[row, column]))
            if path is not None:
                assert measure(changed, path, mode) == pytest.approx(seconds[row, column], rel=1e-9, abs=1e-6)
                assert path.metres == pytest.approx(metres[row, column], rel=1e-9, abs=1e-6)
    (now,), (then,) = (find_reaching_stretches(n, spots[0], limits_s=[90.0], mode=mode) for n in (changed, built))
    assert sum_metres(changed, now) == pytest.approx(sum_metres(built, then), rel=1e-9, abs=1e-6)
    parts, expected = find_edge_components(changed.mode_graph(mode)), find_edge_components(built.mode_graph(mode))
    # Which one is the largest may differ where two are alike; which edges hang together does not.
    pairs = {*zip(parts[parts >= 0].tolist(), expected[parts >= 0].tolist(), strict=True)}
    assert len(pairs) == len({part for part, _ in pairs}) == len({part for _, part in pairs})
    # Between two closures of one chain lies no junction.
    assert not {part for _, part in pairs} & {*expected[(parts < 0) & (expected >= 0)].tolist()}
    places = [(LON + x, LAT + 0.004) for x in (0.001, 0.005, 0.01)]
    for spot, alone in zip(snap_all(changed, places, mode=mode), snap_all(built, places, mode=mode), strict=True):
        assert (spot is None) == (alone is None)
        assert spot is None or alone is None or spot.off_m == pytest.approx(alone.off_m, abs=1e-6)


def sum_metres(network: RoadNetwork, found: Stretches) -> float:
    return float(np.dot(found.high - found.low, network.length_m[found.edge]))


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_contraction_keeps_every_usable_edge_once(seed: int) -> None:
    network = build_world(seed)
    for mode in Mode:
        ahead, back = network.seconds(mode)
        graph = network.mode_graph(mode)
        usable = np.flatnonzero(np.isfinite(ahead) | np.isfinite(back))
        assert sorted(graph.chains.edge.tolist()) == usable.tolist()
        assert graph.state_count <= network.node_count


@settings(max_examples=25, deadline=None)
@given(SEEDS, MODES, st.floats(20.0, 400.0), st.data())
def test_a_stretch_reaches_the_place_in_time_and_nothing_else_does(
    seed: int, mode: Mode, limit_s: float, data: st.DataObject
) -> None:
    network = build_world(seed)
    usable = np.flatnonzero(network.mode_graph(mode).edge_chain >= 0)
    shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.01, 0.99))
    goal = Spot(int(data.draw(st.sampled_from(usable.tolist()))), data.draw(shares))
    (found,) = find_reaching_stretches(network, goal, limits_s=[limit_s], mode=mode)
    spots = [Spot(int(edge), share) for edge in usable for share in (0.03, 0.37, 0.5, 0.91)]
    seconds, _ = compute_times(network, spots, [goal], mode=mode)
    for spot, needed_s in zip(spots, seconds[:, 0], strict=True):
        inside = (found.edge == spot.edge) & (found.low <= spot.share) & (spot.share <= found.high)
        if abs(needed_s - limit_s) > 1e-6:
            assert bool(inside.any()) == bool(needed_s < limit_s), (spot, needed_s)


@settings(max_examples=15, deadline=None)
@given(SEEDS, MODES, st.data())
def test_bands_hold_each_other_and_every_reached_node(seed: int, mode: Mode, data: st.DataObject) -> None:
    network = build_world(seed)
    usable = np.flatnonzero(network.mode_graph(mode).edge_chain >= 0)
    goal = Spot(int(data.draw(st.sampled_from(usable.tolist()))), data.draw(st.floats(0.0, 1.0)))
    limits_s = sorted(data.draw(st.lists(st.floats(10.0, 500.0), min_size=3, max_size=3, unique=True)))
    bands = compute_reach(network, goal, limits_s=limits_s, mode=mode)
    spots = [spot_at_node(network, node, mode=mode) for node in range(network.node_count)]
    seconds, _ = compute_times(network, spots, [goal], mode=mode)
    for smaller, larger in pairwise(bands):
        outside = shapely.difference(smaller.area_wgs84, larger.area_wgs84)
        assert shapely.area(outside) <= 1e-9 * shapely.area(larger.area_wgs84)
    for band in bands:
        assert band.area_wgs84.is_valid
        reached = seconds[:, 0] <= band.limit_s
        assert shapely.contains_xy(band.area_wgs84, network.lon[reached], network.lat[reached]).all()


@settings(max_examples=15, deadline=None)
@given(SEEDS, MODES, st.integers(0, 10_000))
def test_many_places_are_snapped_as_each_alone_is(seed: int, mode: Mode, places_seed: int) -> None:
    network = build_world(seed)
    rng = np.random.default_rng(places_seed)
    places = [(LON + float(x), LAT + float(y)) for x, y in rng.uniform(-0.03, 0.05, (12, 2))]
    # Some roads are left out, and places further than so much from all others have none.
    among, reach_m = rng.random(network.edge_count) < 0.7, float(rng.choice([300.0, 2_000.0]))
    together = snap_all(network, places, mode=mode, reach_m=reach_m, among=among)
    for spot, place in zip(together, places, strict=True):
        alone = snap(network, place, mode=mode, reach_m=reach_m, among=among)
        if alone is None or spot is None:
            assert alone is spot
            continue
        assert spot.off_m == pytest.approx(alone.off_m, abs=1e-6)
        assert shapely.distance(locate(network, spot), locate(network, alone)) <= 1e-6


@settings(max_examples=15, deadline=None)
@given(SEEDS, MODES)
def test_searching_backwards_finds_the_same_times(seed: int, mode: Mode) -> None:
    network = build_world(seed)
    spots = [spot_at_node(network, node, mode=mode) for node in range(network.node_count)]
    forwards, _ = compute_times(network, spots, spots, mode=mode)
    for goal in (0, network.node_count // 2):
        backwards, metres = compute_times(network, spots, [spots[goal]], mode=mode)
        np.testing.assert_allclose(backwards[:, 0], forwards[:, goal], rtol=1e-9, atol=1e-6)
        assert (np.isfinite(metres) == np.isfinite(backwards)).all()
