"""What a commander does with the map in front of others: look back, measure, take away, pass on, hang on the wall."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Frame, expect

from gridmap.domain.crs import GEOD
from gridmap.i18n import translator
from tests.browser.conftest import MAP_FRAME, MAP_WITHIN_MS, Visitor, wait_for_answer

ZH = translator("zh-CN")


def open_map(visit: Callable[..., Visitor], path: str = "/", **options: object) -> tuple[Visitor, Frame]:
    visitor = visit(**options)
    visitor.sign_in("commander")
    visitor.open(path)
    frame = visitor.map_frame(teams=True)
    frame.wait_for_function("() => gridmap.app.teams.units.size > 0", timeout=MAP_WITHIN_MS)
    return visitor, frame


def wait(frame: Frame, condition: str, argument: object = None) -> None:
    frame.wait_for_function(condition, arg=argument, timeout=40_000)


def choose(frame: Frame, act: str) -> None:
    """Open the tools and choose one, as a hand does."""
    frame.locator(".gridmap-menu-box > .gridmap-button").click()
    frame.locator(f"[data-act={act}]").click()


# --- the past -----------------------------------------------------------------------------------------------------


def test_a_past_hour_is_played_back_and_left_again(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit)
    wait(frame, "() => gridmap.app.teams.trails.tracks.size > 0")
    choose(frame, "clock")
    mark = frame.locator(".gridmap-past-mark")
    expect(mark).to_contain_text("回放")
    wait(frame, "() => gridmap.app.playback.state !== 'loading'")
    wait_for_answer(
        frame,
        """async () => {
          const {playback} = gridmap.app;
          // What is on its way is not asked for a second time: it would be empty again for a moment.
          if (playback.state === 'loading') return false;
          if (playback.tracks.size === 0) {
            // The simulator began to write when it was started: early in an hour that is not ten minutes ago.
            await playback.open(playback.now);
            await playback.load(playback.since);
          }
          return playback.state === 'ready' && playback.tracks.size > 0;
        }""",
    )
    last = "Math.max(...[...gridmap.app.playback.tracks.values()].map(({at}) => at.at(-1)))"
    frame.evaluate(f"gridmap.app.playback.seek({last})")
    wait(frame, "() => gridmap.app.teams.drawn.length > 0")
    slider = frame.get_by_role("slider")
    slider.focus()
    before = frame.evaluate("gridmap.app.playback.at")
    visitor.page.keyboard.press("ArrowLeft")
    assert abs(frame.evaluate("gridmap.app.playback.at") - (before - 1)) < 1.01
    assert frame.evaluate("gridmap.app.status.bar.dataset.state") == "past"
    frame.locator(".gridmap-time .gridmap-field").nth(2).select_option("60")
    at = frame.evaluate("gridmap.app.playback.seek(gridmap.app.playback.since + 60), gridmap.app.playback.at")
    frame.locator(".gridmap-time .gridmap-button").click()
    wait(frame, "at => gridmap.app.playback.at > at + 30", at)
    visitor.look("playback-zh")
    # Live frames go on coming, and change nothing of what is shown.
    frames = frame.evaluate("gridmap.app.teams.serverTime")
    wait(frame, "time => gridmap.app.teams.serverTime > time", frames)
    assert frame.evaluate("gridmap.app.teams.past !== null")
    visitor.page.keyboard.press("Escape")
    expect(mark).to_be_hidden()
    wait(frame, "() => gridmap.app.teams.past === null && gridmap.app.teams.drawn.length > 0")
    assert frame.evaluate("gridmap.app.status.bar.dataset.state") == "open"
    # An hour without teams says so.
    frame.evaluate("gridmap.app.playback.open(gridmap.app.playback.now - 3 * 86400)")
    expect(mark).to_contain_text(ZH("no team was recorded in this hour"))
    wait(frame, "() => gridmap.app.teams.drawn.length === 0")
    visitor.assert_calm()


def test_a_chosen_team_leaves_a_trail_and_grows_old_when_the_map_is_cut_off(
    visit: Callable[..., Visitor],
) -> None:
    visitor, frame = open_map(visit)
    wait(frame, "() => [...gridmap.app.teams.trails.tracks.values()].some(({at}) => at.length > 1)")
    team = frame.evaluate("[...gridmap.app.teams.trails.tracks].find(([, {at}]) => at.length > 1)[0]")
    shows = "([id, zoom]) => gridmap.app.teams.trails.shows(id, zoom)"
    assert frame.evaluate(shows, [team, 9]) is False
    assert frame.evaluate(shows, [team, 14]) is True
    frame.evaluate("team => gridmap.app.choose({team: [team]})", team)
    assert frame.evaluate(shows, [team, 9]) is True
    visitor.look("trail-zh")
    frame.evaluate("gridmap.app.options.staleS = 3")
    frame.evaluate("gridmap.app.teams.socket.close()")
    wait(
        frame,
        "() => gridmap.app.teams.drawn.length > 0 && gridmap.app.teams.drawn.every(({state}) => state === 'stale')",
    )


# --- measuring ----------------------------------------------------------------------------------------------------


def test_a_known_distance_is_measured_by_hand(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit)
    choose(frame, "ruler")
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    for x, y in ((260, 300), (460, 300), (460, 480)):
        visitor.page.mouse.click(box["x"] + x, box["y"] + y)
    points = np.array(frame.evaluate("gridmap.app.measure.points"))
    assert points.shape == (3, 2)
    _, _, steps = GEOD.inv(*points[:-1].T, *points[1:].T)
    assert frame.evaluate("gridmap.app.measure.result.metres") == pytest.approx(steps.sum(), rel=1e-6)
    expect(frame.locator(".gridmap-hint")).to_contain_text(f"{steps.sum() / 1000:.2f} 公里")
    # Measuring chose nothing: no card opened beside the map.
    assert frame.evaluate("gridmap.app.pointer.lastEvent ?? null") is None
    visitor.look("measure-zh")
    visitor.page.keyboard.press("Backspace")
    assert frame.evaluate("gridmap.app.measure.corners.length") == 2
    visitor.page.keyboard.press("Enter")
    assert frame.evaluate("gridmap.app.measure.corners.length") == 3
    visitor.page.keyboard.press("Escape")
    assert frame.evaluate("gridmap.app.measure.kind") is None
    expect(frame.locator(".gridmap-hint")).to_be_hidden()
    visitor.assert_calm()


# --- taking away --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1, 2])
def test_the_view_is_saved_as_a_picture_and_printed_on_one_page(
    visit: Callable[..., Visitor], tmp_path: Path, ratio: int
) -> None:
    visitor, frame = open_map(visit, device_scale_factor=ratio, accept_downloads=True)
    with visitor.page.expect_download() as waiting:
        choose(frame, "picture")
    assert re.fullmatch(r"gridmap-\d{4}-\d\d-\d\d-\d{4}\.png", waiting.value.suggested_filename)
    waiting.value.save_as(tmp_path / "view.png")
    picture = np.asarray(Image.open(tmp_path / "view.png").convert("RGB")).astype(int)
    wide, tall = frame.evaluate("[gridmap.app.map.getSize().x, gridmap.app.map.getSize().y]")
    assert picture.shape[1] == (wide + 210) * ratio
    assert picture.shape[0] >= (tall + 74) * ratio
    # The map is painted, and so are the line of the sources below it and the legend beside it.
    assert ink_of(picture[40 * ratio : tall * ratio, : wide * ratio]) > 0.1
    assert ink_of(picture[-34 * ratio :, 120 * ratio : wide * ratio]) > 0.002
    assert ink_of(picture[40 * ratio : 400 * ratio, wide * ratio :]) > 0.01
    assert "OpenStreetMap" in frame.evaluate(
        """async () => {
          const {attributionOf} = await import('/assets/map/trust.js');
          const {app} = gridmap;
          app.feed.state.sources = [{attribution: '© OpenStreetMap contributors', licence: 'ODbL-1.0'}];
          return attributionOf(app);
        }"""
    )
    # What the system's dialogue would be shown for.
    visitor.page.evaluate("window.print = () => { window.printed = true; }")
    choose(frame, "print")
    visitor.page.wait_for_function("window.printed === true")
    visitor.page.emulate_media(media="print")
    expect(visitor.page.locator("#gridmap-print")).to_be_visible()
    expect(visitor.page.locator(".st-key-gm_bar")).to_be_hidden()
    assert visitor.page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    visitor.page.emulate_media(media="screen")
    visitor.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(visitor.page.locator("#gridmap-print")).to_have_count(0)
    visitor.assert_calm()


def ink_of(pixels: np.ndarray) -> float:
    """Share of pixels that differ from the most common colour."""
    flat = pixels.reshape(-1, 3) @ np.array([65536, 256, 1])
    _, counts = np.unique(flat, return_counts=True)
    return 1 - float(counts.max()) / len(flat)


# --- passing on ---------------------------------------------------------------------------------------------------


def test_a_link_leads_another_person_to_the_same_view(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit)
    frame.evaluate(
        "() => { const {map} = gridmap.app; const {lat, lng} = map.getCenter();"
        " map.setView([lat, lng + 0.1], 13, {animate: false}); }"
    )
    frame.evaluate("gridmap.app.switchLayer('hazards', false); null")
    frame.evaluate("gridmap.app.choropleth.choose('households')")
    frame.evaluate("gridmap.app.playback.open(gridmap.app.playback.now - 120)")
    choose(frame, "link")
    expect(frame.locator(".gridmap-hint")).to_be_visible()
    link = frame.evaluate("import('/assets/map/link.js').then(({linkOf}) => linkOf(gridmap.app))")
    view = (
        "() => { const {map} = gridmap.app; const {lat, lng} = map.getCenter();"
        " return [map.getZoom(), lng.toFixed(4), lat.toFixed(4)]; }"
    )
    meant = frame.evaluate(view)
    other = visit(locale="en-GB")
    # A stranger is asked to sign in first, and then sees what was meant.
    other.page.goto(link)
    other.page.wait_for_url("**/session/login**")
    other.page.locator("form", has=other.page.locator('input[value="planner"]')).locator("button").first.click()
    other.page.wait_for_url("**layers=**")
    seen = other.map_frame()
    wait(seen, "() => gridmap.app.playback.isOn && gridmap.app.choropleth.fill !== null")
    assert seen.evaluate(view) == meant
    assert seen.evaluate("gridmap.app.on('hazards')") is False
    assert seen.evaluate("gridmap.app.on('segments')") is True
    assert seen.evaluate("gridmap.app.choropleth.name") == "households"
    other.look("link-en")
    visitor.assert_calm()
    other.assert_calm()


def test_a_link_to_an_area_opens_on_it(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("commander")
    area = visitor.page.request.get(f"{visitor.server.url}/areas.json").json()[0]
    visitor.open(f"/map?area={area['code']}")
    frame = visitor.map_frame()
    wait(frame, "code => gridmap.app.area === code", area["code"])
    west, south, east, north = area["bounds"]
    assert frame.evaluate(
        "([west, south, east, north]) => gridmap.app.map.getBounds().contains([[south, west], [north, east]])",
        [west, south, east, north],
    )


def test_an_area_that_is_none_of_theirs_is_told(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("commander")
    visitor.open("/map?area=990101")
    frame = visitor.map_frame()
    expect(frame.locator(".gridmap-hint")).to_have_text(ZH("The area of the link is not among yours"))


# --- trust, colours, keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_map_says_what_it_may_be_trusted_for(visit: Callable[..., Visitor], width: int, height: int) -> None:
    visitor, frame = open_map(visit, width=width, height=height)
    frame.locator(".gridmap-bar").click()
    sheet = frame.locator(".gridmap-trust-sheet")
    for text in ("WGS-84 / CGCS2000", ZH("Simulated positions"), ZH("Own vector map"), ZH("Live")):
        expect(sheet).to_contain_text(text)
    visitor.page.context.set_offline(True)
    frame.evaluate("gridmap.app.teams.socket.socket.close(); gridmap.app.feed.socket.socket.close();")
    expect(sheet).to_contain_text(re.compile(r"\d+ 秒后重试"), timeout=15_000)
    visitor.page.context.set_offline(False)
    expect(sheet).to_contain_text(ZH("Live"), timeout=30_000)
    visitor.look(f"trust-{width}-zh")


def test_areas_are_coloured_by_a_measure(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit)
    for measure in ("load", "overdue_hazards", "response", "households"):
        frame.locator(".gridmap-choice select").select_option(measure)
        wait(frame, "() => gridmap.app.choropleth.fill !== null")
        counts = [int(text) for text in frame.locator(".gridmap-measure em").all_inner_texts()]
        assert sum(counts) == frame.evaluate("gridmap.app.table('cells').length"), measure
        assert len(counts) >= 2, measure
        wait(frame, "() => gridmap.app.isSettled")
        visitor.look(f"measure-{measure}-zh")
        frame.locator(".gridmap-choice select").select_option("")
        expect(frame.locator(".gridmap-measure")).to_be_hidden()
    visitor.assert_calm()


def test_everything_is_reached_by_keys(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit)
    frame.evaluate(
        "() => { const cell = [...gridmap.app.table('cells')][40];"
        " const {lat, lon} = gridmap.app.table('areas').find(cell.id);"
        " gridmap.app.map.setView([lat, lon], 15, {animate: false}); }"
    )
    wait(frame, "() => gridmap.app.isSettled")
    frame.locator("#map_div").focus()
    keys = visitor.page.keyboard
    keys.press("ArrowRight")
    keys.press("ArrowLeft")
    keys.press("Enter")
    wait(
        frame, "() => gridmap.app.pointer.lastEvent?.kind === 'feature' && gridmap.app.pointer.lastEvent.ids.length > 0"
    )
    visitor.settle()
    frame.locator("#map_div").focus()
    reached = []
    for _ in range(8):
        keys.press("Tab")
        reached.append(
            frame.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.className")
        )
    assert [ZH("Zoom in"), ZH("Zoom out"), ZH("Show the whole area"), ZH("Tools")] == reached[:4]
    # Open the tools, go down to the second, leave again.
    frame.locator(".gridmap-menu-box > .gridmap-button").focus()
    keys.press("Enter")
    keys.press("ArrowDown")
    assert frame.evaluate("document.activeElement.dataset.act") == "field"
    keys.press("Escape")
    assert frame.locator(".gridmap-menu").is_hidden()
    visitor.assert_calm()


# --- the wall -----------------------------------------------------------------------------------------------------


def check_growth(frame: Frame) -> None:
    """A wall that runs for long holds no more than one that was just opened."""
    count = "() => document.querySelectorAll('*').length"
    frame.evaluate("gridmap.app.wall.ask()")
    wait(frame, "() => gridmap.app.wall.watch !== null")
    before = frame.evaluate(count)
    frame.evaluate(
        """async () => {
          const {wall} = gridmap.app;
          for (let n = 0; n < 60; n += 1) {
            await wall.ask();
            wall.countsKey = null;
            wall.alertsKey = null;
            wall.tick();
          }
        }"""
    )
    assert frame.evaluate(count) <= before + 40


def test_a_wall_shows_the_map_alone_goes_round_and_does_not_grow(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit, "/?wall=1&every=5", width=1920, height=1080)
    expect(frame.locator(".gridmap-wall h1")).not_to_be_empty()
    expect(visitor.page.locator(".st-key-gm_bar")).to_be_hidden()
    expect(visitor.page.locator(".st-key-gm_panel")).to_be_hidden()
    assert frame.locator(".gridmap-stack").first.is_hidden()
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1920, "height": 1080}
    assert frame.evaluate("gridmap.app.options.theme") == "dark"
    expect(frame.locator(".gridmap-wall-alerts li").nth(1)).to_be_visible()
    first = frame.locator(".gridmap-wall h1").inner_text()
    centre = frame.evaluate("gridmap.app.map.getCenter()")
    expect(frame.locator(".gridmap-wall h1")).not_to_have_text(first, timeout=15_000)
    wait(
        frame,
        "({lat, lng}) => gridmap.app.map.getCenter().distanceTo([lat, lng]) > 100",
        centre,
    )
    frame.evaluate("window.sameWall = true")
    visitor.look("wall-zh")
    leave = frame.locator(".gridmap-wall-leave")
    expect(leave).to_have_css("opacity", "0")
    visitor.page.mouse.move(700, 500)
    visitor.page.mouse.move(720, 510)
    expect(leave).to_have_css("opacity", "1")
    check_growth(frame)
    assert frame.evaluate("window.sameWall") is True
    # Where the wall went is not where the desk's maps open afterwards.
    assert frame.evaluate("gridmap.app.view.read('at', null)") is None
    leave.click()
    visitor.page.wait_for_url(lambda url: "wall" not in url)
    expect(visitor.page.locator(".st-key-gm_bar")).to_be_visible()
    choose(visitor.map_frame(), "wall")
    visitor.page.wait_for_url("**wall=1**")
    expect(visitor.map_frame().locator(".gridmap-wall h1")).not_to_be_empty()
    visitor.assert_calm()
