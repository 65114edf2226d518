"""A team's page over real HTTP: its shell, its board, acts that count once, positions, and word of every change."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from gridmap.services import coverage, hazard_photos, hazards, incidents, orders, planning, teams
from gridmap.services.context import Context
from gridmap.services.incidents import NewIncident
from gridmap.views.elements import compute_static_version
from tests.counties import ADMIN, WEST_TOWN, place_in
from tests.integration.web.conftest import CREWS, Server, copy_county, open_briefly
from tests.pictures import draw_photo

PAGE = {"Accept": "text/html"}
WITHIN_S = 10


@pytest.fixture(scope="module")
def served(serve: Callable[..., Server], county_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The app on a county of its own, whose plans are published."""
    url = copy_county(county_made, tmp_path_factory.mktemp("teams"))
    with open_briefly(url) as context:
        for plan_id in planning.list_plans(context, ADMIN)["id"]:
            planning.publish_plan(context, ADMIN, plan_id=int(plan_id))
    return serve(url, GRIDMAP_HOST="127.0.0.1")


@pytest.fixture(scope="module")
def crew(served: Server) -> Iterator[httpx.Client]:
    with served.sign_in("west crew") as client:
        yield client


@pytest.fixture(scope="module")
def desk(served: Server) -> Iterator[httpx.Client]:
    with served.sign_in("chief") as client:
        yield client


@pytest.fixture
def context(served: Server) -> Iterator[Context]:
    with open_briefly(served.database_url) as opened:
        yield opened


