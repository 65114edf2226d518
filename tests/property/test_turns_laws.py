"""What holds of turns: nobody makes one that is forbidden, and the ways found are those of a search edge by edge."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.roads.diagnosis import diagnose
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.isochrones import find_reaching_stretches
from gridmap.domain.roads.matrices import build_matrix
from gridmap.domain.roads.routes import RoadPath, Router, compute_times, compute_travel_times
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode
from gridmap.domain.roads.turns import TurnRule
from tests.worlds import LAT, LON, build_world

SEEDS = st.integers(0, 10_000)
U_TURNS_S = st.sampled_from([np.inf, 0.0, 40.0])
Run = tuple[int, bool]
"""An edge and whether it is run from u to v."""


@dataclass(frozen=True)
class Peer:
    """Dijkstra's search over single edges that remembers the last of them, written without a graph of turns."""

    network: RoadNetwork

    @cached_property
    def _times(self) -> tuple[list[float], list[float]]:
        ahead, back = self.network.seconds(Mode.CAR)
        return back.tolist(), ahead.tolist()

    def seconds(self, run: Run) -> float:
        return self._times[run[1]][run[0]]

    def tail(self, run: Run) -> int:
        return int((self.network.u if run[1] else self.network.v)[run[0]])

    def head(self, run: Run) -> int:
        return self.tail((run[0], not run[1]))

    @cached_property
    def out(self) -> dict[int, list[Run]]:
        found: dict[int, list[Run]] = {node: [] for node in range(self.network.node_count)}
        for run in product(range(self.network.edge_count), (True, False)):
            if np.isfinite(self.seconds(run)):
                found[self.tail(run)].append(run)
        return found

    @cached_property
    def u_turns_s(self) -> dict[int, float]:
        """What a U-turn takes at each junction. Where two roads alike meet, nobody turns: that is no junction."""
        graph = self.network.mode_graph(Mode.CAR)
        near = set(graph.state_junction[len(graph.junction_node) :].tolist())
        costs = {at: self.network.u_turn_s if at in near else 0.0 for at in range(len(graph.junction_node))}
        return {int(graph.junction_node[at]): cost for at, cost in costs.items()}

    @cached_property
    def rules(self) -> list[tuple[tuple[Run, ...], bool]]:
        return list(self._list_rules())

    def _list_rules(self) -> Iterator[tuple[tuple[Run, ...], bool]]:
        for rule in self.network.turns:
            at = rule.via_node
            runs = [(rule.from_edge, bool(self.network.v[rule.from_edge] == at))]
            for edge in (*rule.via_edges, rule.to_edge):
                runs.append((edge, bool(self.network.u[edge] == at)))
                at = self.head(runs[-1])
            if all(np.isfinite(self.seconds(run)) for run in runs):
                yield tuple(runs), rule.only

    def list_turns(self, past: tuple[Run, ...]) -> list[tuple[Run, float]]:
        """What may be run next, and what the turn costs."""
        allowed = []
        for run in self.out[self.head(past[-1])]:
            for runs, only in self.rules:
                known = [n for n in range(1, len(runs)) if past[-n:] == runs[:n]]
                if any(runs[n] != run for n in known) if only else (len(runs) - 1 in known and run == runs[-1]):
                    break
            else:
                allowed.append(run)
        back = (past[-1][0], not past[-1][1])
        onward = any(run != back for run in allowed)
        u_turn_s = self.u_turns_s.get(self.head(past[-1]), np.inf) if onward else 0.0
        costs = [(run, u_turn_s if run == back else 0.0) for run in allowed]
        return [(run, cost) for run, cost in costs if np.isfinite(cost)]

    def measure(self, start: Spot) -> dict[Run, float]:
        """Seconds from a place between two junctions to the begin of every run."""
        best: dict[tuple[Run, ...], float] = {}
        found: dict[Run, float] = {}
        heap: list[tuple[float, tuple[Run, ...]]] = []
        for ahead in (True, False):
            run, rest = (start.edge, ahead), (1 - start.share if ahead else start.share)
            if np.isfinite(self.seconds(run)):
                heapq.heappush(heap, (rest * self.seconds(run), (run,)))
        while heap:
            cost, past = heapq.heappop(heap)
            if past in best:
                continue
            best[past] = cost
            for run, turn_s in self.list_turns(past):
                begin = cost + turn_s
                found[run] = min(begin, found.get(run, np.inf))
                following = (*past, run)[-4:]
                if following not in best:
                    heapq.heappush(heap, (begin + self.seconds(run), following))
        return found

    def reach(self, found: dict[Run, float], start: Spot, end: Spot) -> float:
        """Seconds from the start of `found` to another place between two junctions."""
        ways = [np.inf]
        for ahead in (True, False):
            run, share = (end.edge, ahead), (end.share if ahead else 1 - end.share)
            whole = self.seconds(run)
            if not np.isfinite(whole):
                continue
            ways.append(found.get(run, np.inf) + share * whole)
            begun = start.share if ahead else 1 - start.share
            if start.edge == end.edge and begun <= share:
                ways.append((share - begun) * whole)
        return float(min(ways))


def add_rules(network: RoadNetwork, seed: int, *, count: int = 14) -> RoadNetwork:
    """Restrictions over nodes and over one or two edges between, where roads meet."""
    rng = np.random.default_rng(seed)
    rules: list[TurnRule] = []

    def beside(node: int, besides: int) -> list[int]:
        edges = np.flatnonzero(((network.u == node) | (network.v == node)) & (np.arange(network.edge_count) != besides))
        return [int(edge) for edge in edges]

    while len(rules) < count:
        edge = int(rng.integers(network.edge_count))
        node = at = int((network.u, network.v)[rng.integers(2)][edge])
        edges = [edge]
        for _ in range(int(rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))):
            onward = beside(at, edges[-1])
            if not onward:
                break
            edges.append(int(rng.choice(onward)))
            at = int(network.v[edges[-1]] if network.u[edges[-1]] == at else network.u[edges[-1]])
        if len(edges) > 1:
            rules.append(TurnRule(edges[0], node, tuple(edges[1:-1]), edges[-1], only=bool(rng.random() < 0.35)))
    return replace(network, turns=tuple(rules))


