"""`plan`, `check-plan` and `route`: on the demo county and on a real extract without posts or teams."""

from __future__ import annotations

import copy
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest
import shapely
from openpyxl import load_workbook

from tests.integration.cli.conftest import DEMO_DAY, ROOT, assert_refused, run_gridmap, start_gridmap

FIGURES = {"tasks", "served", "unserved", "duration_s", "distance_m", "objective", "objective_terms"}
DEMO_PLAN = ("--teams", "4", "--iterations", "60", "--date", DEMO_DAY, "--horizon", "3")
Plan = dict[str, Any]


@pytest.fixture(scope="session")
def demo_plan(demo: tuple[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Any]:
    """Address, plan file and what the command said."""
    url, _ = demo
    out = tmp_path_factory.mktemp("plan") / "plan.json"
    done = run_gridmap("plan", *DEMO_PLAN, "--seed", "1", "--out", out, "--db", url, "--json")
    assert done.code == 0, done.err
    return url, out, done.document


def test_a_plan_says_what_it_reaches(demo_plan: tuple[str, Path, Any]) -> None:
    _, out, said = demo_plan
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert said.keys() >= {"feasible", "checked", *FIGURES}
    assert said["feasible"] is said["checked"] is True
    assert said["served"] > 20
    assert said["tasks"] == said["served"] + len(said["unserved"]) == len(plan["tasks"])
    assert all(item["reason"] for item in said["unserved"])
    assert all(item["binding"]["constraint"] and "{" not in item["binding"]["text"] for item in said["unserved"])
    assert said["duration_s"] == sum(route["duration_s"] for route in plan["routes"])
    assert said["objective"] == pytest.approx(sum(said["objective_terms"].values()), abs=0.2)
    assert 1 <= len(plan["routes"]) <= 4
    assert {team["kind"] for team in plan["teams"]} <= {"car", "motorcycle", "foot"}


def test_ctrl_c_ends_the_search_and_keeps_the_best_plan_so_far(demo: tuple[str, Any], tmp_path: Path) -> None:
    out, effort = tmp_path / "plan.json", ("--seconds", "600", "--teams", "4", "--date", DEMO_DAY)
    said = run_gridmap("plan", *effort, "--out", out, "--db", demo[0], "--json", stop_at="Improving").document
    assert said["stopped"] is True
    assert said["served"] == json.loads(out.read_text(encoding="utf-8"))["summary"]["served"] > 0


def test_a_plan_fits_its_published_schema(demo_plan: tuple[str, Path, Any]) -> None:
    schema = json.loads((ROOT / "docs" / "plan.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.validate(schema, json.loads(demo_plan[1].read_text(encoding="utf-8")))


def test_the_checker_agrees(demo_plan: tuple[str, Path, Any]) -> None:
    url, out, _ = demo_plan
    done = run_gridmap("check-plan", out, "--db", url, "--json")
    assert (done.code, done.document) == (0, {"valid": True, "violations": []})


def _drop_a_stop(plan: Plan) -> None:
    plan["routes"][0]["stops"].pop(1)


def _arrive_early(plan: Plan) -> None:
    plan["routes"][0]["stops"][1]["arrive_s"] -= 600


def _fly(plan: Plan) -> None:
    steps = plan["routes"][0]["stops"][1]["leg"]["steps"]
    del steps[len(steps) // 2]


def _serve_twice(plan: Plan) -> None:
    first, second = plan["routes"][0]["stops"][:2]
    second["tasks"] = [*second["tasks"], *first["tasks"]]


def _work_late(plan: Plan) -> None:
    plan["teams"][0]["shift_end_s"] = plan["teams"][0]["shift_start_s"] + 60


def _hide_a_task(plan: Plan) -> None:
    plan["unserved"] = plan["unserved"][1:]


@pytest.mark.parametrize("spoil", [_drop_a_stop, _arrive_early, _fly, _serve_twice, _work_late, _hide_a_task])
def test_the_checker_finds(demo_plan: tuple[str, Path, Any], tmp_path: Path, spoil: Callable[[Plan], None]) -> None:
    url, out, _ = demo_plan
    plan = copy.deepcopy(json.loads(out.read_text(encoding="utf-8")))
    plan["routes"].sort(key=lambda route: -len(route["stops"]))
    plan["teams"].sort(key=lambda team: team["key"] != plan["routes"][0]["team"])
    spoil(plan)
    spoilt = tmp_path / "spoilt.json"
    spoilt.write_text(json.dumps(plan), encoding="utf-8")
    done = run_gridmap("check-plan", spoilt, "--db", url, "--json")
    assert done.document["valid"] is False
    assert all(violation["text"] for violation in done.document["violations"])
    assert done.document["violations"]


def test_the_same_seed_makes_the_same_plan(demo_plan: tuple[str, Path, Any], tmp_path: Path) -> None:
    url, out, _ = demo_plan
    again = tmp_path / "again.json"
    # Nothing that one process remembers may be part of it.
    assert start_gridmap("plan", *DEMO_PLAN, "--seed", "1", "--out", again, "--db", url, "--json").code == 0
    first, second = (json.loads(path.read_text(encoding="utf-8")) for path in (out, again))
    first.pop("created_at")
    second.pop("created_at")
    assert first == second


def test_two_plan_files_are_compared(demo_plan: tuple[str, Path, Any], tmp_path: Path) -> None:
    url, out, said = demo_plan
    plan = json.loads(out.read_text(encoding="utf-8"))
    lost = plan["routes"].pop(0)
    keys = {key for stop in lost["stops"] for key in stop["tasks"]}
    plan["unserved"] += [{"task": key, "reason": "no_time_left", "text": "Full.", "values": {}} for key in sorted(keys)]
    plan["summary"]["duration_s"] -= lost["duration_s"]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(plan), encoding="utf-8")
    found = run_gridmap("plan-compare", out, other, "--db", url, "--json").document
    assert {item["task"] for item in found["dropped"]} == keys
    assert found["gained_s"] == lost["duration_s"]
    assert found["before"]["served"] == said["served"]
    assert found["moved"] == found["added"] == found["gone"] == found["new"] == []
    assert_refused(run_gridmap("plan-compare", out, tmp_path / "missing.json", "--db", url, "--json"))


def test_a_plan_is_mended_in_the_middle_of_its_day(demo_plan: tuple[str, Path, Any], tmp_path: Path) -> None:
    url, out, _ = demo_plan
    plan = json.loads(out.read_text(encoding="utf-8"))
    names = {team["key"]: team["name"] for team in plan["teams"]}
    lost, sent = names[plan["routes"][0]["team"]], names[plan["routes"][1]["team"]]
    step = plan["routes"][2]["return"]["coordinates"][0]
    closed = tmp_path / "closed.geojson"
    closed.write_text(json.dumps({"type": "Point", "coordinates": step}), encoding="utf-8")
    mended = tmp_path / "mended.json"
    given = ("--at", "10:00", "--drop", lost, "--away", f"{sent}:11:30", "--closures", closed, "--iterations", "30")
    done = run_gridmap("replan", "--plan", out, *given, "--out", mended, "--db", url, "--json")
    assert done.code == 0, done.err
    assert done.document["checked"] is True
    assert done.document["at_s"] == 36_000
    assert done.document["difference"].keys() >= {"moved", "dropped", "added", "retimed", "gained_s"}
    schema = json.loads((ROOT / "docs" / "plan.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.validate(schema, json.loads(mended.read_text(encoding="utf-8")))
    # Ctrl+C ends the search, not the command.
    longer = ("--at", "10:00", "--seconds", "600", "--out", mended, "--db", url, "--json")
    stopped = run_gridmap("replan", "--plan", out, *longer, stop_at="Improving").document
    assert (stopped["stopped"], stopped["checked"]) == (True, True)
    assert any("stopped early" in note for note in stopped["notes"])
    assert json.loads(mended.read_text(encoding="utf-8"))["effort"]["stopped_early"] is True


def test_hazards_of_a_file_are_entered_all_or_none(demo_plan: tuple[str, Path, Any], tmp_path: Path) -> None:
    url, out, _ = demo_plan
    post, found = json.loads(out.read_text(encoding="utf-8"))["posts"][0], tmp_path / "found.geojson"
    place = {"type": "Point", "coordinates": [post["lon"], post["lat"]]}
    told = [{"title": "rockfall"}, {"title": "unknown", "kind": "no such kind"}]
    features = [{"type": "Feature", "properties": one, "geometry": place} for one in told]
    words = ("replan", "--plan", out, "--hazards", found, "--db", url, "--json")
    # One is wrong; all are right, and the repair is refused.
    for few, at, why in ((features, "10:00", "no such kind"), (features[:1], "23:59", "over by then")):
        found.write_text(json.dumps({"type": "FeatureCollection", "features": few}), encoding="utf-8")
        assert why in assert_refused(run_gridmap(*words, "--at", at))
        with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
            assert database.execute("SELECT count(*) FROM hazard WHERE title = 'rockfall'").fetchone() == (0,)


def test_what_cannot_be_written_or_thrown_is_refused_before_the_search(demo: tuple[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    words = ("plan", "--seconds", "600", "--db", demo[0], "--json")
    for place in (tmp_path, tmp_path / "file" / "plan.json"):
        assert "cannot be written" in assert_refused(run_gridmap(*words, "--out", place))
    assert "is no seed" in assert_refused(run_gridmap(*words, "--seed", "-1"))
    assert "cannot be planned for at once" in assert_refused(run_gridmap(*words, "--teams", "100000"))


def test_a_place_without_posts_gets_them_at_stations_and_is_told(imported: tuple[str, Any], tmp_path: Path) -> None:
    url, _ = imported
    out, drawn = tmp_path / "plan.json", tmp_path / "plan.geojson"
    earth, book = tmp_path / "plan.kml", tmp_path / "plan.xlsx"
    words = ("--teams", "2", "--seconds", "2", "--out", out, "--geojson", drawn, "--kml", earth, "--xlsx", book)
    done = run_gridmap("plan", *words, "--db", url, "--json")
    assert done.code == 0, done.err
    assert done.document["feasible"] is True
    assert done.document["served"] == done.document["tasks"] > 5
    assert any(note.startswith("No posts are known here; teams set out from") for note in done.document["notes"])
    assert run_gridmap("check-plan", out, "--db", url, "--json").document["valid"] is True
    features = json.loads(drawn.read_text(encoding="utf-8"))["features"]
    assert all(shapely.is_valid(shapely.from_geojson(json.dumps(feature["geometry"]))) for feature in features)
    assert {"post", "leg", "walk", "stop", "return"} <= {feature["properties"]["kind"] for feature in features}
    assert ElementTree.parse(earth).getroot().tag == "{http://www.opengis.net/kml/2.2}kml"
    assert load_workbook(book).sheetnames[0] == "Overview"


def test_a_plan_of_another_place_is_not_valid_here(demo_plan: tuple[str, Path, Any], imported: tuple[str, Any]) -> None:
    done = run_gridmap("check-plan", demo_plan[1], "--db", imported[0], "--json")
    assert done.document["valid"] is False


def test_the_bound_and_the_gap_are_told(demo_plan: tuple[str, Path, Any]) -> None:
    _, out, said = demo_plan
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert 0 <= said["lower_bound"] <= said["objective"]
    assert said["gap"] == pytest.approx(1 - said["lower_bound"] / said["objective"], abs=1e-5)
    assert (said["lower_bound"], said["gap"]) == (plan["lower_bound"], plan["gap"])
    assert (said["warm_started"], said["warm_start"]) == (False, None)
    assert all(item["hint"] for item in said["unserved"])
    assert all("binding" in item for item in said["unserved"])


def test_a_search_goes_on_from_a_plan_with_the_teams_of_a_table(
    demo_plan: tuple[str, Path, Any], tmp_path: Path
) -> None:
    url, out, _ = demo_plan
    plan = json.loads(out.read_text(encoding="utf-8"))
    posts = {post["key"]: post for post in plan["posts"]}
    rows = [
        f"{team['name']},{team['kind']},{team['members']},{posts[team['post']]['name']},08:00,17:00,12:00-13:00/30"
        for team in plan["teams"][:3]
    ]
    table, again = tmp_path / "teams.csv", tmp_path / "again.json"
    table.write_text("\n".join(["name,kind,members,post,start,end,breaks", *rows]), encoding="utf-8")
    words = ("--team-file", table, "--warm-start", out, "--iterations", "20", "--date", DEMO_DAY, "--balance", "1")
    done = run_gridmap("plan", *words, "--out", again, "--db", url, "--json")
    assert done.code == 0, done.err
    assert done.document["warm_started"] is True
    stops = sum(len(route["stops"]) for route in plan["routes"])
    assert 0 < done.document["warm_start"]["kept"] <= done.document["warm_start"]["stops"] == stops
    assert done.document["objective_terms"]["balance_s"] > 0
    written = json.loads(again.read_text(encoding="utf-8"))
    assert len(written["teams"]) == 3
    assert all(len(route["breaks"]) == 1 for route in written["routes"])
    assert run_gridmap("check-plan", again, "--db", url, "--json").document["valid"] is True


def test_a_table_of_teams_that_is_wrong_is_refused_by_row(demo: tuple[str, Any], tmp_path: Path) -> None:
    table = tmp_path / "teams.csv"
    table.write_text("name,kind,post,start,end\na,boat,x,08:00,17:00\n", encoding="utf-8")
    said = assert_refused(run_gridmap("plan", "--team-file", table, "--db", demo[0], "--json"))
    assert "row 2: “boat” is no kind of team." in said


def test_teams_are_imported_and_listed(demo: tuple[str, Any], tmp_path: Path) -> None:
    url = f"sqlite:///{shutil.copy(demo[0].removeprefix('sqlite:///'), tmp_path / 'own.db')}"
    listed = run_gridmap("teams", "list", "--db", url, "--json").document
    table = tmp_path / "teams.csv"
    rows = [
        f"{listed[0]['name']},foot,2,{listed[0]['post']},08:00,16:00,12:00-13:00/30,登高",
        f"new,car,2,{listed[1]['post']},20:00,04:00,,",
    ]
    table.write_text("\n".join(["name,kind,members,post,start,end,breaks,skills", *rows]), encoding="utf-8")
    done = run_gridmap("teams", "import", table, "--db", url, "--json")
    assert (done.document["added"], done.document["changed"]) == (1, 1)
    after = {team["name"]: team for team in run_gridmap("teams", "list", "--db", url, "--json").document}
    first = after[listed[0]["name"]]
    assert (first["kind"], first["breaks"], first["skills"]) == ("foot", "12:00-13:00/30", "登高")
    assert (after["new"]["start"], after["new"]["end"]) == ("20:00", "04:00")
    assert len(after) == len(listed) + 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--teams", "0"), "at least one team"),
        (("--seconds", "-1"), "seconds"),
        (("--balance", "-1"), "equal work"),
        (("--warm-start", "nowhere.json"), "nowhere.json"),
        (("--area", "660000"), "660000"),
        (("--date", "yesterday"), "yesterday"),
    ],
)
def test_what_cannot_be_planned_is_said(demo: tuple[str, Any], words: tuple[str, ...], said: str) -> None:
    assert said in assert_refused(run_gridmap("plan", *words, "--db", demo[0], "--json")).lower()


def test_a_plan_file_that_is_none(demo: tuple[str, Any], tmp_path: Path) -> None:
    text, empty = tmp_path / "text.json", tmp_path / "empty.json"
    text.write_text("no plan", encoding="utf-8")
    empty.write_text("{}", encoding="utf-8")
    assert_refused(run_gridmap("check-plan", text, "--db", demo[0], "--json"))
    (violation,) = run_gridmap("check-plan", empty, "--db", demo[0], "--json").document["violations"]
    assert violation["code"] == "format"
    assert_refused(run_gridmap("check-plan", tmp_path / "missing.json", "--db", demo[0], "--json"))


def test_a_route_runs_along_roads(imported: tuple[str, Any]) -> None:
    words = ("route", "--from", "9.5215,47.1415", "--to", "9.51,47.06", "--db", imported[0], "--json")
    by_car, on_foot = run_gridmap(*words).document, run_gridmap(*words, "--mode", "foot").document
    assert by_car["geometry"]["type"] == "LineString"
    assert len(by_car["geometry"]["coordinates"]) > 50
    straight_m = 9_100
    assert straight_m < by_car["metres"] < 2 * straight_m
    assert 300 < by_car["seconds"] < 1_800
    assert on_foot["seconds"] > 4 * by_car["seconds"]


@pytest.mark.parametrize("words", [("0,0", "1,1"), ("9.52,47.14", "9.52"), ("9.52,47.14", "a,b"), ("9.52,91", "9,47")])
def test_a_route_that_cannot_be(imported: tuple[str, Any], words: tuple[str, str]) -> None:
    start, end = words
    assert_refused(run_gridmap("route", "--from", start, "--to", end, "--db", imported[0], "--json"))


def test_roads_that_are_drawn_closed_are_not_run(demo_plan: tuple[str, Path, Any], tmp_path: Path) -> None:
    url, out, _ = demo_plan
    routes = json.loads(out.read_text(encoding="utf-8"))["routes"]
    leg = max((stop["leg"] for route in routes for stop in route["stops"]), key=lambda leg: len(leg["steps"]))
    middle = shapely.LineString(leg["coordinates"]).interpolate(0.5, normalized=True)
    closures, second = tmp_path / "closures.geojson", tmp_path / "second.json"
    features = [
        {"type": "Feature", "properties": {"name": "bridge"}, "geometry": shapely.geometry.mapping(middle)},
        {"type": "Feature", "properties": {"name": "sea"}, "geometry": {"type": "Point", "coordinates": [0, 0]}},
    ]
    closures.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    done = run_gridmap("plan", *DEMO_PLAN, "--closures", closures, "--out", second, "--db", url, "--json")
    assert done.code == 0, done.err
    said = done.document["closures"]
    assert (said["closed_edges"] >= 1, said["unmatched"]) == (True, ["sea"])
    plan = json.loads(second.read_text(encoding="utf-8"))
    legs = [stop["leg"] for route in plan["routes"] for stop in route["stops"]]
    run = {step[0] for leg in [*legs, *(route["return"] for route in plan["routes"])] for step in leg["steps"]}
    assert len(plan["closures"]) == said["closed_edges"]
    assert not run & set(plan["closures"])


def test_the_posts_of_a_plan_say_what_its_teams_cannot_reach(demo_plan: tuple[str, Path, Any], tmp_path: Path) -> None:
    url, out, _ = demo_plan
    plan = json.loads(out.read_text(encoding="utf-8"))
    leg = max((stop["leg"] for route in plan["routes"] for stop in route["stops"]), key=lambda leg: len(leg["steps"]))
    middle = shapely.LineString(leg["coordinates"]).interpolate(0.5, normalized=True)
    closures = tmp_path / "closures.geojson"
    words = ("roads", "check", "--plan", out, "--closures", closures, "--db", url, "--json")
    closures.write_text(json.dumps({"type": "FeatureCollection", "features": []}), encoding="utf-8")
    assert "draws nothing" in assert_refused(run_gridmap(*words))
    closures.write_text(json.dumps(shapely.geometry.mapping(middle)), encoding="utf-8")
    said = run_gridmap(*words).document
    posts = {post["key"]: post["name"] for post in plan["posts"]}
    assert {(post["post"], post["mode"]) for post in said["posts"]} == {
        (posts[team["post"]], team["kind"]) for team in plan["teams"]
    }
    shut = said["closures"]["closed_edges"]
    assert shut >= 1
    for post in said["posts"]:
        found = {fault["because"]: fault for fault in post["out_of_reach"]}
        assert found["closed"]["stretches"] == shut
    assert_refused(run_gridmap("roads", "check", "--plan", closures, "--db", url, "--json"))
