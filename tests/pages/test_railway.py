"""The railway page's sections: zones by stretch, and a patrol's track from file to record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.domain.crs import GEOD, wgs84_to_gcj02
from gridmap.services import coverage, zone_import
from gridmap.services.zone_plans import ZoneOptions
from tests.pages.conftest import NOW, RAIL_ROW, SOUTH, STEP_DEG, WEST

ADMIN = Actor("admin", Role.ADMINISTRATOR)
HEAD = "起点里程,终点里程,侧别,米,地点\n"
RAIL_LAT = SOUTH + STEP_DEG * RAIL_ROW


def open_section(browser, section: str, *, name: str = "planner", language: str = "zh-CN"):
    app = browser.open("railway", name=name, language=language)
    app.button_group(key="railway_section").set_value(section).run()
    return app


def announce(county, rows: str) -> None:
    options = ZoneOptions(line="清河线", notice="铁护 3 号")
    plan = zone_import.read_notice(county, ADMIN, content=HEAD + rows, options=options)
    zone_import.import_zones(county, ADMIN, plan=plan, options=options)


def walk_track(*, minutes: int = 10, every_s: int = 10, shift: bool = False, same_time: bool = False) -> bytes:
    """CSV of a walk of 5 km/h along the line, 8 m north of it, from 300 m of its beginning."""
    rows = ["lon,lat,time"]
    for n in range(minutes * 60 // every_s + 1):
        lon, lat, _ = GEOD.fwd(WEST, RAIL_LAT, 90, 300 + n * every_s * 5 / 3.6)
        lon, lat, _ = GEOD.fwd(lon, lat, 0, 8)
        if shift:
            lon, lat = (float(value[0]) for value in wgs84_to_gcj02([lon], [lat]))
        at = NOW - timedelta(hours=2) + timedelta(seconds=0 if same_time else n * every_s)
        rows.append(f"{lon:.7f},{lat:.7f},{at.isoformat()}")
    return "\n".join(rows).encode()


def match(browser, county, track: bytes):
    app = open_section(browser, "tracks")
    app.file_uploader(key="track_file_0").set_value(("walk.csv", track, "text/csv")).run()
    return start(app, county)


def start(app, county):
    """Press the button and wait for the work; the page may have taken its result already."""
    app.button(key="track_start").click().run()
    if "track_job" not in app.session_state:
        return app
    county.jobs.wait(app.session_state["track_job"], timeout_s=120)
    return app.run()


def test_zones_are_listed_with_what_is_wrong_and_lead_to_the_place(browser, county, read) -> None:
    announce(county, "K0+000,K1+000,左,20,甲村\nK2+000,K4+000,左,10,\nK3+500,K4+500,左,25,")
    app = open_section(browser, "zones", name="administrator")
    words = read(app)
    for said in (
        "低于第二十七条的 15 米",
        "两段公告之间的空缺",
        "与另一公告（10 米）重叠",
        "铁护 3 号",
        "近似",
        "到“数据”页导入公告",
    ):
        assert said in words
    everything = [button for button in app.button if button.key.startswith("row_zones_1_")]
    assert "K0\\+000–K1\\+000 · 左侧 · 20 米" in everything[0].label
    app.button_group(key="zones_shown").set_value("odd").run()
    odd = [button for button in app.button if button.key.startswith("row_zones_1_")]
    assert 0 < len(odd) < len(everything)
    odd[0].click().run()
    at_m, side = app.session_state["strip_place"]
    assert (side, 1_000 < at_m < 2_000) == ("left", True)
    assert app.session_state["fly_to"].bounds[0] < app.session_state["fly_to"].lon
    english = read(open_section(browser, "zones", language="en"))
    assert "below the 15 m of Article 27" in english
    assert "Import a notice" not in english


def test_what_is_alike_on_both_sides_is_one_row(browser, county) -> None:
    announce(county, "K0+000,K1+000,左,20,\nK0+000,K1+000,右,20,\nK1+000,K2+000,左,25,\nK1+000,K2+000,右,15,")
    app = open_section(browser, "zones", name="administrator")
    labels = [button.label.split("  \n")[0] for button in app.button if button.key.startswith("row_zones_1_")]
    assert labels[:3] == [
        "K0\\+000–K1\\+000 · 两侧 · 20 米",
        "K1\\+000–K2\\+000 · 左侧 · 25 米",
        "K1\\+000–K2\\+000 · 右侧 · 15 米",
    ]


def test_a_track_is_matched_read_and_recorded(browser, county, read) -> None:
    app = match(browser, county, walk_track())
    words = read(app)
    for said in ("轨迹覆盖情况", "清河线 · ", "左侧", "计入"):
        assert said in words
    assert app.button(key="track_keep").disabled
    app.selectbox(key="track_team_0").set_value(3).run()
    app.button(key="track_keep").click().run()
    assert "巡线已记录。" in app.success[0].value
    kept = coverage.list_coverage(county, ADMIN)
    assert set(kept["team_id"]) == {3}
    assert kept["to_m"].max() - kept["from_m"].min() == pytest.approx(833, abs=60)
    again = match(browser, county, walk_track())
    again.selectbox(key="track_team_0").set_value(1).run()
    again.button(key="track_keep").click().run()
    assert "已经保存过" in again.warning[0].value
    again.button(key="track_leave").click().run()
    assert again.file_uploader(key="track_file_1")


def test_a_track_that_cannot_be_used_is_told_why_and_kept_to_be_asked_again(browser, county, read) -> None:
    app = open_section(browser, "tracks")
    cases = (
        (walk_track(minutes=0), "只有一个点"),
        (walk_track(same_time=True), "时间都相同"),
        (walk_track() + b"\n112.51,,2026-03-04T00:00:00Z", "略去这些点"),
        (walk_track(shift=True), "GCJ-02"),
    )
    for track, said in cases:
        app.file_uploader(key="track_file_0").set_value(("walk.csv", track, "text/csv")).run()
        app = start(app, county)
        assert said in app.warning[0].value
    app.selectbox(key="track_datum_0").set_value("gcj02").run()
    assert "轨迹覆盖情况" in read(start(app, county))
    assert coverage.list_coverage(county, ADMIN).empty


def test_who_plans_no_patrols_is_offered_no_tracks(browser) -> None:
    app = browser.open("railway", name="commander")
    assert app.button_group(key="railway_section").options == ["线路", "安全保护区", "双段长"]
