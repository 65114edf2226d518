"""A hazard is reported where its photos were taken, and its case shows them."""

from __future__ import annotations

import numpy as np

from gridmap.domain.access import Actor, Role
from gridmap.domain.crs import wgs84_to_gcj02
from gridmap.services import hazard_photos, hazards
from tests.pages.conftest import SOUTH, WEST
from tests.pictures import draw_photo, tag_place

ADMIN = Actor("admin", Role.ADMINISTRATOR)
HERE = (WEST + 0.0123, SOUTH + 0.0203)


def photo(place=HERE, *, name: str = "IMG_1.jpg", size=(64, 48), **more):
    gps = None if place is None else tag_place(*place, **more)
    return name, draw_photo(gps=gps, detail={0x9003: "2026:03:04 09:00:00"}, size=size), "image/jpeg"


def open_form(browser, *, name: str = "planner", language: str = "zh-CN"):
    app = browser.open("hazards", name=name, language=language)
    (start,) = (button for button in app.button if button.label in {"上报隐患", "Report a hazard"})
    start.click().run()
    app.button_group(key="new_by").set_value("photo").run()
    return app


def upload(app, *files, key: str = "new_photos"):
    app.file_uploader(key=key).set_value(list(files)).run()
    return app


def test_the_pin_stands_where_the_photo_was_taken_and_the_photo_is_kept(browser, county, read) -> None:
    app = upload(open_form(browser), photo(t17=90.0, t31=7.0))
    pin = browser.overlays[-1].marks[-1]
    assert (round(pin.lon, 5), round(pin.lat, 5)) == (round(HERE[0], 5), round(HERE[1], 5))
    said = read(app)
    assert "图钉是拍照时的位置" in said
    assert "位置误差约 7 米" in said
    assert "清河线 K1+083 左侧 33 米" in said
    app.text_input(key="new_title").set_value("防尘网破损").run()
    app.button(key="new_save").click().run()
    found = hazards.list_hazards(county, ADMIN).set_index("title").loc["防尘网破损"]
    assert abs(found["lon"] - HERE[0]) < 1e-6
    kept = hazard_photos.list_photos(county, ADMIN, hazard_id=int(found["id"]))
    assert kept["bearing_deg"].tolist() == [90.0]
    assert f"/photos/{kept['id'].iloc[0]}.jpg" in read(app)
    assert "1. 2026-03-04 09:00 · 朝东" in read(app)


def test_a_click_moves_the_pin_and_stays(browser, county) -> None:
    app = upload(open_form(browser), photo())
    browser.click_map(app, kind="point")
    app.text_input(key="new_title").set_value("护栏缺口").run()
    app.button(key="new_save").click().run()
    found = hazards.list_hazards(county, ADMIN).set_index("title").loc["护栏缺口"]
    assert (found["lon"], found["lat"]) == (WEST + 0.012, SOUTH + 0.012)
    assert len(hazard_photos.list_photos(county, ADMIN, hazard_id=int(found["id"]))) == 1


def test_without_a_position_the_photo_stays_and_the_map_is_clicked(browser, county, read) -> None:
    app = upload(open_form(browser, language="en"), photo(None))
    said = read(app)
    assert "The photo holds no position. Click the place on the map; the photo is kept." in said
    assert app.button(key="new_save").disabled
    browser.click_map(app, kind="point")
    app.text_input(key="new_title").set_value("Rubble").run()
    app.button(key="new_save").click().run()
    found = hazards.list_hazards(county, ADMIN).set_index("title").loc["Rubble"]
    assert len(hazard_photos.list_photos(county, ADMIN, hazard_id=int(found["id"]))) == 1


def test_what_is_wrong_with_a_photo_is_told_and_the_others_stay(browser, county, read) -> None:
    heic = ("IMG_2.heic", b"\x00\x00\x00\x18ftypheic" + bytes(40), "image/heic")
    far = photo((HERE[0] + 0.02, HERE[1]), size=(50, 40))
    app = upload(open_form(browser), heic, photo(), far)
    assert "HEIC" in app.warning[0].value
    said = read(app)
    assert "照片拍摄位置最远相距 1.8 公里" in said


def test_a_photo_from_elsewhere_is_told(browser, county, read) -> None:
    app = upload(open_form(browser, name="east"), photo())
    assert "照片拍摄位置在您的区域之外。" in read(app)


def test_a_place_of_a_chinese_map_app_is_moved_back(browser, county) -> None:
    lon, lat = wgs84_to_gcj02(np.array([HERE[0]]), np.array([HERE[1]]))
    app = upload(open_form(browser), photo((float(lon[0]), float(lat[0]))))
    assert abs(browser.overlays[-1].marks[-1].lon - HERE[0]) > 0.003
    app.checkbox(key="new_photos_gcj02").set_value(True).run()
    assert abs(browser.overlays[-1].marks[-1].lon - HERE[0]) < 1e-6


def test_a_case_takes_another_photo_and_lets_one_go(browser, county, read) -> None:
    hazard_id = int(hazards.list_hazards(county, ADMIN)["id"].iloc[0])
    app = browser.open("hazards", name="commander")
    app.button(key=f"row_hazards_{hazard_id}").click().run()
    upload(app, photo(), key=f"case_photos_{hazard_id}_0")
    app.button(key="photos_add").click().run()
    assert "照片已保存。" in app.success[0].value
    (photo_id,) = hazard_photos.list_photos(county, ADMIN, hazard_id=hazard_id)["id"]
    app.selectbox(key="photo_chosen").set_value(photo_id).run()
    app.button(key="photo_remove").click().run()
    assert "照片已删除。" in app.success[0].value
    assert hazard_photos.list_photos(county, ADMIN, hazard_id=hazard_id).empty
