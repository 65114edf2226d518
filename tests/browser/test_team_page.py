"""A task from the command map to a team's telephone, work without a connection, and all of it told exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from gridmap.domain.access import TERMINAL
from gridmap.i18n import translator
from gridmap.services import accounts, hazard_photos, hazards, incidents, orders, planning, teams
from gridmap.services.context import Context, open_context
from gridmap.services.planning import PlanRequest
from gridmap.settings import Settings
from tests.browser.conftest import MAP_FRAME, Server, Visitor, copy_demo
from tests.pictures import draw_photo

WITHIN_MS = 60_000
TASK, HAZARD, NOTE = "货车侧翻", "护栏破损一处", "已清理"
PHOTO = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": draw_photo(size=(640, 480))}
DISCONNECTED = "net::ERR_INTERNET_DISCONNECTED"

LOOK_AT_TEAM = """(id) => {
  const {map, teams} = gridmap.app;
  const {lon, lat} = teams.units.get(id);
  map.setView([lat, lon], 14, {animate: false});
  const {x, y} = map.latLngToContainerPoint([lat, lon]);
  return {x: x + 25, y: y + 25};
}"""
# From now on boards reach the page when they are delivered, each as the server told it when it was asked.
HOLD_BOARDS = """() => {
  const ask = window.fetch.bind(window);
  window.boards = [];
  window.fetch = async (what, ...rest) => {
    const answer = await ask(what, ...rest);
    if (!String(what).startsWith('/team/board.json')) return answer;
    const told = await answer.text();
    return new Promise((resolve) => {
      boards.push({task: JSON.parse(told).tasks[0]?.state, deliver: () => resolve(new Response(told))});
    });
  };
}"""
IS_TOLD_ARRIVED = "() => boards.some(({task}) => task === 'arrived')"
DELIVER_ARRIVED = "() => boards.find(({task}) => task === 'arrived').deliver()"
KNOWS_ARRIVED = "() => gridmapTeam.known.board.tasks[0]?.state === 'arrived'"
# Which tiles of the finest ground about the last stop the page has without a connection, and how those that are kept
# ahead are chosen: all of a short way; of a long one so many as are allowed, the coarse ones first.
ASK_GROUND = """async () => {
  const {listTiles} = await import(document.querySelector('script[type=module]').src.replace('index.js', 'ahead.js'));
  const {lon, lat} = gridmapTeam.board.order.stops.at(-1);
  const [near, far] = [listTiles([[[lon, lat]]]), listTiles([[[lon, lat], [lon + 5, lat]]], 900)];
  const answers = await Promise.all(near.files.filter((file) => file.includes('/14/')).map((file) => fetch(file)));
  return {
    statuses: [...new Set(answers.map(({status}) => status))], isWhole: [near.isWhole, far.isWhole],
    far: far.files.length, first: far.files[0].split('/')[3],
  };
}"""
HAS_ONE_HAZARD = "(title) => [...gridmap.app.table('hazards')].filter((one) => one.title === title).length === 1"


@dataclass(frozen=True)
class County:
    """A served demo county in which one team has an order for today."""

    server: Server
    context: Context
    team_id: int
    plan_id: int

    def post(self) -> dict[str, float]:
        """Where the team's telephone is."""
        own = teams.list_teams(self.context, TERMINAL).set_index("id").loc[self.team_id]
        return {"longitude": float(own["post_lon"]), "latitude": float(own["post_lat"])}

    def stops(self) -> pd.DataFrame:
        return orders.list_stops(self.context, TERMINAL, plan_id=self.plan_id)