def build_turning_world(seed: int, u_turn_s: float) -> RoadNetwork:
    """Few restrictions, beyond which U-turns count again, or many over all the network."""
    network = build_world(seed, columns=5, rows=5)
    if seed % 2:
        return replace(add_rules(network, seed, count=2), u_turn_s=u_turn_s, u_turn_reach_s=60.0)
    return replace(add_rules(network, seed), u_turn_s=u_turn_s, u_turn_reach_s=np.inf)


def draw_spots(network: RoadNetwork, seed: int, *, count: int) -> list[Spot]:
    rng = np.random.default_rng(seed)
    usable = np.flatnonzero(network.mode_graph(Mode.CAR).usable)
    return [Spot(int(edge), float(rng.uniform(0.05, 0.95))) for edge in rng.choice(usable, count)]


def list_runs(path: RoadPath) -> list[Run]:
    return [(step.edge, step.end > step.start) for step in path.steps]


@settings(max_examples=30, deadline=None)
@given(SEEDS, U_TURNS_S)
def test_times_and_paths_equal_a_search_edge_by_edge(seed: int, u_turn_s: float) -> None:
    network = build_turning_world(seed, u_turn_s)
    peer = Peer(network)
    spots = draw_spots(network, seed, count=8)
    seconds, _ = compute_times(network, spots, spots, mode=Mode.CAR)
    router = Router(network, Mode.CAR)
    for row, start in enumerate(spots[:3]):
        found = peer.measure(start)
        expected = [peer.reach(found, start, end) for end in spots]
        np.testing.assert_allclose(seconds[row], expected, rtol=1e-9, atol=1e-6)
        for end, needed_s in zip(spots, expected, strict=True):
            path = router.find(start, end)
            assert (path is None) == np.isinf(needed_s)
            if path is not None:
                assert path.seconds == pytest.approx(needed_s, rel=1e-9, abs=1e-6)
                check_path(peer, list_runs(path))


def check_path(peer: Peer, runs: list[Run]) -> None:
    """Every turn of a path may be made, with all that was before it in mind."""
    for at in range(1, len(runs)):
        assert runs[at] in [run for run, _ in peer.list_turns(tuple(runs[max(0, at - 4) : at]))]


@settings(max_examples=25, deadline=None)
@given(SEEDS, U_TURNS_S)
def test_stretches_and_diagnosis_agree_with_the_times(seed: int, u_turn_s: float) -> None:
    network = build_turning_world(seed, u_turn_s)
    (goal,) = draw_spots(network, seed, count=1)
    usable = np.flatnonzero(network.mode_graph(Mode.CAR).usable)
    spots = [Spot(int(edge), share) for edge in usable for share in (0.2, 0.7)]
    back, _ = compute_times(network, spots, [goal], mode=Mode.CAR)
    (found,) = find_reaching_stretches(network, goal, limits_s=[150.0], mode=Mode.CAR)
    for spot, needed_s in zip(spots, back[:, 0], strict=True):
        inside = (found.edge == spot.edge) & (found.low <= spot.share) & (spot.share <= found.high)
        if abs(needed_s - 150.0) > 1e-6:
            assert bool(inside.any()) == bool(needed_s < 150.0)
    there, _ = compute_times(network, [goal], spots, mode=Mode.CAR)
    both = np.isfinite(there[0]) & np.isfinite(back[:, 0])
    reached = set(diagnose(network, mode=Mode.CAR, spot=goal).reached.tolist())
    assert reached >= {spot.edge for spot, is_both in zip(spots, both, strict=True) if is_both}


@settings(max_examples=25, deadline=None)
@given(SEEDS, U_TURNS_S, st.data())
def test_a_matrix_follows_closures_where_turns_are_forbidden(seed: int, u_turn_s: float, data: st.DataObject) -> None:
    network = build_turning_world(seed, u_turn_s)
    rng = np.random.default_rng(seed)
    places = [(LON + float(x), LAT + float(y)) for x, y in rng.uniform(-0.01, 0.03, (10, 2))]
    matrix = build_matrix(network, places)
    edges = st.lists(st.sampled_from(network.edge_id.tolist()), min_size=1, max_size=4)
    for closed in data.draw(st.lists(edges, min_size=1, max_size=3)):
        network, matrix = network.close_edges(closed), matrix.close_edges(closed)
        seconds, metres = compute_travel_times(network, places, places)
        np.testing.assert_allclose(matrix.seconds, seconds, rtol=1e-12, atol=1e-9)
        np.testing.assert_allclose(matrix.metres, metres, rtol=1e-9, atol=1e-6)


def test_people_on_foot_mind_no_turns_and_a_motorcycle_those_that_are_its_own() -> None:
    network = build_world(5)
    turning = add_rules(network, 5)
    only_cars = replace(turning, turns=tuple(replace(rule, motorcycle=False) for rule in turning.turns))
    assert not turning.mode_graph(Mode.FOOT).minds_turns
    assert turning.mode_graph(Mode.MOTORCYCLE).minds_turns
    assert only_cars.mode_graph(Mode.CAR).minds_turns
    assert not only_cars.mode_graph(Mode.MOTORCYCLE).minds_turns
