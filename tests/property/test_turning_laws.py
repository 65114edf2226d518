"""The checker reads turn restrictions and closures for itself: what breaks one is refused, whatever the plan says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridmap.domain.patrol.checker import check_plan
from gridmap.domain.patrol.turning import TurnChecker
from gridmap.domain.patrol.violations import Findings
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import Router
from gridmap.domain.roads.speeds import Mode
from gridmap.domain.roads.turns import TurnRule
from tests.property.test_turns_laws import Peer, Run, add_rules, build_turning_world, draw_spots
from tests.worlds import PatrolWorld, build_patrol_world, plan

SEEDS = st.integers(0, 10_000)


def find_faults(network: RoadNetwork, runs: list[tuple[int, float, float]]) -> set[str]:
    findings = Findings()
    TurnChecker(network, findings).check(runs, mode=Mode.CAR, where="leg")
    return {found.code for found in findings.violations}


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.sampled_from([np.inf, 40.0]), st.sampled_from([20.0, 60.0, np.inf]))
def test_what_a_search_finds_is_never_refused_and_takes_what_its_roads_and_u_turns_take(
    seed: int, u_turn_s: float, u_turn_reach_s: float
) -> None:
    network = replace(build_turning_world(seed, u_turn_s), u_turn_reach_s=u_turn_reach_s)
    ahead_s, back_s = network.seconds(Mode.CAR)
    router, spots, findings = Router(network, Mode.CAR), draw_spots(network, seed, count=8), Findings()
    turns = TurnChecker(network, findings)
    for start in spots:
        for end in spots:
            path = router.find(start, end)
            if path is not None:
                runs = [(s.edge, s.start, s.end) for s in path.steps]
                driven_s = sum(abs(b - a) * (ahead_s if b > a else back_s)[edge] for edge, a, b in runs)
                turning_s = turns.check(runs, mode=Mode.CAR, where="leg")
                assert abs(driven_s + turning_s - path.seconds) < 1e-6
    assert findings.violations == []


def test_a_u_turn_costs_nothing_far_from_restrictions_and_where_nothing_else_leads_on() -> None:
    network = build_turning_world(2, 40.0)
    priced = {reach: price_all(replace(network, u_turn_reach_s=reach)) for reach in (0.0, 20.0, np.inf)}
    assert set(priced[0.0]) == {0.0, 40.0}
    assert sum(priced[0.0]) < sum(priced[20.0]) < sum(priced[np.inf])
    # Whatever the reach, who comes to the end of a dead end turns round for nothing.
    assert 0.0 in priced[np.inf]


def price_all(network: RoadNetwork) -> list[float]:
    """What going back costs at both ends of every road."""
    turns = TurnChecker(network, Findings())
    both = [[(e, a, b), (e, b, a)] for e in range(network.edge_count) for a, b in ((0.0, 1.0), (1.0, 0.0))]
    return [turns.check(runs, mode=Mode.CAR, where="leg") for runs in both]


@settings(max_examples=30, deadline=None)
@given(SEEDS, SEEDS)
def test_a_walk_at_random_is_refused_where_a_search_edge_by_edge_would_not_turn(seed: int, chance: int) -> None:
    """Nobody turns round here, so that nothing but restrictions forbids a turn."""
    network = build_turning_world(seed, 0.0)
    peer, rng = Peer(network), np.random.default_rng(chance)
    runs: list[Run] = []
    allowed = True
    edge = int(rng.choice(np.flatnonzero(network.mode_graph(Mode.CAR).usable)))
    follow: list[Run] = [run for run in ((edge, True), (edge, False)) if np.isfinite(peer.seconds(run))]
    while follow and len(runs) < 8:
        runs.append(follow[int(rng.integers(len(follow)))])
        if len(runs) > 1:
            allowed &= runs[-1] in [run for run, _ in peer.list_turns(tuple(runs[:-1][-4:]))]
        follow = [run for run in peer.out[peer.head(runs[-1])] if run[0] != runs[-1][0]]
    told = [(edge, 0.0, 1.0) if ahead else (edge, 1.0, 0.0) for edge, ahead in runs]
    assert ("forbidden_turn" in find_faults(network, told)) == (not allowed)
    # The same told in pieces.
    pieces = [(e, *part) for e, a, b in told for part in ((a, (a + b) / 2), ((a + b) / 2, b))]
    assert find_faults(network, pieces) == find_faults(network, told)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_a_plan_made_with_restrictions_passes(seed: int) -> None:
    world = build_patrol_world(seed % 2_000)
    network = add_rules(world.network, seed)
    turning = replace(world, network=network, truth=replace(world.truth, network=network))
    assert check_plan(plan(turning, iterations=50), turning.truth).violations == ()


def list_turns(world: PatrolWorld, document: dict[str, Any]) -> list[tuple[int, int, int]]:
    """Edge, node and edge of every turn that a vehicle makes in a plan between whole roads."""
    network, found = world.network, []
    for route in document["routes"]:
        for leg in [*(stop["leg"] for stop in route["stops"]), route["return"]]:
            if leg["mode"] == "foot":
                continue
            for before, after in zip(leg["steps"], leg["steps"][1:], strict=False):
                a, b = (network.edge_position(step[0]) for step in (before, after))
                assert a is not None
                assert b is not None
                node = int((network.v if before[2] > before[1] else network.u)[a])
                found.append((a, node, b))
    return found


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(0, 1_000), st.booleans())
def test_a_plan_with_a_forbidden_turn_is_refused(seed: int, pick: int, only: bool) -> None:
    world = build_patrol_world(seed % 2_000)
    document = json.loads(json.dumps(plan(world, iterations=50)))
    turns = [turn for turn in list_turns(world, document) if turn[0] != turn[2]]
    assume(turns)
    before, node, after = turns[pick % len(turns)]
    at_node = np.flatnonzero((world.network.u == node) | (world.network.v == node))
    ahead, back = world.network.seconds(Mode.CAR)
    leads = np.where(world.network.u[at_node] == node, ahead[at_node], back[at_node])
    others = [e for e in at_node[np.isfinite(leads)].tolist() if e not in {before, after}]
    assume(others or not only)
    rule = TurnRule(before, node, (), others[0] if only else after, only=only)
    truth = replace(world.truth, network=replace(world.network, turns=(rule,)))
    assert {found.code for found in check_plan(document, truth).violations} == {"forbidden_turn"}


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.integers(0, 1_000))
def test_a_plan_over_a_road_that_is_closed_is_refused_though_it_does_not_say_so(seed: int, pick: int) -> None:
    world = build_patrol_world(seed % 2_000)
    document = json.loads(json.dumps(plan(world, iterations=50)))
    driven = [turn[0] for turn in list_turns(world, document)]
    assume(driven)
    closed = int(world.network.edge_id[driven[pick % len(driven)]])
    found = check_plan(document, replace(world.truth, closed=frozenset([closed]))).violations
    assert {violation.code for violation in found} == {"closed_edge"}


def test_nobody_turns_round_between_junctions() -> None:
    network = build_turning_world(2, np.inf)
    edge = int(np.flatnonzero(network.mode_graph(Mode.CAR).usable)[0])
    assert find_faults(network, [(edge, 0.2, 0.6), (edge, 0.6, 0.1)]) == {"u_turn"}
