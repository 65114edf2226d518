"""The days of the teams as a picture."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from gridmap.i18n import translator
from gridmap.views.palette import palette_for
from gridmap.views.plan_day import list_spells
from gridmap.views.timeline import AXIS_PX, ROW_PX, draw_timeline

SVG = "{http://www.w3.org/2000/svg}"


def draw(document: dict[str, Any], **given: Any) -> tuple[dict[str, Any], ElementTree.Element]:
    drawn = draw_timeline(document, translate=translator(given.pop("language", "en")), **given)
    return drawn, ElementTree.fromstring(drawn["chart"])


def rows_of(chart: ElementTree.Element) -> list[ElementTree.Element]:
    return [group for group in chart.findall(f"{SVG}g") if group.get("opacity")]


def titles_of(row: ElementTree.Element) -> list[str]:
    return [title.text or "" for title in row.iter(f"{SVG}title")]


def test_every_team_has_a_row_and_every_spell_says_when_and_what(made_plan: dict[str, Any]) -> None:
    drawn, chart = draw(made_plan)
    rows = rows_of(chart)
    assert drawn["rows"] == len(rows) == len(made_plan["teams"])
    assert int(chart.get("height", "0")) == AXIS_PX + ROW_PX * len(rows)
    for route, row in zip(made_plan["routes"], rows, strict=False):
        assert sum(bool(re.match(r"\d\d:\d\d–\d\d:\d\d · ", title)) for title in titles_of(row)) == len(
            list_spells(route)
        )
    assert any("Break" in title for title in titles_of(rows[0]))
    assert any("On foot beside the line" in title and "K" in title for row in rows for title in titles_of(row))


def test_spells_lie_where_their_times_are(made_plan: dict[str, Any]) -> None:
    _, chart = draw(made_plan)
    route = made_plan["routes"][0]
    (break_s,) = [rest["start_s"] for rest in route["breaks"]]
    (group,) = [group for group in rows_of(chart)[0].findall(f"{SVG}g") if "Break" in "".join(titles_of(group))]
    bar = group.find(f"{SVG}rect")
    assert bar is not None
    hours = [text.text for text in chart.findall(f"{SVG}text")]
    first, last = (int(str(hours[at])[:2]) * 3600 for at in (0, -1))
    x, width = (float(bar.get(name, "").rstrip("%")) for name in ("x", "width"))
    assert x == pytest.approx(100 * (break_s - first) / (last - first), abs=0.01)
    assert width == pytest.approx(100 * 1800 / (last - first), abs=0.01)


def test_shifts_windows_and_the_latest_return_are_told(made_plan: dict[str, Any]) -> None:
    made_plan["teams"][0]["latest_return_s"] = 15 * 3600
    key = made_plan["routes"][0]["stops"][0]["tasks"][0]
    task = next(task for task in made_plan["tasks"] if task["key"] == key)
    task["windows_s"] = [[9 * 3600, 10 * 3600]]
    told = titles_of(rows_of(draw(made_plan)[1])[0])
    assert {"Shift begins 08:00", "Shift ends 17:00", "Back by 15:00"} <= set(told)
    assert "Has to begin within 09:00–10:00" in told


def test_one_route_shown_puts_the_others_behind(made_plan: dict[str, Any]) -> None:
    drawn, chart = draw(made_plan, shown=0)
    assert [row.get("opacity") for row in rows_of(chart)] == ["1", *["0.35"] * (len(made_plan["teams"]) - 1)]
    assert re.findall(r'data-route="(\d+)" aria-pressed="(\w+)"', drawn["names"])[0] == ("0", "true")


def test_a_team_that_stays_answers_to_no_click(made_plan: dict[str, Any]) -> None:
    made_plan["routes"] = made_plan["routes"][:1]
    drawn, chart = draw(made_plan)
    first, *others = rows_of(chart)
    assert first.get("data-route") == "0"
    assert [row.get("data-route") for row in others] == [None] * len(others)
    assert all("Stays at its post" in "".join(row.itertext()) for row in others)
    assert drawn["names"].count("<button") == 1


def test_names_from_outside_are_escaped(made_plan: dict[str, Any]) -> None:
    for team in made_plan["teams"]:
        team["name"] = "<script>alert(1)</script>"
    for task in made_plan["tasks"]:
        task["name"] = "<b>&"
    drawn, _ = draw(made_plan)
    assert not re.search(r"<script|<b>", drawn["names"] + drawn["chart"] + drawn["legend"])


@pytest.mark.parametrize(("theme", "language", "word"), [("light", "zh-CN", "班次"), ("dark", "en", "Shift")])
def test_it_is_drawn_in_the_readers_theme_and_language(
    made_plan: dict[str, Any], theme: str, language: str, word: str
) -> None:
    drawn, _ = draw(made_plan, theme=theme, language=language)
    assert word in drawn["legend"]
    assert drawn["ground"] == palette_for(theme).chrome["ground"]
    assert palette_for(theme).routes[0] in drawn["chart"]


def test_a_plan_without_teams_is_an_empty_day() -> None:
    drawn, _ = draw({"teams": [], "routes": [], "tasks": [], "lines": []})
    assert (drawn["rows"], drawn["names"]) == (0, "")