def read_board(crew: httpx.Client) -> dict[str, object]:
    answer = crew.get("/team/board.json", headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def act(crew: httpx.Client, kind: str, **more: object) -> httpx.Response:
    given = {"key": str(uuid.uuid4()), "team": read_board(crew)["team"]["id"], "at": datetime.now(UTC).isoformat()}
    return crew.post("/team/actions", json={**given, "kind": kind, **more}, headers={"Accept-Language": "en"})


def test_the_page_is_a_shell_that_may_be_kept(crew: httpx.Client) -> None:
    answer = crew.get("/team", headers={**PAGE, "Accept-Language": "zh-CN"})
    assert answer.status_code == 200
    found = re.search(r'<script type="application/json" id="options">(.*?)</script>', answer.text)
    assert found
    options = json.loads(found[1])
    assert options["words"]["report"] == "上报隐患"
    assert {kind["value"] for kind in options["kinds"]} >= {"burning", "other"}
    # What it shows comes from the board: nothing of an order stands in the shell.
    assert "K0" not in answer.text
    assert "window.__streamlit" not in answer.text


def test_the_worker_names_files_that_are_there(crew: httpx.Client, served: Server) -> None:
    with served.visit() as stranger:
        worker = stranger.get("/team/worker.js")
        assert worker.status_code == 200
        assert worker.headers["service-worker-allowed"] == "/team"
        shell = json.loads(worker.text.splitlines()[1].removeprefix("const SHELL = ").removesuffix(";"))
        assert f"/team/assets/v/{compute_static_version()}/map/tile_worker.js" in shell
        assert all(stranger.get(path).status_code == 200 for path in shell)


def test_the_board_tells_the_order_and_the_ground(crew: httpx.Client, context: Context) -> None:
    board = read_board(crew)
    assert board["team"]["name"] == CREWS["west crew"]
    assert board["team"]["onDuty"] is True
    stops = board["order"]["stops"]
    assert [stop["number"] for stop in stops] == list(range(1, len(stops) + 1))
    first = stops[0]
    assert "Clear River Line" in first["title"]
    assert re.fullmatch(r"\d\d:\d\d", first["arrive"])
    assert any("On foot" in line for line in first["lines"])
    assert first["geo"].startswith("geo:37.")
    # Amap wants GCJ-02, half a kilometre from where WGS-84 has it.
    lon, lat = map(float, re.search(r"to=([\d.]+),([\d.]+)", first["amap"]).groups())
    own_lat, own_lon = map(float, re.match(r"geo:([\d.]+),([\d.]+)", first["geo"]).groups())
    assert 0.004 < abs(lon - own_lon) + abs(lat - own_lat) < 0.02
    assert crew.get("/tiles/base/10/832/395.mvt").status_code in {200, 204}


def test_an_act_that_is_sent_twice_counts_once(crew: httpx.Client, context: Context) -> None:
    board = read_board(crew)
    plan_id, stop = board["order"]["plan"], board["order"]["stops"][0]
    document = {
        "key": str(uuid.uuid4()),
        "team": board["team"]["id"],
        "kind": "done",
        "target": stop["id"],
        "at": datetime.now(UTC).isoformat(),
        "note": "All quiet",
        "photo": base64.b64encode(draw_photo()).decode(),
    }
    first = crew.post("/team/actions", json=document)
    assert first.json() == {"again": False, "hazard": None}
    covered = len(coverage.list_coverage(context, ADMIN))
    assert covered > 0
    assert crew.post("/team/actions", json=document).json() == {"again": True, "hazard": None}
    assert len(coverage.list_coverage(context, ADMIN)) == covered
    told = read_board(crew)["order"]["stops"][0]
    assert (told["state"], told["note"], told["photo"]) == ("done", "All quiet", True)
    photo_id = int(orders.list_stops(context, ADMIN, plan_id=plan_id)["photo_id"].dropna().iloc[0])
    assert crew.get(f"/team/photos/{photo_id}.jpg").headers["content-type"] == "image/jpeg"


def test_a_hazard_comes_with_its_photo(crew: httpx.Client, context: Context) -> None:
    lon, lat = place_in(1, 1)
    told = {"kind": "burning", "severity": 3, "title": "Smoke by the line", "lon": lon, "lat": lat}
    answer = act(crew, "hazard", hazard=told, photo=base64.b64encode(draw_photo()).decode())
    hazard_id = answer.json()["hazard"]
    assert hazards.load_hazard(context, ADMIN, hazard_id=hazard_id)["title"] == "Smoke by the line"
    assert len(hazard_photos.list_photos(context, ADMIN, hazard_id=hazard_id)) == 1
    # It is the office's now: the team reads none of it, its photo neither.
    assert crew.get(f"/photos/{1}.jpg").status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "dance"}, 422),
        ({"key": "1"}, 422),
        ({"at": "2026-03-01T10:00:00"}, 422),
        ({"target": 999_999}, 404),
        ({"team": 999_999}, 409),
        ({"photo": "%%%"}, 422),
        ({"note": "x" * 501}, 422),
        ({"kind": "cannot", "reason": "tired"}, 422),
        ({"kind": "hazard", "hazard": {"kind": "burning"}}, 422),
        ({"kind": "hazard", "hazard": None}, 422),
    ],
)
def test_what_cannot_be_taken_says_why(crew: httpx.Client, change: dict[str, object], status: int) -> None:
    board = read_board(crew)
    stop = board["order"]["stops"][-1]["id"]
    given = {"key": str(uuid.uuid4()), "team": board["team"]["id"], "at": datetime.now(UTC).isoformat()}
    answer = crew.post("/team/actions", json={**given, "kind": "arrive", "target": stop, **change})
    assert answer.status_code == status
    assert answer.json()["error"]
    assert read_board(crew)["mark"] == board["mark"]


@pytest.mark.parametrize("body", [b"", b"[]", b"nothing", b"[[[["])
def test_what_is_no_act_is_refused(crew: httpx.Client, body: bytes) -> None:
    assert crew.post("/team/actions", content=body).status_code == 422


def test_more_than_is_taken_at_once_is_refused(crew: httpx.Client) -> None:
    assert crew.post("/team/positions", content=b"[" + b" " * 70_000 + b"]").status_code == 413
    assert crew.post("/team/positions", json=[{}] * 101).status_code == 413