@pytest.fixture(scope="module")
def county(serve: Callable[..., Server], demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """The app on a demo county of its own, because this test changes it."""
    url = copy_demo(demo_file, tmp_path_factory.mktemp("teams"))
    context = open_context(Settings(database_url=url))
    named = accounts.list_accounts(context, TERMINAL).set_index("name")["team_name"]
    team_id = teams.find_team(context, TERMINAL, name=named["team"])
    # A short way: the ground along it is fetched while the test runs.
    request = PlanRequest(team_ids=(team_id,), shift_start=time(9), shift_end=time(11), iterations=5)
    document = planning.compute_plan(context, TERMINAL, request=request)
    plan_id = planning.save_plan(context, TERMINAL, document=document, name="今日巡防")
    planning.publish_plan(context, TERMINAL, plan_id=plan_id)
    yield County(serve(url), context, team_id, plan_id)
    context.close()


def send_team(county: County, desk: Visitor) -> None:
    """Drop an incident beside the team and send it there, from the command map."""
    _ = translator("zh-CN")
    frame = desk.map_frame(teams=True)
    point = frame.evaluate(LOOK_AT_TEAM, county.team_id)
    frame.wait_for_function("() => gridmap.app.isSettled", polling=50, timeout=WITHIN_MS)
    box = desk.page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    desk.page.mouse.click(box["x"] + point["x"], box["y"] + point["y"], button="right")
    send = desk.page.locator(f".st-key-send_{county.team_id} button")
    expect(send).to_be_visible(timeout=WITHIN_MS)
    desk.page.get_by_role("textbox", name=_("Title")).fill(TASK)
    desk.settle()
    send.click()


def press(page: Page, act: str) -> None:
    page.locator(f"[data-act={act}]").first.click()


def expect_state(page: Page, text: str) -> None:
    expect(page.locator(".state")).to_have_text(text, timeout=WITHIN_MS)


def test_a_team_works_with_and_without_a_connection(county: County, visit: Callable[..., Visitor]) -> None:
    _ = translator("zh-CN")
    desk = visit(server=county.server)
    desk.sign_in("commander")
    desk.open("/")
    phone = visit(
        server=county.server,
        width=390,
        height=844,
        geolocation=county.post(),
        permissions=["geolocation"],
        has_touch=True,
    )
    phone.sign_in_by_hand("team")
    page = phone.page
    page.wait_for_url("**/team")
    page.wait_for_function("() => navigator.serviceWorker.controller && gridmapTeam.board?.order?.stops.length > 1")
    press(page, "confirm")
    expect(page.get_by_text(_("Order confirmed"))).to_be_visible(timeout=WITHIN_MS)

    # --- a task from the command map, told on the telephone at once
    send_team(county, desk)
    expect(page.locator(".urgent .title")).to_have_text(TASK, timeout=WITHIN_MS)
    phone.look("team-task")
    press(page, "task-accepted")
    page.evaluate(HOLD_BOARDS)
    press(page, "task-arrived")
    page.wait_for_function(IS_TOLD_ARRIVED)
    press(page, "task-done")
    expect(page.locator(".urgent")).to_have_count(0)
    expect_state(page, _("Connected"))
    # A board that was told before comes after what it does not know, and none after it.
    page.evaluate(DELIVER_ARRIVED)
    page.wait_for_function(KNOWS_ARRIVED)
    expect(page.locator(".urgent")).to_have_count(0)
    assert incidents.list_dispatches(county.context, TERMINAL).empty

    # --- without a connection, from a page that is opened anew
    expect(page.locator("[data-ground=kept]")).to_be_visible(timeout=WITHIN_MS)
    phone.look("team-ground")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".nextHead .title")).to_be_visible(timeout=WITHIN_MS)
    # What the server took just before is known, whether or not its board came in time.
    expect(page.locator(".urgent")).to_have_count(0)
    expect(page.locator("[data-ground=kept]")).to_be_visible()
    ground = page.evaluate(ASK_GROUND)
    assert ground == {"statuses": [200], "isWhole": [True, False], "far": 900, "first": "8"}
    number = int(page.locator(".nextHead .title").inner_text().partition(".")[0])
    press(page, "arrive")
    press(page, "done")
    page.locator("textarea[name=note]").fill(NOTE)
    page.locator("input[name=photo]").set_input_files(PHOTO)
    expect(page.locator("dialog [data-ready=yes]")).to_have_count(1)
    press(page, "send")
    expect(page.locator(f".nextHead .title:has-text('{number}.')")).to_have_count(0)
    press(page, "report")
    page.locator("input[name=title]").fill(HAZARD)
    page.locator("input[name=photo]").set_input_files(PHOTO)
    expect(page.locator("dialog [data-ready=yes]")).to_have_count(2)
    phone.look("team-hazard")
    press(page, "send")
    expect_state(page, _("Waiting to be sent ({number})").format(number=3))
    phone.look("team-offline")
    assert (county.stops()["state"] == "planned").all()

    # --- back again: sent once, in order
    page.context.set_offline(False)
    expect_state(page, _("Connected"))
    done = county.stops().set_index("number").loc[number]
    assert (done["state"], done["note"]) == ("done", NOTE)
    assert done["arrived_at"] < done["ended_at"]
    assert done["photo_id"] is not None
    desk.map_frame().wait_for_function(HAS_ONE_HAZARD, arg=HAZARD, polling=50, timeout=WITHIN_MS)
    found = hazards.list_hazards(county.context, TERMINAL)
    (hazard_id,) = found.loc[found["title"] == HAZARD, "id"]
    assert len(hazard_photos.list_photos(county.context, TERMINAL, hazard_id=int(hazard_id))) == 1
    # Nothing is left to be sent, and nothing is sent again by a page that is opened anew.
    page.reload()
    expect(page.locator(".state[data-state=open]")).to_have_text(_("Connected"), timeout=WITHIN_MS)
    assert (county.stops()["state"] == "done").sum() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    desk.assert_calm()
    phone.complaints = [text for text in phone.complaints if DISCONNECTED not in text]
    phone.assert_calm()
