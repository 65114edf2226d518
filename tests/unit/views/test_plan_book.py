"""A plan as a workbook, read back as a spreadsheet reads it."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from gridmap.i18n import translator
from gridmap.views.plan_book import draw_plan_book

MIDNIGHT = datetime.fromisoformat("2026-03-04")


def read(document: dict[str, Any], language: str = "en") -> Workbook:
    return load_workbook(io.BytesIO(draw_plan_book(document, translate=translator(language))))


def rows_of(book: Workbook, sheet: str) -> list[list[Any]]:
    return [list(row) for row in book[sheet].values]


def test_the_overview_has_the_facts_and_every_team(made_plan: dict[str, Any]) -> None:
    rows = rows_of(read(made_plan), "Overview")
    summary = made_plan["summary"]
    assert ["Tasks", f"{summary['served']} / {summary['tasks']}"] in [row[:2] for row in rows]
    at = next(number for number, row in enumerate(rows) if row[0] == "Team")
    assert [row[0] for row in rows[at + 1 :]] == [team["name"] for team in made_plan["teams"]]
    route = made_plan["routes"][0]
    first = next(row for row in rows if row[0] == made_plan["teams"][0]["name"])
    assert first[4] == MIDNIGHT + timedelta(seconds=route["start_s"])
    assert first[9] == pytest.approx(route["driven_m"] / 1000)


def test_a_team_has_a_sheet_with_mileages_and_times(made_plan: dict[str, Any]) -> None:
    book = read(made_plan)
    for route in made_plan["routes"]:
        team = next(team for team in made_plan["teams"] if team["key"] == route["team"])
        head, out, *stops, back = rows_of(book, team["name"])
        assert head[:5] == ["No.", "Work", "Place", "From", "To"]
        assert out[1] == "Set out from the post"
        assert out[8] == MIDNIGHT + timedelta(seconds=route["start_s"])
        assert back[1] == "Back at the post"
        assert back[6] == MIDNIGHT + timedelta(seconds=route["end_s"])
        walked = [row for row in stops if row[1] == "Walk the segment"]
        assert all(str(row[3]).startswith("K") and "+" in row[3] and row[4] for row in walked)
        done = [row[5] for row in stops if row[1] != "Break"]
        codes = {task["key"]: task["code"] for task in made_plan["tasks"]}
        assert done == [codes[key] for stop in route["stops"] for key in stop["tasks"]]
    (rest,) = [row for row in rows_of(book, made_plan["teams"][0]["name"]) if row[1] == "Break"]
    assert rest[8] - rest[6] == timedelta(minutes=30)


def test_what_is_not_served_says_why(made_plan: dict[str, Any]) -> None:
    head, *rows = rows_of(read(made_plan), "Tasks not served")
    assert head == ["Code", "Task", "Priority", "Reason", "What keeps it out"]
    assert len(rows) == len(made_plan["unserved"])
    assert all(row[3] for row in rows)


def test_headers_stay_and_columns_are_wide_enough(made_plan: dict[str, Any]) -> None:
    for sheet in read(made_plan, "zh-CN").worksheets:
        at = int(str(sheet.freeze_panes)[1:]) - 1
        assert all(cell.font.bold for cell in sheet[at] if cell.value)
        assert sheet.print_title_rows == f"${at}:${at}"
        assert (sheet.page_setup.orientation, sheet.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", True)
        for cell in sheet[at]:
            width = sum(1 if sign.isascii() else 2 for sign in cell.value or "")
            assert sheet.column_dimensions[cell.column_letter].width >= width
    assert sheet.title == "未安排的任务"


def test_names_that_a_spreadsheet_refuses_are_made_to_fit(made_plan: dict[str, Any]) -> None:
    for team in made_plan["teams"]:
        team["name"] = "East [1]: a name that is longer than any sheet may have"
    names = read(made_plan).sheetnames
    assert len(names) == len(set(names)) == 2 + len(made_plan["routes"])
    assert all(len(name) <= 31 and not set("[]:*?/\\") & set(name) for name in names)


def test_text_that_looks_like_a_formula_stays_a_text(made_plan: dict[str, Any]) -> None:
    for task in made_plan["tasks"]:
        task["code"] = "=1+1"
    cells = [cell for sheet in read(made_plan).worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value == "=1+1"} == {"s"}
