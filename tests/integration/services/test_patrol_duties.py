"""Teams' duties, segments' visits and nights, what kinds of hazard need: from the store to a checked plan, and back."""

from __future__ import annotations

import copy
import json
import uuid
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.domain.days import begin_day, local_day
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.railways.segment_edits import SegmentEdit
from gridmap.domain.team_actions import ActionKind, TeamAction
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import (
    cards,
    hazard_kinds,
    hazards,
    incidents,
    plan_checking,
    planning,
    railways,
    segments,
    team_actions,
    team_import,
    team_keeping,
    teams,
)
from gridmap.services.context import Context
from gridmap.services.hazard_kinds import KindChange
from gridmap.services.hazards import NewHazard
from gridmap.services.incidents import NewIncident
from gridmap.services.journal import undo_change
from gridmap.services.patrol_crews import read_crew
from gridmap.services.patrol_request import PatrolRequest
from tests.counties import ADMIN, EAST_PLANNER, EAST_TOWN, WEST, WEST_TOWN, fill_county, place_in, set_patrols
from tests.unit.domain.patrol.test_formats import as_first_format

PLANNER = Actor("planner", Role.PLANNER)
HEAD = "name,kind,members,post,lon,lat,start,end,end_post,breaks,latest_return,skills,max_walk_m\n"


