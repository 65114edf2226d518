"""What holds for every plan: the checker agrees with the solver, and no tampering goes unseen."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.checker import check_plan
from gridmap.domain.patrol.document import build_document
from gridmap.domain.patrol.fitting import keep_feasible
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit
from gridmap.domain.patrol.starts import read_start
from gridmap.domain.roads.profiles import SpeedProfile
from gridmap.domain.roads.speeds import Mode
from tests.worlds import (
    DAY_END_S,
    DAY_START_S,
    HEADER,
    PatrolWorld,
    build_patrol_world,
    build_rich_world,
    give_sides,
    plan,
)

SEEDS = st.integers(0, 2_000)
SCHEMA_PATH = Path(__file__).parents[2] / "docs" / "plan.schema.json"
SCHEMA = jsonschema_rs.Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
Document = dict[str, Any]


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from([("car",), ("foot",), ("car", "motorcycle", "foot")]), st.sampled_from([1, 2]))
def test_the_checker_agrees_with_the_solver(seed: int, kinds: tuple[str, ...], members: int) -> None:
    world = build_patrol_world(seed, kinds=kinds, members=members)
    document = plan(world)
    SCHEMA.validate(document)
    assert check_plan(document, world.truth).violations == ()


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from([0.0, 1.5]))
def test_the_checker_agrees_on_duties_hours_and_visits(seed: int, balance: float) -> None:
    world = build_rich_world(seed)
    document = plan(world, rules=PatrolRules(balance=balance))
    SCHEMA.validate(document)
    assert check_plan(document, world.truth).violations == ()
    assert (document["summary"]["objective"]["balance_s"] > 0) == (balance > 0 and bool(document["routes"]))


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(0, 2**31))
def test_whatever_a_search_answers_becomes_a_plan_once_it_is_feasible(seed: int, chance: int) -> None:
    """Visits thrown at teams at random: what cannot be kept is left out, and the rest passes the checker."""
    world = build_rich_world(seed)
    problem = build_problem(world.network, world.given, rules=PatrolRules())
    solution = keep_feasible(problem, _throw(problem, np.random.default_rng(chance)))
    document = build_document(problem, solution, network=world.network, lines=world.lines, header=HEADER)
    assert check_plan(document, world.truth).violations == ()


def _throw(problem: PatrolProblem, rng: np.random.Generator) -> Solution:
    jobs = rng.permutation(np.repeat(np.arange(len(problem.jobs)), 2)).tolist()
    parts = np.array_split(np.array(jobs, np.int64), len(problem.teams))
    return Solution(
        tuple(
            TeamRoute(
                number,
                int(rng.integers(DAY_START_S, DAY_END_S)),
                tuple(Visit(job, int(rng.integers(len(problem.jobs[job].ways)))) for job in part.tolist()),
            )
            for number, part in enumerate(parts)
        )
    )


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_visits_that_are_missing_are_counted(seed: int) -> None:
    world = build_rich_world(seed)
    document = plan(world)
    served = Counter(task for route in document["routes"] for stop in route["stops"] for task in stop["tasks"])
    wanted = {task["key"]: task.get("visits", 1) for task in document["tasks"]}
    missing = {item["task"]: item.get("visits", wanted[item["task"]]) for item in document["unserved"]}
    assert {key: served[key] + missing.get(key, 0) for key in wanted} == wanted
    assert document["summary"]["served"] == len(wanted) - len(missing)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_a_plan_is_its_own_warm_start(seed: int) -> None:
    """The routes of a plan, read back for the same problem, are the same plan."""
    world = build_rich_world(seed)
    document = json.loads(json.dumps(plan(world)))
    problem = build_problem(world.network, world.given, rules=PatrolRules())
    start = read_start(document, problem)
    again = build_document(problem, start.solution, network=world.network, lines=world.lines, header=HEADER)
    assert (start.kept, start.lost_teams, start.lost_tasks) == (start.stops, (), 0)
    assert json.loads(json.dumps(again["routes"])) == document["routes"]


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_each_task_is_served_once_or_listed(seed: int) -> None:
    world = build_patrol_world(seed)
    document = plan(world)
    served = [task for route in document["routes"] for stop in route["stops"] for task in stop["tasks"]]
    listed = [item["task"] for item in document["unserved"]]
    assert sorted(served + listed) == sorted(task.key for task in world.given.tasks)


@settings(max_examples=6, deadline=None)
@given(SEEDS, st.integers(0, 1_000))
def test_a_road_that_is_closed_is_driven_by_nobody_in_a_plan_made_anew(seed: int, pick: int) -> None:
    world = build_patrol_world(seed)
    driven = list_driven(plan(world, iterations=50))
    assume(driven)
    closed = driven[pick % len(driven)]
    document = plan(replace(world, network=world.network.close_edges([closed])), iterations=50)
    assert closed not in list_driven(document)
    assert check_plan(document, replace(world.truth, closed=frozenset([closed]))).violations == ()


def list_driven(document: dict[str, Any]) -> list[int]:
    """Ids of all roads that a plan leads over, on the way and round a walk."""
    stops = [stop for route in document["routes"] for stop in route["stops"]]
    legs = [*(route["return"] for route in document["routes"]), *(stop["leg"] for stop in stops)]
    legs += [stop["work"]["drive"] for stop in stops if stop["work"]["drive"]]
    return sorted({step[0] for leg in legs for step in leg["steps"]})


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


def test_the_line_is_crossed_only_where_it_may_be() -> None:
    """A plan that knows of sides passes, and one made without is refused wherever somebody walks over the tracks."""
    found = Counter[str]()
    for seed in range(8):
        world = give_sides(build_patrol_world(seed, kinds=("car",)))
        assert check_plan(plan(world, iterations=40), world.truth).violations == ()
        blind = tuple(replace(point, side="") for point in world.given.access)
        careless = plan(replace(world, given=replace(world.given, access=blind)), iterations=40)
        found.update(violation.code for violation in check_plan(careless, world.truth).violations)
        found.update(task.reason for task in build_problem(world.network, world.given, rules=PatrolRules()).unserved)
    assert found["crosses_track"]
    assert found["no_crossing"]
    assert found.keys() <= {"crosses_track", "no_crossing", "no_road_near", "no_access"}


def test_nobody_walks_over_the_tracks_to_a_hazard() -> None:
    """With a track between a hazard and its road a plan is refused; a new one comes from elsewhere or leaves it out."""
    world = build_patrol_world(3, kinds=("car",))
    document = plan(world, iterations=40)
    places = {task.key: (task.lon, task.lat) for task in world.given.tasks}
    works = [(stop["work"], places[stop["tasks"][0]]) for route in document["routes"] for stop in route["stops"]]
    work, (lon, lat) = max(
        ((work, place) for work, place in works if work["walk"] is None),
        key=lambda item: float(item[0]["entry"]["off_m"]),
    )
    assert work["entry"]["off_m"] > 16
    edge = world.network.edge_position(work["entry"]["edge"])
    foot = world.network.geometry[edge].interpolate(work["entry"]["share"], normalized=True)
    middle, across = ((foot.x + lon) / 2, (foot.y + lat) / 2), ((lat - foot.y) / 2, (foot.x - lon) / 2)
    track = shapely.LineString([(middle[0] + s * across[0], middle[1] + s * across[1]) for s in (-1, 1)])
    tracked = replace(world, given=replace(world.given, tracks=(track,)), truth=replace(world.truth, tracks=(track,)))
    assert {found.code for found in check_plan(document, tracked.truth).violations} == {"crosses_track"}
    again = plan(tracked, iterations=40)
    assert check_plan(again, tracked.truth).violations == ()
    assert again["routes"] != document["routes"]


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


# --- tampering with duties ----------------------------------------------------------------------------------


def find_route(document: Document, holds: Callable[[Document, Document], bool]) -> Document:
    """The first route whose team and itself are so."""
    teams = {team["key"]: team for team in document["teams"]}
    found = next((route for route in document["routes"] if holds(teams[route["team"]], route)), None)
    assume(found is not None)
    assert found is not None
    return found


def team_of(document: Document, route: Document) -> Document:
    return next(team for team in document["teams"] if team["key"] == route["team"])


def skip_the_break(document: Document, world: PatrolWorld) -> None:
    find_route(document, lambda team, route: "breaks" in route)["breaks"].pop()


def rest_too_early(document: Document, world: PatrolWorld) -> None:
    rest = find_route(document, lambda team, route: "breaks" in route)["breaks"][0]
    rest["start_s"] -= 4 * 3600


def rest_shorter(document: Document, world: PatrolWorld) -> None:
    find_route(document, lambda team, route: "breaks" in route)["breaks"][0]["end_s"] -= 60


def rest_while_working(document: Document, world: PatrolWorld) -> None:
    route = find_route(
        document, lambda team, route: "breaks" in route and route["breaks"][0]["after"] < len(route["stops"])
    )
    route["breaks"][0]["after"] += 1


def forget_a_stored_break(document: Document, world: PatrolWorld) -> None:
    route = find_route(document, lambda team, route: "breaks" in route)
    team_of(document, route)["breaks"].pop()
    route["breaks"].pop()


def end_at_the_wrong_post(document: Document, world: PatrolWorld) -> None:
    route = find_route(document, lambda team, route: "home" in route)
    team_of(document, route).pop("end_post")


def go_home_elsewhere(document: Document, world: PatrolWorld) -> None:
    find_route(document, lambda team, route: "home" in route).pop("home")


def come_home_after_the_hour(document: Document, world: PatrolWorld) -> None:
    route = document["routes"][0]
    team_of(document, route)["latest_return_s"] = route["end_s"] - 1


def drop_the_latest_return(document: Document, world: PatrolWorld) -> None:
    next(team for team in document["teams"] if "latest_return_s" in team).pop("latest_return_s")


def do_without_the_skill(document: Document, world: PatrolWorld) -> None:
    keys = {task["key"] for task in document["tasks"] if "skill" in task}
    route = find_route(document, lambda team, route: any(keys & set(stop["tasks"]) for stop in route["stops"]))
    team_of(document, route).pop("skills")


def claim_a_skill(document: Document, world: PatrolWorld) -> None:
    document["teams"][1]["skills"] = ["climbing"]


def forget_that_a_skill_is_needed(document: Document, world: PatrolWorld) -> None:
    next(task for task in document["tasks"] if "skill" in task).pop("skill")


def walk_too_far_in_a_day(document: Document, world: PatrolWorld) -> None:
    route = find_route(document, lambda team, route: sum(stop["work"]["walk_m"] for stop in route["stops"]) > 100)
    team_of(document, route)["max_walk_m"] = 50.0


def lift_the_walking_limit(document: Document, world: PatrolWorld) -> None:
    document["teams"][2].pop("max_walk_m")


def look_for_less_time(document: Document, world: PatrolWorld) -> None:
    next(task for task in document["tasks"] if "inspect_s" in task)["inspect_s"] = 60


def miss_both_windows(document: Document, world: PatrolWorld) -> None:
    stop = first_stop(document)
    task = next(task for task in document["tasks"] if task["key"] == stop["tasks"][0])
    task["windows_s"] = [[0, stop["start_s"] - 1], [stop["start_s"] + 1, 80_000]]


def find_repeated(document: Document) -> Document:
    task = next(task for task in document["tasks"] if task.get("visits", 1) > 1)
    assume(any(task["key"] in stop["tasks"] for route in document["routes"] for stop in route["stops"]))
    return task


def leave_out_a_visit(document: Document, world: PatrolWorld) -> None:
    find_repeated(document)["visits"] += 1


def count_visits_wrongly(document: Document, world: PatrolWorld) -> None:
    find_repeated(document)
    stop = next(stop for route in document["routes"] for stop in route["stops"] if "visit" in stop)
    stop["visit"]["number"] += 1


def visit_again_too_soon(document: Document, world: PatrolWorld) -> None:
    key = find_repeated(document)["key"]
    assume(sum(key in stop["tasks"] for route in document["routes"] for stop in route["stops"]) > 1)
    next(task for task in document["tasks"] if task["key"] == key)["spacing_s"] = 9 * 3600


def ask_for_less_spacing(document: Document, world: PatrolWorld) -> None:
    find_repeated(document)["spacing_s"] = 60


def hide_unequal_work(document: Document, world: PatrolWorld) -> None:
    document["rules"]["balance"] = 1.0


def boast_of_the_bound(document: Document, world: PatrolWorld) -> None:
    document["gap"] = 0.0
    document["lower_bound"] = document["summary"]["objective"]["value"] / 2


DUTIES: dict[Callable[[Document, PatrolWorld], None], str] = {
    skip_the_break: "break_missing",
    rest_too_early: "break",
    rest_shorter: "break",
    rest_while_working: "break",
    forget_a_stored_break: "unknown_team",
    end_at_the_wrong_post: "unknown_team",
    go_home_elsewhere: "off_road",
    come_home_after_the_hour: "shift",
    drop_the_latest_return: "unknown_team",
    do_without_the_skill: "skill",
    claim_a_skill: "unknown_team",
    forget_that_a_skill_is_needed: "unknown_task",
    walk_too_far_in_a_day: "walk_of_day",
    lift_the_walking_limit: "unknown_team",
    look_for_less_time: "unknown_task",
    miss_both_windows: "window",
    leave_out_a_visit: "task_missing",
    count_visits_wrongly: "visit",
    visit_again_too_soon: "spacing",
    ask_for_less_spacing: "unknown_task",
    hide_unequal_work: "totals",
    boast_of_the_bound: "totals",
}
"""What is done to a plan, and the code by which it is found."""


@pytest.mark.parametrize("tamper", DUTIES, ids=lambda function: function.__name__)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(seed=SEEDS)
def test_no_breach_of_duty_goes_unseen(tamper: Callable[[Document, PatrolWorld], None], seed: int) -> None:
    world = build_rich_world(seed)
    document = json.loads(json.dumps(plan(world, iterations=50)))
    assume(document["routes"])
    tamper(document, world)
    assert DUTIES[tamper] in {found.code for found in check_plan(document, world.truth).violations}


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


# --- speeds by the hour -----------------------------------------------------------------------------------------

PEAK = SpeedProfile({(Mode.CAR, name): (0.5,) * 12 + (1.0,) * 12 for name in ("track", "residential", "primary")})


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_a_plan_takes_the_mean_of_the_hours_of_its_shift_and_none_that_is_quicker_passes(seed: int) -> None:
    world = build_patrol_world(seed, kinds=("car",))
    network = world.network.know_speeds(PEAK).drive_during(tuple(range(DAY_START_S // 3600, DAY_END_S // 3600)))
    slow = replace(world, network=network)
    truth = replace(world.truth, speeds=PEAK)
    # From 8 to 12 a way takes twice as long, from 12 to 17 as long as ever.
    ahead, _ = slow.network.seconds(Mode.CAR)
    usual, _ = world.network.seconds(Mode.CAR)
    open_ = np.isfinite(usual) & np.isin(world.network.road_class, ["track", "residential", "primary"])
    np.testing.assert_allclose(ahead[open_], usual[open_] * (4 * 2 + 5 * 1) / 9)
    assert check_plan({**plan(slow, iterations=50), "speeds": "by_hour"}, truth).violations == ()
    quick = plan(world, iterations=50)
    assume(any(list_slowed(world, route) for route in quick["routes"]))
    assert check_plan(quick, truth).violations == ()
    assert not check_plan({**quick, "speeds": "by_hour"}, truth).valid


def list_slowed(world: PatrolWorld, route: dict[str, Any]) -> list[int]:
    """Roads of 100 m and more that a route runs to their end and that are slower in the morning."""
    legs = [route["return"], *(stop["leg"] for stop in route["stops"])]
    edges = [
        world.network.edge_position(step[0]) for leg in legs for step in leg["steps"] if abs(step[2] - step[1]) == 1
    ]
    slow = {name for _, name in PEAK.shares}
    return [
        e for e in edges if e is not None and world.network.road_class[e] in slow and world.network.length_m[e] > 100
    ]


@settings(max_examples=5, deadline=None)
@given(SEEDS)
def test_each_team_takes_the_mean_of_the_hours_of_its_own_shift_and_the_plan_says_which(seed: int) -> None:
    world = build_patrol_world(seed, kinds=("car", "car", "car"))
    shifts = ((DAY_START_S, 12 * 3600), (12 * 3600, DAY_END_S), (DAY_START_S, DAY_END_S))
    crew = [
        replace(team, shift_start_s=start_s, shift_end_s=end_s).time_by(PEAK)
        for team, (start_s, end_s) in zip(world.given.teams, shifts, strict=True)
    ]
    # In the afternoon nobody is slower than usual.
    assert [team.hours for team in crew] == [(8, 9, 10, 11), (), tuple(range(8, 17))]
    network = world.network.know_speeds(PEAK)
    timed = replace(world, network=network, given=replace(world.given, teams=tuple(crew)))
    truth = replace(world.truth, speeds=PEAK, teams={})
    document = {**plan(timed, iterations=50), "speeds": "by_team"}
    document["teams"] = [{**team, "id": None} for team in document["teams"]]
    SCHEMA.validate(document)
    assert [team.get("hours") for team in document["teams"]] == [[8, 9, 10, 11], None, list(range(8, 17))]
    assert check_plan(document, truth).violations == ()
    wrong = [{**document["teams"][0], "hours": [8, 9]}, *document["teams"][1:]]
    assert "hours" in {found.code for found in check_plan({**document, "teams": wrong}, truth).violations}
    # Measured by the hours of the plan, whoever drives in the morning or the afternoon alone is at other times.
    others = {route["team"] for route in document["routes"] if list_slowed(world, route)} - {"T3"}
    plain = [{name: value for name, value in team.items() if name != "hours"} for team in document["teams"]]
    found = check_plan({**document, "speeds": "by_hour", "teams": plain}, truth).violations
    assert ("times" in {violation.code for violation in found}) >= bool(others)


def test_teams_of_one_kind_and_the_same_hours_share_their_ways() -> None:
    world = build_patrol_world(3, kinds=("car", "car", "car", "foot"))
    night = replace(world.given.teams[2], shift_start_s=20 * 3600, shift_end_s=30 * 3600)
    teams = tuple(team.time_by(PEAK) for team in (*world.given.teams[:2], night, world.given.teams[3]))
    problem = build_problem(world.network.know_speeds(PEAK), replace(world.given, teams=teams), rules=PatrolRules())
    assert [problem.profile_of(team) for team in teams] == [0, 0, 1, 2]
    assert problem.profiles[1].hours == (20, 21, 22, 23, *range(6))
    assert problem.profiles[2].hours == ()
