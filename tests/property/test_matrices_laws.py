"""A matrix that followed closures equals one that is measured anew."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.matrices import TravelMatrix, build_matrix
from gridmap.domain.roads.routes import Place, compute_travel_times
from gridmap.domain.roads.speeds import Mode
from tests.worlds import LAT, LON, build_world

MODES = st.sampled_from(list(Mode))
SEEDS = st.integers(0, 10_000)


def draw_places(seed: int, *, count: int = 12) -> list[Place]:
    rng = np.random.default_rng(seed)
    return [(LON + float(x), LAT + float(y)) for x, y in rng.uniform(-0.03, 0.05, (count, 2))]


def assert_measured(matrix: TravelMatrix, network: RoadNetwork, places: list[Place], mode: Mode) -> None:
    seconds, metres = compute_travel_times(network, places, places, mode=mode)
    np.testing.assert_allclose(matrix.seconds, seconds, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(matrix.metres, metres, rtol=1e-9, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(SEEDS, MODES, st.data())
def test_closing_one_road_after_the_other_equals_measuring_anew(seed: int, mode: Mode, data: st.DataObject) -> None:
    network = build_world(seed)
    places = draw_places(seed)
    matrix = build_matrix(network, places, mode=mode)
    assert_measured(matrix, network, places, mode)
    edges = st.lists(st.sampled_from(network.edge_id.tolist()), min_size=1, max_size=4)
    for closed in data.draw(st.lists(edges, min_size=1, max_size=3)):
        network = network.close_edges(closed)
        matrix = matrix.close_edges(closed)
        assert_measured(matrix, network, places, mode)


@settings(max_examples=20, deadline=None)
@given(SEEDS, MODES, st.data())
def test_slow_roads_and_roads_that_open_again_are_followed(seed: int, mode: Mode, data: st.DataObject) -> None:
    network = build_world(seed)
    places = draw_places(seed)
    matrix = build_matrix(network, places, mode=mode)
    edges = st.sampled_from(network.edge_id.tolist())
    slow = network.slow_edges(data.draw(st.dictionaries(edges, st.floats(1.0, 20.0), min_size=1, max_size=5)))
    followed = matrix.follow(slow)
    assert_measured(followed, slow, places, mode)
    assert_measured(followed.follow(network), network, places, mode)


def test_a_matrix_before_a_closure_is_left_as_it_was() -> None:
    network = build_world(3)
    places = draw_places(3)
    matrix = build_matrix(network, places)
    seconds = matrix.seconds.copy()
    closed = matrix.close_edges(network.edge_id[::2].tolist())
    assert (matrix.seconds == seconds).all()
    assert (closed.seconds != seconds).any()
