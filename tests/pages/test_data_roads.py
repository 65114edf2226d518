"""The Data page closes a road where the map was clicked, opens it again, and says what cars cannot reach."""

from __future__ import annotations

from gridmap.domain.access import Actor, Role
from gridmap.services import closures
from gridmap.store import tables

ADMIN = Actor("admin", Role.ADMINISTRATOR)


def open_section(browser, **who):
    app = browser.open("data", **who)
    app.button_group(key="data_section").set_value("roads").run()
    return app


def test_a_clicked_road_is_closed_and_opened_again(browser, county, read) -> None:
    app = open_section(browser, name="supervisor")
    assert "请在地图上点选道路。" in read(app)
    # 200 m from the next road there is nothing to close.
    browser.click_map(app)
    app.text_input(key="closure_reason_0").set_value("山体滑坡").run()
    app.button(key="closure_save").click().run()
    assert "50 米范围内没有道路。" in app.warning[0].value
    browser.click_map(app, place=(112.515, 37.81))
    app.button(key="closure_save").click().run()
    assert "已保存" in app.success[0].value
    (row,) = closures.list_closures(county, ADMIN).itertuples()
    assert (row.reason, (row.ends_at - row.starts_at).total_seconds()) == ("山体滑坡", 4 * 3600)
    assert "山体滑坡" in read(app)
    (line,), (mark,) = browser.overlays[-1].routes, browser.overlays[-1].marks
    assert (line.parts[0].kind, mark.label) == ("walk", "山体滑坡")
    app.button(key=f"closure_open_{row.id}").click().run()
    assert "道路已恢复通行。" in app.success[0].value
    assert closures.list_closures(county, ADMIN).empty
    assert "所有道路均可到达。" in read(app)


def test_a_road_can_be_slowed_until_somebody_opens_it(browser, county, read) -> None:
    app = open_section(browser, language="en")
    browser.click_map(app, place=(112.515, 37.81))
    app.text_input(key="closure_reason_0").set_value("Ice")
    app.toggle(key="closure_slow_0").set_value(True)
    app.selectbox(key="closure_for_0").set_value(0).run()
    app.button(key="closure_save").click().run()
    (row,) = closures.list_closures(county, ADMIN).itertuples()
    assert (row.speed_kmh, row.ends_at) == (20.0, None)
    assert "No faster than 20 km/h · until it is opened" in read(app)


def test_what_cars_cannot_reach_is_told_and_looked_at(browser, county, read) -> None:
    with county.database.write(ADMIN, kind="fill") as work:
        first = tables.road_edge.c.id == 1
        work.connection.execute(tables.road_edge.update().where(first).values(car_forward=False, car_backward=False))
        work.touch("roads")
    app = open_section(browser, language="en")
    words = read(app)
    assert "Posts that reach all of the connected roads: 1" in words
    assert "It is closed to vehicles, by a sign or a gate" in words
    assert "1, for example 县道" in words
    app.button(key="row_reach_whole_no_access").click().run()
    assert browser.overlays[-1].fly_to is not None
    app.segmented_control(key="reach_mode").set_value("foot").run()
    assert "It is closed to vehicles" not in read(app)