on_one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is computed alike on either engine; other tests show that both read and write what it is computed of."""


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def ask(**values: Any) -> PatrolRequest:
    return PatrolRequest(**{"iterations": 40, "shift_end": time(18), **values})


def read(county: Context, rows: str, head: str = HEAD) -> Any:
    return read_crew(county, PLANNER, content=head + rows)


def set_segments(county: Context, **values: Any) -> Any:
    found = railways.list_segments(county, PLANNER)
    versions = {int(row.id): int(row.version) for row in found.itertuples()}
    edit = SegmentEdit(**values)
    segments.edit_segments(county, PLANNER, segment_ids=list(versions), edit=edit, versions=versions)
    return found


def test_a_table_of_teams_makes_the_plan(county: Context) -> None:
    rows = (
        f"a,car,2,Post {WEST_TOWN},,,08:00,16:00,Post {EAST_TOWN},12:00-13:00/30,15:30,x;y,\n"
        f"b,foot,1,Post {EAST_TOWN},,,08:00,17:00,,,,,4000\n"
    )
    document = planning.compute_plan(county, PLANNER, request=ask(crew=read(county, rows)))
    a, b = document["teams"]
    assert [post["name"] for post in document["posts"]] == [f"Post {WEST_TOWN}", f"Post {EAST_TOWN}"]
    assert (a["name"], a["post"], a["end_post"], a["latest_return_s"], a["skills"]) == (
        "a",
        "P1",
        "P2",
        55_800,
        ["x", "y"],
    )
    assert a["breaks"] == [{"earliest_s": 43_200, "latest_s": 46_800, "seconds": 1800}]
    assert (b["post"], b["max_walk_m"], b["id"]) == ("P2", 4000.0, None)
    assert document["routes"]
    for route in document["routes"]:
        if route["team"] == a["key"]:
            assert "home" in route
            assert len(route["breaks"]) == 1


@on_one_engine
def test_each_team_is_timed_by_the_hours_of_its_own_shift(county: Context) -> None:
    """Two teams alike but for their shift: by night roads are free, and what they share is driven in less time."""
    rows = f"day,car,2,Post {WEST_TOWN},,,08:00,16:00,,,,,\nnight,car,2,Post {WEST_TOWN},,,20:00,04:00,,,,,\n"
    document = planning.compute_plan(county, PLANNER, request=ask(crew=read(county, rows)))
    day, night = document["teams"]
    assert document["speeds"] == "by_team"
    assert (day["hours"], night.get("hours")) == ([*range(8, 16)], None)
    assert plan_checking.check_plan(county, PLANNER, document=document).valid
    told = copy.deepcopy(document)
    told["teams"][1]["hours"] = day["hours"]
    found = plan_checking.check_plan(county, PLANNER, document=told).violations
    assert {violation.code for violation in found} == {"hours"}


def test_a_chinese_table_with_a_place_and_persons_is_read_without_the_persons(county: Context) -> None:
    lon, lat = place_in(1, 0)
    head = "队伍\t类型\t人数\t驻地\t经度\t纬度\t上岗时间\t下岗时间\t休息时间\t队长\t技能\n"
    (crew,) = read(
        county, f"一队\t摩托车\t1\t临时点\t{lon}\t{lat}\t08：00\t17：00\t12:00至13:00/30\t张三\t登高\n", head
    )
    assert (crew.name, crew.post, crew.place, crew.skills) == ("一队", "临时点", (lon, lat), {"登高"})
    document = planning.compute_plan(county, PLANNER, request=ask(crew=(crew,)))
    assert [(post["id"], post["name"]) for post in document["posts"]] == [(None, "临时点")]
    assert "张三" not in json.dumps(document, ensure_ascii=False)


@on_one_engine
def test_each_wrong_row_is_named_with_what_to_do(county: Context) -> None:
    rows = f"a,boat,2,Post {WEST_TOWN},,,08:00,16:00,,,,,\nb,car,2,,,,08:00,16:00,,,,,\na,car,2,x,,,08:00,09:00,,,,,\n"
    with pytest.raises(InvalidInput) as refused:
        read(county, rows + f"a,car,2,Post {WEST_TOWN},,,08:00,16:00,,,,,\n")
    said = str(refused.value)
    assert "row 2: “boat” is no kind of team. It is car, motorcycle or foot." in said
    assert "row 3: The team has no post. Name one, or give lon and lat." in said
    assert "row 5: There are two teams called “a”." in said
    assert refused.value.values["count"] == 3


@on_one_engine
@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,car,2,Nowhere,,,08:00,16:00,,,,,\n", "no post called “Nowhere”"),
        ("a,car,2,,100.0,20.0,08:00,16:00,,,,,\n", "No road"),
    ],
)
def test_a_post_that_cannot_be_is_named_before_anything_is_searched(county: Context, row: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        planning.compute_plan(county, PLANNER, request=ask(crew=read(county, row)))
    assert "row 2" in str(refused.value)


@on_one_engine
def test_a_table_without_a_header_or_teams_is_refused(county: Context, tmp_path: Path) -> None:
    for content in ("a,b\n1,2\n", HEAD, tmp_path / "none.csv"):
        with pytest.raises(InvalidInput):
            read_crew(county, PLANNER, content=content)


def test_kept_teams_keep_their_duties_and_the_plan_too(county: Context) -> None:
    rows = f"car {WEST_TOWN},car,2,Post {WEST_TOWN},,,08:00,16:00,Post {EAST_TOWN},12:00-13:00/30,15:30,x,5000\n"
    rows += "new,motorcycle,1,Hill,{},{},20:00,06:00,,01:00-02:00/30,05:00,,\n".format(*place_in(1, 0))
    kept = team_import.import_teams(county, ADMIN, crew=read(county, rows))
    assert (kept.added, kept.changed) == (1, 1)
    found = teams.list_teams(county, ADMIN).set_index("name")
    old, new = found.loc[f"car {WEST_TOWN}"], found.loc["new"]
    assert new["end_post_name"] is None
    assert (old["end_post_name"], old["breaks"], old["latest_return_min"]) == (
        f"Post {EAST_TOWN}",
        "12:00-13:00/30",
        930,
    )
    assert (new["post_name"], new["shift_end_min"], new["breaks"], new["skills"]) == ("Hill", 360, "01:00-02:00/30", "")
    card = dict(cards.load_card(county, ADMIN, kind="team", id=int(old["id"])).rows)
    assert (card["Breaks"], card["Back by"], card["Skills"]) == ("12:00-13:00/30", "15:30", "x")
    document = planning.compute_plan(county, PLANNER, request=ask(team_ids=(int(old["id"]),)))
    (team,) = document["teams"]
    assert (team["latest_return_s"], team["skills"], team["max_walk_m"]) == (55_800, ["x"], 5000.0)
    night = ask(team_ids=(int(new["id"]),), shift_start=time(20), shift_end=time(6))
    (rider,) = planning.compute_plan(county, PLANNER, request=night)["teams"]
    assert rider["breaks"] == [{"earliest_s": 90_000, "latest_s": 93_600, "seconds": 1800}]
    undo_change(county, ADMIN, txn_id=kept.change, reason="wrong table")
    assert "new" not in set(teams.list_teams(county, ADMIN)["name"])


@on_one_engine
def test_a_break_outside_the_shift_that_is_asked_for_is_told(county: Context) -> None:
    rows = f"car {WEST_TOWN},car,2,Post {WEST_TOWN},,,08:00,16:00,,12:00-13:00/30,,,\n"
    team_import.import_teams(county, ADMIN, crew=read(county, rows))
    document = planning.compute_plan(county, PLANNER, request=ask(shift_end=time(12)))
    assert any(note["text"].startswith("A break of {team}") for note in document["notes"])


def test_teams_of_another_area_are_not_changed(county: Context) -> None:
    rows = f"car {WEST_TOWN},car,2,Post {EAST_TOWN},,,08:00,16:00,,,,,\n"
    crew = read(county, rows)
    with pytest.raises(InvalidInput, match="another area"):
        team_import.import_teams(county, Actor("east", Role.ADMINISTRATOR, EAST_PLANNER.scope_code), crew=crew)


def test_one_team_is_added_changed_and_used_no_more(county: Context) -> None:
    cells = {"name": "night", "kind": "motorcycle", "members": "1", "post": f"Post {WEST_TOWN}", "start": "20:00"}
    cells |= {"end": "06:00", "breaks": "01:00-02:00/30", "skills": "x"}
    team_id = team_keeping.save_team(county, ADMIN, cells=cells)
    before = teams.list_teams(county, ADMIN).set_index("id").loc[team_id]
    assert (before["name"], before["on_duty"], before["breaks"]) == ("night", True, "01:00-02:00/30")
    with pytest.raises(InvalidInput, match="already"):
        team_keeping.save_team(county, ADMIN, cells=cells)
    with pytest.raises(InvalidInput, match="does not fit"):
        team_keeping.save_team(county, ADMIN, cells={**cells, "breaks": "05:50-05:55/30"}, team_id=team_id)
    version = int(before["version"])
    changed = {**cells, "name": "late", "breaks": ""}
    assert team_keeping.save_team(county, ADMIN, cells=changed, team_id=team_id, version=version) == team_id
    with pytest.raises(Conflict):
        team_keeping.save_team(county, ADMIN, cells=cells, team_id=team_id, version=version)
    now = teams.list_teams(county, ADMIN).set_index("id").loc[team_id]
    assert (now["name"], now["breaks"]) == ("late", "")
    crew = Actor("crew", Role.TEAM, "", team_id)
    team_keeping.retire_team(county, ADMIN, team_id=team_id)
    assert team_id not in set(teams.list_teams(county, ADMIN)["id"])
    with pytest.raises(NotFound):
        team_keeping.retire_team(county, ADMIN, team_id=team_id)
    on_duty = TeamAction(key=str(uuid.uuid4()), team_id=team_id, kind=ActionKind.DUTY_ON, at=county.clock())
    with pytest.raises(Conflict, match="not used"):
        team_actions.take_action(county, crew, action=on_duty)
    # Its table brings it back, as the same team.
    rows = f"late,motorcycle,1,Post {WEST_TOWN},,,20:00,06:00,,,,,\n"
    assert team_import.import_teams(county, ADMIN, crew=read(county, rows)).changed == 1
    assert team_id in set(teams.list_teams(county, ADMIN)["id"])


def test_a_team_with_a_task_is_not_put_away_and_others_may_not(county: Context) -> None:
    found = teams.list_teams(county, ADMIN).set_index("name")
    team_id = int(found.loc[f"car {WEST_TOWN}", "id"])
    lon, lat = place_in(1, 2)
    new = NewIncident(kind="fire", severity=3, lon=lon, lat=lat)
    incidents.open_incident(county, ADMIN, new=new, team_id=team_id)
    with pytest.raises(Conflict, match="task"):
        team_keeping.retire_team(county, ADMIN, team_id=team_id)
    with pytest.raises(NotAllowed):
        team_keeping.retire_team(county, PLANNER, team_id=team_id)
    east = Actor("east", Role.ADMINISTRATOR, EAST_PLANNER.scope_code)
    with pytest.raises(NotFound):
        team_keeping.retire_team(county, east, team_id=team_id)


@on_one_engine
def test_visits_of_a_day_become_jobs_that_keep_their_distance(county: Context) -> None:
    set_patrols(county, at=None)
    set_segments(county, interval_days=1, visits=2, spacing_min=120)
    document = planning.compute_plan(county, PLANNER, request=ask(include_hazards=False, iterations=200))
    wanted = [task for task in document["tasks"] if task["kind"] == "segment"]
    assert {(task["visits"], task["spacing_s"]) for task in wanted} == {(2, 7200)}
    stops = [stop for route in document["routes"] for stop in route["stops"]]
    assert {stop["visit"]["of"] for stop in stops} == {2}
    assert any(stop["visit"]["number"] == 2 for stop in stops)


def test_what_was_visited_today_is_visited_less_often(county: Context) -> None:
    day = local_day(county.clock())
    set_patrols(county, at=None)
    found = set_segments(county, interval_days=1, visits=4, spacing_min=60)
    assert set(_count_visits(county).values()) == {4}
    begin = begin_day(county.clock())
    set_patrols(county, at=begin + timedelta(hours=7))  # the next are due at 13:00 and at 19:00
    tasks = _count_visits(county, service_date=day)
    assert set(tasks.values()) == {2}
    assert len(tasks) == len(found)


def _count_visits(county: Context, **values: Any) -> dict[str, int]:
    document = planning.compute_plan(county, PLANNER, request=ask(include_hazards=False, iterations=1, **values))
    return {task["key"]: task.get("visits", 1) for task in document["tasks"]}


@on_one_engine
def test_a_segment_wanted_by_night_is_not_walked_by_day_and_says_so(county: Context) -> None:
    set_patrols(county, at=None)
    set_segments(county, night=True)
    document = planning.compute_plan(county, PLANNER, request=ask(include_hazards=False))
    reasons = {item["reason"] for item in document["unserved"]}
    assert "outside_hours" in reasons
    assert not document["routes"]
    assert all(item["hint"] for item in document["unserved"])
    rules = PatrolRules(night_s=(9 * 3600, 18 * 3600))
    served = planning.compute_plan(county, PLANNER, request=ask(include_hazards=False, rules=rules))
    starts = [stop["start_s"] for route in served["routes"] for stop in route["stops"]]
    assert starts
    assert min(starts) >= 9 * 3600


def test_a_kind_of_hazard_says_who_inspects_it_when_and_how_long(county: Context) -> None:
    lon, lat = WEST + 1e-4, place_in(0, 0)[1]  # beside the road along the border
    hazards.add_hazard(county, ADMIN, new=NewHazard(kind="dumping", severity=2, title="rubble", lon=lon, lat=lat))
    kind = hazard_kinds.list_kinds(county, ADMIN).require("dumping")
    change = KindChange(
        is_line_side=True, is_light=False, skill="climbing", inspect_min=7, hours="10:00-11:00; 14:00-15:00"
    )
    hazard_kinds.change_kind(county, ADMIN, code="dumping", change=change, version=kind.version)
    set_patrols(county, at=county.clock())
    plain = planning.compute_plan(county, PLANNER, request=ask())
    (task,) = [task for task in plain["tasks"] if task["kind"] == "hazard"]
    assert (task["skill"], task["inspect_s"]) == ("climbing", 420)
    assert task["windows_s"] == [[36_000, 39_600], [50_400, 54_000]]
    (item,) = [item for item in plain["unserved"] if item["task"] == task["key"]]
    assert (item["reason"], item["values"]) == ("no_skill", {"skill": "climbing"})
    crew = read(county, f"a,car,2,Post {WEST_TOWN},,,08:00,18:00,,,,climbing,\n")
    able = planning.compute_plan(county, PLANNER, request=ask(crew=crew))
    (stop,) = [stop for route in able["routes"] for stop in route["stops"] if task["key"] in stop["tasks"]]
    assert any(first <= stop["start_s"] <= last for first, last in task["windows_s"])


def test_what_inspecting_a_kind_cannot_take_is_refused(sqlite_context: Context) -> None:
    kind = hazard_kinds.list_kinds(sqlite_context, ADMIN).require("dumping")
    for given in ({"skill": "a;b"}, {"inspect_min": 0}, {"hours": "all day"}):
        change = KindChange(is_line_side=True, is_light=False, **given)
        with pytest.raises(InvalidInput):
            hazard_kinds.change_kind(sqlite_context, ADMIN, code="dumping", change=change, version=kind.version)


@on_one_engine
def test_a_search_begins_with_another_plan(county: Context) -> None:
    set_patrols(county, at=None)
    before = json.loads(json.dumps(planning.compute_plan(county, PLANNER, request=ask())))
    stops = sum(len(route["stops"]) for route in before["routes"])
    again = planning.compute_plan(county, PLANNER, request=ask(start=before, iterations=1))
    assert again["effort"]["warm_start"] == {"stops": stops, "kept": stops}
    crew = read(county, f"a,car,2,Post {WEST_TOWN},,,08:00,18:00,,,,,\n")
    others = planning.compute_plan(county, PLANNER, request=ask(start=before, crew=crew))
    assert others["effort"]["warm_start"] == {"stops": stops, "kept": 0}
    assert any(note["text"].startswith("Of that plan these teams") for note in others["notes"])
    with pytest.raises(InvalidInput, match="is none"):
        planning.compute_plan(county, PLANNER, request=ask(start={"routes": []}))


def test_a_plan_kept_in_the_first_format_is_opened_and_checked(county: Context) -> None:
    set_patrols(county, at=None)
    document = json.loads(json.dumps(planning.compute_plan(county, PLANNER, request=ask())))
    first = as_first_format(copy.deepcopy(document))
    assert plan_checking.check_plan(county, PLANNER, document=first).valid
    plan_id = planning.save_plan(county, PLANNER, document=first, name="old")
    opened = planning.load_plan(county, PLANNER, plan_id=plan_id)
    assert (opened["format"], opened["routes"]) == (document["format"], document["routes"])