def test_positions_are_taken_on_duty_only(crew: httpx.Client, context: Context) -> None:
    lon, lat = place_in(0, 0)
    fix = {"lon": lon + 0.0005, "lat": lat, "at": datetime.now(UTC).isoformat(), "accuracy_m": 8}
    assert crew.post("/team/positions", json=[fix, fix | {"lon": 999}]).json() == {
        "accepted": 1,
        "refused": [{"index": 1, "reason": "out_of_range"}],
    }
    row = teams.list_teams(context, ADMIN).set_index("name").loc[CREWS["west crew"]]
    assert (row["lon"], row["simulated"]) == (pytest.approx(lon + 0.0005), False)
    assert act(crew, "duty_off").status_code == 200
    off = crew.post("/team/positions", json=[fix | {"at": datetime.now(UTC).isoformat()}])
    assert off.json()["refused"] == [{"index": 0, "reason": "off_duty"}]
    assert act(crew, "duty_on").status_code == 200
    assert read_board(crew)["position"]["lon"] == pytest.approx(lon + 0.0005)


def test_a_task_of_the_command_map_arrives_at_once(served: Server, crew: httpx.Client, context: Context) -> None:
    own = teams.find_team(context, ADMIN, name=CREWS["west crew"])
    lon, lat = place_in(0, 0)
    fix = {"lon": lon, "lat": lat, "at": datetime.now(UTC).isoformat()}
    assert crew.post("/team/positions", json=[fix]).status_code == 200
    with served.listen("/team/live", crew) as socket:
        known = socket.recv(timeout=WITHIN_S)
        assert known == read_board(crew)["mark"]
        new = NewIncident(kind="fire", severity=3, lon=lon, lat=lat, title="Barn")
        incidents.open_incident(context, ADMIN, new=new, team_id=own)
        assert socket.recv(timeout=WITHIN_S) != known
        (task,) = read_board(crew)["tasks"]
        assert (task["title"], task["state"]) == ("Barn", "sent")
        for to in ("accepted", "arrived", "done"):
            assert act(crew, "task", target=task["id"], to=to).status_code == 200
    assert read_board(crew)["tasks"] == []


def test_another_teams_page_hears_of_its_own_alone(served: Server, crew: httpx.Client) -> None:
    with served.sign_in("east crew") as other, served.listen("/team/live", other) as socket:
        known = socket.recv(timeout=WITHIN_S)
        board = read_board(crew)
        assert act(crew, "confirm", target=board["order"]["id"]).status_code == 200
        assert read_board(crew)["order"]["confirmed"] is True
        assert read_board(other)["mark"] == known
        assert act(other, "confirm", target=read_board(other)["order"]["id"]).status_code == 200
        heard = known
        while heard == known:
            heard = socket.recv(timeout=WITHIN_S)
        assert heard == read_board(other)["mark"]


def test_the_address_of_a_printed_order(served: Server, crew: httpx.Client, desk: httpx.Client) -> None:
    board = read_board(crew)
    path = f"/team/orders/{board['order']['plan']}/{board['team']['id']}"
    own = crew.get(path, headers=PAGE)
    assert f'"plan": {board["order"]["plan"]}' in own.text
    read = desk.get(path, headers={**PAGE, "Accept-Language": "en"})
    assert read.status_code == 200
    assert CREWS["west crew"] in read.text
    assert re.search(r"To do|Finished \d\d:\d\d", read.text)
    assert "<script" not in read.text
    with served.sign_in("east crew") as other:
        assert other.get(path, headers=PAGE).status_code == 404
    with served.sign_in("east") as east:
        assert east.get(path, headers=PAGE).status_code == 404
    with served.visit() as stranger:
        answer = stranger.get(path, headers=PAGE)
        assert answer.headers["location"] == f"/session/login?next={path}"
    assert desk.get(path.rpartition("/")[0] + "/999", headers=PAGE).status_code == 404
    printed = desk.get(f"/downloads/plans/{board['order']['plan']}/order").text
    assert f'href="{served.url}{path}"' in printed


def test_the_plan_of_another_is_no_board(crew: httpx.Client, context: Context) -> None:
    east = planning.list_plans(context, ADMIN).set_index("area_code")["id"]
    others = [int(i) for code, i in east.items() if code != WEST_TOWN]
    assert crew.get(f"/team/board.json?plan={others[0]}").status_code == 404
    assert crew.get("/team/board.json?plan=nonsense").status_code == 200
