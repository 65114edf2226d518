"""A supervisor moves cells, sees what it would do first, and takes it back."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from gridmap.domain.access import Actor, Role
from gridmap.domain.change_orders import NewOrder
from gridmap.domain.days import local_day
from gridmap.domain.districting.search import MOVES
from gridmap.domain.districting.workload import Weights
from gridmap.pages import grid_changes, grid_legend, grid_playback, unit_choice
from gridmap.services import areas, grids, hierarchy
from gridmap.services.change_order_rules import OrderSettings, load_settings, save_settings
from gridmap.services.change_orders import place_order
from gridmap.services.suggestion_posing import Goal
from gridmap.services.workload import load_weights

ADMIN = Actor("admin", Role.ADMINISTRATOR)


@pytest.fixture
def units(county) -> dict[str, int]:
    """Ids of the units by name."""
    found = grids.list_units(county, ADMIN)
    return {name.removesuffix("网格站"): int(unit) for name, unit in zip(found["name"], found["id"], strict=True)}


def cells_of(context, unit_id: int) -> list[int]:
    cells = areas.load_cells(context, ADMIN)
    return [int(cell) for cell in cells.loc[cells["unit_id"] == unit_id, "id"]]


def keys_of(app) -> list[str]:
    return [str(button.key) for button in app.button]


def choose_and_confirm(browser, app, cells, unit_id: int, reason: str):
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells))
    app.selectbox(key="target_unit").set_value(unit_id).run()
    app.text_input(key="reassign_reason").set_value(reason).run()
    app.button(key="reassign").click().run()


def test_a_cell_is_moved_with_a_reason_and_taken_back(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    before = cells_of(county, west)
    choose_and_confirm(browser, app, before[2:3], east, "便于巡查")
    words = read(app)
    assert "已划转，可在下方撤销。" in words
    assert "已生效" in words
    assert cells_of(county, west) == [*before[:2], *before[3:]]
    # The order is shown, its cell outlined.
    assert list(browser.overlays[-1].outlined) == before[2:3]
    app.button(key="order_undo").click().run()
    assert "已撤销" in read(app)
    assert cells_of(county, west) == before
    app.button(key="orders_back").click().run()
    assert [key for key in keys_of(app) if key.startswith("order_redo_")]
    assert not [key for key in keys_of(app) if key.startswith("order_undo_")]
    # Losing and getting it back were told to the unit.
    assert "划出 1 个网格至" in read(app)
    app.button(key="order_noted").click().run()
    assert "划出 1 个网格至" not in read(app)


def test_an_order_is_sent_for_approval_where_that_is_asked_for(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    save_settings(county, ADMIN, settings=OrderSettings(need_approval=True))
    app = browser.open("grids", name="supervisor")
    cell = cells_of(county, west)[2]
    browser.click_map(app, kind="cells", layer="cell", ids=(cell,))
    app.selectbox(key="target_unit").set_value(east).run()
    app.date_input(key="reassign_day").set_value(date(2026, 12, 1)).run()
    app.text_input(key="reassign_reason").set_value("便于巡查").run()
    assert app.button(key="reassign").label == "提交批准"
    app.button(key="reassign").click().run()
    assert "须由另一人批准。" in read(app)
    assert "order_approve" not in keys_of(app)
    assert cell in cells_of(county, west)


def test_of_many_units_those_beside_come_first_and_others_are_searched(browser, county, read, monkeypatch) -> None:
    monkeypatch.setattr(unit_choice, "MOST", 1)
    west = int(grids.list_units(county, ADMIN)["id"].iloc[0])
    app = browser.open("grids", name="supervisor")
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells_of(county, west)[2:3]))
    assert app.selectbox(key="target_unit").options == ["东山村 · 柳林镇"]
    assert "共 2 个单位，仅列出前 1 个，其余请查找。" in read(app)
    app.text_input(key="target_unit_text").set_value("西河").run()
    assert app.selectbox(key="target_unit").options == ["西河村 · 柳林镇"]
    app.selectbox(key="target_unit").set_value(west).run()
    app.text_input(key="target_unit_text").set_value("柳林镇").run()
    assert app.selectbox(key="target_unit").value == west
    app.text_input(key="target_unit_text").set_value("无此单位").run()
    assert "没有符合的单位。" in read(app)
    assert app.selectbox(key="target_unit").value == west


def test_a_second_person_approves_an_order_for_a_later_day(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    save_settings(county, ADMIN, settings=OrderSettings(need_approval=True))
    cell, other = cells_of(county, west)[2], cells_of(county, east)[1]
    asked = NewOrder(owners={cell: east, other: west}, reason="便于巡查", effective_on=date(2026, 12, 1))
    order = place_order(county, Actor("supervisor", Role.SUPERVISOR), order=asked)
    app = browser.open("grids", name="administrator")
    assert "待您批准的调整单：1 份" in read(app)
    app.segmented_control(key="grids_section").set_value("orders").run()
    app.button(key=f"row_orders_{order.id}").click().run()
    # What it would do to either unit is seen by who decides it; the order itself does not stand against it.
    words = read(app)
    assert "划转后会不连片：多出" in words
    assert "起调整其中" not in words
    app.button(key="order_approve").click().run()
    assert "待生效" in read(app)
    assert cell in cells_of(county, west)
    # Whoever chooses the cell meanwhile is told of it.
    browser.click_map(app, kind="cells", layer="cell", ids=(cell,))
    app.selectbox(key="target_unit").set_value(east).run()
    assert "supervisor 的调整单 2026-0001 自 2026-12-01 起调整其中 1 个网格（待生效）。" in read(app)


def test_a_locked_cell_is_named_and_not_moved(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells_of(county, west)[2:3]))
    app.text_input(key="lock_reason").set_value("界线未定").run()
    app.button(key="lock_cells").click().run()
    app.selectbox(key="target_unit").set_value(east).run()
    app.text_input(key="reassign_reason").set_value("便于巡查").run()
    words = read(app)
    assert "其中 1 个网格已锁定：" in words
    assert "已由 supervisor 锁定：界线未定" in words
    assert "随数据导入" in words
    assert app.button(key="reassign").disabled


def test_two_days_are_compared_on_the_map(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    cell = cells_of(county, west)[2]
    later = NewOrder(owners={cell: east}, reason="便于巡查", effective_on=date(2026, 12, 1))
    place_order(county, ADMIN, order=later)
    app = browser.open("grids")
    app.segmented_control(key="grids_section").set_value("days").run()
    app.date_input(key="days_earlier").set_value(date(2026, 3, 4)).run()
    assert "这两天各网格的责任单位相同。" in read(app)
    app.date_input(key="days_later").set_value(date(2026, 12, 1)).run()
    words = read(app)
    assert "有变化的网格 1 个" in words
    assert "12 → 13" in words
    assert list(browser.overlays[-1].cell_fill.classes) == [cell]


def test_units_are_listed_by_their_work_and_shown_on_the_map(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    app.segmented_control(key="grids_section").set_value("workload").run()
    fill = browser.overlays[-1].cell_fill
    assert set(fill.classes) == set(cells_of(county, west)) | set(cells_of(county, east))
    assert sum(fill.counts) == 2
    app.button(key=f"row_workload_{east}").click().run()
    words = read(app)
    assert "到最远网格车程" in words
    assert "最大偏差" in words
    assert sorted(browser.overlays[-1].outlined) == sorted(cells_of(county, east))


def test_weights_of_work_are_set_on_the_data_page(browser, county, read) -> None:
    app = browser.open("data", name="supervisor")
    app.segmented_control(key="data_section").set_value("workload").run()
    app.number_input(key="weight_households").set_value(0.0).run()
    assert "至少有一项权重要大于 0。" in read(app)
    assert app.button(key="save_weights").disabled
    app.number_input(key="weight_rail_km").set_value(2.0).run()
    app.button(key="save_weights").click().run()
    assert load_weights(county, ADMIN) == Weights(households=0, rail_km=2)


def test_what_is_asked_of_orders_is_set_on_the_data_page(browser, county) -> None:
    app = browser.open("data", name="administrator")
    app.segmented_control(key="data_section").set_value("orders").run()
    app.toggle(key="orders_need_approval").set_value(True).run()
    app.button(key="save_order_settings").click().run()
    assert load_settings(county, ADMIN) == OrderSettings(need_approval=True)


def test_balance_and_contiguity_are_seen_before_confirming(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    # The westernmost cell touches the eastern unit nowhere.
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells_of(county, west)[:1]))
    app.selectbox(key="target_unit").set_value(east).run()
    words = read(app)
    assert "划转后会不连片：多出 1 块飞地。" in words
    assert "4,380 → 4,070" in words
    assert app.button(key="reassign").disabled


def test_of_many_units_the_one_that_gains_is_shown_and_others_on_request(browser, county, read, monkeypatch) -> None:
    monkeypatch.setattr(grid_changes, "FEW", 1)
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells_of(county, west)[:1]))
    app.selectbox(key="target_unit").set_value(east).run()
    assert "4,380 → 4,070" not in read(app)  # what the western one gives
    app.button(key="more_balance_units").click().run()
    assert "4,380 → 4,070" in read(app)


def test_no_reason_no_move(browser, county) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells_of(county, west)[2:3]))
    app.selectbox(key="target_unit").set_value(east).run()
    assert app.button(key="reassign").disabled
    app.text_input(key="reassign_reason").set_value("   ").run()
    assert app.button(key="reassign").disabled


def test_a_cell_that_somebody_else_moved_meanwhile_is_not_moved_again(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    cell = cells_of(county, west)[2]
    browser.click_map(app, kind="cells", layer="cell", ids=(cell,))
    app.selectbox(key="target_unit").set_value(east).run()
    place_order(county, ADMIN, order=NewOrder(owners={cell: east}, reason="先到"))
    app.text_input(key="reassign_reason").set_value("后到").run()
    assert "这些网格本就属于该单位。" in read(app)
    assert app.button(key="reassign").disabled


def test_a_commander_looks_and_does_not_move(browser, county, read) -> None:
    (west, _) = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="commander")
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells_of(county, west)[:2]))
    assert "已选 2 个网格。只有网格主管可以划转。" in read(app)
    assert not [box for box in app.selectbox if box.key == "target_unit"]


def test_the_tree_is_walked_down_and_searched(browser, read) -> None:
    app = browser.open("grids")
    app.button(key="row_areas_149901").click().run()
    assert "柳林镇" in read(app)
    app.button(key="row_areas_149901001").click().run()
    app.button(key="row_areas_149901001002").click().run()
    assert "责任单位（1）" in read(app)
    assert browser.overlays[-1].fly_to.bounds_wgs84[0] == pytest.approx(112.53)
    app.text_input(key="area_text").set_value("西河").run()
    rows = [button.key for button in app.button if str(button.key).startswith("row_areas_")]
    assert rows == ["row_areas_149901001001"]


def test_the_cells_of_a_unit_are_shown(browser, county) -> None:
    (west, _) = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids")
    app.button(key=f"row_units_{west}").click().run()
    assert list(browser.overlays[-1].outlined) == cells_of(county, west)


def test_keys_take_the_own_last_order_back_and_do_it_again(browser, county) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    before = cells_of(county, west)
    own = place_order(
        county, Actor("supervisor", Role.SUPERVISOR), order=NewOrder(owners={before[2]: east}, reason="便于巡查")
    )
    # Somebody else's is newer, and not what the keys mean.
    place_order(county, ADMIN, order=NewOrder(owners={before[5]: east}, reason="另有安排"))
    app = browser.open("grids", name="supervisor")
    assert (browser.overlays[-1].undo, browser.overlays[-1].redo) == (own.id, None)
    browser.click_map(app, kind="undo", layer="order", ids=(own.id,))
    assert [toast.value for toast in app.toast] == [f"已撤销调整单 {own.number}。"]
    assert before[2] in cells_of(county, west)
    assert (browser.overlays[-1].undo, browser.overlays[-1].redo) == (None, own.id)
    # Pressed twice before the page answered, or repeated by a new session: nothing more happens.
    browser.click_map(app, kind="undo", layer="order", ids=(own.id,))
    assert [toast.value for toast in app.toast] == ["调整单已有变化，请查看列表。"]
    browser.click_map(app, kind="redo", layer="order", ids=(own.id,))
    assert [toast.value for toast in app.toast] == [f"已重做调整单 {own.number}。"]
    assert before[2] in cells_of(county, east)
    browser.open("grids", name="commander")
    assert browser.overlays[-1].undo is None


def test_a_key_that_must_be_approved_says_so(browser, county) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    (cell,) = cells_of(county, west)[2:3]
    order = place_order(county, Actor("supervisor", Role.SUPERVISOR), order=NewOrder(owners={cell: east}, reason="先"))
    save_settings(county, ADMIN, settings=OrderSettings(need_approval=True))
    app = browser.open("grids", name="supervisor")
    browser.click_map(app, kind="undo", layer="order", ids=(order.id,))
    assert [toast.value for toast in app.toast] == [f"对调整单 {order.number} 的操作待批准。"]
    assert cell in cells_of(county, east)


def test_changes_are_played_back_day_by_day(browser, county, read, monkeypatch) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    (first, second) = cells_of(county, west)[2:4]
    for cell, day in ((first, date(2026, 3, 10)), (second, date(2026, 3, 20))):
        place_order(county, ADMIN, order=NewOrder(owners={cell: east}, reason=f"第{day.day}日", effective_on=day))
    hue = grids.list_units(county, ADMIN).set_index("id")["color"]
    app = browser.open("grids")
    app.segmented_control(key="grids_section").set_value("days").run()
    app.date_input(key="days_earlier").set_value(date(2026, 3, 4)).run()
    app.date_input(key="days_later").set_value(date(2026, 3, 31)).run()
    app.toggle(key="playback_on").set_value(True).run()

    def shown() -> tuple[int, int]:
        classes = browser.overlays[-1].cell_fill.classes
        assert len(classes) == 24
        return classes[first], classes[second]

    assert shown() == (hue[west], hue[west])
    assert "2026-03-04 的责任单位。" in read(app)
    app.select_slider(key="playback_day").set_value(date(2026, 3, 10)).run()
    assert shown() == (hue[east], hue[west])
    words = read(app)
    assert "第10日" in words
    assert "第20日" not in words
    # Played from the start: each run shows the next day once the one shown stood long enough.
    app.select_slider(key="playback_day").set_value(date(2026, 3, 4)).run()
    monkeypatch.setattr(grid_playback, "STEP_S", 0.0)
    app.button(key="playback_play").click().run()
    while app.button(key="playback_play").label == "暂停":
        app.run()
    assert shown() == (hue[east], hue[east])
    assert "第20日" in read(app)


def test_a_better_territory_is_suggested_and_ordered(browser, county, read, monkeypatch) -> None:
    # A worker process takes longer to start than all the rest.
    monkeypatch.setattr(county.jobs, "_executor", ThreadPoolExecutor(1))
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    given = cells_of(county, west)[8:]
    place_order(county, ADMIN, order=NewOrder(owners=dict.fromkeys(given, int(east)), reason="桥断"))
    app = browser.open("grids", name="supervisor")
    app.segmented_control(key="grids_section").set_value("suggest").run()
    app.selectbox(key="suggest_goal").set_value(Goal.ABSORB).run()
    assert app.button(key="suggest_start").disabled
    app.selectbox(key="suggest_unit").set_value(int(west)).run()
    assert not app.button(key="suggest_start").disabled
    app.selectbox(key="suggest_goal").set_value(Goal.STAFF).run()
    app.text_input(key="suggest_name").set_value("新站").run()
    app.text_input(key="suggest_begin").set_value("999").run()
    app.button(key="suggest_start").click().run()
    assert "新单位的起始网格不在该区域内。" in read(app)
    app.selectbox(key="suggest_goal").set_value(Goal.REBALANCE).run()
    app.slider(key="suggest_seconds").set_value(60).run()
    app.button(key="suggest_start").click().run()
    assert "停止后显示目前找到的最好方案。" in read(app)
    job = app.session_state["suggest_job"]
    while county.jobs.status(job).message != MOVES.best:
        assert not county.jobs.status(job).is_over
    app.run()
    assert re.search(r"调整最少：.*方案调整 \d+ 个网格，最大偏差 [\d.]+%，紧凑度 0\.\d\d", app.get("progress")[0].text)
    app.button(key="stop_suggest_job").click().run()
    county.jobs.wait(job, timeout_s=120)
    app.run()
    words = read(app)
    assert "各单位与应有份额的偏差都在 5% 以内。" in words
    assert "调整最少" in words
    overlay = browser.overlays[-1]
    assert overlay.outlined
    assert set(overlay.outlined) <= set(cells_of(county, east))
    assert {overlay.cell_fill.classes[cell] for cell in overlay.outlined} == {
        int(grids.list_units(county, ADMIN).set_index("id").loc[west, "color"])
    }
    assert app.button(key="suggest_order").disabled
    app.text_input(key="suggest_reason").set_value("均衡工作量").run()
    app.button(key="suggest_order").click().run()
    words = read(app)
    assert "已下达，可以撤销。" in words
    assert "已生效" in words
    assert len(cells_of(county, west)) > 8


def test_a_unit_without_cells_is_closed(browser, county, read) -> None:
    west, east = (int(unit) for unit in grids.list_units(county, ADMIN)["id"])
    place_order(county, ADMIN, order=NewOrder(owners=dict.fromkeys(cells_of(county, west), east), reason="撤并"))
    app = browser.open("grids", name="supervisor")
    app.button(key=f"row_units_{west}").click().run()
    assert "该单位没有网格。" in read(app)
    app.text_input(key="close_reason").set_value("撤并").run()
    app.button(key="close_unit").click().run()
    assert "已撤销该单位。" in read(app)
    assert list(grids.list_units(county, ADMIN)["id"]) == [east]


# --- the hierarchy --------------------------------------------------------------------------------------------------


def test_a_village_is_renamed_with_its_history_and_taken_back(browser, county, read) -> None:
    app = browser.open("grids")
    for code in ("149901", "149901001", "149901001001"):
        app.button(key=f"row_areas_{code}").click().run()
    app.text_input(key="area_change_name_149901001001").set_value("西河新村").run()
    assert "变更前后对比" in read(app)
    app.text_input(key="area_change_reason").set_value("民政批复").run()
    app.button(key="area_change").click().run()
    assert "西河新村" in areas.load_tree(county, ADMIN)["name"].tolist()
    words = read(app)
    assert "149901001001 西河村 → 149901001001 西河新村" in words
    assert "民政批复" in words
    app.text_input(key="area_undo_reason").set_value("写错了").run()
    app.button(key="area_undo").click().run()
    assert "西河新村" not in areas.load_tree(county, ADMIN)["name"].tolist()


def test_a_change_that_waits_is_named_and_the_open_area_keeps_in_sight_under_its_new_code(
    browser, county, read
) -> None:
    village = "149901001001"
    change = {"effective_on": local_day(datetime.now(UTC)) + timedelta(days=9), "reason": "批复"}
    hierarchy.renumber_area(county, ADMIN, code=village, new_code="149901001077", **change)
    app = browser.open("grids")
    for code in ("149901", "149901001", village):
        app.button(key=f"row_areas_{code}").click().run()
    words = read(app)
    assert "下级只有网格：12 个。" in words
    # A unit of the whole town has cells here; the village is outlined.
    assert [key for key in keys_of(app) if key.startswith("row_units_")]
    assert len(browser.overlays[-1].outlined) == 12
    app.selectbox(key="area_change_kind_5").set_value("renumber").run()
    app.text_input(key=f"area_change_code_{village}").set_value("149901001055").run()
    assert "admin 提交的变更将于" in read(app)
    app.text_input(key="area_change_reason").set_value("改码").run()
    app.button(key="area_change").click().run()
    words = read(app)
    assert "area_change_code_149901001055" in [field.key for field in app.text_input]
    assert "待生效的区划变更（1） · 有阻碍：1" in [part.label for part in app.expander]
    assert "149901001001 自" in words


def test_a_cell_is_split_by_a_line_drawn_on_the_map_and_two_are_merged(browser, county, read) -> None:
    cells = areas.load_cells(county, ADMIN).set_index("code")
    app = browser.open("grids", name="supervisor")
    browser.click_map(app, kind="cells", layer="cell", ids=(int(cells["id"]["149901001001001"]),))
    app.selectbox(key="area_change_kind_4").set_value("split").run()
    x, y = 112.505, 37.83
    for place in ((x, y - 0.01), (x, y + 0.02)):
        browser.click_map(app, kind="point", place=place)
    assert [len(seen.marks) for seen in browser.overlays[-2:]] == [1, 2]
    assert len(browser.overlays[-1].routes) == 1
    for side in ("west", "east"):
        app.text_input(key=f"area_change_part_{side}_149901001001001").set_value(f"{side}片").run()
    assert "149901001001013 west片" in read(app)
    app.text_input(key="area_change_reason").set_value("户数过多").run()
    app.button(key="area_change").click().run()
    after = areas.load_cells(county, ADMIN).set_index("code")
    assert "149901001001001" not in after.index
    assert set(after.loc[["149901001001013", "149901001001014"], "unit_id"]) == {cells["unit_id"]["149901001001001"]}
    parts = tuple(int(i) for i in after.loc[["149901001001013", "149901001001014"], "id"])
    browser.click_map(app, kind="cells", layer="cell", ids=parts)
    app.toggle(key="area_merging").set_value(True).run()
    app.text_input(key="area_change_reason").set_value("合并").run()
    app.button(key="area_change").click().run()
    assert "149901001001015" in set(areas.load_cells(county, ADMIN)["code"])


def test_many_cells_are_chosen_to_be_moved_and_not_to_be_merged(browser, county) -> None:
    cells = [int(cell) for cell in areas.load_cells(county, ADMIN)["id"]]
    app = browser.open("grids", name="supervisor")
    for count, offered in ((20, 1), (21, 0)):
        browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells[:count]))
        assert len([toggle for toggle in app.toggle if toggle.key == "area_merging"]) == offered


def test_what_cannot_be_is_said_where_it_is_typed(browser, read) -> None:
    app = browser.open("grids")
    for code in ("149901", "149901001", "149901001001"):
        app.button(key=f"row_areas_{code}").click().run()
    app.selectbox(key="area_change_kind_5").set_value("renumber").run()
    app.text_input(key="area_change_code_149901001001").set_value("149901001002").run()
    assert "编码 149901001002 已被使用。" in read(app)
    assert "area_change" not in keys_of(app)


def test_a_legend_names_who_begins_first_and_says_how_many_units_it_leaves_out(monkeypatch) -> None:
    units = pd.DataFrame({"id": range(1, 11), "name": [f"站{number}" for number in range(1, 11)]})
    monkeypatch.setattr(grid_legend.readings, "list_units", lambda _visit: units)
    gained = [unit for unit in range(1, 11) for _ in range(unit + 1)] + [-1]
    hue = {**dict.fromkeys(range(1, 11), 2), -1: 5}
    visit = SimpleNamespace(translate=str)
    legend = grid_legend.explain_gains(visit, "Gains", gained=gained, hue=hue, begins={-1: "新站"})
    assert legend["labels"] == ("新站", "站10", "站9", "站8", "站7", "站6", "站5", "站4")
    assert legend["tones"][:2] == (5, 2)
    assert legend["note"] == "Further units: 3, cells in all: 9"
    assert grid_legend.explain_gains(visit, "Gains", gained=[3], hue=hue)["note"] == ""
