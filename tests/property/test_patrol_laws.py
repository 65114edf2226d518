"""What holds for every plan: the checker agrees with the solver, and no tampering goes unseen."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridmap.domain.patrol.checker import check_plan
from gridmap.domain.roads.speeds import Mode
from tests.worlds import PatrolWorld, build_patrol_world, plan

SEEDS = st.integers(0, 2_000)
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "plan.schema.json").read_text(encoding="utf-8"))
Document = dict[str, Any]


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from([("car",), ("foot",), ("car", "motorcycle", "foot")]), st.sampled_from([1, 2]))
def test_the_checker_agrees_with_the_solver(seed: int, kinds: tuple[str, ...], members: int) -> None:
    world = build_patrol_world(seed, kinds=kinds, members=members)
    document = plan(world)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert check_plan(document, world.truth).violations == ()


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_each_task_is_served_once_or_listed(seed: int) -> None:
    world = build_patrol_world(seed)
    document = plan(world)
    served = [task for route in document["routes"] for stop in route["stops"] for task in stop["tasks"]]
    listed = [item["task"] for item in document["unserved"]]
    assert sorted(served + listed) == sorted(task.key for task in world.given.tasks)


@settings(max_examples=6, deadline=None)
@given(SEEDS, st.integers(0, 5))
def test_same_seed_same_plan(seed: int, solver_seed: int) -> None:
    world = build_patrol_world(seed)
    assert plan(world, seed=solver_seed) == plan(world, seed=solver_seed)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_the_line_side_is_never_a_way_to_get_anywhere(seed: int) -> None:
    """Ways between stops run on road edges only, and a walk goes no further than what is due there."""
    world = build_patrol_world(seed)
    document = plan(world)
    known = set(world.network.edge_id.tolist())
    tasks = {task["key"]: task for task in document["tasks"]}
    for route in document["routes"]:
        for leg in [*(stop["leg"] for stop in route["stops"]), route["return"]]:
            assert {step[0] for step in leg["steps"]} <= known
        for stop in route["stops"]:
            walk = stop["work"]["walk"]
            if walk is not None and stop["work"]["kind"] == "segment":
                inner = walk["turns_m"][1:-1]
                assert min(inner) == pytest.approx(min(tasks[key]["from_m"] for key in stop["tasks"]), abs=0.01)
                assert max(inner) == pytest.approx(max(tasks[key]["to_m"] for key in stop["tasks"]), abs=0.01)


# --- tampering --------------------------------------------------------------------------------------------------


def first_stop(document: Document) -> Document:
    return document["routes"][0]["stops"][0]


def drop_stop(document: Document, world: PatrolWorld) -> None:
    document["routes"][0]["stops"].pop(0)


def serve_twice(document: Document, world: PatrolWorld) -> None:
    document["routes"][0]["stops"].append(copy.deepcopy(first_stop(document)))


def list_a_served_task(document: Document, world: PatrolWorld) -> None:
    item = {"task": first_stop(document)["tasks"][0], "reason": "no_time_left", "text": "x", "values": {}}
    document["unserved"].append(item)


def forget_a_task(document: Document, world: PatrolWorld) -> None:
    first_stop(document)["tasks"].pop()


def arrive_early(document: Document, world: PatrolWorld) -> None:
    first_stop(document)["arrive_s"] -= 60


def work_faster(document: Document, world: PatrolWorld) -> None:
    stop = first_stop(document)
    stop["work"]["seconds"] -= 120
    stop["leave_s"] -= 120


def drive_faster(document: Document, world: PatrolWorld) -> None:
    longest_leg(document)["seconds"] -= 2


def skip_a_road(document: Document, world: PatrolWorld) -> None:
    leg = longest_leg(document)
    leg["steps"].pop(len(leg["steps"]) // 2)


def turn_a_road_round(document: Document, world: PatrolWorld) -> None:
    step = longest_leg(document)["steps"][1]
    step[1], step[2] = step[2], step[1]


def use_an_unknown_road(document: Document, world: PatrolWorld) -> None:
    longest_leg(document)["steps"][0][0] = 999_999


def close_a_road_it_uses(document: Document, world: PatrolWorld) -> None:
    document["closures"] = [longest_leg(document)["steps"][0][0]]


def draw_a_straight_line(document: Document, world: PatrolWorld) -> None:
    leg = longest_leg(document)
    leg["coordinates"] = [leg["coordinates"][0], [112.9, 37.2], leg["coordinates"][-1]]


def shorten_the_way(document: Document, world: PatrolWorld) -> None:
    longest_leg(document)["metres"] -= 50


def come_back_late(document: Document, world: PatrolWorld) -> None:
    document["teams"][0]["shift_end_s"] = document["routes"][0]["start_s"] + 60
    for team in document["teams"]:
        team["shift_end_s"] = document["routes"][0]["start_s"] + 60


def lengthen_the_shift(document: Document, world: PatrolWorld) -> None:
    document["teams"][0]["shift_end_s"] += 7200


def change_the_team(document: Document, world: PatrolWorld) -> None:
    document["teams"][0]["members"] += 1


def move_the_post(document: Document, world: PatrolWorld) -> None:
    document["posts"][0]["lon"] += 0.01


def move_a_segment(document: Document, world: PatrolWorld) -> None:
    task = next(task for task in document["tasks"] if task["kind"] == "segment")
    task["to_m"] -= 100


def break_the_window(document: Document, world: PatrolWorld) -> None:
    key = first_stop(document)["tasks"][0]
    task = next(task for task in document["tasks"] if task["key"] == key)
    task["windows_s"] = [[0, first_stop(document)["start_s"] - 1]]


def save_on_the_total(document: Document, world: PatrolWorld) -> None:
    document["summary"]["duration_s"] -= 600


def embellish_the_objective(document: Document, world: PatrolWorld) -> None:
    document["summary"]["objective"]["value"] -= 100


def run_instead_of_walking(document: Document, world: PatrolWorld) -> None:
    document["rules"]["line_walk_kmh"] = 20.0


def send_a_team_twice(document: Document, world: PatrolWorld) -> None:
    document["routes"].append(copy.deepcopy(document["routes"][0]))


def change_how_it_travels(document: Document, world: PatrolWorld) -> None:
    leg = longest_leg(document)
    leg["mode"] = next(mode.value for mode in Mode if mode.value != leg["mode"])


def longest_leg(document: Document) -> Document:
    legs = [stop["leg"] for route in document["routes"] for stop in route["stops"]]
    legs += [route["return"] for route in document["routes"]]
    return max(legs, key=lambda leg: len(leg["steps"]))


TAMPERINGS: list[Callable[[Document, PatrolWorld], None]] = [
    drop_stop,
    serve_twice,
    list_a_served_task,
    forget_a_task,
    arrive_early,
    work_faster,
    drive_faster,
    skip_a_road,
    turn_a_road_round,
    use_an_unknown_road,
    close_a_road_it_uses,
    draw_a_straight_line,
    shorten_the_way,
    come_back_late,
    lengthen_the_shift,
    change_the_team,
    move_the_post,
    move_a_segment,
    break_the_window,
    save_on_the_total,
    embellish_the_objective,
    run_instead_of_walking,
    send_a_team_twice,
    change_how_it_travels,
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda function: function.__name__)
@settings(max_examples=3, deadline=None)
@given(seed=SEEDS)
def test_no_tampering_goes_unseen(tamper: Callable[[Document, PatrolWorld], None], seed: int) -> None:
    world = build_patrol_world(seed)
    document = json.loads(json.dumps(plan(world, iterations=50)))
    assume(document["routes"] and len(longest_leg(document)["steps"]) >= 3)
    tamper(document, world)
    assert not check_plan(document, world.truth).valid


@settings(max_examples=5, deadline=None)
@given(SEEDS, st.data())
def test_a_wrong_way_street_is_seen(seed: int, data: st.DataObject) -> None:
    """A leg that runs a one-way street against its direction is found, whatever its times say."""
    world = build_patrol_world(seed, kinds=("car",))
    network = world.network
    document = json.loads(json.dumps(plan(world, iterations=50)))
    used = {step[0] for route in document["routes"] for stop in route["stops"] for step in stop["leg"]["steps"]}
    assume(used)
    edge = network.edge_position(data.draw(st.sampled_from(sorted(used))))
    assert edge is not None
    forward, backward = network.car_forward.copy(), network.car_backward.copy()
    forward[edge] = backward[edge] = False
    shut = type(network)(**{**vars_of(network), "car_forward": forward, "car_backward": backward})
    truth = type(world.truth)(**{**world.truth.__dict__, "network": shut})
    codes = {found.code for found in check_plan(document, truth).violations}
    assert "forbidden_edge" in codes


def vars_of(network: Any) -> dict[str, np.ndarray]:
    return {name: getattr(network, name) for name in network.__dataclass_fields__}
