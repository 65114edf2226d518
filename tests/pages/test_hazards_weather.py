"""The hazards page before wind and rain: listed with the reason, numbered on the map, taken away as files."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from gridmap.domain.access import Actor, Role
from gridmap.i18n import translator
from gridmap.services import hazards, railways, weather
from gridmap.services.hazards import NewHazard
from gridmap.store import tables
from gridmap.views import weather as weather_views
from gridmap.views.sheets import draw_csv, draw_workbook

ADMIN = Actor("admin", Role.ADMINISTRATOR)


@pytest.fixture
def line_id(county) -> int:
    return int(railways.list_lines(county, ADMIN)["id"].iloc[0])


@pytest.fixture
def blown(county, line_id) -> list[int]:
    """Loose film south of the line and, a little further, north of it."""
    common = {"kind": "light_objects", "severity": 2, "line_id": line_id, "mileage_text": "K1+200"}
    places = [("南侧地膜", "right", 40.0), ("北侧地膜", "left", 60.0)]
    return [
        hazards.add_hazard(county, ADMIN, new=NewHazard(title=title, side=side, offset_m=metres, **common))
        for title, side, metres in places
    ]


@pytest.fixture
def culvert(county, line_id) -> None:
    lon, lat = railways.load_line(county, line_id)[2].point_at(1_500.0)
    row = {"kind": "culvert", "name": "柳沟", "line_id": line_id, "mileage_m": 1_500.0, "lon": lon, "lat": lat}
    with county.database.write(ADMIN, kind="fill") as work:
        work.insert(tables.rail_feature, row)
        work.touch("rail")


def open_mode(browser, mode: str, **who):
    app = browser.open("hazards", **who)
    app.button_group(key="weather_mode").set_value(mode).run()
    return app


def shown(app, name: str) -> list[str]:
    return [button.label for button in app.button if str(button.key).startswith(f"row_{name}_")]


def test_the_wind_orders_the_list_and_numbers_the_map(browser, county, blown) -> None:
    app = open_mode(browser, "wind", name="commander")
    assert [row.split("  \n")[0] for row in shown(app, "wind")] == ["1\\. 南侧地膜 · 较大", "2\\. 北侧地膜 · 较大"]
    assert "距离 0\\.93 × 风 1\\.00 × 等级 0\\.6 × 线路 0\\.6" in shown(app, "wind")[0]
    app.selectbox(key="wind_force").set_value(8).run()
    app.selectbox(key="wind_from").set_value(0).run()
    assert "北侧地膜" in shown(app, "wind")[0]
    (line,) = browser.overlays[-1].routes
    assert line.ranked
    assert [(stop.number, stop.hazard) for stop in line.stops] == [(1, blown[1]), (2, blown[0])]
    app.button(key=f"row_wind_{blown[0]}").click().run()
    (back,) = (button for button in app.button if button.label == "返回列表")
    back.click().run()
    assert "北侧地膜" in shown(app, "wind")[0]


def test_a_measured_speed_is_taken_too(browser, blown) -> None:
    app = open_mode(browser, "wind", name="commander")
    app.selectbox(key="wind_force").set_value(-1).run()
    app.number_input(key="wind_speed").set_value(8.6).run()
    assert "风 0\\.40" in shown(app, "wind")[0]


def test_rain_lists_the_culvert_and_flies_there(browser, county, culvert) -> None:
    app = open_mode(browser, "rain", name="commander", language="en")
    (row,) = shown(app, "rain")
    assert row.startswith("1\\. Culvert 柳沟")
    assert "never inspected" in row
    app.button(key="row_rain_1").click().run()
    overlay = browser.overlays[-1]
    assert (overlay.fly_to.lon, overlay.fly_to.lat) == (overlay.marks[0].lon, overlay.marks[0].lat)
    assert [stop.label for stop in overlay.routes[0].stops] == ["Culvert 柳沟 · 清河线 K1+500"]
    assert len(shown(app, "rain")) == 1


def test_what_nobody_imported_is_said(browser, county) -> None:
    app = open_mode(browser, "rain", name="commander")
    assert any("重新导入铁路数据即可识别" in str(block.value) for block in app.main if block.type == "html")


def test_the_usual_list_is_still_the_first(browser, county) -> None:
    app = browser.open("hazards")
    assert shown(app, "hazards")
    assert browser.overlays[-1].routes == ()


def test_a_sheet_opens_as_text_and_never_as_a_formula() -> None:
    rows = [[1, "=1+1", "柳沟", 12.5, None]]
    text = draw_csv(["a", "b", "c", "d", "e"], rows).decode("utf-8-sig")
    assert text.splitlines() == ["a,b,c,d,e", "1,'=1+1,柳沟,12.5,"]
    sheet = load_workbook(io.BytesIO(draw_workbook("rain", ["a", "b", "c", "d", "e"], rows))).active
    assert [cell.value for cell in sheet[2]] == [1, "=1+1", "柳沟", 12.5, None]
    assert sheet["B2"].data_type == "s"


def test_the_sheet_for_the_teams_says_everything(browser, county, blown, culvert) -> None:
    translate = translator("en")
    columns, rows = weather_views.build_wind_sheet(
        weather.list_wind(county, ADMIN), kinds={"light_objects": "Loose things"}, translate=translate
    )
    assert dict(zip(columns, rows[0], strict=True)) | {"Longitude": 0, "Latitude": 0, "Exposure, %": 0} == {
        "No.": 1,
        "Code": "H0000004",
        "Title": "南侧地膜",
        "Kind": "Loose things",
        "Severity": "Moderate",
        "Line": "清河线",
        "Mileage": "K1+200",
        "Side": "Right side",
        "Metres to the outer track": 40.0,
        "Exposure, %": 0,
        "Part: distance": 0.93,
        "Part: wind": 1.0,
        "Part: severity": 0.6,
        "Part: line": 0.6,
        "Longitude": 0,
        "Latitude": 0,
    }
    columns, rows = weather_views.build_rain_sheet(weather.list_rain(county, ADMIN), translate=translate)
    assert rows[0][:9] == [1, "Culvert", "柳沟", "清河线", "K1+500", "", "", None, 0]
